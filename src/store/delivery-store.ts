import { and, eq, inArray, isNull, lte, or, sql, type SQL } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { spendAtOnce } from "../core/budget.ts";
import type { ConversationId, EpochMs, WatchId } from "../core/ids.ts";
import { gather, gatherAnswers } from "../flows/gather.ts";
import type { Message, Now, Shown, Store, Undelivered } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import { closeWatches } from "./closing.ts";
import { IS_REACHABLE } from "./conversation-rows.ts";
import type { Db, Tx } from "./database.ts";
import { armDeliveries, armDeliveriesAt } from "./jobs.ts";
import { toJsonb } from "./jsonb.ts";
import { budgets, conversations, operations, watches } from "./schema.ts";
import { makeTenantRows } from "./tenant-rows.ts";
import { again, transact } from "./transaction.ts";
import { undeliveredOf } from "./watch-records.ts";
import { takeWrites, type Write } from "./write-budgets.ts";

type DeliveryStore = Pick<
  Store,
  | "claimConversations"
  | "wakeDeliveries"
  | "undelivered"
  | "takeDelivery"
  | "saveShown"
  | "markSent"
  | "unmarkSent"
  | "saveFailure"
  | "takeWrite"
  | "takeOfTenant"
  | "pauseConversation"
  | "saveCardMiss"
  | "replaceCard"
  | "closeWatch"
  | "releaseConversation"
>;

/** Replies and deliveries both hear of pauses; the later end holds. */
function pausedAtLeastUntil(until: EpochMs): { pausedUntil: SQL } {
  const at = new Date(until).toISOString();
  return { pausedUntil: sql`greatest(${conversations.pausedUntil}, ${at}::timestamptz)` };
}

/**
 * Those that Teams did not take, or that are missing, last, so that one card holds up no other. Then ends first; then the
 * cards that were written least, so that in a busy conversation each has its turn.
 */
const BY_URGENCY = [
  sql`${watches.failures} + ${watches.cardMisses}`,
  sql`${watches.closedAt} is null`,
  sql`${watches.delivered}`,
  sql`${watches.seq}`,
];

const SENT_AT = { ping: "pingedAt", notice: "noticedAt" } as const satisfies Record<Message, string>;

