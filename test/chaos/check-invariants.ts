import {
  backwardEdits,
  cardPosts,
  lostWatches,
  outcomeOf,
  sameAgain,
  untrueCards,
  type Excuse,
} from "./check-cards.ts";
import { earlyChecks, gapsOf, graphQuota, graphRetryAfter } from "./check-graph.ts";
import { recoveriesOf, slowRecoveries } from "./check-recovery.ts";
import { secondPings, tokens, writesAfterRemoval, writesAfterStop } from "./check-silence.ts";
import { teamsQuota, teamsRetryAfter } from "./check-teams.ts";
import type { Entry } from "./log.ts";
import { readLog } from "./world-log.ts";

export const INVARIANTS = [
  "early check",
  "lost",
  "slow recovery",
  "posted again",
  "backward edit",
  "before Retry-After",
  "same again",
  "second ping",
  "after stop",
  "after removal",
  "untrue",
  "token",
  "quota of Graph",
  "quota of Teams",
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export type Violation = {
  readonly invariant: Invariant;
  readonly at: number;
  readonly what: string;
  readonly evidence: readonly Entry[];
};

export type Counts = {
  readonly operations: number;
  readonly watches: number;
  readonly checks: number;
  readonly writes: number;
  readonly finalsShown: number;
  /** Watches whose card needs no end. */
  readonly excused: Readonly<Partial<Record<Excuse, number>>>;
  readonly doubledPosts: number;
  readonly pings: number;
  readonly redeliveries: number;
  readonly faults: number;
  readonly kills: number;
  /** The shortest time between two checks of one operation. */
  readonly shortestGapMs: number;
  /** From the end at Graph, or that of the faults and of the pauses asked for in them where that is later, to the card. */
  readonly slowestRecoveryMs: number;
  /** From the end at Graph to the card, faults or not: half of them were faster. */
  readonly medianToCardMs: number;
  readonly ofInvariant: Readonly<Record<Invariant, number>>;
};

/** What the world's log alone says of every invariant of the design. */
export function checkInvariants(entries: readonly Entry[]): {
  readonly counts: Counts;
  readonly violations: readonly Violation[];
} {
  const log = readLog(entries);
  const posts = cardPosts(log);
  const recoveries = recoveriesOf(log);
  const violations = [
    ...earlyChecks(log),
    ...lostWatches(log),
    ...slowRecoveries(log, recoveries),
    ...posts.violations,
    ...backwardEdits(log),
    ...graphRetryAfter(log),
    ...teamsRetryAfter(log),
    ...sameAgain(log),
    ...secondPings(log),
    ...writesAfterStop(log),
    ...writesAfterRemoval(log),
    ...untrueCards(log),
    ...tokens(log),
    ...graphQuota(log),
    ...teamsQuota(log),
  ].toSorted((a, b) => a.at - b.at);

  const excused: Partial<Record<Excuse, number>> = {};
  let finalsShown = 0;
  for (const watch of log.watches) {
    const outcome = outcomeOf(log, watch);
    if (outcome.kind === "excused") excused[outcome.because] = (excused[outcome.because] ?? 0) + 1;
    if (outcome.kind === "shown") finalsShown += 1;
  }
  const toCard = recoveries.map(({ toCardMs }) => toCardMs).toSorted((a, b) => a - b);
  const numberOf = (invariant: Invariant): number =>
    violations.filter((violation) => violation.invariant === invariant).length;
  const counts = Object.fromEntries(INVARIANTS.map((invariant) => [invariant, numberOf(invariant)]));
  return {
    violations,
    counts: {
      operations: log.operations.size,
      watches: log.watches.length,
      checks: log.checks.length,
      writes: log.writes.length,
      finalsShown,
      excused,
      doubledPosts: posts.doubled,
      pings: log.writes.filter(({ isTaken, shown }) => isTaken && shown.kind === "ping").length,
      redeliveries: log.asked.filter(({ delivery }) => delivery > 1).length,
      faults: log.faults.length,
      kills: log.replicas.filter(({ what, detail }) => what === "killed" && detail === "SIGKILL").length,
      shortestGapMs: Math.min(...gapsOf(log).map(({ gapMs }) => gapMs)),
      slowestRecoveryMs: Math.max(0, ...recoveries.map(({ recoveryMs }) => recoveryMs ?? 0)),
      medianToCardMs: toCard[Math.floor(toCard.length / 2)] ?? 0,
      ofInvariant: { ...NONE, ...counts },
    },
  };
}

const NONE: Readonly<Record<Invariant, number>> = {
  "early check": 0,
  lost: 0,
  "slow recovery": 0,
  "posted again": 0,
  "backward edit": 0,
  "before Retry-After": 0,
  "same again": 0,
  "second ping": 0,
  "after stop": 0,
  "after removal": 0,
  untrue: 0,
  token: 0,
  "quota of Graph": 0,
  "quota of Teams": 0,
};

/** The acknowledged watches that do not show yet what they are to show. */
export function unfinished(entries: readonly Entry[]): number {
  const log = readLog(entries);
  return log.watches.filter((watch) => outcomeOf(log, watch).kind === "missing").length;
}
