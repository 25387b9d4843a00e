import { expect, test } from "vitest";
import { figuresOf, quantilesOf, type Marks } from "./compare/figures.ts";
import { limited, messagesOf, scaled, SCENARIOS, tenantsOf } from "./compare/scenarios.ts";
import { KIND, Log, PHASE, REFUSED_FOR } from "./world/log.ts";
import type { Plan } from "./world/plan.ts";

const MARKS: Marks = {
  intervalMs: 31_000,
  windowStart: 100_000,
  windowEnd: 146_500,
  end: 170_000,
  killedAt: null,
  pausedTenant: null,
};
const MESSAGE = { tenant: 0, chat: 0, operations: [0] };
const SENT = { dueAt: 50_000, ackedAt: 50_200, status: 200 };

function aPlan(changes: { readonly runsAt?: number; readonly endsAt?: number } = {}): Plan {
  return {
    runsAt: Float64Array.of(changes.runsAt ?? Infinity),
    endsAt: Float64Array.of(changes.endsAt ?? Infinity),
    end: Uint8Array.of(PHASE.succeeded),
  };
}

/** A log of checks and writes of one operation: `[kind, at, phase]`; answers take 80 ms. */
function aLog(...entries: readonly (readonly [number, number, number?])[]): Log {
  const log = new Log();
  for (const [kind, at, phase = 0] of entries) {
    const index = log.add({ kind, at, phase, operation: 0, chat: 0, tenant: 0 });
    if (kind === KIND.check) log.answered(index, at + 80);
  }
  return log;
}

function figures(log: Log, plan: Plan = aPlan(), marks: Partial<Marks> = {}): ReturnType<typeof figuresOf> {
  return figuresOf(log.columns(), plan, [MESSAGE], [SENT], { ...MARKS, ...marks });
}

test("a check is late by what lies beyond the last answer and the interval", () => {
  const { lateness } = figures(aLog([KIND.check, 90_000], [KIND.check, 121_500]));
  // Due at 90,080 + 31,000; the next one, due after the window, is not counted.
  expect(lateness).toEqual({ count: 1, p50: 420, p99: 420, worst: 420 });
});

test("a check that never comes is as late as the run is long", () => {
  const found = figures(aLog([KIND.check, 90_000]));
  expect([found.lateness.worst, found.missedChecks]).toEqual([48_920, 1]);
});

test("after an end no check is due", () => {
  expect(figures(aLog([KIND.check, 90_000, PHASE.succeeded])).lateness.count).toBe(0);
});

test("checks within 30 s are told", () => {
  const log = aLog([KIND.check, 90_000], [KIND.check, 119_000], [KIND.check, 149_500]);
  expect(figures(log).tooSoon).toBe(1);
});

test("a change is followed from Graph to the card", () => {
  const log = aLog(
    [KIND.cardPosted, 60_000],
    [KIND.check, 110_000, PHASE.running],
    [KIND.cardEdited, 110_180, PHASE.running],
  );
  const { changeToCard, answerToCard, finals } = figures(log, aPlan({ runsAt: 105_000 }));
  expect([changeToCard.p50, answerToCard.p50, finals]).toEqual([5_180, 100, 0]);
});

test("an end is lost when the card does not show it at last", () => {
  const told = [KIND.check, 110_000, PHASE.succeeded] as const;
  const shown = [KIND.cardEdited, 110_200, PHASE.succeeded] as const;
  const plan = aPlan({ endsAt: 105_000 });
  expect(figures(aLog(told, shown), plan)).toMatchObject({ finals: 1, lostFinals: 0 });
  expect(figures(aLog(told), plan)).toMatchObject({
    finals: 1,
    lostFinals: 1,
    answerToCard: { p50: "never" },
  });
  const older = [KIND.cardEdited, 110_300, PHASE.running] as const;
  expect(figures(aLog(told, shown, older), plan)).toMatchObject({ lostFinals: 1 });
  const late = [KIND.cardEdited, 170_001, PHASE.succeeded] as const;
  expect(figures(aLog(told, late), plan)).toMatchObject({ lostFinals: 1 });
});

