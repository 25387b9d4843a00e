import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DatabaseConfig } from "../../src/store/database.ts";
import { environmentOf } from "../support/environment-of.ts";
import { START_OPTIONS } from "../support/start-options.ts";
import { startEngine } from "./engine.ts";
import type { Home } from "./homes.ts";
import { residentMbOf } from "./process-usage.ts";
import type { Figure } from "./report.ts";
import type { World } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** Each is checked once in the time before memory is read. */
const WATCHES = { embedded: 10_000, server: 100_000 } as const;
const ROUND_MS = 40_000;

type Line = Figure & { readonly what: string };

/** The real process: from its start to ready, the second time, and its memory with and without watches. */
export async function measureFootprint(world: World, home: Home): Promise<readonly Line[]> {
  await using place = await home.make();
  const watches = WATCHES[place.config.home];
  const lines: Line[] = [];
  const first = await runOnce(place.config, world);
  const second = await runOnce(place.config, world);
  lines.push({ what: "start to ready", text: `first ${first.readyMs} ms, second ${second.readyMs} ms` });
  {
    await using _seeded = await startEngine(
      world,
      { ...home, make: () => Promise.resolve(keep(place.config)) },
      watches,
      "seed",
    );
  }
  const loaded = await runOnce(place.config, world);
  const perWatchKb = ((loaded.rssMb - second.rssMb) * 1024) / watches;
  lines.push({
    what: "resident memory",
    text: `${second.rssMb} MB with 0 watches, ${loaded.rssMb} MB with ${watches.toLocaleString("en-US")} (${perWatchKb.toFixed(1)} KB each)`,
  });
  return lines;
}

function keep(config: DatabaseConfig): AsyncDisposable & { readonly config: DatabaseConfig } {
  return { config, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function runOnce(config: DatabaseConfig, world: World): Promise<{ readyMs: number; rssMb: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [...START_OPTIONS, MAIN], {
    env: {
      ...process.env,
      OPWATCH_LOCAL: "1",
      PORT: "0",
      GRAPH_ENDPOINT: world.graphUrl,
      CHECK_INTERVAL_SECONDS: "31",
      // Fast enough for a first round of checks before memory is read.
      GRAPH_REQUESTS_PER_SECOND: "1000000",
      GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000",
      DATABASE_URL: "",
      ...environmentOf(config),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("app.ready")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`The bot ended with ${code}.`)));
  });
  const readyMs = Math.round(performance.now() - start);
  await new Promise((resolve) => {
    setTimeout(resolve, ROUND_MS);
  });
  const rssMb = residentMbOf(child.pid ?? 0);
  child.kill("SIGTERM");
  await exited;
  return { readyMs, rssMb };
}
