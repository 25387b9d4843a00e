import type { Address } from "./address.ts";
import type { ConversationId, TenantId } from "./ids.ts";

/**
 * Whether a conversation of this tenant may be served. An operation is asked for with a token of
 * the conversation's own tenant, so a bot of one tenant serves that one only. Null: all are served.
 */
export function mayServe(conversationTenant: TenantId, servedTenants: ReadonlySet<TenantId> | null): boolean {
  return servedTenants === null || servedTenants.has(conversationTenant);
}

/**
 * Who may track an operation. `tenant`: whoever knows its address, from the same tenant; `members`:
 * members of the team or chat that it belongs to; `conversation`: it must belong to the very chat
 * or team in which it is tracked.
 */
export type TrackAccess = "tenant" | "members" | "conversation";

/** What Teams says of who writes. `unknown`: it did not say. */
export type Person = "member" | "guest" | "foreign" | "unknown";

export type Place = {
  readonly id: ConversationId;
  readonly kind: "personal" | "groupChat" | "channel";
  /** Of a channel: its team's id at Graph, where it is known. */
  readonly groupId: string | null;
};

/** Whether an operation is one of the chat or team that the conversation is. */
export function belongsTo(address: Address, place: Place): boolean {
  const { owner } = address;
  if (owner === null) return false;
  if (address.kind === "chat") return place.kind === "groupChat" && owner === place.id;
  return (
    address.kind === "team" &&
    place.kind === "channel" &&
    place.groupId?.toLowerCase() === owner.toLowerCase()
  );
}
