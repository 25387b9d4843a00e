import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { parseAddress, type Address } from "../../src/core/address.ts";
import type { Answer } from "../../src/core/answer.ts";
import { tenantId } from "../../src/core/ids.ts";
import type { Target } from "../../src/core/result.ts";
import { isBody } from "../../src/graph/decode-operation.ts";
import { BATCH_SIZE, createGraphClient } from "../../src/graph/graph-client.ts";
import { NO_TOKEN, type TokenSource } from "../../src/identity/token-source.ts";
import { graphAt } from "../support/graphs.ts";

const ORIGIN = "https://graph.microsoft.com";
const TENANT = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
const NOW = Date.UTC(2026, 10, 21, 12);
const TIMEOUT_MS = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
const SOME_UUID: unknown = expect.stringMatching(UUID);

type Asked = { readonly url: string; readonly init: RequestInit; readonly requests: readonly BatchRequest[] };
type BatchRequest = { id: string; method: string; url: string; headers: Readonly<Record<string, unknown>> };
type Item = Record<string, unknown>;
/** What Graph does with the first request, the second and so on; the last is for all that follow. */
type Reply = Response | Error | ((asked: Asked) => Response | Promise<Response>);

function requestsIn(text: string): readonly BatchRequest[] {
  const body: unknown = JSON.parse(text);
  const requests: unknown = isBody(body) ? body["requests"] : null;
  return (Array.isArray(requests) ? requests : []).filter(isBody).map(({ id, method, url, headers }) => ({
    id: String(id),
    method: String(method),
    url: String(url),
    headers: isBody(headers) ? headers : {},
  }));
}

function graphThat(...replies: readonly Reply[]) {
  const asked: Asked[] = [];
  const fetchIt: typeof fetch = async (input, init = {}) => {
    const text = typeof init.body === "string" ? init.body : "{}";
    const url = String(input instanceof Request ? input.url : input);
    const one = { url, init, requests: requestsIn(text) };
    asked.push(one);
    const reply =
      replies[Math.min(asked.length, replies.length) - 1] ?? new Error("Nothing is left to answer");
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(one) : reply;
  };
  return { asked, fetch: fetchIt };
}

function clientOf(
  graph: { readonly fetch: typeof fetch },
  tokens: TokenSource = NO_TOKEN,
  timeoutMs = TIMEOUT_MS,
) {
  const client = createGraphClient({ origin: ORIGIN, tokens, fetch: graph.fetch, now: () => NOW });
  return {
    check: (
      ...[tenant, version, addresses]: Parameters<typeof client.check> extends [...infer Arguments, unknown]
        ? Arguments
        : never
    ) => client.check(tenant, version, addresses, NOW + timeoutMs),
    look: (target: Target) => client.look(TENANT, target, NOW + timeoutMs),
    userId: (name: string) => client.userId(TENANT, name, NOW + timeoutMs),
    isMember: (kind: "team" | "chat", id: string, userId: string) =>
      client.isMember(TENANT, { kind, id }, userId, NOW + timeoutMs),
  };
}

function tokensThat(give: () => Promise<string | null>) {
  const discarded: string[] = [];
  const askedFor: string[] = [];
  const tokens: TokenSource = {
    token: (tenant) => {
      askedFor.push(tenant);
      return give();
    },
    discard: (tenant) => void discarded.push(tenant),
  };
  return { tokens, discarded, askedFor };
}

function addressOf(text: string): Address {
  const result = parseAddress(text, graphAt(ORIGIN));
  if (!result.ok) throw new Error(result.problem);
  return result.address;
}

const team = (id: number | string): Address => addressOf(`/teams('t')/operations('${id}')`);
const someTeams = (count: number): readonly Address[] =>
  Array.from({ length: count }, (_, index) => team(index));

function batch(...responses: readonly Item[]): Response {
  return Response.json({ responses });
}

function ok(id: number, body: unknown = { status: "inProgress" }, fields: Item = {}): Item {
  return { id: String(id), status: 200, headers: {}, body, ...fields };
}

const running = { kind: "snapshot", snapshot: { status: "inProgress" } };
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));

