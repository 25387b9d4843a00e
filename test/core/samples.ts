import type { Address } from "../../src/core/address.ts";
import { NO_TRACE, type Answer, type Trace } from "../../src/core/answer.ts";
import { decide, type Circumstances, type Decision } from "../../src/core/decide.ts";
import { newOperation, type OperationState } from "../../src/core/operation.ts";
import { phaseOf, type Snapshot } from "../../src/core/snapshot.ts";
import type { Watch } from "../../src/core/watch.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const INTERVAL = 31 * SECOND;
/** When the sample operation was first tracked. */
export const START = Date.UTC(2026, 10, 21, 12);

/** No jitter, so that a table can say the exact time. */
export const CALM: Circumstances = {
  intervalMs: INTERVAL,
  spread: 0,
  kind: "team",
  usual: new Map(),
  looks: false,
};

export function aSnapshot(status: string, fields: Partial<Snapshot> = {}): Snapshot {
  return {
    phase: phaseOf(status),
    status,
    operationType: "createTeam",
    attempts: 1,
    createdAt: START - MINUTE,
    targetId: "79afc64f-c76b-4edc-87f3-a47a1264695a",
    targetLocation: "/teams('79afc64f-c76b-4edc-87f3-a47a1264695a')",
    error: null,
    detail: null,
    percent: null,
    steps: [],
    ...fields,
  };
}

export const TRACE: Trace = {
  requestId: "8f897345-f6f3-49dd-83a8-a3064eeecdf8",
  clientRequestId: "50a0e733-4567-4f6c-81bf-04d144fc8bbe",
};

/** A readable answer with that status. */
export function says(
  status: string,
  fields: Partial<Snapshot> = {},
  retryAfterMs: number | null = null,
): Answer {
  return { kind: "snapshot", snapshot: aSnapshot(status, fields), trace: TRACE, retryAfterMs };
}

export function refuses(httpStatus: number, retryAfterMs: number | null = null): Answer {
  return {
    kind: "refused",
    httpStatus,
    code: `Code${httpStatus}`,
    message: `Refused with ${httpStatus}.`,
    trace: TRACE,
    retryAfterMs,
  };
}

export const UNREADABLE: Answer = {
  kind: "unreadable",
  httpStatus: 202,
  trace: NO_TRACE,
  retryAfterMs: null,
};
export const NO_ANSWER: Answer = { kind: "noAnswer", message: "The operation was aborted due to timeout" };
export const NO_TOKEN: Answer = { kind: "noToken", message: "AADSTS7000222: the secret has expired." };

export type Step = { readonly answer: Answer; readonly at: number };

/** Everything that `decide` said to a sequence of answers. */
export function decisionsOf(
  steps: readonly Step[],
  circumstances: Circumstances = CALM,
  from: OperationState = newOperation(START),
): readonly Decision[] {
  const decisions: Decision[] = [];
  let state = from;
  for (const { answer, at } of steps) {
    const decision = decide(state, answer, at, circumstances);
    decisions.push(decision);
    state = decision.state;
  }
  return decisions;
}

/** The state after these answers, one interval apart, the first one an interval after {@link START}. */
export function after(...answers: readonly Answer[]): OperationState {
  const steps = answers.map((answer, index) => ({ answer, at: START + (index + 1) * INTERVAL }));
  return decisionsOf(steps).at(-1)?.state ?? newOperation(START);
}

/** The same answer, so many times. */
export function times(count: number, answer: Answer): readonly Answer[] {
  return Array.from({ length: count }, () => answer);
}

export const ADDRESS: Address = {
  kind: "team",
  version: "v1.0",
  path: "/teams('79afc64f-c76b-4edc-87f3-a47a1264695a')/operations('8ad1effa-7ed1-4d03-bd60-fe177d8d56f1')",
  owner: "79afc64f-c76b-4edc-87f3-a47a1264695a",
  operation: "8ad1effa-7ed1-4d03-bd60-fe177d8d56f1",
  key: "team/79afc64f-c76b-4edc-87f3-a47a1264695a/8ad1effa-7ed1-4d03-bd60-fe177d8d56f1",
};

export function aWatch(fields: Partial<Watch> = {}): Watch {
  return {
    title: null,
    link: null,
    requester: { id: "29:1AlexWilber", name: "Alex Wilber" },
    notify: "auto",
    createdAt: START,
    closed: null,
    ...fields,
  };
}

/** How many of these moments lie within one second, at most. */
export function mostInASecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
