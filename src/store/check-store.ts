import { and, eq, inArray, isNull, sql, type SQL } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { PgBoss } from "pg-boss";
import { bucketOf, BUCKETS, usualOf, type Usual } from "../core/durations.ts";
import {
  operationId,
  tenantId,
  type ConversationId,
  type EpochMs,
  type OperationId,
  type TenantId,
} from "../core/ids.ts";
import { afterPause, spreadOf } from "../core/schedule.ts";
import { NO_SLOTS, takeSlots, type Pace, type Slots } from "../core/slots.ts";
import type { CheckedOperation, Store, TenantPause } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { armChecks, armDeliveries, type Alarm } from "./jobs.ts";
import { budgets, conversations, durations, operations, pauses, watches } from "./schema.ts";
import { toJsonb } from "./jsonb.ts";
import { transact } from "./transaction.ts";
import { addressOf, stateOf, type OperationRow } from "./watch-records.ts";

type CheckStore = Pick<Store, "claimChecks" | "saveChecks" | "usual">;

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

/**
 * How long before its place in line an operation may be claimed: alarms are found by polling, so
 * they ring some time before, and the rest is waited for by the one who claimed it.
 */
export const EARLY_MS = 600;
/** A place that is past by more than this is lost: all that were missed together would be asked together. */
const STALE_MS = 1_000;

/** The engine's side of the rows: which operations to check now, and what came of it. */
export function checkStore(db: Db, boss: PgBoss, pace: Pace): CheckStore {
  return {
    async claimChecks(ids, now, leaseMs, intervalMs) {
      const claimed = await transact(db, async (tx) => {
        const due = await lockDue(tx, ids, now);
        if (due.length === 0) return [];
        const placed = await takePlaces(tx, due, pace, now);
        const ready = placed.filter(({ at }) => at <= now + EARLY_MS);
        const waiting = placed.filter(({ at }) => at > now + EARLY_MS);
        await savePlaces(tx, ready, { isClaimed: true, until: now + leaseMs });
        await savePlaces(tx, waiting, { isClaimed: false, until: now });
        const alarms = waiting.map(({ row, at }) => ({ id: row.id, at: at - EARLY_MS }));
        await armChecks(boss, tx, alarms, now);
        return placed.map(({ row, at }) => ({ row, at, isReady: at <= now + EARLY_MS }));
      });
      const isKnown = new Set(claimed.map(({ row }) => row.id));
      const unclaimed = ids.filter((id) => !isKnown.has(id));
      if (unclaimed.length > 0) await transact(db, (tx) => rearm(boss, tx, unclaimed, now, intervalMs));
      return claimed
        .filter(({ isReady }) => isReady)
        .map(({ row, at }) => ({
          id: row.id,
          tenantId: row.tenantId,
          address: addressOf(row),
          state: stateOf(row),
          claim: row.claim + 1,
          sendAt: at,
        }));
    },

    saveChecks: (checked, tenantPauses, now) =>
      transact(db, async (tx) => {
        const saved = await saveOperations(tx, checked);
        const live = saved.filter((row) => row.live);
        await armChecks(boss, tx, live, now);
        const isSaved = new Set(saved.map((row) => row.id));
        const kept = checked.filter(({ id }) => isSaved.has(id));
        await tellWatches(boss, tx, kept, now);
        await saveDurations(tx, kept);
        await savePauses(tx, tenantPauses);
      }),

    async usual() {
      const rows = await db.select().from(durations);
      const byType = Map.groupBy(rows, ({ type }) => type);
      const usual = new Map<string, Usual>();
      for (const [type, counts] of byType) {
        const histogram = Array.from({ length: BUCKETS }, () => 0);
        for (const { bucket, count } of counts) histogram[bucket] = count;
        const known = usualOf(histogram);
        if (known !== null) usual.set(type, known);
      }
      return usual;
    },
  };
}

type DueRow = Pick<OperationRow, keyof typeof CLAIMED>;
type Placed = { readonly row: DueRow; readonly at: EpochMs };

/** Never waits: an operation that somebody else has locked is looked at again a moment later. */
async function lockDue(tx: Tx, ids: readonly OperationId[], now: EpochMs): Promise<readonly DueRow[]> {
  const at = new Date(now).toISOString();
  const soon = new Date(now + EARLY_MS).toISOString();
  return tx
    .select(CLAIMED)
    .from(operations)
    .where(
      sql`${operations.id} = any(${sql.param(ids)}::uuid[]) and ${operations.live}
        and (${operations.dueAt} <= ${at}::timestamptz
          or (${operations.slotAt} = ${operations.dueAt} and ${operations.dueAt} <= ${soon}::timestamptz))
        and not exists (select 1 from ${pauses} p where p.side = 'graph'
          and p.tenant_id = ${operations.tenantId} and p.until > ${at}::timestamptz)`,
    )
    .orderBy(operations.dueAt)
    .for("update", { skipLocked: true });
}

