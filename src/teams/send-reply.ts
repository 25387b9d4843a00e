import type { Activity } from "botbuilder";
import { obeyedPauseMs } from "../core/retry-after.ts";
import type { Now, Store, TeamsResult } from "../flows/ports.ts";
import type { TeamsPauses } from "../flows/teams-pauses.ts";
import { within } from "../flows/within.ts";
import type { Connector } from "./connector.ts";
import type { Incoming } from "./read-activity.ts";

/** Somebody waits for a reply, but not for ever. */
const REPLY_WITHIN_MS = 3_000;
/** How long after a connection that was cut, or a server that was busy, it is tried once more. */
const AGAIN_AFTER_MS = 300;

/**
 * Replies keep to the conversation's pause and budget, as cards do. What did not reach Teams is sent once more, and not
 * again: Teams may have taken it all the same, and two answers are better than none.
 * @returns null when it was sent, else why not.
 */
export async function sendReply(
  deps: {
    readonly store: Pick<Store, "takeWrite">;
    readonly connector: Pick<Connector, "post">;
    readonly now: Now;
    readonly pauses: TeamsPauses;
    readonly sleep: (ms: number) => Promise<unknown>;
  },
  { conversation, threadId }: Incoming,
  reply: Partial<Activity>,
): Promise<string | null> {
  const { store, connector, now, pauses, sleep } = deps;
  const deadline = now() + REPLY_WITHIN_MS;
  let triesLeft = 2;

  async function budgetMs(): Promise<number> {
    // With the database away, the word that it is away is worth more than the budget.
    const taken = await store.takeWrite(conversation.id, now()).catch(() => ({ kind: "taken" as const }));
    return taken.kind === "taken" ? 0 : taken.waitMs;
  }

  /** Null: it may be sent now. */
  async function waited(): Promise<string | null> {
    for (;;) {
      // Looked at first, because a write that is not made is not to be paid for; and again, because that takes time.
      const pauseMs = pauses.leftMs(conversation.id);
      const waitMs = pauseMs > 0 ? pauseMs : Math.max(await budgetMs(), pauses.leftMs(conversation.id));
      if (waitMs === 0) return null;
      if (now() + waitMs > deadline) return "Teams' limits of writes";
      await sleep(waitMs);
    }
  }

  for (;;) {
    const whyNot = await waited();
    if (whyNot !== null) return whyNot;
    const result = await connector.post(conversation, threadId, reply);
    if (result.kind === "done") return null;
    if (result.kind === "throttled") {
      const until = now() + obeyedPauseMs(result.retryAfterMs ?? 1_000);
      await within(REPLY_WITHIN_MS, pauses.pause(conversation.id, until));
    }
    if (result.kind === "unavailable") triesLeft -= 1;
    const mayTry = result.kind === "throttled" || (result.kind === "unavailable" && triesLeft > 0);
    if (!mayTry || now() + AGAIN_AFTER_MS > deadline) return whyOf(result);
    await sleep(AGAIN_AFTER_MS);
  }
}

function whyOf(result: TeamsResult): string {
  return result.kind === "unavailable" ? `${result.kind} (${result.reason})` : result.kind;
}
