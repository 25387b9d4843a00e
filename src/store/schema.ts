import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { ApiVersion, OperationKind } from "../core/address.ts";
import { NO_LINE, type Line } from "../core/line.ts";
import { NO_SLOTS, type Slots } from "../core/slots.ts";
import type { ConversationId, EpochMs, OperationId, TenantId, WatchId } from "../core/ids.ts";
import type { OperationState, Outcome } from "../core/operation.ts";
import type { CloseReason, Notify, Requester } from "../core/watch.ts";
import { jsonb } from "./jsonb.ts";
import type { Callback, CallbackState, ConversationKind, ConversationReference } from "../flows/ports.ts";

/** `timestamptz` in the database, milliseconds in the code; the drivers give text or a Date. */
const instant = customType<{ data: EpochMs; driverData: string | Date }>({
  dataType: () => "timestamp (3) with time zone",
  toDriver: (ms) => new Date(ms).toISOString(),
  fromDriver: (value) => (value instanceof Date ? value.getTime() : Date.parse(value)),
});

export const opwatch = pgSchema("opwatch");

/** One row for each operation of a tenant, however many conversations watch it. */
export const operations = opwatch.table(
  "operations",
  {
    id: uuid().$type<OperationId>().primaryKey().defaultRandom(),
    tenantId: text().$type<TenantId>().notNull(),
    /** The same for every spelling of the address. */
    key: text().notNull(),
    kind: text().$type<OperationKind>().notNull(),
    version: text().$type<ApiVersion>().notNull(),
    path: text().notNull(),
    graphId: text().notNull(),
    /** The team or chat that it belongs to; Graph limits the requests to each. */
    owner: text(),
    /** Rewritten only when there is something new. */
    state: jsonb<OperationState>().notNull(),
    /** Goes before the one in `state`. */
    answeredAt: instant(),
    outcome: text().$type<Outcome>(),
    /** Someone watches it and it has not ended, or its result is still looked at: only then is it asked for. */
    live: boolean().notNull(),
    /** When it is to be checked next. */
    dueAt: instant().notNull(),
    /** Before then it must not be checked, whoever asks: the floor between two checks. */
    freeAt: instant().notNull(),
    /** The place among the tenant's requests that it was given last; the same as `due_at` while it waits for it. */
    slotAt: instant(),
    /** Counts the claims: an answer is saved only by the claim that asked for it. */
    claim: integer().notNull().default(0),
    /**
     * Since when it rests, for an index. One on `due_at` would make each check write into all indexes of the
     * table: https://www.postgresql.org/docs/current/storage-hot.html
     */
    restedAt: instant().generatedAlwaysAs(sql`case when not live then due_at end`),
  },
  (table) => [
    uniqueIndex("operations_tenant_key").on(table.tenantId, table.key),
    index("operations_of_owner")
      .on(table.tenantId, table.owner)
      .where(sql`owner is not null`),
    index("operations_rested")
      .on(table.restedAt)
      .where(sql`rested_at is not null`),
    index("operations_live")
      .on(table.id)
      .where(sql`live`),
  ],
);

/** One conversation following one operation; owns one card. */
export const watches = opwatch.table(
  "watches",
  {
    id: uuid().$type<WatchId>().primaryKey().defaultRandom(),
    operationId: uuid()
      .$type<OperationId>()
      .notNull()
      .references(() => operations.id),
    conversationId: text()
      .$type<ConversationId>()
      .notNull()
      .references(() => conversations.id),
    /** Where the card is posted: the conversation, or the thread of a channel. */
    threadId: text().notNull(),
    requester: jsonb<Requester>().notNull(),
    notify: text().$type<Notify>().notNull(),
    /** What the API's caller calls it, and where it leads. */
    title: text(),
    link: text(),
    /** Who asked by the API; null for people in a chat. */
    caller: text(),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    closedAt: instant(),
    closeReason: text().$type<CloseReason>(),
    /** The card's message in Teams. */
    activityId: text(),
    /** Fingerprint of what the card last showed. */
    shown: text(),
    /** `wanted` grows with every change that a card should show; `delivered` follows it. */
    wanted: integer().notNull().default(1),
    delivered: integer().notNull().default(0),
    pingedAt: instant(),
    /** The requester was told that it takes longer than usual. */
    noticedAt: instant(),
    /** The operation's state at its end, kept when another `track` began to ask anew. */
    finalState: jsonb<OperationState>(),
    /** The order in which watches were made. */
    seq: integer().generatedAlwaysAsIdentity(),
    /** Writes in a row that Teams did not take. */
    failures: integer().notNull().default(0),
    /** 404s in a row on this card, and whether it was posted anew once because of them. */
    cardMisses: integer().notNull().default(0),
    replaced: boolean().notNull().default(false),
    /** Who is told of the end, or of each change, beside the card. */
    callback: jsonb<Callback>(),
    /** As `wanted` and `delivered` are for the card. */
    callbackWanted: integer().notNull().default(0),
    callbackDelivered: integer().notNull().default(0),
    callbackState: jsonb<CallbackState>(),
    callbackDueAt: instant(),
  },
  (table) => [
    uniqueIndex("watches_one_open")
      .on(table.operationId, table.conversationId)
      .where(sql`closed_at is null`),
    index("watches_of_conversation").on(table.conversationId),
    index("watches_of_operation").on(table.operationId),
    // The order of a pipeline's list.
    index("watches_in_order").on(table.seq),
    index("watches_undelivered")
      .on(table.conversationId)
      .where(sql`wanted > delivered`),
    index("watches_untold")
      .on(table.callbackDueAt)
      .where(sql`callback_wanted > callback_delivered`),
    index("watches_closed")
      .on(table.closedAt)
      .where(sql`closed_at is not null`),
    index("watches_expiry")
      .on(table.expiresAt)
      .where(sql`closed_at is null`),
  ],
);

