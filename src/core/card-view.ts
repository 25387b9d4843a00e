import { printAddress, type Address, type OperationKind } from "./address.ts";
import type { Usual } from "./durations.ts";
import type { EpochMs } from "./ids.ts";
import {
  shownTrouble,
  type Evidence,
  type OperationState,
  type Outcome,
  type TimelineEntry,
  type Trouble,
} from "./operation.ts";
import type { OperationError, Phase } from "./snapshot.ts";
import type { Step } from "./steps.ts";
import type { CloseReason, Watch } from "./watch.ts";

/**
 * How it stands, for the first line of a card. `asking`: Graph has not answered yet; `ready`: it
 * has succeeded and its result was seen; `notHere`: no such operation in the chat or team whose
 * bare id it was taken for.
 */
export type Standing =
  | Exclude<Phase, "succeeded" | "failed" | "skipped">
  | Outcome
  | "asking"
  | "notYetFound"
  | "notHere"
  | "ready"
  | "stopped"
  | "expired";

/** What a card shows, in facts; the words come from `teams/words`. */
export type CardView = {
  readonly standing: Standing;
  readonly kind: OperationKind;
  readonly operationType: string | null;
  readonly status: string | null;
  readonly attempts: number | null;
  /** Null: Graph has not told. */
  readonly startedAt: EpochMs | null;
  readonly trackedAt: EpochMs;
  readonly changedAt: EpochMs;
  readonly requester: string;
  /** What a pipeline calls it, and where it leads. */
  readonly title: string | null;
  readonly link: string | null;
  readonly targetId: string | null;
  readonly targetLocation: string | null;
  readonly error: OperationError | null;
  readonly detail: string | null;
  readonly operation: string;
  readonly address: string;
  readonly trouble: Trouble | null;
  readonly timeline: readonly TimelineEntry[];
  readonly percent: number | null;
  readonly steps: readonly Step[];
  /** What operations of its type usually take. */
  readonly usual: Usual | null;
  readonly isSlow: boolean;
  /** Where the result can be opened. */
  readonly webUrl: string | null;
  /** Its result was looked for and not seen. */
  readonly isUnseen: boolean;
  readonly evidence: Evidence | null;
  /** A live card has buttons that do something. */
  readonly isLive: boolean;
};

/** The card of one watch: a function of the rows alone, so that the same rows always show the same card. */
export function viewOf(address: Address, state: OperationState, watch: Watch): CardView {
  const { snapshot, trouble } = state;
  return {
    standing: standingOf(state, watch.closed?.reason ?? null),
    kind: address.kind,
    operationType: snapshot?.operationType ?? null,
    status: snapshot?.status ?? null,
    attempts: snapshot?.attempts ?? null,
    startedAt: snapshot?.createdAt ?? null,
    trackedAt: watch.createdAt,
    changedAt: Math.max(state.changedAt, watch.closed?.at ?? 0),
    requester: watch.requester.name,
    title: watch.title,
    link: watch.link,
    targetId: snapshot?.targetId ?? null,
    targetLocation: snapshot?.targetLocation ?? null,
    error: snapshot?.error ?? null,
    detail: snapshot?.detail ?? null,
    operation: address.operation,
    address: printAddress(address),
    // At an end that is not Graph's own (gone, forbidden), the last refusal is the reason.
    trouble: state.outcome === null ? shownTrouble(state) : trouble,
    timeline: state.timeline,
    percent: snapshot?.percent ?? null,
    steps: snapshot?.steps ?? [],
    usual: state.usual,
    isSlow: state.isSlow,
    webUrl: state.result?.webUrl ?? null,
    isUnseen: state.result?.standing === "unseen",
    evidence: state.evidence,
    isLive: watch.closed === null,
  };
}

function standingOf(state: OperationState, closed: CloseReason | null): Standing {
  if (state.outcome === "succeeded" && state.result?.standing === "ready") return "ready";
  if (state.outcome === "notFound" && state.isGuess) return "notHere";
  if (state.outcome !== null) return state.outcome;
  if (closed === "expired") return "expired";
  if (closed !== null) return "stopped";
  if (state.snapshot !== null) {
    const { phase } = state.snapshot;
    return phase === "waiting" || phase === "running" ? phase : "unrecognised";
  }
  return state.trouble?.kind === "notFound" ? "notYetFound" : "asking";
}
