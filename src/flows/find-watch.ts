import { parseAddresses, type AddressResult } from "../core/address.ts";
import type { ConversationId } from "../core/ids.ts";
import type { Store, WatchRecord } from "./ports.ts";

export type FindReply =
  | { readonly kind: "found"; readonly watch: WatchRecord }
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly result: AddressResult };

/** The watch that a person means in `status` and `stop`: by an address, or by the operation's id. */
export async function findWatch(
  deps: { readonly store: Store },
  graphOrigin: string,
  conversation: ConversationId,
  text: string,
): Promise<FindReply> {
  const results = parseAddresses(text, graphOrigin);
  const result = results.find(({ ok }) => ok) ?? results[0];
  if (result === undefined) return { kind: "nothing" };
  const watch = await deps.store.latestWatch(conversation, result.ok ? result.address.key : result.text);
  return watch === null ? { kind: "unknown", result } : { kind: "found", watch };
}
