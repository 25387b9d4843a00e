import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Answer, LookAnswer } from "../../src/core/answer.ts";
import { viewOf } from "../../src/core/card-view.ts";
import { decide, decideLook, type Circumstances, type Decision } from "../../src/core/decide.ts";
import type { Usual } from "../../src/core/durations.ts";
import {
  isSameState,
  newOperation,
  type OperationState,
  type Outcome,
  type TroubleKind,
} from "../../src/core/operation.ts";
import type { Phase } from "../../src/core/snapshot.ts";
import { anAnswer, someSteps } from "./arbitraries.ts";
import {
  ADDRESS,
  CALM,
  DAY,
  HOUR,
  INTERVAL,
  MINUTE,
  NO_ANSWER,
  NO_TOKEN,
  SECOND,
  START,
  TRACE,
  UNREADABLE,
  aSnapshot,
  aWatch,
  after,
  decisionsOf,
  refuses,
  says,
  times,
  type Step,
} from "./samples.ts";

const FRESH = newOperation(START);
const WAITING = after(says("notStarted"));
const RUNNING = after(says("inProgress"));
const EARLY = START + 2 * INTERVAL;
const LATE = START + HOUR;

/** The wait in ms until the next check, or "end". */
type Wait = number | "end";

function waitOf(state: OperationState, answer: Answer, at: number): Wait {
  const { next } = decide(state, answer, at, CALM);
  return next.kind === "end" ? "end" : next.at - at;
}

describe("a readable answer", () => {
  type Row = {
    from: OperationState;
    status: string;
    at: number;
    phase: Phase;
    outcome: Outcome | null;
    wait: Wait;
    visible: boolean;
  };
  test.each<Row>([
    {
      from: FRESH,
      status: "notStarted",
      at: EARLY,
      phase: "waiting",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "inProgress",
      at: EARLY,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "running",
      at: EARLY,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "succeeded",
      at: EARLY,
      phase: "succeeded",
      outcome: "succeeded",
      wait: "end",
      visible: true,
    },
    {
      from: FRESH,
      status: "completed",
      at: EARLY,
      phase: "succeeded",
      outcome: "succeeded",
      wait: "end",
      visible: true,
    },
    {
      from: FRESH,
      status: "failed",
      at: EARLY,
      phase: "failed",
      outcome: "failed",
      wait: "end",
      visible: true,
    },
    {
      from: FRESH,
      status: "skipped",
      at: EARLY,
      phase: "skipped",
      outcome: "skipped",
      wait: "end",
      visible: true,
    },
    {
      from: FRESH,
      status: "invalid",
      at: EARLY,
      phase: "unrecognised",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "unknownFutureValue",
      at: EARLY,
      phase: "unrecognised",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "paused by admin",
      at: EARLY,
      phase: "unrecognised",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: FRESH,
      status: "SUCCEEDED",
      at: EARLY,
      phase: "succeeded",
      outcome: "succeeded",
      wait: "end",
      visible: true,
    },
    {
      from: WAITING,
      status: "notStarted",
      at: EARLY,
      phase: "waiting",
      outcome: null,
      wait: INTERVAL,
      visible: false,
    },
    {
      from: WAITING,
      status: "inProgress",
      at: EARLY,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: true,
    },
    {
      from: RUNNING,
      status: "inProgress",
      at: EARLY,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: false,
    },
    {
      from: RUNNING,
      status: "notStarted",
      at: EARLY,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: false,
    },
    {
      from: RUNNING,
      status: "succeeded",
      at: EARLY,
      phase: "succeeded",
      outcome: "succeeded",
      wait: "end",
      visible: true,
    },
    {
      from: RUNNING,
      status: "inProgress",
      at: START + 10 * MINUTE,
      phase: "running",
      outcome: null,
      wait: INTERVAL,
      visible: false,
    },
    {
      from: RUNNING,
      status: "inProgress",
      at: LATE,
      phase: "running",
      outcome: null,
      wait: 3 * MINUTE,
      visible: false,
    },
    {
      from: RUNNING,
      status: "inProgress",
      at: START + 6 * DAY,
      phase: "running",
      outcome: null,
      wait: 10 * INTERVAL,
      visible: false,
    },
    {
      from: RUNNING,
      status: "failed",
      at: LATE,
      phase: "failed",
      outcome: "failed",
      wait: "end",
      visible: true,
    },
  ])("$status: $phase, next $wait", ({ from, status, at, phase, outcome, wait, visible }) => {
    const decision = decide(from, says(status), at, CALM);
    expect(decision.state.snapshot?.phase).toBe(phase);
    expect(decision.state.outcome).toBe(outcome);
    expect(decision.visibleChange).toBe(visible);
    expect(decision.pauseUntil).toBeNull();
    expect(decision.state.answeredAt).toBe(at);
    expect(decision.state.trouble).toBeNull();
    expect(waitOf(from, says(status), at)).toBe(wait);
  });

  test.each([
    ["no error", null],
    ["an empty one", { code: null, message: null }],
    ["one", { code: "TeamUnavailable", message: "The team was not found." }],
  ])("failed with %s is failed, and keeps it", (_, error) => {
    const { state } = decide(RUNNING, says("failed", { error }), EARLY, CALM);
    expect(state.outcome).toBe("failed");
    expect(state.snapshot?.error).toEqual(error);
  });

  test("an error beside a status that is no end is no end", () => {
    const error = { code: "Conflict", message: "Retrying." };
    expect(decide(RUNNING, says("inProgress", { error }), EARLY, CALM).state.outcome).toBeNull();
  });

  test.each([
    ["more than the interval", 2 * MINUTE, 2 * MINUTE],
    ["less than the interval", 5 * SECOND, INTERVAL],
    ["a fraction", 40_000.4, 40_001],
    ["none at all", 0, INTERVAL],
    ["an absurd one", 400 * DAY, DAY],
    ["an endless one", Number.POSITIVE_INFINITY, DAY],
    ["a negative one", -5 * SECOND, INTERVAL],
  ])("its own Retry-After is the hint for the next check: %s", (_, retryAfterMs, wait) => {
    expect(waitOf(RUNNING, says("inProgress", {}, retryAfterMs), EARLY)).toBe(wait);
  });

  test("nothing new leaves the state the very same", () => {
    const { state } = decide(RUNNING, says("inProgress"), EARLY, CALM);
    expect(isSameState(state, RUNNING)).toBe(true);
    expect(state.snapshot).toBe(RUNNING.snapshot);
    expect(state.timeline).toBe(RUNNING.timeline);
    expect(state.answeredAt).toBe(EARLY);
  });

  test("an older answer leaves it the very same, too", () => {
    const { state, visibleChange } = decide(RUNNING, says("notStarted"), EARLY, CALM);
    expect(isSameState(state, RUNNING)).toBe(true);
    expect(visibleChange).toBe(false);
  });

  test.each([
    ["attempts", { attempts: 2 }],
    ["its type", { operationType: "cloneTeam" }],
    ["its target", { targetId: "other" }],
    ["its target's location", { targetLocation: "/teams('other')" }],
    ["its start", { createdAt: START }],
    ["its error's code", { error: { code: "x", message: null } }],
    ["its error's message", { error: { code: null, message: "x" } }],
    ["its detail", { detail: "x" }],
  ])("a change of %s shows", (_, fields) => {
    const { state, visibleChange } = decide(RUNNING, says("inProgress", fields), EARLY, CALM);
    expect(visibleChange).toBe(true);
    expect(state.changedAt).toBe(EARLY);
    expect(state.snapshot).toMatchObject(fields);
  });
});

