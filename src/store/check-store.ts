import { and, eq, gt, isNull, sql, type SQL } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { PgBoss } from "pg-boss";
import {
  operationId,
  type ConversationId,
  type EpochMs,
  type OperationId,
  type TenantId,
  type WatchId,
} from "../core/ids.ts";
import type { Alarm } from "../core/alarms.ts";
import { afterPause, spreadOf } from "../core/schedule.ts";
import { gather, gatherAnswers } from "../flows/gather.ts";
import type { CheckedOperation, ClaimedOperation, Store, TenantPause } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Db, Tx } from "./database.ts";
import { moreEvents } from "./callback-store.ts";
import { armCallbacks, armChecks, armPaused } from "./jobs.ts";
import { operations, pauses, watches } from "./schema.ts";
import { IS_REACHABLE } from "./conversation-rows.ts";
import { readUsual, saveLives } from "./durations-store.ts";
import { claimPlaces, EARLY_MS, takeOnePlace, type Timing } from "./places.ts";
import { toJsonb } from "./jsonb.ts";
import { sharedLine } from "./shared-line.ts";
import { isOfData, transact } from "./transaction.ts";
import { addressOf, stateOf } from "./watch-records.ts";

type CheckStore = Pick<
  Store,
  "claimChecks" | "joinLine" | "takePlace" | "mayAsk" | "giveBack" | "saveChecks" | "usual" | "saveLives"
>;

/** The engine's side of the rows: which operations to check now, and what came of it. */
export function checkStore(db: Db, boss: PgBoss, timing: Timing): CheckStore {
  const { pace, leadMs } = timing;
  // Where only those ask whose place in line is near, the first one waits for no others; where all do, it does.
  const ask = gatherAnswers((all: readonly Question[]) => mayAskAll(db, all), isOfData, leadMs > 0);
  const back = gather((all: readonly GivenBack[]) => giveAllBack(db, boss, all, leadMs));

  return {
    async claimChecks(ids, now, leaseMs, intervalMs, placesFrom = now) {
      const { claimed, waiting } = await transact(db, async (tx) => {
        const placed = await claimPlaces(tx, ids, timing, now, leaseMs, placesFrom);
        const alarms = placed.waiting.map(({ row, at }) => ({ id: row.id, at: at - EARLY_MS }));
        await armChecks(boss, tx, alarms, now);
        return placed;
      });
      const isKnown = new Set([...claimed, ...waiting].map(({ row }) => row.id));
      const unclaimed = ids.filter((id) => !isKnown.has(id));
      if (unclaimed.length > 0) await transact(db, (tx) => rearm(boss, tx, unclaimed, now, intervalMs));
      return claimed.map(({ row, at }) => ({
        id: row.id,
        tenantId: row.tenantId,
        address: addressOf(row),
        state: stateOf(row),
        claim: row.claim + 1,
        sendAt: at,
        dueAt: row.dueAt,
      }));
    },

    ...sharedLine(db),

    mayAsk: (tenant, now) => ask({ tenant, now }),

    takePlace: (tenant, now) =>
      transact(db, async (tx) =>
        (await mayAskAll(tx, [{ tenant, now }]))[0] === true ? takeOnePlace(tx, tenant, pace, now) : null,
      ),

    giveBack: (claims, now, intervalMs, because) => back({ claims, now, intervalMs, because }),

    saveChecks: (checked, tenantPauses, now) =>
      transact(db, async (tx) => {
        const saved = await saveOperations(tx, checked);
        const live = saved.filter((row) => row.live);
        const alarms = live.map(({ id, at }) => ({ id, at: at - leadMs }));
        await armChecks(boss, tx, alarms, now);
        const isSaved = new Set(saved.map((row) => row.id));
        const kept = checked.filter(({ id }) => isSaved.has(id));
        const told = await tellWatches(boss, tx, kept, now);
        await savePauses(tx, tenantPauses);
        return told;
      }),

    usual: () => readUsual(db),

    saveLives: (lives) => saveLives(db, lives),
  };
}

type Question = { readonly tenant: TenantId; readonly now: EpochMs };

/** Whether each tenant may be asked at its time. */
async function mayAskAll(tx: Db | Tx, questions: readonly Question[]): Promise<readonly boolean[]> {
  const tenants = [...new Set(questions.map(({ tenant }) => tenant))];
  const earliest = Math.min(...questions.map(({ now }) => now));
  const rows = await tx
    .select({ tenantId: pauses.tenantId, until: pauses.until })
    .from(pauses)
    .where(and(eq(pauses.side, "graph"), anyOf(pauses.tenantId, tenants), gt(pauses.until, earliest)));
  const untilOf = new Map(rows.map(({ tenantId, until }) => [tenantId, until]));
  return questions.map(({ tenant, now }) => (untilOf.get(tenant) ?? 0) <= now);
}

type GivenBack = {
  readonly claims: readonly Pick<ClaimedOperation, "id" | "claim" | "dueAt">[];
  readonly now: EpochMs;
  readonly intervalMs: number;
  readonly because: "missed" | "paused";
};

/**
 * Where a process is slow, most of what it claimed comes back: one by one that would be the larger part of its work.
 * They stay due since when they were, so the longest due goes first the next time.
 */
