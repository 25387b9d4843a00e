import fc from "fast-check";
import { expect, test } from "vitest";
import { tenantId } from "../../src/core/ids.ts";
import { NO_SLOTS, paceOf, takeSlots } from "../../src/core/slots.ts";
import { missedByTenant, stillMovedMs, type Group, type Moved } from "../../src/flows/request-groups.ts";
import { START } from "../core/samples.ts";

const TENANT = tenantId("tenant");
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

/** When the requests of one tenant leave that a process claims, one claim after the other. */
function leavings(made: readonly Claim[], movedMs: typeof stillMovedMs): readonly number[] {
  const left: number[] = [];
  let slots = NO_SLOTS;
  let moved: Moved = { ms: 0, at: START };
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
    const groups = places.map((sendAt): Group => ({
      kind: "check",
      tenantId: TENANT,
      version: "v1.0",
      sendAt,
      operations: [],
    }));
    const missedMs = missedByTenant(groups, now, EARLY_MS).get(TENANT) ?? 0;
    const leastMs = movedMs(moved, now);
    moved = { ms: Math.max(leastMs, missedMs), at: now };
    for (const at of places) left.push(at + Math.max(missedMs, leastMs) + lateMs);
    now += gapMs;
  }
  return left;
}

/** The most within any second. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
}

test("claims that take long do not leave together with those before them, in whose places theirs have moved", () => {
  fc.assert(
    fc.property(claims, (made) => {
      expect(mostInASecond(leavings(made, stillMovedMs))).toBeLessThanOrEqual(30);
    }),
    { numRuns: 2_000 },
  );
});

test("where places move back at once, they do", () => {
  const most = fc
    .sample(claims, { numRuns: 2_000, seed: 1 })
    .map((made) => mostInASecond(leavings(made, () => 0)));
  expect(Math.max(...most)).toBeGreaterThan(30);
});

test("places that have moved move back slowly, and not by a clock that steps back", () => {
  const moved = { ms: 500, at: START };
  expect([0, 1_000, 5_000, 60_000, -5_000].map((ms) => stillMovedMs(moved, START + ms))).toEqual([
    500, 400, 0, 0, 500,
  ]);
});