/** Each operation's place among its tenant's requests: the one it waited for, or the next one that is free. */
async function takePlaces(
  tx: Tx,
  due: readonly DueRow[],
  pace: Pace,
  now: EpochMs,
): Promise<readonly Placed[]> {
  const hasPlace = (row: DueRow): boolean =>
    row.slotAt !== null && row.slotAt === row.dueAt && row.slotAt >= now - STALE_MS;
  const placed: Placed[] = due.filter(hasPlace).map((row) => ({ row, at: Math.max(row.dueAt, now) }));
  const byTenant = Map.groupBy(
    due.filter((row) => !hasPlace(row)),
    ({ tenantId }) => tenantId,
  );
  if (byTenant.size === 0) return placed;
  const slots = await lockSlots(tx, [...byTenant.keys()]);
  const lastAt = await lastRequests(tx, due, now);
  const taken: { tenantId: TenantId; slots: Slots }[] = [];
  for (const [tenantId, rows] of byTenant) {
    const own = lastAt.get(tenantId) ?? new Map<string, EpochMs>();
    const taking = takeSlots(slots.get(tenantId) ?? NO_SLOTS, pace, rows, own, now);
    taken.push({ tenantId, slots: taking.slots });
    for (const [index, row] of rows.entries()) placed.push({ row, at: taking.at[index] ?? now });
  }
  await saveSlots(tx, taken);
  return placed;
}

/** The tenants' rows, made where they are not there, and locked in one order. */
async function lockSlots(tx: Tx, tenants: readonly TenantId[]): Promise<ReadonlyMap<TenantId, Slots>> {
  const made = tenants.toSorted().map((tenantId) => ({ tenantId, slots: NO_SLOTS }));
  await tx.insert(budgets).values(made).onConflictDoNothing();
  const rows = await tx
    .select({ tenantId: budgets.tenantId, slots: budgets.slots })
    .from(budgets)
    .where(inArray(budgets.tenantId, [...tenants]))
    .orderBy(budgets.tenantId)
    .for("update");
  return new Map(rows.map((row) => [row.tenantId, row.slots]));
}

async function saveSlots(
  tx: Tx,
  taken: readonly { readonly tenantId: TenantId; readonly slots: Slots }[],
): Promise<void> {
  const values = toJsonb(taken.map(({ tenantId, slots }) => ({ tenant_id: tenantId, slots })));
  await tx.execute(sql`update ${budgets} b set slots = v.slots
    from jsonb_to_recordset(${values}::jsonb) as v(tenant_id text, slots jsonb)
    where b.tenant_id = v.tenant_id`);
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
    const id = tenantId(tenant);
    const own = last.get(id) ?? new Map<string, EpochMs>();
    own.set(owner, at);
    last.set(id, own);
  }
  return last;
}

const LONGEST_SPACING_MS = 2_000;

/** Claimed until then, or waiting for its place, which is when it is due. */
async function savePlaces(
  tx: Tx,
  placed: readonly Placed[],
  { isClaimed, until }: { readonly isClaimed: boolean; readonly until: EpochMs },
): Promise<void> {
  if (placed.length === 0) return;
  const values = toJsonb(placed.map(({ row, at }) => ({ id: row.id, slot_at: new Date(at).toISOString() })));
  const lease = new Date(until).toISOString();
  const set = isClaimed
    ? sql`due_at = ${lease}::timestamptz, free_at = ${lease}::timestamptz, claim = o.claim + 1`
    : sql`due_at = v.slot_at`;
  await tx.execute(sql`update ${operations} o set slot_at = v.slot_at, ${set}
    from jsonb_to_recordset(${values}::jsonb) as v(id uuid, slot_at timestamptz) where o.id = v.id`);
}

/** An alarm that rang too early, or into a pause, is set again for the right time. */
async function rearm(
  boss: PgBoss,
  tx: Tx,
  ids: readonly OperationId[],
  now: EpochMs,
  intervalMs: number,
): Promise<void> {
  const rows = await tx
    .select({ id: operations.id, dueAt: operations.dueAt, until: pauses.until })
    .from(operations)
    .leftJoin(pauses, and(eq(pauses.side, "graph"), eq(pauses.tenantId, operations.tenantId)))
    .where(and(sql`${operations.id} = any(${sql.param(ids)}::uuid[])`, operations.live));
  const alarms = rows.map(({ id, dueAt, until }) => ({
    id,
    at:
      until === null || until <= now
        ? // Soon for one that was locked, but not at once: it would ring until the lock is gone. And
          // never later than an interval: it would stand in the way of the alarm that a save sets.
          Math.min(Math.max(dueAt, now + LOCKED_MS), now + intervalMs)
        : afterPause(Math.max(until, dueAt), spreadOf(id), { intervalMs }),
  }));
  await armChecks(boss, tx, alarms, now);
}

