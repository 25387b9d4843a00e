import { expect, test } from "vitest";
import { NO_TENANT, waitDirectly } from "../../src/cli/wait-directly.ts";
import type { Progress } from "../../src/cli/report.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { createGraphClient } from "../../src/graph/graph-client.ts";
import { NO_TOKEN } from "../../src/identity/token-source.ts";
import type { Life, LifeName } from "../../src/sandbox/life.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { MINUTE, SECOND, T0 } from "../contracts/store-bench.ts";
import { graphAt } from "../support/graphs.ts";

type Waited = {
  readonly progress: Progress;
  readonly told: readonly Progress[];
  readonly checks: readonly number[];
  readonly early: number;
  readonly ms: number;
};

/** The same as the command line does, with a clock that does not wait. */
async function wait(life: LifeName | Life, timeoutMs = 60 * MINUTE): Promise<Waited> {
  let at = T0;
  const now = (): number => at;
  await using sandbox = await startSandbox({ now });
  const { location } = sandbox.addOperation({ kind: "team", life });
  const graph = createGraphClient({ origin: sandbox.url, tokens: NO_TOKEN, fetch: sandbox.fetch, now });
  const [address] = findAddresses(location, graphAt(sandbox.url)).addresses;
  if (address === undefined) throw new Error(`${location} is no address.`);
  const told: Progress[] = [];
  const progress = await waitDirectly(
    {
      check: async (asked, deadline) => {
        const [answer] = await graph.check(NO_TENANT, asked.version, [asked], deadline);
        return answer ?? { kind: "noAnswer", message: "none" };
      },
      now,
      sleep: (ms) => {
        at += ms;
        return Promise.resolve();
      },
      tell: (each) => told.push(each),
    },
    address,
    { intervalMs: 31 * SECOND, timeoutMs },
  );
  return { progress, told, checks: sandbox.checksOf(location), early: sandbox.counts().early, ms: at - T0 };
}

test.each<[life: LifeName, status: string]>([
  ["quick", "succeeded"],
  ["slow", "succeeded"],
  ["steps", "succeeded"],
  ["failing", "failed"],
  ["late", "succeeded"],
])("%s ends as %s", async (life, status) => {
  const { progress, told, early } = await wait(life);
  expect(progress).toMatchObject({ status, isFinal: true, trouble: null });
  expect(told.at(-1)).toEqual(progress);
  expect(early).toBe(0);
});

test("the end tells the target, and a failure its error", async () => {
  expect((await wait("quick")).progress.targetResourceId).toEqual(expect.any(String));
  expect((await wait("failing")).progress.error).toEqual({
    code: "TeamUnavailable",
    message: "The team was not found.",
  });
});

test("what Graph does not know yet is waited for", async () => {
  const { told } = await wait("late");
  expect(told[0]).toMatchObject({ status: "notStarted", graphStatus: null, isFinal: false });
});

test("what does not end is left alone after the time that was given, and was never asked for too often", async () => {
  const { progress, checks, ms } = await wait("endless", 10 * MINUTE);
  expect(progress).toMatchObject({ isFinal: false, status: "running" });
  expect(ms).toBeLessThanOrEqual(10 * MINUTE);
  expect(checks.length).toBeGreaterThan(5);
  const gaps = checks.slice(1).map((each, index) => each - (checks[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(30 * SECOND);
});

test("403 is the end, in some time, and says so", async () => {
  const { progress, early } = await wait([{ afterMs: 0, httpStatus: 403 }]);
  expect(progress).toMatchObject({ status: "forbidden", isFinal: true });
  expect(progress.trouble).toContain("403");
  expect(early).toBe(0);
});

test("an operation that Graph never knows", async () => {
  const { progress } = await wait([{ afterMs: 1e12, status: "succeeded" }]);
  expect(progress).toMatchObject({ status: "notFound", isFinal: true });
});

test("a status that nobody knows is none: it goes on", async () => {
  const life: Life = [
    { afterMs: 0, status: "unknownFutureValue" },
    { afterMs: 5 * MINUTE, status: "succeeded" },
  ];
  const { progress, told } = await wait(life);
  expect(told.some(({ status }) => status === "unknown")).toBe(true);
  expect(progress).toMatchObject({ status: "succeeded", isFinal: true });
});

test("what can't be read is asked again: 500, 429, no JSON", async () => {
  for (const trouble of [
    { httpStatus: 500 },
    { httpStatus: 429, headers: { "Retry-After": "60" } },
    { body: "<html>" },
    { httpStatus: 503 },
  ]) {
    const { progress, early } = await wait([
      { afterMs: 0, ...trouble },
      { afterMs: 2 * MINUTE, status: "succeeded" },
    ]);
    expect({ trouble, progress }).toMatchObject({ progress: { status: "succeeded", isFinal: true } });
    expect(early).toBe(0);
  }
});

test("Retry-After is heeded", async () => {
  const { checks } = await wait([
    { afterMs: 0, httpStatus: 429, headers: { "Retry-After": "120" } },
    { afterMs: 10 * SECOND, status: "succeeded" },
  ]);
  expect((checks[1] ?? 0) - (checks[0] ?? 0)).toBeGreaterThanOrEqual(120 * SECOND);
});

test("a failure without an error is one", async () => {
  const { progress } = await wait([{ afterMs: 0, status: "failed" }]);
  expect(progress).toMatchObject({ status: "failed", isFinal: true });
});
