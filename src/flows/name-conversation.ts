import type { Conversation, Now, Store } from "./ports.ts";

export type AliasReply =
  | { readonly kind: "set" | "taken" | "removed" | "unknown"; readonly name: string }
  | { readonly kind: "bad" }
  | { readonly kind: "list"; readonly names: readonly string[] };

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/u;

/** `alias <name>`, `alias remove <name>`, `alias`: the name by which pipelines post into a conversation. */
export async function nameConversation(
  { store, now }: { readonly store: Store; readonly now: Now },
  conversation: Conversation,
  text: string,
): Promise<AliasReply> {
  const [first = "", second, ...more] = text.toLowerCase().split(/\s+/u);
  if (first === "") return { kind: "list", names: await store.aliasesOf(conversation) };
  const isRemoval = first === "remove" && second !== undefined;
  const name = isRemoval ? second : first;
  if (!NAME.test(name) || more.length > 0 || (!isRemoval && second !== undefined)) return { kind: "bad" };
  if (isRemoval) {
    const kind = (await store.removeAlias(conversation, name)) ? "removed" : "unknown";
    return { kind, name };
  }
  await store.rememberConversation(conversation, now());
  return { kind: (await store.setAlias(conversation, name, now())) ? "set" : "taken", name };
}
