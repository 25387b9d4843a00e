import { and, eq, gt, inArray, isNull, lte, or, sql, type SQL } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { InferSelectModel } from "drizzle-orm";
import { spend, spendOfTenant } from "../core/budget.ts";
import type { EpochMs } from "../core/ids.ts";
import { NO_SLOTS } from "../core/slots.ts";
import type { DeliveryConversation, Message, Store, Taken } from "../flows/ports.ts";
import { closeWatches } from "./closing.ts";
import type { Db, Tx } from "./database.ts";
import { armDeliveries } from "./jobs.ts";
import { budgets, conversations, watches } from "./schema.ts";
import { again, transact } from "./transaction.ts";
import { selectWatches } from "./watch-records.ts";

type DeliveryStore = Pick<
  Store,
  | "claimConversations"
  | "undelivered"
  | "takeDelivery"
  | "saveShown"
  | "markSent"
  | "unmarkSent"
  | "saveFailure"
  | "takeWrite"
  | "pauseConversation"
  | "saveCardMiss"
  | "replaceCard"
  | "closeWatch"
  | "releaseConversation"
>;

function holds({ id, leaseUntil }: DeliveryConversation): SQL | undefined {
  return and(eq(conversations.id, id), eq(conversations.leaseUntil, leaseUntil));
}

/** Replies and deliveries both hear of pauses; the later end holds. */
function pausedAtLeastUntil(until: EpochMs): { pausedUntil: SQL } {
  const at = new Date(until).toISOString();
  return { pausedUntil: sql`greatest(${conversations.pausedUntil}, ${at}::timestamptz)` };
}

const IS_UNDELIVERED = gt(watches.wanted, watches.delivered);

/**
 * Those that Teams did not take last, so that one card holds up no other. Then ends first; then the
 * cards that were written least, so that in a busy conversation each has its turn.
 */
const BY_URGENCY = [watches.failures, sql`${watches.closedAt} is null`, watches.delivered, watches.seq];

const SENT_AT = { ping: "pingedAt", notice: "noticedAt" } as const satisfies Record<Message, string>;

/** Spends one write of a locked conversation and of its tenant, or says how long to wait for it. */
async function take(tx: Tx, row: InferSelectModel<typeof conversations>, now: EpochMs): Promise<Taken> {
  if (row.pausedUntil !== null && row.pausedUntil > now) {
    return { kind: "overBudget", waitMs: row.pausedUntil - now };
  }
  const spent = spend({ shortUntil: row.shortUntil, longUntil: row.longUntil }, now);
  if (!spent.ok) return { kind: "overBudget", waitMs: spent.waitMs };
  const { tenantId } = row;
  await tx.insert(budgets).values({ tenantId, slots: NO_SLOTS }).onConflictDoNothing();
  const ofTenant = eq(budgets.tenantId, tenantId);
  const [known] = await tx.select({ until: budgets.writesUntil }).from(budgets).where(ofTenant).for("update");
  const tenant = spendOfTenant(known?.until ?? 0, now);
  if (!tenant.ok) return { kind: "overBudget", waitMs: tenant.waitMs };
  await tx.update(conversations).set(spent.budget).where(eq(conversations.id, row.id));
  await tx.update(budgets).set({ writesUntil: tenant.until }).where(ofTenant);
  return { kind: "taken" };
}

