import { describe, expect, test } from "vitest";
import {
  aBegin,
  aCard,
  acknowledged,
  aCheck,
  aFault,
  aGoodLog,
  anOperation,
  aPing,
  aPost,
  aReplica,
  aWrite,
  CONVERSATION,
  OPERATION,
} from "./a-log.ts";
import { checkInvariants, INVARIANTS, unfinished } from "./check-invariants.ts";
import type { Entry } from "./log.ts";

/** What the checker says of a good log with these entries more. */
function foundIn(...more: readonly Entry[]): readonly string[] {
  return checkInvariants([...aGoodLog(), ...more]).violations.map(({ invariant }) => invariant);
}

/** Of a log of these entries alone. */
function foundAmong(...entries: readonly Entry[]): readonly string[] {
  const { violations } = checkInvariants([aBegin(), anOperation(), acknowledged(1), ...entries]);
  return violations.map(({ invariant }) => invariant);
}

const SUCCEEDED = { standing: "succeeded", status: "succeeded" } as const;
const FINAL = [aCheck(5.5, { graphStatus: "succeeded" }), aCard(5.7, SUCCEEDED)] as const;

test("a good log has no violation, and is counted", () => {
  const { violations, counts } = checkInvariants(aGoodLog());
  expect(violations).toEqual([]);
  expect(counts).toMatchObject({
    operations: 1,
    watches: 1,
    checks: 3,
    writes: 4,
    finalsShown: 1,
    pings: 1,
    excused: {},
  });
  expect(counts.shortestGapMs).toBeCloseTo(2_100);
  expect(Object.keys(counts.ofInvariant).toSorted()).toEqual([...INVARIANTS].toSorted());
});

test("a violation names what happened and brings the lines of the log", () => {
  const { violations } = checkInvariants([...aGoodLog(), aCheck(6.5)]);
  expect(violations).toMatchObject([
    {
      invariant: "early check",
      what: `Operation ${OPERATION} was asked for again after 1000 ms.`,
      evidence: [{ kind: "check" }, { kind: "check", at: 6_500 }],
    },
  ]);
});

describe("slow recovery", () => {
  const calm = { kind: "calm", at: 6_000 } as const;
  const shownAt = (s: number): readonly Entry[] => [
    aPost(1),
    aCheck(s - 0.3, { graphStatus: "succeeded" }),
    aCard(s, SUCCEEDED),
  ];
  const recoveryOf = (...entries: readonly Entry[]): number =>
    checkInvariants([aBegin(), anOperation(), acknowledged(1), ...entries]).counts.slowestRecoveryMs;

  test("20 s and two intervals after the faults an end must be shown", () => {
    expect(foundAmong(calm, ...shownAt(29.9))).toEqual([]);
    expect(foundAmong(calm, ...shownAt(30.1))).toEqual(["slow recovery"]);
    expect(recoveryOf(calm, ...shownAt(30.1))).toBeCloseTo(24_100);
  });

  test("counted from the end, or the track, where that was after the faults", () => {
    const late = [aBegin(), anOperation({ endsAt: 9_000 }), acknowledged(1), calm, ...shownAt(32.9)];
    expect(checkInvariants(late).violations).toEqual([]);
    const tracked = [aBegin(), anOperation(), acknowledged(9), calm, ...shownAt(32.9)];
    expect(checkInvariants(tracked).violations).toEqual([]);
  });

  test("counted from the end of the pauses that were asked for in the faults, and of no later ones", () => {
    const byGraph = aCheck(5.2, { status: 429, retryAfterMs: 10_000 });
    const byTeams = aPost(5.2, { status: 429, isTaken: false, retryAfterMs: 10_000 });
    for (const pause of [byGraph, byTeams]) {
      expect(foundAmong(calm, pause, ...shownAt(39.1))).toEqual([]);
      expect(foundAmong(calm, pause, ...shownAt(39.3))).toEqual(["slow recovery"]);
    }
    expect(foundAmong(calm, aCheck(6.1, { status: 429, retryAfterMs: 10_000 }), ...shownAt(30.1))).toEqual([
      "slow recovery",
    ]);
  });

  test("counted to the first card that shows it, and not of what Graph does not know any more", () => {
    expect(recoveryOf(calm, ...shownAt(7), aCard(40, { standing: "ready", status: "succeeded" }))).toBe(
      1_000,
    );
    const refusals = [2, 4, 49].map((s) => aCheck(s, { status: 404, graphStatus: null, attempts: null }));
    const entries = [aBegin(), anOperation({ end: "unavailable" }), acknowledged(1), calm, aPost(1)];
    const gone = aCard(50, { standing: "no longer available" });
    const { violations, counts } = checkInvariants([...entries, aCheck(0.1), ...refusals, gone]);
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ finalsShown: 1, slowestRecoveryMs: 0 });
  });
});

