import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { fromDrizzle, type Job, type JobInsert, type PgBoss, type QueueOptions } from "pg-boss";
import {
  conversationId,
  operationId,
  parseWatchId,
  type ConversationId,
  type EpochMs,
  type OperationId,
  type WatchId,
} from "../core/ids.ts";
import { groupAlarms, type Alarm } from "../core/alarms.ts";
import { pausesOf } from "./conversation-rows.ts";
import type { Tx } from "./database.ts";

/**
 * The alarm clocks. A row says what is due and when; a job only wakes someone to look. So a job
 * may come twice or be lost: the claim on the row decides, and the sweep sets lost alarms again.
 */
const CHECKS = "checks";
const DELIVERIES = "deliveries";
const CALLBACKS = "callbacks";
export const QUEUES = [CHECKS, DELIVERIES, CALLBACKS] as const;

/**
 * `short`: one waiting job for each key, whatever runs. So an alarm can be set again while its
 * predecessor is being handled, and setting it twice does nothing.
 */
const QUEUE = {
  policy: "short",
  notify: true,
  retryLimit: 0,
  expireInSeconds: 60,
  deleteAfterSeconds: 60,
} satisfies QueueOptions & { policy: string; notify: boolean };

/** pg-boss's shortest; a job that is due at once comes by NOTIFY and does not wait for it. */
const POLLING = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };

/** Batches, because one alarm at a time costs 20 to 50 times as much. One for checks wakes for up to fifty operations. */
const CHECK_ALARMS_AT_ONCE = 50;
const DELIVERIES_AT_ONCE = 100;

/** Who found so many, and yet not all that a batch holds, rests so long: the next batch is larger and costs the same. */
const MANY = 8;
const REST_MS = 100;

/** Due before everything that has a time: what was heard and left by a process that ends. */
const LONG_AGO: EpochMs = 0;

/** Whom an alarm wakes somebody for: operations together, or one of them (until 0.1), a conversation or a watch. */
type AlarmData = { readonly ids: readonly string[] } | { readonly id: string };

function idsOf(data: AlarmData): readonly string[] {
  return "ids" in data ? data.ids : [data.id];
}

export async function prepareQueues(boss: PgBoss): Promise<void> {
  for (const name of QUEUES) {
    await boss.createQueue(name, QUEUE);
    // Fills pg-boss's cache of queues: looked up inside a PGlite transaction it would wait for
    // the one connection that the transaction holds.
    await boss.insert(name, []);
  }
}

/**
 * Sets alarms for checks, one for all those that are due at about the same time: a job for each operation
 * would be half of what a check costs. So an operation can have several; the row decides which of them counts.
 */
export async function armChecks(
  boss: PgBoss,
  tx: Tx,
  alarms: readonly Alarm<OperationId>[],
  now: EpochMs,
): Promise<void> {
  await insertCheckAlarms(boss, tx, alarms, now, () => randomUUID());
}

/** The same for those whose alarm was lost; what was set by the sweep before and still waits is not set again. */
export async function armLostChecks(
  boss: PgBoss,
  tx: Tx,
  alarms: readonly Alarm<OperationId>[],
  now: EpochMs,
): Promise<void> {
  await insertCheckAlarms(boss, tx, alarms, now, (n) => `lost ${n}`);
}

async function insertCheckAlarms(
  boss: PgBoss,
  tx: Tx,
  alarms: readonly Alarm<OperationId>[],
  now: EpochMs,
  keyOf: (n: number) => string,
): Promise<void> {
  if (alarms.length === 0) return;
  const jobs = groupAlarms(alarms, now).map(({ ids, at }, n) => checkJob(keyOf(n), ids, at, now));
  await boss.insert(CHECKS, jobs, { db: fromDrizzle(tx, sql) });
}

/** Where more alarms have rung than are heard, those go first that are due longest, and not those that were set first. */
function checkJob(singletonKey: string, ids: readonly OperationId[], at: EpochMs, now: EpochMs): JobInsert {
  return { singletonKey, data: { ids }, priority: -Math.floor(at / 1_000), ...startAfter(at, now) };
}

/** Of the alarms for checks that have rung and that nobody has heard yet, when the oldest was to ring. */
export async function oldestCheckAlarm(tx: Tx): Promise<EpochMs | null> {
  const { rows } = await tx.execute<{ priority: number | null }>(
    sql`select max(priority) as priority from pgboss.job
      where name = ${CHECKS} and state = 'created' and start_after <= now()`,
  );
  const priority = rows[0]?.priority ?? null;
  return priority === null ? null : -priority * 1_000;
}

/** Wakes a delivery for each conversation: at once, or when its pause is over. */
export async function armDeliveries(
  boss: PgBoss,
  tx: Tx,
  ids: Iterable<ConversationId>,
  now: EpochMs,
): Promise<void> {
  await armDeliveriesAt(boss, tx, await deliveryAlarms(tx, ids, now), now);
}

/**
 * Wakes a delivery for those that are paused or wait in line, when that is over.
 * @returns the others
 */
