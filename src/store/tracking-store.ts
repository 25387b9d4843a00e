import { and, desc, eq, isNull, or } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { gatherAnswers } from "../flows/gather.ts";
import type { Store } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import { closeWatches, forget } from "./closing.ts";
import { rememberAll, type Heard } from "./conversation-rows.ts";
import type { Db } from "./database.ts";
import { armChecks, armDeliveries } from "./jobs.ts";
import { conversations, operations, pauses, watches } from "./schema.ts";
import { createTrack } from "./track.ts";
import { again, isOfData, transact } from "./transaction.ts";
import { selectWatches } from "./watch-records.ts";

type TrackingStore = Pick<
  Store,
  | "rememberConversation"
  | "greetOnce"
  | "welcomeBack"
  | "forgetConversation"
  | "track"
  | "openWatches"
  | "watch"
  | "latestWatch"
  | "stopWatches"
  | "refresh"
>;

/** What people do: conversations, new watches, lists, stops, refreshes. */
export function trackingStore(db: Db, boss: PgBoss): TrackingStore {
  // Each activity brings one, and whoever wrote waits for it.
  const remember = gatherAnswers<Heard, null>(async (heard) => {
    await again(() => rememberAll(db, heard, "seen"));
    return heard.map(() => null);
  }, isOfData);
  return {
    rememberConversation: async (conversation, now) => void (await remember({ conversation, now })),

    async greetOnce(conversation, now) {
      await remember({ conversation, now });
      const greeted = await db
        .update(conversations)
        .set({ greetedAt: now })
        .where(and(eq(conversations.id, conversation.id), isNull(conversations.greetedAt)))
        .returning({ id: conversations.id });
      return greeted.length > 0;
    },

    async welcomeBack({ id, teamId, tenantId }) {
      const isIt = teamId === null ? eq(conversations.id, id) : eq(conversations.teamId, teamId);
      await db
        .update(conversations)
        .set({ goneAt: null })
        .where(and(isIt, eq(conversations.tenantId, tenantId)));
    },

    forgetConversation: (gone, now) => transact(db, (tx) => forget(boss, tx, gone, now)),

    track: createTrack(db, boss),

    openWatches: (id) => selectWatches(db, and(eq(watches.conversationId, id), isNull(watches.closedAt))),

    async watch(id) {
      const [found] = await selectWatches(db, eq(watches.id, id), { limit: 1 });
      return found ?? null;
    },

    async latestWatch(conversation, keyOrGraphId) {
      const isIt = or(eq(operations.key, keyOrGraphId), eq(operations.graphId, keyOrGraphId));
      const ofConversation = and(eq(watches.conversationId, conversation), isIt);
      const [found] = await selectWatches(db, ofConversation, { order: [desc(watches.seq)], limit: 1 });
      return found ?? null;
    },

    stopWatches: (conversation, ids, now) =>
      transact(db, async (tx) => {
        const ofConversation = eq(watches.conversationId, conversation);
        const asked = ids === null ? ofConversation : and(ofConversation, anyOf(watches.id, ids));
        const closed = await closeWatches(boss, tx, asked, "stopped", now);
        if (closed.length === 0) return [];
        await armDeliveries(boss, tx, [conversation], now);
        const closedIds = closed.map((row) => row.id);
        return selectWatches(tx, anyOf(watches.id, closedIds), { limit: closedIds.length });
      }),

    refresh: (id, now) =>
      transact(db, async (tx) => {
        const [watch] = await selectWatches(tx, eq(watches.id, id), { limit: 1 });
        if (watch === undefined) return null;
        const [operation] = await tx
          .select()
          .from(operations)
          .where(eq(operations.id, watch.operationId))
          .for("no key update");
        if (operation === undefined) return null;
        const [pause] = await tx
          .select({ until: pauses.until })
          .from(pauses)
          .where(and(eq(pauses.side, "graph"), eq(pauses.tenantId, operation.tenantId)));
        const { slotAt, dueAt } = operation;
        // It waits for its place among the tenant's requests; a new one would be a later one.
        const isInLine = slotAt === dueAt && dueAt > now;
        const free = isInLine ? dueAt : Math.max(now, operation.freeAt);
        const at = Math.max(free, pause?.until ?? 0);
        if (operation.live && at < operation.dueAt) {
          await tx.update(operations).set({ dueAt: at }).where(eq(operations.id, operation.id));
          await armChecks(boss, tx, [{ id: operation.id, at }], now);
        }
        return { watch, nextCheckAt: at };
      }),
  };
}