describe("lost", () => {
  test("an acknowledged watch without a card", () => {
    expect(foundAmong()).toEqual(["lost"]);
  });

  test("a card that never showed the end, and is told as unfinished", () => {
    const entries = [aBegin(), anOperation(), acknowledged(1), aPost(1), aCheck(1.2), aCard(2)];
    const [lost] = checkInvariants(entries).violations;
    expect(lost?.invariant).toBe("lost");
    expect(lost?.what).toContain('its card says "in progress"');
    expect(unfinished(entries)).toBe(1);
    expect(unfinished(aGoodLog())).toBe(0);
  });

  test("a card that shows another end than the true one", () => {
    const told = aCheck(5.5, { graphStatus: "failed" });
    expect(foundAmong(aPost(1), told, aCard(5.7, { standing: "failed", status: "failed" }))).toEqual([
      "lost",
    ]);
  });

  test("not one that was stopped, whose bot was removed, or whose card was deleted twice", () => {
    const asked = {
      kind: "asked",
      at: 1_500,
      id: "stop-1",
      deed: "stop",
      via: "chat",
      conversation: CONVERSATION,
      operations: [OPERATION],
      delivery: 1,
    } as const;
    expect(foundAmong(aPost(1), asked)).toEqual([]);
    const { counts } = checkInvariants([aBegin(), anOperation(), acknowledged(1), aPost(1), asked]);
    expect(counts).toMatchObject({ watches: 1, finalsShown: 0, excused: { stopped: 1 } });
    expect(
      foundAmong(aPost(1), { kind: "gone", at: 2_000, conversation: CONVERSATION, status: 403 }),
    ).toEqual([]);
    const deleted = (activity: string): Entry => ({
      kind: "deleted",
      at: 3_000,
      conversation: CONVERSATION,
      activity,
    });
    const second = aPost(3.5, { activity: "card-2" });
    expect(foundAmong(aPost(1), deleted("card-1"), second, deleted("card-2"))).toEqual([]);
  });

  test("what Graph no longer knows may be told in either way", () => {
    const gone = anOperation({ end: "unavailable" });
    const refusals = [2, 4, 6].map((s) => aCheck(s, { status: 404, graphStatus: null, attempts: null }));
    for (const standing of ["no longer available", "not found"]) {
      const entries = [aBegin(), gone, acknowledged(1), aPost(1.1), aCheck(0.1), ...refusals];
      expect(checkInvariants([...entries, aCard(7, { standing })]).violations).toEqual([]);
    }
  });
});

describe("posted again", () => {
  test("a card whose first post was known", () => {
    expect(foundIn(aPost(8, { activity: "card-2" }))).toContain("posted again");
  });

  test("not, but counted, when the first post's answer was cut", () => {
    const entries = [aPost(1, { deliveredAt: null }), aPost(1.5, { activity: "card-2" }), ...FINAL];
    expect(foundAmong(...entries)).toEqual([]);
    const { counts } = checkInvariants([aBegin(), anOperation(), acknowledged(1), ...entries]);
    expect(counts.doubledPosts).toBe(1);
  });

  test("not when the process died or the database was away before it could be written down", () => {
    const twice = [aPost(1), aPost(2.5, { activity: "card-2" }), ...FINAL];
    expect(foundAmong(...twice)).toEqual(["posted again"]);
    expect(foundAmong(...twice, aReplica(1.1, "killed"), aReplica(2, "ready"))).toEqual([]);
    expect(foundAmong(...twice, aFault(0.5, { kind: "restartDatabase", forMs: 1_000 }))).toEqual([]);
    expect(foundAmong(...twice, aFault(0.5, { kind: "deleteCard", forMs: 1_000 }))).toEqual(["posted again"]);
  });

  test("not when somebody deleted it, but then once", () => {
    const deleted: Entry = { kind: "deleted", at: 6_000, conversation: CONVERSATION, activity: "card-1" };
    const again = aCard(7, SUCCEEDED, { method: "POST", activity: "card-2" });
    expect(foundIn(deleted, again)).toEqual([]);
    expect(foundIn(deleted, again, { ...again, at: 8_000, activity: "card-3" })).toEqual(["posted again"]);
  });
});

