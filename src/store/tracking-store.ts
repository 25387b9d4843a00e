import { and, desc, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { EpochMs, WatchId } from "../core/ids.ts";
import { newOperation, type Outcome } from "../core/operation.ts";
import type { Conversation, Store, Tracked, TrackInput, WatchExtras } from "../flows/ports.ts";
import { closeWatches, forget } from "./closing.ts";
import type { Db, Tx } from "./database.ts";
import { armCallbacks, armChecks, armDeliveries, hastenCheck } from "./jobs.ts";
import { conversations, operations, pauses, watches } from "./schema.ts";
import { transact } from "./transaction.ts";
import { recordOf, selectWatches, stateOf, type OperationRow } from "./watch-records.ts";

type TrackingStore = Pick<
  Store,
  | "rememberConversation"
  | "greetOnce"
  | "forgetConversation"
  | "track"
  | "openWatches"
  | "watch"
  | "latestWatch"
  | "stopWatches"
  | "refresh"
>;

/** Ends that are no word of Graph's: asking again may well give another answer. */
const REVISABLE: ReadonlySet<Outcome> = new Set(["unavailable", "notFound", "forbidden"]);

/** What people do: conversations, new watches, lists, stops, refreshes. */
export function trackingStore(db: Db, boss: PgBoss): TrackingStore {
  return {
    rememberConversation: (conversation, now) => remember(db, conversation, now),

    async greetOnce(conversation, now) {
      await remember(db, conversation, now);
      const greeted = await db
        .update(conversations)
        .set({ greetedAt: now })
        .where(and(eq(conversations.id, conversation.id), isNull(conversations.greetedAt)))
        .returning({ id: conversations.id });
      return greeted.length > 0;
    },

    forgetConversation: (id, now) => transact(db, (tx) => forget(tx, id, now)),

    track: (input, now) =>
      transact(db, async (tx) => {
        await remember(tx, input.conversation, now);
        const [known] = await tx
          .select({ tenantId: conversations.tenantId })
          .from(conversations)
          .where(eq(conversations.id, input.conversation.id));
        if (known?.tenantId !== input.conversation.tenantId) {
          throw new Error(`Conversation ${input.conversation.id} belongs to another tenant.`);
        }
        const rows = await lockOperations(tx, input, now);
        const tracked: Tracked[] = [];
        for (const { key } of input.addresses) {
          const operation = rows.get(key);
          if (operation === undefined)
            throw new Error(`Operation ${key} vanished while it was being tracked.`);
          const row = await revised(boss, tx, operation, input.areGuesses, now);
          tracked.push(await trackOne(boss, tx, input, row, now));
        }
        if (tracked.some(({ isNew }) => isNew)) {
          await armDeliveries(boss, tx, [input.conversation.id], now);
        }
        return tracked;
      }),

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
        const asked = ids === null ? ofConversation : and(ofConversation, inArray(watches.id, [...ids]));
        const closed = await closeWatches(tx, asked, "stopped", now);
        if (closed.length === 0) return [];
        await armDeliveries(boss, tx, [conversation], now);
        const closedIds = closed.map((row) => row.id);
        return selectWatches(tx, inArray(watches.id, closedIds), { limit: closedIds.length });
      }),

    refresh: (id, now) =>
      transact(db, async (tx) => {
        const [watch] = await selectWatches(tx, eq(watches.id, id), { limit: 1 });
        if (watch === undefined) return null;
        const [operation] = await tx
          .select()
          .from(operations)
          .where(eq(operations.id, watch.operationId))
          .for("update");
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
          await hastenCheck(boss, tx, { id: operation.id, at }, now);
        }
        return { watch, nextCheckAt: at };
      }),
  };
}

async function remember(db: Db | Tx, conversation: Conversation, now: EpochMs): Promise<void> {
  const { id, tenantId, kind, teamId, groupId, userId, reference } = conversation;
  await db
    .insert(conversations)
    .values({ id, tenantId, kind, teamId, groupId, userId, reference, seenAt: now })
    .onConflictDoUpdate({
      target: conversations.id,
      // A conversation belongs to one tenant; whoever comes with another one changes nothing.
      setWhere: eq(conversations.tenantId, tenantId),
      set: {
        kind,
        // Not every activity names the team.
        teamId: sql`coalesce(excluded.team_id, ${conversations.teamId})`,
        groupId: sql`coalesce(excluded.group_id, ${conversations.groupId})`,
        userId: sql`coalesce(excluded.user_id, ${conversations.userId})`,
        seenAt: now,
        goneAt: null,
        reference,
      },
    });
}