export async function armPaused(
  boss: PgBoss,
  tx: Tx,
  ids: Iterable<ConversationId>,
  now: EpochMs,
): Promise<readonly ConversationId[]> {
  const alarms = await deliveryAlarms(tx, ids, now);
  await armDeliveriesAt(
    boss,
    tx,
    alarms.filter(({ at }) => at > now),
    now,
  );
  return alarms.filter(({ at }) => at === now).map(({ id }) => id);
}

/** Who is woken during a pause finds nothing to do; in a busy tenant that was most of the work. */
async function deliveryAlarms(
  tx: Tx,
  ids: Iterable<ConversationId>,
  now: EpochMs,
): Promise<readonly Alarm<ConversationId>[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const untilOf = await pausesOf(tx, wanted, now);
  return wanted.map((id) => ({ id, at: untilOf.get(id) ?? now }));
}

/** Wakes a delivery for each conversation at its time. */
export async function armDeliveriesAt(
  boss: PgBoss,
  tx: Tx,
  alarms: readonly Alarm<ConversationId>[],
  now: EpochMs,
): Promise<void> {
  await armTelling(DELIVERIES, boss, tx, new Map(alarms.map(({ id, at }) => [id, at])), now);
}

/** Wakes somebody to send each watch's event, at once or at `at`. */
export async function armCallbacks(
  boss: PgBoss,
  tx: Tx,
  ids: Iterable<WatchId>,
  now: EpochMs,
  at: EpochMs = now,
): Promise<void> {
  await armTelling(CALLBACKS, boss, tx, new Map([...ids].map((id) => [id, at])), now);
}

async function armTelling(
  queue: string,
  boss: PgBoss,
  tx: Tx,
  alarms: ReadonlyMap<string, EpochMs>,
  now: EpochMs,
): Promise<void> {
  // In one order, so that replicas that set the same ones do not meet head-on.
  const sorted = [...alarms].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const jobs = sorted.map(([id, at]) => ({
    // One that is sooner must not be held back by one that waits for a pause, or for a place in line.
    singletonKey: at > now ? `${id} ${Math.ceil(at / 1_000)}` : id,
    data: { id },
    ...startAfter(at, now),
  }));
  if (jobs.length > 0) await boss.insert(queue, jobs, { db: fromDrizzle(tx, sql) });
}

export type AlarmHandlers = {
  /** @returns those that somebody else is to be woken for, at once. */
  readonly checks: (ids: readonly OperationId[]) => Promise<readonly OperationId[]>;
  readonly deliveries: (ids: readonly ConversationId[]) => Promise<void>;
  readonly callbacks: (ids: readonly WatchId[]) => Promise<void>;
};

/** Starts the workers. Their handlers return when the work is claimed, not when it is done. */
export async function startWorkers(
  boss: PgBoss,
  handlers: AlarmHandlers,
  onFault: (fault: unknown) => void,
): Promise<void> {
  const options = { ...POLLING, burstWhenBatchFull: true };
  // pg-boss marks the alarms as failed and says nothing; the sweep sets them again.
  const told = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (fault) {
      onFault(fault);
      throw fault;
    }
  };
  const work = async (
    queue: string,
    batchSize: number,
    handle: (ids: readonly string[]) => Promise<void>,
  ): Promise<void> => {
    await boss.work<AlarmData>(queue, { ...options, batchSize }, async (jobs) => {
      const ids = [...new Set(jobs.flatMap((job) => idsOf(job.data)))];
      await told(handle(ids));
      await discard(boss, queue, jobs);
      if (ids.length >= MANY && jobs.length < batchSize) await sleep(REST_MS);
    });
  };
  await work(CHECKS, CHECK_ALARMS_AT_ONCE, async (ids) => {
    const left = await handlers.checks(ids.map(operationId));
    const alarms = groupAlarms(
      left.map((id) => ({ id, at: LONG_AGO })),
      LONG_AGO,
    );
    const jobs = alarms.map((alarm) => checkJob(randomUUID(), alarm.ids, alarm.at, LONG_AGO));
    if (jobs.length > 0) await boss.insert(CHECKS, jobs);
  });
  await work(DELIVERIES, DELIVERIES_AT_ONCE, (ids) => handlers.deliveries(ids.map(conversationId)));
  await work(CALLBACKS, DELIVERIES_AT_ONCE, (ids) =>
    handlers.callbacks(ids.flatMap((id) => parseWatchId(id) ?? [])),
  );
}

/** No new work from here on; what was claimed goes on. */
export async function stopWorkers(boss: PgBoss): Promise<void> {
  await Promise.all([CHECKS, DELIVERIES, CALLBACKS].map((queue) => boss.offWork(queue)));
}

/** A rung alarm has no history worth keeping, and keeping it would make the table grow. */
async function discard(boss: PgBoss, queue: string, jobs: readonly Job[]): Promise<void> {
  await boss.deleteJob(
    queue,
    jobs.map((job) => job.id),
  );
}

function startAfter(at: EpochMs, now: EpochMs): { startAfter?: string } {
  return at > now ? { startAfter: new Date(at).toISOString() } : {};
}