describe("backward edit", () => {
  const before = [aPost(1), aCheck(1.1), aCheck(3, { attempts: 3 }), aCard(3.1, { attempts: 3 })];

  test.each([
    ["fewer attempts", aCard(3.5, { attempts: 1 })],
    ["no status any more", aCard(3.5, { standing: "asking", status: null, attempts: null })],
  ])("%s", (_what, write) => {
    expect(foundAmong(...before, write, ...FINAL)).toContain("backward edit");
  });

  test("an end that is none any more", () => {
    expect(foundIn(aCard(6.5))).toEqual(expect.arrayContaining(["backward edit"]));
  });

  test("an earlier status of the same attempt", () => {
    const told = aCheck(1.1, { graphStatus: "notStarted" });
    const waiting = aCard(4, { standing: "waiting to start", status: "notStarted" });
    expect(foundAmong(aPost(1), told, aCheck(3), aCard(3.1), waiting, ...FINAL)).toEqual(["backward edit"]);
  });

  test("not an unknown status between two known ones", () => {
    const told = aCheck(3.1, { graphStatus: "stalledByWizard" });
    const odd = aCard(3.3, { standing: "unrecognized status", status: "stalledByWizard" });
    expect(foundAmong(aPost(1), aCheck(1.1), aCard(1.3), told, odd, aCard(3.6), ...FINAL)).toEqual([]);
  });
});

describe("before Retry-After", () => {
  const refusal = aCheck(5, { status: 429, graphStatus: null, attempts: null, retryAfterMs: 10_000 });
  const graph = (...entries: readonly Entry[]): readonly string[] =>
    foundAmong(
      aPost(1),
      aCheck(1.1),
      refusal,
      ...entries,
      aCheck(20, { graphStatus: "succeeded" }),
      aCard(21, SUCCEEDED),
    );

  test("Graph is asked in a pause", () => {
    expect(graph(aCheck(9))).toEqual(["before Retry-After"]);
    expect(graph(aCheck(9, { tenant: "another", operation: "another" }))).toEqual([]);
  });

  test("not what was on its way, nor what came after the pause", () => {
    expect(graph(aCheck(5.4, { operation: "another" }), aCheck(15.1))).toEqual([]);
  });

  test("not when nobody could know: the answer was cut, the process died, the database was away", () => {
    const cut = { ...refusal, deliveredAt: null };
    expect(
      foundAmong(aPost(1), aCheck(1.1), cut, aCheck(9, { graphStatus: "succeeded" }), aCard(9.5, SUCCEEDED)),
    ).toEqual([]);
    expect(graph(aCheck(9), aReplica(5.2, "killed"), aReplica(7, "ready"))).toEqual([]);
    expect(graph(aCheck(9), aReplica(5.2, "killed", "", 1), aReplica(7, "ready", "", 1))).toEqual([
      "before Retry-After",
    ]);
    // Back after 2 s and 3 s more to find its feet; then it must be known.
    const away = aFault(4, { kind: "restartDatabase", forMs: 2_000 });
    expect(graph(away, aCheck(9))).toEqual([]);
    expect(graph(away, aCheck(11.5))).toEqual(["before Retry-After"]);
  });

  test("Teams is written to in a pause of the conversation", () => {
    const throttled = aCard(6, { attempts: 2 }, { isTaken: false, status: 429, retryAfterMs: 10_000 });
    expect(foundIn(throttled, aWrite(9, { kind: "reply", text: "Hello" }))).toEqual(["before Retry-After"]);
    expect(foundIn(throttled, aWrite(9, { kind: "other", type: "typing" }))).toEqual(["before Retry-After"]);
    expect(
      foundIn(throttled, aWrite(9, { kind: "reply", text: "Hello" }, { conversation: "19:other" })),
    ).toEqual([]);
    const trouble = "Something went wrong on my side and nothing was changed.";
    expect(foundIn(throttled, aWrite(9, { kind: "reply", text: trouble }))).toEqual([]);
  });
});

describe("same again", () => {
  test("an edit that changes nothing", () => {
    expect(foundIn(aCard(7, SUCCEEDED))).toEqual(["same again"]);
  });

  test("not when the one before was not known to be taken", () => {
    const cut = aCard(5.7, SUCCEEDED, { status: 500 });
    expect(foundAmong(aPost(1), aCheck(5.5, { graphStatus: "succeeded" }), cut, aCard(7, SUCCEEDED))).toEqual(
      [],
    );
    expect(foundIn(aCard(7, SUCCEEDED), aReplica(5.8, "killed"), aReplica(6.5, "ready"))).toEqual([]);
  });
});

