import { expect, test } from "vitest";
import { isJsonObject } from "../../src/sandbox/graph-answer.ts";
import type { LifeName } from "../../src/sandbox/life.ts";
import { aSandbox, type SandboxBench } from "./a-sandbox.ts";

function valueOf(body: unknown): unknown {
  const text = isJsonObject(body) ? body["Value"] : undefined;
  if (typeof text !== "string") throw new Error("The body has no Value.");
  return JSON.parse(text);
}

function statesIn(parts: unknown): string {
  if (!Array.isArray(parts)) throw new Error("The Value has no list of parts.");
  return parts.map((part) => (isJsonObject(part) ? String(part["Status"]) : "?")).join(" ");
}

async function progressOf(bench: SandboxBench, life: LifeName, seconds: readonly number[]) {
  const { path } = bench.sandbox.addOperation({ kind: "team", life });
  const seen: string[] = [];
  let passed = 0;
  for (const second of seconds) {
    bench.pass(second - passed);
    passed = second;
    const { body } = await bench.get(path);
    const value = valueOf(body);
    if (!isJsonObject(body) || !isJsonObject(value)) throw new Error("The body is no object.");
    seen.push(`${String(body["status"])}: ${statesIn(value["apps"])} | ${statesIn(value["channels"])}`);
  }
  return seen;
}

test("a life in steps tells how far the team's apps and channels are", async () => {
  await using bench = await aSandbox({ minimumIntervalMs: 0 });
  expect(await progressOf(bench, "steps", [0, 5, 12, 20])).toEqual([
    "notStarted: NotStarted NotStarted | NotStarted NotStarted NotStarted",
    "inProgress: InProgress NotStarted | Succeeded InProgress NotStarted",
    "inProgress: Succeeded InProgress | Succeeded Succeeded InProgress",
    "succeeded: Succeeded Succeeded | Succeeded Succeeded Succeeded",
  ]);
});

test("a partial success leaves an app failed", async () => {
  await using bench = await aSandbox({ minimumIntervalMs: 0 });
  expect(await progressOf(bench, "partial", [0, 10])).toEqual([
    "inProgress: InProgress NotStarted | InProgress NotStarted NotStarted",
    "succeeded: Failed Succeeded | Succeeded Succeeded Succeeded",
  ]);
});

test("the parts are written as Graph writes them", async () => {
  await using bench = await aSandbox();
  const { path } = bench.sandbox.addOperation({
    kind: "team",
    id: "op",
    life: [{ afterMs: 0, status: "inProgress", apps: ["Failed"], channels: ["NotStarted"] }],
  });
  const UpdateTimestamp = "2026-11-21T10:00:00.0007846+00:00";
  expect(valueOf((await bench.get(path)).body)).toEqual({
    apps: [{ Index: 1, Status: "Failed", UpdateTimestamp, Reference: "com.microsoft.teamspace.tab.vsts" }],
    channels: [{ tabs: [], Index: 1, Status: "NotStarted", UpdateTimestamp, Reference: "General" }],
    WorkflowId: "westeurope.op",
  });
});

test("only the making of a team tells its parts", async () => {
  await using bench = await aSandbox();
  const { path } = bench.sandbox.addOperation({ kind: "team", life: "steps", operationType: "cloneTeam" });
  expect((await bench.get(path)).body).not.toHaveProperty("Value");
});
