import type { EpochMs } from "./ids.ts";

/**
 * How far an operation is. `unrecognised`: Graph answered with a status that nobody documented;
 * it is never taken for an end.
 */
export type Phase = "waiting" | "running" | "unrecognised" | "succeeded" | "failed" | "skipped";
export type FinalPhase = Extract<Phase, "succeeded" | "failed" | "skipped">;

export type OperationError = { readonly code: string | null; readonly message: string | null };

/** What one answer of Graph said, normalised over the kinds of operation. */
export type Snapshot = {
  readonly phase: Phase;
  /** The word that Graph used. */
  readonly status: string;
  readonly operationType: string | null;
  readonly attempts: number | null;
  readonly createdAt: EpochMs | null;
  readonly targetId: string | null;
  /** Opaque: shown, never parsed. */
  readonly targetLocation: string | null;
  readonly error: OperationError | null;
  readonly detail: string | null;
};

/**
 * Every status word of the operation family. What is not in here is `unrecognised`, and so is
 * `invalid`: the enumeration's zero member, which Graph documents as no state of an operation.
 * https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
 * https://learn.microsoft.com/graph/api/resources/engagementasyncoperation
 */
const PHASES: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ["notstarted", "waiting"],
  ["inprogress", "running"],
  ["running", "running"],
  ["succeeded", "succeeded"],
  ["completed", "succeeded"],
  ["failed", "failed"],
  ["skipped", "skipped"],
]);

export function phaseOf(status: string): Phase {
  return PHASES.get(status.toLowerCase()) ?? "unrecognised";
}

export function isFinal(phase: Phase): phase is FinalPhase {
  return phase === "succeeded" || phase === "failed" || phase === "skipped";
}

/**
 * Whether two answers say the same. `lastActionDateTime` is not among what is read: Graph moves it
 * without any progress, and leaves it where there is some.
 */
function isSameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return (
    a.status === b.status &&
    a.attempts === b.attempts &&
    a.operationType === b.operationType &&
    a.createdAt === b.createdAt &&
    a.targetId === b.targetId &&
    a.targetLocation === b.targetLocation &&
    a.detail === b.detail &&
    a.error?.code === b.error?.code &&
    a.error?.message === b.error?.message
  );
}

const RANK: Readonly<Record<Phase, number>> = {
  waiting: 0,
  unrecognised: 1,
  running: 1,
  succeeded: 2,
  failed: 2,
  skipped: 2,
};

/**
 * The later of two snapshots of one operation. Graph answers from replicas, so an answer can be
 * older than the one before it; taking it would show a card going backwards.
 */
export function laterOf(known: Snapshot | null, answered: Snapshot): Snapshot {
  if (known === null) return answered;
  if (isFinal(answered.phase)) {
    return (answered.attempts ?? 0) >= (known.attempts ?? 0)
      ? answered
      : { ...answered, attempts: known.attempts };
  }
  if (isSameSnapshot(known, answered)) return known;
  const before = known.attempts ?? 0;
  const after = answered.attempts ?? 0;
  if (after !== before) return after > before ? answered : known;
  return RANK[answered.phase] >= RANK[known.phase] ? answered : known;
}
