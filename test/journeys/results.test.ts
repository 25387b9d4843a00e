import { expect, test } from "vitest";
import type { OperationPlan } from "../../src/sandbox/operations.ts";
import { PERSONAL } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard, textOf, type Write } from "../support/fake-teams.ts";

type Options = Parameters<typeof anApp>[0];

async function aBench(options: Options = {}): Promise<AppBench> {
  return anApp({ ...options, env: { LOOK_AT_RESULTS: "1", ...options.env } });
}

function card(bench: AppBench, text: string, timeoutMs?: number): Promise<Write> {
  return bench.teams.when(text, (write) => isCard(write) && textOf(write) === text, timeoutMs);
}

async function track(bench: AppBench, plan: Partial<OperationPlan> = {}): Promise<string> {
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick", ...plan });
  await bench.say(PERSONAL, `track ${location}`);
  return location;
}

function actionsOf(write: Write): readonly string[] {
  return [
    ...JSON.stringify(write.activity).matchAll(/"type":"(Action\.(?:OpenUrl|Execute|ToggleVisibility))"/gu),
  ].map(([, type = ""]) => type);
}

test("a result that is there makes it ready, with a button that opens it", async () => {
  await using bench = await aBench();
  await track(bench, { visibleAfterMs: 0 });
  const ready = await card(bench, "Create team — ready");
  expect(actionsOf(ready)).toEqual(["Action.OpenUrl", "Action.ToggleVisibility"]);
  expect(JSON.stringify(ready.activity)).toMatch(/"url":"https:\/\/teams\.microsoft\.com\/l\/team\//u);
  // Success first, at once; the look comes later, and changes the same card.
  const succeeded = bench.teams.writes.find((write) => textOf(write) === "Create team — succeeded");
  expect(succeeded?.activityId).toBe(ready.activityId);
  expect(actionsOf(succeeded ?? ready)).not.toContain("Action.OpenUrl");
  expect(bench.sandbox.counts()).toMatchObject({ targetLooks: 1, early: 0 });
});

test("a chat that is there opens, too; a community can't be opened but is ready", async () => {
  await using bench = await aBench();
  await track(bench, { kind: "chat", visibleAfterMs: 0 });
  expect(actionsOf(await card(bench, "Create chat — ready"))).toContain("Action.OpenUrl");
  await track(bench, { kind: "engagement", visibleAfterMs: 0 });
  expect(actionsOf(await card(bench, "Create community — ready"))).not.toContain("Action.OpenUrl");
});

test("a result that comes late is looked for again", async () => {
  // The second look comes about five seconds after the end.
  await using bench = await aBench({ sandbox: { speed: 20 } });
  await track(bench, { visibleAfterMs: 80_000 });
  await card(bench, "Create team — ready");
  expect(bench.sandbox.counts().targetLooks).toBe(2);
});

test("a result that is not seen is looked for three times, and then told of", async () => {
  await using bench = await aBench();
  await track(bench, { visibleAfterMs: 1e12 });
  await bench.teams.when(
    "unseen",
    (write) =>
      isCard(write) && JSON.stringify(write.activity).includes("has looked for the result three times"),
  );
  expect(bench.sandbox.counts().targetLooks).toBe(3);
  expect(bench.teams.writes.filter((write) => textOf(write).includes("ready"))).toEqual([]);
});

test("what made nothing, and what did not succeed, is not looked at", async () => {
  await using bench = await aBench();
  await track(bench, { operationType: "archiveTeam" });
  await track(bench, { life: "failing" });
  await card(bench, "Archive team — succeeded");
  await bench.teams.when("failure", (write) => textOf(write).startsWith("Create team — failed"));
  await new Promise((resolve) => {
    setTimeout(resolve, 2_500);
  });
  expect(bench.sandbox.counts().targetLooks).toBe(0);
});

test("switched off, no result is asked for", async () => {
  await using bench = await anApp();
  await track(bench, { visibleAfterMs: 0 });
  await card(bench, "Create team — succeeded");
  await new Promise((resolve) => {
    setTimeout(resolve, 2_500);
  });
  expect(bench.sandbox.counts().targetLooks).toBe(0);
  expect(bench.teams.writes.map(textOf)).not.toContain("Create team — ready");
});
