import type { ConversationId, EpochMs } from "../core/ids.ts";
import { keepTrying } from "./keep-trying.ts";
import type { Now, Store } from "./ports.ts";

/** Pauses that Teams asked for in conversations: the database knows them, and this those that it does not know yet. */
export type TeamsPauses = {
  /** Writes it down, however long the database is away. Never rejects. */
  pause(id: ConversationId, until: EpochMs): Promise<void>;
  /** How long nothing may be written yet, as far as only this process knows; 0: at once. */
  leftMs(id: ConversationId): number;
};

export function createTeamsPauses(deps: {
  readonly store: Pick<Store, "pauseConversation">;
  readonly now: Now;
  readonly sleep: (ms: number) => Promise<unknown>;
}): TeamsPauses {
  const unwritten = new Map<ConversationId, EpochMs>();
  return {
    async pause(id, until) {
      const longest = Math.max(until, unwritten.get(id) ?? 0);
      unwritten.set(id, longest);
      await keepTrying(deps, longest, () => deps.store.pauseConversation(id, longest));
      // Another one may be longer, and on its way.
      if (unwritten.get(id) === longest) unwritten.delete(id);
    },
    leftMs: (id) => Math.max((unwritten.get(id) ?? 0) - deps.now(), 0),
  };
}
