import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ApiRequest } from "../../src/api/api.ts";
import { conversationId } from "../../src/core/ids.ts";
import { printInstant } from "../../src/core/instants.ts";
import type { ApiAnswer } from "../../src/api/problem.ts";
import { Problem, Watch, WatchList } from "../../src/api/schemas.ts";
import { within } from "../sandbox/a-sandbox.ts";
import {
  aConversation,
  anAddress,
  ended,
  HOUR,
  MINUTE,
  OTHER_TENANT,
  T0,
  TENANT,
} from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";
import { aWatchId } from "./an-api-watch.ts";
import { aCaller, anApi, CHAT, LOCATION, type ApiBench } from "./an-api.ts";

const OTHER = aConversation("other");
const GOOD = { operation: LOCATION, to: { conversation: CHAT.id } };

let shared: SharedDatabase;
let bench: ApiBench;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
beforeEach(async () => {
  bench = await anApi(await shared.emptied());
  await bench.rows.store.rememberConversation(CHAT, T0);
});

function typeOf(answer: ApiAnswer): string {
  return String(within(answer.body, "type")).replace("urn:opwatch:problem:", "");
}

function fieldsOf(answer: ApiAnswer): readonly unknown[] {
  const errors = within(answer.body, "errors");
  return Array.isArray(errors) ? errors.map((error: unknown) => within(error, "field")) : [];
}

/** A problem by RFC 9457, with nothing left behind. */
async function expectProblem(
  ask: () => Promise<ApiAnswer>,
  status: number,
  type: string,
  field?: string,
): Promise<ApiAnswer> {
  const before = await bench.traces();
  const answer = await ask();
  expect({ status: answer.status, type: typeOf(answer) }).toEqual({ status, type });
  expect(Problem.parse(answer.body).status).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(fieldsOf(answer)).toEqual(field === undefined ? fieldsOf(answer) : [field]);
  expect(await bench.traces()).toEqual(before);
  return answer;
}

