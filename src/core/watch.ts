import type { EpochMs } from "./ids.ts";
import type { OperationState } from "./operation.ts";

/**
 * When the requester is told of the end by a message of its own. `auto`: on failure, or when it
 * took longer than two minutes.
 */
export type Notify = "auto" | "always" | "failure" | "never";

/**
 * Why a watch is over. `ended`: the operation's end is known. `stopped`: a person stopped it.
 * `expired`: its lifetime ran out. `removed`: the bot or the conversation is gone, so that nothing
 * may be written there. `cardLost`: the card was deleted, twice.
 */
export type CloseReason = "ended" | "stopped" | "expired" | "removed" | "cardLost";

export type Requester = {
  /** The Teams id (`29:…`) that a mention needs; null where no person asked. */
  readonly id: string | null;
  readonly name: string;
  /** Their id in Entra, where it is known: by it their data are found. */
  readonly entraId?: string;
};

export type Watch = {
  /** What a pipeline calls it, and where it leads; null for what was tracked in a chat. */
  readonly title: string | null;
  readonly link: string | null;
  readonly requester: Requester;
  readonly notify: Notify;
  readonly createdAt: EpochMs;
  readonly closed: { readonly reason: CloseReason; readonly at: EpochMs } | null;
};

const LONG_MS = 120_000;

/** Whether the end of an operation deserves a message that mentions the requester. */
export function wantsPing(watch: Watch, state: OperationState): boolean {
  if (watch.closed?.reason !== "ended" || state.outcome === null) return false;
  // Who mistyped an id sees it on the card that has just come.
  if (state.outcome === "notFound" && state.isGuess) return false;
  const hasFailedPart = state.snapshot?.steps.some((step) => step.state === "failed") === true;
  const isGood = (state.outcome === "succeeded" || state.outcome === "skipped") && !hasFailedPart;
  switch (watch.notify) {
    case "never":
      return false;
    case "always":
      return true;
    case "failure":
      return !isGood;
    case "auto":
      return !isGood || watch.closed.at - watch.createdAt > LONG_MS;
  }
}

/** Whether the requester is told, once, that it takes longer than usual. */
export function wantsNotice(watch: Watch, state: OperationState): boolean {
  return watch.closed === null && state.isSlow && (watch.notify === "auto" || watch.notify === "always");
}
