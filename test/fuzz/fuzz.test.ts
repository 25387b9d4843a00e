import { expect, test } from "vitest";

import { checkAnswers, makeAnswers, type AnswerCounts } from "./answers.ts";
import { checkPaste, makePaste, type PasteCounts } from "./pastes.ts";
import { Random } from "./random.ts";

// A short run of what `node test/fuzz/main.ts` does at length.
const SEED = 20_261_121;

test("five thousand pastes", () => {
  const counts: PasteCounts = { addresses: 0, nearMisses: 0, bareIds: 0, characters: 0, readBack: 0 };
  for (let index = 0; index < 5_000; index += 1) {
    const random = new Random(SEED, index);
    expect(checkPaste(makePaste(random), random, counts)).toBeNull();
  }
  // It does find what is there.
  expect(counts.addresses).toBeGreaterThan(500);
  expect(counts.readBack).toBeGreaterThan(500);
  expect(counts.nearMisses).toBeGreaterThan(500);
});

test("two thousand sequences of answers", () => {
  const counts: AnswerCounts = { answers: 0, ends: {} };
  for (let index = 0; index < 2_000; index += 1) {
    expect(checkAnswers(makeAnswers(new Random(SEED, index)), counts)).toBeNull();
  }
  expect(counts.answers).toBeGreaterThan(5_000);
  expect(Object.keys(counts.ends).toSorted()).toEqual(
    expect.arrayContaining(["failed", "forbidden", "notFound", "skipped", "succeeded"]),
  );
});

test("a seed makes the same again, and another one something else", () => {
  const made = (seed: number): string => {
    const random = new Random(seed, 7);
    return makePaste(random) + JSON.stringify(makeAnswers(random));
  };
  expect(made(1)).toBe(made(1));
  expect(made(1)).not.toBe(made(2));
});
