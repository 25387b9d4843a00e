import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { Address } from "../core/address.ts";
import type { EpochMs, OperationId, TenantId } from "../core/ids.ts";
import { newOperation, type Outcome } from "../core/operation.ts";
import type { TrackInput } from "../flows/ports.ts";
import type { Tx } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { armChecks } from "./jobs.ts";
import { toJsonb } from "./jsonb.ts";
import { operations, watches } from "./schema.ts";
import { stateOf, type OperationRow } from "./watch-records.ts";

/** Ends that are no word of Graph's: asking again may well give another answer. */
const REVISABLE: ReadonlySet<Outcome> = new Set(["unavailable", "notFound", "forbidden"]);

export function rowKey(tenantId: TenantId, key: string): string {
  return `${tenantId} ${key}`;
}

type Named = {
  readonly tenantId: TenantId;
  readonly address: Address;
  readonly now: EpochMs;
  readonly isGuess: boolean;
};

/**
 * The operations' rows, made where they are not there (`made`, live from the start), and locked
 * against checks that are being saved: in the order of their ids, as everywhere, so that nobody
 * meets us head-on.
 */
export async function lockOperations(
  tx: Tx,
  asked: readonly { readonly input: TrackInput; readonly now: EpochMs }[],
): Promise<{ readonly rows: ReadonlyMap<string, OperationRow>; readonly made: readonly OperationId[] }> {
  const named = new Map<string, Named>();
  for (const { input, now } of asked) {
    const { tenantId } = input.conversation;
    for (const address of input.addresses) {
      const key = rowKey(tenantId, address.key);
      // Named by its whole address by anybody, it is no guess.
      if (named.get(key)?.isGuess !== false)
        named.set(key, { tenantId, address, now, isGuess: input.areGuesses });
    }
  }
  if (named.size === 0) return { rows: new Map(), made: [] };
  const ordered = [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const made = await insertRows<typeof operations, OperationId>(
    tx,
    operations,
    ordered.map(operationOf),
    sql`id`,
  );
  const keys = toJsonb(ordered.map(({ tenantId, address }) => ({ tenant_id: tenantId, key: address.key })));
  const rows = await tx
    .select()
    .from(operations)
    .where(
      sql`(${operations.tenantId}, ${operations.key}) in
        (select r.tenant_id, r.key from jsonb_to_recordset(${keys}::jsonb) as r(tenant_id text, key text))`,
    )
    .orderBy(operations.id)
    .for("no key update");
  return {
    rows: new Map(rows.map((row) => [rowKey(row.tenantId, row.key), row])),
    made,
  };
}

function operationOf({ tenantId, address, now, isGuess }: Named): typeof operations.$inferInsert {
  const { key, kind, version, path, owner, operation: graphId } = address;
  const state = newOperation(now, isGuess);
  return { tenantId, key, kind, version, path, owner, graphId, state, live: true, dueAt: now, freeAt: now };
}

/** An operation whose end was none of Graph's is asked for anew. */
export async function revised(
  boss: PgBoss,
  tx: Tx,
  found: OperationRow,
  isGuess: boolean,
  now: EpochMs,
): Promise<OperationRow> {
  if (found.outcome === null) return isGuess ? found : confirmed(boss, tx, found, now);
  if (!REVISABLE.has(found.outcome)) return found;
  // Watches that ended with it go on showing that end.
  await tx
    .update(watches)
    .set({ finalState: stateOf(found) })
    .where(and(eq(watches.operationId, found.id), isNotNull(watches.closedAt), isNull(watches.finalState)));
  const afresh = { state: newOperation(now, isGuess), outcome: null, answeredAt: null };
  await tx.update(operations).set(afresh).where(eq(operations.id, found.id));
  return { ...found, ...afresh };
}

/**
 * Somebody has its whole address: it is no guess any more. An answer that is under way was asked for
 * as one, so its claim is taken from it; the floor between two checks stays.
 */
async function confirmed(boss: PgBoss, tx: Tx, found: OperationRow, now: EpochMs): Promise<OperationRow> {
  if (!found.state.isGuess) return found;
  const state = { ...found.state, isGuess: false };
  const claim = found.claim + 1;
  await tx.update(operations).set({ state, claim }).where(eq(operations.id, found.id));
  if (found.live) await armChecks(boss, tx, [{ id: found.id, at: found.dueAt }], now);
  return { ...found, state, claim };
}

/** Starts the checks of an operation that nobody watched; the floor between two checks stays. */
export async function wake(boss: PgBoss, tx: Tx, operation: OperationRow, now: EpochMs): Promise<void> {
  const { id, state } = operation;
  const dueAt = Math.max(now, operation.freeAt);
  // Its age and its troubles are of those who watched it before.
  const afresh = { ...state, trackedAt: now, trouble: null, isSlow: false };
  await tx.update(operations).set({ live: true, dueAt, state: afresh }).where(eq(operations.id, id));
  await armChecks(boss, tx, [{ id, at: dueAt }], now);
}