async function trackOne(
  boss: PgBoss,
  tx: Tx,
  input: TrackInput,
  operation: OperationRow,
  now: EpochMs,
): Promise<Tracked> {
  const { conversation, threadId, requester, notify, expiresAt, extras } = input;
  const isOver = operation.outcome !== null;
  const callback = extras?.callback ?? null;
  const [made] = await tx
    .insert(watches)
    .values({
      operationId: operation.id,
      conversationId: conversation.id,
      threadId,
      requester,
      notify,
      title: extras?.title ?? null,
      link: extras?.link ?? null,
      caller: extras?.caller ?? null,
      callback,
      // It has ended already: that is the event.
      ...(isOver && callback !== null ? { callbackWanted: 1, callbackDueAt: now } : {}),
      createdAt: now,
      expiresAt,
      closedAt: isOver ? now : null,
      closeReason: isOver ? "ended" : null,
    })
    .onConflictDoNothing()
    .returning();
  if (made === undefined) {
    const isOpen = and(
      eq(watches.operationId, operation.id),
      eq(watches.conversationId, conversation.id),
      isNull(watches.closedAt),
    );
    const [existing] = await selectWatches(tx, isOpen, { limit: 1 });
    if (existing === undefined)
      throw new Error(`No watch could be made or found for operation ${operation.id}.`);
    if (extras !== undefined) await adopt(tx, existing.id, extras);
    return { watch: existing, isNew: false };
  }
  if (isOver && callback !== null) await armCallbacks(boss, tx, [made.id], now);
  if (!isOver && !operation.live) await wake(boss, tx, operation, now);
  return { watch: recordOf(made, operation), isNew: true };
}

/** A watch that was there already gets what the pipeline brings and it has not: one card serves both. */
async function adopt(tx: Tx, id: WatchId, { title, link, callback }: WatchExtras): Promise<void> {
  await tx
    .update(watches)
    .set({
      title: sql`coalesce(${watches.title}, ${title})`,
      link: sql`coalesce(${watches.link}, ${link})`,
      ...(callback === null ? {} : { callback }),
    })
    .where(eq(watches.id, id));
}

/**
 * The operations' rows by key, made where they are not there, and locked against checks that are
 * being saved: in the order of their ids, as everywhere, so that nobody meets us head-on.
 */
async function lockOperations(
  tx: Tx,
  { conversation: { tenantId }, addresses, areGuesses }: TrackInput,
  now: EpochMs,
): Promise<ReadonlyMap<string, OperationRow>> {
  const state = newOperation(now, areGuesses);
  const made = addresses.map(({ key, kind, version, path, owner, operation: graphId }) => ({
    tenantId,
    key,
    kind,
    version,
    path,
    owner,
    graphId,
    state,
    live: false,
    dueAt: now,
    freeAt: now,
  }));
  await tx
    .insert(operations)
    .values(made.toSorted((a, b) => (a.key < b.key ? -1 : 1)))
    .onConflictDoNothing();
  const keys = addresses.map(({ key }) => key);
  const rows = await tx
    .select()
    .from(operations)
    .where(and(eq(operations.tenantId, tenantId), inArray(operations.key, keys)))
    .orderBy(operations.id)
    .for("update");
  return new Map(rows.map((row) => [row.key, row]));
}

/** An operation whose end was none of Graph's is asked for anew. */
async function revised(
  boss: PgBoss,
  tx: Tx,
  found: OperationRow,
  isGuess: boolean,
  now: EpochMs,
): Promise<OperationRow> {
  if (found.outcome === null) return isGuess ? found : confirmed(boss, tx, found, now);
  if (!REVISABLE.has(found.outcome)) return found;
  // Watches that ended with it go on showing that end.
  await tx
    .update(watches)
    .set({ finalState: stateOf(found) })
    .where(and(eq(watches.operationId, found.id), isNotNull(watches.closedAt), isNull(watches.finalState)));
  const afresh = { state: newOperation(now, isGuess), outcome: null, answeredAt: null };
  await tx.update(operations).set(afresh).where(eq(operations.id, found.id));
  return { ...found, ...afresh };
}

/**
 * Somebody has its whole address: it is no guess any more. An answer that is under way was asked for
 * as one, so its claim is taken from it; the floor between two checks stays.
 */
async function confirmed(boss: PgBoss, tx: Tx, found: OperationRow, now: EpochMs): Promise<OperationRow> {
  if (!found.state.isGuess) return found;
  const state = { ...found.state, isGuess: false };
  const claim = found.claim + 1;
  await tx.update(operations).set({ state, claim }).where(eq(operations.id, found.id));
  if (found.live) await armChecks(boss, tx, [{ id: found.id, at: found.dueAt }], now);
  return { ...found, state, claim };
}

/** Starts the checks of an operation that nobody watched; the floor between two checks stays. */
async function wake(boss: PgBoss, tx: Tx, operation: OperationRow, now: EpochMs): Promise<void> {
  const { id, state, claim } = operation;
  const dueAt = Math.max(now, operation.freeAt);
  // Its age and its troubles are of those who watched it before.
  const afresh = { ...state, trackedAt: now, trouble: null, isSlow: false };
  await tx.update(operations).set({ live: true, dueAt, state: afresh }).where(eq(operations.id, id));
  // One that was checked before may have an alarm left that is far away.
  if (claim > 0) await hastenCheck(boss, tx, { id, at: dueAt }, now);
  else await armChecks(boss, tx, [{ id, at: dueAt }], now);
}