describe("the request", () => {
  test("is one POST to the version's $batch, with an item for each operation", async () => {
    const graph = graphThat(batch(ok(0), ok(1)));
    await clientOf(graph).check(TENANT, "v1.0", [team("a"), team("b")]);
    expect(graph.asked).toHaveLength(1);
    expect(graph.asked[0]).toMatchObject({
      url: "https://graph.microsoft.com/v1.0/$batch",
      init: { method: "POST", redirect: "error" },
      requests: [
        { method: "GET", url: "/teams('t')/operations('a')" },
        { method: "GET", url: "/teams('t')/operations('b')" },
      ],
    });
    expect(new Headers(graph.asked[0]?.init.headers).get("content-type")).toBe("application/json");
    expect(graph.asked[0]?.init.signal).toBeInstanceOf(AbortSignal);
  });

  test("goes to beta for what is in beta only", async () => {
    const graph = graphThat(batch(ok(0)));
    await clientOf(graph).check(TENANT, "beta", [addressOf("/chats('19:x@thread.v2')/operations('a')")]);
    expect(graph.asked[0]?.url).toBe("https://graph.microsoft.com/beta/$batch");
    expect(graph.asked[0]?.requests[0]?.url).toBe("/chats('19:x@thread.v2')/operations('a')");
  });

  test("asks on each item for types that Graph would hide", async () => {
    const graph = graphThat(batch(...Array.from({ length: BATCH_SIZE }, (_, index) => ok(index))));
    await clientOf(graph).check(TENANT, "v1.0", someTeams(BATCH_SIZE));
    const [asked] = graph.asked;
    expect(asked?.requests).toHaveLength(20);
    expect(asked?.requests.every(({ headers }) => headers["Prefer"] === "include-unknown-enum-members")).toBe(
      true,
    );
    expect(new Set(asked?.requests.map(({ id }) => id.toLowerCase())).size).toBe(20);
  });

  test("carries the tenant's own token", async () => {
    const graph = graphThat(batch(ok(0)));
    const { tokens, askedFor } = tokensThat(() => Promise.resolve("secret-token"));
    await clientOf(graph, tokens).check(TENANT, "v1.0", [team("a")]);
    expect(askedFor).toEqual([TENANT]);
    expect(new Headers(graph.asked[0]?.init.headers).get("authorization")).toBe("Bearer secret-token");
    expect(JSON.stringify(graph.asked[0]?.requests)).not.toContain("secret-token");
  });

  test("carries none where none is sent", async () => {
    const graph = graphThat(batch(ok(0)));
    await clientOf(graph).check(TENANT, "v1.0", [team("a")]);
    expect(new Headers(graph.asked[0]?.init.headers).has("authorization")).toBe(false);
  });

  test("is not made at all when no token could be had", async () => {
    const graph = graphThat(batch(ok(0)));
    const { tokens } = tokensThat(() => Promise.reject(new Error("AADSTS7000222: the secret has expired.")));
    const answers = await clientOf(graph, tokens).check(TENANT, "v1.0", [team("a"), team("b")]);
    expect(graph.asked).toEqual([]);
    const noToken: Answer = { kind: "noToken", message: "AADSTS7000222: the secret has expired." };
    expect(answers).toEqual([noToken, noToken]);
  });

  test("is not made when the token source fails with something that is no Error", async () => {
    const graph = graphThat(batch(ok(0)));
    const tokens: TokenSource = {
      // eslint-disable-next-line typescript/prefer-promise-reject-errors
      token: () => Promise.reject("no identity endpoint"),
      discard: () => undefined,
    };
    expect(await clientOf(graph, tokens).check(TENANT, "v1.0", [team("a")])).toEqual([
      { kind: "noToken", message: "no identity endpoint" },
    ]);
    expect(graph.asked).toEqual([]);
  });
});

async function check(response: Response, count = 1): Promise<readonly Answer[]> {
  return clientOf(graphThat(response)).check(TENANT, "v1.0", someTeams(count));
}

