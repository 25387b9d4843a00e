import { describe, expect, test } from "vitest";
import { aSandbox, headerOf, startMs } from "./a-sandbox.ts";

const chat = "19:c253a29b5f694b55a6baad8e83510af7@thread.v2";

test("an operation that starts at its first check has its whole life from then on", async () => {
  await using bench = await aSandbox({ minimumIntervalMs: 0 });
  const { path } = bench.sandbox.addOperation({ kind: "team", life: "quick", startsAtFirstCheck: true });
  bench.pass(3_600);
  expect(await bench.get(path)).toMatchObject({ body: { status: "notStarted" } });
  bench.pass(60);
  expect(await bench.get(path)).toMatchObject({ body: { status: "succeeded" } });
});

describe("the body of a check", () => {
  test("of a team is Graph's teamsAsyncOperation, in v1.0 and beta", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({
      kind: "team",
      life: "slow",
      id: "op",
      owner: "Team-1",
    });
    expect({ location, path }).toEqual({
      location: "/teams('Team-1')/operations('op')",
      path: "/v1.0/teams('Team-1')/operations('op')",
    });
    bench.pass(12);
    const answer = await bench.get(path);
    expect(answer.status).toBe(200);
    expect(headerOf(answer, "content-type")).toMatch(/^application\/json/u);
    expect(headerOf(answer, "request-id")).toMatch(/^[\da-f-]{36}$/u);
    expect(answer.body).toEqual({
      "@odata.context": `${sandbox.url}/v1.0/$metadata#teams('Team-1')/operations/$entity`,
      id: "op",
      operationType: "createTeam",
      createdDateTime: "2026-11-21T10:00:00.0007846Z",
      status: "inProgress",
      lastActionDateTime: "2026-11-21T10:00:10.0007846Z",
      attemptsCount: 2,
      targetResourceId: "Team-1",
      targetResourceLocation: "/teams('Team-1')",
      Value: '{"apps":[],"channels":[],"WorkflowId":"westeurope.op"}',
      error: null,
    });
    const beta = await bench.get("/beta/teams/team-1/operations/OP");
    expect(beta).toMatchObject({ status: 200, body: { id: "op", status: "inProgress" } });
  });

  test("of a chat is given in beta only", async () => {
    await using bench = await aSandbox();
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({ kind: "chat", life: "quick", id: "op", owner: chat });
    expect(path).toBe(`/beta${location}`);
    bench.pass(5);
    expect(await bench.get(`/v1.0${location}`)).toMatchObject({
      status: 400,
      body: {
        error: { code: "BadRequest", message: "Resource not found for the segment 'operations'." },
      },
    });
    const answer = await bench.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      "@odata.context": `${sandbox.url}/beta/$metadata#chats('${encodeURIComponent(chat)}')/operations/$entity`,
      id: "op",
      operationType: "unknownFutureValue",
      createdDateTime: "2026-11-21T10:00:00.0007846Z",
      status: "succeeded",
      lastActionDateTime: "2026-11-21T10:00:04.0007846Z",
      attemptsCount: 1,
      targetResourceId: chat,
      targetResourceLocation: `/chats('${chat}')`,
      values: '{"appIds":["1542629c-01b3-4a6d-8f76-1938b779e48d"]}',
      error: null,
    });
    expect(sandbox.counts()).toMatchObject({ requests: 2, checks: 1, early: 0 });
  });

  test("of Engage has its own statuses and fields", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({
      kind: "engagement",
      life: "slow",
      id: "e",
      owner: "community",
    });
    expect(location).toBe(`${sandbox.url}/v1.0/employeeExperience/engagementAsyncOperations('e')`);
    expect(location).toBe(sandbox.url + path);
    expect((await bench.get(path)).body).toMatchObject({ status: "notStarted" });
    bench.pass(5);
    expect((await bench.get(path)).body).toMatchObject({
      status: "running",
      statusDetail: null,
      resourceId: null,
      resourceLocation: null,
    });
    bench.pass(36);
    expect((await bench.get(path)).body).toEqual({
      "@odata.context": `${sandbox.url}/v1.0/$metadata#employeeExperience/engagementAsyncOperations/$entity`,
      id: "e",
      createdDateTime: "2026-11-21T10:00:00.0007846Z",
      lastActionDateTime: "2026-11-21T10:00:40.0007846Z",
      status: "succeeded",
      statusDetail: null,
      resourceLocation: `${sandbox.url}/v1.0/employeeExperience/communities('community')`,
      operationType: "createCommunity",
      resourceId: "community",
    });
  });

  test("of a failed one says why, in each kind's way", async () => {
    await using bench = await aSandbox();
    const team = bench.sandbox.addOperation({ kind: "team", life: "failing" });
    const community = bench.sandbox.addOperation({ kind: "engagement", life: "failing" });
    bench.pass(8);
    expect((await bench.get(team.path)).body).toMatchObject({
      status: "failed",
      error: { code: "TeamUnavailable", message: "The team was not found." },
    });
    expect((await bench.get(community.path)).body).toMatchObject({
      status: "failed",
      statusDetail: "The team was not found.",
      resourceId: null,
    });
  });
});

