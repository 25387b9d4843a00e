import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { operationId, type EpochMs, type OperationId } from "../core/ids.ts";
import { afterPause, spreadOf } from "../core/schedule.ts";
import type { CheckedOperation, Store, TenantPause } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { armChecks, armDeliveries, type Alarm } from "./jobs.ts";
import { operations, pauses, watches } from "./schema.ts";
import { toJsonb } from "./jsonb.ts";
import { transact } from "./transaction.ts";
import { addressOf, stateOf } from "./watch-records.ts";

type CheckStore = Pick<Store, "claimChecks" | "saveChecks">;

/** Only what a check needs: this is read for every check. */
const CLAIMED = {
  id: operations.id,
  tenantId: operations.tenantId,
  key: operations.key,
  kind: operations.kind,
  version: operations.version,
  path: operations.path,
  graphId: operations.graphId,
  state: operations.state,
  answeredAt: operations.answeredAt,
  claim: operations.claim,
};

/** The engine's side of the rows: which operations to check now, and what came of it. */
export function checkStore(db: Db, boss: PgBoss): CheckStore {
  return {
    async claimChecks(ids, now, leaseMs, intervalMs) {
      const at = new Date(now).toISOString();
      const claimed = await db
        .update(operations)
        .set({ dueAt: now + leaseMs, freeAt: now + leaseMs, claim: sql`${operations.claim} + 1` })
        .where(
          // Never waits: an operation that somebody else has locked is looked at again a moment later.
          sql`${operations.id} in (select o.id from ${operations} o
            where o.id = any(${sql.param(ids)}::uuid[]) and o.live and o.due_at <= ${at}::timestamptz
              and not exists (select 1 from ${pauses} p
                where p.side = 'graph' and p.tenant_id = o.tenant_id and p.until > ${at}::timestamptz)
            for update skip locked)`,
        )
        .returning(CLAIMED);
      const isClaimed = new Set(claimed.map((row) => row.id));
      const unclaimed = ids.filter((id) => !isClaimed.has(id));
      if (unclaimed.length > 0) await transact(db, (tx) => rearm(boss, tx, unclaimed, now, intervalMs));
      return claimed.map((row) => ({
        id: row.id,
        tenantId: row.tenantId,
        address: addressOf(row),
        state: stateOf(row),
        claim: row.claim,
      }));
    },

    saveChecks: (checked, tenantPauses, now) =>
      transact(db, async (tx) => {
        const saved = await saveOperations(tx, checked);
        const live = saved.filter((row) => row.live);
        await armChecks(boss, tx, live, now);
        const isSaved = new Set(saved.map((row) => row.id));
        await tellWatches(
          boss,
          tx,
          checked.filter(({ id }) => isSaved.has(id)),
          now,
        );
        await savePauses(tx, tenantPauses);
      }),
  };
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
      answered_at: answeredAt === null ? null : new Date(answeredAt).toISOString(),
      due_at: new Date(dueAt ?? freeAt).toISOString(),
      free_at: new Date(freeAt).toISOString(),
    })),
  );
  const { rows } = await tx.execute<{ id: string; at: number; live: boolean }>(sql`update ${operations} o
      set state = coalesce(v.state, o.state), outcome = v.outcome, answered_at = v.answered_at,
        due_at = v.due_at, free_at = v.free_at, live = o.live and v.outcome is null
      from (
        select r.* from jsonb_to_recordset(${values}::jsonb) as r(
          id uuid, claim int, state jsonb, outcome text,
          answered_at timestamptz, due_at timestamptz, free_at timestamptz)
        join ${operations} l on l.id = r.id and l.claim = r.claim
        order by r.id for update of l
      ) v
      where o.id = v.id and o.claim = v.claim
      returning o.id, (extract(epoch from o.due_at) * 1000)::float8 as at, o.live`);
  return rows.map((row) => ({ ...row, id: operationId(row.id) }));
}

async function tellWatches(
  boss: PgBoss,
  tx: Tx,
  checked: readonly CheckedOperation[],
  now: EpochMs,
): Promise<void> {
  const more = { wanted: sql`${watches.wanted} + 1` };
  const conversations = [];
  const changed = checked.filter(({ dueAt, visibleChange }) => visibleChange && dueAt !== null);
  const ended = checked.filter(({ dueAt }) => dueAt === null);
  for (const [group, set] of [
    [changed, more],
    [ended, { ...more, closedAt: now, closeReason: "ended" as const }],
  ] as const) {
    if (group.length === 0) continue;
    const ids = group.map(({ id }) => id);
    const told = await tx
      .update(watches)
      .set(set)
      .where(and(inArray(watches.operationId, ids), isNull(watches.closedAt)))
      .returning({ conversationId: watches.conversationId });
    conversations.push(...told.map((row) => row.conversationId));
  }
  await armDeliveries(boss, tx, conversations, now);
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
