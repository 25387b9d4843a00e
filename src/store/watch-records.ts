import type { InferSelectModel, SQL } from "drizzle-orm";
import { eq } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Address } from "../core/address.ts";
import type { OperationState } from "../core/operation.ts";
import type { Undelivered, WatchRecord } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { operations, watches } from "./schema.ts";

export type OperationRow = InferSelectModel<typeof operations>;
export type WatchRow = InferSelectModel<typeof watches>;

export function addressOf(
  row: Pick<OperationRow, "kind" | "version" | "path" | "graphId" | "owner" | "key">,
): Address {
  const { kind, version, path, owner, key } = row;
  return { kind, version, path, owner, operation: row.graphId, key };
}

export function stateOf(row: Pick<OperationRow, "state" | "answeredAt">): OperationState {
  return { ...row.state, answeredAt: row.answeredAt };
}

type Page = { readonly order?: readonly (SQL | PgColumn)[]; readonly limit?: number };

/** Watches with their operations, oldest first unless told otherwise. */
export async function selectWatches(
  db: Db | Tx,
  where: SQL | undefined,
  { order = [watches.seq], limit = 1_000 }: Page = {},
): Promise<Undelivered[]> {
  const rows = await db
    .select({ watch: watches, operation: operations })
    .from(watches)
    .innerJoin(operations, eq(operations.id, watches.operationId))
    .where(where)
    .orderBy(...order)
    .limit(limit);
  return rows.map(({ watch, operation }) => undeliveredOf(watch, operation));
}

export function undeliveredOf(watch: WatchRow, operation: OperationRow): Undelivered {
  return {
    ...recordOf(watch, operation),
    shown: watch.shown,
    wanted: watch.wanted,
    isPinged: watch.pingedAt !== null,
    isNoticed: watch.noticedAt !== null,
    cardMisses: watch.cardMisses,
    failures: watch.failures,
    isReplaced: watch.replaced,
  };
}

export function recordOf(
  watch: Omit<WatchRecord, "closed" | "address" | "state"> &
    Pick<WatchRow, "closedAt" | "closeReason" | "finalState">,
  operation: OperationRow,
): WatchRecord {
  const { closedAt, closeReason } = watch;
  return {
    id: watch.id,
    operationId: watch.operationId,
    conversationId: watch.conversationId,
    threadId: watch.threadId,
    title: watch.title,
    link: watch.link,
    requester: watch.requester,
    notify: watch.notify,
    createdAt: watch.createdAt,
    closed: closedAt === null || closeReason === null ? null : { reason: closeReason, at: closedAt },
    activityId: watch.activityId,
    address: addressOf(operation),
    state: watch.finalState ?? stateOf(operation),
  };
}
