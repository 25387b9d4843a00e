import type { EpochMs } from "./ids.ts";
import { isSameSteps, settledSteps, type Step } from "./steps.ts";

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
  /** 0 to 100, where Graph gives it. */
  readonly percent: number | null;
  /** The parts of a bigger operation, where Graph names them. */
  readonly steps: readonly Step[];
};

/**
 * Every status word of the operation family, whatever the kind. What is not in here is
 * `unrecognised`, and so are `invalid`, `unspecified` and `unknownFutureValue`: members of the
 * enumerations that Graph documents as no state of an operation.
 * https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
 * https://learn.microsoft.com/graph/api/resources/longrunningoperation
 * https://learn.microsoft.com/graph/api/resources/asyncjobstatus
 */
const PHASES: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ["notstarted", "waiting"],
  ["waiting", "waiting"],
  ["inprogress", "running"],
  ["running", "running"],
  ["updating", "running"],
  ["deletepending", "running"],
  ["succeeded", "succeeded"],
  ["completed", "succeeded"],
  ["complete", "succeeded"],
  ["failed", "failed"],
  ["deletefailed", "failed"],
  ["submissionfailed", "failed"],
  ["skipped", "skipped"],
]);

/** All words that have a meaning here, in lower case. */
export const STATUS_WORDS: readonly string[] = [...PHASES.keys()];

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
    a.percent === b.percent &&
    isSameSteps(a.steps, b.steps) &&
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
  const [rank, rankBefore] = [RANK[answered.phase], RANK[known.phase]];
  if (rank !== rankBefore) return rank > rankBefore ? answered : known;
  return hasLessProgress(answered, known) ? known : answered;
}

function hasLessProgress(a: Snapshot, b: Snapshot): boolean {
  if (a.percent !== null && b.percent !== null && a.percent !== b.percent) return a.percent < b.percent;
  return settledSteps(a.steps) < settledSteps(b.steps);
}
