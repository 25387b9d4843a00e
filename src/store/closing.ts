import { and, eq, gt, inArray, isNull, or, sql, type SQL } from "drizzle-orm";
import type { ConversationId, EpochMs, OperationId } from "../core/ids.ts";
import type { CloseReason } from "../core/watch.ts";
import type { Tx } from "./database.ts";
import { moreEvents } from "./callback-store.ts";
import { operations, watches, conversations } from "./schema.ts";
import type { WatchRow } from "./watch-records.ts";

/**
 * Closes the open watches that match and lets operations rest that nobody watches any more.
 * The operations are locked first, as a check that is being saved does it, so that a `track`, a
 * check and a stop of one operation come one after the other.
 */
export async function closeWatches(
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
      // Where nothing may be written any more, there is nothing left to deliver.
      wanted: reason === "removed" || reason === "cardLost" ? watches.delivered : sql`${watches.wanted} + 1`,
      ...moreEvents(true, now),
    })
    .where(and(open, inArray(watches.operationId, ids)))
    .returning();
  await tx
    .update(operations)
    .set({ live: false })
    .where(
      and(
        inArray(operations.id, ids),
        sql`not exists (select 1 from ${watches} w where w.operation_id = ${operations.id} and w.closed_at is null)`,
      ),
    );
  return closed;
}

async function lockOperations(tx: Tx, ids: readonly OperationId[]): Promise<void> {
  await tx
    .select({ id: operations.id })
    .from(operations)
    .where(inArray(operations.id, [...ids]))
    .orderBy(operations.id)
    .for("update");
}

/** The conversation is gone, and with a team all of its channels: their watches end without a word. */
export async function forget(tx: Tx, id: ConversationId, now: EpochMs): Promise<void> {
  const gone = await tx
    .update(conversations)
    // Greeted again if the bot is installed again.
    .set({ goneAt: now, greetedAt: null })
    .where(or(eq(conversations.id, id), eq(conversations.teamId, id)))
    .returning({ id: conversations.id });
  if (gone.length === 0) return;
  const inThem = inArray(
    watches.conversationId,
    gone.map((row) => row.id),
  );
  await closeWatches(tx, inThem, "removed", now);
  // What had ended but was not delivered yet stays unwritten too.
  await tx
    .update(watches)
    .set({ wanted: watches.delivered })
    .where(and(inThem, gt(watches.wanted, watches.delivered)));
}
