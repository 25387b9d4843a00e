import type { TenantId } from "../core/ids.ts";
import { NO_SLOTS } from "../core/slots.ts";
import { anyOf } from "./any-of.ts";
import type { Tx } from "./database.ts";
import { budgets } from "./schema.ts";

/**
 * The tenants' rows of `budgets`, made where they are not there, so that all of them can be locked
 * afterwards in one order: whoever locked some and then made others would meet somebody head-on.
 */
export async function makeBudgets(tx: Tx, tenants: readonly TenantId[]): Promise<void> {
  const there = await tx
    .select({ id: budgets.tenantId })
    .from(budgets)
    .where(anyOf(budgets.tenantId, tenants));
  const missing = tenants.filter((id) => !there.some((row) => row.id === id)).toSorted();
  if (missing.length === 0) return;
  await tx
    .insert(budgets)
    .values(missing.map((tenantId) => ({ tenantId, slots: NO_SLOTS })))
    .onConflictDoNothing();
}
