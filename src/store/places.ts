import { sql } from "drizzle-orm";
import { tenantId as toTenantId, type EpochMs, type OperationId, type TenantId } from "../core/ids.ts";
import { LONGEST_SPACING_MS, NO_SLOTS, takeSlot, takeSlots, type Pace, type Slots } from "../core/slots.ts";
import { anyOf } from "./any-of.ts";
import type { DatabaseConfig, Tx } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { operations, pauses, places } from "./schema.ts";
import { makeTenantRows } from "./tenant-rows.ts";
import type { OperationRow } from "./watch-records.ts";

/**
 * How long before its place in line an operation may be claimed: alarms are found by polling, so
 * they ring some time before, and the rest is waited for by the one who claimed it.
 */
export const EARLY_MS = 1_000;
/**
 * How long before they are due operations are claimed, so that none waits for the next look at the alarms, which
 * comes twice a second. Not on the embedded database, whose work stops the process: those that wait would miss
 * their moment together.
 */
export const LEAD_MS = { server: 600, embedded: 0 } as const satisfies Record<DatabaseConfig["home"], number>;

/**
 * A place that is past by more than this is lost: all that were missed together would be asked together.
 * At a claim, and again when it is to leave: both together are within what core/slots allows.
 */
export const STALE_MS = 150;

/**
 * How many are claimed at once, at most. The embedded database works in the one thread that there is: whose place
 * comes meanwhile would miss it.
 */
const CLAIM_SIZE = { server: 1_000, embedded: 200 } as const satisfies Record<DatabaseConfig["home"], number>;

/** What is claimed at once takes a sixth of a second in the line of all tenants at most, or places would be missed. */
export function claimSizeOf(home: DatabaseConfig["home"], perSecond: number): number {
  return Math.min(CLAIM_SIZE[home], Math.ceil(perSecond / 6));
}

/** Only what a check needs: this is read for every check. */
const CLAIMED = {
  id: operations.id,
  tenantId: operations.tenantId,
  key: operations.key,
  kind: operations.kind,
  version: operations.version,
  path: operations.path,
  graphId: operations.graphId,
  owner: operations.owner,
  dueAt: operations.dueAt,
  slotAt: operations.slotAt,
  state: operations.state,
  answeredAt: operations.answeredAt,
  claim: operations.claim,
};

/** How fast Graph may be asked in one tenant, and how long before they are due operations may be claimed. */
export type Timing = { readonly pace: Pace; readonly leadMs: number };

/**
 * Of these operations, those that are due (or will be in a moment) and not paused, each with its place among its tenant's
 * requests. `claimed`: their place is so near that they are asked for now, under a lease. `waiting`:
 * they are due when their place is.
 */
export async function claimPlaces(
  tx: Tx,
  ids: readonly OperationId[],
  { pace, leadMs }: Timing,
  now: EpochMs,
  leaseMs: number,
  placesFrom: EpochMs,
): Promise<{ readonly claimed: readonly Placed[]; readonly waiting: readonly Placed[] }> {
  const due = await lockDue(tx, ids, now, leadMs);
  if (due.length === 0) return { claimed: [], waiting: [] };
  const placed = await takePlaces(tx, due, pace, now, placesFrom);
  const claimed = placed.filter(({ at }) => at <= now + EARLY_MS);
  const waiting = placed.filter(({ at }) => at > now + EARLY_MS);
  await savePlaces(tx, claimed, now + leaseMs);
  await savePlaces(tx, waiting, null);
  return { claimed, waiting };
}

type DueRow = Pick<OperationRow, keyof typeof CLAIMED>;
type Placed = { readonly row: DueRow; readonly at: EpochMs };

/** Never waits: an operation that somebody else has locked is looked at again a moment later. */
async function lockDue(
  tx: Tx,
  ids: readonly OperationId[],
  now: EpochMs,
  leadMs: number,
): Promise<readonly DueRow[]> {
  const at = new Date(now).toISOString();
  const dueBy = new Date(now + leadMs).toISOString();
  const soon = new Date(now + EARLY_MS).toISOString();
  return tx
    .select(CLAIMED)
    .from(operations)
    .where(
      sql`${anyOf(operations.id, ids)} and ${operations.live}
        and (${operations.dueAt} <= ${dueBy}::timestamptz
          or (${operations.slotAt} = ${operations.dueAt} and ${operations.dueAt} <= ${soon}::timestamptz))
        and not exists (select 1 from ${pauses} p where p.side = 'graph'
          and p.tenant_id = ${operations.tenantId} and p.until > ${at}::timestamptz)`,
    )
    .orderBy(operations.dueAt)
    .for("no key update", { skipLocked: true });
}

