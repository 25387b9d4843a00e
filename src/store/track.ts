import { createHash } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { newWatchId, watchIdOf, type ConversationId, type EpochMs, type WatchId } from "../core/ids.ts";
import { gatherAnswers } from "../flows/gather.ts";
import {
  ConversationGoneError,
  type Store,
  type Tracked,
  type TrackInput,
  type WatchExtras,
} from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import { rememberAll } from "./conversation-rows.ts";
import type { Db, Tx } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { armCallbacks, armChecks, armDeliveriesAt } from "./jobs.ts";
import { toJsonb } from "./jsonb.ts";
import { lockOperations, revised, rowKey, wake } from "./operation-rows.ts";
import { endRequests } from "./requests.ts";
import { conversations, watches } from "./schema.ts";
import { isOfData, transact } from "./transaction.ts";
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

/**
 * `track`, for many at once: requests that come within a few milliseconds of each other share a
 * transaction and its statements, whose number does not grow with theirs.
 */
export function createTrack(db: Db, boss: PgBoss): Store["track"] {
  const run = gatherAnswers<Asked, Done>(async (all) => {
    const done: Done[] = [];
    for (let i = 0; i < all.length; i += TOGETHER) {
      done.push(...(await trackTogether(db, boss, all.slice(i, i + TOGETHER))));
    }
    return done;
  });
  return async (input, now) => {
    const done = await run({ input, now, ids: idsOf(input) });
    if ("fault" in done) throw done.fault;
    return done.tracked;
  };
}

/** Made of the message, if there is one: when it comes again, what it made is found, be it over by then. */
function idsOf({ conversation, threadId, addresses, askedBy }: TrackInput): readonly WatchId[] {
  if (askedBy === null) return addresses.map(newWatchId);
  return addresses.map(({ key }) => {
    const whose = JSON.stringify([conversation.tenantId, threadId, askedBy, key]);
    return watchIdOf(createHash("sha256").update(whose).digest("hex"));
  });
}

async function trackTogether(db: Db, boss: PgBoss, asked: readonly Asked[]): Promise<readonly Done[]> {
  try {
    const work = (): Promise<readonly Done[]> => transact(db, (tx) => trackAll(boss, tx, asked));
    return await work().catch((fault: unknown) => {
      if (fault instanceof VanishedError) return work();
      throw fault;
    });
  } catch (fault) {
    // What one of them brought is not to hurt the others; a database that is away is away for all.
    const isOfOne = fault instanceof TrackError || isOfData(fault);
    if (asked.length === 1 || !isOfOne) return asked.map(() => ({ fault }));
    const done: Done[] = [];
    for (const one of asked) done.push(...(await trackTogether(db, boss, [one])));
    return done;
  }
}

/** What can't be done for one request. */
class TrackError extends Error {
  override readonly name = "TrackError";
}

/** It was there, and was retired before it could be locked: another try makes it anew. */
class VanishedError extends TrackError {}