/** The deliveries' side of the rows. One process at a time holds a conversation, by a lease. */
export function deliveryStore(db: Db, boss: PgBoss): DeliveryStore {
  return {
    async claimConversations(ids, now, leaseMs) {
      const rows = await again(() =>
        db
          .update(conversations)
          .set({ leaseUntil: now + leaseMs })
          .where(
            and(
              inArray(conversations.id, [...ids]),
              isNull(conversations.goneAt),
              or(isNull(conversations.leaseUntil), lte(conversations.leaseUntil, now)),
              or(isNull(conversations.pausedUntil), lte(conversations.pausedUntil, now)),
            ),
          )
          .returning(),
      );
      return rows.map(({ id, tenantId, kind, teamId, groupId, userId, reference, misses }) => ({
        id,
        tenantId,
        kind,
        teamId,
        groupId,
        userId,
        reference,
        misses,
        leaseUntil: now + leaseMs,
      }));
    },

    undelivered: (id, limit) =>
      selectWatches(db, and(eq(watches.conversationId, id), IS_UNDELIVERED), { order: BY_URGENCY, limit }),

    takeDelivery: (conversation, watch, leaseUntil, now) =>
      transact(db, async (tx) => {
        const mine = and(holds(conversation), isNull(conversations.goneAt));
        const [row] = await tx.select().from(conversations).where(mine).for("update");
        if (row === undefined) return { kind: "lost" };
        const [read] = await tx
          .select({ wanted: watches.wanted })
          .from(watches)
          .where(eq(watches.id, watch.id));
        const isChanged = read?.wanted !== watch.wanted;
        const taken = isChanged ? { kind: "changed" as const } : await take(tx, row, now);
        await tx.update(conversations).set({ leaseUntil }).where(eq(conversations.id, row.id));
        return taken;
      }),

    takeWrite: (id, now) =>
      transact(db, async (tx) => {
        const [row] = await tx.select().from(conversations).where(eq(conversations.id, id)).for("update");
        // A conversation that was never written to has no pause and an unused budget.
        return row === undefined ? { kind: "taken" } : take(tx, row, now);
      }),

    async saveShown({ watch, wanted, activityId, shown }) {
      // `wanted` as it was read: what changed during the write is still to be delivered.
      await db
        .update(watches)
        .set({ delivered: wanted, activityId, shown, cardMisses: 0, failures: 0 })
        .where(eq(watches.id, watch));
    },

    async markSent(id, message, now) {
      const marked = await db
        .update(watches)
        .set({ [SENT_AT[message]]: now })
        .where(and(eq(watches.id, id), isNull(watches[SENT_AT[message]])))
        .returning({ id: watches.id });
      return marked.length > 0;
    },

    async unmarkSent(id, message) {
      await db
        .update(watches)
        .set({ [SENT_AT[message]]: null })
        .where(eq(watches.id, id));
    },

    async saveFailure(id) {
      await db
        .update(watches)
        .set({ failures: sql`${watches.failures} + 1` })
        .where(eq(watches.id, id));
    },

    async pauseConversation(id, until) {
      await db.update(conversations).set(pausedAtLeastUntil(until)).where(eq(conversations.id, id));
    },

    async saveCardMiss(id, misses) {
      await db.update(watches).set({ cardMisses: misses }).where(eq(watches.id, id));
    },

    async replaceCard(id) {
      await db
        .update(watches)
        .set({ activityId: null, shown: null, cardMisses: 0, replaced: true })
        .where(eq(watches.id, id));
    },

    closeWatch: (id, reason, now) =>
      transact(db, async (tx) => {
        await closeWatches(tx, eq(watches.id, id), reason, now);
        // It may have been closed before, by its operation's end.
        await tx
          .update(watches)
          .set({ delivered: sql`${watches.wanted}` })
          .where(eq(watches.id, id));
      }),

    releaseConversation: (conversation, { misses, retryAt }, now) =>
      transact(db, async (tx) => {
        const { id } = conversation;
        await tx
          .update(conversations)
          .set({ leaseUntil: null, misses, ...(retryAt === null ? {} : pausedAtLeastUntil(retryAt)) })
          .where(holds(conversation));
        // Deliveries that were asked for while the lease was held found it taken and went away.
        const [left] = await tx
          .select({ id: watches.id })
          .from(watches)
          .where(and(eq(watches.conversationId, id), IS_UNDELIVERED))
          .limit(1);
        if (left !== undefined) await armDeliveries(boss, tx, [id], now, retryAt ?? now);
      }),
  };
}
