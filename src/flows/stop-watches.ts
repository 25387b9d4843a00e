import type { GraphPlace } from "../core/clouds.ts";
import type { ConversationId } from "../core/ids.ts";
import { findWatch, type FindReply } from "./find-watch.ts";
import type { Now, Store, WatchRecord } from "./ports.ts";

type Deps = { readonly store: Store; readonly now: Now };

export type StopReply =
  | { readonly kind: "stopped"; readonly watches: readonly WatchRecord[] }
  | { readonly kind: "over"; readonly watch: WatchRecord }
  | Exclude<FindReply, { kind: "found" }>;

/** Closes one watch of this conversation; its card says so, once, and is never written again. */
export async function stopWatch(
  deps: Deps,
  graph: GraphPlace,
  conversation: ConversationId,
  text: string,
): Promise<StopReply> {
  const reply = await findWatch(deps, graph, conversation, text);
  if (reply.kind !== "found") return reply;
  return stopFound(deps, reply.watch);
}

export async function stopFound(deps: Deps, watch: WatchRecord): Promise<StopReply> {
  const stopped = await deps.store.stopWatches(watch.conversationId, [watch.id], deps.now());
  if (stopped.length > 0) return { kind: "stopped", watches: stopped };
  return { kind: "over", watch: (await deps.store.watch(watch.id)) ?? watch };
}

export async function stopAllWatches(deps: Deps, conversation: ConversationId): Promise<StopReply> {
  return { kind: "stopped", watches: await deps.store.stopWatches(conversation, null, deps.now()) };
}
