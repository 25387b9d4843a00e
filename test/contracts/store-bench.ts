import { eq, sql } from "drizzle-orm";
import { parseAddress, type Address } from "../../src/core/address.ts";
import {
  conversationId,
  tenantId,
  type ConversationId,
  type EpochMs,
  type OperationId,
  type WatchId,
} from "../../src/core/ids.ts";
import type { OperationState, Outcome } from "../../src/core/operation.ts";
import { paceOf, type Pace } from "../../src/core/slots.ts";
import type { Phase, Snapshot } from "../../src/core/snapshot.ts";
import type {
  CheckedOperation,
  ClaimedOperation,
  Conversation,
  Store,
  TrackInput,
  Tracked,
} from "../../src/flows/ports.ts";
import type { Database } from "../../src/store/database.ts";
import { conversations, operations, watches } from "../../src/store/schema.ts";
import { LEAD_MS } from "../../src/store/places.ts";
import { createStore } from "../../src/store/store.ts";
import type { OperationRow, WatchRow } from "../../src/store/watch-records.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

/** Tests' time begins here: after anything that the database's own clock will say during them. */
export const T0: EpochMs = (Math.ceil(Date.now() / 1000) + 3_600) * 1000;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const INTERVAL = 31 * SECOND;
/** As the checks reckon it: the longest request and one interval. */
export const LEASE = 41 * SECOND;
export const DELIVERY_LEASE = 20 * SECOND;

export const TENANT = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
export const OTHER_TENANT = tenantId("11111111-2222-4333-8444-555555555555");

export function aConversation(name: string, tenant = TENANT): Conversation {
  return {
    id: conversationId(`19:${name}@thread.v2`),
    tenantId: tenant,
    kind: "groupChat",
    teamId: null,
    groupId: null,
    userId: null,
    reference: { serviceUrl: "https://smba.trafficmanager.net/emea/", botId: "28:bot", botName: "Opwatch" },
  };
}

/** The address of a team's operation; every number is another one, in a team of its own. */
export function anAddress(n: number | string = 1): Address {
  return addressOf(`/teams('team-${n}')/operations('op-${n}')`);
}

export function addressOf(text: string): Address {
  const result = parseAddress(text, GLOBAL_GRAPH);
  if (!result.ok) throw new Error(`"${text}" is no address: ${result.problem}.`);
  return result.address;
}

export function aTrack(conversation: Conversation, fields: Partial<TrackInput> = {}): TrackInput {
  return {
    conversation,
    threadId: conversation.id,
    requester: { id: "29:alex", name: "Alex Wilber" },
    notify: "auto",
    askedBy: null,
    addresses: [anAddress()],
    areGuesses: false,
    expiresAt: T0 + 168 * HOUR,
    ...fields,
  };
}

const STATUSES: ReadonlyMap<Phase, string> = new Map([
  ["waiting", "notStarted"],
  ["running", "inProgress"],
  ["unrecognised", "new"],
]);

export function aSnapshot(phase: Phase, fields: Partial<Snapshot> = {}): Snapshot {
  return {
    phase,
    status: STATUSES.get(phase) ?? phase,
    operationType: "createTeam",
    attempts: 1,
    createdAt: T0,
    targetId: null,
    targetLocation: null,
    error: null,
    detail: null,
    percent: null,
    steps: [],
    ...fields,
  };
}

export function nothingNew(claimed: ClaimedOperation, at: EpochMs): CheckedOperation {
  return {
    id: claimed.id,
    claim: claimed.claim,
    state: null,
    answeredAt: at,
    dueAt: at + INTERVAL,
    freeAt: at + INTERVAL,
    news: "nothing",
  };
}

export function changed(
  claimed: ClaimedOperation,
  at: EpochMs,
  state: Partial<OperationState> = { snapshot: aSnapshot("running") },
): CheckedOperation {
  const after = { ...claimed.state, answeredAt: at, changedAt: at, ...state };
  return { ...nothingNew(claimed, at), state: after, news: "changed" };
}

export function ended(
  claimed: ClaimedOperation,
  at: EpochMs,
  outcome: Outcome = "succeeded",
): CheckedOperation {
  return { ...changed(claimed, at, { outcome }), dueAt: null, news: "ended" };
}