describe("never backwards", () => {
  test("a new attempt begins again", () => {
    const { state } = decide(RUNNING, says("notStarted", { attempts: 2 }), EARLY, CALM);
    expect(state.snapshot).toMatchObject({ phase: "waiting", attempts: 2 });
  });

  test("an answer about an earlier attempt is not taken", () => {
    const second = after(says("inProgress", { attempts: 2 }));
    const { state } = decide(second, says("inProgress", { attempts: 1, targetId: "x" }), EARLY, CALM);
    expect(isSameState(state, second)).toBe(true);
  });

  test("an end counts whatever came before", () => {
    const second = after(says("inProgress", { attempts: 2 }));
    expect(decide(second, says("succeeded", { attempts: 1 }), EARLY, CALM).state.outcome).toBe("succeeded");
  });

  test.each([1, null])("an end that tells of %s attempts does not take back the second", (attempts) => {
    const second = after(says("inProgress", { attempts: 2 }));
    const { state } = decide(second, says("succeeded", { attempts }), EARLY, CALM);
    expect(state.snapshot?.attempts).toBe(2);
  });

  test.each(["succeeded", "failed", "skipped"])("%s stays, whatever is answered later", (status) => {
    const ended = after(says(status));
    for (const answer of [says("inProgress", { attempts: 9 }), says("failed"), refuses(404), NO_ANSWER]) {
      expect(decide(ended, answer, LATE, CALM)).toEqual({
        state: ended,
        next: { kind: "end" },
        pauseUntil: null,
        visibleChange: false,
        lived: null,
      });
    }
  });

  test.each([
    ["forbidden", after(refuses(403))],
    ["unavailable", after(says("inProgress"), ...times(3, refuses(404)))],
    ["notFound", after(...times(20, refuses(404)))],
  ])("%s stays, too", (outcome, ended) => {
    const decision = decide(ended, says("succeeded"), LATE, CALM);
    expect(decision.state).toBe(ended);
    expect(decision.state.outcome).toBe(outcome);
    expect(decision.next.kind).toBe("end");
  });
});