describe("the items of an answer", () => {
  test("come back in the order of the operations, whatever order Graph answers in", async () => {
    const items = [2, 0, 3, 1].map((id) => ok(id, { status: `status-${id}` }));
    const answers = await check(batch(...items), 4);
    expect(
      answers.map((answer) => (answer.kind === "snapshot" ? answer.snapshot.status : answer.kind)),
    ).toEqual(["status-0", "status-1", "status-2", "status-3"]);
  });

  test("that are missing are no answer, and spoil no other", async () => {
    const answers = await check(batch(ok(2), ok(0)), 3);
    expect(answers.map(({ kind }) => kind)).toEqual(["snapshot", "noAnswer", "snapshot"]);
  });

  test("that nobody asked for are left aside", async () => {
    const answers = await check(batch({ id: "9", status: 200 }, { status: 200 }, ok(0)), 1);
    expect(answers).toMatchObject([running]);
  });

  test.each([200, 202, 203])("with %i are read by their body", async (status) => {
    const body = fixture("teams-createTeam-succeeded");
    expect(await check(batch(ok(0, body, { status })))).toMatchObject([
      { kind: "snapshot", snapshot: { phase: "succeeded", operationType: "createTeam" }, retryAfterMs: null },
    ]);
  });

  test.each([
    ["no body", 202, undefined],
    ["an empty body", 200, {}],
    ["a null body", 204, null],
    ["a body in base64", 200, "eyJzdGF0dXMiOiJzdWNjZWVkZWQifQ=="],
    ["a body without a status", 200, { id: "x" }],
  ])("with %s are unreadable", async (_, status, body) => {
    const item = { id: "0", status, headers: { "request-id": "r-1" }, body };
    expect(await check(batch(item))).toEqual([
      {
        kind: "unreadable",
        httpStatus: status,
        trace: { requestId: "r-1", clientRequestId: SOME_UUID },
        retryAfterMs: null,
      },
    ]);
  });

  test("tell when to come back, in any spelling of the header", async () => {
    const headers = [
      { "Retry-After": "30" },
      { "retry-after": "2.128" },
      { "RETRY-AFTER": 5 },
      { "Retry-After": [] },
    ];
    const answers = await check(
      batch(...headers.map((each, id) => ok(id, undefined, { headers: each, body: { status: "running" } }))),
      4,
    );
    expect(answers.map((answer) => (answer.kind === "snapshot" ? answer.retryAfterMs : "none"))).toEqual([
      30_000,
      2_128,
      5_000,
      null,
    ]);
  });

  test("that are throttled have their own Retry-After", async () => {
    const body = fixture("http-429");
    const answers = await check(
      batch({ id: "0", status: 429, headers: { "Retry-After": "10" }, body }, ok(1)),
      2,
    );
    expect(answers).toMatchObject([
      {
        kind: "refused",
        httpStatus: 429,
        code: "TooManyRequests",
        message: "Please retry again later.",
        trace: { requestId: "94fb3b52-452a-4535-a601-69e0a90e3aa2" },
        retryAfterMs: 10_000,
      },
      running,
    ]);
  });

  test("that are refused say why", async () => {
    const body = fixture("http-400-channel-archive-team-archived");
    expect(
      await check(batch({ id: "0", status: 400, headers: { "request-id": "from-header" }, body })),
    ).toEqual([
      {
        kind: "refused",
        httpStatus: 400,
        code: "BadRequest",
        message: "Team has to be active, for channel to be archived or unarchived: {channel-id}",
        trace: { requestId: "from-header", clientRequestId: SOME_UUID },
        retryAfterMs: null,
      },
    ]);
  });

  test.each([
    ["no status", { id: "0", body: { status: "succeeded" } }, 0],
    ["a text as status", { id: "0", status: "200", body: { status: "succeeded" } }, 0],
    ["a redirect", { id: "0", status: 302, headers: { location: "https://evil.example" } }, 302],
    ["headers that are none", { id: "0", status: 404, headers: null, body: "x" }, 404],
  ])("with %s are refused", async (_, item, httpStatus) => {
    expect(await check(batch(item))).toEqual([
      {
        kind: "refused",
        httpStatus,
        code: null,
        message: null,
        trace: { requestId: null, clientRequestId: SOME_UUID },
        retryAfterMs: null,
      },
    ]);
  });

  test.each([
    ["nothing", ""],
    ["HTML", "<html></html>"],
    ["half of it", '{"responses":[{"id":"0","sta'],
    ["a list", "[]"],
    ["null", "null"],
    ["no responses", "{}"],
    ["responses that are no list", '{"responses":{"0":{}}}'],
    ["items that are none", '{"responses":[null,1,"x",[],{"id":0}]}'],
  ])("are no answer when a 200 holds %s", async (_, text) => {
    const answers = await check(new Response(text), 2);
    expect(answers.map(({ kind }) => kind)).toEqual(["noAnswer", "noAnswer"]);
  });
});