type Alarm = { readonly queue: string; readonly key: string; readonly at: EpochMs };

export type StoreBench = AsyncDisposable & {
  readonly store: Store;
  readonly database: Database;
  /** Tracks the addresses and gives what came of the first. */
  track(conversation: Conversation, now: EpochMs, fields?: Partial<TrackInput>): Promise<Tracked>;
  claim(ids: OperationId | readonly OperationId[], now: EpochMs): Promise<readonly ClaimedOperation[]>;
  /** The claim that must succeed. */
  mustClaim(id: OperationId, now: EpochMs): Promise<ClaimedOperation>;
  /** @returns the conversations that are to be told. */
  save(checked: CheckedOperation, now: EpochMs): Promise<readonly ConversationId[]>;
  operation(id: OperationId): Promise<OperationRow>;
  watch(id: WatchId): Promise<WatchRow>;
  conversation(conversation: Conversation): Promise<typeof conversations.$inferSelect>;
  /**
   * The alarms that wait, at once ones with the database's present as their time; of checks one for each operation
   * that they are for.
   */
  alarms(queue?: "checks" | "deliveries"): Promise<readonly Alarm[]>;
  /** As a worker takes them, or as they get lost. */
  dropAlarms(queue?: "checks" | "deliveries"): Promise<void>;
  dropAlarm(queue: "deliveries", key: string): Promise<void>;
  run(statement: string): Promise<void>;
  counts(): Promise<Readonly<Record<"operations" | "watches" | "conversations" | "alarms", number>>>;
};

/**
 * @param pace how fast Graph may be asked; by default so fast that no test notices.
 * @param leadMs how long before they are due operations may be claimed.
 */
export function storeBench(
  database: Database,
  pace: Pace = paceOf(1_000_000),
  leadMs: number = LEAD_MS.embedded,
): StoreBench {
  const { db } = database;
  const store = createStore(database, { pace, leadMs }, () => 0);

  const bench: StoreBench = {
    store,
    database,
    async track(conversation, now, fields) {
      return only((await store.track(aTrack(conversation, fields), now)).slice(0, 1));
    },
    claim: (ids, now) => store.claimChecks(typeof ids === "string" ? [ids] : ids, now, LEASE, INTERVAL),
    mustClaim: async (id, now) => only(await bench.claim(id, now)),
    save: (checked, now) => store.saveChecks([checked], [], now),
    operation: async (id) => only(await db.select().from(operations).where(eq(operations.id, id))),
    watch: async (id) => only(await db.select().from(watches).where(eq(watches.id, id))),
    conversation: async ({ id }) =>
      only(await db.select().from(conversations).where(eq(conversations.id, id))),
    async alarms(queue) {
      const { rows } = await db.execute<{ queue: string; key: string; at: number }>(
        sql`select name as queue, case name when 'checks' then ids.id else singleton_key end as key, (extract(epoch from start_after) * 1000)::float8 as at
          from pgboss.job left join lateral jsonb_array_elements_text(data->'ids') as ids(id) on true
          where state = 'created' and name in ('checks', 'deliveries')
          order by name, start_after, key`,
      );
      return rows
        .map(({ queue: name, key, at }) => ({ queue: name, key, at: Math.round(at) }))
        .filter((alarm) => queue === undefined || alarm.queue === queue);
    },
    async dropAlarms(queue) {
      await db.execute(
        queue === undefined
          ? sql`delete from pgboss.job where name in ('checks', 'deliveries')`
          : sql`delete from pgboss.job where name = ${queue}`,
      );
    },
    async dropAlarm(queue, key) {
      await db.execute(sql`delete from pgboss.job where name = ${queue} and singleton_key = ${key}`);
    },
    async run(statement) {
      await db.execute(sql.raw(statement));
    },
    counts: async () => ({
      operations: await db.$count(operations),
      watches: await db.$count(watches),
      conversations: await db.$count(conversations),
      alarms: (await bench.alarms()).length,
    }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
  return bench;
}

export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`Expected one item, got ${items.length}.`);
  return item;
}