const LOCKED_MS = 250;

type SavedRow = Alarm & { readonly live: boolean };

/**
 * One statement for the whole batch, whatever its size. A row that somebody claimed again in the
 * meantime (our lease ran out) is left alone: the later claim has the newer answer. The rows are
 * locked in the order of their ids, as everywhere, so that nobody meets us head-on.
 */
async function saveOperations(tx: Tx, checked: readonly CheckedOperation[]): Promise<readonly SavedRow[]> {
  const values = toJsonb(
    checked.map(({ id, claim, state, answeredAt, dueAt, freeAt }) => ({
      id,
      claim,
      state,
      outcome: state?.outcome ?? null,
      goes_on: dueAt !== null,
      answered_at: answeredAt === null ? null : new Date(answeredAt).toISOString(),
      due_at: new Date(dueAt ?? freeAt).toISOString(),
      free_at: new Date(freeAt).toISOString(),
    })),
  );
  const { rows } = await tx.execute<{ id: string; at: number; live: boolean }>(sql`update ${operations} o
      set state = coalesce(v.state, o.state), outcome = coalesce(v.outcome, o.outcome), answered_at = v.answered_at,
        due_at = v.due_at, free_at = v.free_at, live = o.live and v.goes_on
      from (
        select r.* from jsonb_to_recordset(${values}::jsonb) as r(
          id uuid, claim int, state jsonb, outcome text, goes_on boolean,
          answered_at timestamptz, due_at timestamptz, free_at timestamptz)
        join ${operations} l on l.id = r.id and l.claim = r.claim
        order by r.id for update of l
      ) v
      where o.id = v.id and o.claim = v.claim
      returning o.id, (extract(epoch from o.due_at) * 1000)::float8 as at, o.live`);
  return rows.map((row) => ({ ...row, id: operationId(row.id) }));
}

/** What is visible is delivered: to open watches, and of a result also to those that ended with it. */
async function tellWatches(
  boss: PgBoss,
  tx: Tx,
  checked: readonly CheckedOperation[],
  now: EpochMs,
): Promise<void> {
  const more = { wanted: sql`${watches.wanted} + 1` };
  const idsOf = (news: CheckedOperation["news"]): readonly OperationId[] =>
    checked.filter((each) => each.news === news).map(({ id }) => id);
  const told = [
    ...(await tell(tx, idsOf("changed"), isNull(watches.closedAt), more)),
    ...(await tell(tx, idsOf("ended"), isNull(watches.closedAt), {
      ...more,
      closedAt: now,
      closeReason: "ended",
    })),
    ...(await tell(tx, idsOf("result"), and(eq(watches.closeReason, "ended"), IS_REACHABLE), more)),
  ];
  await armDeliveries(boss, tx, told, now);
}

/** Nothing is written where the bot is no more. */
const IS_REACHABLE = sql`exists (select 1 from ${conversations} c
  where c.id = ${watches.conversationId} and c.gone_at is null)`;

async function tell(
  tx: Tx,
  ids: readonly OperationId[],
  which: SQL | undefined,
  set: Partial<PgUpdateSetSource<typeof watches>>,
): Promise<readonly ConversationId[]> {
  if (ids.length === 0) return [];
  const told = await tx
    .update(watches)
    .set(set)
    .where(and(inArray(watches.operationId, [...ids]), which))
    .returning({ conversationId: watches.conversationId });
  return told.map((row) => row.conversationId);
}

async function saveDurations(tx: Tx, checked: readonly CheckedOperation[]): Promise<void> {
  const counts = new Map<string, { type: string; bucket: number; count: number }>();
  for (const { learned } of checked) {
    if (learned === null) continue;
    const type = learned.type.slice(0, MAX_TYPE_LENGTH);
    const bucket = bucketOf(learned.ms);
    const key = `${type} ${bucket}`;
    counts.set(key, { type, bucket, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  for (const key of [...counts.keys()].toSorted()) {
    const row = counts.get(key);
    if (row === undefined) continue;
    await tx
      .insert(durations)
      .values(row)
      .onConflictDoUpdate({
        target: [durations.type, durations.bucket],
        set: { count: sql`${durations.count} + excluded.count` },
      });
  }
}

const MAX_TYPE_LENGTH = 100;

async function savePauses(tx: Tx, tenantPauses: readonly TenantPause[]): Promise<void> {
  for (const { tenantId, until } of tenantPauses) {
    await tx
      .insert(pauses)
      .values({ side: "graph", tenantId, until })
      .onConflictDoUpdate({
        target: [pauses.side, pauses.tenantId],
        set: { until: sql`greatest(${pauses.until}, excluded.until)` },
      });
  }
}
