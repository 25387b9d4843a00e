import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import type { Address } from "../core/address.ts";
import { newWatchId, type EpochMs, type OperationId, type TenantId, type WatchId } from "../core/ids.ts";
import { newOperation, type Outcome } from "../core/operation.ts";
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
import { armCallbacks, armChecks, armDeliveries, hastenCheck } from "./jobs.ts";
import { toJsonb } from "./jsonb.ts";
import { conversations, operations, requests, watches } from "./schema.ts";
import { transact } from "./transaction.ts";
import { recordOf, selectWatches, stateOf, type OperationRow } from "./watch-records.ts";

/** Ends that are no word of Graph's: asking again may well give another answer. */
const REVISABLE: ReadonlySet<Outcome> = new Set(["unavailable", "notFound", "forbidden"]);

/** As many requests share a transaction at most. */
const TOGETHER = 100;

type Asked = { readonly input: TrackInput; readonly now: EpochMs };
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
    const held: Held = { asked: { input, now }, done: null };
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
    const [only] = held;
    if (held.length === 1 && only !== undefined) only.done = { fault };
    // Whoever it was, the others are not to suffer for it.
    else for (const one of held) await trackTogether(db, boss, [one]);
  }
}

async function trackAll(boss: PgBoss, tx: Tx, asked: readonly Asked[]): Promise<readonly Done[]> {
  const now = Math.max(...asked.map((each) => each.now));
  const faults = await rememberAsked(tx, asked);
  const good = asked.filter((_, index) => faults[index] === null);
  const { rows, made } = await lockOperations(tx, good);
  const wanted = [];
  for (const each of good) {
    for (const { key } of each.input.addresses) {
      const row = rows.get(rowKey(each.input.conversation.tenantId, key));
      if (row === undefined) throw new Error(`Operation ${key} vanished while it was being tracked.`);
      const operation = await revised(boss, tx, row, each.input.areGuesses, each.now);
      wanted.push({ asked: each, operation, values: watchOf(each, operation) });
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
          ? { watch: await existing(tx, each.input, operation), isNew: false }
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
): typeof watches.$inferInsert & { id: WatchId } {
  const { conversation, threadId, requester, notify, expiresAt, extras } = input;
  const isOver = operation.outcome !== null;
  const callback = extras?.callback ?? null;
  return {
    id: newWatchId(),
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

/** The open watch that was there before; with it a pipeline's card serves two. */
async function existing(tx: Tx, input: TrackInput, operation: OperationRow): Promise<Tracked["watch"]> {
  const isOpen = and(
    eq(watches.operationId, operation.id),
    eq(watches.conversationId, input.conversation.id),
    isNull(watches.closedAt),
  );
  const [found] = await selectWatches(tx, isOpen, { limit: 1 });
  if (found === undefined) throw new Error(`No watch could be made or found for operation ${operation.id}.`);
  if (input.extras !== undefined) await adopt(tx, found.id, input.extras);
  return found;
}

/** A watch that was there already gets what the pipeline brings and it has not: one card serves both. */
async function adopt(tx: Tx, id: WatchId, { title, link, callback }: WatchExtras): Promise<void> {
  await tx
    .update(watches)
    .set({
      title: sql`coalesce(${watches.title}, ${title})`,
      link: sql`coalesce(${watches.link}, ${link})`,
      ...(callback === null
        ? {}
        : { callback: sql`coalesce(${watches.callback}, ${toJsonb(callback)}::jsonb)` }),
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

function rowKey(tenantId: TenantId, key: string): string {
  return `${tenantId} ${key}`;
}

type Named = {
  readonly tenantId: TenantId;
  readonly address: Address;
  readonly now: EpochMs;
  readonly isGuess: boolean;
};

/**
 * The operations' rows, made where they are not there (`made`, live from the start), and locked
 * against checks that are being saved: in the order of their ids, as everywhere, so that nobody
 * meets us head-on.
 */
async function lockOperations(
  tx: Tx,
  asked: readonly Asked[],
): Promise<{ readonly rows: ReadonlyMap<string, OperationRow>; readonly made: readonly OperationId[] }> {
  const named = new Map<string, Named>();
  for (const { input, now } of asked) {
    const { tenantId } = input.conversation;
    for (const address of input.addresses) {
      const key = rowKey(tenantId, address.key);
      // Named by its whole address by anybody, it is no guess.
      if (named.get(key)?.isGuess !== false)
        named.set(key, { tenantId, address, now, isGuess: input.areGuesses });
    }
  }
  if (named.size === 0) return { rows: new Map(), made: [] };
  const ordered = [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const made = await tx
    .insert(operations)
    .values(ordered.map(operationOf))
    .onConflictDoNothing()
    .returning({ id: operations.id });
  const keys = toJsonb(ordered.map(({ tenantId, address }) => ({ tenant_id: tenantId, key: address.key })));
  const rows = await tx
    .select()
    .from(operations)
    .where(
      sql`(${operations.tenantId}, ${operations.key}) in
        (select r.tenant_id, r.key from jsonb_to_recordset(${keys}::jsonb) as r(tenant_id text, key text))`,
    )
    .orderBy(operations.id)
    .for("update");
  return {
    rows: new Map(rows.map((row) => [rowKey(row.tenantId, row.key), row])),
    made: made.map(({ id }) => id),
  };
}

function operationOf({ tenantId, address, now, isGuess }: Named): typeof operations.$inferInsert {
  const { key, kind, version, path, owner, operation: graphId } = address;
  const state = newOperation(now, isGuess);
  return { tenantId, key, kind, version, path, owner, graphId, state, live: true, dueAt: now, freeAt: now };
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