test("the paused tenant's ends are nobody's fault, but requests in its pause are counted", () => {
  const log = aLog(
    [KIND.refusedCheck, 101_000],
    [KIND.refusedCheck, 101_500],
    [KIND.refusedCheck, 133_000],
    [KIND.refusedWrite, 110_000],
  );
  const found = figures(log, aPlan({ endsAt: 105_000 }), { pausedTenant: 0 });
  expect(found).toMatchObject({ finals: 0, duringPause: 1, graphRefused: 3, teamsRefused: 1 });
});

test("a refusal tells which limit was passed", () => {
  const log = aLog(
    [KIND.refusedCheck, 101_000, REFUSED_FOR.tenant],
    [KIND.refusedCheck, 101_500, REFUSED_FOR.allTenants],
    [KIND.refusedCheck, 102_000, REFUSED_FOR.allTenants],
  );
  expect(figures(log)).toMatchObject({
    graphRefused: 3,
    graphRefusedFor: { tenant: 1, allTenants: 2, pause: 0 },
  });
});

test("recovery lasts until the last check that the kill made late", () => {
  const kill = { killedAt: 105_000 };
  const onTime = aLog([KIND.check, 90_000], [KIND.check, 121_200]);
  expect(figures(onTime, aPlan(), kill).recoveryMs).toBe(0);
  const late = aLog([KIND.check, 70_000], [KIND.check, 108_000]);
  expect(figures(late, aPlan(), kill).recoveryMs).toBe(3_000);
  expect(figures(aLog([KIND.check, 70_000]), aPlan(), kill).recoveryMs).toBe("never");
});

test("tracks are measured from when they were due to be sent", () => {
  const { acknowledged, firstCard, refusedTracks } = figures(aLog([KIND.cardPosted, 51_000]));
  expect([acknowledged.p50, firstCard.p50, refusedTracks]).toEqual([200, 1_000, 0]);
});

test("a second post of a card is told", () => {
  expect(figures(aLog([KIND.cardPosted, 51_000], [KIND.cardPosted, 61_000])).doubled).toBe(1);
});

test("quantiles of nothing are nothing", () => {
  expect(quantilesOf([])).toEqual({ count: 0, p50: null, p99: null, worst: null });
  expect(quantilesOf([3, 1, Infinity]).p99).toBe("never");
});

test("every scenario's messages name all of its operations, once for each watcher", () => {
  for (const scenario of SCENARIOS) {
    const named = messagesOf(scenario).flatMap(({ operations }) => operations);
    expect(named).toHaveLength(scenario.operations * scenario.watchers);
    expect(new Set(named).size).toBe(scenario.operations);
    expect(scenario.changes + scenario.ends).toBeLessThanOrEqual(scenario.operations);
    expect(Math.max(...tenantsOf(scenario))).toBeLessThan(scenario.tenants);
  }
});

test("steady scenarios stay below Graph's limit in each tenant", () => {
  for (const scenario of SCENARIOS.filter(({ name }) => /^steady|^ceiling/u.test(name))) {
    expect(scenario.operations / scenario.tenants / 31).toBeLessThan(0.83 * 30);
  }
});

test("a scaled scenario keeps its shape, and a limited one its size", () => {
  const kill = SCENARIOS.find(({ name }) => name === "kill");
  const shared = SCENARIOS.find(({ name }) => name === "shared");
  if (kill === undefined || shared === undefined) throw new Error("Two scenarios are missing.");
  expect(scaled(kill, 0.1)).toMatchObject({ operations: 100, ends: 50, window: kill.window });
  expect(limited(kill, 100)).toMatchObject({ operations: 100, ends: 50 });
  expect(limited(shared, 100)).toMatchObject({ operations: 5, watchers: 20 });
});
