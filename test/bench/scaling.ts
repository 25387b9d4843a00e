/**
 * `npm run bench -- scaling`: checks a second, and CPU for each, by the number of operations and of
 * processes on one PostgreSQL, as fast as they can; and what looking at all of them takes. docs/scaling.md is made of it.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { paceOf } from "../../src/core/slots.ts";
import type { Database } from "../../src/store/database.ts";
import { depthsStore } from "../../src/store/depths.ts";
import { sweepStore } from "../../src/store/sweep-store.ts";
import { cpuMsOf, postgresPid } from "./compare/processes.ts";
import { startEngine } from "./engine.ts";
import { databaseHomes, type Home } from "./homes.ts";
import { residentMbOf } from "./process-usage.ts";
import { START_OPTIONS } from "../support/start-options.ts";
import { heading, median } from "./report.ts";
import { until } from "./until.ts";
import { startWorld, type World } from "./world.ts";

const WARM_UP_MS = 5_000;
const WINDOW_MS = 15_000;

export async function measureScaling(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      operations: { type: "string", default: "1000,10000,100000,500000" },
      processes: { type: "string", default: "1,2,4" },
    },
  });
  const home = (await databaseHomes()).find(({ name }) => name === "PostgreSQL");
  if (home === undefined) throw new Error("This is measured on PostgreSQL, and there is none.");
  heading("operations, processes: checks a second, CPU for each (ours, PostgreSQL's), memory of a process");
  for (const operations of values.operations.split(",").map(Number)) {
    await using world = await startWorld();
    await using place = await home.make();
    if (place.config.home !== "server") return;
    const { url } = place.config;
    {
      // Makes the rows, checks nothing, and leaves the place as it is.
      const kept: Home = {
        name: home.name,
        make: () => Promise.resolve({ config: place.config, [Symbol.asyncDispose]: () => Promise.resolve() }),
      };
      await using seeded = await startEngine(world, kept, operations, "seed");
      process.stdout.write(`${await measureLooks(seeded.database, url, operations)}\n`);
    }
    for (const processes of values.processes.split(",").map(Number)) {
      process.stdout.write(`${await measureOne(world, url, operations, processes)}\n`);
    }
  }
}

/** What reads the rows of all live operations every five seconds: once for all replicas, and once in each. */
async function measureLooks(database: Database, url: string, operations: number): Promise<string> {
  await settle(url);
  // With nothing due, so that it is the looking that is measured.
  const early = Date.now() - 3_600_000;
  const sweepMs = await medianOf(() => sweepStore(database).sweep(early));
  const countMs = await medianOf(() => depthsStore(database.db, paceOf(21)).depths(early));
  const count = operations.toLocaleString("en-US").padStart(9);
  return `${count}: a sweep takes ${sweepMs.toFixed(1)} ms, counting ${countMs.toFixed(1)} ms`;
}

/** As things are when all cards are there. On a connection without Opwatch's limits of time. */
async function settle(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("update opwatch.watches set delivered = wanted");
  await client.query("vacuum analyze");
  await client.end();
}

async function medianOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

async function measureOne(world: World, url: string, operations: number, processes: number): Promise<string> {
  await using engines = new AsyncDisposableStack();
  const children: ChildProcess[] = [];
  for (let i = 0; i < processes; i += 1) children.push(engines.use(await startChild(world, url)).child);
  const server = await postgresPid(url);
  await until(performance.now() + WARM_UP_MS);
  const before = await readAll(children, server);
  await until(performance.now() + WINDOW_MS);
  const after = await readAll(children, server);
  const checks = after.checks - before.checks;
  const seconds = (after.at - before.at) / 1_000;
  const usEach = (ms: number): string => `${((ms * 1_000) / checks).toFixed(0)} µs`;
  return [
    `${operations.toLocaleString("en-US").padStart(9)}, ${processes}:`,
    `${Math.round(checks / seconds).toLocaleString("en-US")}/s`,
    `${usEach(after.ownMs - before.ownMs)} + ${usEach(after.serverMs - before.serverMs)}`,
    `${Math.max(...children.map(({ pid }) => residentMbOf(pid ?? 0)))} MB`,
  ].join("  ");
}

async function startChild(
  world: World,
  url: string,
): Promise<AsyncDisposable & { readonly child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL("./scaling-process.ts", import.meta.url)), {
    stdio: "inherit",
    execArgv: START_OPTIONS,
    env: { ...process.env, SCALING_DATABASE_URL: url, SCALING_GRAPH: world.graphUrl },
  });
  await once(child, "message");
  return {
    child,
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

async function readAll(children: readonly ChildProcess[], server: number | null) {
  const counts = await Promise.all(
    children.map(async (child) => {
      const answer = once(child, "message");
      child.send("how many?");
      const told: readonly unknown[] = await answer;
      return Number(told[0]);
    }),
  );
  return {
    at: performance.now(),
    checks: counts.reduce((sum, count) => sum + count, 0),
    ownMs: cpuMsOf(children.flatMap(({ pid }) => pid ?? [])),
    serverMs: server === null ? Number.NaN : cpuMsOf([server]),
  };
}
