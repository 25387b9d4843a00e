import type { ApiVersion } from "../core/address.ts";
import type { EpochMs, TenantId } from "../core/ids.ts";
import type { ClaimedOperation, TenantPause } from "./ports.ts";

type Claimed = Pick<ClaimedOperation, "tenantId" | "address" | "state" | "sendAt">;

/** Operations that share a request. */
type RequestGroup<Operation extends Claimed> = {
  readonly kind: "check" | "look";
  readonly tenantId: TenantId;
  readonly version: ApiVersion;
  /** When the request is to leave; in the past: at once. */
  readonly sendAt: EpochMs;
  readonly operations: readonly Operation[];
};

export type Group = RequestGroup<ClaimedOperation>;
/** With its place in the line of all tenants: when it leaves. */
export type Placed = Group & { readonly leaveAt: EpochMs };

/** One request holds operations of one tenant (its token), one version (its URL) and one place in line. */
export function groupForRequests<Operation extends Claimed>(
  operations: readonly Operation[],
  size: number,
  now: EpochMs,
): readonly RequestGroup<Operation>[] {
  const open = new Map<string, Operation[]>();
  const groups: RequestGroup<Operation>[] = [];
  for (const operation of operations) {
    const { tenantId, address, state } = operation;
    const { version } = address;
    const kind = state.outcome === null ? "check" : "look";
    const sendAt = Math.max(operation.sendAt, now);
    const key = `${kind} ${version} ${sendAt} ${tenantId}`;
    const group = open.get(key);
    if (group !== undefined && group.length < size) {
      group.push(operation);
    } else {
      const members = [operation];
      open.set(key, members);
      groups.push({ kind, tenantId, version, sendAt, operations: members });
    }
  }
  return groups;
}

export function latestByTenant(pauses: readonly TenantPause[]): readonly TenantPause[] {
  const latest = new Map<TenantId, TenantPause>();
  for (const pause of pauses) {
    const known = latest.get(pause.tenantId);
    if (known === undefined || known.until < pause.until) latest.set(pause.tenantId, pause);
  }
  return [...latest.values()];
}
