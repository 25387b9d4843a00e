import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { BUCKETS, bucketOf, durationType, usualOf } from "../../src/core/durations.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./samples.ts";

function counted(durations: readonly number[]): readonly number[] {
  const counts = Array.from({ length: BUCKETS }, () => 0);
  for (const ms of durations) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  return counts;
}

describe("buckets", () => {
  test.each([
    [Number.NaN, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [-1, 0],
    [0, 0],
    [SECOND, 0],
    [SECOND + 1, 1],
    [1_200, 1],
    [1_201, 2],
    [400 * DAY, BUCKETS - 1],
    [Number.POSITIVE_INFINITY, BUCKETS - 1],
  ])("%d ms are in the %ith", (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket);
  });

  test("longer is never in an earlier one, and none is out of reach", () => {
    const ms = fc.double({ min: 0, max: 400 * DAY, noNaN: true });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)));
        expect(Number.isInteger(bucketOf(a))).toBe(true);
        expect(bucketOf(a)).toBeLessThan(BUCKETS);
      }),
    );
  });

  test("reach up to weeks", () => {
    expect(bucketOf(17 * DAY)).toBeLessThan(BUCKETS - 1);
  });
});

describe("what is usual", () => {
  test("is not known before ten", () => {
    expect(usualOf([])).toBeNull();
    expect(usualOf(counted(Array.from({ length: 9 }, () => MINUTE)))).toBeNull();
    expect(usualOf(counted(Array.from({ length: 10 }, () => MINUTE)))).toMatchObject({ count: 10 });
  });

  test("is exact to a bucket: against the sorted list", () => {
    const someMs = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 3 * MINUTE }), fc.integer({ min: 0, max: 20 * DAY })),
      { minLength: 10, maxLength: 300 },
    );
    fc.assert(
      fc.property(someMs, (durations) => {
        const sorted = durations.toSorted((a, b) => a - b);
        const usual = usualOf(counted(durations));
        expect(usual?.count).toBe(durations.length);
        for (const [share, told] of [
          [0.5, usual?.medianMs ?? 0],
          [0.95, usual?.p95Ms ?? 0],
        ] as const) {
          const exact = sorted[Math.max(Math.ceil(durations.length * share) - 1, 0)] ?? 0;
          // The bucket's upper edge, rounded to a millisecond.
          expect(told).toBeGreaterThanOrEqual(Math.max(exact, SECOND) - 1);
          expect(told).toBeLessThanOrEqual(Math.max(exact, SECOND) * 1.2 + 1);
        }
        expect(usual?.medianMs).toBeLessThanOrEqual(usual?.p95Ms ?? 0);
      }),
      { numRuns: 1_000 },
    );
  });

  test("one that hangs for a day does not make a day usual", () => {
    const usual = usualOf(counted([...Array.from({ length: 39 }, () => MINUTE), DAY]));
    expect(usual?.medianMs).toBeLessThan(2 * MINUTE);
    expect(usual?.p95Ms).toBeLessThan(2 * MINUTE);
  });

  test("is of the last bucket where the counts are damaged", () => {
    expect(usualOf([Number.NaN, 12])?.medianMs).toBeGreaterThan(0);
  });
});

test("types are told apart by kind and by Graph's own name", () => {
  const types = [
    durationType("team", "createTeam"),
    durationType("team", "cloneTeam"),
    durationType("chat", "createTeam"),
    durationType("team", null),
  ];
  expect(new Set(types).size).toBe(types.length);
  expect(HOUR).toBeGreaterThan(0);
});
