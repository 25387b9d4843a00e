import type { Answer, LookAnswer } from "./answer.ts";
import { cleanText } from "./clean-text.ts";
import { clearerOf, durationType, type Life, type Usual } from "./durations.ts";
import type { EpochMs } from "./ids.ts";
import type { OperationKind } from "./kinds.ts";
import {
  shownTrouble,
  type OperationState,
  type Outcome,
  type Result,
  type TimelineEntry,
  type Trouble,
  type TroubleKind,
} from "./operation.ts";
import { LOOK_WAITS, makesSomething } from "./result.ts";
import { boundedPauseMs } from "./retry-after.ts";
import { afterPause, EARLY_INTERVALS, waitAfterAnswer, waitAfterMiss, type Cadence } from "./schedule.ts";
import { isFinal, laterOf, type Snapshot } from "./snapshot.ts";

export type Decision = {
  readonly state: OperationState;
  /** `look`: it has ended, and its result is looked at then. */
  readonly next: { readonly kind: "check" | "look"; readonly at: EpochMs } | { readonly kind: "end" };
  /** Graph asked for a pause: no check for this tenant before then. */
  readonly pauseUntil: EpochMs | null;
  /** Whether a card of this operation would look different. */
  readonly visibleChange: boolean;
  /** It was seen running before: what this answer teaches about how long its type takes. */
  readonly lived: Life | null;
};

export type Circumstances = Cadence & {
  /** See `spreadOf`: 0 to 1, fixed for an operation. */
  readonly spread: number;
  readonly kind: OperationKind;
  /** What operations usually take, by `durationType`. */
  readonly usual: ReadonlyMap<string, Usual>;
  /** Whether results are looked at after the end. */
  readonly looks: boolean;
};

/** 404s in a row, after a good answer, before an operation counts as gone: single ones are known to be spurious. */
const GONE_AFTER_MISSES = 3;
/** 404s in a row, never a good answer: about ten minutes at the default interval. */
const NOT_FOUND_AFTER_MISSES = 20;
const TIMELINE_LENGTH = 12;
const MAX_MESSAGE = 500;

/**
 * What one answer means: the new state, when to ask again or that this is the end, and whether a
 * card would look different. Its table is in docs/operations.md, made by this function, and row by row in decide.test.ts.
 */
export function decide(
  state: OperationState,
  answer: Answer,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  // Final means final: a late answer to an operation that has ended changes nothing.
  if (state.outcome !== null) {
    return { state, next: { kind: "end" }, pauseUntil: null, visibleChange: false, lived: null };
  }
  switch (answer.kind) {
    case "snapshot":
      return onSnapshot(state, answer, now, circumstances);
    case "unreadable":
      return onMiss(state, missOf("unreadable", answer), now, circumstances, answer.retryAfterMs);
    case "noAnswer":
      return onMiss(state, missOf("noAnswer", answer), now, circumstances, null);
    case "noToken":
      return onMiss(state, missOf("noToken", answer), now, circumstances, null);
    case "refused":
      return onRefusal(state, answer, now, circumstances);
  }
}

function onSnapshot(
  state: OperationState,
  answer: Extract<Answer, { kind: "snapshot" }>,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  const snapshot = laterOf(state.snapshot, answer.snapshot);
  const outcome = isFinal(snapshot.phase) ? snapshot.phase : null;
  const type = durationType(circumstances.kind, snapshot.operationType);
  const usual = clearerOf(state.usual, circumstances.usual.get(type) ?? null);
  const startedAt = startOf(state, snapshot, now);
  const slowMs = usual?.p95Ms ?? null;
  const after: OperationState = {
    ...state,
    snapshot,
    outcome,
    usual,
    isSlow: outcome === null && (state.isSlow || (slowMs !== null && now - startedAt > slowMs)),
    answeredAt: now,
    trouble: null,
    timeline: extended(state.timeline, snapshot, now),
    evidence: snapshot === state.snapshot ? state.evidence : { ...answer.trace, at: now },
  };
  const lived = lifeOf(state, type, startedAt, now, outcome);
  if (outcome !== null) return { ...onEnd(state, after, outcome, now, circumstances), lived };
  const wait = Math.max(
    waitAfterAnswer(now - state.trackedAt, circumstances),
    boundedPauseMs(answer.retryAfterMs ?? 0),
  );
  return { ...settled(state, after, now, { kind: "check", at: now + Math.ceil(wait) }), lived };
}