export const conversations = opwatch.table(
  "conversations",
  {
    id: text().$type<ConversationId>().primaryKey(),
    tenantId: text().$type<TenantId>().notNull(),
    kind: text().$type<ConversationKind>().notNull(),
    teamId: text().$type<ConversationId>(),
    /** Of a channel: its team's id at Graph. */
    groupId: text(),
    /** Of a personal chat: the person's id in Entra. */
    userId: text(),
    reference: jsonb<ConversationReference>().notNull(),
    seenAt: instant().notNull(),
    greetedAt: instant(),
    /** The bot was removed or the conversation deleted: nothing is written there any more. */
    goneAt: instant(),
    /** Teams asked for a pause, or does not answer. */
    pausedUntil: instant(),
    /** Deliveries in a row that Teams did not take. */
    misses: integer().notNull().default(0),
    /** What was written lately, against Teams' limits; see core/budget. */
    shortUntil: doublePrecision().notNull().default(0),
    longUntil: doublePrecision().notNull().default(0),
    /** The place in the line of the tenant's writes that it waits for. */
    placeAt: doublePrecision(),
    /** One process at a time writes to a conversation. */
    leaseUntil: instant(),
  },
  (table) => [
    index("conversations_of_team")
      .on(table.teamId)
      .where(sql`team_id is not null`),
    index("conversations_of_group")
      .on(table.tenantId, table.groupId)
      .where(sql`group_id is not null`),
    index("conversations_of_user")
      .on(table.tenantId, table.userId)
      .where(sql`user_id is not null`),
    index("conversations_of_tenant").on(table.tenantId, table.seenAt),
    index("conversations_gone")
      .on(table.goneAt)
      .where(sql`gone_at is not null`),
  ],
);

/** Graph asked for a pause: of a tenant's checks, until then. */
export const pauses = opwatch.table(
  "pauses",
  {
    side: text().$type<"graph">().notNull(),
    tenantId: text().$type<TenantId>().notNull(),
    until: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.side, table.tenantId] })],
);

/**
 * The places of each tenant's requests to Graph, see core/slots. They are no part of `budgets`: claims hold them for some
 * time, and cards need not wait for that.
 */
export const places = opwatch.table("places", {
  tenantId: text().$type<TenantId>().primaryKey(),
  slots: jsonb<Slots>().notNull().default(NO_SLOTS),
});

/** What was written to Teams, tenant by tenant, against its limits. */
export const budgets = opwatch.table("budgets", {
  tenantId: text().$type<TenantId>().primaryKey(),
  /** Of the version before, whose replicas may run beside ours during a rolling change. */
  slots: jsonb<Slots>().notNull().default(NO_SLOTS),
  /** Writes, and the line of cards; see core/budget. */
  writesUntil: doublePrecision().notNull().default(0),
  lineUntil: doublePrecision().notNull().default(0),
});

/** The lines in which all tenants stand together: that of the requests to Graph, see core/line. */
export const sharedLines = opwatch.table("lines", {
  name: text().$type<"graph">().primaryKey(),
  /** Of the version before, whose replicas may run beside ours during a rolling change. */
  until: doublePrecision().notNull().default(0),
  cells: jsonb<Line>().notNull().default(NO_LINE),
  /** Another one after each change; who has seen a different one reads it anew. */
  version: integer().notNull().default(0),
});

/** How long operations of a type took, and were seen to take at least, as counts by length; see core/durations. */
export const durations = opwatch.table(
  "durations",
  {
    type: text().notNull(),
    bucket: integer().notNull(),
    succeeded: bigint({ mode: "number" }).notNull(),
    entered: bigint({ mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.type, table.bucket] })],
);

/** A conversation's short name, for pipelines. */
export const aliases = opwatch.table(
  "aliases",
  {
    tenantId: text().$type<TenantId>().notNull(),
    name: text().notNull(),
    conversationId: text()
      .$type<ConversationId>()
      .notNull()
      .references(() => conversations.id),
    createdAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.name] }),
    index("aliases_of_conversation").on(table.conversationId),
  ],
);

/** What was made of a request with an Idempotency-Key; `watch_id` is null while it is under way. */
export const requests = opwatch.table(
  "requests",
  {
    tenantId: text().$type<TenantId>().notNull(),
    caller: text().notNull(),
    key: text().notNull(),
    /** Fingerprint of the body: the same key with another body is a mistake. */
    body: text().notNull(),
    watchId: uuid().$type<WatchId>(),
    startedAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.caller, table.key] }),
    index("requests_by_age").on(table.startedAt),
  ],
);

/** Activities of Teams that were begun: it sends one again when the answer takes long or is lost. */
export const turns = opwatch.table(
  "turns",
  {
    key: text().primaryKey(),
    startedAt: instant().notNull(),
    ended: boolean().notNull().default(false),
  },
  (table) => [index("turns_by_age").on(table.startedAt)],
);
