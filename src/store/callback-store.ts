import { and, eq, gt, isNotNull, lte, sql, type SQL } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { CLOCKS_DIFFER_MS } from "../core/instants.ts";
import type { EpochMs, WatchId } from "../core/ids.ts";
import type { DueCallback, Store } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import { apiWatchOf } from "./api-store.ts";
import type { Db, Tx } from "./database.ts";
import { armCallbacks } from "./jobs.ts";
import { conversations, operations, watches } from "./schema.ts";
import { again, transact } from "./transaction.ts";

/** The events' side of the rows; each is sent until it is taken, at least once. */
export function callbackStore(db: Db, boss: PgBoss): Pick<Store, "claimCallbacks" | "saveCallback"> {
  return {
    async claimCallbacks(ids, now, leaseMs) {
      const claimed = await again(() =>
        db
          .update(watches)
          .set({ callbackDueAt: now + leaseMs })
          .where(
            and(
              anyOf(watches.id, ids),
              IS_PENDING,
              // An alarm may ring where the clock is some milliseconds behind.
              lte(watches.callbackDueAt, now + CLOCKS_DIFFER_MS),
            ),
          )
          .returning({ id: watches.id }),
      );
      if (claimed.length === 0) return [];
      const rows = await db
        .select({ watch: watches, operation: operations, conversation: conversations })
        .from(watches)
        .innerJoin(operations, eq(operations.id, watches.operationId))
        .innerJoin(conversations, eq(conversations.id, watches.conversationId))
        .where(
          anyOf(
            watches.id,
            claimed.map((row) => row.id),
          ),
        );
      return rows.flatMap((row): readonly DueCallback[] => {
        const { callback, callbackWanted: wanted } = row.watch;
        return callback === null ? [] : [{ ...apiWatchOf(row), callback, wanted }];
      });
    },

    saveCallback: (id, wanted, state, retryAt, now) =>
      transact(db, async (tx) => {
        const [row] = await tx
          .update(watches)
          .set({
            callbackState: state,
            callbackDueAt: retryAt ?? now,
            ...(retryAt === null
              ? { callbackDelivered: sql`greatest(${watches.callbackDelivered}, ${wanted}::int)` }
              : {}),
          })
          .where(eq(watches.id, id))
          .returning({ wanted: watches.callbackWanted, delivered: watches.callbackDelivered });
        // What changed during the sending is an event of its own.
        if (row !== undefined && row.wanted > row.delivered) {
          await armCallbacks(boss, tx, [id], now, retryAt ?? now);
        }
      }),
  };
}

const IS_PENDING: SQL = gt(watches.callbackWanted, watches.callbackDelivered);

/** Events that no alarm rings for any more. */
export async function overdueCallbacks(tx: Tx, before: EpochMs, limit: number): Promise<readonly WatchId[]> {
  const rows = await tx
    .select({ id: watches.id })
    .from(watches)
    .where(and(isNotNull(watches.callbackDueAt), IS_PENDING, lte(watches.callbackDueAt, before)))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** For an update of watches: one more event, for those that have somebody to tell of it. */
export function moreEvents(isEnd: boolean, now: EpochMs): { callbackWanted: SQL; callbackDueAt: SQL } {
  const isTold = isEnd ? sql`${watches.callback} is not null` : sql`${watches.callback} ->> 'on' = 'change'`;
  const at = new Date(now).toISOString();
  return {
    callbackWanted: sql`case when ${isTold} then ${watches.callbackWanted} + 1 else ${watches.callbackWanted} end`,
    // While one is being sent, or waits to be tried again, the next one waits behind it.
    callbackDueAt: sql`case when ${isTold} and ${watches.callbackWanted} = ${watches.callbackDelivered}
      then ${at}::timestamptz else ${watches.callbackDueAt} end`,
  };
}