/** Null for one that is seen for the first time: when it came to where it is nobody knows. */
function lifeOf(
  { snapshot, answeredAt }: OperationState,
  type: string,
  startedAt: EpochMs,
  now: EpochMs,
  outcome: Outcome | null,
): Life | null {
  if (snapshot === null || answeredAt === null) return null;
  return { type, fromMs: answeredAt - startedAt, toMs: now - startedAt, succeeded: outcome === "succeeded" };
}

function onEnd(
  before: OperationState,
  after: OperationState,
  outcome: Outcome,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  const isGood = outcome === "succeeded";
  const { targetLocation = null, operationType = null } = after.snapshot ?? {};
  const isLookedAt =
    circumstances.looks && isGood && targetLocation !== null && makesSomething(operationType);
  if (!isLookedAt) return settled(before, after, now, { kind: "end" });
  const result: Result = { standing: "looking", looks: 0, webUrl: null };
  return settled(before, { ...after, result }, now, nextLook(result, now, 0, circumstances));
}

/** What a look at the result of an operation that has succeeded means. The end itself stays what it is. */
export function decideLook(
  state: OperationState,
  answer: LookAnswer,
  now: EpochMs,
  circumstances: Cadence,
): Decision {
  const before = state.result ?? { standing: "looking", looks: 0, webUrl: null };
  const looks = before.looks + 1;
  const result = afterLook(before, answer, looks);
  const after = { ...state, result };
  const isOver = result.standing !== "looking";
  const pauseMs =
    answer.kind === "throttled" ? boundedPauseMs(answer.retryAfterMs ?? circumstances.intervalMs) : 0;
  const next = isOver ? ({ kind: "end" } as const) : nextLook(result, now, pauseMs, circumstances);
  const decision = settled(state, after, now, next);
  return pauseMs === 0 ? decision : { ...decision, pauseUntil: now + pauseMs };
}

function afterLook(before: Result, answer: LookAnswer, looks: number): Result {
  const isLast = looks >= LOOK_WAITS.length;
  switch (answer.kind) {
    case "there":
      return { standing: "ready", looks, webUrl: answer.webUrl };
    case "forbidden":
      return { ...before, standing: "unknown", looks };
    case "notThere":
      return { ...before, standing: isLast ? "unseen" : "looking", looks };
    case "throttled":
    case "noAnswer":
      return { ...before, standing: isLast ? "unknown" : "looking", looks };
  }
}

function nextLook(
  { looks }: Result,
  now: EpochMs,
  pauseMs: number,
  { intervalMs }: Cadence,
): Decision["next"] {
  return { kind: "look", at: now + Math.max((LOOK_WAITS[looks] ?? 1) * intervalMs, pauseMs) };
}

const LONGEST_AGE_MS = 30 * 24 * 3_600_000;

/** Graph's word for when it began, unless that can't be. */
function startOf(state: OperationState, { createdAt }: Snapshot, now: EpochMs): EpochMs {
  return createdAt !== null && createdAt <= now && now - createdAt < LONGEST_AGE_MS
    ? createdAt
    : state.trackedAt;
}

type Refusal = Extract<Answer, { kind: "refused" }>;

function onRefusal(
  state: OperationState,
  refusal: Refusal,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  const { httpStatus, retryAfterMs } = refusal;
  if (httpStatus === 429 || (httpStatus === 503 && retryAfterMs !== null)) {
    return onThrottled(state, refusal, now, circumstances);
  }
  if (httpStatus === 403)
    return ended(state, withMiss(state, missOf("refused", refusal), now), "forbidden", now);
  // An id that somebody guessed to be an operation's may be none at all.
  const isNoId = httpStatus === 400 && state.isGuess && state.snapshot === null;
  if (httpStatus === 404 || httpStatus === 410 || isNoId) {
    return onNotFound(state, refusal, now, circumstances);
  }
  const kind = httpStatus === 401 ? "unauthorized" : httpStatus >= 500 ? "unavailable" : "refused";
  return onMiss(state, missOf(kind, refusal), now, circumstances, retryAfterMs);
}

/** The pause holds for the whole tenant: Graph counts requests per application and tenant. */
function onThrottled(
  state: OperationState,
  refusal: Refusal,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  const misses = (state.trouble?.misses ?? 0) + 1;
  const wait =
    refusal.retryAfterMs === null
      ? waitAfterMiss(misses, circumstances.spread, circumstances)
      : boundedPauseMs(refusal.retryAfterMs);
  const pauseUntil = now + Math.ceil(wait);
  const after = withMiss(state, { ...missOf("throttled", refusal), until: pauseUntil }, now);
  const at = Math.max(
    afterPause(pauseUntil, circumstances.spread, circumstances),
    now + circumstances.intervalMs,
  );
  return { ...settled(state, after, now, { kind: "check", at }), pauseUntil };
}