describe("an answer that tells nothing", () => {
  type Row = { name: string; answer: Answer; trouble: TroubleKind };
  const misses: readonly Row[] = [
    { name: "unreadable", answer: UNREADABLE, trouble: "unreadable" },
    { name: "a timeout", answer: NO_ANSWER, trouble: "noAnswer" },
    { name: "no token", answer: NO_TOKEN, trouble: "noToken" },
    { name: "400", answer: refuses(400), trouble: "refused" },
    { name: "401", answer: refuses(401), trouble: "unauthorized" },
    { name: "409", answer: refuses(409), trouble: "refused" },
    { name: "424", answer: refuses(424), trouble: "refused" },
    { name: "302", answer: refuses(302), trouble: "refused" },
    { name: "no status at all", answer: refuses(0), trouble: "refused" },
    { name: "500", answer: refuses(500), trouble: "unavailable" },
    { name: "502", answer: refuses(502), trouble: "unavailable" },
    { name: "503 without Retry-After", answer: refuses(503), trouble: "unavailable" },
    { name: "504", answer: refuses(504), trouble: "unavailable" },
  ];

  test.each(misses)("$name, once and early: not there yet, and no word about it", ({ answer, trouble }) => {
    for (const from of [FRESH, RUNNING]) {
      const decision = decide(from, answer, EARLY, CALM);
      expect(decision.state).toMatchObject({
        outcome: null,
        answeredAt: from.answeredAt,
        changedAt: from.changedAt,
      });
      expect(decision.state.snapshot).toBe(from.snapshot);
      expect(decision.state.trouble).toMatchObject({ kind: trouble, since: EARLY, misses: 1, until: null });
      expect(decision.visibleChange).toBe(false);
      expect(decision.pauseUntil).toBeNull();
      expect(decision.next).toEqual({ kind: "check", at: EARLY + INTERVAL });
    }
  });

  test.each(misses)(
    "$name, again and again: ever longer waits, up to ten intervals, and no end",
    ({ answer }) => {
      const waits: Wait[] = [];
      let state = RUNNING;
      for (let at = LATE; waits.length < 30; at += 10 * INTERVAL) {
        waits.push(waitOf(state, answer, at));
        ({ state } = decide(state, answer, at, CALM));
      }
      expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 10, 10].map((factor) => factor * INTERVAL));
      expect(new Set(waits.slice(5))).toEqual(new Set([10 * INTERVAL]));
      expect(state.outcome).toBeNull();
      expect(state.trouble).toMatchObject({ since: LATE, misses: 30 });
    },
  );

  test.each(misses)("$name is told of after some in a row, once", ({ answer, trouble }) => {
    const shownAt = trouble === "unauthorized" || trouble === "noToken" ? 2 : 3;
    const steps = times(8, answer).map((miss, index) => ({ answer: miss, at: EARLY + index * INTERVAL }));
    const visible = decisionsOf(steps, CALM, RUNNING).map((decision) => decision.visibleChange);
    expect(visible.indexOf(true) + 1).toBe(shownAt);
    expect(visible.filter(Boolean)).toHaveLength(1);
  });

  test("a good answer ends the trouble, and shows when the card told of it", () => {
    const untold = decide(after(says("inProgress"), NO_ANSWER), says("inProgress"), LATE, CALM);
    expect(untold.visibleChange).toBe(false);
    expect(untold.state.trouble).toBeNull();
    const told = decide(after(says("inProgress"), ...times(3, NO_ANSWER)), says("inProgress"), LATE, CALM);
    expect(told.visibleChange).toBe(true);
    expect(told.state).toMatchObject({ trouble: null, changedAt: LATE });
  });

  test("trouble of another kind goes on with the same run", () => {
    const { trouble } = after(says("inProgress"), NO_ANSWER, refuses(500), UNREADABLE);
    expect(trouble).toMatchObject({ kind: "unreadable", misses: 3, since: START + 2 * INTERVAL });
  });

  test("it keeps what Graph said, for support", () => {
    expect(after(refuses(500)).trouble).toMatchObject({
      httpStatus: 500,
      code: "Code500",
      message: "Refused with 500.",
      requestId: "8f897345-f6f3-49dd-83a8-a3064eeecdf8",
    });
    expect(after(NO_TOKEN).trouble).toMatchObject({ httpStatus: null, code: null, requestId: null });
  });

  test("the spread lengthens late waits, by a fifth at most", () => {
    const waits = [0, 0.5, 1].map((spread) => nextOf(decide(RUNNING, NO_ANSWER, LATE, { ...CALM, spread })));
    expect(waits).toEqual([1, 1.1, 1.2].map((factor) => LATE + factor * INTERVAL));
  });
});

describe("no permission", () => {
  test.each([
    ["before", FRESH],
    ["after", RUNNING],
  ])("403 %s a good answer is the end of watching, not of the operation", (_, from) => {
    const decision = decide(from, refuses(403), EARLY, CALM);
    expect(decision.state.outcome).toBe("forbidden");
    expect(decision.state.snapshot).toBe(from.snapshot);
    expect(decision.state.trouble).toMatchObject({ kind: "refused", httpStatus: 403, code: "Code403" });
    expect(decision).toMatchObject({ next: { kind: "end" }, visibleChange: true, pauseUntil: null });
  });
});

describe("not found", () => {
  test.each([404, 410])("%i before any good answer: not there yet, which the card says at once", (status) => {
    const decision = decide(FRESH, refuses(status), EARLY, CALM);
    expect(decision.state.outcome).toBeNull();
    expect(decision.visibleChange).toBe(true);
    expect(decision.next).toEqual({ kind: "check", at: EARLY + INTERVAL });
    expect(decide(decision.state, refuses(status), LATE, CALM).visibleChange).toBe(false);
  });

  test.each([404, 410])("%i after a good answer: no longer available at the third in a row", (status) => {
    const steps = times(3, refuses(status)).map((answer, index) => ({
      answer,
      at: EARLY + index * INTERVAL,
    }));
    const decisions = decisionsOf(steps, CALM, RUNNING);
    expect(decisions.map(({ state }) => state.outcome)).toEqual([null, null, "unavailable"]);
    expect(decisions.map(({ visibleChange }) => visibleChange)).toEqual([false, false, true]);
    expect(decisions.map(({ next }) => next.kind)).toEqual(["check", "check", "end"]);
    expect(decisions[2]?.state.snapshot).toBe(RUNNING.snapshot);
  });

  test("404 never followed by a good answer: not found at the twentieth in a row", () => {
    expect(after(...times(19, refuses(404))).outcome).toBeNull();
    expect(after(...times(20, refuses(404))).outcome).toBe("notFound");
  });

  test("one good answer between them starts the count again", () => {
    expect(
      after(says("inProgress"), refuses(404), refuses(404), says("inProgress"), refuses(404)).outcome,
    ).toBeNull();
    expect(after(...times(19, refuses(404)), says("notStarted"), refuses(404)).outcome).toBeNull();
  });

  test("misses of another kind do not count as 404s", () => {
    const state = after(says("inProgress"), ...times(5, NO_ANSWER), refuses(404), refuses(404));
    expect(state.outcome).toBeNull();
    expect(state.trouble).toMatchObject({ kind: "notFound", misses: 2, since: START + 2 * INTERVAL });
  });

  test("404s come at every interval, late ones too: they are counted to an end", () => {
    expect(waitOf(RUNNING, refuses(404), LATE)).toBe(INTERVAL);
  });
});

