import { describe, expect, test } from "vitest";

import { viewOf, type Standing } from "../../src/core/card-view.ts";
import { decide, decideLook } from "../../src/core/decide.ts";
import {
  newOperation,
  shownTrouble,
  type OperationState,
  type TroubleKind,
} from "../../src/core/operation.ts";
import type { CloseReason } from "../../src/core/watch.ts";
import {
  ADDRESS,
  CALM,
  HOUR,
  INTERVAL,
  MINUTE,
  NO_ANSWER,
  NO_TOKEN,
  START,
  TRACE,
  UNREADABLE,
  aSnapshot,
  aWatch,
  after,
  refuses,
  says,
  times,
} from "./samples.ts";

const FRESH = newOperation(START);
const closed = (reason: CloseReason, at = START + MINUTE) => aWatch({ closed: { reason, at } });

describe("how it stands", () => {
  test.each<[string, OperationState, Standing]>([
    ["nothing answered", FRESH, "asking"],
    ["no answer", after(NO_ANSWER), "asking"],
    ["a refusal", after(refuses(500)), "asking"],
    ["404", after(refuses(404)), "notYetFound"],
    ["410", after(refuses(410)), "notYetFound"],
    ["404 after a good answer", after(says("inProgress"), refuses(404)), "running"],
    ["notStarted", after(says("notStarted")), "waiting"],
    ["inProgress", after(says("inProgress")), "running"],
    ["a made-up status", after(says("pondering")), "unrecognised"],
    ["invalid", after(says("invalid")), "unrecognised"],
    ["succeeded", after(says("succeeded")), "succeeded"],
    ["failed", after(says("failed")), "failed"],
    ["skipped", after(says("skipped")), "skipped"],
    ["403", after(refuses(403)), "forbidden"],
    [
      "404 three times after a good answer",
      after(says("inProgress"), ...times(3, refuses(404))),
      "unavailable",
    ],
    ["404 twenty times", after(...times(20, refuses(404))), "notFound"],
  ])("%s: %s", (_, state, standing) => {
    expect(viewOf(ADDRESS, state, aWatch()).standing).toBe(standing);
  });

  test.each<[CloseReason, Standing]>([
    ["stopped", "stopped"],
    ["expired", "expired"],
    ["removed", "stopped"],
    ["cardLost", "stopped"],
  ])("a watch that is %s before the end: %s", (reason, standing) => {
    const view = viewOf(ADDRESS, after(says("inProgress")), closed(reason));
    expect(view).toMatchObject({ standing, isLive: false, status: "inProgress" });
  });

  test.each<CloseReason>(["ended", "stopped", "expired"])("an end goes before %s", (reason) => {
    expect(viewOf(ADDRESS, after(says("failed")), closed(reason)).standing).toBe("failed");
  });
});

test("a view holds what Graph said", () => {
  const error = { code: "TeamUnavailable", message: "The team was not found." };
  const state = after(says("notStarted"), says("failed", { error, attempts: 2, detail: "more" }));
  expect(viewOf(ADDRESS, state, closed("ended"))).toEqual({
    standing: "failed",
    kind: "team",
    operationType: "createTeam",
    status: "failed",
    attempts: 2,
    startedAt: START - MINUTE,
    trackedAt: START,
    changedAt: START + 2 * INTERVAL,
    requester: "Alex Wilber",
    title: null,
    link: null,
    targetId: aSnapshot("failed").targetId,
    targetLocation: aSnapshot("failed").targetLocation,
    error,
    detail: "more",
    operation: ADDRESS.operation,
    address: `/v1.0${ADDRESS.path}`,
    trouble: null,
    timeline: state.timeline,
    percent: null,
    steps: [],
    usual: null,
    isSlow: false,
    webUrl: null,
    isUnseen: false,
    evidence: { ...TRACE, at: START + 2 * INTERVAL },
    isLive: false,
  });
});

test("before an answer it holds what is known without one", () => {
  expect(viewOf(ADDRESS, FRESH, aWatch())).toMatchObject({
    operationType: null,
    status: null,
    attempts: null,
    startedAt: null,
    trackedAt: START,
    changedAt: START,
    targetId: null,
    targetLocation: null,
    error: null,
    detail: null,
    trouble: null,
    timeline: [],
    percent: null,
    steps: [],
    usual: null,
    evidence: null,
    isLive: true,
  });
});

