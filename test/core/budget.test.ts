import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { spend, spendOfTenant, UNUSED_BUDGET, type WriteBudget } from "../../src/core/budget.ts";
import { START } from "./samples.ts";

/** Teams' limits: so many writes in so many milliseconds. */
const WINDOWS = [
  { writes: 7, ms: 1_000 },
  { writes: 8, ms: 2_000 },
  { writes: 60, ms: 30_000 },
  { writes: 1_800, ms: 3_600_000 },
] as const;

/** The windows that these writes break, both ends of a window included. */
function brokenBy(writes: readonly number[]): readonly string[] {
  return WINDOWS.filter(({ writes: allowed, ms }) =>
    writes.some((at, index) => {
      const tooMany = writes[index + allowed];
      return tooMany !== undefined && tooMany - at <= ms;
    }),
  ).map(({ writes: allowed, ms }) => `${allowed} in ${ms} ms`);
}

/** When each arrival got through, if it did: those that may not write go away. */
function letThrough(arrivals: readonly number[]): readonly number[] {
  let budget = UNUSED_BUDGET;
  return arrivals.filter((at) => {
    const spent = spend(budget, at);
    if (spent.ok) ({ budget } = spent);
    return spent.ok;
  });
}

/** When each of them got through that waits as long as it is told to; `rests` come after each write. */
function patient(rests: readonly number[]): readonly number[] {
  let budget: WriteBudget = UNUSED_BUDGET;
  let now = START;
  return rests.map((rest) => {
    let spent = spend(budget, now);
    if (!spent.ok) {
      now += spent.waitMs;
      spent = spend(budget, now);
    }
    if (!spent.ok) throw new Error(`Still ${spent.waitMs} ms to wait after the wait`);
    ({ budget } = spent);
    const at = now;
    now += rest;
    return at;
  });
}

const aGap = fc.oneof(
  fc.constant(0),
  fc.nat({ max: 50 }),
  fc.integer({ min: 100, max: 1_200 }),
  fc.nat({ max: 40_000 }),
);

describe("the four windows", () => {
  test("the check of this test finds what breaks them", () => {
    expect(brokenBy(Array.from({ length: 8 }, () => 0))).toContain("7 in 1000 ms");
    expect(brokenBy([0, 300, 600, 900, 1_100, 1_200, 1_400, 1_600, 2_000])).toEqual(["8 in 2000 ms"]);
    expect(brokenBy(Array.from({ length: 61 }, (_, index) => index * 500))).toEqual(["60 in 30000 ms"]);
    expect(brokenBy(Array.from({ length: 2_000 }, (_, index) => index * 1_900))).toEqual([
      "1800 in 3600000 ms",
    ]);
    expect(brokenBy(Array.from({ length: 2_000 }, (_, index) => index * 2_001))).toEqual([]);
  });

  test("hold for any pattern of arrivals", () => {
    fc.assert(
      fc.property(fc.array(aGap, { maxLength: 400 }), (gaps) => {
        let at = START;
        expect(brokenBy(letThrough(gaps.map((gap) => (at += gap))))).toEqual([]);
      }),
    );
  });

  test("hold for writers that wait as they are told, and never have to wait again", () => {
    fc.assert(
      fc.property(fc.array(aGap, { maxLength: 400 }), (rests) => {
        expect(brokenBy(patient(rests))).toEqual([]);
      }),
    );
  });

  test("hold for hours of writing as fast as may be", () => {
    const writes = patient(Array.from({ length: 4_000 }, () => 0));
    expect(brokenBy(writes)).toEqual([]);
    const hour = writes.filter((at) => at - START < 3_600_000).length;
    expect(hour).toBeGreaterThan(1_700);
  });

  test("hold for an arrival in every millisecond of a minute", () => {
    expect(brokenBy(letThrough(Array.from({ length: 60_000 }, (_, index) => START + index)))).toEqual([]);
  });
});