/** The deliveries' side of the rows. One process at a time holds a conversation, by a lease. */
export function deliveryStore(db: Db, boss: PgBoss, clock: Now): DeliveryStore {
  const undelivered = gatherAnswers((wishes: readonly Wish[]) => selectUndelivered(db, wishes));
  const take = gatherAnswers((writes: readonly Write[]) =>
    transact(db, (tx) => takeWrites(tx, writes, clock)),
  );
  const mark = gatherAnswers((marks: readonly Mark[]) => transact(db, (tx) => markAllSent(tx, marks)));
  const saveShown = gather((shown: readonly Shown[]) => saveAllShown(db, shown));
  const release = gather((released: readonly Released[]) => releaseAll(db, boss, released));

  return {
    async claimConversations(ids, now, leaseMs) {
      const rows = await again(() => claim(db, ids, now, leaseMs));
      const claimed = new Set(rows.map(({ id }) => id));
      const missed = ids.filter((id) => !claimed.has(id));
      // Where that fails the sweep is the net; who was claimed is not to wait for the end of the lease.
      if (missed.length > 0) await rearmMissed(db, boss, missed, now).catch(() => undefined);
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

    wakeDeliveries: (ids, now) => transact(db, (tx) => armDeliveries(boss, tx, ids, now)),

    undelivered: (id, limit, which = "all") => undelivered({ id, limit, which }),

    takeDelivery: ({ id, leaseUntil }, { id: watch, wanted, isPost = false }, renewedUntil, now) =>
      take({ conversation: id, now, card: { leaseUntil, renewedUntil, watch, wanted, isPost } }),

    async takeWrite(conversation, now) {
      const taken = await take({ conversation, now, card: null });
      if (taken.kind === "taken" || taken.kind === "overBudget") return taken;
      throw new Error("An answer has no watch that could have changed.");
    },

    takeOfTenant: (tenantId, now) =>
      transact(db, async (tx) => {
        await makeTenantRows(tx, budgets, [tenantId]);
        const isIt = eq(budgets.tenantId, tenantId);
        const [row] = await tx
          .select({ until: budgets.writesUntil })
          .from(budgets)
          .where(isIt)
          .for("no key update");
        const spent = spendAtOnce({ writtenUntil: row?.until ?? 0, lineUntil: 0, placeAt: null }, now);
        if (!spent.ok) return { kind: "overBudget", waitMs: spent.waitMs };
        await tx.update(budgets).set({ writesUntil: spent.budget.writtenUntil }).where(isIt);
        return { kind: "taken" };
      }),

    saveShown,

    markSent: (id, message, now) => mark({ id, message, now }),

    async unmarkSent(id, message, markedAt) {
      // Somebody who found it marked takes all for delivered, or did. Where the bot is no more, that is right.
      await again(() =>
        db
          .update(watches)
          .set({
            [SENT_AT[message]]: null,
            wanted: sql`case when ${IS_REACHABLE} then ${watches.wanted} + 1 else ${watches.wanted} end`,
          })
          // What was given up and comes late takes away no mark that somebody has made since.
          .where(and(eq(watches.id, id), lte(watches[SENT_AT[message]], markedAt))),
      );
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

    async replaceCard(id, activityId) {
      await db
        .update(watches)
        .set({ activityId: null, shown: null, cardMisses: 0, replaced: true })
        .where(and(eq(watches.id, id), sql`${watches.activityId} is not distinct from ${activityId}`));
    },

    closeWatch: (id, reason, now) =>
      transact(db, async (tx) => {
        await closeWatches(boss, tx, eq(watches.id, id), reason, now);
        // It may have been closed before, by its operation's end.
        await tx
          .update(watches)
          .set({ delivered: sql`${watches.wanted}` })
          .where(eq(watches.id, id));
      }),

    releaseConversation: ({ id, leaseUntil }, { misses, retryAt, placeAt = null, postsAt = null }, now) =>
      release({ id, leaseUntil, misses, retryAt, placeAt, postsAt, now }),
  };
}

type Mark = { readonly id: WatchId; readonly message: Message; readonly now: EpochMs };

/**
 * For each, whether nobody had marked it before. All of them or none, because what is marked and not answered is
 * never sent. Run again after a cut connection it may say no to all: at most one is sent.
 */
async function markAllSent(tx: Tx, marks: readonly Mark[]): Promise<readonly boolean[]> {
  const fresh = new Set<string>();
  for (const [message, own] of Map.groupBy(marks, (mark) => mark.message)) {
    const sentAt = SENT_AT[message];
    const ids = own.map(({ id }) => id);
    const rows = await tx
      .update(watches)
      .set({ [sentAt]: Math.min(...own.map(({ now }) => now)) })
      .where(and(anyOf(watches.id, ids), isNull(watches[sentAt])))
      .returning({ id: watches.id });
    for (const { id } of rows) fresh.add(`${message} ${id}`);
  }
  // Of two that ask in one batch, the first is the one.
  return marks.map(({ id, message }) => fresh.delete(`${message} ${id}`));
}

/** Never waits, and locks in one order. */
function claim(db: Db, ids: readonly ConversationId[], now: EpochMs, leaseMs: number) {
  const isFree = and(
    anyOf(conversations.id, ids),
    isNull(conversations.goneAt),
    or(isNull(conversations.leaseUntil), lte(conversations.leaseUntil, now)),
    or(isNull(conversations.pausedUntil), lte(conversations.pausedUntil, now)),
  );
  const free = db
    .select({ id: conversations.id })
    .from(conversations)
    .where(isFree)
    .orderBy(conversations.id)
    .for("no key update", { skipLocked: true });
  return db
    .update(conversations)
    .set({ leaseUntil: now + leaseMs })
    .where(inArray(conversations.id, free))
    .returning();
}

/** A reply or a `track` holds a conversation's row no longer. */
const HELD_MS = 250;

/**
 * What somebody holds is looked at again by them. An alarm can be from before a pause, or from before it grew; and
 * where a reply or a `track` has locked the row just now, nobody else would look.
 */
async function rearmMissed(
  db: Db,
  boss: PgBoss,
  ids: readonly ConversationId[],
  now: EpochMs,
): Promise<void> {
  const { id, pausedUntil, leaseUntil, goneAt } = conversations;
  const missed = await db
    .select({ id, pausedUntil })
    .from(conversations)
    .where(and(anyOf(id, ids), isNull(goneAt), or(isNull(leaseUntil), lte(leaseUntil, now))));
  if (missed.length === 0) return;
  const alarms = missed.map((row) => ({ id: row.id, at: Math.max(row.pausedUntil ?? 0, now + HELD_MS) }));
  await transact(db, (tx) => armDeliveriesAt(boss, tx, alarms, now));
}

type Wish = { readonly id: ConversationId; readonly limit: number; readonly which: "all" | "posts" };

async function selectUndelivered(
  db: Db,
  wishes: readonly Wish[],
): Promise<readonly (readonly Undelivered[])[]> {
  const asked = toJsonb(
    wishes.map(({ id, limit, which }) => ({ id, most: limit, posts: which === "posts" })),
  );
  const rows = await db
    .select({ watch: watches, operation: operations })
    .from(watches)
    .innerJoin(operations, eq(operations.id, watches.operationId))
    .where(
      sql`${watches.id} in (
        select next.id from (select id, posts, max(most) as most
          from jsonb_to_recordset(${asked}::jsonb) as r(id text, most int, posts boolean) group by id, posts) r
        cross join lateral (
          select id from ${watches} where conversation_id = r.id and wanted > delivered
            and (not r.posts or (activity_id is null and shown is null))
          order by ${sql.join(BY_URGENCY, sql`, `)} limit r.most) next)`,
    )
    .orderBy(...BY_URGENCY);
  const found = Map.groupBy(rows, ({ watch }) => watch.conversationId);
  return wishes.map(({ id, limit, which }) =>
    (found.get(id) ?? [])
      .filter(({ watch }) => which === "all" || (watch.activityId === null && watch.shown === null))
      .slice(0, limit)
      .map(({ watch, operation }) => undeliveredOf(watch, operation)),
  );
}

async function saveAllShown(db: Db, shown: readonly Shown[]): Promise<void> {
  const values = shown.map(({ watch, wanted, activityId, shown: fingerprint }) => {
    return { id: watch, wanted, activity_id: activityId, shown: fingerprint };
  });
  const ids = shown.map(({ watch }) => watch);
  // `wanted` as it was read: what changed during the write is still to be delivered. The ids are there
  // for the planner, who takes any recordset for a hundred rows, and would read a small table as a whole.
  await again(() =>
    db.execute(sql`update ${watches} w
      set delivered = v.wanted, activity_id = v.activity_id, shown = v.shown, card_misses = 0, failures = 0
      from jsonb_to_recordset(${toJsonb(values)}::jsonb) as v(id uuid, wanted int, activity_id text, shown text)
      where w.id = v.id and w.id = any(${sql.param(ids)}::uuid[]) and w.delivered <= v.wanted`),
  );
}

type Released = {
  readonly id: ConversationId;
  readonly leaseUntil: EpochMs;
  readonly misses: number;
  readonly retryAt: EpochMs | null;
  readonly placeAt: EpochMs | null;
  readonly postsAt: EpochMs | null;
  readonly now: EpochMs;
};

async function releaseAll(db: Db, boss: PgBoss, released: readonly Released[]): Promise<void> {
  const values = released.map(({ id, leaseUntil, misses, retryAt }) => ({
    id,
    lease_until: new Date(leaseUntil).toISOString(),
    misses,
    retry_at: retryAt === null ? null : new Date(retryAt).toISOString(),
  }));
  // Replies and deliveries both hear of pauses; the later end holds.
  await again(() =>
    db.execute(sql`update ${conversations} c
      set lease_until = null, misses = v.misses, paused_until = case when v.retry_at is null then c.paused_until else greatest(c.paused_until, v.retry_at) end
      from (select r.* from jsonb_to_recordset(${toJsonb(values)}::jsonb) as r(id text, lease_until timestamptz, misses int, retry_at timestamptz)
        join ${conversations} l on l.id = r.id and l.lease_until = r.lease_until order by r.id for no key update of l) v
      where c.id = v.id and c.lease_until = v.lease_until`),
  );
  // Deliveries that were asked for while the lease was held found it taken and went away. Looked
  // for after it is free, so that nobody falls in between.
  const ids = [...new Set(released.map(({ id }) => id))];
  const { rows: left } = await db.execute<{ id: ConversationId; hasPosts: boolean }>(sql`
    select w.conversation_id as id, bool_or(w.activity_id is null and w.shown is null) as "hasPosts"
    from ${watches} w where w.conversation_id = any(${sql.param(ids)}::text[]) and w.wanted > w.delivered
    group by w.conversation_id`);
  if (left.length === 0) return;
  const hasPosts = new Map(left.map((row) => [row.id, row.hasPosts]));
  const now = Math.max(...released.map((each) => each.now));
  const alarms = released
    .filter(({ id }) => hasPosts.has(id))
    .map((each) => ({ id: each.id, at: nextAt(each, hasPosts.get(each.id) ?? false) }));
  await transact(db, (tx) => armDeliveriesAt(boss, tx, alarms, now));
}

/** When somebody is to look at the conversation again. */
function nextAt({ retryAt, placeAt, postsAt, now }: Released, hasPosts: boolean): EpochMs {
  return retryAt ?? (hasPosts ? postsAt : placeAt) ?? now;
}
