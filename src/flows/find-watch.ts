import type { GraphPlace } from "../core/clouds.ts";
import { findAddresses } from "../core/find-addresses.ts";
import type { ConversationId } from "../core/ids.ts";
import type { Store, WatchRecord } from "./ports.ts";

export type FindReply =
  | { readonly kind: "found"; readonly watch: WatchRecord }
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly text: string };

/** The watch that a person means in `status` and `stop`: by an address, or by the operation's id. */
export async function findWatch(
  deps: { readonly store: Store },
  graph: GraphPlace,
  conversation: ConversationId,
  text: string,
): Promise<FindReply> {
  const { addresses, nearMisses, bareIds } = findAddresses(text, graph);
  const [address] = addresses;
  const name = address?.key ?? bareIds[0] ?? nearMisses[0]?.text ?? "";
  if (name === "") return { kind: "nothing" };
  const watch = await deps.store.latestWatch(conversation, name);
  return watch === null ? { kind: "unknown", text: address?.path ?? name } : { kind: "found", watch };
}
