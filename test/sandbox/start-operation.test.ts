import { describe, expect, test } from "vitest";
import { aSandbox, headerOf } from "./a-sandbox.ts";

const team = "5e0c5e4c-0a4d-4a7c-8a2e-000000000001";

describe("a POST that starts an operation", () => {
  test("for a new team answers 202 with the operation, the team and no body", async () => {
    await using bench = await aSandbox();
    const answer = await bench.post("/v1.0/teams", { displayName: "Design" });
    expect(answer.status).toBe(202);
    expect(answer.text).toBe("");
    expect(headerOf(answer, "content-type")).toBe("text/plain");
    expect(headerOf(answer, "content-length")).toBe("0");
    const location = headerOf(answer, "location");
    expect(location).toMatch(/^\/teams\('[\da-f-]{36}'\)\/operations\('[\da-f-]{36}'\)$/u);
    expect(location.startsWith(`${headerOf(answer, "content-location")}/operations`)).toBe(true);
    expect((await bench.get(`/v1.0${location}`)).body).toMatchObject({
      operationType: "createTeam",
      status: "notStarted",
    });
    expect(bench.sandbox.counts()).toMatchObject({ requests: 2, started: 1, checks: 1 });
  });

  test("for a clone names the new team", async () => {
    await using bench = await aSandbox();
    const answer = await bench.post(`/v1.0/teams('${team}')/clone`, { displayName: "Copy" });
    const location = headerOf(answer, "location");
    expect(answer.status).toBe(202);
    expect(location).toMatch(/^\/teams\('/u);
    expect(location).not.toContain(team);
    expect((await bench.get(`/beta${location}`)).body).toMatchObject({ operationType: "cloneTeam" });
  });

  test.each([
    ["archive", "archiveTeam"],
    ["unarchive", "unarchiveTeam"],
  ])("for %s names the same team and needs no body", async (action, operationType) => {
    await using bench = await aSandbox();
    const answer = await bench.post(`/v1.0/teams/${team}/${action}`);
    const location = headerOf(answer, "location");
    expect(answer.status).toBe(202);
    expect(location.startsWith(`/teams('${team}')/operations('`)).toBe(true);
    expect((await bench.get(`/v1.0${location}`)).body).toMatchObject({
      operationType,
      targetResourceId: team,
    });
  });

  test("for a shared channel announces it in Content-Location only", async () => {
    await using bench = await aSandbox();
    const answer = await bench.post(`/v1.0/teams/${team}/channels`, { membershipType: "shared" });
    const location = headerOf(answer, "content-location");
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBeNull();
    expect(location).toMatch(/^\/teams\/[\da-f-]{36}\/operations\/[\da-f-]{36}$/u);
    expect(location).not.toContain(team);
    const prefer = { Prefer: "include-unknown-enum-members" };
    expect((await bench.get(`/v1.0${location}`, prefer)).body).toMatchObject({
      operationType: "createChannel",
    });
    expect(await bench.post(`/v1.0/teams/${team}/channels`, { displayName: "Standard" })).toMatchObject({
      status: 201,
    });
    expect(bench.sandbox.counts().started).toBe(1);
  });

  test("for a chat needs beta and installed apps", async () => {
    await using bench = await aSandbox();
    const chat = { chatType: "oneOnOne", installedApps: [{}] };
    const answer = await bench.post("/beta/chats", chat);
    const location = headerOf(answer, "location");
    expect(answer.status).toBe(202);
    expect(location).toMatch(/^\/chats\('19:[^']+'\)\/operations\('[\da-f-]{110}'\)$/u);
    expect(await bench.get(`/beta${location}`)).toMatchObject({ status: 200 });
    expect((await bench.post("/v1.0/chats", chat)).status).toBe(400);
    expect((await bench.post("/beta/chats", { chatType: "oneOnOne" })).status).toBe(201);
    expect(bench.sandbox.counts().started).toBe(1);
  });

  test("for a community gives an absolute location", async () => {
    await using bench = await aSandbox();
    const { url } = bench.sandbox;
    const answer = await bench.post("/v1.0/employeeExperience/communities", { displayName: "All" });
    const location = headerOf(answer, "location");
    expect(answer.status).toBe(202);
    expect(location.startsWith(`${url}/v1.0/employeeExperience/engagementAsyncOperations('`)).toBe(true);
    expect((await bench.get(location.slice(url.length))).body).toMatchObject({
      operationType: "createCommunity",
    });
    expect(bench.sandbox.checksOf(location)).toHaveLength(1);
  });
});

describe("the life of a started operation", () => {
  test.each<[string, Record<string, unknown>, Record<string, string>, string]>([
    ["a word of its name", { displayName: "Team FAILING 7" }, {}, "failed"],
    ["a word of its topic", { topic: "endless-talk" }, {}, "inProgress"],
    ["a header", { displayName: "Team" }, { "x-sandbox-life": "endless" }, "inProgress"],
    ["its name before a header", { displayName: "failing" }, { "x-sandbox-life": "endless" }, "failed"],
    ["nothing: quick", { displayName: "Translators of slowness" }, {}, "succeeded"],
  ])("comes from %s", async (_what, body, headers, status) => {
    await using bench = await aSandbox();
    const answer = await bench.post("/v1.0/teams", body, headers);
    bench.pass(10);
    expect((await bench.get(`/v1.0${headerOf(answer, "location")}`)).body).toMatchObject({ status });
  });

  test("is not guessed from a header that names none", async () => {
    await using bench = await aSandbox();
    const answer = await bench.post(`/v1.0/teams/${team}/archive`, {}, { "x-sandbox-life": "slwo" });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("quick, slow, failing, late, endless");
  });
});

describe("a POST that cannot be taken", () => {
  test("is refused in Graph's shape", async () => {
    await using bench = await aSandbox();
    const badRequest = { status: 400, body: { error: { code: "BadRequest" } } };
    expect(await bench.post("/v1.0/teams", '{"displayName":')).toMatchObject(badRequest);
    expect(await bench.post("/v1.0/teams")).toMatchObject(badRequest);
    expect(await bench.post("/v1.0/teams", [1])).toMatchObject(badRequest);
    expect(await bench.post("/v1.0/users", {})).toMatchObject(badRequest);
    expect(await bench.post("/v2.0/teams", {})).toMatchObject(badRequest);
    expect(bench.sandbox.counts()).toMatchObject({ requests: 5, started: 0 });
  });

  test("is too large above 1 MB", async () => {
    await using bench = await aSandbox();
    const fits = JSON.stringify({ displayName: "x".repeat(1024 * 1024 - 18) });
    expect(fits).toHaveLength(1024 * 1024);
    expect((await bench.post("/v1.0/teams", fits)).status).toBe(202);
    expect(await bench.post("/v1.0/teams", `${fits} `)).toMatchObject({
      status: 413,
      body: { error: { code: "RequestEntityTooLarge" } },
    });
  });
});