describe("Graph asks for a pause", () => {
  type Row = { name: string; answer: Answer; pause: number; wait: number };
  test.each<Row>([
    { name: "429 with 90 s", answer: refuses(429, 90 * SECOND), pause: 90 * SECOND, wait: 90 * SECOND },
    { name: "429 with 2.128 s", answer: refuses(429, 2_128), pause: 2_128, wait: INTERVAL },
    {
      name: "429 with a fraction of a millisecond",
      answer: refuses(429, 40_000.2),
      pause: 40_001,
      wait: 40_001,
    },
    { name: "429 with 0 s", answer: refuses(429, 0), pause: 0, wait: INTERVAL },
    { name: "429 without Retry-After", answer: refuses(429), pause: INTERVAL, wait: INTERVAL },
    { name: "429 with a year", answer: refuses(429, 365 * DAY), pause: DAY, wait: DAY },
    { name: "429 for ever", answer: refuses(429, Number.POSITIVE_INFINITY), pause: DAY, wait: DAY },
    { name: "503 with 60 s", answer: refuses(503, 60 * SECOND), pause: 60 * SECOND, wait: 60 * SECOND },
    { name: "503 with 1 s", answer: refuses(503, SECOND), pause: SECOND, wait: INTERVAL },
  ])("$name", ({ answer, pause, wait }) => {
    for (const [from, at] of [
      [FRESH, EARLY],
      [RUNNING, EARLY],
      [RUNNING, LATE],
    ] as const) {
      const decision = decide(from, answer, at, CALM);
      expect(decision.pauseUntil).toBe(at + pause);
      expect(decision.next).toEqual({ kind: "check", at: at + wait });
      expect(decision.state.outcome).toBeNull();
      expect(decision.state.trouble).toMatchObject({ kind: "throttled", until: at + pause });
    }
  });

  test("without Retry-After the waits grow", () => {
    const pauses: number[] = [];
    let state = RUNNING;
    for (let i = 0; i < 6; i += 1) {
      const decision = decide(state, refuses(429), EARLY, CALM);
      pauses.push((decision.pauseUntil ?? 0) - EARLY);
      ({ state } = decision);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10].map((factor) => factor * INTERVAL));
  });

  test("operations come back from it one after the other", () => {
    const comebacks = [0, 0.5, 1].map((spread) =>
      nextOf(decide(RUNNING, refuses(429, HOUR), EARLY, { ...CALM, spread })),
    );
    expect(comebacks).toEqual([0, INTERVAL / 2, INTERVAL].map((later) => EARLY + HOUR + later));
  });

  test("a card tells of a long one only", () => {
    expect(decide(RUNNING, refuses(429, 2 * MINUTE), EARLY, CALM).visibleChange).toBe(false);
    expect(decide(RUNNING, refuses(429, 2 * MINUTE + 1), EARLY, CALM).visibleChange).toBe(true);
  });

  test.each([400, 401, 404, 409, 410, 500, 502, 504])(
    "Retry-After on a %i holds for the next check of this operation",
    (status) => {
      for (const [from, at] of [
        [FRESH, EARLY],
        [RUNNING, EARLY],
        [RUNNING, LATE],
      ] as const) {
        expect(waitOf(from, refuses(status, 5 * MINUTE), at)).toBeGreaterThanOrEqual(5 * MINUTE);
      }
    },
  );
});

