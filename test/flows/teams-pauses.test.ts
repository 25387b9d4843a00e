import { expect, test } from "vitest";
import { conversationId, type EpochMs } from "../../src/core/ids.ts";
import { createTeamsPauses } from "../../src/flows/teams-pauses.ts";

const CHAT = conversationId("19:chat@thread.v2");
const OTHER = conversationId("19:other@thread.v2");
const T0 = Date.parse("2026-11-30T12:00:00Z");

/** A database that is away until the test says so, and a clock that goes on with each wait. */
function aBench() {
  let at = T0;
  let isAway = true;
  const written: EpochMs[] = [];
  const pauses = createTeamsPauses({
    store: {
      pauseConversation: (_id, until) => {
        if (isAway) return Promise.reject(new Error("the database is away"));
        written.push(until);
        return Promise.resolve();
      },
    },
    now: () => at,
    sleep: (ms) => {
      at += ms;
      if (at >= T0 + 5_000) isAway = false;
      return Promise.resolve();
    },
  });
  return { pauses, written, now: () => at };
}

test("a pause is known here from when it is heard until it is written down", async () => {
  const bench = aBench();
  const kept = bench.pauses.pause(CHAT, T0 + 60_000);
  expect(bench.pauses.leftMs(CHAT)).toBe(60_000);
  expect(bench.pauses.leftMs(OTHER)).toBe(0);
  await kept;
  expect(bench.written).toEqual([T0 + 60_000]);
  expect(bench.now()).toBe(T0 + 5_000);
  expect(bench.pauses.leftMs(CHAT)).toBe(0);
});

test("one that is over before the database is back is not written down any more", async () => {
  const bench = aBench();
  await bench.pauses.pause(CHAT, T0 + 2_000);
  expect(bench.written).toEqual([]);
  expect(bench.pauses.leftMs(CHAT)).toBe(0);
});

test("a shorter one that is heard meanwhile does not end it", async () => {
  const bench = aBench();
  const both = [bench.pauses.pause(CHAT, T0 + 60_000), bench.pauses.pause(CHAT, T0 + 1_000)];
  expect(bench.pauses.leftMs(CHAT)).toBe(60_000);
  await Promise.all(both);
  expect(bench.written).toEqual([T0 + 60_000, T0 + 60_000]);
});

test("a longer one that is heard while a shorter one is being written down holds until it is written, too", async () => {
  const writing: PromiseWithResolvers<void>[] = [];
  const pauses = createTeamsPauses({
    store: {
      pauseConversation: () => {
        const write = Promise.withResolvers<void>();
        writing.push(write);
        return write.promise;
      },
    },
    now: () => T0,
    sleep: () => Promise.resolve(),
  });
  const shorter = pauses.pause(CHAT, T0 + 1_000);
  const longer = pauses.pause(CHAT, T0 + 60_000);
  writing[0]?.resolve();
  await shorter;
  expect(pauses.leftMs(CHAT)).toBe(60_000);
  writing[1]?.resolve();
  await longer;
  expect(pauses.leftMs(CHAT)).toBe(0);
});