describe("an answer to the whole batch", () => {
  test.each([302, 403, 404, 405, 413])("%i says nothing about the operations in it", async (status) => {
    const graph = graphThat(Response.json({ error: { code: "x" } }, { status }));
    const answers = await clientOf(graph).check(TENANT, "v1.0", someTeams(2));
    expect(answers.map(({ kind }) => kind)).toEqual(["noAnswer", "noAnswer"]);
  });

  test.each([429, 500, 502, 503, 504, 401])("%i holds for each of its operations", async (status) => {
    const headers = { "retry-after": "17", "request-id": "r-2" };
    const graph = graphThat(Response.json({ error: { code: "C", message: "M" } }, { status, headers }));
    const answers = await clientOf(graph).check(TENANT, "v1.0", someTeams(2));
    const refusal = {
      kind: "refused",
      httpStatus: status,
      code: "C",
      message: "M",
      trace: { requestId: "r-2", clientRequestId: null },
      retryAfterMs: 17_000,
    };
    expect(answers).toEqual([refusal, refusal]);
    expect(graph.asked).toHaveLength(1);
  });

  test("429 in HTML, with a date, is one, too", async () => {
    const headers = { "retry-after": "Sat, 21 Nov 2026 12:01:00 GMT" };
    const graph = graphThat(new Response("<html></html>", { status: 429, headers }));
    expect(await clientOf(graph).check(TENANT, "v1.0", [team("a")])).toMatchObject([
      { kind: "refused", httpStatus: 429, code: null, message: null, retryAfterMs: 60_000 },
    ]);
  });

  test("400: each operation is asked for by itself, so that one bad address spoils no other", async () => {
    const graph = graphThat((asked) => {
      const isBad = asked.requests.some(({ url }) => url.includes("'1'"));
      if (isBad)
        return Response.json({ error: { code: "BadRequest", message: "Bad url." } }, { status: 400 });
      return batch(ok(0));
    });
    const answers = await clientOf(graph).check(TENANT, "v1.0", someTeams(3));
    expect(answers).toMatchObject([
      running,
      { kind: "refused", httpStatus: 400, code: "BadRequest" },
      running,
    ]);
    expect(graph.asked.map(({ requests }) => requests.length)).toEqual([3, 1, 1, 1]);
  });

  test("400 on a batch of two, too", async () => {
    const graph = graphThat(Response.json({}, { status: 400 }), () => batch(ok(0)));
    expect(await clientOf(graph).check(TENANT, "v1.0", someTeams(2))).toMatchObject([running, running]);
  });

  test("400 on a single operation is its answer", async () => {
    const graph = graphThat(Response.json({}, { status: 400 }));
    expect(await clientOf(graph).check(TENANT, "v1.0", [team("a")])).toMatchObject([{ httpStatus: 400 }]);
    expect(graph.asked).toHaveLength(1);
  });

  test.each([
    ["the batch", () => Response.json({}, { status: 401 })],
    ["an item", () => batch(ok(0), { id: "1", status: 401, headers: {}, body: {} })],
  ])("401 on %s throws the token away", async (_, response) => {
    const { tokens, discarded } = tokensThat(() => Promise.resolve("old"));
    const answers = await clientOf(graphThat(response()), tokens).check(TENANT, "v1.0", someTeams(2));
    expect(answers[1]).toMatchObject({ kind: "refused", httpStatus: 401 });
    expect(discarded).toEqual([TENANT]);
  });

  test("anything else keeps it", async () => {
    const { tokens, discarded } = tokensThat(() => Promise.resolve("good"));
    for (const status of [403, 429, 500]) {
      await clientOf(graphThat(Response.json({}, { status })), tokens).check(TENANT, "v1.0", [team("a")]);
    }
    expect(discarded).toEqual([]);
  });

  test("a failed connection is no answer", async () => {
    const graph = graphThat(new TypeError("fetch failed"));
    const noAnswer: Answer = { kind: "noAnswer", message: "fetch failed" };
    expect(await clientOf(graph).check(TENANT, "v1.0", someTeams(2))).toEqual([noAnswer, noAnswer]);
  });

  test("a body that breaks off is no answer", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError("terminated"));
      },
    });
    expect(await clientOf(graphThat(new Response(body))).check(TENANT, "v1.0", [team("a")])).toEqual([
      { kind: "noAnswer", message: "terminated" },
    ]);
  });

  test("nothing within the time allowed is no answer", async () => {
    const graph = graphThat(
      ({ init: { signal } }) =>
        new Promise<Response>((_, reject) => {
          signal?.addEventListener("abort", () => {
            reject(new Error("aborted", { cause: signal.reason }));
          });
        }),
    );
    expect(await clientOf(graph, NO_TOKEN, 1).check(TENANT, "v1.0", [team("a")])).toEqual([
      { kind: "noAnswer", message: "aborted" },
    ]);
  });
});