describe("after the end", () => {
  const LOOKING = { ...CALM, looks: true };
  const ended = decide(after(says("inProgress")), says("succeeded"), START + HOUR, LOOKING).state;
  const WEB = "https://teams.microsoft.com/l/team/1";

  test("a result that is looked for is not spoken of", () => {
    expect(viewOf(ADDRESS, ended, closed("ended"))).toMatchObject({
      standing: "succeeded",
      isUnseen: false,
      webUrl: null,
    });
  });

  test("a result that was seen is ready, and can be opened", () => {
    const { state } = decideLook(ended, { kind: "there", webUrl: WEB }, START + HOUR, LOOKING);
    expect(viewOf(ADDRESS, state, closed("ended"))).toMatchObject({
      standing: "ready",
      isUnseen: false,
      webUrl: WEB,
    });
  });

  test("a result that was not seen has succeeded all the same", () => {
    const state = times(3, NO_ANSWER).reduce<OperationState>(
      (before) => decideLook(before, { kind: "notThere" }, START + HOUR, LOOKING).state,
      ended,
    );
    expect(viewOf(ADDRESS, state, closed("ended"))).toMatchObject({ standing: "succeeded", isUnseen: true });
  });

  test("a result that may not be looked at is not spoken of", () => {
    const { state } = decideLook(ended, { kind: "forbidden" }, START + HOUR, LOOKING);
    expect(viewOf(ADDRESS, state, closed("ended"))).toMatchObject({ standing: "succeeded", isUnseen: false });
  });

  test("an id that was none is not here", () => {
    const state = decide(newOperation(START, true), refuses(404), START, CALM).state;
    expect(viewOf(ADDRESS, state, closed("ended")).standing).toBe("notHere");
    expect(viewOf(ADDRESS, after(...times(20, refuses(404))), closed("ended")).standing).toBe("notFound");
  });
});

test("closing a watch is a change", () => {
  expect(viewOf(ADDRESS, FRESH, closed("stopped")).changedAt).toBe(START + MINUTE);
  const later = { ...FRESH, changedAt: START + 2 * MINUTE };
  expect(viewOf(ADDRESS, later, closed("stopped")).changedAt).toBe(START + 2 * MINUTE);
});

describe("the trouble that a card tells of", () => {
  const running = says("inProgress");
  test.each<[string, OperationState, TroubleKind | null]>([
    ["one timeout", after(running, NO_ANSWER), null],
    ["two timeouts", after(running, NO_ANSWER, NO_ANSWER), null],
    ["three timeouts", after(running, ...times(3, NO_ANSWER)), "noAnswer"],
    ["three unreadable answers", after(running, ...times(3, UNREADABLE)), "unreadable"],
    ["three 500s", after(running, ...times(3, refuses(500))), "unavailable"],
    ["three 400s", after(running, ...times(3, refuses(400))), "refused"],
    ["one 401", after(running, refuses(401)), null],
    ["two 401s", after(running, refuses(401), refuses(401)), "unauthorized"],
    ["one lack of a token", after(running, NO_TOKEN), null],
    ["two lacks of a token", after(running, NO_TOKEN, NO_TOKEN), "noToken"],
    ["a 404 at first", after(refuses(404)), "notFound"],
    ["two 404s after a good answer", after(running, refuses(404), refuses(404)), null],
    ["a short pause", after(running, refuses(429, MINUTE)), null],
    ["a long pause", after(running, refuses(429, 5 * MINUTE)), "throttled"],
    ["no trouble", after(running), null],
    ["a trouble that is over", after(running, ...times(3, NO_ANSWER), running), null],
  ])("%s: %s", (_, state, kind) => {
    expect(shownTrouble(state)?.kind ?? null).toBe(kind);
    expect(viewOf(ADDRESS, state, aWatch()).trouble?.kind ?? null).toBe(kind);
  });

  test("a pause of no known end is a short one", () => {
    const { trouble } = after(running, refuses(429, 5 * MINUTE));
    if (trouble === null) throw new Error("There is no trouble");
    expect(shownTrouble({ ...FRESH, trouble: { ...trouble, until: null } })).toBeNull();
  });

  test("at an end that is not Graph's own, the last refusal is the reason", () => {
    const state = after(refuses(403));
    expect(shownTrouble(state)).toBeNull();
    expect(viewOf(ADDRESS, state, closed("ended")).trouble).toMatchObject({
      httpStatus: 403,
      code: "Code403",
    });
  });
});
