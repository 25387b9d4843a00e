import fc from "fast-check";
import { expect, test } from "vitest";

import { countSteps, isSameSteps, settledSteps, type Step } from "../../src/core/steps.ts";

const app = (state: Step["state"], name = "app"): Step => ({ group: "apps", name, state });
const channel = (state: Step["state"], name = "channel"): Step => ({ group: "channels", name, state });

test("there is one count for each group that is there, apps first", () => {
  expect(countSteps([])).toEqual([]);
  expect(countSteps([channel("waiting"), app("done"), app("failed"), app("running")])).toEqual([
    { group: "apps", done: 1, failed: 1, total: 3, isTold: true },
    { group: "channels", done: 0, failed: 0, total: 1, isTold: true },
  ]);
});

test("of steps without a word on how they stand, only their number is told", () => {
  expect(countSteps([app("unknown"), app("unknown")])).toEqual([
    { group: "apps", done: 0, failed: 0, total: 2, isTold: false },
  ]);
  expect(countSteps([app("unknown"), app("done")])[0]?.isTold).toBe(true);
});

test("what has come to an end, good or bad, is settled", () => {
  expect(settledSteps([app("done"), app("failed"), channel("done"), app("running"), app("unknown")])).toBe(3);
  expect(settledSteps([])).toBe(0);
});

test.each<[string, readonly Step[], readonly Step[], boolean]>([
  ["nothing", [], [], true],
  ["the same", [app("done")], [app("done")], true],
  ["another state", [app("done")], [app("failed")], false],
  ["another name", [app("done", "a")], [app("done", "b")], false],
  ["another group", [app("done", "a")], [channel("done", "a")], false],
  ["one more", [app("done")], [app("done"), app("done")], false],
  ["one less", [app("done"), app("done")], [app("done")], false],
  ["another order", [app("done"), channel("done")], [channel("done"), app("done")], false],
])("steps are the same: %s", (_, a, b, isSame) => {
  expect(isSameSteps(a, b)).toBe(isSame);
});

test("the counts add up, whatever the steps", () => {
  const step = fc.record({
    group: fc.constantFrom("apps" as const, "channels" as const),
    name: fc.string(),
    state: fc.constantFrom(
      "waiting" as const,
      "running" as const,
      "done" as const,
      "failed" as const,
      "unknown" as const,
    ),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const counts = countSteps(steps);
      expect(counts.reduce((sum, { total }) => sum + total, 0)).toBe(steps.length);
      expect(counts.reduce((sum, { done, failed }) => sum + done + failed, 0)).toBe(settledSteps(steps));
      expect(isSameSteps(steps, structuredClone(steps))).toBe(true);
    }),
  );
});
