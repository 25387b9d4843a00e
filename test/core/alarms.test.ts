import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupAlarms } from "../../src/core/alarms.ts";

const T0 = 1_800_000_000_000;
const alarmsAt = (...times: readonly number[]) => times.map((at, id) => ({ id, at }));

describe("alarms", () => {
  test("that ring at the same time are one", () => {
    expect(groupAlarms(alarmsAt(T0 + 31_000, T0 + 31_000), T0)).toEqual([{ ids: [0, 1], at: T0 + 31_000 }]);
  });

  test("that are past ring together, at once", () => {
    expect(groupAlarms(alarmsAt(T0, T0 - 5_000, T0 - 9), T0)).toEqual([{ ids: [1, 2, 0], at: T0 }]);
  });

  test("wait for those that come right after them, but no longer than a small part of their own wait", () => {
    expect(groupAlarms(alarmsAt(T0 + 31_000, T0 + 31_100, T0 + 31_200), T0)).toEqual([
      { ids: [0, 1], at: T0 + 31_100 },
      { ids: [2], at: T0 + 31_200 },
    ]);
  });

  test("of more than fifty are several", () => {
    const groups = groupAlarms(alarmsAt(...Array.from({ length: 120 }, () => T0)), T0);
    expect(groups.map(({ ids }) => ids.length)).toEqual([50, 50, 20]);
  });

  test("of none are none", () => {
    expect(groupAlarms([], T0)).toEqual([]);
  });

  test("each is in one group, which rings when all of it are due and none is late by more than 1 in 256, or 250 ms", () => {
    const offset = fc.oneof(fc.integer({ min: -60_000, max: 1_200_000 }), fc.integer({ min: 0, max: 300 }));
    fc.assert(
      fc.property(fc.array(offset, { maxLength: 300 }), (offsets) => {
        const alarms = alarmsAt(...offsets.map((ms) => T0 + ms));
        const groups = groupAlarms(alarms, T0);
        expect(groups.flatMap(({ ids }) => ids).toSorted((a, b) => a - b)).toEqual(
          alarms.map(({ id }) => id),
        );
        for (const { ids, at } of groups) {
          expect(ids.length).toBeLessThanOrEqual(50);
          for (const id of ids) {
            const own = alarms[id]?.at ?? Number.NaN;
            expect(own).toBeLessThanOrEqual(at);
            const most = Math.max(own, T0) + Math.max(own - T0, 0) / 256;
            expect(at).toBeLessThanOrEqual(most);
            expect(at).toBeLessThanOrEqual(Math.max(own, T0) + 250);
          }
        }
      }),
    );
  });
});
