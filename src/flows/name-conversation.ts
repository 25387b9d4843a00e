import type { People } from "./people.ts";
import type { Now, Store } from "./ports.ts";
import { strangerOf, type TrackRequest, type TrackSettings } from "./track-operation.ts";

export type AliasReply =
  | { readonly kind: "foreignTenant" | "guest" | "unknownPerson" }
  | { readonly kind: "set" | "taken" | "removed" | "unknown"; readonly name: string }
  | { readonly kind: "bad" }
  | { readonly kind: "list"; readonly names: readonly string[] };

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/u;

/** `alias <name>`, `alias remove <name>`, `alias`: the name by which pipelines post into a conversation. */
export async function nameConversation(
  { store, people, now }: { readonly store: Store; readonly people: People; readonly now: Now },
  settings: Pick<TrackSettings, "servedTenants" | "isLocal">,
  asked: Pick<TrackRequest, "conversation" | "requester" | "text">,
): Promise<AliasReply> {
  const { conversation, text } = asked;
  const stranger = await strangerOf({ people }, settings, asked);
  if (stranger !== null) return stranger;
  const [first = "", second, ...more] = text.toLowerCase().split(/\s+/u);
  if (first === "") return { kind: "list", names: await store.aliasesOf(conversation) };
  const isRemoval = first === "remove";
  const name = isRemoval ? (second ?? "") : first;
  if (!NAME.test(name) || more.length > 0 || (!isRemoval && second !== undefined)) return { kind: "bad" };
  if (isRemoval) {
    const kind = (await store.removeAlias(conversation, name)) ? "removed" : "unknown";
    return { kind, name };
  }
  await store.rememberConversation(conversation, now());
  return { kind: (await store.setAlias(conversation, name, now())) ? "set" : "taken", name };
}