describe("POST", () => {
  test("a watch is made, and told in Graph's shape", async () => {
    const answer = await bench.post({
      ...GOOD,
      title: " Team for Aurora ",
      link: "https://ci.contoso.com/runs/42",
      requester: "alex@contoso.com",
      notify: "always",
      callbackUrl: "https://hooks.contoso.com/opwatch",
    });
    const id = within(answer.body, "id");
    expect(answer).toMatchObject({ status: 202, headers: { location: `/api/watches/${String(id)}` } });
    expect(Watch.strict().parse(answer.body)).toMatchObject({
      status: "notStarted",
      graphStatus: null,
      isFinal: false,
      operationType: null,
      createdDateTime: printInstant(T0),
      attemptsCount: null,
      targetResourceId: null,
      error: null,
      title: "Team for Aurora",
      link: "https://ci.contoso.com/runs/42",
      requester: "alex@contoso.com",
      notify: "always",
      closeReason: null,
      closedDateTime: null,
      card: { conversation: CHAT.id, conversationType: "groupChat", activityId: null, state: "pending" },
      callback: { url: "https://hooks.contoso.com/…", on: "end", state: "waiting", attempts: 0 },
    });
    expect(await bench.traces()).toMatchObject({ operations: 1, watches: 1, requests: 0, jobs: 2 });
    expect(bench.events).toContainEqual(
      expect.objectContaining({ event: "api", method: "POST", status: 202, caller: "ci" }),
    );
  });

  test("operation and to are enough; the rest has defaults", async () => {
    const answer = await bench.post(GOOD);
    expect(answer.body).toMatchObject({
      notify: "auto",
      requester: "Contoso CI",
      title: null,
      link: null,
      callback: null,
    });
  });

  test.each([
    ["a header", `HTTP/1.1 202 Accepted\r\nLocation: ${LOCATION}\r\n\r\n`],
    ["a whole address", `https://graph.microsoft.com/v1.0${LOCATION}`],
    ["spaces around", `  ${LOCATION}\n`],
  ])("%s is an operation", async (_what, operation) => {
    expect(await bench.post({ ...GOOD, operation })).toMatchObject({ status: 202 });
  });

  test("an operation that has ended already is told as that, in the answer and afterwards the same", async () => {
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.rows.save(ended(await bench.rows.mustClaim(watch.operationId, T0), T0), T0);
    const made = await bench.post({ ...GOOD, callbackUrl: "https://hooks.contoso.com/" });
    const id = String(within(made.body, "id"));
    expect(id).not.toBe(watch.id);
    expect(made).toMatchObject({
      status: 202,
      body: { status: "succeeded", isFinal: true, callback: { state: "pending" } },
    });
    expect((await bench.request({ route: "one", id })).body).toEqual(made.body);
  });

  test("a person who took the app away and has it again is written to, although Teams said nothing of it", async () => {
    const userId = "2804bc07-1e1f-4938-9085-ce6d756a32d2";
    const chat = { ...CHAT, id: conversationId(`a:${userId}`), kind: "personal", userId } as const;
    await bench.rows.store.rememberConversation(chat, T0);
    await bench.rows.store.forgetConversation(chat, T0);
    expect(await bench.post({ ...GOOD, to: { user: userId } })).toMatchObject({
      status: 202,
      body: { card: { conversation: chat.id } },
    });
    expect(bench.people.asked).toEqual([`chat with ${userId}`]);
  });

  test("the bot is removed while the request is under way", async () => {
    bench.changes = {
      track: async (...given) => {
        await bench.rows.store.forgetConversation(CHAT, T0);
        return bench.rows.store.track(...given);
      },
    };
    await expectProblem(() => bench.post(GOOD), 409, "bot-removed", "/to");
  });

  test("an operation that is watched there already keeps its card", async () => {
    const first = await bench.post(GOOD);
    const second = await bench.post({ ...GOOD, title: "T" });
    expect(within(second.body, "id")).toBe(within(first.body, "id"));
    expect(second).toMatchObject({ status: 202, body: { title: "T" } });
    expect(await bench.traces()).toMatchObject({ operations: 1, watches: 1 });
  });

  test("what is made in two places is two watches of one operation", async () => {
    await bench.rows.store.rememberConversation(OTHER, T0);
    await bench.post(GOOD);
    await bench.post({ ...GOOD, to: { conversation: OTHER.id } });
    expect(await bench.traces()).toMatchObject({ operations: 1, watches: 2 });
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "text"],
    ["a number", 5],
    ["a list", [GOOD]],
  ])("a body that is no object: %s", async (_what, body) => {
    const answer = await expectProblem(() => bench.post(body), 400, "invalid-request");
    // The pointer to the whole document is empty: https://www.rfc-editor.org/rfc/rfc6901
    expect(fieldsOf(answer)).toEqual([""]);
  });

  test.each<[field: string, ...values: readonly unknown[]]>([
    ["/operation", undefined, null, 5, "", [], {}, "x".repeat(102_401)],
    ["/to", undefined, null, 5, "chat", [], {}, { alias: "a", user: "b" }, { team: "t" }, { channel: "c" }],
    ["/thread", null, 5, "", "abc", "12a", "1".repeat(22), "1 ", "-1", {}],
    ["/requester", null, 5, "", " ", {}, "x".repeat(501)],
    ["/notify", null, 5, "", "sometimes", "Always", []],
    ["/title", null, 5, "", "  ", [], "x".repeat(201)],
    [
      "/link",
      null,
      5,
      "",
      "ci",
      "http://ci.contoso.com/",
      "javascript:alert(1)",
      `https://a/${"x".repeat(2_000)}`,
    ],
    ["/callbackUrl", null, 5, "", "hooks", `https://hooks.contoso.com/${"x".repeat(2_000)}`],
    ["/callbackOn", null, 5, "", "always"],
  ])("%s of a wrong shape is told by its name", async (field, ...values) => {
    for (const value of values) {
      const body = { ...GOOD, [field.slice(1)]: value };
      const answer = await expectProblem(() => bench.post(body), 400, "invalid-request");
      expect({ value, fields: new Set(fieldsOf(answer)) }).toEqual({ value, fields: new Set([field]) });
    }
  });

  test.each(["conversation", "link", "user", "alias", "team", "channel"])(
    "each of the fields of to has a shape: %s",
    async (name) => {
      const partner = name === "team" ? { channel: "c" } : name === "channel" ? { team: "t" } : {};
      for (const value of [null, 5, "", "   ", [], "x".repeat(2_001)]) {
        const body = { ...GOOD, to: { ...partner, [name]: value } };
        const answer = await expectProblem(() => bench.post(body), 400, "invalid-request");
        expect(fieldsOf(answer)).toContain(`/to/${name}`);
        expect(fieldsOf(answer).every((field) => String(field).startsWith("/to"))).toBe(true);
      }
    },
  );

  test("unknown fields are told, with their place, and their names are escaped", async () => {
    const body = { ...GOOD, too: 1, "a/b~c": 2, to: { conversation: CHAT.id, chanel: "c" } };
    const answer = await expectProblem(() => bench.post(body), 400, "invalid-request");
    expect(new Set(fieldsOf(answer))).toEqual(new Set(["/a~1b~0c", "/to/chanel", "/too"]));
    expect(JSON.stringify(answer.body)).toContain("There is no such field.");
  });

  test("a body with very many faults does not make a very long answer", async () => {
    const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`${"x".repeat(40)}${n}`, 1]));
    const answer = await expectProblem(() => bench.post(body), 400, "invalid-request");
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000);
  });

  test.each([
    ["nothing of the kind", "hello", /Location header/u],
    ["a resource", "/teams('team-1')", /resource/u],
    ["a placeholder", "/teams/{id}/operations/{op}", /placeholder/u],
    ["another host", "https://evil.example/v1.0/teams('t')/operations('o')", /Graph/u],
    ["another cloud", "https://graph.microsoft.us/v1.0/teams('t')/operations('o')", /cloud/u],
  ])("an operation that is none: %s", async (_what, operation, detail) => {
    const answer = await expectProblem(
      () => bench.post({ ...GOOD, operation }),
      422,
      "no-operation",
      "/operation",
    );
    expect(within(answer.body, "detail")).toMatch(detail);
  });

  test("several operations in one request", async () => {
    const operation = `${LOCATION}\n/teams('team-2')/operations('op-2')`;
    const answer = await expectProblem(
      () => bench.post({ ...GOOD, operation }),
      422,
      "many-operations",
      "/operation",
    );
    expect(within(answer.body, "detail")).toContain("2 operations");
  });

  test.each([
    [{ conversation: "19:nowhere@thread.v2" }, "unknown-conversation", "/to/conversation"],
    [{ team: "t", channel: "c" }, "unknown-team", "/to"],
    [{ alias: "nobody" }, "unknown-alias", "/to/alias"],
    [{ user: "nobody@contoso.com" }, "unknown-user", "/to/user"],
    [{ link: "https://teams.microsoft.com/l/chat/0/0" }, "not-a-channel-link", "/to/link"],
  ])("a destination that is none: %j", async (to, type, field) => {
    await expectProblem(() => bench.post({ ...GOOD, to }), 422, type, field);
  });

  test("a conversation of another tenant is as unknown as one that is not there", async () => {
    const foreign = aConversation("foreign", OTHER_TENANT);
    await bench.rows.store.rememberConversation(foreign, T0);
    const theirs = await expectProblem(
      () => bench.post({ ...GOOD, to: { conversation: foreign.id } }),
      422,
      "unknown-conversation",
    );
    const none = await bench.post({ ...GOOD, to: { conversation: "19:nowhere@thread.v2" } });
    expect(theirs).toEqual(none);
  });

  test("the bot was removed", async () => {
    await bench.rows.store.forgetConversation(CHAT, T0);
    await expectProblem(() => bench.post(GOOD), 409, "bot-removed", "/to");
  });

  test("a person without the app, and Teams in trouble", async () => {
    const to = { user: "2804bc07-1e1f-4938-9085-ce6d756a32d2" };
    bench.people.openChat = () => Promise.resolve({ kind: "notInstalled" });
    await expectProblem(() => bench.post({ ...GOOD, to }), 409, "not-installed", "/to/user");
    bench.people.openChat = () => Promise.resolve({ kind: "unavailable", reason: "throttled" });
    const answer = await expectProblem(() => bench.post({ ...GOOD, to }), 503, "teams-unavailable", "/to");
    expect(answer.headers["retry-after"]).toBe("30");
  });

  test("a thread outside a channel, a requester whom nobody knows", async () => {
    await expectProblem(
      () => bench.post({ ...GOOD, thread: "17" }),
      422,
      "thread-outside-channel",
      "/thread",
    );
    bench.people.find = () => Promise.resolve(null);
    const body = { ...GOOD, requester: "nobody@contoso.com" };
    await expectProblem(() => bench.post(body), 422, "unknown-requester", "/requester");
  });

  test("an operation that belongs elsewhere, where that counts", async () => {
    bench.settings = { ...bench.settings, access: "conversation" };
    await expectProblem(() => bench.post(GOOD), 403, "not-allowed-here");
    bench.settings = { ...bench.settings, access: "members" };
    expect(await bench.post(GOOD)).toMatchObject({ status: 202 });
  });

  test.each([
    ["https://elsewhere.example/", /CALLBACK_HOSTS/u],
    ["http://hooks.contoso.com/", /https/u],
    ["https://user:pw@hooks.contoso.com/", /no address/u],
  ])("events may not go to %s", async (callbackUrl, detail) => {
    const body = { ...GOOD, callbackUrl };
    const answer = await expectProblem(() => bench.post(body), 422, "callback-not-allowed", "/callbackUrl");
    expect(within(answer.body, "detail")).toMatch(detail);
  });
});

