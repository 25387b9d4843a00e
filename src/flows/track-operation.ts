import { mayServe } from "../core/access.ts";
import { parseAddresses, type Address, type AddressResult } from "../core/address.ts";
import type { TenantId } from "../core/ids.ts";
import type { Notify, Requester } from "../core/watch.ts";
import type { Conversation, Now, Store, Tracked } from "./ports.ts";

export type TrackSettings = {
  readonly graphOrigin: string;
  readonly servedTenant: TenantId | null;
  readonly lifetimeMs: number;
};

export type TrackRequest = {
  readonly conversation: Conversation;
  readonly threadId: string;
  readonly requester: Requester;
  readonly notify: Notify;
  /** What the person wrote or pasted. */
  readonly text: string;
};

export type TrackReply =
  | { readonly kind: "foreignTenant" }
  | { readonly kind: "nothing" }
  | { readonly kind: "tooMany"; readonly count: number; readonly max: number }
  | {
      readonly kind: "tracked";
      readonly tracked: readonly Tracked[];
      readonly refused: readonly Extract<AddressResult, { ok: false }>[];
    };

const MAX_AT_ONCE = 20;

/** Reads what is to be tracked and writes it down: operation, watch, first check and first card. */
export async function trackOperation(
  deps: { readonly store: Store; readonly now: Now },
  settings: TrackSettings,
  request: TrackRequest,
): Promise<TrackReply> {
  const { conversation, threadId, requester, notify, text } = request;
  if (!mayServe(conversation.tenantId, settings.servedTenant)) return { kind: "foreignTenant" };
  const results = parseAddresses(text, settings.graphOrigin);
  if (results.length === 0) return { kind: "nothing" };
  const addresses = new Map<string, Address>();
  const refused = [];
  for (const result of results) {
    if (result.ok) addresses.set(result.address.key, result.address);
    else refused.push(result);
  }
  if (addresses.size > MAX_AT_ONCE) return { kind: "tooMany", count: addresses.size, max: MAX_AT_ONCE };
  if (addresses.size === 0) return { kind: "tracked", tracked: [], refused };
  const now = deps.now();
  const tracked = await deps.store.track(
    {
      conversation,
      threadId,
      requester,
      notify,
      addresses: [...addresses.values()],
      expiresAt: now + settings.lifetimeMs,
    },
    now,
  );
  // A pasted response holds much beside the address; of that only what was meant as one is told.
  const meant = refused.filter(
    ({ problem, text: word }) => problem === "placeholder" || /operations?\b/iu.test(word),
  );
  return { kind: "tracked", tracked, refused: meant };
}
