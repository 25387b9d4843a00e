import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isFinal, laterOf, phaseOf, type Phase, type Snapshot } from "../../src/core/snapshot.ts";
import type { Step } from "../../src/core/steps.ts";
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
const FINAL_WORDS: ReadonlySet<string> = new Set([
  "succeeded",
  "completed",
  "complete",
  "failed",
  "deletefailed",
  "submissionfailed",
  "skipped",
]);

test("no word but Graph's own is an end", () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      fc.pre(!FINAL_WORDS.has(word.toLowerCase()));
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

describe("progress that Graph counts", () => {
  const at = (
    percent: number | null,
    states: readonly Step["state"][] = [],
    status = "inProgress",
  ): Snapshot =>
    aSnapshot(status, {
      percent,
      steps: states.map((state, index) => ({ group: "apps", name: `app ${index}`, state })),
    });

  test.each<[string, Snapshot, Snapshot, "known" | "answer"]>([
    ["more percent", at(10), at(20), "answer"],
    ["less percent", at(20), at(10), "known"],
    ["the same percent", at(20), at(20), "known"],
    ["percent where there was none", at(null), at(0), "answer"],
    ["no percent where there was some", at(20), at(null), "answer"],
    ["more steps done", at(null, ["waiting"]), at(null, ["done"]), "answer"],
    ["fewer steps done", at(null, ["done", "done"]), at(null, ["done", "waiting"]), "known"],
    ["a step failed", at(null, ["done", "running"]), at(null, ["done", "failed"]), "answer"],
    ["steps where there were none", at(null), at(null, ["waiting"]), "answer"],
    [
      "a step renamed",
      at(null, ["waiting"]),
      { ...at(null), steps: [{ group: "apps", name: "other", state: "waiting" }] },
      "answer",
    ],
    ["percent goes before steps", at(20, ["done"]), at(30, ["waiting"]), "answer"],
    ["less percent with more steps", at(20, ["waiting"]), at(10, ["done"]), "known"],
    ["an earlier phase with more percent", at(20), at(90, [], "notStarted"), "known"],
    ["a later phase with less percent", at(90, [], "notStarted"), at(20), "answer"],
    ["an end with less percent", at(90), at(10, [], "succeeded"), "answer"],
    ["an end without its steps", at(90, ["done"]), at(null, [], "failed"), "answer"],
    ["a new attempt from the start", { ...at(90), attempts: 1 }, { ...at(0), attempts: 2 }, "answer"],
    ["an old attempt further on", { ...at(0), attempts: 2 }, { ...at(90), attempts: 1 }, "known"],
  ])("%s: %s", (_, known, answered, taken) => {
    expect(laterOf(known, answered)).toBe(taken === "known" ? known : answered);
  });

  test("never falls within one attempt and phase, whatever the order of the answers", () => {
    const answer = fc.record({ percent: fc.option(fc.nat({ max: 100 })), done: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), (answers) => {
        let known: Snapshot | null = null;
        for (const { percent, done } of answers) {
          const before: Snapshot | null = known;
          known = laterOf(
            known,
            at(
              percent,
              Array.from({ length: done }, () => "done"),
            ),
          );
          // Where either has none, there is nothing to compare.
          expect(known.percent ?? Infinity).toBeGreaterThanOrEqual(before?.percent ?? 0);
        }
      }),
    );
  });

  test("taking the later of two again changes nothing", () => {
    const answers = [
      at(10),
      at(null, ["done"]),
      at(30, ["waiting"]),
      at(5, [], "notStarted"),
      at(1, [], "failed"),
    ];
    for (const a of answers) {
      for (const b of answers) {
        const later = laterOf(a, b);
        expect(laterOf(later, structuredClone(later))).toEqual(later);
      }
    }
  });
});
