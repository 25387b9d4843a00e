/**
 * How other programs that wait for these operations are known to fail, and what happens here
 * instead: a test for each of their flaws.
 */
import { describe, expect, test } from "vitest";

import type { Answer } from "../../src/core/answer.ts";
import { viewOf } from "../../src/core/card-view.ts";
import { decide, decideLook } from "../../src/core/decide.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { newOperation, type OperationState } from "../../src/core/operation.ts";
import { targetOf } from "../../src/core/result.ts";
import { wantsPing } from "../../src/core/watch.ts";
import { createGraphClient } from "../../src/graph/graph-client.ts";
import { readCheck, type ReplyItem } from "../../src/graph/read-answer.ts";
import { NO_TOKEN } from "../../src/identity/token-source.ts";
import { tenantId } from "../../src/core/ids.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";
import {
  ADDRESS,
  CALM,
  DAY,
  HOUR,
  INTERVAL,
  MINUTE,
  START,
  aWatch,
  after,
  refuses,
  says,
  times,
  UNREADABLE,
} from "./samples.ts";

const FRESH = newOperation(START);
const RUNNING = after(says("inProgress"));
const LATE = START + HOUR;

function read(body: unknown, status = 200): Answer {
  const item: ReplyItem = { kind: "item", status, headers: {}, body, clientRequestId: null };
  return readCheck("team", item, START);
}

/** The time of the next check; null at an end. */
function nextAt(state: OperationState, answer: Answer, at: number): number | null {
  const { next } = decide(state, answer, at, CALM);
  return next.kind === "end" ? null : next.at;
}

describe("CLI for Microsoft 365, team add --wait", () => {
  test("polls a `failed` with a null error for ever: here it is the end", () => {
    const decision = decide(RUNNING, read({ status: "failed", error: null }), LATE, CALM);
    expect(decision.state.outcome).toBe("failed");
    expect(decision.next).toEqual({ kind: "end" });
  });

  test("takes an error beside a status that is no end for one: here only the status counts", () => {
    const body = { status: "inProgress", error: { code: "Conflict", message: "Retrying." } };
    expect(decide(RUNNING, read(body), LATE, CALM).state.outcome).toBeNull();
  });

  test("has no maximum and loses all at Ctrl-C: here all that is known is plain data", () => {
    const state = after(says("notStarted"), says("inProgress"), refuses(500));
    const copy: unknown = JSON.parse(JSON.stringify(state));
    expect(copy).toEqual(state);
    expect(structuredClone(state)).toEqual(state);
  });

  test("stops at the first refusal of a check: here a miss is a miss", () => {
    for (const status of [400, 401, 404, 409, 429, 500, 502, 503, 504]) {
      expect(decide(RUNNING, refuses(status), LATE, CALM).state.outcome).toBeNull();
    }
  });

  test("uses the target of the first answer: here it is the last one's", () => {
    const first = decide(
      FRESH,
      says("notStarted", { targetId: null, targetLocation: null }),
      START + 1,
      CALM,
    ).state;
    const last = decide(
      first,
      says("succeeded", { targetId: "late", targetLocation: "/teams('late')" }),
      LATE,
      CALM,
    );
    expect(last.state.snapshot).toMatchObject({ targetId: "late", targetLocation: "/teams('late')" });
    expect(viewOf(ADDRESS, last.state, aWatch())).toMatchObject({ targetId: "late" });
  });

  test("needs a target: here there may be none", () => {
    const body = { status: "succeeded", targetResourceId: null, targetResourceLocation: null };
    const decision = decide(RUNNING, read(body), LATE, { ...CALM, looks: true });
    expect(decision.state).toMatchObject({ outcome: "succeeded", result: null });
  });

  test("puts /v1.0 before any location: here an absolute one, and beta's, are as good", () => {
    const path = "/teams('a')/operations('b')";
    for (const [location, version] of [
      [path, "v1.0"],
      [`https://graph.microsoft.com/v1.0${path}`, "v1.0"],
      [`https://graph.microsoft.com/beta${path}`, "beta"],
    ]) {
      expect(findAddresses(`Location: ${location}`, GLOBAL_GRAPH).addresses).toMatchObject([
        { version, path },
      ]);
    }
  });

  test("retries every error of the look at the group for ever: here three looks are all", () => {
    const { state } = decide(RUNNING, says("succeeded"), LATE, { ...CALM, looks: true });
    let looked = decideLook(state, { kind: "noAnswer" }, LATE, CALM);
    let looks = 1;
    while (looked.next.kind !== "end") {
      looked = decideLook(looked.state, { kind: "noAnswer" }, LATE, CALM);
      looks += 1;
    }
    expect(looks).toBe(3);
    expect(looked.state.outcome).toBe("succeeded");
  });

  test("cuts Retry-After to whole seconds, or takes ten: here it is kept as it is", () => {
    const item: ReplyItem = {
      kind: "item",
      status: 429,
      headers: { "Retry-After": "40.5" },
      body: null,
      clientRequestId: null,
    };
    const answer = readCheck("team", item, START);
    expect(answer).toMatchObject({ retryAfterMs: 40_500 });
    expect(decide(RUNNING, answer, LATE, CALM).pauseUntil).toBe(LATE + 40_500);
  });
});