describe("Idempotency-Key", () => {
  test("the same key gives the same watch, for a week", async () => {
    const first = await bench.post(GOOD, "run-42");
    const again = await bench.post({ to: GOOD.to, operation: GOOD.operation }, "run-42");
    expect(again).toEqual(first);
    bench.now = () => T0 + 7 * 24 * HOUR - 1;
    expect(within((await bench.post(GOOD, "run-42")).body, "id")).toBe(within(first.body, "id"));
    expect(await bench.traces()).toMatchObject({ watches: 1, requests: 1 });
  });

  test("it does so when the watch is over, which without a key would be a new one", async () => {
    const first = await bench.post(GOOD, "run-42");
    const id = String(within(first.body, "id"));
    await bench.request({ method: "DELETE", route: "one", id });
    const again = await bench.post(GOOD, "run-42");
    expect(again).toMatchObject({ status: 202, body: { id, status: "stopped" } });
    expect(within((await bench.post(GOOD)).body, "id")).not.toBe(id);
  });

  test("with another body it is refused, a default that is written out is none", async () => {
    const first = await bench.post(GOOD, "k");
    expect(await bench.post({ ...GOOD, notify: "auto" }, "k")).toEqual(first);
    await expectProblem(
      () => bench.post({ ...GOOD, title: "T" }, "k"),
      422,
      "idempotency-key-reused",
      "Idempotency-Key",
    );
  });

  test("while the first is under way the next one is told to wait, and one watch comes of all", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => bench.post(GOOD, "k")));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 202 || status === 409)).toBe(true);
    const waiting = answers.find(({ status }) => status === 409);
    expect([undefined, "1"]).toContain(waiting?.headers["retry-after"]);
    expect(await bench.traces()).toMatchObject({ watches: 1, requests: 1 });
  });

  test("the first that hangs is answered for with 409", async () => {
    const { promise: hung, resolve: goOn } = Promise.withResolvers<void>();
    bench.changes = {
      track: async (...given) => {
        await hung;
        return bench.rows.store.track(...given);
      },
    };
    const first = bench.post(GOOD, "k");
    // The embedded database answers before any timer, and requests are gathered by one.
    while ((await bench.traces())["requests"] === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const second = await bench.post(GOOD, "k");
    expect({ status: second.status, type: typeOf(second) }).toEqual({
      status: 409,
      type: "request-under-way",
    });
    goOn();
    expect(await first).toMatchObject({ status: 202 });
    expect(await bench.post(GOOD, "k")).toMatchObject({ status: 202 });
  });

  test("what was refused leaves the key free", async () => {
    await bench.rows.store.forgetConversation(CHAT, T0);
    await expectProblem(() => bench.post(GOOD, "k"), 409, "bot-removed");
    await bench.rows.store.rememberConversation(CHAT, T0);
    expect(await bench.post({ ...GOOD, title: "T" }, "k")).toMatchObject({ status: 202 });
  });

  test("what failed inside leaves it free as well", async () => {
    bench.changes = { track: () => Promise.reject(new Error("no database")) };
    const answer = await expectProblem(() => bench.post(GOOD, "k"), 503, "unavailable");
    expect(JSON.stringify(answer)).not.toContain("no database");
    expect(answer.headers["retry-after"]).toBe("30");
    expect(bench.events).toContainEqual({ event: "api.failed", error: "Error: no database" });
    bench.changes = {};
    expect(await bench.post(GOOD, "k")).toMatchObject({ status: 202 });
  });

  test("a request whose process died is done again after a minute", async () => {
    bench.changes = {
      track: () => Promise.reject(new Error("the process dies")),
      forgetRequest: () => Promise.resolve(),
    };
    await bench.post(GOOD, "k");
    bench.changes = {};
    expect(await bench.post(GOOD, "k")).toMatchObject({ status: 409 });
    bench.now = () => T0 + MINUTE + 1;
    expect(await bench.post(GOOD, "k")).toMatchObject({ status: 202 });
    expect(await bench.traces()).toMatchObject({ watches: 1 });
  });

  test("a key is a caller's own", async () => {
    await bench.post(GOOD, "k");
    bench.caller = { ...aCaller(), id: "another" };
    expect(await bench.post({ ...GOOD, title: "T" }, "k")).toMatchObject({ status: 202 });
    bench.caller = aCaller(null);
    expect(await bench.post({ ...GOOD, title: "U" }, "k")).toMatchObject({ status: 202 });
  });

  test.each(["", " ", "a b", "ä", "x".repeat(256), "a\u0000", "a\n"])("%j is no key", async (key) => {
    await expectProblem(() => bench.post(GOOD, key), 400, "invalid-request", "Idempotency-Key");
  });
});

