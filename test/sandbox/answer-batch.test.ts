import { describe, expect, test } from "vitest";
import { aSandbox } from "./a-sandbox.ts";

function item(id: string, url: string, headers?: Record<string, string>): Record<string, unknown> {
  return { id, method: "GET", url, ...(headers === undefined ? {} : { headers }) };
}

describe("a batch", () => {
  test("answers each item by itself, in another order", async () => {
    await using bench = await aSandbox();
    const { sandbox } = bench;
    const team = sandbox.addOperation({ kind: "team", life: "quick", owner: "t", id: "o" });
    const late = sandbox.addOperation({ kind: "team", life: "late" });
    const chat = sandbox.addOperation({ kind: "chat", life: "quick" });
    const busy = sandbox.addOperation({
      kind: "team",
      life: [{ afterMs: 0, httpStatus: 429, headers: { "Retry-After": "10" } }],
    });
    const answer = await bench.batch(
      "v1.0",
      item("a", team.location),
      item("b", late.location),
      item("c", chat.location),
      item("d", busy.location),
      item("e", "teams/t/operations/o"),
      item("f", "/teams/t/operations/unknown"),
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      responses: [
        { id: "f", status: 404, body: { error: { code: "NotFound" } } },
        { id: "e", status: 429, headers: { "Retry-After": "31" }, body: { error: { code: "TooEarly" } } },
        {
          id: "d",
          status: 429,
          headers: { "Retry-After": "10" },
          body: { error: { code: "TooManyRequests" } },
        },
        { id: "c", status: 400, body: { error: { code: "BadRequest" } } },
        { id: "b", status: 404, body: { error: { code: "NotFound" } } },
        { id: "a", status: 200, body: { id: "o", status: "notStarted", error: null } },
      ],
    });
    expect(sandbox.counts()).toEqual({
      requests: 1,
      checks: 4,
      batches: 1,
      early: 1,
      started: 0,
      notFound: 2,
      unauthorized: 0,
      withAuthorization: 0,
      targetLooks: 0,
      throttled: 0,
    });
  });

  test("keeps the interval together with checks that come alone", async () => {
    await using bench = await aSandbox();
    const { location, path } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    await bench.get(path);
    bench.pass(30);
    expect((await bench.batch("beta", item("1", location))).body).toMatchObject({
      responses: [{ status: 429, headers: { "Retry-After": "1" } }],
    });
    bench.pass(1);
    expect((await bench.batch("beta", item("1", location))).body).toMatchObject({
      responses: [{ status: 200 }],
    });
    expect((await bench.get(path)).status).toBe(429);
    expect(bench.sandbox.counts()).toMatchObject({ requests: 4, batches: 2, checks: 4, early: 2 });
  });

  test("takes headers for each item, not from the batch", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { location } = bench.sandbox.addOperation({ kind: "chat", life: "quick" });
    const prefer = "include-unknown-enum-members";
    const answer = await bench.post(
      "/beta/$batch",
      {
        requests: [
          item("1", location),
          item("2", location, { prefer }),
          item("3", location, { PREFER: prefer }),
        ],
      },
      { Prefer: prefer },
    );
    expect(answer.body).toMatchObject({
      responses: [
        { id: "3", body: { operationType: "createChat" } },
        { id: "2", body: { operationType: "createChat" } },
        { id: "1", body: { operationType: "unknownFutureValue" } },
      ],
    });
  });

  test("carries odd bodies", async () => {
    await using bench = await aSandbox();
    const odd = ["", "{not json", '{"status":"running"}'].map((body) =>
      bench.sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, body }] }),
    );
    const answer = await bench.batch("v1.0", ...odd.map(({ location }, at) => item(String(at), location)));
    const id: unknown = expect.stringMatching(/^[\da-f-]{36}$/u);
    const headers = { "Content-Type": "application/json", "request-id": id };
    expect(answer.body).toEqual({
      responses: [
        { id: "2", status: 200, headers, body: { status: "running" } },
        { id: "1", status: 200, headers, body: Buffer.from("{not json").toString("base64") },
        { id: "0", status: 200, headers },
      ],
    });
  });

  test("can start operations", async () => {
    await using bench = await aSandbox();
    const answer = await bench.batch("v1.0", {
      id: "1",
      method: "post",
      url: "/teams",
      headers: { "Content-Type": "application/json" },
      body: { displayName: "Team slow" },
    });
    const location: unknown = expect.stringMatching(/^\/teams\('/u);
    expect(answer.body).toMatchObject({
      responses: [{ id: "1", status: 202, headers: { Location: location } }],
    });
    expect(bench.sandbox.counts()).toMatchObject({ started: 1 });
  });

  test("counts tokens wherever they are", async () => {
    await using bench = await aSandbox();
    await bench.post(
      "/v1.0/$batch",
      { requests: [item("1", "/teams/t/operations/o", { Authorization: "Bearer x" })] },
      { Authorization: "Bearer x" },
    );
    await bench.get("/v1.0/teams/t/operations/o", { Authorization: "Bearer x" });
    await bench.get("/v1.0/teams/t/operations/o");
    expect(bench.sandbox.counts()).toMatchObject({ requests: 3, withAuthorization: 3 });
  });
});