test("CLI for Microsoft 365, team clone and archive: the operation is dropped with its header. Here their header is all it takes", () => {
  const response =
    "HTTP/1.1 202 Accepted\r\nLocation: /teams('a')/operations('b')\r\nContent-Length: 0\r\n\r\n";
  expect(findAddresses(response, GLOBAL_GRAPH).addresses.map(({ key }) => key)).toEqual(["team/a/b"]);
});

describe("CLI for Microsoft 365, engage community add --wait", () => {
  test("loops for ever on `skipped`: here it is an end", () => {
    const decision = decide(RUNNING, says("skipped"), LATE, { ...CALM, kind: "engagement" });
    expect(decision.state.outcome).toBe("skipped");
    expect(decision.next).toEqual({ kind: "end" });
  });

  test("takes a status that it does not know for the end: here it never is", () => {
    for (const status of ["invalid", "unknownFutureValue", "pondering", "Success", "done"]) {
      const decision = decide(RUNNING, says(status, { attempts: 2 }), LATE, CALM);
      expect(decision.state.outcome).toBeNull();
      expect(decision.next.kind).toBe("check");
      expect(decision.state.snapshot?.phase).toBe("unrecognised");
    }
  });
});

describe("PnP PowerShell", () => {
  test("says that a community has failed after five tries: here what runs is running, for days", () => {
    let state = FRESH;
    for (let at = START + INTERVAL; at < START + 6 * DAY;) {
      const decision = decide(state, says("running"), at, CALM);
      ({ state } = decision);
      at = decision.next.kind === "end" ? Infinity : decision.next.at;
    }
    expect(state.outcome).toBeNull();
    expect(viewOf(ADDRESS, state, aWatch()).standing).toBe("running");
  });

  test("waits on after a `failed`: here nothing is asked again", () => {
    expect(nextAt(RUNNING, says("failed"), LATE)).toBeNull();
  });

  test("says that a team is archived at the 202: here an HTTP code is no end", () => {
    for (const status of [200, 202, 204]) {
      for (const body of [undefined, "", {}, { id: "x" }]) {
        expect(decide(RUNNING, read(body, status), LATE, CALM).state.outcome).toBeNull();
      }
    }
    expect(decide(FRESH, UNREADABLE, LATE, CALM).state.outcome).toBeNull();
  });

  test("polls a failed schema for ever: here `failed` is the end for every kind", () => {
    for (const kind of ["team", "chat", "engagement", "site", "connection", "other"] as const) {
      expect(decide(RUNNING, says("failed"), LATE, { ...CALM, kind }).state.outcome).toBe("failed");
    }
  });
});

