import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  NO_SLOTS,
  paceOf,
  spacingOf,
  takeSlot,
  takeSlots,
  type Pace,
  type Slots,
} from "../../src/core/slots.ts";
import { DAY, HOUR, MINUTE, SECOND, START } from "./samples.ts";

type Request = { readonly kind: string; readonly owner: string | null };
type Arrival = { readonly gap: number; readonly requests: readonly Request[] };
type Given = Request & { readonly at: number; readonly asked: number };

const PACE = paceOf(22);
/** With a slot that begins at START, so that places are easy to tell. */
const EVEN: Pace = { slotMs: 250, perSlot: 6 };

/** What a store would do: it keeps the slots, and when each team or chat is asked. */
function drive(
  arrivals: readonly Arrival[],
  pace: Pace = PACE,
): { given: Given[]; slots: Slots; longest: number } {
  const given: Given[] = [];
  const last = new Map<string, number>();
  let slots = NO_SLOTS;
  let now = START;
  let longest = 0;
  for (const { gap, requests } of arrivals) {
    now += gap;
    const taken = takeSlots(slots, pace, requests, last, now);
    expect(taken.at).toHaveLength(requests.length);
    for (const [index, request] of requests.entries()) {
      const at = taken.at[index] ?? Number.NaN;
      given.push({ ...request, at, asked: now });
      if (request.owner !== null) last.set(request.owner, at);
    }
    ({ slots } = taken);
    longest = Math.max(longest, slots.used.length);
  }
  return { given, slots, longest };
}

/** The most of these within any window of so many milliseconds, both ends included. */
function mostWithin(times: readonly number[], ms: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) > ms) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("team"), owner: fc.constantFrom("t1", "t2", "t3") }),
  fc.record({ kind: fc.constant("chat"), owner: fc.constantFrom("c1", "c2") }),
  fc.record({ kind: fc.constant("engagement"), owner: fc.constant(null) }),
  fc.record({ kind: fc.constant("team"), owner: fc.nat({ max: 500 }).map((id) => `team ${id}`) }),
);
const arrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat({ max: 130 }), fc.nat({ max: 3 * SECOND }), fc.nat({ max: MINUTE })),
    requests: fc.array(request, { maxLength: 40 }),
  }),
  { maxLength: 40 },
);

describe("for any pattern of arrivals", () => {
  function holds(check: (driven: ReturnType<typeof drive>, arrived: readonly Arrival[]) => void): void {
    fc.assert(
      fc.property(arrivals, (arrived) => {
        check(drive(arrived), arrived);
      }),
      { numRuns: 300 },
    );
  }

  test("the check of this test finds too many", () => {
    expect(mostWithin([0, 500, 1_000, 1_001], SECOND)).toBe(3);
    expect(
      mostWithin(
        Array.from({ length: 31 }, () => 0),
        SECOND,
      ),
    ).toBe(31);
  });

  test("no second holds more than Graph allows a tenant", () => {
    holds(({ given }) => {
      expect(
        mostWithin(
          given.map(({ at }) => at),
          SECOND,
        ),
      ).toBeLessThanOrEqual(30);
    });
  });

  test.each([1, 2, 5, 12.9, 16, 17.9, 19.9, 20, 21, 22, 23])(
    "nor does one in which those that are late leave together, at %d a second",
    (perSecond) => {
      const pace = paceOf(perSecond);
      const requests = Array.from({ length: Math.ceil(3 * perSecond) }, () => ({
        kind: "site",
        owner: null,
      }));
      // STALE_MS in store/places, at the claim and at the leaving.
      const lateMs = 300;
      for (let offset = 0; offset < pace.slotMs; offset += 10) {
        const { given } = drive([{ gap: offset, requests }], pace);
        // Those of the present slot are claimed now, and late once.
        const lateOf = (at: number, asked: number): number => (at === asked ? lateMs / 2 : lateMs);
        for (let stillUntil = START; stillUntil < START + SECOND; stillUntil += 10) {
          const left = given.map(({ at, asked }) =>
            at >= stillUntil - lateOf(at, asked) ? Math.max(at, stillUntil) : at,
          );
          expect(mostWithin(left, SECOND - 1)).toBeLessThanOrEqual(30);
        }
      }
    },
  );

  test("nor does one in which clocks differ, or who asks first gets the row last", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ gap: fc.nat({ max: 300 }), behind: fc.nat({ max: 500 }), count: fc.nat({ max: 30 }) }),
          {
            maxLength: 30,
          },
        ),
        (claims) => {
          const given: number[] = [];
          let slots = NO_SLOTS;
          let now = START;
          for (const { gap, behind, count } of claims) {
            now += gap;
            for (let i = 0; i < count; i += 1) {
              const taken = takeSlot(slots, PACE, { earliest: now - behind }, now - behind);
              given.push(taken.at);
              ({ slots } = taken);
            }
          }
          expect(mostWithin(given, SECOND - 1)).toBeLessThanOrEqual(30);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("no minute holds more than the pace", () => {
    holds(({ given }) => {
      expect(
        mostWithin(
          given.map(({ at }) => at),
          MINUTE,
        ),
      ).toBeLessThanOrEqual(22 * 60 + 30);
    });
  });

  test("one chat is asked at most every 1800 ms, one team every 450 ms", () => {
    holds(({ given }) => {
      const byOwner = Map.groupBy(
        given.filter(({ owner }) => owner !== null),
        ({ owner }) => owner,
      );
      for (const own of byOwner.values()) {
        for (const [index, { at, kind }] of own.entries()) {
          expect(at - (own[index - 1]?.at ?? -Infinity)).toBeGreaterThanOrEqual(
            kind === "chat" ? 1_800 : 450,
          );
        }
      }
    });
  });

  test("nobody is sent before the time that it asked at, and in whole milliseconds", () => {
    holds(({ given }) => {
      for (const { at, asked } of given) {
        expect(at).toBeGreaterThanOrEqual(asked);
        expect(Number.isInteger(at)).toBe(true);
      }
    });
  });

  test("first come, first served, among those of no team or chat", () => {
    holds(({ given }) => {
      const free = given.filter(({ owner }) => owner === null).map(({ at }) => at);
      expect(free).toEqual(free.toSorted((a, b) => a - b));
    });
  });

  test("and among those of one team or chat", () => {
    holds(({ given }) => {
      for (const name of ["t1", "t2", "t3", "c1", "c2"]) {
        const own = given.filter(({ owner }) => owner === name).map(({ at }) => at);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    });
  });

  test("what is kept reaches from the present to the last place that was given, and no further", () => {
    holds(({ given, slots }) => {
      const lastAt = Math.max(START, ...given.map(({ at }) => at));
      expect(slots.used.length).toBeLessThanOrEqual(Math.floor(lastAt / PACE.slotMs) - slots.from + 1);
      expect(slots.used.every((count) => count >= 0 && count <= PACE.perSlot)).toBe(true);
    });
  });
});

