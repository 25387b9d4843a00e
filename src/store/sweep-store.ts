import { and, eq, gt, inArray, isNotNull, isNull, lte, or } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { Store } from "../flows/ports.ts";
import { KEY_KEPT_MS } from "./requests.ts";
import { closeWatches } from "./closing.ts";
import type { Db } from "./database.ts";
import { overdueCallbacks } from "./callback-store.ts";
import { armCallbacks, armDeliveries, armLostChecks } from "./jobs.ts";
import { conversations, operations, pauses, requests, turns, watches } from "./schema.ts";
import { forgetOldTurns } from "./turn-store.ts";
import { transact } from "./transaction.ts";

/** An alarm that rings this late is taken for lost; setting it again does no harm. */
const LATE_MS = 5_000;
const AT_ONCE = 5_000;
const EXPIRED_AT_ONCE = 1_000;

/** Nothing depends on a job being there: what is due and has no alarm gets one. */
export function sweepStore(db: Db, boss: PgBoss): Pick<Store, "sweep" | "freeLeases"> {
  return {
    sweep: (now) =>
      transact(db, async (tx) => {
        const old = await tx
          .select({ id: watches.id })
          .from(watches)
          .where(and(lte(watches.expiresAt, now), isNull(watches.closedAt)))
          .limit(EXPIRED_AT_ONCE);
        const oldIds = old.map((row) => row.id);
        const expired = await closeWatches(boss, tx, inArray(watches.id, oldIds), "expired", now);

        const overdue = await tx
          .select({ id: operations.id, at: operations.dueAt })
          .from(operations)
          .leftJoin(pauses, and(eq(pauses.side, "graph"), eq(pauses.tenantId, operations.tenantId)))
          .where(
            and(
              operations.live,
              lte(operations.dueAt, now - LATE_MS),
              // A paused tenant's are not lost, and must not hide others' that are.
              or(isNull(pauses.until), lte(pauses.until, now)),
            ),
          )
          .orderBy(operations.dueAt)
          .limit(AT_ONCE);
        await armLostChecks(boss, tx, overdue, now);

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
        const conversationIds = waiting.map((row) => row.id);
        await armDeliveries(boss, tx, conversationIds, now);

        const callbacks = await overdueCallbacks(tx, now - LATE_MS, AT_ONCE);
        await armCallbacks(boss, tx, callbacks, now);

        // A key is known for a week; asked for later it is a new one (api-store.ts).
        await tx.delete(requests).where(lte(requests.startedAt, now - KEY_KEPT_MS));

        await forgetOldTurns(tx, now);

        return {
          expired: expired.length,
          rearmedChecks: overdue.length,
          rearmedDeliveries: conversationIds.length,
          rearmedCallbacks: callbacks.length,
        };
      }),

    async freeLeases() {
      await db.update(conversations).set({ leaseUntil: null }).where(isNotNull(conversations.leaseUntil));
      await db.delete(turns).where(eq(turns.ended, false));
    },
  };
}
