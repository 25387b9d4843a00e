import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  spend,
  spendAtOnce,
  spendOfTenant,
  spendOnPost,
  UNUSED_BUDGET,
  type WriteBudget,
} from "../../src/core/budget.ts";
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
  type Conversation = { placeAt: number | null };

  const nobody = (): Conversation => ({ placeAt: null });

  /** One tenant, and whoever writes in it: a card that stands in line, or an answer that does not. */
  function aTenant() {
    let shared = { writtenUntil: 0, lineUntil: 0 };
    const write =
      (spendOne: typeof spendOfTenant) =>
      (who: Conversation, now: number): number | null => {
        const spent = spendOne({ ...shared, placeAt: who.placeAt }, now);
        const { writtenUntil, lineUntil, placeAt } = spent.budget;
        shared = { writtenUntil, lineUntil };
        who.placeAt = placeAt;
        return spent.ok ? null : spent.waitMs;
      };
    return { card: write(spendOfTenant), post: write(spendOnPost), answer: write(spendAtOnce) };
  }

  function expectWithinLimit(writes: readonly number[]): void {
    const sorted = writes.toSorted((a, b) => a - b);
    for (const [index, each] of sorted.entries()) {
      expect((sorted[index + 50] ?? Infinity) - each).toBeGreaterThan(1_000);
    }
  }

  test("some cards pass together, and the next waits less than a tenth of a second", () => {
    const { card } = aTenant();
    const waits = Array.from({ length: 20 }, () => card(nobody(), START));
    const most = waits.findIndex((wait) => wait !== null);
    expect(most).toBeGreaterThanOrEqual(5);
    expect(waits[most]).toBeLessThan(100);
  });

  test("who waits is given a place of its own, one after the other, and has it when its time comes", () => {
    const { card } = aTenant();
    const all = Array.from({ length: 60 }, nobody);
    const waits = all.map((each) => card(each, START));
    const waiting = all.filter(({ placeAt }) => placeAt !== null);
    const places = waiting.map(({ placeAt }) => placeAt ?? 0);
    expect(new Set(places).size).toBe(waiting.length);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.map((at) => at - START)).toEqual(waits.filter((wait) => wait !== null));
    for (const each of waiting) {
      const at = each.placeAt ?? 0;
      // Too early it keeps its place, and the line is no longer for having asked.
      expect(card(each, at - 1)).toBe(1);
      expect(each.placeAt).toBe(at);
      expect(card(each, at)).toBeNull();
      expect(each.placeAt).toBeNull();
    }
  });

  test("answers wait for no line of cards", () => {
    const { card, answer } = aTenant();
    for (let i = 0; i < 500; i += 1) card(nobody(), START);
    expect(answer(nobody(), START + 500)).toBeNull();
  });

  test("a card that is not there yet waits for no line, and leaves its conversation's place to the card that waits", () => {
    const { card, post } = aTenant();
    for (let i = 0; i < 500; i += 1) card(nobody(), START);
    const who = nobody();
    const wait = card(who, START);
    const { placeAt } = who;
    expect(wait).toBeGreaterThan(10_000);
    expect(post(who, START + 500)).toBeNull();
    expect(who.placeAt).toBe(placeAt);
    expect(card(who, START + 501)).toBe((wait ?? 0) - 501);
  });

  test("posts leave room for answers, and wait in line when there is no more", () => {
    const { post, answer } = aTenant();
    const waits = Array.from({ length: 50 }, () => post(nobody(), START));
    expect(waits.filter((wait) => wait === null).length).toBeGreaterThanOrEqual(5);
    expect(waits.at(-1)).toBeGreaterThan(1_000);
    for (let i = 0; i < 2; i += 1) expect(answer(nobody(), START)).toBeNull();
  });

  test.each([0, 60, 120])(
    "twenty posts a second pass at once, and what changes on their cards is written beside them, also where each second stands still for %i ms",
    (stillMs) => {
      const { card, post } = aTenant();
      const waiting: { readonly who: Conversation; readonly at: number; readonly isPost: boolean }[] = [];
      const edits: number[] = [];
      const late: number[] = [];
      const writeDue = (now: number): void => {
        for (const each of waiting.splice(0)) {
          const wait = each.at > now ? null : (each.isPost ? post : card)(each.who, now);
          if (each.at > now) waiting.push(each);
          else if (wait !== null) waiting.push({ ...each, at: now + wait });
          else if (!each.isPost) edits.push(now);
          if (each.isPost && wait !== null) late.push(wait);
        }
      };
      for (let now = START; now < START + 20_000; now += 5) {
        if (now % 50 === 0) {
          waiting.push({ who: nobody(), at: now, isPost: true });
          waiting.push({ who: nobody(), at: now + 25, isPost: false });
        }
        if (now % 1_000 >= stillMs) writeDue(now);
      }
      expect(late).toEqual([]);
      expect(edits.length / 20).toBeGreaterThan(12);
    },
  );

  test.each([0, 400, 900, 1_100, 1_500, 5_000, 60_000])(
    "however late all of them come (%i ms), as many are written as the line lets pass",
    (lateMs) => {
      const { card } = aTenant();
      const due = Array.from({ length: 200 }, () => ({ who: nobody(), at: START }));
      const writes: number[] = [];
      const end = START + 120_000 + lateMs;
      while (due.length > 0) {
        due.sort((a, b) => a.at - b.at);
        const next = due.shift();
        if (next === undefined || next.at > end) break;
        const wait = card(next.who, next.at);
        if (wait === null) writes.push(next.at);
        // Each writes again and again; whoever waits comes late.
        due.push({ who: next.who, at: next.at + (wait === null ? 1 : wait + lateMs) });
      }
      expectWithinLimit(writes);
      expect(writes.length / ((end - START) / 1_000)).toBeGreaterThan(lateMs < 5_000 ? 15 : 2);
    },
  );

  test("no second holds more than Teams' 50, whoever comes when, and however late places are used", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(aGap, fc.nat({ max: 5_000 }), fc.constantFrom("card", "post", "answer")), {
          maxLength: 300,
        }),
        (turns) => {
          const tenant = aTenant();
          let at = START;
          const due = turns.map(([gap, late, what]) => {
            return { at: (at += gap), late, who: nobody(), write: tenant[what], tries: 0 };
          });
          const writes: number[] = [];
          while (due.length > 0) {
            due.sort((a, b) => a.at - b.at);
            const next = due.shift();
            if (next === undefined) break;
            const wait = next.write(next.who, next.at);
            if (wait === null) writes.push(next.at);
            else if (next.tries < 5)
              due.push({ ...next, at: next.at + wait + next.late, tries: next.tries + 1 });
          }
          expectWithinLimit(writes);
        },
      ),
    );
  });

  test("who waits as told writes as fast as may be", () => {
    const { card } = aTenant();
    let now = START;
    for (let count = 0; count < 3_000; count += 1) {
      const who = nobody();
      now += card(who, now) ?? 0;
      const again = who.placeAt === null ? null : card(who, now);
      expect(again).toBeNull();
    }
    const perSecond = 3_000_000 / (now - START);
    expect(perSecond).toBeGreaterThan(20);
    expect(perSecond).toBeLessThan(32);
  });
});
