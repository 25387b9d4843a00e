import { describe, expect, test } from "vitest";
import { operationKinds } from "../../src/sandbox/kinds.ts";
import { lifeNames } from "../../src/sandbox/life.ts";
import { PortBusyError } from "../../src/sandbox/port-busy-error.ts";
import { startSandbox, type SandboxRequest } from "../../src/sandbox/server.ts";
import { aSandbox, headerOf, startMs } from "./a-sandbox.ts";

describe("what Graph does not know", () => {
  test("is refused in Graph's shape, with a request id", async () => {
    await using bench = await aSandbox();
    const answers = [
      await bench.get("/v1.0/teams/t/operations/o"),
      await bench.get("/v1.0/teams/t/channels"),
      await bench.get("/teams/t/operations/o"),
      await bench.get("/v1.0/teams/%zz/operations/o"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 400, 400]);
    for (const answer of answers) {
      expect(answer.body).toMatchObject({
        error: { innerError: { "request-id": headerOf(answer, "request-id") } },
      });
    }
    const patched = await fetch(`${bench.sandbox.url}/v1.0/teams/t`, { method: "PATCH", body: "{}" });
    expect(patched.status).toBe(405);
    expect(bench.sandbox.counts()).toMatchObject({ requests: 5, checks: 0, notFound: 1 });
  });
});

