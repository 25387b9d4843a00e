import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { KINDS } from "../../src/core/kinds.ts";
import {
  readCheck,
  readLook,
  readMember,
  readUserId,
  refusal,
  type Reply,
  type ReplyItem,
} from "../../src/graph/read-answer.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const TRACE = { requestId: null, clientRequestId: "c-1" };

function item(status: number, body?: unknown, headers: Record<string, unknown> = {}): ReplyItem {
  return { kind: "item", status, headers, body, clientRequestId: "c-1" };
}

describe("a check", () => {
  test.each(KINDS.flatMap(({ name, statuses }) => statuses.map((status) => [name, status] as const)))(
    "of %s: %s is read",
    (kind, status) => {
      expect(readCheck(kind, item(200, { status }), NOW)).toMatchObject({
        kind: "snapshot",
        snapshot: { status },
        trace: TRACE,
        retryAfterMs: null,
      });
    },
  );

  test.each([200, 201, 202, 203, 206, 299])("%i is read by its body", (status) => {
    expect(readCheck("team", item(status, { status: "succeeded" }), NOW)).toMatchObject({
      kind: "snapshot",
      snapshot: { phase: "succeeded" },
    });
    expect(readCheck("team", item(status, ""), NOW)).toEqual({
      kind: "unreadable",
      httpStatus: status,
      trace: TRACE,
      retryAfterMs: null,
    });
  });

  test.each([
    0, 100, 199, 300, 302, 304, 400, 401, 403, 404, 409, 410, 418, 424, 429, 500, 502, 503, 504, 999,
  ])("%i is a refusal, whatever its body says of a status", (status) => {
    expect(readCheck("team", item(status, { status: "succeeded" }), NOW)).toEqual({
      kind: "refused",
      httpStatus: status,
      code: null,
      message: null,
      trace: TRACE,
      retryAfterMs: null,
    });
  });

  test("no reply is no answer; what is none stays what it is", () => {
    expect(readCheck("team", undefined, NOW)).toMatchObject({ kind: "noAnswer" });
    const noToken: Reply = { kind: "noToken", message: "x" };
    expect(readCheck("team", noToken, NOW)).toEqual(noToken);
    const noAnswer: Reply = { kind: "noAnswer", message: "x" };
    expect(readCheck("team", noAnswer, NOW)).toEqual(noAnswer);
  });

  test.each<[unknown, number | null]>([
    ["30", 30_000],
    [30, 30_000],
    [" 2.128 ", 2_128],
    ["0", 0],
    ["Sat, 21 Nov 2026 12:01:00 GMT", 60_000],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
    ["", null],
    ["soon", null],
    ["-5", null],
    [-5, null],
    [null, null],
    [["30"], null],
    [{}, null],
    [true, null],
    ["1e3", null],
    [Number.POSITIVE_INFINITY, null],
    ["1".padEnd(21, "0"), 1e23],
  ])("Retry-After %j is %j ms", (value, retryAfterMs) => {
    for (const status of [200, 202, 429, 503]) {
      const answer = readCheck("team", item(status, { status: "running" }, { "ReTRY-aFTER": value }), NOW);
      expect("retryAfterMs" in answer ? answer.retryAfterMs : "none").toBe(retryAfterMs);
    }
  });

  test("an error's text and ids are fit for the database", () => {
    const long = `\u0000${"x".repeat(5_000)}\ud800`;
    const body = { error: { code: long, message: long, innerError: { "request-id": long } } };
    const answer = readCheck("team", item(400, body, { "client-request-id": long }), NOW);
    const stored = JSON.stringify(answer);
    expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]/iu);
    expect(stored.length).toBeLessThan(3_000);
  });

  test("no reply at all makes it throw", () => {
    const anItem = fc.record({
      kind: fc.constant("item" as const),
      status: fc.oneof(fc.constantFrom(200, 202, 404, 429), fc.integer()),
      headers: fc.dictionary(
        fc.constantFrom("Retry-After", "request-id", "client-request-id", "__proto__"),
        fc.jsonValue(),
      ),
      body: fc.jsonValue(),
      clientRequestId: fc.option(fc.string()),
    });
    fc.assert(
      fc.property(
        anItem,
        fc.constantFrom(...KINDS.map(({ name }) => name), "other" as const),
        (reply, kind) => {
          expect(["snapshot", "unreadable", "refused"]).toContain(readCheck(kind, reply, NOW).kind);
          expect(["there", "notThere", "forbidden", "throttled", "noAnswer"]).toContain(
            readLook(reply, NOW).kind,
          );
          expect([true, false, null]).toContain(readMember(reply, "u"));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("a look", () => {
  test.each<[number, unknown, unknown]>([
    [
      200,
      { webUrl: "https://teams.microsoft.com/l/team/1" },
      { kind: "there", webUrl: "https://teams.microsoft.com/l/team/1" },
    ],
    [200, { id: "a" }, { kind: "there", webUrl: null }],
    [200, { webUrl: "https://evil.example/" }, { kind: "there", webUrl: null }],
    [200, { webUrl: "javascript:alert(1)" }, { kind: "there", webUrl: null }],
    [202, {}, { kind: "there", webUrl: null }],
    [200, undefined, { kind: "noAnswer" }],
    [200, "", { kind: "noAnswer" }],
    [200, [], { kind: "noAnswer" }],
    [204, null, { kind: "noAnswer" }],
    [404, {}, { kind: "notThere" }],
    [410, {}, { kind: "notThere" }],
    [401, {}, { kind: "forbidden" }],
    [403, {}, { kind: "forbidden" }],
    [429, {}, { kind: "throttled", retryAfterMs: null }],
    [302, {}, { kind: "noAnswer" }],
    [400, {}, { kind: "noAnswer" }],
    [500, {}, { kind: "noAnswer" }],
    [503, {}, { kind: "noAnswer" }],
    [0, {}, { kind: "noAnswer" }],
  ])("%i with %j", (status, body, answer) => {
    expect(readLook(item(status, body), NOW)).toEqual(answer);
  });

  test("that is throttled tells for how long", () => {
    expect(readLook(item(429, null, { "retry-after": "12" }), NOW)).toEqual({
      kind: "throttled",
      retryAfterMs: 12_000,
    });
  });

  test("without a reply is no answer", () => {
    expect(readLook(undefined, NOW)).toEqual({ kind: "noAnswer" });
    expect(readLook({ kind: "noToken", message: "x" }, NOW)).toEqual({ kind: "noAnswer" });
  });
});

describe("a list of members", () => {
  const ME = "8B081EF6-4792-4DEF-B2C9-C363A1BF41D5";
  test.each<[string, number, unknown, boolean | null]>([
    ["with the person", 200, { value: [{ userId: "x" }, { userId: ME.toLowerCase() }] }, true],
    ["without", 200, { value: [{ userId: "x" }] }, false],
    ["of nobody", 200, { value: [] }, false],
    [
      "without, but with more to come",
      200,
      { value: [{ userId: "x" }], "@odata.nextLink": "https://x" },
      null,
    ],
    [
      "with the person, and more to come",
      200,
      { value: [{ userId: ME }], "@odata.nextLink": "https://x" },
      true,
    ],
    ["with odd members", 200, { value: [null, 5, "x", [], { userId: null }, { id: ME }] }, false],
    ["that is none", 200, { value: {} }, null],
    ["that is not there", 200, {}, null],
    ["that is empty", 200, undefined, null],
    ["of a team that is not there", 404, {}, false],
    ["that is refused", 403, {}, null],
    ["that is throttled", 429, { value: [{ userId: ME }] }, null],
    ["that comes later", 202, { value: [{ userId: ME }] }, null],
  ])("%s", (_, status, body, isMember) => {
    expect(readMember(item(status, body), ME)).toBe(isMember);
  });

  test("without a reply says neither yes nor no", () => {
    expect(readMember(undefined, ME)).toBeNull();
    expect(readMember({ kind: "noAnswer", message: "x" }, ME)).toBeNull();
  });
});

test.each<[string, Reply | undefined, ReturnType<typeof readUserId>]>([
  ["a person", item(200, { id: "8B081EF6" }), { kind: "found", id: "8b081ef6" }],
  ["a person of no id", item(200, { id: null }), { kind: "unknown" }],
  ["a list", item(200, [{ id: "x" }]), { kind: "unavailable" }],
  ["a body that came later", item(202, { id: "x" }), { kind: "unavailable" }],
  ["nobody", item(404, { id: "x" }), { kind: "unknown" }],
  ["no token", { kind: "noToken", message: "x" }, { kind: "unavailable" }],
  ["nothing", undefined, { kind: "unavailable" }],
])("a person's id in %s", (_, reply, id) => {
  expect(readUserId(reply)).toEqual(id);
});

test("a refusal of the batch is one of each item, with its Retry-After and request-id", () => {
  const body = { error: { code: "C", message: "M" } };
  expect(readCheck("team", refusal(429, body, "17", "r-1"), NOW)).toEqual({
    kind: "refused",
    httpStatus: 429,
    code: "C",
    message: "M",
    trace: { requestId: "r-1", clientRequestId: null },
    retryAfterMs: 17_000,
  });
  expect(readCheck("team", refusal(500, null, null, null), NOW)).toMatchObject({
    retryAfterMs: null,
    trace: { requestId: null },
  });
});
