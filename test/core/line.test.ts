import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_LINE, takeRoom, type Line, type Waiting } from "../../src/core/line.ts";
import { OF_ALL_TENANTS } from "../../src/core/slots.ts";
import { mostInASecond, START } from "./samples.ts";

/** What the line lets through in a stretch of cells. */
const stretch = (perSecond: number): number => perSecond * 1.2;

function together(count: number, times: number, at = START): readonly Waiting[] {
  return Array.from({ length: times }, () => ({ at, count }));
}

describe("places in the line of all tenants", () => {
  test("are what they were where there is room", () => {
    const waiting = [0, 3, 227, 900].map((ms) => ({ at: START + ms, count: 20 }));
    expect(takeRoom(NO_LINE, 1_000, waiting, START).at).toEqual(waiting.map(({ at }) => at));
  });

  test("are not in the past", () => {
    expect(takeRoom(NO_LINE, 1_000, [{ at: START - 500, count: 1 }], START).at).toEqual([START]);
  });

  test("come later where others have them", () => {
    const { line } = takeRoom(NO_LINE, 1_000, together(1_150, 1), START);
    const { at } = takeRoom(line, 1_000, together(25, 3), START + 20);
    expect(at).toEqual([START + 20, START + 20, START + 1_200]);
  });

  test("move together, so that those of one tenant stay apart", () => {
    const { line } = takeRoom(NO_LINE, 1_000, together(1_200, 1), START);
    const waiting = [0, 227, 454].map((ms) => ({ at: START + ms, count: 5 }));
    expect(takeRoom(line, 1_000, waiting, START).at).toEqual([1_200, 1_427, 1_654].map((ms) => START + ms));
  });

  test("are before others' where these are not yet and there is room", () => {
    const { line } = takeRoom(NO_LINE, 1_000, together(1_000, 1, START + 3_000), START);
    expect(takeRoom(line, 1_000, together(1_000, 1), START).at).toEqual([START]);
  });

  test("are found for more than fit at once, when nobody else leaves", () => {
    const { line, at } = takeRoom(NO_LINE, 50, together(60, 2), START);
    expect(at).toEqual([START, START + 1_200]);
    expect(takeRoom(line, 50, together(1, 1), START).at).toEqual([START + 2_400]);
  });

  test.each([Infinity, 1_000_000])("wait for nobody where %d may leave", (perSecond) => {
    const { at } = takeRoom(NO_LINE, perSecond, together(1_000, 10), START);
    expect(new Set(at)).toEqual(new Set([START]));
  });

  test("are not held up by a clock that was set back, and are by one that is a little behind", () => {
    const { line } = takeRoom(NO_LINE, 1_000, together(1_200, 1), START);
    expect(takeRoom(line, 1_000, together(1_200, 1, START - 3_600_000), START - 3_600_000).at).toEqual([
      START - 3_600_000,
    ]);
    expect(takeRoom(line, 1_000, together(1_200, 1, START - 200), START - 200).at).toEqual([START + 1_200]);
  });

  test("are seen by those whose clock is behind ours by as much as clocks may differ", () => {
    let line: Line = NO_LINE;
    ({ line } = takeRoom(line, 1_000, together(1_200, 1), START));
    // Ours is half a second ahead, and we come often.
    for (let ms = 0; ms <= 1_000; ms += 100) {
      ({ line } = takeRoom(line, 1_000, [{ at: START + 5_000, count: 1 }], START + 500 + ms));
    }
    expect(takeRoom(line, 1_000, together(1, 1, START + 1_000), START + 1_000).at).toEqual([START + 1_200]);
  });

  test("are not looked for further than anybody's line is long", () => {
    const far = [{ at: START + 86_400_000, count: 1 }];
    expect(takeRoom(NO_LINE, 1_000, far, START).at).toEqual([START + 10_000]);
  });

  test("that are taken as far as that are not forgotten for one more", () => {
    let line: Line = NO_LINE;
    const at: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const taken = takeRoom(line, 1_000, together(1_200, 1), START);
      ({ line } = taken);
      at.push(...taken.at);
    }
    expect(at.slice(0, 9)).toEqual(at.slice(0, 9).map((_, n) => START + n * 1_200));
    expect(Math.min(...at.slice(9))).toBeGreaterThanOrEqual(START + 9_600);
  });

  test("keep few cells, however long it goes on", () => {
    let line: Line = NO_LINE;
    for (let ms = 0; ms < 60_000; ms += 70) {
      ({ line } = takeRoom(line, 1_000, together(10, 3, START + ms), START + ms));
    }
    expect(line.used.length).toBeLessThan(40);
  });
});

type Claim = { readonly gapMs: number; readonly groups: readonly { aheadMs: number; count: number }[] };

const claims: fc.Arbitrary<Claim[]> = fc.array(
  fc.record({
    gapMs: fc.nat({ max: 200 }),
    groups: fc.array(fc.record({ aheadMs: fc.nat({ max: 1_000 }), count: fc.integer({ min: 1, max: 20 }) }), {
      maxLength: 30,
    }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Whatever is claimed, by whichever process: when each check leaves. */
function leavings(made: readonly Claim[], perSecond: number): readonly number[] {
  let line: Line = NO_LINE;
  let now = START;
  return made.flatMap(({ gapMs, groups }) => {
    now += gapMs;
    const waiting = groups
      .map(({ aheadMs, count }) => ({ at: now + aheadMs, count }))
      .toSorted((one, other) => one.at - other.at);
    const taken = takeRoom(line, perSecond, waiting, now);
    ({ line } = taken);
    return waiting.flatMap(({ at, count }, index) => {
      const leavesAt = taken.at[index] ?? 0;
      expect(leavesAt).toBeGreaterThanOrEqual(at);
      return Array.from({ length: count }, () => leavesAt);
    });
  });
}

test("no second holds more than the line lets through, whatever is claimed how far ahead", () => {
  fc.assert(
    fc.property(claims, (made) => {
      expect(mostInASecond(leavings(made, 200))).toBeLessThanOrEqual(stretch(200));
    }),
    { numRuns: 300 },
  );
});

test("that is below Graph's limit", () => {
  expect(stretch(OF_ALL_TENANTS)).toBeLessThan(1_500);
});
