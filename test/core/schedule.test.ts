import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { afterPause, spreadOf, waitAfterAnswer, waitAfterMiss } from "../../src/core/schedule.ts";
import { DAY, HOUR, INTERVAL, MINUTE, START } from "./samples.ts";

const cadence = { intervalMs: INTERVAL };
const anInterval = fc.integer({ min: 1_000, max: 3_600_000 });
const aSpread = fc.double({ min: 0, max: 1, noNaN: true });

describe("after an answer", () => {
  test.each([
    ["at once", 0, INTERVAL],
    ["before it began (a clock that went back)", -HOUR, INTERVAL],
    ["after ten minutes", 10 * MINUTE, INTERVAL],
    ["after twenty intervals", 20 * INTERVAL, INTERVAL],
    ["after twenty minutes", 20 * MINUTE, MINUTE],
    ["after an hour", HOUR, 3 * MINUTE],
    ["after two hours", 2 * HOUR, 10 * INTERVAL],
    ["after a week", 7 * DAY, 10 * INTERVAL],
  ])("%s", (_, trackedFor, wait) => {
    expect(waitAfterAnswer(trackedFor, cadence)).toBe(wait);
  });

  test("the wait never shrinks while time goes on, and stays between one and ten intervals", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 30 * DAY }),
        fc.nat({ max: DAY }),
        anInterval,
        (trackedFor, more, intervalMs) => {
          const wait = waitAfterAnswer(trackedFor, { intervalMs });
          expect(wait).toBeGreaterThanOrEqual(intervalMs);
          expect(wait).toBeLessThanOrEqual(10 * intervalMs);
          expect(waitAfterAnswer(trackedFor + more, { intervalMs })).toBeGreaterThanOrEqual(wait);
        },
      ),
    );
  });
});

describe("after a miss", () => {
  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 10],
    [6, 10],
    [1_000_000, 10],
  ])("the wait of miss %i is %i intervals", (misses, intervals) => {
    expect(waitAfterMiss(misses, 0, cadence)).toBe(intervals * INTERVAL);
  });

  test("it is never shorter than an interval, never longer than twelve, and grows with the misses", () => {
    fc.assert(
      fc.property(fc.nat(), aSpread, anInterval, (misses, spread, intervalMs) => {
        const wait = waitAfterMiss(misses, spread, { intervalMs });
        expect(wait).toBeGreaterThanOrEqual(intervalMs);
        expect(wait).toBeLessThanOrEqual(12 * intervalMs);
        expect(waitAfterMiss(misses + 1, spread, { intervalMs })).toBeGreaterThanOrEqual(wait);
      }),
    );
  });
});

test("every wait is a multiple of the interval: a shorter one speeds all up alike", () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 * DAY }), fc.nat({ max: 30 }), aSpread, (trackedFor, misses, spread) => {
      const [slow, fast] = [{ intervalMs: 30_000 }, { intervalMs: 1_000 }];
      expect(waitAfterAnswer(trackedFor * 30, slow)).toBeCloseTo(30 * waitAfterAnswer(trackedFor, fast), 3);
      expect(waitAfterMiss(misses, spread, slow)).toBeCloseTo(30 * waitAfterMiss(misses, spread, fast), 3);
    }),
  );
});

test("after a pause operations come one after the other, within one interval, none too early", () => {
  fc.assert(
    fc.property(aSpread, anInterval, (spread, intervalMs) => {
      const at = afterPause(START, spread, { intervalMs });
      expect(at).toBeGreaterThanOrEqual(START);
      expect(at).toBeLessThanOrEqual(START + intervalMs);
      expect(Number.isInteger(at)).toBe(true);
    }),
  );
});

describe("the spread of an operation", () => {
  test("is from 0 to 1, and always the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const spread = spreadOf(text);
        expect(spread).toBeGreaterThanOrEqual(0);
        expect(spread).toBeLessThanOrEqual(1);
        expect(spreadOf(text)).toBe(spread);
      }),
    );
  });

  test("is FNV-1a", () => {
    expect(spreadOf("")).toBe(0x811c9dc5 / 0xffffffff);
    expect(spreadOf("a")).toBe(0xe40c292c / 0xffffffff);
    expect(spreadOf("foobar")).toBe(0xbf9cf968 / 0xffffffff);
  });

  test("fills the whole range evenly for ids like ours", () => {
    const tenths = new Map<number, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const id = `${index.toString(16).padStart(8, "0")}-1b2c-4d3e-8f40-${(index * 7_919).toString(16).padStart(12, "0")}`;
      const tenth = Math.floor(spreadOf(id) * 10);
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
    expect(tenths.size).toBe(10);
    for (const count of tenths.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});