function onNotFound(
  state: OperationState,
  refusal: Refusal,
  now: EpochMs,
  circumstances: Circumstances,
): Decision {
  const after = withMiss(state, missOf("notFound", refusal), now);
  if (state.isGuess && state.snapshot === null) return ended(state, after, "notFound", now);
  const misses = after.trouble?.kind === "notFound" ? after.trouble.misses : 1;
  if (state.snapshot !== null) {
    if (misses >= GONE_AFTER_MISSES) return ended(state, after, "unavailable", now);
  } else if (misses >= NOT_FOUND_AFTER_MISSES) {
    return ended(state, after, "notFound", now);
  }
  const wait = Math.max(circumstances.intervalMs, boundedPauseMs(refusal.retryAfterMs ?? 0));
  return settled(state, after, now, { kind: "check", at: now + Math.ceil(wait) });
}

/** Not there yet in the first minutes; later a growing wait. Never an end: the watch's lifetime is that. */
function onMiss(
  state: OperationState,
  miss: Miss,
  now: EpochMs,
  circumstances: Circumstances,
  retryAfterMs: number | null,
): Decision {
  const after = withMiss(state, miss, now);
  const isEarly = now - state.trackedAt < EARLY_INTERVALS * circumstances.intervalMs;
  const misses = after.trouble?.misses ?? 1;
  const wait = isEarly
    ? circumstances.intervalMs
    : waitAfterMiss(misses, circumstances.spread, circumstances);
  return settled(state, after, now, {
    kind: "check",
    at: now + Math.ceil(Math.max(wait, boundedPauseMs(retryAfterMs ?? 0))),
  });
}

type Miss = Omit<Trouble, "since" | "misses">;

function missOf(kind: TroubleKind, answer: Exclude<Answer, { kind: "snapshot" }>): Miss {
  return {
    kind,
    httpStatus: "httpStatus" in answer ? answer.httpStatus : null,
    code: "code" in answer ? answer.code : null,
    message: "message" in answer && answer.message !== null ? cleanText(answer.message, MAX_MESSAGE) : null,
    requestId: "trace" in answer ? answer.trace.requestId : null,
    clientRequestId: "trace" in answer ? answer.trace.clientRequestId : null,
    until: null,
  };
}

function withMiss(state: OperationState, miss: Miss, now: EpochMs): OperationState {
  const running = state.trouble;
  // 404s are counted among themselves: a timeout between them says nothing about the operation.
  const continues = running !== null && (running.kind === miss.kind || miss.kind !== "notFound");
  return {
    ...state,
    trouble: { ...miss, since: running?.since ?? now, misses: continues ? running.misses + 1 : 1 },
  };
}

function ended(before: OperationState, after: OperationState, outcome: Outcome, now: EpochMs): Decision {
  return settled(before, { ...after, outcome }, now, { kind: "end" });
}

function settled(
  before: OperationState,
  after: OperationState,
  now: EpochMs,
  next: Decision["next"],
): Decision {
  const visibleChange = looksDifferent(before, after);
  return {
    state: visibleChange ? { ...after, changedAt: now } : after,
    next,
    pauseUntil: null,
    visibleChange,
    lived: null,
  };
}

/** Whether a card would: another snapshot, another end, or a trouble that it begins or ceases to tell. */
function looksDifferent(before: OperationState, after: OperationState): boolean {
  return (
    before.snapshot !== after.snapshot ||
    before.outcome !== after.outcome ||
    before.isSlow !== after.isSlow ||
    toldOf(before.result) !== toldOf(after.result) ||
    shownTrouble(before)?.kind !== shownTrouble(after)?.kind
  );
}

/** "Looking" and "could not look" are the same to a reader: nothing is said. */
function toldOf(result: Result | null): string | null {
  return result?.standing === "ready" || result?.standing === "unseen" ? result.standing : null;
}

function extended(
  timeline: readonly TimelineEntry[],
  snapshot: Snapshot,
  now: EpochMs,
): readonly TimelineEntry[] {
  const last = timeline.at(-1);
  if (last !== undefined && last.status === snapshot.status && last.attempts === snapshot.attempts) {
    return timeline;
  }
  const entry = { at: now, phase: snapshot.phase, status: snapshot.status, attempts: snapshot.attempts };
  const kept =
    timeline.length < TIMELINE_LENGTH
      ? timeline
      : [...timeline.slice(0, 1), ...timeline.slice(2 - TIMELINE_LENGTH)];
  return [...kept, entry];
}
