import { expect, test } from "vitest";
import type { LifeTable } from "../../src/core/durations.ts";
import { createLearner } from "../../src/flows/learn-durations.ts";

const LIFE = { type: "team/createTeam", fromMs: 0, toMs: 60_000, succeeded: true };

test("each life is saved once; what can't be saved is left, and the next ones are saved", async () => {
  const saved: number[] = [];
  let isAway = false;
  const learner = createLearner({
    saveLives: async (lives: ReadonlyMap<string, LifeTable>) => {
      if (isAway) throw new Error("away");
      saved.push(lives.get(LIFE.type)?.succeeded.reduce((sum, each) => sum + each, 0) ?? 0);
    },
    usual: async () => new Map([[LIFE.type, { count: 12, medianMs: saved.length, p95Ms: null }]]),
  });
  expect(learner.usual()).toEqual(new Map());
  learner.note(LIFE);
  learner.note(null);
  learner.note(LIFE);
  await learner.learn();
  await learner.learn();
  expect(saved).toEqual([2]);
  expect(learner.usual().get(LIFE.type)?.medianMs).toBe(1);

  isAway = true;
  learner.note(LIFE);
  await expect(learner.learn()).rejects.toThrow("away");
  expect(learner.usual().get(LIFE.type)?.medianMs).toBe(1);
  isAway = false;
  learner.note(LIFE);
  await learner.learn();
  expect(saved).toEqual([2, 1]);
});
