import fc from "fast-check";
import { expect, test } from "vitest";
import { hasMissed, movedBy, NOT_MOVED, stillMovedMs, type Moved } from "../../src/core/leaving.ts";
import { NO_LINE, takeRoom } from "../../src/core/line.ts";
import { NO_SLOTS, OF_ALL_TENANTS, paceOf, takeSlots } from "../../src/core/slots.ts";
import { mostInASecond, START } from "./samples.ts";

const PACE = paceOf(22);
/** As long as a claim may wait for its places (EARLY_MS), and a request may be late (STALE_MS, in store/places). */
const EARLY_MS = 1_000;
const LATE_MS = 150;

type Claim = {
  readonly count: number;
  readonly aheadMs: number;
  readonly takesMs: number;
  readonly lateMs: number;
  readonly gapMs: number;
};

const claims: fc.Arbitrary<Claim[]> = fc.array(
  fc.record({
    count: fc.nat({ max: 14 }),
    aheadMs: fc.nat({ max: 400 }),
    takesMs: fc.nat({ max: 800 }),
    lateMs: fc.nat({ max: LATE_MS }),
    gapMs: fc.nat({ max: 300 }),
  }),
  { minLength: 8, maxLength: 25 },
);

type Rule = typeof movedBy;

/** When the requests of one tenant leave that a process claims, one claim after the other. */
function leavings(made: readonly Claim[], rule: Rule): readonly number[] {
  const left: number[] = [];
  let slots = NO_SLOTS;
  let moved: Moved = NOT_MOVED;
  let now = START;
  for (const { count, aheadMs, takesMs, lateMs, gapMs } of made) {
    const requests = Array.from({ length: count }, () => ({
      kind: "site",
      owner: null,
      dueAt: now + aheadMs,
    }));
    const taken = takeSlots(slots, PACE, requests, new Map(), now);
    ({ slots } = taken);
    const places = taken.at.filter((at) => at <= now + EARLY_MS);
    now += takesMs;
    if (places.length > 0) moved = rule(moved, now - Math.min(...places), EARLY_MS, now);
    const byMs = stillMovedMs(moved, now);
    for (const at of places) left.push(at + byMs + lateMs);
    now += gapMs;
  }
  return left;
}

/** What was late before is forgotten. */
const atOnce: Rule = (_moved, lateMs, mostMs, now) => ({
  ms: Math.max(Math.min(lateMs, mostMs), 0),
  at: now,
});

test("claims that take long do not leave together with those before them, in whose places theirs have moved", () => {
  fc.assert(
    fc.property(claims, (made) => {
      expect(mostInASecond(leavings(made, movedBy))).toBeLessThanOrEqual(30);
    }),
    { numRuns: 2_000 },
  );
});

test("where places move back at once, they do", () => {
  const most = fc
    .sample(claims, { numRuns: 2_000, seed: 1 })
    .map((made) => mostInASecond(leavings(made, atOnce)));
  expect(Math.max(...most)).toBeGreaterThan(30);
});

/** By how much a process is late when it sends what is in each slot. */
const lateness = fc.array(fc.nat({ max: LATE_MS }), { minLength: 6, maxLength: 20 });

/** When the requests of all tenants leave, whose slots begin together: as many as the line lets through. */
function leavingsOfAll(late: readonly number[], perSecond: number): readonly number[] {
  const { perSlot, slotMs } = PACE;
  const tenants = Math.ceil(OF_ALL_TENANTS / 22);
  const waiting = late.flatMap((_, slot) =>
    Array.from({ length: tenants }, () => ({ at: START + slot * slotMs, count: perSlot })),
  );
  const places = takeRoom(NO_LINE, perSecond, waiting, START).at;
  let moved: Moved = NOT_MOVED;
  return [...Map.groupBy(places, (at) => at)].flatMap(([at, together], index) => {
    const movedTo = at + stillMovedMs(moved, at);
    const leavesAt = movedTo + (late[index % late.length] ?? 0);
    if (hasMissed({ place: at, movedTo }, LATE_MS, 2 * LATE_MS, leavesAt)) return [];
    moved = movedBy(moved, leavesAt - at, 2 * LATE_MS, leavesAt);
    return Array.from({ length: perSlot * together.length }, () => leavesAt);
  });
}

test("what leaves late does not pass Graph's limit for an application with what leaves after it", () => {
  fc.assert(
    fc.property(lateness, (late) => {
      expect(mostInASecond(leavingsOfAll(late, OF_ALL_TENANTS))).toBeLessThanOrEqual(1_500);
    }),
    { numRuns: 500, examples: [[[0, 0, 129, 0, 127, 115, 145, 126, 146, 0]]] },
  );
});

test("who is late again and again misses a place sooner than others do", () => {
  const isMissed = (movedMs: number, lateMs: number): boolean =>
    hasMissed({ place: START, movedTo: START + movedMs }, LATE_MS, 2 * LATE_MS, START + movedMs + lateMs);
  expect([150, 151].map((lateMs) => isMissed(0, lateMs))).toEqual([false, true]);
  expect([50, 51].map((lateMs) => isMissed(300, lateMs))).toEqual([false, true]);
});

test("where the line lets through all, it does", () => {
  const most = fc
    .sample(lateness, { numRuns: 200, seed: 1 })
    .map((late) => mostInASecond(leavingsOfAll(late, Infinity)));
  expect(Math.max(...most)).toBeGreaterThan(1_500);
});

test("places that have moved move back slowly, and not by a clock that steps back", () => {
  const moved = { ms: 500, at: START };
  expect([0, 1_000, 5_000, 60_000, -5_000].map((ms) => stillMovedMs(moved, START + ms))).toEqual([
    500, 420, 100, 0, 500,
  ]);
});

test("places move back as quickly, however often something leaves", () => {
  let moved: Moved = { ms: 950, at: START };
  for (let ms = 3; ms <= 5_000; ms += 3) moved = movedBy(moved, 40, EARLY_MS, START + ms);
  expect(stillMovedMs(moved, START + 5_000)).toBeCloseTo(550, 0);
});

test("what is hardly late moves nothing, and nothing moves by more than a claim may wait", () => {
  const by = (lateMs: number): number => movedBy(NOT_MOVED, lateMs, EARLY_MS, START).ms;
  expect([0, 50, 51, 400, 5_000].map((lateMs) => by(lateMs))).toEqual([0, 0, 1, 350, 1_000]);
  const moved = { ms: 500, at: START };
  expect(movedBy(moved, 60, EARLY_MS, START + 1_000)).toEqual({ ms: 420, at: START + 1_000 });
});
