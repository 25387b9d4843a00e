import type { ConversationId, EpochMs } from "../core/ids.ts";
import type { Now, Store } from "./ports.ts";

const AGAIN_MS = 500;

/**
 * A pause that Teams asked for is written down however long the database is away: nobody else has heard of it.
 * Resolves when it is, or is over; never rejects.
 */
export async function keepPause(
  {
    store,
    now,
    sleep,
  }: {
    readonly store: Pick<Store, "pauseConversation">;
    readonly now: Now;
    readonly sleep: (ms: number) => Promise<unknown>;
  },
  conversation: ConversationId,
  until: EpochMs,
): Promise<void> {
  while (now() < until) {
    try {
      return await store.pauseConversation(conversation, until);
    } catch {
      await sleep(AGAIN_MS);
    }
  }
}
