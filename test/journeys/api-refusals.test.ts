import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aClient, rawRequest } from "../api/a-client.ts";
import { within } from "../sandbox/a-sandbox.ts";
import { GROUP, type Place } from "../support/an-activity.ts";
import { findServer, makeEmpty } from "../support/a-database.ts";
import { anApp, type AppBench } from "../support/an-app.ts";

const server = await findServer();
const GOOD = { operation: "/teams('t')/operations('o')", to: { conversation: GROUP.id } };
const GONE: Place = { kind: "groupChat", id: "19:gone@thread.v2" };
const LARGE = JSON.stringify({ ...GOOD, title: "x".repeat(1_000_000) });

// What is left in the database can be seen only where it is not embedded.
describe.skipIf(!server.found)(`refused requests${server.found ? "" : `: ${server.reason}`}`, () => {
  const stack = new AsyncDisposableStack();
  let bench: AppBench;
  let database: pg.Client;
  beforeAll(async () => {
    const place = stack.use(await makeEmpty(server.found ? server.url : ""));
    const url = place.config.home === "server" ? place.config.url : "";
    bench = stack.use(await anApp({ env: { DATABASE_URL: url, API_REQUESTS_PER_SECOND: "1000" } }));
    database = new pg.Client({ connectionString: url });
    await database.connect();
    stack.defer(() => database.end());
    for (const each of [GROUP, GONE]) await bench.install(each);
    await bench.install(GONE, "remove");
  });
  afterAll(() => stack.disposeAsync());

  /** All but the tenant's places in line: asking Graph who somebody is takes one. */
  async function rows(): Promise<Readonly<Record<string, unknown>>> {
    const { rows: tables } = await database.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'opwatch' and table_name <> 'places' order by 1",
    );
    const counts: Record<string, unknown> = {};
    for (const { name } of tables) {
      const found = await database.query<{ rows: string }>(
        `select coalesce(jsonb_agg(t order by t::text), '[]')::text as rows from opwatch."${name}" t`,
      );
      counts[name] = found.rows[0]?.rows;
    }
    const jobs = await database.query<{ count: number }>(
      "select count(*)::int as count from pgboss.job where name in ('checks', 'deliveries', 'callbacks')",
    );
    return { ...counts, jobs: jobs.rows[0]?.count };
  }

  async function expectNoTrace(
    ask: () => Promise<{ readonly status: number; readonly text: string }>,
    status: number,
    type: string,
  ): Promise<void> {
    const before = await rows();
    const answer = await ask();
    expect(answer.status).toBe(status);
    const body: unknown = JSON.parse(answer.text);
    expect(body).toMatchObject({ type: `urn:opwatch:problem:${type}`, status });
    expect(String(within(body, "detail")).length).toBeGreaterThan(5);
    expect(await rows()).toEqual(before);
  }

  test.each<[what: string, body: unknown, status: number, type: string]>([
    [
      "an unknown conversation",
      { ...GOOD, to: { conversation: "19:x@thread.v2" } },
      422,
      "unknown-conversation",
    ],
    ["an unknown alias", { ...GOOD, to: { alias: "nobody" } }, 422, "unknown-alias"],
    ["an unknown team", { ...GOOD, to: { team: "t", channel: "c" } }, 422, "unknown-team"],
    ["no link to a channel", { ...GOOD, to: { link: "https://x.example/" } }, 422, "not-a-channel-link"],
    ["an unknown person", { ...GOOD, to: { user: "nobody@contoso.com" } }, 422, "unknown-user"],
    ["a bot that was removed", { ...GOOD, to: { conversation: GONE.id } }, 409, "bot-removed"],
    ["no operation", { ...GOOD, operation: "hello" }, 422, "no-operation"],
    [
      "two operations",
      { ...GOOD, operation: "/teams('a')/operations('b') /teams('c')/operations('d')" },
      422,
      "many-operations",
    ],
    ["a thread in a chat", { ...GOOD, thread: "17" }, 422, "thread-outside-channel"],
    [
      "callbacks where there are none",
      { ...GOOD, callbackUrl: "https://x.example/" },
      422,
      "callback-not-allowed",
    ],
    ["an unknown field", { ...GOOD, more: 1 }, 400, "invalid-request"],
    ["a list", [GOOD], 400, "invalid-request"],
  ])("%s", async (_what, body, status, type) => {
    const client = aClient(bench.app.url);
    const headers = { "idempotency-key": "k" };
    await expectNoTrace(() => client.request("POST", "/api/watches", body), status, type);
    await expectNoTrace(() => client.request("POST", "/api/watches", body, { headers }), status, type);
  });

  test.each<
    [
      what: string,
      method: string,
      path: string,
      headers: Record<string, string>,
      body: string,
      status: number,
      type: string,
    ]
  >([
    ["1 MB", "POST", "/api/watches", {}, LARGE, 413, "too-large"],
    ["text", "POST", "/api/watches", { "content-type": "text/plain" }, "{}", 415, "unsupported-media-type"],
    [
      "a form",
      "POST",
      "/api/watches",
      { "content-type": "application/x-www-form-urlencoded" },
      "a=b",
      415,
      "unsupported-media-type",
    ],
    [
      "another JSON",
      "POST",
      "/api/watches",
      { "content-type": "application/json-patch+json" },
      "[]",
      415,
      "unsupported-media-type",
    ],
    ["no type", "POST", "/api/watches", { "content-type": "" }, "{}", 415, "unsupported-media-type"],
    ["gzip", "POST", "/api/watches", { "content-encoding": "gzip" }, "{}", 415, "unsupported-media-type"],
    ["half of JSON", "POST", "/api/watches", {}, '{"operation":', 400, "invalid-request"],
    ["nothing", "POST", "/api/watches", {}, "", 400, "invalid-request"],
    ["PUT", "PUT", "/api/watches", {}, "{}", 405, "method-not-allowed"],
    ["DELETE of all", "DELETE", "/api/watches", {}, "", 405, "method-not-allowed"],
    ["POST to one", "POST", "/api/watches/x", {}, "{}", 405, "method-not-allowed"],
    ["an address that is none", "GET", "/api/watch", {}, "", 404, "not-found"],
    ["a version that is none", "GET", "/api/v1/watches", {}, "", 404, "not-found"],
    ["an id that is none", "GET", "/api/watches/x", {}, "", 404, "not-found"],
    ["an id in half of a code", "GET", "/api/watches/%zz", {}, "", 404, "not-found"],
    ["a query that is none", "GET", "/api/watches?top=x", {}, "", 400, "invalid-request"],
  ])("over HTTP: %s", async (_what, method, path, headers, body, status, type) => {
    const all = {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      ...headers,
    };
    await expectNoTrace(() => rawRequest(bench.app.url + path, method, all, body), status, type);
  });

  test("1 MB without a length, in pieces", async () => {
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    await expectNoTrace(
      () => rawRequest(`${bench.app.url}/api/watches`, "POST", headers, LARGE),
      413,
      "too-large",
    );
  });

  test("another host's name", async () => {
    const headers = { host: "evil.example", "content-type": "application/json" };
    const url = `${bench.app.url}/api/watches`;
    const { status } = await rawRequest(url, "POST", headers, JSON.stringify(GOOD));
    expect(status).toBe(403);
  });

  test("JSON with a charset is JSON, and the description is served as it is", async () => {
    const client = aClient(bench.app.url);
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await client.request("POST", "/api/watches", GOOD, { headers })).status).toBe(202);
    const { status, contentType, body } = await client.request("GET", "/api/openapi.json");
    expect({ status, contentType }).toEqual({ status: 200, contentType: "application/json" });
    expect(within(body, "openapi")).toBe("3.1.0");
  });

  test("afterwards the application is there as before", async () => {
    expect((await fetch(`${bench.app.url}/readyz`)).status).toBe(200);
  });
});