type Waits = { readonly placeAt: number | undefined; readonly at: number };

/** Operations of one tenant that come for their places so late: what is claimed, by when it leaves. */
function driveLate(
  count: number,
  lateMs: () => number,
  forMs: number,
  pace: Pace = PACE,
): { readonly claimed: readonly number[]; readonly puttings: number } {
  const STALE_MS = 150;
  const EARLY_MS = SECOND;
  const claimed: number[] = [];
  let puttings = 0;
  let slots = NO_SLOTS;
  let waits: Waits[] = Array.from({ length: count }, (_, n) => ({ placeAt: undefined, at: START + 10 * n }));
  while (waits.length > 0) {
    waits = waits.toSorted((a, b) => a.at - b.at);
    const [next = { placeAt: undefined, at: 0 }, ...others] = waits;
    const now = Math.round(next.at);
    if (now > START + forMs) break;
    const placeAt = next.placeAt !== undefined && next.placeAt >= now - STALE_MS ? next.placeAt : undefined;
    const taken = takeSlots(
      slots,
      pace,
      [{ kind: "site", owner: null, placeAt }],
      new Map(),
      now,
      now + EARLY_MS,
    );
    ({ slots } = taken);
    const at = taken.at[0] ?? 0;
    if (at <= now + EARLY_MS) {
      claimed.push(at);
      waits = [...others, { placeAt: undefined, at: at + 31 * SECOND }];
    } else {
      puttings += 1;
      waits = [...others, { placeAt: at, at: at - EARLY_MS + lateMs() }];
    }
  }
  return { claimed, puttings };
}

