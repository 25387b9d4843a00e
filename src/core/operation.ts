import type { Trace } from "./answer.ts";
import type { Usual } from "./durations.ts";
import type { EpochMs } from "./ids.ts";
import type { Phase, Snapshot } from "./snapshot.ts";

/**
 * How tracking an operation ended. `unavailable`: Graph knew it and no longer does; `notFound`:
 * Graph never knew it; `forbidden`: Graph does not let us look. None of the three says how the
 * operation itself ended.
 */
export type Outcome = "succeeded" | "failed" | "skipped" | "unavailable" | "notFound" | "forbidden";

export type TroubleKind =
  | "notFound"
  | "throttled"
  | "unauthorized"
  | "noToken"
  | "refused"
  | "unavailable"
  | "noAnswer"
  | "unreadable";

/** An unbroken run of checks without a readable answer. */
export type Trouble = {
  readonly kind: TroubleKind;
  readonly httpStatus: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly clientRequestId: string | null;
  readonly since: EpochMs;
  readonly misses: number;
  /** Throttled: Graph asked us to stay away until then. */
  readonly until: EpochMs | null;
};

export type TimelineEntry = {
  readonly at: EpochMs;
  readonly phase: Phase;
  readonly status: string;
  readonly attempts: number | null;
};

/** The answer that brought what is known: for support. */
export type Evidence = Trace & { readonly at: EpochMs };

/**
 * What was seen of the thing that an operation has made. `unseen`: not within the few looks that
 * Graph allows; `unknown`: Graph does not let us look, or did not answer.
 */
export type Result = {
  readonly standing: "looking" | "ready" | "unseen" | "unknown";
  readonly looks: number;
  /** Where it can be opened. */
  readonly webUrl: string | null;
};

/**
 * All that is known about one operation; what `decide` reads and writes. Where an answer brings
 * nothing new, `decide` gives back the very same snapshot, trouble and timeline.
 */
export type OperationState = {
  readonly trackedAt: EpochMs;
  readonly snapshot: Snapshot | null;
  readonly outcome: Outcome | null;
  /** When Graph last gave a readable answer. */
  readonly answeredAt: EpochMs | null;
  /** When what a card shows last changed. */
  readonly changedAt: EpochMs;
  readonly trouble: Trouble | null;
  readonly timeline: readonly TimelineEntry[];
  /** Found by its bare id in a chat or team: the first "not found" is the end of it. */
  readonly isGuess: boolean;
  /** How long operations of its type take; kept as it was when the type was first known. */
  readonly usual: Usual | null;
  /** It takes longer than 95 of 100 of its type did. */
  readonly isSlow: boolean;
  readonly evidence: Evidence | null;
  /** After `succeeded`, where looking at the result is switched on. */
  readonly result: Result | null;
};

export function newOperation(now: EpochMs, isGuess = false): OperationState {
  return {
    trackedAt: now,
    snapshot: null,
    outcome: null,
    answeredAt: null,
    changedAt: now,
    trouble: null,
    timeline: [],
    isGuess,
    usual: null,
    isSlow: false,
    evidence: null,
    result: null,
  };
}

/** Whether anything but the time of the last answer differs. */
export function isSameState(a: OperationState, b: OperationState): boolean {
  return (
    a.snapshot === b.snapshot &&
    a.trouble === b.trouble &&
    a.outcome === b.outcome &&
    a.timeline === b.timeline &&
    a.changedAt === b.changedAt &&
    a.usual === b.usual &&
    a.isSlow === b.isSlow &&
    a.result === b.result
  );
}

/** Misses in a row before a card speaks of them; a single one is nothing that a person must know. */
const MISSES_BEFORE_SHOWN = 3;
/** A pause that is over sooner than this after it began is not worth a word on the card. */
const SHORT_PAUSE_MS = 120_000;

/** The trouble that a card tells of, or null. */
export function shownTrouble(state: OperationState): Trouble | null {
  const { trouble } = state;
  if (trouble === null || state.outcome !== null) return null;
  switch (trouble.kind) {
    case "notFound":
      return state.snapshot === null || trouble.misses >= MISSES_BEFORE_SHOWN ? trouble : null;
    case "throttled":
      return (trouble.until ?? 0) - trouble.since > SHORT_PAUSE_MS ? trouble : null;
    case "unauthorized":
    case "noToken":
      return trouble.misses >= 2 ? trouble : null;
    case "refused":
    case "unavailable":
    case "noAnswer":
    case "unreadable":
      return trouble.misses >= MISSES_BEFORE_SHOWN ? trouble : null;
  }
}
