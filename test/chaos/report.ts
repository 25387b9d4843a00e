import { INVARIANTS, type Counts, type Invariant, type Violation } from "./check-invariants.ts";
import type { Entry } from "./log.ts";

/** As the list names them, each with what is allowed. */
const NAMES: Readonly<Record<Invariant, string>> = {
  lost: "lost",
  "slow recovery": "ends shown too late after the faults",
  "early check": "early checks",
  "posted again": "posted again beyond the first post",
  "backward edit": "backward edits",
  "before Retry-After": "requests before Retry-After",
  "same again": "writes that changed nothing",
  "second ping": "second pings",
  "after stop": "writes after stop",
  "after removal": "writes after removal",
  untrue: "states that Graph had not said",
  token: "tokens sent",
  "quota of Graph": "breaches of Graph's limits",
  "quota of Teams": "breaches of Teams' limits",
};

/** The counts of a run, one a line. */
export function reportOf(counts: Counts): string {
  const lines: readonly (readonly [string, string])[] = [
    ["faults", `${counts.faults}, ${counts.kills} of them kills`],
    ["operations", String(counts.operations)],
    ["watches acknowledged", `${counts.watches}, ${counts.redeliveries} messages delivered again`],
    ["checks at Graph", `${counts.checks}, at least ${counts.shortestGapMs.toFixed(0)} ms apart`],
    ["writes to Teams", String(counts.writes)],
    ["finals shown", `${counts.finalsShown}, half of them within ${seconds(counts.medianToCardMs)}`],
    ["the other watches", excusedOf(counts)],
    ["pings", String(counts.pings)],
    ["doubled first posts", `${counts.doubledPosts} (allowed)`],
    ["slowest recovery", seconds(counts.slowestRecoveryMs)],
    ...INVARIANTS.map((invariant) => [NAMES[invariant], String(counts.ofInvariant[invariant])] as const),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
}

/** Watches that need no end on their card, by why. */
function excusedOf({ excused }: Counts): string {
  const each = Object.entries(excused).map(([because, count]) => `${count} ${because}`);
  return each.length === 0 ? "none" : each.join(", ");
}

const SHOWN = 5;

/** What was wrong, with the lines of the log that show it; the first of each sort. */
export function violationsOf(violations: readonly Violation[], startedAt: number): string {
  const bySort = Map.groupBy(violations, ({ invariant }) => invariant);
  return [...bySort]
    .flatMap(([invariant, own]) => [
      `\n${NAMES[invariant]}: ${own.length}`,
      ...own
        .slice(0, SHOWN)
        .flatMap(({ at, what, evidence }) => [
          `  ${clock(at, startedAt)} ${what}`,
          ...evidence.map((entry) => `      ${line(entry, startedAt)}`),
        ]),
    ])
    .join("\n");
}

/** An entry of the log, its instants counted from the start. */
export function line(entry: Entry, startedAt: number): string {
  const { at, kind, ...rest } = entry;
  const told = JSON.stringify(rest, (name, value: unknown) =>
    typeof value === "number" && /(?:At|until)$/u.test(name) ? Math.round(value - startedAt) / 1_000 : value,
  );
  return `${clock(at, startedAt)} ${kind} ${told}`;
}

function clock(at: number, startedAt: number): string {
  return `${((at - startedAt) / 1_000).toFixed(3).padStart(8)} s`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