describe("those that wait for their place", () => {
  test("who comes for it in time has it, and waits once", () => {
    // Two full minutes of a tenant's budget.
    const { claimed, puttings } = driveLate(1_300, () => 400, 2 * MINUTE);
    expect(claimed.length).toBeGreaterThan(0.95 * 22 * 120);
    expect(puttings).toBeLessThanOrEqual(claimed.length + 1_300);
  });

  test("where all come too late, as many are asked all the same", () => {
    const { claimed, puttings } = driveLate(1_300, () => 3 * SECOND, 2 * MINUTE);
    expect(claimed.length).toBeGreaterThan(0.8 * 22 * 120);
    expect(puttings).toBeLessThan(2 * claimed.length);
  });

  test("however late they come, no second holds more than Graph allows", () => {
    const late = fc.array(fc.integer({ min: 0, max: 5 * SECOND }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(late, fc.integer({ min: 1, max: 1_500 }), (lates, count) => {
        let n = 0;
        const { claimed } = driveLate(count, () => lates[(n += 1) % lates.length] ?? 0, MINUTE / 2);
        expect(mostWithin(claimed, SECOND)).toBeLessThanOrEqual(30);
      }),
      { numRuns: 30 },
    );
  });
});

describe("places", () => {
  test("the present one is taken at once", () => {
    const { at, slots } = takeSlot(NO_SLOTS, EVEN, { earliest: START }, START + 7);
    expect(at).toBe(START + 7);
    expect(slots.used).toEqual([1]);
  });

  test("six are in each slot, the seventh is in the next", () => {
    const { given } = drive(
      [{ gap: 0, requests: Array.from({ length: 13 }, () => ({ kind: "site", owner: null })) }],
      EVEN,
    );
    expect(given.map(({ at }) => at - START)).toEqual([
      ...Array.from({ length: 6 }, () => 0),
      ...Array.from({ length: 6 }, () => 250),
      500,
    ]);
  });

  test("a full tenant is served at its pace, all day", () => {
    const second: Arrival = {
      gap: SECOND,
      requests: Array.from({ length: 24 }, () => ({ kind: "site", owner: null })),
    };
    const { given, longest } = drive(
      Array.from({ length: 2_000 }, () => second),
      EVEN,
    );
    for (const { at, asked } of given) expect(at - asked).toBeLessThan(SECOND);
    expect(longest).toBeLessThanOrEqual(4);
  });

  test("a busy chat holds nobody else back", () => {
    const busy = Array.from({ length: 10 }, () => ({ kind: "chat", owner: "c1" }));
    const { given } = drive([{ gap: 0, requests: [...busy, { kind: "team", owner: "t1" }] }], EVEN);
    expect(given.at(-1)?.at).toBe(START);
    expect(given.at(-2)?.at).toBeGreaterThanOrEqual(START + 9 * 1_800);
  });

  test("what is past is forgotten", () => {
    const many = { gap: 0, requests: Array.from({ length: 1_000 }, () => ({ kind: "site", owner: null })) };
    const { slots } = drive([many, { gap: HOUR, requests: [{ kind: "site", owner: null }] }], EVEN);
    expect(slots.used).toEqual([1]);
  });

  test("slots of the future, after the clock was set back, are not believed", () => {
    const { slots } = drive(
      [{ gap: 0, requests: Array.from({ length: 9 }, () => ({ kind: "site", owner: null })) }],
      EVEN,
    );
    const taken = takeSlot(slots, EVEN, { earliest: START - DAY }, START - DAY);
    expect(taken.at).toBe(START - DAY);
    expect(taken.slots.used).toEqual([1]);
  });

  test("a team or chat that was asked tomorrow, by a clock since set back, does not make the row long", () => {
    const last = new Map([["t1", START + DAY]]);
    const { slots } = takeSlots(NO_SLOTS, EVEN, [{ kind: "team", owner: "t1" }], last, START);
    expect(slots.used.length).toBeLessThan(10_000);
  });

  test("no slots at all mean an empty past", () => {
    expect(takeSlots(NO_SLOTS, EVEN, [], new Map(), START)).toEqual({ at: [], slots: NO_SLOTS });
  });

  test("what was known is not written to", () => {
    const used = Object.freeze([6, 1]);
    const slots: Slots = Object.freeze({ from: Math.floor(START / EVEN.slotMs), used });
    const last = new Map([["t1", START]]);
    takeSlots(slots, EVEN, [{ kind: "team", owner: "t1" }], last, START);
    expect(used).toEqual([6, 1]);
    expect(last).toEqual(new Map([["t1", START]]));
  });
});

describe("a pace", () => {
  test.each([
    [1_000, 250, 250],
    [44, 250, 11],
    [40, 250, 10],
    [23, 10_000 / 23, 10],
    [22, 10_000 / 22, 10],
    [20, 500, 10],
    [19, 9_000 / 19, 9],
    [8, 500, 4],
    [1, 1_000, 1],
    [0.5, 2_000, 1],
  ])("of %d a second", (perSecond, slotMs, perSlot) => {
    expect(paceOf(perSecond)).toEqual({ slotMs, perSlot });
  });

  test("of any size holds over ten seconds, for requests that all come at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat({ max: 2_000 }), (perSecond, offset) => {
        const pace = paceOf(perSecond);
        const requests = Array.from({ length: perSecond * 12 }, () => ({ kind: "site", owner: null }));
        const { given } = drive([{ gap: offset, requests }], pace);
        const most = mostWithin(
          given.map(({ at }) => at),
          10 * SECOND - 1,
        );
        expect(most).toBeLessThanOrEqual(perSecond * 10 + 2 * pace.perSlot);
        expect(most).toBeGreaterThanOrEqual(perSecond * 10 - 2 * pace.perSlot);
      }),
    );
  });

  test("spaces teams and chats, and nothing else", () => {
    expect(["team", "chat", "engagement", "site", "other"].map(spacingOf)).toEqual([450, 1_800, 0, 0, 0]);
  });
});
