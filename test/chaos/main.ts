/**
 * `npm run chaos`: replicas of Opwatch in a world that fails in every way, and what became of its
 * promises. `-- --seed 1 --minutes 2 --replicas 2 --home postgres`; exit code 1 when one was broken.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkInvariants } from "./check-invariants.ts";
import type { Home } from "./log.ts";
import { line, reportOf, violationsOf } from "./report.ts";
import { NoPostgresError, runChaos } from "./run.ts";

class UsageError extends Error {}

const { values } = readOptions(() =>
  parseArgs({
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      minutes: { type: "string" },
      replicas: { type: "string", default: "2" },
      home: { type: "string", default: "both" },
      interval: { type: "string", default: "2" },
      /** What is tracked, stopped and so on: one thing in so many milliseconds. */
      every: { type: "string", default: "450" },
      /** Faults of these kinds alone, with commas between. */
      only: { type: "string", default: "" },
      /** Another Opwatch than this one: its `src/main.ts`. */
      main: { type: "string" },
      /** Where the logs stay; without it they stay only when something is wrong. */
      keep: { type: "string" },
    },
  }),
);

function readOptions<Options>(read: () => Options): Options {
  try {
    return read();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    say(
      "npm run chaos -- --seed 1 --home both|postgres|pglite --replicas 2 --minutes 1 --every 450 --interval 2 --only kill,deleteCard --keep directory",
    );
    return process.exit(1);
  }
}

const HOMES: Readonly<Record<string, readonly { readonly home: Home; readonly minutes: number }[]>> = {
  both: [
    { home: "postgres", minutes: 1 },
    { home: "pglite", minutes: 0.5 },
  ],
  postgres: [{ home: "postgres", minutes: 1 }],
  pglite: [{ home: "pglite", minutes: 0.5 }],
};

/** After so many misses an operation that Graph never knew counts as one, and some more. */
const GRACE_INTERVALS = 50;
/** More than Graph lets one tenant ask for at every interval, so that its line is never empty. */
const BUSY = 60;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const homes = HOMES[values.home];
  if (homes === undefined) throw new UsageError(`--home is ${Object.keys(HOMES).join(", ")}.`);
  const seed = Number(values.seed);
  const broken: string[] = [];
  for (const { home, minutes } of homes) {
    const faultsMs = Math.round(Number(values.minutes ?? minutes) * 60_000);
    const replicas = home === "pglite" ? 1 : Number(values.replicas);
    say(
      `Seed ${seed}, ${home === "postgres" ? `${replicas} replicas on PostgreSQL` : "one process on PGlite"}, ` +
        `faults for ${faultsMs / 1_000} s, interval ${values.interval} s.`,
    );
    broken.push(...(await runOne(seed, home, replicas, faultsMs)));
  }
  // Told last, where whoever sees only the end of the output finds it.
  for (const each of broken) say(each);
  say(
    `${broken.length === 0 ? "Every promise held" : "Not every promise held"}. The same plan again: -- --seed ${seed}`,
  );
  process.exit(broken.length === 0 ? 0 : 1);
}

/** Answers with what was broken, in words. */
async function runOne(seed: number, home: Home, replicas: number, faultsMs: number): Promise<string[]> {
  const directory = values.keep ?? mkdtempSync(join(tmpdir(), "opwatch-chaos-"));
  const own = join(directory, home);
  mkdirSync(own, { recursive: true });
  const intervalMs = Number(values.interval) * 1_000;
  const entries = await runChaos({
    seed,
    home,
    replicas,
    faultsMs,
    intervalMs,
    everyMs: Number(values.every),
    busy: BUSY,
    graceMs: GRACE_INTERVALS * intervalMs,
    only: values.only.split(",").filter((kind) => kind !== ""),
    directory: own,
    ...(values.main === undefined ? {} : { main: values.main }),
    say,
  });
  const { counts, violations } = checkInvariants(entries);
  const startedAt = entries.find(({ kind }) => kind === "begin")?.at ?? 0;
  const sorted = entries.toSorted((a, b) => a.at - b.at);
  say(reportOf(counts));
  if (violations.length === 0 && values.keep === undefined) {
    rmSync(directory, { recursive: true, force: true });
  } else {
    writeFileSync(join(own, "world.log"), sorted.map((entry) => `${line(entry, startedAt)}\n`).join(""));
    writeFileSync(join(own, "world.jsonl"), sorted.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    for (const each of ["data", "compiled"]) rmSync(join(own, each), { recursive: true, force: true });
    say(`\nThe world's log and the replicas' own are in ${own}.`);
  }
  return violations.length === 0 ? [] : [`\nBroken, ${home}:${violationsOf(violations, startedAt)}`];
}

try {
  await main();
} catch (error) {
  if (!(error instanceof NoPostgresError || error instanceof UsageError)) throw error;
  say(error.message);
  process.exit(1);
}