describe("the deadline of a claim", () => {
  test("holds for the token, and nothing is asked after it", async () => {
    const graph = graphThat(Response.json({}));
    const never = tokensThat(() => new Promise(() => undefined));
    const answers = await clientOf(graph, never.tokens, 20).check(TENANT, "v1.0", someTeams(2));
    expect(answers.map(({ kind }) => kind)).toEqual(["noToken", "noToken"]);
    expect(graph.asked).toEqual([]);
  });

  test("once over, lets no request leave", async () => {
    const graph = graphThat(Response.json({}));
    const answers = await clientOf(graph, NO_TOKEN, 0).check(TENANT, "v1.0", [team("a")]);
    expect(answers).toMatchObject([{ kind: "noAnswer" }]);
    expect(graph.asked).toEqual([]);
  });
});

describe("what Microsoft's support asks for", () => {
  test("each request has a client-request-id of its own, in every batch another", async () => {
    const graph = graphThat(() => batch(ok(0), ok(1), ok(2)));
    await clientOf(graph).check(TENANT, "v1.0", someTeams(3));
    await clientOf(graph).check(TENANT, "v1.0", someTeams(3));
    const ids = graph.asked.flatMap(({ requests }) =>
      requests.map(({ headers }) => headers["client-request-id"]),
    );
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(UUID);
  });

  test("an answer tells the id that its own request had, whatever order Graph answers in", async () => {
    const graph = graphThat(batch(ok(1), ok(0)));
    const answers = await clientOf(graph).check(TENANT, "v1.0", someTeams(2));
    expect(answers.map((answer) => ("trace" in answer ? answer.trace.clientRequestId : null))).toEqual(
      graph.asked[0]?.requests.map(({ headers }) => headers["client-request-id"]),
    );
  });

  test("Graph's own word for it goes first, and its request-id is kept", async () => {
    const headers = { "Request-Id": "graph-1", "client-request-id": "echoed" };
    const [answer] = await check(batch(ok(0, undefined, { headers, body: { status: "running" } })));
    expect(answer).toMatchObject({ trace: { requestId: "graph-1", clientRequestId: "echoed" } });
  });

  test("the ids of an error's body do where the headers have none", async () => {
    const body = fixture("http-400-channel-archive-team-archived");
    const [answer] = await check(batch({ id: "0", status: 400, headers: {}, body }));
    expect(answer).toMatchObject({ trace: { requestId: "8f897345980-f6f3-49dd-83a8-a3064eeecdf8" } });
  });
});

