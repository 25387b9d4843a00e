import type { PgTable } from "drizzle-orm/pg-core";
import { conversationId, operationId, parseWatchId, type WatchId } from "../../src/core/ids.ts";
import { newOperation } from "../../src/core/operation.ts";
import {
  aliases,
  budgets,
  conversations,
  durations,
  operations,
  pauses,
  places,
  requests,
  sharedLines,
  turns,
  watches,
} from "../../src/store/schema.ts";
import { aConversation, anAddress, aSnapshot, HOUR, SECOND, T0, TENANT } from "./store-bench.ts";

const OPERATION = operationId("0a0a0a0a-1111-4222-8333-444444444444");
const WATCH = watchId("0b0b0b0b-1111-4222-8333-444444444444");
const CHANNEL = conversationId("19:channel@thread.tacv2");
const { key, kind, version, path, owner, operation: graphId } = anAddress("full");

export const FULL_OPERATION = {
  id: OPERATION,
  tenantId: TENANT,
  key,
  kind,
  version,
  path,
  graphId,
  owner,
  state: {
    ...newOperation(T0),
    snapshot: aSnapshot("failed", {
      error: { code: "TeamUnavailable", message: 'It\'s "not" \\ found 🧑‍🚀' },
      percent: 12.5,
      steps: [{ group: "apps", name: "Ünïcødé", state: "failed" }],
    }),
    outcome: "failed",
    timeline: [{ at: T0, phase: "running", status: "inProgress", attempts: null }],
    evidence: { at: T0, requestId: "r", clientRequestId: null },
  },
  answeredAt: T0 + 1,
  outcome: "failed",
  live: true,
  dueAt: T0 + 2,
  freeAt: T0 + 3,
  slotAt: T0 + 4,
  claim: 2_147_483_647,
} satisfies typeof operations.$inferInsert;

export const FULL_CONVERSATION = {
  ...aConversation("channel"),
  id: CHANNEL,
  kind: "channel",
  teamId: conversationId("19:team@thread.tacv2"),
  groupId: "dbd8de4f-5d47-48da-87f1-594bed003375",
  userId: "2804bc07-1e1f-4938-9085-ce6d756a32d2",
  reference: { serviceUrl: "https://smba.example/", botId: "28:bot", botName: "Op", locale: "zh-Hant-TW" },
  seenAt: T0,
  greetedAt: T0 + 1,
  goneAt: T0 + 2,
  pausedUntil: T0 + 3,
  misses: -1,
  shortUntil: T0 + 0.1,
  longUntil: 1 / 3,
  placeAt: -0.5,
  leaseUntil: T0 + 4,
} satisfies typeof conversations.$inferInsert;

export const FULL_WATCH = {
  id: WATCH,
  operationId: OPERATION,
  conversationId: CHANNEL,
  threadId: `${CHANNEL};messageid=1700000000001`,
  requester: { id: "29:alex", name: "Alex Wilber", entraId: "2804bc07-1e1f-4938-9085-ce6d756a32d2" },
  notify: "always",
  title: "Deploy “Ünïcødé” 🧑‍🚀",
  link: "https://ci.example/?a=1&b='2'",
  caller: "CI",
  createdAt: T0 - 1,
  expiresAt: T0 + HOUR,
  closedAt: T0 + 1,
  closeReason: "ended",
  activityId: "1700000000002",
  shown: "fingerprint",
  wanted: 3,
  delivered: 2,
  pingedAt: T0 + 2,
  noticedAt: T0 + 3,
  finalState: newOperation(T0),
  failures: 4,
  cardMisses: 5,
  replaced: true,
  callback: { url: "https://hooks.contoso.com/", on: "change" },
  callbackWanted: 7,
  callbackDelivered: 6,
  callbackState: { event: 6, attempts: 1, status: null, lastTriedAt: T0, isGivenUp: false },
  callbackDueAt: T0 + 4,
} satisfies typeof watches.$inferInsert;

/** A row of every table with a value in each of its columns, in an order in which each finds what it refers to. */
export const FULL_ROWS: readonly (readonly [PgTable, Readonly<Record<string, unknown>>])[] = [
  row(operations, FULL_OPERATION),
  row(conversations, FULL_CONVERSATION),
  row(watches, FULL_WATCH),
  row(aliases, { tenantId: TENANT, name: "provisioning", conversationId: CHANNEL, createdAt: T0 }),
  row(pauses, { side: "graph", tenantId: TENANT, until: T0 + 10 * SECOND }),
  row(places, { tenantId: TENANT, slots: { from: 2e9, used: [4, 10, 1] } }),
  row(budgets, {
    tenantId: TENANT,
    slots: { from: 1e10, used: [1, 0, 3] },
    writesUntil: T0 + 0.125,
    lineUntil: T0 + 0.25,
  }),
  row(sharedLines, {
    name: "graph",
    until: T0 + 0.5,
    cells: { from: 35_920_000_000, used: [3, 0, 7] },
    version: 12,
  }),
  row(durations, { type: "createTeam", bucket: 7, succeeded: 42, entered: 43 }),
  row(requests, { tenantId: TENANT, caller: "app", key: "key", body: "body", watchId: WATCH, startedAt: T0 }),
  row(turns, { key: "turn", startedAt: T0, ended: true }),
];

function row<Table extends PgTable>(
  table: Table,
  values: Required<Table["$inferInsert"]>,
): readonly [PgTable, Readonly<Record<string, unknown>>] {
  return [table, values];
}

function watchId(text: string): WatchId {
  const id = parseWatchId(text);
  if (id === null) throw new Error(`"${text}" is no watch's id.`);
  return id;
}
