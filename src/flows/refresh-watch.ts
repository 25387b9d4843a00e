import type { ConversationId, EpochMs, WatchId } from "../core/ids.ts";
import type { Now, Store, WatchRecord } from "./ports.ts";

export type RefreshReply =
  | { readonly kind: "gone" }
  | { readonly kind: "over"; readonly watch: WatchRecord }
  | {
      readonly kind: "stored";
      readonly watch: WatchRecord;
      /** How old the stored answer is; null before the first one. */
      readonly answeredAt: EpochMs | null;
      /** 0: Graph is being asked now. */
      readonly waitMs: number;
    };

/**
 * The stored answer for the person who pressed Refresh, and a check as soon as the floor between
 * two checks allows one. A watch is known in its own conversation only.
 */
export async function refreshWatch(
  deps: { readonly store: Store; readonly now: Now },
  conversation: ConversationId,
  id: WatchId,
): Promise<RefreshReply> {
  const now = deps.now();
  const known = await deps.store.watch(id);
  if (known === null || known.conversationId !== conversation) return { kind: "gone" };
  if (known.closed !== null) return { kind: "over", watch: known };
  const plan = await deps.store.refresh(id, now);
  if (plan === null) return { kind: "gone" };
  return {
    kind: "stored",
    watch: plan.watch,
    answeredAt: plan.watch.state.answeredAt,
    waitMs: Math.max(plan.nextCheckAt - now, 0),
  };
}