async function trackAll(boss: PgBoss, tx: Tx, asked: readonly Asked[]): Promise<readonly Done[]> {
  const now = Math.max(...asked.map((each) => each.now));
  const { faults, wakeAt } = await rememberAsked(tx, asked, now);
  const good = asked.filter((_, index) => faults[index] === null);
  const { rows, made } = await lockOperations(tx, good);
  const wanted = [];
  for (const each of good) {
    for (const [index, { key }] of each.input.addresses.entries()) {
      const row = rows.get(rowKey(each.input.conversation.tenantId, key));
      if (row === undefined) throw new VanishedError(`Operation ${key} vanished while it was being tracked.`);
      const operation = await revised(boss, tx, row, each.input.areGuesses, each.now);
      wanted.push({
        asked: each,
        operation,
        values: watchOf(each, operation, each.ids[index] ?? newWatchId()),
      });
    }
  }
  const isInserted = new Set(
    await insertRows<typeof watches, WatchId>(
      tx,
      watches,
      wanted.map(({ values }) => values),
      sql`id`,
    ),
  );
  const trackedOf = new Map<Asked, Tracked[]>(good.map((each) => [each, []]));
  const woken = new Set(made);
  for (const { asked: each, operation, values } of wanted) {
    const isNew = isInserted.has(values.id);
    const isAsleep = operation.outcome === null && !operation.live && !woken.has(operation.id);
    if (isNew && isAsleep) {
      woken.add(operation.id);
      await wake(boss, tx, operation, each.now);
    }
    trackedOf
      .get(each)
      ?.push(
        isNew
          ? { watch: recordOf({ ...values, activityId: null, finalState: null }, operation), isNew }
          : await existing(tx, each.input, operation, values.id),
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
  const inserted = wanted.filter(({ values }) => isInserted.has(values.id)).map(({ values }) => values);
  const toWake = [...new Set([...inserted.map((row) => row.conversationId), ...told])];
  // As `armDeliveries` does, with what is known here already.
  await armDeliveriesAt(
    boss,
    tx,
    toWake.map((id) => ({ id, at: wakeAt.get(id) ?? now })),
    now,
  );
  const events = inserted.filter((row) => row.callbackWanted > 0).map((row) => row.id);
  await armCallbacks(boss, tx, events, now);
  const ended = [...trackedOf].flatMap(([{ input, now: askedAt }, [first]]) => {
    const request = input.extras?.request ?? null;
    return request === null || first === undefined ? [] : [{ request, now: askedAt, watch: first.watch.id }];
  });
  await endRequests(tx, ended);
  return asked.map((each, index): Done => {
    const fault = faults[index] ?? null;
    return fault === null ? { tracked: trackedOf.get(each) ?? [] } : { fault };
  });
}

/**
 * Where even new cards wait for room in their tenant, nobody is woken for each one more: together they are, so late.
 * With 500 new watches a second these were an eighth of all work.
 */
const CROWDED_MS = 1_000;

/** The conversations' rows: a fault for whoever may not write to theirs, and when each is to be woken. */
async function rememberAsked(
  tx: Tx,
  asked: readonly Asked[],
  latest: EpochMs,
): Promise<{
  readonly faults: readonly (Error | null)[];
  readonly wakeAt: ReadonlyMap<ConversationId, EpochMs>;
}> {
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
  const known = await rowsOf(tx, asked, latest);
  const isKnown = new Set(known.map(({ id }) => id));
  const named = pipelines.filter(({ input }) => !isKnown.has(input.conversation.id));
  if (named.length > 0) {
    await rememberAll(
      tx,
      named.map(({ input, now }) => ({ conversation: input.conversation, now })),
      "named",
    );
    known.push(...(await rowsOf(tx, named, latest)));
  }
  const byId = new Map(known.map((row) => [row.id, row]));
  const faults = asked.map(({ input: { conversation } }) => {
    const row = byId.get(conversation.id);
    if (row?.tenantId !== conversation.tenantId) {
      return new Error(`Conversation ${conversation.id} belongs to another tenant.`);
    }
    return row.goneAt === null ? null : new ConversationGoneError();
  });
  const wakeAt = known.map(({ id, pausedUntil, hasPostInLine }): [ConversationId, EpochMs] => [
    id,
    Math.max(pausedUntil ?? 0, hasPostInLine ? latest + CROWDED_MS : latest),
  ]);
  return { faults, wakeAt: new Map(wakeAt) };
}

async function rowsOf(tx: Tx, asked: readonly Asked[], now: EpochMs) {
  const { id, tenantId, goneAt, pausedUntil } = conversations;
  const hasPostInLine = sql<boolean>`case when ${conversations}.place_at > ${now}::float8 then exists (
    select 1 from ${watches} w where w.conversation_id = ${conversations}.id
      and w.wanted > w.delivered and w.activity_id is null and w.shown is null) else false end`;
  return tx
    .select({ id, tenantId, goneAt, pausedUntil, hasPostInLine })
    .from(conversations)
    .where(anyOf(id, new Set(asked.map(({ input }) => input.conversation.id))));
}

function watchOf({ input, now }: Asked, operation: OperationRow, id: WatchId) {
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
    closeReason: isOver ? ("ended" as const) : null,
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
