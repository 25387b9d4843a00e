import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { newWatchId, type EpochMs, type WatchId } from "../core/ids.ts";
import { gather } from "../flows/gather.ts";
import {
  ConversationGoneError,
  type Store,
  type Tracked,
  type TrackInput,
  type WatchExtras,
} from "../flows/ports.ts";
import { rememberAll } from "./conversation-rows.ts";
import type { Db, Tx } from "./database.ts";
import { armCallbacks, armChecks, armDeliveries } from "./jobs.ts";
import { toJsonb } from "./jsonb.ts";
import { lockOperations, revised, rowKey, wake } from "./operation-rows.ts";
import { conversations, requests, watches } from "./schema.ts";
import { sqlStateOf, transact } from "./transaction.ts";
import { recordOf, selectWatches, type OperationRow } from "./watch-records.ts";

/** As many requests share a transaction at most. */
const TOGETHER = 100;

type Asked = {
  readonly input: TrackInput;
  readonly now: EpochMs;
  /** Of the watches, made before: should the work be done twice, it makes the same ones. */
  readonly ids: readonly WatchId[];
};
/** What came of one request; a fault of its own is no other's. */
type Done = { readonly tracked: readonly Tracked[] } | { readonly fault: unknown };
type Held = { readonly asked: Asked; done: Done | null };

/**
 * `track`, for many at once: requests that come within a few milliseconds of each other share a
 * transaction and its statements, whose number does not grow with theirs.
 */
export function createTrack(db: Db, boss: PgBoss): Store["track"] {
  const run = gather<Held>(async (all) => {
    for (let i = 0; i < all.length; i += TOGETHER) await trackTogether(db, boss, all.slice(i, i + TOGETHER));
  });
  return async (input, now) => {
    const held: Held = { asked: { input, now, ids: input.addresses.map(newWatchId) }, done: null };
    await run(held);
    if (held.done === null) throw new Error("A request to track was lost.");
    if ("fault" in held.done) throw held.done.fault;
    return held.done.tracked;
  };
}

async function trackTogether(db: Db, boss: PgBoss, held: readonly Held[]): Promise<void> {
  try {
    const done = await transact(db, (tx) =>
      trackAll(
        boss,
        tx,
        held.map(({ asked }) => asked),
      ),
    );
    for (const [index, one] of held.entries()) one.done = done[index] ?? null;
  } catch (fault) {
    // What one of them brought is not to hurt the others; a database that is away is away for all.
    const isOfOne = fault instanceof TrackError || /^2[23]/u.test(sqlStateOf(fault));
    if (held.length === 1 || !isOfOne) for (const one of held) one.done = { fault };
    else for (const one of held) await trackTogether(db, boss, [one]);
  }
}

/** What can't be done for one request. */
class TrackError extends Error {
  override readonly name = "TrackError";
}

async function trackAll(boss: PgBoss, tx: Tx, asked: readonly Asked[]): Promise<readonly Done[]> {
  const now = Math.max(...asked.map((each) => each.now));
  const faults = await rememberAsked(tx, asked);
  const good = asked.filter((_, index) => faults[index] === null);
  const { rows, made } = await lockOperations(tx, good);
  const wanted = [];
  for (const each of good) {
    for (const [index, { key }] of each.input.addresses.entries()) {
      const row = rows.get(rowKey(each.input.conversation.tenantId, key));
      if (row === undefined) throw new TrackError(`Operation ${key} vanished while it was being tracked.`);
      const operation = await revised(boss, tx, row, each.input.areGuesses, each.now);
      wanted.push({
        asked: each,
        operation,
        values: watchOf(each, operation, each.ids[index] ?? newWatchId()),
      });
    }
  }
  const inserted =
    wanted.length === 0
      ? []
      : await tx
          .insert(watches)
          .values(wanted.map(({ values }) => values))
          .onConflictDoNothing()
          .returning();
  const byId = new Map(inserted.map((row) => [row.id, row]));
  const trackedOf = new Map<Asked, Tracked[]>(good.map((each) => [each, []]));
  const woken = new Set(made);
  for (const { asked: each, operation, values } of wanted) {
    const row = byId.get(values.id);
    const isAsleep = operation.outcome === null && !operation.live && !woken.has(operation.id);
    if (row !== undefined && isAsleep) {
      woken.add(operation.id);
      await wake(boss, tx, operation, each.now);
    }
    trackedOf
      .get(each)
      ?.push(
        row === undefined
          ? await existing(tx, each.input, operation, values.id)
          : { watch: recordOf(row, operation), isNew: true },
      );
  }
  await armChecks(
    boss,
    tx,
    made.map((id) => ({ id, at: now })),
    now,
  );
  const told = good
    .filter(({ input }) => input.extras !== undefined)
    .map(({ input }) => input.conversation.id);
  await armDeliveries(boss, tx, [...inserted.map((row) => row.conversationId), ...told], now);
  const events = inserted.filter((row) => row.callbackWanted > 0).map((row) => row.id);
  await armCallbacks(boss, tx, events, now);
  await endRequests(tx, trackedOf);
  return asked.map((each, index): Done => {
    const fault = faults[index] ?? null;
    return fault === null ? { tracked: trackedOf.get(each) ?? [] } : { fault };
  });
}

