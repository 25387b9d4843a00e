import type { TenantId } from "../core/ids.ts";
import { anyOf } from "./any-of.ts";
import type { Tx } from "./database.ts";
import type { budgets, places } from "./schema.ts";

/**
 * The tenants' rows, made where they are not there, so that all of them can be locked afterwards in one order: whoever
 * locked some and then made others would meet somebody head-on.
 */
export async function makeTenantRows(
  tx: Tx,
  table: typeof budgets | typeof places,
  tenants: readonly TenantId[],
): Promise<void> {
  const there = await tx.select({ id: table.tenantId }).from(table).where(anyOf(table.tenantId, tenants));
  const missing = tenants.filter((id) => !there.some((row) => row.id === id)).toSorted();
  if (missing.length === 0) return;
  await tx
    .insert(table)
    .values(missing.map((tenantId) => ({ tenantId })))
    .onConflictDoNothing();
}