test("who writes a new track after the end has a card and a ping of its own, and only one of each", () => {
  const asked = (s: number, fields: Partial<Extract<Entry, { kind: "asked" }>> = {}): Entry => ({
    kind: "asked",
    at: s * 1_000,
    id: `track-${s}`,
    deed: "track",
    via: "chat",
    conversation: CONVERSATION,
    operations: [OPERATION],
    delivery: 1,
    ...fields,
  });
  const again = [aCard(7, SUCCEEDED, { method: "POST", activity: "card-2" }), aPing(7.2)];
  const both = ["posted again", "second ping"];
  expect(foundIn(...again)).toEqual(both);
  expect(foundIn(asked(6.5), ...again)).toEqual([]);
  expect(foundIn(asked(3), ...again)).toEqual(both);
  expect(foundIn(asked(6.5, { delivery: 2 }), ...again)).toEqual(both);
  expect(foundIn(asked(6.5, { via: "api" }), ...again)).toEqual(both);
  expect(foundIn(asked(6.5, { operations: ["another"] }), ...again)).toEqual(both);
  expect(foundIn(asked(6.5, { conversation: "19:other" }), ...again)).toEqual(both);
  expect(foundIn(asked(7.1), ...again)).toEqual(["posted again"]);
  // It was written while the first ping was on its way.
  expect(foundIn(asked(5.8), ...again)).toEqual([]);
  const third = aCard(8, SUCCEEDED, { method: "POST", activity: "card-3" });
  expect(foundIn(asked(6.5), ...again, third, aPing(8.2))).toEqual(both);
});

test("a second ping, but not one that Teams refused, nor one in another conversation", () => {
  expect(foundIn(aPing(7))).toEqual(["second ping"]);
  expect(foundIn(aPing(7, { isTaken: false, status: 503 }))).toEqual([]);
  expect(foundIn(aPing(7, { conversation: "19:other" }))).toEqual([]);
});

describe("after stop", () => {
  const stopped = [aPost(1), aCheck(1.2), acknowledged(3, "stop")];
  const saysSo = aCard(3.2, { standing: "no longer watched" });

  test("an edit, a ping, a new card", () => {
    expect(foundAmong(...stopped, aCheck(3.9), aCard(4))).toContain("after stop");
    expect(foundAmong(...stopped, aPing(4), ...FINAL.slice(1))).toContain("after stop");
    expect(foundAmong(...stopped, saysSo, aPost(5, { activity: "card-2" }))).toContain("after stop");
    const again = aCard(4, { standing: "no longer watched", attempts: 2 });
    expect(foundAmong(...stopped, aCheck(3.5, { attempts: 2 }), saysSo, again)).toContain("after stop");
  });

  test("not the edit that says so, what was leaving in the same moment, or what had ended before", () => {
    const asked: Entry = {
      kind: "asked",
      at: 2_900,
      id: "stop-1",
      deed: "stop",
      via: "chat",
      conversation: CONVERSATION,
      operations: [OPERATION],
      delivery: 1,
    };
    expect(foundAmong(...stopped, asked, saysSo)).toEqual([]);
    expect(foundAmong(...stopped, asked, aCard(3.1), saysSo)).toEqual([]);
    const ended = aCheck(2.9, { graphStatus: "succeeded" });
    expect(foundAmong(...stopped, asked, ended, aCard(4, SUCCEEDED), aPing(4.5))).toEqual([]);
  });

  test("not what somebody asked to track since; a message that comes again is not since", () => {
    const track = (at: number, delivery: number): Entry => ({
      kind: "asked",
      at,
      id: "track-2",
      deed: "track",
      via: "chat",
      conversation: CONVERSATION,
      operations: [OPERATION],
      delivery,
    });
    const card = aPost(5, { activity: "card-2" });
    expect(foundAmong(...stopped, track(4_000, 1), card)).not.toContain("after stop");
    expect(foundAmong(...stopped, track(5_500, 1), card)).toContain("after stop");
    expect(foundAmong(...stopped, track(2_000, 1), track(4_000, 2), card)).toContain("after stop");
  });
});

