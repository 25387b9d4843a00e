import { and, eq, gt, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { EpochMs } from "../core/ids.ts";
import type { Store } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import { KEY_KEPT_MS } from "./requests.ts";
import { closeWatches } from "./closing.ts";
import type { Database, Db, Tx } from "./database.ts";
import { overdueCallbacks } from "./callback-store.ts";
import { armCallbacks, armDeliveries, armLostChecks, oldestCheckAlarm } from "./jobs.ts";
import { conversations, operations, pauses, requests, turns, watches } from "./schema.ts";
import { forgetOldTurns } from "./turn-store.ts";
import { transact } from "./transaction.ts";

/**
 * An alarm that rings this late is taken for lost; setting it again does no harm. With the claim's wait and the next
 * sweep, what a dead process was asking for is asked for again 20 s after the floor between two checks allows it.
 */
const LATE_MS = 3_000;
/** Sooner, because of those that a dead process held: its lease is over only then. */
const EVENT_LATE_MS = 1_000;
const AT_ONCE = 5_000;
const EXPIRED_AT_ONCE = 1_000;

/** Any numbers that no other program's advisory locks are likely to have: one for each part, see `alone`. */
export const FIRST_LOCK = 7_301_980;

type Swept = Awaited<ReturnType<Store["sweep"]>>;
type Part = (tx: Tx, boss: PgBoss, now: EpochMs) => Promise<Partial<Swept>>;

const NOTHING: Swept = { expired: 0, rearmedChecks: 0, rearmedDeliveries: 0, rearmedCallbacks: 0 };

/** Nothing depends on a job being there: what is due and has no alarm gets one. */
export function sweepStore({
  db,
  boss,
  hasAdvisoryLocks,
}: Pick<Database, "db" | "boss" | "hasAdvisoryLocks">): Pick<Store, "sweep" | "freeLeases"> {
  return {
    async sweep(now) {
      const swept = { ...NOTHING };
      const faults: unknown[] = [];
      // Each by itself: where one waits for a lock or fails, the others are the net for all that is lost.
      for (const [index, part] of PARTS.entries()) {
        try {
          const work = (tx: Tx): Promise<Partial<Swept>> => part(tx, boss, now);
          Object.assign(
            swept,
            await (hasAdvisoryLocks ? alone(db, FIRST_LOCK + index, work) : transact(db, work)),
          );
        } catch (fault) {
          faults.push(fault);
        }
      }
      if (faults.length > 0) throw faults[0];
      return swept;
    },

    async freeLeases() {
      await db.update(conversations).set({ leaseUntil: null }).where(isNotNull(conversations.leaseUntil));
      await db.delete(turns).where(eq(turns.ended, false));
    },
  };
}

/** By one replica at a time: another one that sweeps just now sees the same, and reads all live operations for it. */
function alone(db: Db, lock: number, work: (tx: Tx) => Promise<Partial<Swept>>): Promise<Partial<Swept>> {
  return transact(db, async (tx) => {
    const { rows } = await tx.execute<{ isMine: boolean }>(
      sql`select pg_try_advisory_xact_lock(${lock}::bigint) as "isMine"`,
    );
    return rows[0]?.isMine === true ? work(tx) : {};
  });
}

const closeExpired: Part = async (tx, boss, now) => {
  const old = await tx
    .select({ id: watches.id })
    .from(watches)
    .where(and(lte(watches.expiresAt, now), isNull(watches.closedAt)))
    .limit(EXPIRED_AT_ONCE);
  const ids = old.map((row) => row.id);
  const expired = await closeWatches(boss, tx, anyOf(watches.id, ids), "expired", now);
  return { expired: expired.length };
};

const rearmChecks: Part = async (tx, boss, now) => {
  // The oldest alarms are heard first, so where they wait, who is due as long as they are has one among them.
  const heardUntil = Math.min(now, (await oldestCheckAlarm(tx)) ?? now);
  const overdue = await tx
    .select({ id: operations.id, at: operations.dueAt })
    .from(operations)
    .leftJoin(pauses, and(eq(pauses.side, "graph"), eq(pauses.tenantId, operations.tenantId)))
    .where(
      and(
        operations.live,
        lte(operations.dueAt, heardUntil - LATE_MS),
        // Who missed a turn stays due since when it was, and has an alarm since.
        lte(operations.freeAt, now - LATE_MS),
        // A paused tenant's are not lost, and must not hide others' that are.
        or(isNull(pauses.until), lte(pauses.until, now)),
      ),
    )
    .orderBy(operations.dueAt)
    .limit(AT_ONCE);
  await armLostChecks(boss, tx, overdue, now);
  return { rearmedChecks: overdue.length };
};

const rearmDeliveries: Part = async (tx, boss, now) => {
  const waiting = await tx
    .selectDistinct({ id: watches.conversationId })
    .from(watches)
    .innerJoin(conversations, eq(conversations.id, watches.conversationId))
    .where(
      and(
        gt(watches.wanted, watches.delivered),
        isNull(conversations.goneAt),
        or(isNull(conversations.leaseUntil), lte(conversations.leaseUntil, now)),
        or(isNull(conversations.pausedUntil), lte(conversations.pausedUntil, now)),
        or(isNull(conversations.placeAt), lte(conversations.placeAt, now)),
      ),
    )
    .limit(AT_ONCE);
  const ids = waiting.map((row) => row.id);
  await armDeliveries(boss, tx, ids, now);
  return { rearmedDeliveries: ids.length };
};

const rearmCallbacks: Part = async (tx, boss, now) => {
  const callbacks = await overdueCallbacks(tx, now - EVENT_LATE_MS, AT_ONCE);
  await armCallbacks(boss, tx, callbacks, now);
  return { rearmedCallbacks: callbacks.length };
};

const forgetOldRequests: Part = async (tx, _boss, now) => {
  // A key is known for a week; asked for later it is a new one (api-store.ts).
  await tx.delete(requests).where(lte(requests.startedAt, now - KEY_KEPT_MS));
  await forgetOldTurns(tx, now);
  return {};
};

const PARTS: readonly Part[] = [
  closeExpired,
  rearmChecks,
  rearmDeliveries,
  rearmCallbacks,
  forgetOldRequests,
];