/** Each operation's place among its tenant's requests: the one it waited for, or the next one that is free. */
async function takePlaces(
  tx: Tx,
  due: readonly DueRow[],
  pace: Pace,
  now: EpochMs,
  placesFrom: EpochMs,
): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  const byTenant = Map.groupBy(due, ({ tenantId }) => tenantId);
  const slots = await lockSlots(tx, [...byTenant.keys()]);
  const lastAt = await lastRequests(tx, due, now);
  const taken: { tenantId: TenantId; slots: Slots }[] = [];
  for (const [tenantId, rows] of byTenant) {
    const own = lastAt.get(tenantId) ?? new Map<string, EpochMs>();
    const requests = rows.map((row) => ({
      kind: row.kind,
      owner: row.owner,
      dueAt: Math.max(row.dueAt, placesFrom),
      placeAt: hasPlace(row, now) ? row.dueAt : undefined,
    }));
    const taking = takeSlots(slots.get(tenantId) ?? NO_SLOTS, pace, requests, own, now, now + EARLY_MS);
    taken.push({ tenantId, slots: taking.slots });
    for (const [index, row] of rows.entries()) placed.push({ row, at: taking.at[index] ?? now });
  }
  await saveSlots(tx, taken);
  return placed;
}

function hasPlace({ slotAt, dueAt }: DueRow, now: EpochMs): boolean {
  return slotAt !== null && slotAt === dueAt && slotAt >= now - STALE_MS;
}

/** A place for one request that is no check. */
export async function takeOnePlace(tx: Tx, tenantId: TenantId, pace: Pace, now: EpochMs): Promise<EpochMs> {
  const slots = (await lockSlots(tx, [tenantId])).get(tenantId) ?? NO_SLOTS;
  const taking = takeSlot(slots, pace, { earliest: now }, now);
  await saveSlots(tx, [{ tenantId, slots: taking.slots }]);
  return taking.at;
}

/** The tenants' rows, made where they are not there, and locked in one order. */
async function lockSlots(tx: Tx, tenants: readonly TenantId[]): Promise<ReadonlyMap<TenantId, Slots>> {
  await makeTenantRows(tx, places, tenants);
  const rows = await tx
    .select({ tenantId: places.tenantId, slots: places.slots })
    .from(places)
    .where(anyOf(places.tenantId, tenants))
    .orderBy(places.tenantId)
    .for("no key update");
  return new Map(rows.map((row) => [row.tenantId, row.slots]));
}

async function saveSlots(
  tx: Tx,
  taken: readonly { readonly tenantId: TenantId; readonly slots: Slots }[],
): Promise<void> {
  const values = toJsonb(taken.map(({ tenantId, slots }) => ({ tenant_id: tenantId, slots })));
  await tx.execute(sql`update ${places} p set slots = v.slots
    from jsonb_to_recordset(${values}::jsonb) as v(tenant_id text, slots jsonb)
    where p.tenant_id = v.tenant_id`);
}

/** When the teams and chats of these operations were last asked, or will be: Graph counts their requests, too. */
async function lastRequests(
  tx: Tx,
  due: readonly DueRow[],
  now: EpochMs,
): Promise<ReadonlyMap<TenantId, ReadonlyMap<string, EpochMs>>> {
  const owned = due.flatMap(({ tenantId, owner }) => (owner === null ? [] : [{ tenantId, owner }]));
  const last = new Map<TenantId, Map<string, EpochMs>>();
  if (owned.length === 0) return last;
  const values = toJsonb(owned.map(({ tenantId, owner }) => ({ tenant_id: tenantId, owner })));
  const { rows } = await tx.execute<{ tenant: string; owner: string; at: number }>(sql`
    select o.tenant_id as tenant, o.owner, (extract(epoch from max(o.slot_at)) * 1000)::float8 as at
      from ${operations} o
      join (select distinct * from jsonb_to_recordset(${values}::jsonb) as r(tenant_id text, owner text)) v
        on v.tenant_id = o.tenant_id and v.owner = o.owner
      where o.slot_at > ${new Date(now - LONGEST_SPACING_MS).toISOString()}::timestamptz
      group by o.tenant_id, o.owner`);
  for (const { tenant, owner, at } of rows) {
    const id = toTenantId(tenant);
    const own = last.get(id) ?? new Map<string, EpochMs>();
    own.set(owner, at);
    last.set(id, own);
  }
  return last;
}

/** Claimed until then; with null they wait for their place, which is when they are due. */
async function savePlaces(tx: Tx, placed: readonly Placed[], until: EpochMs | null): Promise<void> {
  if (placed.length === 0) return;
  const values = toJsonb(placed.map(({ row, at }) => ({ id: row.id, slot_at: new Date(at).toISOString() })));
  const lease = until === null ? null : new Date(until).toISOString();
  const set =
    lease === null
      ? sql`due_at = v.slot_at`
      : sql`due_at = ${lease}::timestamptz, free_at = ${lease}::timestamptz, claim = o.claim + 1`;
  await tx.execute(sql`update ${operations} o set slot_at = v.slot_at, ${set}
    from jsonb_to_recordset(${values}::jsonb) as v(id uuid, slot_at timestamptz) where o.id = v.id`);
}
