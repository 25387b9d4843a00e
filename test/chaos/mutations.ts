/**
 * `npm run chaos:mutations`: breaks each invariant on purpose, one at a time, in a copy of the program,
 * and shows that a short run reports it. `-- lost token` runs those alone.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkInvariants, INVARIANTS, type Invariant } from "./check-invariants.ts";
import type { Fault } from "./faults.ts";
import { violationsOf } from "./report.ts";
import { runChaos } from "./run.ts";

type Mutation = {
  /** The patch's name. */
  readonly name: string;
  /** What must be reported. */
  readonly breaks: Invariant;
  /** What follows from it, and may be reported as well. */
  readonly andMay?: readonly Invariant[];
  readonly only: readonly Fault["kind"][];
  readonly intervalMs?: number;
  /** So many operations of one tenant go on all the time. */
  readonly busy?: number;
  /** A plan in which it has a chance to show. */
  readonly seed?: number;
};

/** One process on the embedded database is enough, and nothing happens beside the faults that are named. */
const MUTATIONS: readonly Mutation[] = [
  { name: "early-check", breaks: "early check", only: ["deleteCard"] },
  // The sweep looks for what is three seconds late, and a new start takes ten on a slow machine: the interval must be longer.
  { name: "early-check-after-crash", breaks: "early check", only: ["kill"], intervalMs: 24_000, busy: 120 },
  { name: "lost", breaks: "lost", only: ["teamsFails"] },
  // What a dead process held is kept for a minute, also from the next one.
  { name: "slow-recovery", breaks: "slow recovery", only: ["kill"], busy: 60 },
  { name: "posted-again", breaks: "posted again", only: ["deleteCard"] },
  { name: "backward-edit", breaks: "backward edit", only: ["deleteCard"], seed: 20 },
  { name: "before-retry-after-graph", breaks: "before Retry-After", only: ["graphStorm"] },
  { name: "before-retry-after-teams", breaks: "before Retry-After", only: ["teamsStorm"] },
  { name: "same-again", breaks: "same again", only: ["deleteCard"] },
  { name: "second-ping", breaks: "second ping", only: ["teamsFails"] },
  { name: "after-stop", breaks: "after stop", only: ["deleteCard"] },
  { name: "after-removal", breaks: "after removal", only: ["deleteCard"], seed: 18 },
  // Who takes an unknown status for an end does not look any further.
  { name: "untrue-end", breaks: "untrue", andMay: ["lost"], only: ["deleteCard"] },
  { name: "token", breaks: "token", only: ["deleteCard"] },
  { name: "quota-of-graph", breaks: "quota of Graph", only: ["deleteCard"], busy: 60 },
  { name: "quota-of-chats", breaks: "quota of Graph", only: ["deleteCard"] },
  { name: "quota-of-teams", breaks: "quota of Teams", only: ["deleteCard"], busy: 60 },
];

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FAULTS_MS = 30_000;
const GRACE_INTERVALS = 30;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The program with one patch. */
function copyWith(patch: string): string {
  const copy = mkdtempSync(join(tmpdir(), "opwatch-mutation-"));
  for (const each of ["src", "package.json"]) cpSync(join(ROOT, each), join(copy, each), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  execFileSync("git", ["apply", join(ROOT, "test/chaos/mutations", `${patch}.patch`)], {
    cwd: copy,
    stdio: "inherit",
    // Not the repository that the copy may lie in.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });
  return copy;
}

async function isCaught({
  name,
  breaks,
  andMay = [],
  only,
  intervalMs = 2_000,
  busy = 10,
  seed = 4,
}: Mutation): Promise<boolean> {
  const copy = copyWith(name);
  const directory = join(copy, "run");
  mkdirSync(directory);
  try {
    const entries = await runChaos({
      seed,
      home: "pglite",
      replicas: 1,
      faultsMs: FAULTS_MS,
      intervalMs,
      everyMs: 300,
      busy,
      graceMs: GRACE_INTERVALS * intervalMs,
      only,
      directory,
      main: join(copy, "src/main.ts"),
      say: () => undefined,
    });
    const { violations, counts } = checkInvariants(entries);
    const found = INVARIANTS.filter((invariant) => counts.ofInvariant[invariant] > 0);
    const isRight = found.includes(breaks) && found.every((each) => each === breaks || andMay.includes(each));
    const told = found.map((invariant) => `${invariant} (${counts.ofInvariant[invariant]})`).join(", ");
    say(`${isRight ? "caught" : "NOT AS IT SHOULD BE"}  ${name}: ${told === "" ? "nothing" : told}`);
    const startedAt = entries.find(({ kind }) => kind === "begin")?.at ?? 0;
    if (!isRight) say(violationsOf(violations, startedAt));
    return isRight;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0)
  throw new Error(`The mutations are ${MUTATIONS.map(({ name }) => name).join(", ")}.`);
let caught = 0;
for (const mutation of chosen) if (await isCaught(mutation)) caught += 1;
say(`${caught} of ${chosen.length} mutations were caught.`);
process.exit(caught === chosen.length ? 0 : 1);