describe("the limit of a batch", () => {
  test("is 20 items", async () => {
    await using bench = await aSandbox();
    const locations = bench.sandbox.addMany(21, { kind: "team", life: "quick" });
    const items = locations.map((location, at) => item(String(at), location));
    const tooMany = await bench.batch("v1.0", ...items);
    expect(tooMany).toMatchObject({ status: 400, body: { error: { code: "BadRequest" } } });
    expect(tooMany.text).toContain("20");
    expect(bench.sandbox.counts().checks).toBe(0);
    expect((await bench.batch("v1.0", ...items.slice(1))).status).toBe(200);
    expect(bench.sandbox.counts().checks).toBe(20);
  });
});

describe("a batch that is not well made is refused as a whole", () => {
  const good = item("1", "/teams/t/operations/o");
  test.each<[string, unknown]>([
    ["the same id twice", { requests: [good, good] }],
    [
      "ids that differ in case only",
      {
        requests: [
          { ...good, id: "a" },
          { ...good, id: "A" },
        ],
      },
    ],
    ["no requests", { requests: [] }],
    ["requests that are no list", { requests: good }],
    ["a list", [good]],
    ["an item that is no object", { requests: ["1"] }],
    ["a number for an id", { requests: [{ ...good, id: 1 }] }],
    ["no method", { requests: [{ id: "1", url: "/teams/t/operations/o" }] }],
    ["no url", { requests: [{ id: "1", method: "GET" }] }],
    ["an absolute url", { requests: [item("1", "https://graph.microsoft.com/v1.0/teams/t/operations/o")] }],
    ["headers that are no strings", { requests: [{ ...good, headers: { prefer: 1 } }] }],
    ["a POST without a body", { requests: [{ id: "1", method: "POST", url: "/teams/t/archive" }] }],
    ["no JSON", "{"],
    ["no body", undefined],
  ])("%s", async (_what, body) => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "t", id: "o" });
    expect(await bench.post("/v1.0/$batch", body)).toMatchObject({
      status: 400,
      body: { error: { code: "BadRequest", innerError: { date: "2026-11-21T10:00:00" } } },
    });
    expect(bench.sandbox.counts().checks).toBe(0);
  });

  test("but a version in an item's url spoils that item only", async () => {
    await using bench = await aSandbox();
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    expect(
      (await bench.batch("v1.0", item("1", `/v1.0${location}`), item("2", location))).body,
    ).toMatchObject({
      responses: [
        { id: "2", status: 200 },
        { id: "1", status: 400 },
      ],
    });
  });
});