describe("PnP Core", () => {
  test("takes `invalid` for success: here it is no end", () => {
    expect(decide(RUNNING, read({ status: "invalid" }), LATE, CALM).state.outcome).toBeNull();
  });

  test("loops without a wait on a `failed` without an error: here it is the end", () => {
    const decision = decide(RUNNING, read({ status: "failed" }), LATE, CALM);
    expect(decision.state).toMatchObject({ outcome: "failed", snapshot: { error: null } });
    expect(decision.next).toEqual({ kind: "end" });
  });

  test.each<[string, Answer]>([
    ["an empty body", read("")],
    ["no status", read({})],
    ["a null status", read({ status: null })],
    ["a status that nobody knows", read({ status: "x" })],
    ["a refusal", refuses(400)],
    ["a pause of no time", refuses(429, 0)],
    ["a pause in the past", refuses(429, -5_000)],
  ])("loops without a wait on %s: here the next check is an interval away at least", (_, answer) => {
    for (const [state, at] of [
      [FRESH, START],
      [RUNNING, LATE],
      [after(...times(9, answer)), LATE],
    ] as const) {
      expect(nextAt(state, answer, at)).toBeGreaterThanOrEqual(at + INTERVAL);
    }
  });

  test("gives up after fifty polls: here a clone of four hours is waited for", () => {
    let state = FRESH;
    let at = START + INTERVAL;
    let checks = 0;
    while (at < START + 4 * HOUR) {
      const decision = decide(state, says("inProgress"), at, CALM);
      ({ state } = decision);
      at = decision.next.kind === "end" ? Infinity : decision.next.at;
      checks += 1;
    }
    expect(decide(state, says("succeeded"), at, CALM).state.outcome).toBe("succeeded");
    expect(checks).toBeGreaterThan(50);
  });
});

test("office365-rest-python-client gives up after three minutes: here there is no end but Graph's", () => {
  let state = FRESH;
  for (let at = START; at < START + DAY; at += 5 * MINUTE) {
    ({ state } = decide(state, says("notStarted"), at, CALM));
  }
  expect(state.outcome).toBeNull();
});

test("Provision Assist spins an hour on `failed`: here the person is told at once", () => {
  const { state } = decide(RUNNING, says("failed"), START + MINUTE, CALM);
  const watch = aWatch({ closed: { reason: "ended", at: START + MINUTE } });
  expect(wantsPing(watch, state)).toBe(true);
});

test("Azure's core-lro takes any 200 for success, and a 202 for running: here only the body counts", () => {
  expect(decide(RUNNING, read({ status: "inProgress" }, 200), LATE, CALM).state.outcome).toBeNull();
  expect(decide(RUNNING, read({ status: "succeeded" }, 202), LATE, CALM).state.outcome).toBe("succeeded");
});

test("most read one header only: here each of the three is as good, and its name decides nothing", () => {
  for (const name of ["Location", "Operation-Location", "Content-Location"]) {
    const { addresses } = findAddresses(`${name}: /teams/a/operations/b`, GLOBAL_GRAPH);
    expect(addresses.map(({ key }) => key)).toEqual(["team/a/b"]);
    expect(findAddresses(`${name}: /teams('a')`, GLOBAL_GRAPH).nearMisses).toMatchObject([
      { problem: "target" },
    ]);
  }
});

test("most take `succeeded` for a result that is there: here the look is another thing, and bounded", () => {
  const { state, next } = decide(RUNNING, says("succeeded"), LATE, { ...CALM, looks: true });
  expect(viewOf(ADDRESS, state, aWatch()).standing).toBe("succeeded");
  expect(next.kind).toBe("look");
  expect(targetOf(state.snapshot?.targetLocation ?? "", GLOBAL_GRAPH, "v1.0")).not.toBeNull();
});

test("a first 404, 400 or 502 ends the waiting of many: here it means not there yet", () => {
  for (const status of [400, 404, 502]) {
    const state = after(refuses(status), refuses(status));
    expect(state.outcome).toBeNull();
    expect(decide(state, says("inProgress"), LATE, CALM).state).toMatchObject({
      trouble: null,
      outcome: null,
    });
  }
});

test("none asks for the members of an enumeration that Graph hides: here each request does", async () => {
  const preferred: unknown[] = [];
  const client = createGraphClient({
    origin: "https://graph.microsoft.com",
    tokens: NO_TOKEN,
    fetch: (_, init) => {
      const body = typeof init?.body === "string" ? init.body : "";
      preferred.push(...Array.from(body.matchAll(/"Prefer":"([^"]+)"/gu), ([, prefer]) => prefer));
      return Promise.resolve(Response.json({ responses: [] }));
    },
    now: () => START,
  });
  await client.check(tenantId("t"), "v1.0", [ADDRESS, ADDRESS], START + MINUTE);
  expect(preferred).toEqual(["include-unknown-enum-members", "include-unknown-enum-members"]);
  const answer = read({ status: "inProgress", operationType: "unknownFutureValue" });
  expect(decide(FRESH, answer, LATE, CALM).state.outcome).toBeNull();
});
