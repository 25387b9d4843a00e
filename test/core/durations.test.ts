import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  BUCKETS,
  bucketOf,
  countLife,
  durationType,
  emptyLifeTable,
  usualOf,
  type LifeTable,
  type Usual,
} from "../../src/core/durations.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./samples.ts";

const TYPE = "team/createTeam";

/** As when each was seen from its start to its end, or until now where it still runs. */
function counted(durations: readonly number[], stillRunning: readonly number[] = []): LifeTable {
  const tables = new Map<string, LifeTable>();
  for (const toMs of durations) countLife(tables, { type: TYPE, fromMs: 0, toMs, succeeded: true });
  for (const toMs of stillRunning) countLife(tables, { type: TYPE, fromMs: 0, toMs, succeeded: false });
  return tables.get(TYPE) ?? emptyLifeTable();
}

const many = (count: number, ms: number): readonly number[] => Array<number>(count).fill(ms);

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
    expect(usualOf(emptyLifeTable())).toBeNull();
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

  test("of many that began together, the quickest do not make the others slow", () => {
    const usual = (done: number): Usual | null =>
      usualOf(counted(many(done, MINUTE), many(500 - done, MINUTE + 20 * SECOND)));
    expect(usual(25)).toBeNull();
    expect(usual(300)).toMatchObject({ p95Ms: null });
    expect(usual(474)).toMatchObject({ p95Ms: null });
    expect(usual(475)?.p95Ms).toBeLessThan(1.25 * MINUTE);
  });

  test("of many that were seen at the same age, those that had ended do not make the others slow", () => {
    expect(usualOf(counted(many(300, MINUTE), many(200, MINUTE)))).toMatchObject({ p95Ms: null });
  });

  test("does not change by those that have just begun", () => {
    const durations = [...many(30, MINUTE), ...many(10, 5 * MINUTE)];
    expect(usualOf(counted(durations, many(1_000, 30 * SECOND)))).toEqual(usualOf(counted(durations)));
  });

  test("counts who was tracked late only from then on", () => {
    const tables = new Map<string, LifeTable>();
    for (let n = 0; n < 40; n += 1)
      countLife(tables, { type: TYPE, fromMs: 0, toMs: MINUTE, succeeded: true });
    const before = usualOf(tables.get(TYPE) ?? emptyLifeTable());
    for (let n = 0; n < 40; n += 1)
      countLife(tables, { type: TYPE, fromMs: DAY, toMs: 2 * DAY, succeeded: true });
    expect(usualOf(tables.get(TYPE) ?? emptyLifeTable())).toEqual({ ...before, count: 80 });
  });

  test("is the same whatever the moments at which it was seen", () => {
    const lives = fc.array(
      fc.record({
        seen: fc.array(fc.integer({ min: 0, max: 3 * HOUR }), { minLength: 2, maxLength: 6 }),
        succeeded: fc.boolean(),
      }),
      { minLength: 10, maxLength: 60 },
    );
    fc.assert(
      fc.property(lives, (all) => {
        const whole = new Map<string, LifeTable>();
        const parts = new Map<string, LifeTable>();
        for (const { seen, succeeded } of all) {
          const ages = seen.toSorted((a, b) => a - b);
          const last = ages.length - 1;
          countLife(whole, { type: TYPE, fromMs: ages[0] ?? 0, toMs: ages[last] ?? 0, succeeded });
          for (const [n, toMs] of ages.slice(1).entries()) {
            const isEnd = n + 1 === last;
            countLife(parts, { type: TYPE, fromMs: ages[n] ?? 0, toMs, succeeded: succeeded && isEnd });
          }
        }
        expect(parts).toEqual(whole);
      }),
    );
  });

  test("ages that run backwards, or are no numbers, do no harm", () => {
    const tables = new Map<string, LifeTable>();
    for (const [fromMs, toMs] of [
      [HOUR, MINUTE],
      [Number.NaN, Number.NaN],
      [-HOUR, Number.POSITIVE_INFINITY],
    ] as const) {
      for (const succeeded of [true, false]) countLife(tables, { type: TYPE, fromMs, toMs, succeeded });
    }
    const { succeeded, entered } = tables.get(TYPE) ?? emptyLifeTable();
    expect(succeeded).toHaveLength(BUCKETS);
    expect(entered).toHaveLength(BUCKETS);
    expect([...succeeded, ...entered].every(Number.isSafeInteger)).toBe(true);
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