describe("GET and DELETE", () => {
  test("a watch is told as last read, and nothing is asked of Graph", async () => {
    const made = await bench.post(GOOD);
    const id = String(within(made.body, "id"));
    expect(await bench.request({ route: "one", id })).toEqual({ status: 200, headers: {}, body: made.body });
    expect(bench.graph.requests).toEqual([]);
  });

  test.each(["", "x", aWatchId(1), aWatchId(1).toUpperCase(), "' or 1=1", "../watches"])(
    "%j is no watch",
    async (id) => {
      await expectProblem(() => bench.request({ route: "one", id }), 404, "not-found");
      await expectProblem(() => bench.request({ method: "DELETE", route: "one", id }), 404, "not-found");
    },
  );

  test("a watch of another tenant is none, for reading, stopping and listing", async () => {
    const id = String(within((await bench.post(GOOD)).body, "id"));
    bench.caller = aCaller(OTHER_TENANT);
    await expectProblem(() => bench.request({ route: "one", id }), 404, "not-found");
    await expectProblem(() => bench.request({ method: "DELETE", route: "one", id }), 404, "not-found");
    expect((await bench.request({})).body).toEqual({ value: [] });
    bench.caller = aCaller(null);
    expect(await bench.request({ route: "one", id })).toMatchObject({ status: 200 });
  });

  test("DELETE stops it, twice does no harm, and the card is to say so", async () => {
    const id = String(within((await bench.post(GOOD)).body, "id"));
    for (const _ of [1, 2]) {
      expect(await bench.request({ method: "DELETE", route: "one", id })).toEqual({
        status: 204,
        headers: {},
        body: null,
      });
    }
    expect((await bench.request({ route: "one", id })).body).toMatchObject({
      status: "stopped",
      isFinal: true,
      closeReason: "stopped",
      closedDateTime: printInstant(T0),
      card: { state: "pending" },
    });
  });

  test("the list has pages, and the link of each leads to the next with the same filter", async () => {
    for (let n = 0; n < 5; n += 1) await bench.rows.track(CHAT, T0, { addresses: [anAddress(n)] });
    await bench.rows.track(OTHER, T0, { addresses: [anAddress("other")] });
    const seen: string[] = [];
    let query: Record<string, string> = { top: "2", conversation: CHAT.id, state: "open" };
    for (let page = 0; page < 5; page += 1) {
      const { status, body } = await bench.request({ query });
      expect(status).toBe(200);
      const list = WatchList.strict().parse(body);
      seen.push(...list.value.map(({ operation }) => operation));
      if (list.nextLink === undefined) break;
      const next = new URL(list.nextLink, "http://x");
      expect(next.pathname).toBe("/api/watches");
      query = Object.fromEntries(next.searchParams);
      expect(query).toMatchObject({ top: "2", conversation: CHAT.id, state: "open" });
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
  });

  test("a full last page has no link", async () => {
    for (let n = 0; n < 2; n += 1) await bench.rows.track(CHAT, T0, { addresses: [anAddress(n)] });
    expect(within((await bench.request({ query: { top: "2" } })).body, "nextLink")).toBeUndefined();
    expect(within((await bench.request({ query: { top: "1" } })).body, "nextLink")).toBeDefined();
  });

  test.each([
    ["top", "0"],
    ["top", "101"],
    ["top", "1.5"],
    ["top", "all"],
    ["top", ""],
    ["state", "half"],
    ["state", ""],
    ["conversation", ""],
    ["skiptoken", "0"],
    ["skiptoken", "-1"],
    ["skiptoken", "x"],
    ["skiptoken", "3000000000"],
    ["skiptoken", "9007199254740991"],
    ["$filter", "status eq 'x'"],
  ])("?%s=%s is told", async (name, value) => {
    await expectProblem(() => bench.request({ query: { [name]: value } }), 400, "invalid-request", name);
  });
});

describe("who may", () => {
  test.each([
    ["Watches.Read", "POST", 403],
    ["Watches.Read", "GET", 200],
    ["Watches.Read", "DELETE", 403],
    ["Watches.Write", "GET", 200],
    ["Watches.Write", "DELETE", 204],
    ["Watches.Write", "POST", 202],
  ] as const)("%s: %s gets %d", async (role, method, status) => {
    const id = String(within((await bench.post(GOOD)).body, "id"));
    bench.caller = aCaller(TENANT, role);
    const request: Partial<ApiRequest> =
      method === "POST" ? { method, body: GOOD } : { method, route: "one", id };
    const answer = await bench.request(request);
    expect(answer.status).toBe(status);
    expect(typeOf(answer)).toBe(status === 403 ? "missing-role" : "undefined");
  });

  test("without a role nobody may do anything, and is told which role they lack", async () => {
    bench.caller = { ...aCaller(), roles: new Set(["watches.write", "Other"]) };
    for (const [method, role] of [
      ["GET", "Watches.Read"],
      ["POST", "Watches.Write"],
    ] as const) {
      const answer = await expectProblem(() => bench.request({ method, body: GOOD }), 403, "missing-role");
      expect(within(answer.body, "detail")).toContain(role);
    }
  });

  test.each([
    ["missing", 401, "unauthenticated", "Bearer"],
    ["invalid", 401, "unauthenticated", 'Bearer error="invalid_token"'],
    ["wrongTenant", 403, "wrong-tenant", undefined],
    ["unavailable", 503, "unavailable", undefined],
  ] as const)("a token that is %s", async (name, status, type, challenge) => {
    bench.caller = { problem: name, detail: "Why." };
    const answer = await expectProblem(() => bench.post(GOOD), status, type);
    expect(within(answer.body, "detail")).toBe("Why.");
    expect(answer.headers["www-authenticate"]).toBe(challenge);
    expect(answer.headers["retry-after"]).toBe(status === 503 ? "30" : undefined);
  });

  test("the description is for everybody", async () => {
    bench.caller = { problem: "missing", detail: "" };
    expect(await bench.request({ route: "openapi" })).toMatchObject({
      status: 200,
      body: { openapi: "3.1.0" },
    });
  });

  test("too many requests are told when to come again, and only the application that sends them", async () => {
    bench = await anApi(await shared.emptied(), { perSecond: 2 });
    for (let n = 0; n < 4; n += 1) expect((await bench.request({})).status).toBe(200);
    const answer = await expectProblem(() => bench.request({}), 429, "too-many-requests");
    expect(answer.headers["retry-after"]).toBe("1");
    bench.caller = { ...aCaller(), id: "another" };
    expect((await bench.request({})).status).toBe(200);
    bench.caller = aCaller(OTHER_TENANT);
    expect((await bench.request({})).status).toBe(200);
  });

  test("what is logged says who and how, and nothing of what was sent", async () => {
    await bench.request({ method: "POST", body: { ...GOOD, title: "Secret" }, authorization: "Bearer abc" });
    await bench.request({ method: "POST", body: { secret: 1 } });
    expect(JSON.stringify(bench.events)).not.toMatch(/secret|Bearer|abc|team-1/iu);
  });
});

test.each(["PUT", "PATCH", "HEAD", "OPTIONS"])("%s is told that there is no such thing", async (method) => {
  await expectProblem(() => bench.request({ method }), 405, "method-not-allowed");
  await expectProblem(() => bench.request({ method, route: "one" }), 405, "method-not-allowed");
});

describe("whatever comes", () => {
  /** Near enough to a good body that something in it matters. */
  const almost = fc.record(
    {
      operation: fc.oneof(fc.constant(LOCATION), fc.string({ unit: "binary" }), fc.jsonValue()),
      to: fc.oneof(
        fc.constant(GOOD.to),
        fc.dictionary(
          fc.constantFrom("conversation", "team", "channel", "link", "user", "alias", "more"),
          fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), fc.jsonValue()),
          { maxKeys: 2 },
        ),
      ),
      thread: fc.oneof(fc.constant("17"), fc.jsonValue()),
      requester: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
      notify: fc.oneof(fc.constantFrom("auto", "never"), fc.jsonValue()),
      title: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
      link: fc.oneof(fc.webUrl({ validSchemes: ["https"] }), fc.jsonValue()),
      callbackUrl: fc.oneof(fc.constant("https://hooks.contoso.com/"), fc.webUrl(), fc.jsonValue()),
      callbackOn: fc.oneof(fc.constantFrom("end", "change"), fc.jsonValue()),
    },
    { requiredKeys: ["operation", "to"] },
  );

  test("a body gets 202 or a problem that is its own fault, and no more", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: almost }, fc.jsonValue()), async (body) => {
        const { status, body: answer } = await bench.post(body);
        const isWatch = status === 202 && Watch.safeParse(answer).success;
        const isProblem = status >= 400 && status < 500 && Problem.safeParse(answer).success;
        expect({ status, isWell: isWatch || isProblem }).toEqual({ status, isWell: true });
      }),
      { numRuns: 300 },
    );
  });

  test.each(["operation", "title", "requester", "conversation", "user", "alias", "team", "channel", "link"])(
    "NUL, which no database takes, in %s",
    async (name) => {
      const text = "a\u0000b";
      const to =
        name === "team" || name === "channel"
          ? { team: "t", channel: "c", [name]: text }
          : ["conversation", "user", "alias"].includes(name)
            ? { [name]: text }
            : GOOD.to;
      const body = to === GOOD.to ? { ...GOOD, [name]: text } : { ...GOOD, to };
      const before = await bench.traces();
      const { status } = await bench.post(body);
      expect({ status, isWell: status < 500 }).toEqual({ status, isWell: true });
      expect(await bench.traces()).toEqual(status === 202 ? await bench.traces() : before);
    },
  );

  test("half a surrogate pair does no harm", async () => {
    expect((await bench.post({ ...GOOD, title: "a\ud800b" })).status).toBeLessThan(500);
    expect((await bench.post({ ...GOOD, to: { alias: "\udc00" } })).status).toBeLessThan(500);
  });

  test("any query gets a list or 400", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.oneof(fc.constantFrom("top", "skiptoken", "state", "conversation"), fc.string()),
          fc.oneof(fc.string({ unit: "binary" }), fc.integer().map(String), fc.double().map(String)),
        ),
        async (query) => {
          const { status } = await bench.request({ query });
          expect([200, 400]).toContain(status);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("any id gets 404", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (id) => {
        expect((await bench.request({ route: "one", id })).status).toBe(404);
      }),
    );
  });
});
