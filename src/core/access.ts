import type { TenantId } from "./ids.ts";

/**
 * Whether a conversation of this tenant may be served. An operation is asked for with a token of
 * the conversation's own tenant, so a bot of one tenant serves that one only.
 */
export function mayServe(conversationTenant: TenantId, servedTenant: TenantId | null): boolean {
  return servedTenant === null || conversationTenant === servedTenant;
}
