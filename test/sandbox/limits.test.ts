import { describe, expect, test } from "vitest";
import { createLimits } from "../../src/sandbox/limits.ts";
import { aSandbox, headerOf, startMs, within } from "./a-sandbox.ts";

const path = (owner: string) => ["teams", owner, "operations", "o"];

/** How many of the requests, each so long after the one before, pass. */
function passing(count: number, everyMs: number, segmentsOf: (at: number) => readonly string[]): number {
  const limits = createLimits();
  let passed = 0;
  for (let at = 0; at < count; at += 1) {
    if (limits.waitSeconds(segmentsOf(at), startMs + at * everyMs) === 0) passed += 1;
  }
  return passed;
}

describe("in any second, the limit", () => {
  test.each<[string, (at: number) => readonly string[], number]>([
    ["of the tenant is 30", (at) => path(`t${at}`), 30],
    ["of a team is 4", () => path("t"), 4],
    [
      "of a team is 4 over all its spellings",
      (at) => (at % 2 === 0 ? ["groups", "T", "team"] : path("t")),
      4,
    ],
    ["of a chat is 1", () => ["chats", "c"], 1],
    ["of a user's chat is 1", () => ["users", "u", "chats", "c", "operations", "o"], 1],
  ])("%s", (_what, segmentsOf, limit) => {
    expect(passing(40, 0, segmentsOf)).toBe(limit);
  });

  test("is for the second that slides along", () => {
    const limits = createLimits();
    const passes = (atMs: number): boolean => limits.waitSeconds(["chats", "c"], startMs + atMs) === 0;
    expect([0, 1_000, 1_999, 2_998, 3_998].map(passes)).toEqual([true, true, false, false, true]);
  });
});

describe("over a minute, the limit is 83 percent", () => {
  test.each<[string, number, (at: number) => readonly string[], number]>([
    ["of the tenant's", 30, (at) => path(`t${at}`), 1_494],
    ["of a team's", 4, () => path("t"), 199],
    ["of a chat's", 1, () => ["chats", "c"], 49],
  ])("%s", (_what, burst, segmentsOf, limit) => {
    const everyMs = 1_000 / burst;
    expect(passing(burst * 60, everyMs, segmentsOf)).toBe(limit);
    // Just slow enough never to be refused.
    expect(passing(burst * 300, 60_000 / limit, segmentsOf)).toBe(burst * 300);
  });
});

test("a client that waits as long as it was told passes", () => {
  const limits = createLimits();
  let atMs = startMs;
  for (let round = 0; round < 20; round += 1) {
    const waits = Array.from({ length: 8 }, () => limits.waitSeconds(path("t"), atMs));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(round === 0 ? 4 : 3);
    atMs += (waits.at(-1) ?? 0) * 1_000;
    expect(limits.waitSeconds(path("t"), atMs)).toBe(0);
  }
});

test("the wait is told in whole seconds, from 1 to 10", () => {
  const limits = createLimits();
  const at = (ms: number): number => limits.waitSeconds(["chats", "c"], startMs + ms);
  expect([0, 1, 2].map(at)).toEqual([0, 1, 1]);
  const long = Array.from({ length: 60 }, (_, second) => at(10_000 + second * 1_000));
  expect(Math.max(...long)).toBe(10);
});

describe("a sandbox that keeps Graph's limits", () => {
  test("refuses in Graph's shape, and records the refused check", async () => {
    await using bench = await aSandbox({ realLimits: true });
    const { sandbox } = bench;
    const { location, path: at } = sandbox.addOperation({ kind: "chat", life: "endless" });
    expect((await bench.get(at)).status).toBe(200);
    bench.pass(0.5);
    const refused = await bench.get(at);
    expect(refused).toMatchObject({
      status: 429,
      body: {
        error: {
          code: "TooManyRequests",
          innerError: {
            code: "429",
            date: "2026-11-21T10:00:00",
            message: "Please retry after",
            "request-id": headerOf(refused, "request-id"),
            status: "429",
          },
          message: "Please retry again later.",
        },
      },
    });
    expect(headerOf(refused, "retry-after")).toBe("1");
    expect(sandbox.counts()).toMatchObject({ requests: 2, checks: 2, throttled: 1, early: 0 });
    expect(sandbox.checksOf(location)).toEqual([startMs, startMs + 500]);
    bench.pass(29.501);
    expect((await bench.get(at)).status).toBe(200);
  });

  test("counts each item of a batch, and not the batch", async () => {
    await using bench = await aSandbox({ realLimits: true });
    const locations = bench.sandbox.addMany(40, { kind: "team", life: "endless" });
    const items = locations.map((url, at) => ({ id: String(at), method: "GET", url }));
    await bench.batch("v1.0", ...items.slice(0, 20));
    const { body } = await bench.batch("v1.0", ...items.slice(20));
    const statuses = Array.from({ length: 20 }, (_, at) => within(body, "responses", at, "status"));
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect(bench.sandbox.counts()).toMatchObject({ requests: 2, batches: 2, checks: 40, throttled: 10 });
  });

  test("begins a life only with a check that passes", async () => {
    await using bench = await aSandbox({ realLimits: true });
    const owner = "19:c@unq";
    bench.sandbox.addOperation({ kind: "chat", life: "endless", owner, id: "first" });
    const second = { kind: "chat", life: "quick", owner, id: "second", startsAtFirstCheck: true } as const;
    const { path: at } = bench.sandbox.addOperation(second);
    await bench.get(`/beta/chats/${owner}/operations/first`);
    expect((await bench.get(at)).status).toBe(429);
    bench.pass(60);
    expect((await bench.get(at)).body).toMatchObject({ status: "notStarted" });
  });

  test("lets everything pass by default", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { path: at } = bench.sandbox.addOperation({ kind: "chat", life: "endless" });
    for (let count = 0; count < 5; count += 1) expect((await bench.get(at)).status).toBe(200);
    expect(bench.sandbox.counts().throttled).toBe(0);
  });
});
