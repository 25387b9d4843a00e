import { expect, test } from "vitest";
import type { EpochMs } from "../../src/core/ids.ts";
import type { Store, TeamsResult } from "../../src/flows/ports.ts";
import { createTeamsPauses } from "../../src/flows/teams-pauses.ts";
import { readActivity } from "../../src/teams/read-activity.ts";
import { sendReply } from "../../src/teams/send-reply.ts";
import { aMessage, GROUP } from "../support/an-activity.ts";

const T0 = Date.parse("2026-11-30T12:00:00Z");
const DONE: TeamsResult = { kind: "done", activityId: "1" };
const CUT: TeamsResult = { kind: "unavailable", status: null, reason: "read ECONNRESET", isCertain: false };
const BUSY: TeamsResult = { kind: "unavailable", status: 503, reason: "503 Busy", isCertain: true };
const GONE: TeamsResult = { kind: "conversationGone", status: 404, code: "ConversationNotFound" };

function throttled(retryAfterMs: number | null): TeamsResult {
  return { kind: "throttled", retryAfterMs };
}

/** Teams answers with these, one after the other, and then with the last one; the clock goes on with each wait. */
async function sent(answers: readonly TeamsResult[], writeMs = 50) {
  let at = T0;
  let paused = 0;
  const now = (): EpochMs => at;
  const sleep = (ms: number): Promise<void> => {
    at += ms;
    return Promise.resolve();
  };
  const triedAt: number[] = [];
  const store: Pick<Store, "takeWrite" | "pauseConversation"> = {
    takeWrite: () =>
      Promise.resolve(paused > at ? { kind: "overBudget", waitMs: paused - at } : { kind: "taken" }),
    pauseConversation: (_id, until) => {
      paused = until;
      return Promise.resolve();
    },
  };
  const connector = {
    post: () => {
      triedAt.push(at - T0);
      at += writeMs;
      return Promise.resolve(answers[Math.min(triedAt.length, answers.length) - 1] ?? DONE);
    },
  };
  const incoming = readActivity(aMessage("http://127.0.0.1:1", GROUP, "list"));
  if (incoming === null) throw new Error("This is a message.");
  const pauses = createTeamsPauses({ store, now, sleep });
  const why = await sendReply({ store, connector, now, pauses, sleep }, incoming, { text: "Hello." });
  return { why, triedAt };
}

test.each([
  ["a connection that was cut is tried once more", [CUT, DONE], null, 2],
  ["and no more than once, since Teams may have taken both", [CUT], "unavailable (read ECONNRESET)", 2],
  ["so is what a busy Teams did not take", [BUSY], "unavailable (503 Busy)", 2],
  ["a short pause is waited for", [throttled(1_000), DONE], null, 2],
  ["one without a length, too", [throttled(null), DONE], null, 2],
  ["a long one is not", [throttled(60_000)], "Teams' limits of writes", 1],
  ["a conversation that is gone gets nothing more", [GONE], "conversationGone", 1],
] as const)("%s", async (_name, answers, why, tries) => {
  const found = await sent(answers);
  expect(found.why).toBe(why);
  expect(found.triedAt).toHaveLength(tries);
});

test("a pause that Teams asks for is kept to", async () => {
  const { triedAt } = await sent([throttled(1_000), DONE]);
  expect(triedAt[1]).toBeGreaterThanOrEqual(1_050);
});

test("who waited for long is not kept waiting by another try", async () => {
  expect((await sent([CUT, DONE], 10_000)).triedAt).toEqual([0]);
});