/** The conversations' rows; a fault for whoever may not write to theirs. */
async function rememberAsked(tx: Tx, asked: readonly Asked[]): Promise<readonly (Error | null)[]> {
  // Somebody who writes in a chat shows that the bot is there; a pipeline shows nothing.
  const [people, pipelines] = [
    asked.filter(({ input }) => input.extras === undefined),
    asked.filter(({ input }) => input.extras !== undefined),
  ];
  await rememberAll(
    tx,
    people.map(({ input, now }) => ({ conversation: input.conversation, now })),
    "seen",
  );
  await rememberAll(
    tx,
    pipelines.map(({ input, now }) => ({ conversation: input.conversation, now })),
    "named",
  );
  const ids = [...new Set(asked.map(({ input }) => input.conversation.id))];
  const known = await tx
    .select({ id: conversations.id, tenantId: conversations.tenantId, goneAt: conversations.goneAt })
    .from(conversations)
    .where(inArray(conversations.id, ids));
  const byId = new Map(known.map((row) => [row.id, row]));
  return asked.map(({ input: { conversation } }) => {
    const row = byId.get(conversation.id);
    if (row?.tenantId !== conversation.tenantId) {
      return new Error(`Conversation ${conversation.id} belongs to another tenant.`);
    }
    return row.goneAt === null ? null : new ConversationGoneError();
  });
}

function watchOf(
  { input, now }: Asked,
  operation: OperationRow,
  id: WatchId,
): typeof watches.$inferInsert & { id: WatchId } {
  const { conversation, threadId, requester, notify, expiresAt, extras } = input;
  const isOver = operation.outcome !== null;
  const callback = extras?.callback ?? null;
  return {
    id,
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
    callbackWanted: isOver && callback !== null ? 1 : 0,
    callbackDueAt: isOver && callback !== null ? now : null,
    createdAt: now,
    expiresAt,
    closedAt: isOver ? now : null,
    closeReason: isOver ? "ended" : null,
  };
}

/** The watch that was there before: made by the same request, or the open one, which then serves two. */
async function existing(tx: Tx, input: TrackInput, operation: OperationRow, id: WatchId): Promise<Tracked> {
  const [own] = await selectWatches(tx, eq(watches.id, id), { limit: 1 });
  if (own !== undefined) return { watch: own, isNew: true };
  const isOpen = and(
    eq(watches.operationId, operation.id),
    eq(watches.conversationId, input.conversation.id),
    isNull(watches.closedAt),
  );
  const [found] = await selectWatches(tx, isOpen, { limit: 1 });
  if (found === undefined) {
    throw new TrackError(`No watch could be made or found for operation ${operation.id}.`);
  }
  if (input.extras !== undefined) await adopt(tx, found.id, input.extras, input.expiresAt);
  return { watch: found, isNew: false };
}

/** A watch that was there already gets what the pipeline brings and it has not: one card serves both. */
async function adopt(
  tx: Tx,
  id: WatchId,
  { title, link, callback }: WatchExtras,
  expiresAt: EpochMs,
): Promise<void> {
  const until = new Date(expiresAt).toISOString();
  await tx
    .update(watches)
    .set({
      title: sql`coalesce(${watches.title}, ${title})`,
      link: sql`coalesce(${watches.link}, ${link})`,
      ...(callback === null
        ? {}
        : { callback: sql`coalesce(${watches.callback}, ${toJsonb(callback)}::jsonb)` }),
      expiresAt: sql`greatest(${watches.expiresAt}, ${until}::timestamptz)`,
      // The card is to show it.
      wanted: sql`${watches.wanted} + 1`,
    })
    .where(eq(watches.id, id));
}

/** An Idempotency-Key is answered with its watch from here on. */
async function endRequests(tx: Tx, trackedOf: ReadonlyMap<Asked, readonly Tracked[]>): Promise<void> {
  const ended = [...trackedOf].flatMap(([{ input }, [first]]) => {
    const request = input.extras?.request ?? null;
    if (request === null || first === undefined) return [];
    const { tenantId: tenant_id, caller, key } = request;
    return [{ tenant_id, caller, key, watch_id: first.watch.id }];
  });
  if (ended.length === 0) return;
  await tx.execute(sql`update ${requests} r set watch_id = v.watch_id
    from jsonb_to_recordset(${toJsonb(ended)}::jsonb) as v(tenant_id text, caller text, key text, watch_id uuid)
    where r.tenant_id = v.tenant_id and r.caller = v.caller and r.key = v.key`);
}
