import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isFinal, laterOf, phaseOf, type Phase } from "../../src/core/snapshot.ts";
import { aSnapshot } from "./samples.ts";

test.each<[string, Phase, boolean]>([
  ["notStarted", "waiting", false],
  ["inProgress", "running", false],
  ["inprogress", "running", false],
  ["running", "running", false],
  ["succeeded", "succeeded", true],
  ["Completed", "succeeded", true],
  ["completed", "succeeded", true],
  ["failed", "failed", true],
  ["skipped", "skipped", true],
  ["invalid", "unrecognised", false],
  ["unknownFutureValue", "unrecognised", false],
  ["waiting", "waiting", false],
  ["updating", "running", false],
  ["deletePending", "running", false],
  ["deleteFailed", "failed", true],
  ["submissionFailed", "failed", true],
  ["complete", "succeeded", true],
  ["success", "unrecognised", false],
  ["unspecified", "unrecognised", false],
  [" succeeded ", "unrecognised", false],
  ["", "unrecognised", false],
  ["constructor", "unrecognised", false],
])("%j is %s", (status, phase, isEnd) => {
  expect(phaseOf(status)).toBe(phase);
  expect(isFinal(phaseOf(status))).toBe(isEnd);
});

/** Every word of Graph's documentation for an end. */
const FINAL_WORDS: readonly string[] = [
  "succeeded",
  "completed",
  "complete",
  "failed",
  "deletefailed",
  "submissionfailed",
  "skipped",
];

test("no word but Graph's own is an end", () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      fc.pre(!FINAL_WORDS.includes(word.toLowerCase()));
      expect(isFinal(phaseOf(word))).toBe(false);
    }),
  );
});

describe("the later of two answers", () => {
  const running = aSnapshot("inProgress", { attempts: 2 });

  test("is the only one", () => {
    expect(laterOf(null, running)).toBe(running);
  });

  test("is the known one when both say the same", () => {
    const error = { code: "a", message: "b" };
    const known = { ...running, error };
    expect(laterOf(known, { ...running, error: { ...error } })).toBe(known);
  });

  test.each([
    ["an earlier attempt", aSnapshot("inProgress", { attempts: 1 })],
    ["the same attempt, earlier", aSnapshot("notStarted", { attempts: 2 })],
    ["no attempts at all", aSnapshot("inProgress", { attempts: null })],
  ])("is the known one when the answer is of %s", (_, answered) => {
    expect(laterOf(running, answered)).toBe(running);
  });

  test.each([
    ["a later attempt", aSnapshot("notStarted", { attempts: 3 })],
    ["the same attempt with more to tell", aSnapshot("inProgress", { attempts: 2, detail: "half" })],
    ["an end", aSnapshot("succeeded", { attempts: 2 })],
    ["an unknown status", aSnapshot("pondering", { attempts: 2 })],
  ])("is the answer when it is of %s", (_, answered) => {
    expect(laterOf(running, answered)).toEqual(answered);
  });

  test("attempts that begin to be counted are news", () => {
    const uncounted = aSnapshot("inProgress", { attempts: null });
    expect(laterOf(uncounted, running)).toBe(running);
    expect(laterOf(uncounted, aSnapshot("inProgress", { attempts: 0 }))).toMatchObject({ attempts: 0 });
  });
});