describe("a life", () => {
  test("that is late is unknown to Graph at first", async () => {
    await using bench = await aSandbox();
    const { path } = bench.sandbox.addOperation({ kind: "team", life: "late" });
    const answer = await bench.get(path, { "client-request-id": "mine" });
    expect(answer).toMatchObject({
      status: 404,
      body: {
        error: {
          code: "NotFound",
          innerError: {
            date: "2026-11-21T10:00:00",
            "request-id": headerOf(answer, "request-id"),
            "client-request-id": "mine",
          },
        },
      },
    });
    bench.pass(35);
    expect(await bench.get(path)).toMatchObject({ status: 200, body: { status: "inProgress" } });
    expect(bench.sandbox.counts()).toMatchObject({ checks: 2, notFound: 1 });
  });

  test("that is endless never ends", async () => {
    await using bench = await aSandbox();
    const { path } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    bench.pass(30 * 24 * 3_600);
    expect((await bench.get(path)).body).toMatchObject({ status: "inProgress" });
  });

  test("runs faster at a higher speed", async () => {
    await using bench = await aSandbox({ speed: 10, minimumIntervalMs: 0 });
    const { path } = bench.sandbox.addOperation({ kind: "team", life: "slow" });
    bench.pass(3.999);
    expect((await bench.get(path)).body).toMatchObject({ status: "inProgress", attemptsCount: 4 });
    bench.pass(0.001);
    expect((await bench.get(path)).body).toMatchObject({
      status: "succeeded",
      lastActionDateTime: "2026-11-21T10:00:04.0007846Z",
    });
  });

  test("of one's own can answer anything", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { path } = bench.sandbox.addOperation({
      kind: "team",
      life: [
        { afterMs: 0, httpStatus: 429, headers: { "Retry-After": "2.128" } },
        {
          afterMs: 1_000,
          httpStatus: 503,
          body: "<html>away</html>",
          headers: { "content-type": "text/html" },
        },
        { afterMs: 2_000, body: "" },
        { afterMs: 3_000, body: "{not json" },
        { afterMs: 4_000, httpStatus: 202, status: "succeeded", fields: { targetResourceId: null } },
        { afterMs: 5_000, httpStatus: 403 },
        { afterMs: 6_000, body: { value: { status: "running" } } },
        { afterMs: 7_000, httpStatus: 401 },
      ],
    });
    const answers = [];
    for (let second = 0; second < 8; second += 1) {
      answers.push(await bench.get(path));
      bench.pass(1);
    }
    expect(answers.map(({ status }) => status)).toEqual([429, 503, 200, 200, 202, 403, 200, 401]);
    expect(answers[0]?.headers.get("retry-after")).toBe("2.128");
    expect(answers[0]?.body).toMatchObject({ error: { code: "TooManyRequests" } });
    expect(answers[1]?.text).toBe("<html>away</html>");
    expect(answers[1]?.headers.get("content-type")).toBe("text/html");
    expect(answers[2]?.text).toBe("");
    expect(answers[3]?.text).toBe("{not json");
    expect(answers[4]?.body).toMatchObject({ status: "succeeded", targetResourceId: null });
    expect(answers[5]?.body).toMatchObject({ error: { code: "Forbidden" } });
    expect(answers[6]?.body).toEqual({ value: { status: "running" } });
    expect(bench.sandbox.counts()).toMatchObject({ checks: 8, early: 0, unauthorized: 1 });
  });
});