test("four writes pass together, the fifth waits", () => {
  const [first = 0, , , fourth = 0, fifth = 0] = patient([0, 0, 0, 0, 0]).map((at) => at - START);
  expect(first).toBe(0);
  // Fractions of a millisecond are lost on times of this size.
  expect(fourth).toBeLessThanOrEqual(1);
  expect(fifth).toBeGreaterThan(500);
  expect(fifth).toBeLessThan(600);
});

test("a write that may not pass costs nothing", () => {
  const full = [0, 0, 0, 0].reduce<WriteBudget>((budget) => {
    const spent = spend(budget, START);
    return spent.ok ? spent.budget : budget;
  }, UNUSED_BUDGET);
  const first = spend(full, START);
  expect(first).toMatchObject({ ok: false });
  expect(spend(full, START)).toEqual(first);
});

test("after a quiet minute four pass together again", () => {
  const writes = patient([0, 0, 0, 60_000, 0, 0, 0, 0]).map((at) => at - START);
  expect((writes[7] ?? 0) - (writes[4] ?? 0)).toBeLessThanOrEqual(1);
});

test("the wait is told in whole milliseconds, and is more than none", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 5_000 }),
      fc.nat({ max: 200_000 }),
      fc.nat({ max: 3_000 }),
      (short, long, later) => {
        const spent = spend({ shortUntil: START + short, longUntil: START + long }, START + later);
        if (spent.ok) return;
        expect(Number.isInteger(spent.waitMs)).toBe(true);
        expect(spent.waitMs).toBeGreaterThan(0);
      },
    ),
  );
});

test("a clock that goes back lets nobody write more", () => {
  const [budget] = [spend(UNUSED_BUDGET, START)].map((spent) => (spent.ok ? spent.budget : UNUSED_BUDGET));
  const spent = spend(budget ?? UNUSED_BUDGET, START - 10_000);
  expect(spent.ok).toBe(false);
});

describe("the writes to a tenant", () => {
  /** How many pass together at the start. */
  function together(): number {
    let until = 0;
    for (let count = 0; count < 100; count += 1) {
      const spent = spendOfTenant(until, START);
      if (!spent.ok) return count;
      ({ until } = spent);
    }
    return Infinity;
  }

  test("some pass together, and the next waits less than a tenth of a second", () => {
    const most = together();
    expect(most).toBeGreaterThanOrEqual(10);
    expect(most).toBeLessThanOrEqual(20);
    let until = 0;
    for (let count = 0; count < most; count += 1) {
      const spent = spendOfTenant(until, START);
      if (spent.ok) ({ until } = spent);
    }
    const next = spendOfTenant(until, START);
    if (next.ok) throw new Error("The next one does not wait");
    expect(next.waitMs).toBeGreaterThan(0);
    expect(next.waitMs).toBeLessThan(100);
    expect(spendOfTenant(until, START + next.waitMs).ok).toBe(true);
  });

  test("no second holds more than Teams' 50, whatever the pattern", () => {
    fc.assert(
      fc.property(fc.array(aGap, { maxLength: 400 }), (gaps) => {
        let until = 0;
        let at = START;
        const writes = gaps
          .map((gap) => (at += gap))
          .filter((now) => {
            const spent = spendOfTenant(until, now);
            if (spent.ok) ({ until } = spent);
            return spent.ok;
          });
        for (const [index, write] of writes.entries()) {
          expect((writes[index + 50] ?? Infinity) - write).toBeGreaterThan(1_000);
        }
      }),
    );
  });

  test("no second does when somebody writes as fast as may be; who waits as told never waits twice", () => {
    let until = 0;
    let now = START;
    const writes = Array.from({ length: 3_000 }, () => {
      let spent = spendOfTenant(until, now);
      if (!spent.ok) {
        now += spent.waitMs;
        spent = spendOfTenant(until, now);
      }
      if (!spent.ok) throw new Error("Still to wait after the wait");
      ({ until } = spent);
      return now;
    });
    for (const [index, write] of writes.entries()) {
      expect((writes[index + 50] ?? Infinity) - write).toBeGreaterThan(1_000);
    }
    const perSecond = (writes.length * 1_000) / (now - START);
    expect(perSecond).toBeGreaterThan(20);
    expect(perSecond).toBeLessThan(32);
  });
});