describe("after removal", () => {
  const gone = (status: 403 | 404): Entry => ({
    kind: "gone",
    at: 2_000,
    conversation: CONVERSATION,
    status,
  });
  const refused = (s: number, status: number): Entry => aCard(s, {}, { isTaken: false, status });

  test("a try after the bot heard of it", () => {
    const told = [aPost(1), gone(403), acknowledged(2.5, "remove")];
    expect(foundAmong(...told)).toEqual([]);
    expect(foundAmong(...told, refused(4, 403))).toEqual(["after removal"]);
  });

  test("a try after Teams' 403 was known", () => {
    expect(foundAmong(aPost(1), gone(403), refused(4, 403))).toEqual([]);
    expect(foundAmong(aPost(1), gone(403), refused(4, 403), refused(6.5, 403))).toEqual(["after removal"]);
    expect(
      foundAmong(
        aPost(1),
        gone(403),
        refused(4, 403),
        refused(6.5, 403),
        aReplica(4.1, "killed"),
        aReplica(5, "ready"),
      ),
    ).toEqual([]);
  });

  test("404 without end", () => {
    const tries = Array.from({ length: 13 }, (_, index) => refused(3 + index, 404));
    expect(foundAmong(aPost(1), gone(404), ...tries.slice(0, 12))).toEqual([]);
    expect(foundAmong(aPost(1), gone(404), ...tries)).toEqual(["after removal"]);
  });
});

describe("untrue", () => {
  test("an end that Graph had not said yet, or whose answer was lost", () => {
    expect(foundAmong(aPost(1), aCard(2, SUCCEEDED), FINAL[0])).toEqual(["untrue"]);
    const lost = aCheck(1.5, { graphStatus: "succeeded", deliveredAt: null });
    expect(foundAmong(aPost(1), lost, aCard(2, SUCCEEDED))).toEqual(["untrue"]);
  });

  test("a state that Graph never said", () => {
    expect(
      foundAmong(
        aPost(1),
        aCheck(1.2),
        aCard(1.5, { attempts: 7 }),
        FINAL[0],
        aCard(6, { ...SUCCEEDED, attempts: 7 }),
      ),
    ).toContain("untrue");
  });

  test("an end after too few refusals", () => {
    const refusals = [2, 4].map((s) => aCheck(s, { status: 404, graphStatus: null, attempts: null }));
    const unavailable = aCard(5, { standing: "no longer available" });
    expect(foundAmong(aPost(1), aCheck(0.2), ...refusals, unavailable, ...FINAL)).toContain("untrue");
    const denied = aCard(5, { standing: "access denied", status: null, attempts: null });
    expect(foundAmong(aPost(1), denied, ...FINAL)).toContain("untrue");
  });
});

test("a token, to Graph or Teams", () => {
  expect(foundIn(aCheck(8, { hasToken: true }))).toEqual(["token"]);
  expect(foundIn(aCard(8, SUCCEEDED, { hasToken: true, activity: "card-9" }))).toEqual(["token"]);
});

describe("quotas", () => {
  /** So many checks of different operations, evenly within a second. */
  const burst = (count: number, chat: string | null = null): readonly Entry[] =>
    Array.from({ length: count }, (_, index) =>
      aCheck(7 + index / (count + 1), { operation: `operation-${index}`, chat }),
    );

  test("Graph's 30 in a second for a tenant, and one for a chat", () => {
    expect(foundIn(...burst(30))).toEqual([]);
    expect(foundIn(...burst(31))).toEqual(["quota of Graph"]);
    expect(foundIn(...burst(2, "19:a"))).toEqual(["quota of Graph"]);
    expect(foundIn(...burst(2, "19:a").slice(0, 1), aCheck(7.1, { operation: "b", chat: "19:b" }))).toEqual(
      [],
    );
  });

  test("not while a clock is wrong, or the machine stands still", () => {
    expect(foundIn(...burst(31), aReplica(6, "started", "-90000"))).toEqual([]);
    expect(foundIn(...burst(31), aReplica(6, "started", "-90000"), aReplica(6.5, "started"))).toEqual([
      "quota of Graph",
    ]);
    expect(foundIn(...burst(31), { kind: "lag", at: 7_300, ms: 200 })).toEqual([]);
  });

  test("Teams' 7 in a second and 8 in two for a conversation", () => {
    const replies = (count: number, everyS: number): readonly Entry[] =>
      Array.from({ length: count }, (_, index) =>
        aWrite(
          20 + index * everyS,
          { kind: "reply", text: "Hello" },
          { method: "POST", activity: `r-${index}` },
        ),
      );
    expect(foundIn(...replies(7, 0.1))).toEqual([]);
    expect(foundIn(...replies(8, 0.1))).toEqual(["quota of Teams"]);
    expect(foundIn(...replies(9, 0.22))).toEqual(["quota of Teams"]);
    expect(foundIn(...replies(9, 0.3))).toEqual([]);
  });
});