describe("a look at the result", () => {
  test("is one request to the target's version and path", async () => {
    const graph = graphThat(batch(ok(0, { id: "a", webUrl: "https://teams.microsoft.com/l/team/1" })));
    expect(await clientOf(graph).look({ version: "beta", path: "/chats('19:a@thread.v2')" })).toEqual({
      kind: "there",
      webUrl: "https://teams.microsoft.com/l/team/1",
    });
    expect(graph.asked[0]?.url).toBe("https://graph.microsoft.com/beta/$batch");
    expect(graph.asked[0]?.requests).toMatchObject([{ method: "GET", url: "/chats('19:a@thread.v2')" }]);
  });

  test.each<[string, Reply, string]>([
    ["404", batch({ id: "0", status: 404 }), "notThere"],
    ["403", batch({ id: "0", status: 403 }), "forbidden"],
    ["a timeout", new TypeError("fetch failed"), "noAnswer"],
    ["a refusal of the batch", Response.json({}, { status: 403 }), "noAnswer"],
    ["a pause for the batch", Response.json({}, { status: 429 }), "throttled"],
    ["no item", batch(), "noAnswer"],
  ])("%s", async (_, reply, kind) => {
    expect(await clientOf(graphThat(reply)).look({ version: "v1.0", path: "/teams('a')" })).toMatchObject({
      kind,
    });
  });

  test("without a token finds nothing out", async () => {
    const { tokens } = tokensThat(() => Promise.reject(new Error("no token")));
    expect(
      await clientOf(graphThat(batch(ok(0))), tokens).look({ version: "v1.0", path: "/teams('a')" }),
    ).toEqual({
      kind: "noAnswer",
    });
  });
});

describe("a person's id, by name", () => {
  test("is asked for by itself", async () => {
    const graph = graphThat(batch(ok(0, { id: "8b081ef6" })));
    expect(await clientOf(graph).userId("alex/o'neil@contoso.com")).toEqual({
      kind: "found",
      id: "8b081ef6",
    });
    expect(graph.asked[0]?.url).toBe("https://graph.microsoft.com/v1.0/$batch");
    expect(graph.asked[0]?.requests[0]?.url).toBe("/users/alex%2Fo'neil%40contoso.com?$select=id");
  });

  test.each<[string, Item]>([
    ["nobody of that name", { id: "0", status: 404 }],
    ["no permission", { id: "0", status: 403 }],
    ["no id", ok(0, {})],
    ["an empty id", ok(0, { id: "" })],
    ["a number as id", ok(0, { id: 5 })],
    ["no body", ok(0, null)],
  ])("is not known for %s", async (_, item) => {
    const { kind } = await clientOf(graphThat(batch(item))).userId("alex");
    expect(kind).not.toBe("found");
  });
});

describe("whether a person is a member", () => {
  const USER = "8b081ef6-4792-4def-b2c9-c363a1bf41d5";

  test("of a team, the person alone is asked for", async () => {
    const graph = graphThat(batch(ok(0, { value: [{ userId: USER }] })));
    expect(await clientOf(graph).isMember("team", "a/b c", USER)).toBe(true);
    expect(graph.asked[0]?.url).toBe("https://graph.microsoft.com/v1.0/$batch");
    expect(graph.asked[0]?.requests[0]?.url).toBe(
      `/teams/a%2Fb%20c/members?$filter=(microsoft.graph.aadUserConversationMember/userId eq '${USER}')`,
    );
  });

  test("of a chat, its members are", async () => {
    const graph = graphThat(batch(ok(0, { value: [{ userId: "other" }] })));
    expect(await clientOf(graph).isMember("chat", "19:a@thread.v2", USER)).toBe(false);
    expect(graph.asked[0]?.requests[0]?.url).toBe("/chats/19%3Aa%40thread.v2/members");
  });

  test.each([401, 403, 429, 500])("%i says neither yes nor no", async (status) => {
    expect(await clientOf(graphThat(batch({ id: "0", status }))).isMember("team", "a", USER)).toBeNull();
    expect(await clientOf(graphThat(Response.json({}, { status }))).isMember("team", "a", USER)).toBeNull();
  });
});

test("twenty answers are read in far less time than it takes to get them", async () => {
  const body = fixture("teams-createTeam-inProgress-appFailed");
  const text = JSON.stringify({ responses: Array.from({ length: BATCH_SIZE }, (_, id) => ok(id, body)) });
  const graph = graphThat(() => new Response(text));
  const from = performance.now();
  await clientOf(graph).check(TENANT, "v1.0", someTeams(BATCH_SIZE));
  expect(performance.now() - from).toBeLessThan(500);
});