async function giveAllBack(db: Db, boss: PgBoss, all: readonly GivenBack[], leadMs: number): Promise<void> {
  const claims = all
    .flatMap((each) => each.claims)
    .map(({ id, claim, dueAt }) => ({ id, claim, due_at: new Date(dueAt).toISOString() }));
  const now = Math.max(...all.map((each) => each.now));
  const intervalMs = Math.max(...all.map((each) => each.intervalMs));
  const at = new Date(now).toISOString();
  // The embedded database, whose work made them miss their place, is given a moment.
  const areMissed = all.every(({ because }) => because === "missed");
  const againMs = leadMs > 0 && areMissed ? 0 : LOCKED_MS;
  await transact(db, async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`update ${operations} o
      set due_at = v.due_at, free_at = greatest(v.due_at, ${at}::timestamptz), slot_at = null
      from (select r.* from jsonb_to_recordset(${toJsonb(claims)}::jsonb) as r(id uuid, claim int, due_at timestamptz)
        join ${operations} l on l.id = r.id and l.claim = r.claim order by r.id for update of l) v
      where o.id = v.id and o.claim = v.claim
      returning o.id`);
    const ids = rows.map(({ id }) => operationId(id));
    if (ids.length > 0) await rearm(boss, tx, ids, now, intervalMs, againMs);
  });
}

/**
 * Alarms that rang for nothing, set again where nobody else has: for who was locked, whose tenant is paused, or
 * who will be due in a moment (clocks differ by that). Who is due later has an alarm from whoever made it so.
 */
async function rearm(
  boss: PgBoss,
  tx: Tx,
  ids: readonly OperationId[],
  now: EpochMs,
  intervalMs: number,
  againMs = LOCKED_MS,
): Promise<void> {
  const rows = await tx
    .select({
      id: operations.id,
      dueAt: operations.dueAt,
      slotAt: operations.slotAt,
      until: pauses.until,
    })
    .from(operations)
    .leftJoin(pauses, and(eq(pauses.side, "graph"), eq(pauses.tenantId, operations.tenantId)))
    .where(and(anyOf(operations.id, ids), operations.live));
  const soon: Alarm<OperationId>[] = [];
  const paused: Alarm<OperationId>[] = [];
  for (const { id, dueAt: due, slotAt, until } of rows) {
    // Who waits for a place in line is woken some time before it.
    const dueAt = slotAt === due ? due - EARLY_MS : due;
    if (dueAt > now + SOON_MS) continue;
    // At once: with the priority of those that are due as long.
    if (until === null || until <= now)
      soon.push({ id, at: againMs === 0 ? dueAt : Math.max(dueAt, now + againMs) });
    else paused.push({ id, at: afterPause(until, spreadOf(id), { intervalMs }) });
  }
  const postponed = new Set(await postpone(tx, paused));
  // Who was locked just then is looked at again.
  for (const { id } of paused) if (!postponed.has(id)) soon.push({ id, at: now + LOCKED_MS });
  await armChecks(boss, tx, [...soon, ...paused.filter(({ id }) => postponed.has(id))], now);
}

const LOCKED_MS = 250;
/** More than two clocks differ by (CLOCKS_DIFFER_MS, twice). */
const SOON_MS = 1_000;

/** Due after their tenant's pause; never waits. A place in line that comes in the pause is lost. */
async function postpone(tx: Tx, paused: readonly Alarm<OperationId>[]): Promise<readonly OperationId[]> {
  if (paused.length === 0) return [];
  const values = toJsonb(paused.map(({ id, at }) => ({ id, at: new Date(at).toISOString() })));
  const { rows } = await tx.execute<{ id: string }>(sql`update ${operations} o
    set due_at = v.at, slot_at = null
    from (select r.* from jsonb_to_recordset(${values}::jsonb) as r(id uuid, at timestamptz)
      join ${operations} l on l.id = r.id and l.due_at < r.at order by r.id for no key update of l skip locked) v
    where o.id = v.id
    returning o.id`);
  return rows.map(({ id }) => operationId(id));
}

type SavedRow = Alarm<OperationId> & { readonly live: boolean };

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

/**
 * What is visible is to be delivered: to open watches, and of a result also to those that ended with it.
 * @returns the conversations that may be written to now; for those that are paused there is an alarm.
 */
async function tellWatches(
  boss: PgBoss,
  tx: Tx,
  checked: readonly CheckedOperation[],
  now: EpochMs,
): Promise<readonly ConversationId[]> {
  const more = { wanted: sql`${watches.wanted} + 1`, ...moreEvents(false, now) };
  const closed = { ...more, ...moreEvents(true, now), closedAt: now, closeReason: "ended" as const };
  const idsOf = (news: CheckedOperation["news"]): readonly OperationId[] =>
    checked.filter((each) => each.news === news).map(({ id }) => id);
  const told = [
    ...(await tell(tx, idsOf("changed"), isNull(watches.closedAt), more)),
    ...(await tell(tx, idsOf("ended"), isNull(watches.closedAt), closed)),
    ...(await tell(tx, idsOf("result"), and(eq(watches.closeReason, "ended"), IS_REACHABLE), more)),
  ];
  const withEvents = told.filter(({ hasEvent }) => hasEvent).map(({ id }) => id);
  await armCallbacks(boss, tx, withEvents, now);
  return armPaused(
    boss,
    tx,
    told.map(({ conversationId }) => conversationId),
    now,
  );
}

type Told = {
  readonly id: WatchId;
  readonly conversationId: ConversationId;
  readonly hasEvent: boolean;
};

async function tell(
  tx: Tx,
  ids: readonly OperationId[],
  which: SQL | undefined,
  set: PgUpdateSetSource<typeof watches>,
): Promise<readonly Told[]> {
  if (ids.length === 0) return [];
  return tx
    .update(watches)
    .set(set)
    .where(and(anyOf(watches.operationId, ids), which))
    .returning({
      id: watches.id,
      conversationId: watches.conversationId,
      hasEvent: sql<boolean>`${watches.callbackWanted} > ${watches.callbackDelivered}`,
    });
}

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