describe("operation types after the sentinel", () => {
  test.each(["createChat", "teamifyGroup", "createChannel", "archiveChannel", "unarchiveChannel"] as const)(
    "%s is shown only to those who ask for it",
    async (operationType) => {
      await using bench = await aSandbox({ minimumIntervalMs: 0 });
      const { path } = bench.sandbox.addOperation({ kind: "team", life: "quick", operationType });
      expect((await bench.get(path)).body).toMatchObject({ operationType: "unknownFutureValue" });
      const prefer = { Prefer: "respond-async, include-unknown-enum-members" };
      expect((await bench.get(path, prefer)).body).toMatchObject({ operationType });
    },
  );

  test.each(["createTeam", "cloneTeam", "archiveTeam", "unarchiveTeam"] as const)(
    "%s, before it, is shown to all",
    async (operationType) => {
      await using bench = await aSandbox();
      const { path } = bench.sandbox.addOperation({ kind: "team", life: "quick", operationType });
      expect((await bench.get(path)).body).toMatchObject({ operationType });
    },
  );
});

describe("the interval between two checks", () => {
  test("must be more than 30 seconds, and a refused check does not begin it anew", async () => {
    await using bench = await aSandbox();
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({ kind: "team", life: "endless" });
    expect((await bench.get(path)).status).toBe(200);
    bench.pass(12.3);
    const early = await bench.get(path);
    expect(early).toMatchObject({ status: 429, body: { error: { code: "TooEarly" } } });
    expect(early.text).toContain("17.7 seconds too early");
    expect(headerOf(early, "retry-after")).toBe("18");
    bench.pass(17.7);
    expect((await bench.get(path)).status).toBe(429);
    bench.pass(0.001);
    expect((await bench.get(path)).status).toBe(200);
    expect(sandbox.counts()).toMatchObject({ checks: 4, early: 2 });
    expect(sandbox.checksOf(location)).toEqual([0, 12_300, 30_000, 30_001].map((ms) => startMs + ms));
  });

  test("is over for a client that waits as long as it was told", async () => {
    await using bench = await aSandbox();
    const { path } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    await bench.get(path);
    for (const seconds of [5, 0, 0.5]) {
      bench.pass(seconds);
      const refused = await bench.get(path);
      expect(refused.status).toBe(429);
      bench.pass(Number(headerOf(refused, "retry-after")));
      expect((await bench.get(path)).status).toBe(200);
    }
  });

  test("is kept for each operation, over all its spellings", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 2_000 });
    bench.sandbox.addOperation({ kind: "team", life: "endless", owner: "t", id: "o" });
    bench.sandbox.addOperation({ kind: "team", life: "endless", owner: "t", id: "other" });
    expect((await bench.get("/v1.0/teams('t')/operations('o')")).status).toBe(200);
    expect((await bench.get("/v1.0/teams('t')/operations('other')")).status).toBe(200);
    expect((await bench.get("/beta//Teams/T/operations/O?$select=id")).status).toBe(429);
    expect((await bench.get("/v1.0/groups('t')/team/operations('o')")).status).toBe(429);
    expect(bench.sandbox.counts()).toMatchObject({ checks: 4, early: 2 });
  });

  test("does not matter when it is 0", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { path } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    expect((await bench.get(path)).status).toBe(200);
    expect((await bench.get(path)).status).toBe(200);
    expect(bench.sandbox.counts().early).toBe(0);
  });
});