describe("the timeline", () => {
  test("has an entry for each status and attempt, with the time it was first seen", () => {
    const state = after(
      says("notStarted"),
      says("notStarted"),
      says("inProgress"),
      NO_ANSWER,
      says("inProgress"),
      says("inProgress", { attempts: 2 }),
      says("succeeded", { attempts: 2 }),
    );
    expect(state.timeline).toEqual([
      { at: START + INTERVAL, phase: "waiting", status: "notStarted", attempts: 1 },
      { at: START + 3 * INTERVAL, phase: "running", status: "inProgress", attempts: 1 },
      { at: START + 6 * INTERVAL, phase: "running", status: "inProgress", attempts: 2 },
      { at: START + 7 * INTERVAL, phase: "succeeded", status: "succeeded", attempts: 2 },
    ]);
  });

  test("is bounded: the first stays, and the latest", () => {
    const answers = Array.from({ length: 40 }, (_, index) => says("inProgress", { attempts: index }));
    const { timeline } = after(...answers);
    expect(timeline.map(({ attempts }) => attempts)).toEqual([0, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  });
});

describe("an id that somebody guessed to be an operation's", () => {
  const GUESS = newOperation(START, true);

  test.each([400, 404, 410])("is none at the first %i", (status) => {
    const decision = decide(GUESS, refuses(status), EARLY, CALM);
    expect(decision.state).toMatchObject({ outcome: "notFound", trouble: { kind: "notFound", misses: 1 } });
    expect(decision).toMatchObject({ next: { kind: "end" }, visibleChange: true, lived: null });
  });

  test.each([
    ["a timeout", NO_ANSWER],
    ["no token", NO_TOKEN],
    ["an empty answer", UNREADABLE],
    ["401", refuses(401)],
    ["429", refuses(429, SECOND)],
    ["500", refuses(500)],
    ["409", refuses(409)],
  ])("is still to be found after %s, and none at the 404 after it", (_, answer) => {
    const first = decide(GUESS, answer, EARLY, CALM);
    expect(first.state.outcome).toBeNull();
    expect(decide(first.state, refuses(404), LATE, CALM).state.outcome).toBe("notFound");
  });

  test("403 is no permission, as ever", () => {
    expect(decide(GUESS, refuses(403), EARLY, CALM).state.outcome).toBe("forbidden");
  });

  test("once found, it is as any other: 400 is a miss, and 404 counted", () => {
    const found = decide(GUESS, says("inProgress"), EARLY, CALM).state;
    expect(decide(found, refuses(400), LATE, CALM).state).toMatchObject({
      outcome: null,
      trouble: { kind: "refused" },
    });
    const steps = times(3, refuses(404)).map((answer, index) => ({ answer, at: LATE + index * INTERVAL }));
    expect(decisionsOf(steps, CALM, found).map(({ state }) => state.outcome)).toEqual([
      null,
      null,
      "unavailable",
    ]);
  });

  test("of an address, the same answers are no end", () => {
    for (const status of [400, 404, 410]) {
      expect(decide(FRESH, refuses(status), EARLY, CALM).state.outcome).toBeNull();
    }
  });
});

describe("what an operation usually takes", () => {
  const USUAL: Usual = { count: 40, medianMs: MINUTE, p95Ms: 5 * MINUTE };
  const known: Circumstances = { ...CALM, usual: new Map([["team/createTeam", USUAL]]) };
  const createdNow = { createdAt: START };

  test("is kept as it was when its type was first known", () => {
    const first = decide(FRESH, says("inProgress"), EARLY, known).state;
    expect(first.usual).toEqual(USUAL);
    const other = { ...known, usual: new Map([["team/createTeam", { ...USUAL, p95Ms: SECOND }]]) };
    expect(decide(first, says("inProgress"), EARLY + INTERVAL, other).state.usual).toBe(first.usual);
  });

  test("gains the 95th percentile when that is known, and keeps it", () => {
    const vague = new Map([["team/createTeam", { ...USUAL, p95Ms: null }]]);
    const first = decide(FRESH, says("inProgress"), EARLY, { ...CALM, usual: vague }).state;
    expect(first).toMatchObject({ usual: { p95Ms: null }, isSlow: false });
    const stays = decide(first, says("inProgress"), LATE, { ...CALM, usual: vague }).state;
    expect(stays).toMatchObject({ usual: { p95Ms: null }, isSlow: false });
    expect(stays.usual).toBe(first.usual);
    const told = decide(first, says("inProgress"), LATE, known).state;
    expect(told).toMatchObject({ usual: USUAL, isSlow: true });
    expect(decide(told, says("inProgress"), LATE, { ...CALM, usual: vague }).state.usual).toBe(told.usual);
  });

  test("comes when the type becomes known", () => {
    const first = decide(FRESH, says("inProgress", { operationType: null }), EARLY, known).state;
    expect(first.usual).toBeNull();
    expect(decide(first, says("inProgress"), EARLY, known).state.usual).toEqual(USUAL);
  });

  test.each([
    ["another type", says("inProgress", { operationType: "cloneTeam" }), known],
    ["another kind", says("inProgress"), { ...known, kind: "chat" as const }],
    ["nothing learned", says("inProgress"), CALM],
  ])("is not known for %s", (_, answer, given) => {
    expect(decide(FRESH, answer, LATE, given).state).toMatchObject({ usual: null, isSlow: false });
  });

  test("longer than that is slow: one visible change, and no more", () => {
    const at = [4, 5, 6, 7, 20].map((minutes) => START + minutes * MINUTE);
    const steps = at.map((time) => ({ answer: says("inProgress", createdNow), at: time }));
    const decisions = decisionsOf(steps, known);
    expect(decisions.map(({ state }) => state.isSlow)).toEqual([false, false, true, true, true]);
    expect(decisions.map(({ visibleChange }) => visibleChange)).toEqual([true, false, true, false, false]);
    expect(decisions[2]?.state.changedAt).toBe(at[2]);
    expect(decisions[4]?.state.changedAt).toBe(at[2]);
  });

  test("is measured from Graph's own start, unless that can't be", () => {
    const slowAt = (createdAt: number | null, now: number): boolean =>
      decide(FRESH, says("inProgress", { createdAt }), now, known).state.isSlow;
    expect(slowAt(START - 10 * MINUTE, START + SECOND)).toBe(true);
    expect(slowAt(null, START + SECOND)).toBe(false);
    expect(slowAt(null, START + 6 * MINUTE)).toBe(true);
    expect(slowAt(START + HOUR, START + SECOND)).toBe(false);
    expect(slowAt(START - 31 * DAY, START + SECOND)).toBe(false);
    expect(slowAt(START - 29 * DAY, START + SECOND)).toBe(true);
  });

  test("an end is never slow, and takes the word from the card with it", () => {
    const slow = decide(FRESH, says("inProgress", createdNow), LATE, known).state;
    const end = decide(slow, says("succeeded", createdNow), LATE + INTERVAL, known);
    expect(slow.isSlow).toBe(true);
    expect(end.state).toMatchObject({ isSlow: false, outcome: "succeeded" });
  });

  test("slow stays slow through troubles and a clock set back", () => {
    const slow = decide(FRESH, says("inProgress", createdNow), LATE, known).state;
    expect(decide(slow, NO_ANSWER, LATE + 1, known).state.isSlow).toBe(true);
    expect(decide(slow, says("inProgress", createdNow), START + SECOND, known).state.isSlow).toBe(true);
  });
});

describe("what it took is learned", () => {
  const created = { createdAt: START };
  const running = decide(FRESH, says("inProgress", created), EARLY, CALM).state;
  const life = { type: "team/createTeam", fromMs: EARLY - START, toMs: HOUR };

  test("from a run that was seen, for those after it", () => {
    expect(decide(running, says("succeeded", created), LATE, CALM).lived).toEqual({
      ...life,
      succeeded: true,
    });
    expect(
      decide(running, says("completed", { createdAt: null }), LATE, { ...CALM, kind: "chat" }).lived,
    ).toEqual({ ...life, type: "chat/createTeam", succeeded: true });
  });

  test.each(["failed", "skipped", "inProgress", "notStarted", "pondering"])(
    "from %s: that it took no less",
    (status) => {
      expect(decide(running, says(status, created), LATE, CALM).lived).toEqual({ ...life, succeeded: false });
    },
  );

  test("each time from the last answer on, whatever was missed between", () => {
    const seen = decide(running, says("inProgress", created), EARLY + MINUTE, CALM).state;
    const missed = decide(seen, NO_ANSWER, EARLY + 2 * MINUTE, CALM);
    expect(missed.lived).toBeNull();
    const { lived } = decide(missed.state, says("inProgress", created), EARLY + 3 * MINUTE, CALM);
    expect(lived).toMatchObject({
      fromMs: EARLY - START + MINUTE,
      toMs: EARLY - START + 3 * MINUTE,
    });
  });

  test("not when its end was the first that was seen", () => {
    expect(decide(FRESH, says("succeeded"), LATE, CALM).lived).toBeNull();
    expect(decide(after(NO_ANSWER, refuses(404)), says("succeeded"), LATE, CALM).lived).toBeNull();
  });

  test("not from an end that is not Graph's own", () => {
    expect(decide(RUNNING, refuses(403), LATE, CALM).lived).toBeNull();
    expect(
      decide(after(says("inProgress"), ...times(2, refuses(404))), refuses(404), LATE, CALM).lived,
    ).toBeNull();
  });
});

describe("the answer that brought what is known is kept, for support", () => {
  test("and stays while nothing new is told", () => {
    const first = decide(FRESH, says("inProgress"), EARLY, CALM).state;
    expect(first.evidence).toEqual({ ...TRACE, at: EARLY });
    const same = decide(first, says("inProgress"), LATE, CALM).state;
    expect(same.evidence).toBe(first.evidence);
    const missed = decide(same, refuses(500), LATE, CALM).state;
    expect(missed.evidence).toBe(first.evidence);
    const ended = decide(missed, says("succeeded"), LATE + 1, CALM).state;
    expect(ended.evidence).toEqual({ ...TRACE, at: LATE + 1 });
  });
});

describe("looks at the result", () => {
  const LOOKING: Circumstances = { ...CALM, looks: true };
  const ENDED = decide(RUNNING, says("succeeded"), EARLY, LOOKING);
  const URL = "https://teams.microsoft.com/l/team/1";

  function lookAll(answers: readonly LookAnswer[]): readonly Decision[] {
    const decisions: Decision[] = [];
    let { state, next } = ENDED;
    for (const answer of answers) {
      if (next.kind === "end") break;
      const decision = decideLook(state, answer, next.at, LOOKING);
      decisions.push(decision);
      ({ state, next } = decision);
    }
    return decisions;
  }

  test("begin an interval after a success that made something", () => {
    expect(ENDED.state).toMatchObject({
      outcome: "succeeded",
      result: { standing: "looking", looks: 0, webUrl: null },
    });
    expect(ENDED.next).toEqual({ kind: "look", at: EARLY + INTERVAL });
    expect(ENDED.visibleChange).toBe(true);
  });

  test.each<[string, Answer, boolean]>([
    ["looks are switched off", says("succeeded"), false],
    ["nothing is made", says("succeeded", { operationType: "archiveTeam" }), true],
    ["the type is not known", says("succeeded", { operationType: null }), true],
    ["the result's place is not told", says("succeeded", { targetLocation: null }), true],
    ["it failed", says("failed"), true],
    ["it was skipped", says("skipped"), true],
    ["there is no permission", refuses(403), true],
  ])("are not made when %s", (_, answer, looks) => {
    const decision = decide(RUNNING, answer, EARLY, { ...CALM, looks });
    expect(decision.state.result).toBeNull();
    expect(decision.next).toEqual({ kind: "end" });
  });

  test("are three, further and further apart", () => {
    const decisions = lookAll([{ kind: "notThere" }, { kind: "notThere" }, { kind: "notThere" }]);
    expect(decisions.map(({ next }) => (next.kind === "end" ? "end" : next.at - EARLY))).toEqual([
      (1 + 4) * INTERVAL,
      (1 + 4 + 20) * INTERVAL,
      "end",
    ]);
    expect(decisions.map(({ state }) => state.result?.standing)).toEqual(["looking", "looking", "unseen"]);
    expect(decisions.map(({ state }) => state.result?.looks)).toEqual([1, 2, 3]);
    expect(decisions.map(({ visibleChange }) => visibleChange)).toEqual([false, false, true]);
  });

  test.each<[string, LookAnswer[], string, string | null, boolean]>([
    ["there", [{ kind: "there", webUrl: URL }], "ready", URL, true],
    ["there, without an address to open", [{ kind: "there", webUrl: null }], "ready", null, true],
    [
      "there at last",
      [{ kind: "notThere" }, { kind: "noAnswer" }, { kind: "there", webUrl: URL }],
      "ready",
      URL,
      true,
    ],
    ["forbidden", [{ kind: "forbidden" }], "unknown", null, false],
    [
      "forbidden at last",
      [{ kind: "notThere" }, { kind: "notThere" }, { kind: "forbidden" }],
      "unknown",
      null,
      false,
    ],
    [
      "never answered",
      [{ kind: "noAnswer" }, { kind: "noAnswer" }, { kind: "noAnswer" }],
      "unknown",
      null,
      false,
    ],
    [
      "throttled for ever",
      [
        { kind: "throttled", retryAfterMs: null },
        { kind: "throttled", retryAfterMs: 1 },
        { kind: "throttled", retryAfterMs: 1 },
      ],
      "unknown",
      null,
      false,
    ],
    [
      "not there, then no answer",
      [{ kind: "notThere" }, { kind: "notThere" }, { kind: "noAnswer" }],
      "unknown",
      null,
      false,
    ],
    [
      "no answer, then not there",
      [{ kind: "noAnswer" }, { kind: "noAnswer" }, { kind: "notThere" }],
      "unseen",
      null,
      true,
    ],
  ])("that find it %s", (_, answers, standing, webUrl, isShown) => {
    const last = lookAll(answers).at(-1);
    expect(last?.state.result).toEqual({ standing, webUrl, looks: answers.length });
    expect(last?.next).toEqual({ kind: "end" });
    expect(last?.visibleChange).toBe(isShown);
  });

  test("that are throttled ask for the tenant's pause, a day at most", () => {
    const pauseOf = (retryAfterMs: number | null): number | null =>
      decideLook(ENDED.state, { kind: "throttled", retryAfterMs }, LATE, LOOKING).pauseUntil;
    expect(pauseOf(90 * SECOND)).toBe(LATE + 90 * SECOND);
    expect(pauseOf(400 * DAY)).toBe(LATE + DAY);
    expect(pauseOf(null)).toBe(LATE + INTERVAL);
    expect(pauseOf(0)).toBeNull();
    expect(pauseOf(-5)).toBeNull();
  });

  test("that are throttled come again no sooner than the pause is over", () => {
    const { next, pauseUntil } = decideLook(
      ENDED.state,
      { kind: "throttled", retryAfterMs: HOUR },
      LATE,
      LOOKING,
    );
    expect(next.kind === "end" ? 0 : next.at).toBeGreaterThanOrEqual(pauseUntil ?? 0);
  });

  const aLook: fc.Arbitrary<LookAnswer> = fc.oneof(
    fc.record({ kind: fc.constant("there" as const), webUrl: fc.option(fc.constant(URL)) }),
    fc.record({ kind: fc.constantFrom("notThere" as const, "forbidden" as const, "noAnswer" as const) }),
    fc.record({
      kind: fc.constant("throttled" as const),
      retryAfterMs: fc.option(fc.integer({ min: -1, max: 2 * DAY })),
    }),
  );

  test("never change the outcome, nor what Graph said, and come to an end", () => {
    fc.assert(
      fc.property(fc.array(aLook, { minLength: 3, maxLength: 5 }), (answers) => {
        const decisions = lookAll(answers);
        expect(decisions.length).toBeLessThanOrEqual(3);
        expect(decisions.at(-1)?.next).toEqual({ kind: "end" });
        expect(decisions.filter(({ visibleChange }) => visibleChange).length).toBeLessThanOrEqual(1);
        for (const { state, lived } of decisions) {
          expect({ ...state, result: null, changedAt: 0 }).toEqual({
            ...ENDED.state,
            result: null,
            changedAt: 0,
          });
          expect(lived).toBeNull();
        }
      }),
    );
  });

  test("of a state without a result are the first look", () => {
    const { state } = decideLook(after(says("succeeded")), { kind: "notThere" }, LATE, LOOKING);
    expect(state.result).toEqual({ standing: "looking", looks: 1, webUrl: null });
  });
});

const someCircumstances = fc.record({
  intervalMs: fc.constantFrom(1_000, 1_500, INTERVAL),
  spread: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("team" as const, "chat" as const, "engagement" as const),
  usual: fc.constantFrom(
    new Map<string, Usual>(),
    new Map<string, Usual>([["team/createTeam", { count: 12, medianMs: MINUTE, p95Ms: 5 * MINUTE }]]),
    new Map<string, Usual>([["team/createTeam", { count: 12, medianMs: MINUTE, p95Ms: null }]]),
  ),
  looks: fc.boolean(),
});

/** A step with the state before it, and what was decided; `nextAt` is null after the end. */
type Told = Step & {
  readonly before: OperationState;
  readonly decision: Decision;
  readonly nextAt: number | null;
};

function tell(steps: readonly Step[], given: Circumstances): readonly Told[] {
  let before = FRESH;
  return steps.map(({ answer, at }) => {
    const decision = decide(before, answer, at, given);
    const one = { answer, at, before, decision, nextAt: nextOf(decision) };
    before = decision.state;
    return one;
  });
}

function nextOf({ next }: Decision): number | null {
  return next.kind === "end" ? null : next.at;
}

function holds(check: (steps: readonly Told[], given: Circumstances) => void): void {
  fc.assert(
    fc.property(someSteps, someCircumstances, (steps, given) => {
      check(tell(steps, given), given);
    }),
    { numRuns: 500 },
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

/** Attempts before phase, as one number that must not fall. */
function progressOf({ snapshot }: OperationState): number {
  return snapshot === null ? -1 : (snapshot.attempts ?? 0) * 10 + RANK[snapshot.phase];
}

/** What Graph must have said for such an end to be told, as often as that. */
function isTold(outcome: Outcome, answers: readonly Answer[]): boolean {
  const statuses = answers.flatMap((answer) =>
    answer.kind === "snapshot" ? [answer.snapshot.status.toLowerCase()] : [],
  );
  const codes = answers.flatMap((answer) => (answer.kind === "refused" ? [answer.httpStatus] : []));
  switch (outcome) {
    case "succeeded":
      return statuses.includes("succeeded") || statuses.includes("completed");
    case "failed":
    case "skipped":
      return statuses.includes(outcome);
    case "forbidden":
      return codes.includes(403);
    case "unavailable":
      return statuses.length > 0 && codes.filter((code) => code === 404 || code === 410).length >= 3;
    case "notFound":
      return statuses.length === 0 && codes.filter((code) => code === 404 || code === 410).length >= 20;
  }
}

/** A card without what moves at every miss: the request's id, the exact refusal. */
function lookOf(state: OperationState): object {
  const view = viewOf(ADDRESS, state, aWatch());
  return { ...view, trouble: view.trouble?.kind ?? null };
}

describe("whatever Graph answers, in whatever order", () => {
  test("the next check is never sooner than one interval, nor later than a day and one, in whole milliseconds", () => {
    holds((steps, { intervalMs }) => {
      for (const { nextAt, at } of steps.filter((step) => step.nextAt !== null)) {
        expect(nextAt).toBeGreaterThanOrEqual(at + intervalMs);
        expect(nextAt).toBeLessThanOrEqual(at + DAY + intervalMs);
        expect(Number.isInteger(nextAt)).toBe(true);
      }
    });
  });

  test("there is a next check exactly as long as there is no end", () => {
    holds((steps) => {
      for (const { nextAt, decision } of steps) {
        const isLookedAt = decision.next.kind === "look";
        const { outcome } = decision.state;
        expect(nextAt === null || isLookedAt).toBe(outcome !== null);
        expect(isLookedAt && outcome !== "succeeded").toBe(false);
      }
    });
  });

  test("no pause is over before the Retry-After that asked for it, and no check falls into it", () => {
    holds((steps) => {
      const open = steps.filter(({ before }) => before.outcome === null);
      for (const { answer, decision, at, nextAt } of open) {
        const asked = "retryAfterMs" in answer ? answer.retryAfterMs : null;
        const code = answer.kind === "refused" ? answer.httpStatus : 200;
        expect(decision.pauseUntil !== null).toBe(code === 429 || (code === 503 && asked !== null));
        expect(decision.pauseUntil ?? Infinity).toBeGreaterThanOrEqual(at + Math.min(asked ?? 0, DAY));
        expect(nextAt ?? Infinity).toBeGreaterThanOrEqual(decision.pauseUntil ?? 0);
      }
    });
  });

  test("no check is made before the Retry-After of any answer is over", () => {
    holds((steps) => {
      for (const { answer, at, nextAt } of steps) {
        const asked = "retryAfterMs" in answer ? answer.retryAfterMs : null;
        expect(nextAt ?? Infinity).toBeGreaterThanOrEqual(at + Math.min(asked ?? 0, DAY));
      }
    });
  });

  test("no end is told that Graph did not tell", () => {
    holds((steps) => {
      const answers = steps.map(({ answer }) => answer);
      const outcome = steps.at(-1)?.decision.state.outcome ?? null;
      expect(outcome === null || isTold(outcome, answers)).toBe(true);
    });
  });

  test("there is never a second end, and nothing changes after the first", () => {
    holds((steps) => {
      for (const { before, decision } of steps.filter((step) => step.before.outcome !== null)) {
        expect(decision.state).toBe(before);
        expect(decision.visibleChange).toBe(false);
      }
    });
  });

  test("what is shown never goes back: neither attempts, nor the phase within one attempt", () => {
    holds((steps) => {
      for (const { before, decision } of steps) {
        expect(progressOf(decision.state)).toBeGreaterThanOrEqual(progressOf(before));
      }
    });
  });

  test("a card stays as it is unless the decision says so", () => {
    holds((steps) => {
      for (const { before, decision } of steps.filter((step) => !step.decision.visibleChange)) {
        expect(lookOf(decision.state)).toEqual(lookOf(before));
      }
    });
  });

  test("a change is dated", () => {
    holds((steps) => {
      for (const { decision, at, before } of steps) {
        expect(decision.state.changedAt).toBe(decision.visibleChange ? at : before.changedAt);
      }
    });
  });

  test("the timeline stays short, in order, and begins where it began", () => {
    holds((steps) => {
      for (const { before, decision } of steps) {
        const { timeline } = decision.state;
        const at = timeline.map((entry) => entry.at);
        expect(timeline.length).toBeLessThanOrEqual(12);
        expect(at).toEqual(at.toSorted((a, b) => a - b));
        expect(timeline[0]).toBe(before.timeline[0] ?? timeline[0]);
      }
    });
  });

  test("the same answers give the same decisions, from a copy of what was known, too", () => {
    fc.assert(
      fc.property(someSteps, anAnswer, (steps, answer) => {
        const state = decisionsOf(steps).at(-1)?.state ?? FRESH;
        const at = START + 9 * DAY;
        expect(decide(structuredClone(state), answer, at, CALM)).toEqual(decide(state, answer, at, CALM));
        expect(decisionsOf(steps)).toEqual(decisionsOf(steps));
      }),
    );
  });

  test("what was known is not written to", () => {
    const frozen: OperationState = Object.freeze({
      ...RUNNING,
      snapshot: Object.freeze(aSnapshot("inProgress")),
      timeline: Object.freeze([...RUNNING.timeline]),
    });
    fc.assert(
      fc.property(anAnswer, (answer) => {
        expect(() => decide(frozen, Object.freeze(answer), EARLY, CALM)).not.toThrow();
      }),
    );
  });
});
