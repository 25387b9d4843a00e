import { and, eq, gt, isNull, or, sql, type SQL } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { EpochMs, OperationId } from "../core/ids.ts";
import type { CloseReason } from "../core/watch.ts";
import type { Conversation } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Tx } from "./database.ts";
import { moreEvents } from "./callback-store.ts";
import { armCallbacks } from "./jobs.ts";
import { operations, watches, conversations } from "./schema.ts";
import type { WatchRow } from "./watch-records.ts";

/**
 * Closes the open watches that match and lets operations rest that nobody watches any more.
 * The operations are locked first, as a check that is being saved does it, so that a `track`, a
 * check and a stop of one operation come one after the other.
 */
export async function closeWatches(
  boss: PgBoss,
  tx: Tx,
  matching: SQL | undefined,
  reason: CloseReason,
  now: EpochMs,
): Promise<readonly WatchRow[]> {
  const open = and(matching, isNull(watches.closedAt));
  const found = await tx.select({ operationId: watches.operationId }).from(watches).where(open);
  const ids = [...new Set(found.map((row) => row.operationId))];
  if (ids.length === 0) return [];
  await lockOperations(tx, ids);
  const closed = await tx
    .update(watches)
    .set({
      closedAt: now,
      closeReason: reason,
      // Others may go on watching; what comes after is not for this card, however late it is written.
      finalState: stateNow(),
      // Where nothing may be written any more, there is nothing left to deliver.
      wanted: reason === "removed" || reason === "cardLost" ? watches.delivered : sql`${watches.wanted} + 1`,
      ...moreEvents(true, now),
    })
    .where(and(open, anyOf(watches.operationId, ids)))
    .returning();
  await tx
    .update(operations)
    .set({ live: false })
    .where(
      and(
        anyOf(operations.id, ids),
        sql`not exists (select 1 from ${watches} w where w.operation_id = ${operations.id} and w.closed_at is null)`,
      ),
    );
  const told = closed.filter((row) => row.callbackWanted > row.callbackDelivered).map((row) => row.id);
  await armCallbacks(boss, tx, told, now);
  return closed;
}

/** As `stateOf` gives it. */
function stateNow(): SQL {
  return sql`(select o.state || jsonb_build_object('answeredAt', round(extract(epoch from o.answered_at) * 1000))
    from ${operations} o where o.id = ${watches.operationId})`;
}

async function lockOperations(tx: Tx, ids: readonly OperationId[]): Promise<void> {
  await tx
    .select({ id: operations.id })
    .from(operations)
    .where(anyOf(operations.id, ids))
    .orderBy(operations.id)
    .for("no key update");
}

/** The conversation is gone, and with a team all of its channels: their watches end without a word. */
export async function forget(
  boss: PgBoss,
  tx: Tx,
  { id, tenantId }: Pick<Conversation, "id" | "tenantId">,
  now: EpochMs,
): Promise<void> {
  const gone = await tx
    .update(conversations)
    // Greeted again if the bot is installed again; and who writes there now has lost it.
    .set({ goneAt: now, greetedAt: null, leaseUntil: null })
    .where(
      and(eq(conversations.tenantId, tenantId), or(eq(conversations.id, id), eq(conversations.teamId, id))),
    )
    .returning({ id: conversations.id });
  if (gone.length === 0) return;
  const inThem = anyOf(
    watches.conversationId,
    gone.map((row) => row.id),
  );
  await closeWatches(boss, tx, inThem, "removed", now);
  // What had ended but was not delivered yet stays unwritten too.
  await tx
    .update(watches)
    .set({ wanted: watches.delivered })
    .where(and(inThem, gt(watches.wanted, watches.delivered)));
}