describe("the sandbox", () => {
  test("shows each request to who wants to see it", async () => {
    const seen: SandboxRequest[] = [];
    await using bench = await aSandbox({ onRequest: (request) => seen.push(request) });
    await bench.get("/v1.0/teams/t/operations/o?x=1", { "X-Mine": "yes" });
    await bench.get("/_sandbox/counts");
    expect(seen).toMatchObject([
      {
        method: "GET",
        url: "/v1.0/teams/t/operations/o?x=1",
        headers: { "x-mine": "yes" },
        arrivedMs: startMs,
      },
    ]);
  });

  test("measures a check at its arrival, not when its answer leaves", async () => {
    let nowMs = startMs;
    await using sandbox = await startSandbox({
      latencyMs: 20,
      now: () => nowMs,
      onRequest: () => {
        nowMs += 500;
      },
    });
    const { location, path } = sandbox.addOperation({ kind: "team", life: "endless" });
    const beganMs = performance.now();
    await (await fetch(sandbox.url + path)).text();
    expect(performance.now() - beganMs).toBeGreaterThan(18);
    expect(sandbox.checksOf(location)).toEqual([startMs]);
  });

  test("refuses a second operation at the same place, and an id that no path can hold", async () => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "t", id: "o" });
    expect(() => bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "T", id: "O" })).toThrow(
      "already has an operation at /teams('T')/operations('O')",
    );
    expect(() => bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "a/b" })).toThrow(
      "cannot be the path of an operation",
    );
  });

  test("finds the checks of an operation by any spelling of its location", async () => {
    await using bench = await aSandbox();
    const { sandbox } = bench;
    const { path } = sandbox.addOperation({ kind: "team", life: "quick", owner: "t", id: "o" });
    await bench.get(path);
    for (const location of ["/teams/t/operations/o", path, sandbox.url + path]) {
      expect(sandbox.checksOf(location)).toEqual([startMs]);
    }
    expect(() => sandbox.checksOf("/teams/t/operations/unknown")).toThrow("no operation at");
  });

  test("says so when it does not record checks", async () => {
    await using bench = await aSandbox({ recordChecks: false });
    const { location, path } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    expect((await bench.get(path)).status).toBe(200);
    expect(() => bench.sandbox.checksOf(location)).toThrow("recordChecks: false");
  });

  test("makes many operations, each its own", async () => {
    await using bench = await aSandbox();
    const locations = bench.sandbox.addMany(20_000, { kind: "chat", life: "endless" });
    expect(new Set(locations).size).toBe(20_000);
    expect((await bench.get(`/beta${locations[19_999] ?? ""}`)).status).toBe(200);
  });

  test("answers with a fault of its own rather than not at all", async () => {
    await using bench = await aSandbox();
    const { path } = bench.sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, httpStatus: 42 }] });
    expect(await bench.get(path)).toMatchObject({ status: 500, body: { error: { code: "SandboxFault" } } });
  });

  test("can be closed twice, and frees its port", async () => {
    const first = await startSandbox();
    await first.close();
    await first.close();
    await expect(fetch(first.url)).rejects.toThrow("fetch failed");
    await using again = await startSandbox({ port: Number(new URL(first.url).port) });
    expect(again.url).toBe(first.url);
  });

  test("says which port is busy and how to choose another", async () => {
    await using bench = await aSandbox();
    const port = Number(new URL(bench.sandbox.url).port);
    const refusal = startSandbox({ port });
    await expect(refusal).rejects.toBeInstanceOf(PortBusyError);
    await expect(refusal).rejects.toMatchObject({ name: "PortBusyError", port });
    await expect(refusal).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use by another program. Choose another one, for example: npm run sandbox -- --port`,
    );
  });
});

describe("the control endpoints", () => {
  test("make operations and tell the counts, without being counted", async () => {
    await using bench = await aSandbox();
    const one = await bench.post("/_sandbox/operations", { kind: "engagement", life: "late" });
    expect(one).toMatchObject({
      status: 201,
      body: { locations: [expect.stringContaining(`${bench.sandbox.url}/v1.0/employeeExperience/`)] },
    });
    const three = await bench.post("/_sandbox/operations", { kind: "team", life: "slow", count: 3 });
    const location: unknown = expect.stringMatching(/^\/teams\('[^']+'\)\/operations\('[^']+'\)$/u);
    expect(three.body).toEqual({ locations: [location, location, location] });
    await bench.get("/v1.0/teams/t/operations/o");
    expect((await bench.get("/_sandbox/counts")).body).toEqual(bench.sandbox.counts());
    expect(bench.sandbox.counts()).toMatchObject({ requests: 1, notFound: 1, started: 0 });
  });

  test.each(operationKinds.flatMap((kind) => lifeNames.map((life) => [kind, life] as const)))(
    "make an operation of the kind %s with the life %s",
    async (kind, life) => {
      await using bench = await aSandbox();
      const { body } = await bench.post("/_sandbox/operations", { kind, life });
      expect(body).toEqual({ locations: [expect.stringContaining("/")] });
    },
  );

  test("take a path and members", async () => {
    await using bench = await aSandbox();
    const path = "/drives/d/operations/o";
    expect((await bench.post("/_sandbox/operations", { kind: "other", life: "quick", path })).body).toEqual({
      locations: [`${bench.sandbox.url}/v1.0${path}`],
    });
    const team = { kind: "team", life: "quick", path: "/teams('t')/operations('o')", members: ["m"] };
    await bench.post("/_sandbox/operations", team);
    expect((await bench.get("/v1.0/teams/t/members")).body).toMatchObject({ value: [{ userId: "m" }] });
  });

  test.each<[unknown, string]>([
    [{ kind: "group", life: "slow" }, "team, chat, engagement, site, attackSimulation, telephoneNumber"],
    [
      { kind: "other", life: "slow", path: "/drives/d/operations/o", count: 2 },
      "must be a string, and of one operation",
    ],
    [{ kind: "other", life: "slow", path: "/drives/d" }, "cannot be the path of an operation"],
    [{ kind: "team", life: "slow", path: "/chats/c/operations/o" }, "an operation of the kind team"],
    [{ kind: "other", life: "slow", path: "/v1.0/drives/d/operations/o" }, "without its version"],
    [{ kind: "team", life: "slow", members: "a" }, "must be a list of strings"],
    [{ kind: "team", life: "slwo" }, "quick, slow, failing, late, endless, steps, partial"],
    [{ kind: "team", life: "slow", count: 0 }, "whole number from 1"],
    [{ kind: "team", life: "slow", count: 1.5 }, "whole number from 1"],
    ["[]", "must be an object"],
    ["{", "not JSON"],
    [undefined, "must be an object"],
  ])("refuse %j", async (body, message) => {
    await using bench = await aSandbox();
    const answer = await bench.post("/_sandbox/operations", body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(message);
  });

  test("name themselves at a wrong path", async () => {
    await using bench = await aSandbox();
    const answer = await bench.get("/_sandbox/count");
    expect(answer.status).toBe(404);
    expect(answer.text).toContain("GET /_sandbox/counts");
  });
});
