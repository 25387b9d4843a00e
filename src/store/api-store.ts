import { and, desc, eq, isNotNull, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import type { Conversation, ApiWatch, Begun, Store, StoredConversation } from "../flows/ports.ts";
import type { Db } from "./database.ts";
import { aliases, conversations, operations, requests, watches } from "./schema.ts";
import { recordOf } from "./watch-records.ts";

type ApiStore = Pick<
  Store,
  | "conversation"
  | "conversationByAlias"
  | "conversationInTeam"
  | "personalConversation"
  | "latestConversation"
  | "setAlias"
  | "removeAlias"
  | "aliasesOf"
  | "beginRequest"
  | "forgetRequest"
  | "apiWatch"
  | "apiWatches"
>;

/** A request that has not ended by then has died with its process. */
const UNDER_WAY_MS = 60_000;
/** An Idempotency-Key is known for a week. */
export const KEY_KEPT_MS = 7 * 24 * 3_600_000;

/** The API's side of the rows: where to write, what was asked before, and what there is. */
export function apiStore(db: Db): ApiStore {
  async function find(where: SQL | undefined): Promise<StoredConversation | null> {
    const [row] = await db
      .select()
      .from(conversations)
      .where(where)
      // One that is there goes before one that is gone.
      .orderBy(sql`${conversations.goneAt} is not null`, desc(conversations.seenAt))
      .limit(1);
    return row === undefined ? null : { ...conversationOf(row), isGone: row.goneAt !== null };
  }

  return {
    conversation: (id) => find(eq(conversations.id, id)),

    async conversationByAlias(tenant, name) {
      const [alias] = await db
        .select({ id: aliases.conversationId, tenantId: aliases.tenantId })
        .from(aliases)
        .where(
          and(
            tenant === null ? undefined : eq(aliases.tenantId, tenant),
            eq(aliases.name, name.toLowerCase()),
          ),
        )
        .limit(1);
      // The row's tenant is the alias's: else somebody else's conversation has the id.
      return alias === undefined ? null : find(and(eq(conversations.id, alias.id), ofTenant(alias.tenantId)));
    },

    conversationInTeam: (tenant, team) =>
      find(
        and(
          ofTenant(tenant),
          or(eq(conversations.groupId, team.toLowerCase()), eq(sql`${conversations.teamId}::text`, team)),
        ),
      ),

    personalConversation: (tenant, userId) =>
      find(and(ofTenant(tenant), eq(conversations.userId, userId.toLowerCase()))),

    latestConversation: (tenant) => find(and(ofTenant(tenant), isNull(conversations.goneAt))),

    async setAlias({ id, tenantId }, name, now) {
      const row = { tenantId, name: name.toLowerCase(), conversationId: id, createdAt: now };
      // A name whose conversation is gone is free.
      const isFree = sql`exists (select 1 from ${conversations} c
        where c.id = ${aliases.conversationId} and c.gone_at is not null)`;
      await db
        .insert(aliases)
        .values(row)
        .onConflictDoUpdate({
          target: [aliases.tenantId, aliases.name],
          set: { conversationId: id, createdAt: now },
          setWhere: isFree,
        });
      const [owner] = await db
        .select({ id: aliases.conversationId })
        .from(aliases)
        .where(and(eq(aliases.tenantId, tenantId), eq(aliases.name, row.name)));
      return owner?.id === id;
    },

    async removeAlias({ id, tenantId }, name) {
      const removed = await db
        .delete(aliases)
        .where(
          and(
            eq(aliases.tenantId, tenantId),
            eq(aliases.name, name.toLowerCase()),
            eq(aliases.conversationId, id),
          ),
        )
        .returning({ name: aliases.name });
      return removed.length > 0;
    },

    async aliasesOf({ id }) {
      const rows = await db
        .select({ name: aliases.name })
        .from(aliases)
        .where(eq(aliases.conversationId, id))
        .orderBy(aliases.name);
      return rows.map((row) => row.name);
    },

    async beginRequest({ tenantId, caller, key, body }, now): Promise<Begun> {
      const [dead, old] = [now - UNDER_WAY_MS, now - KEY_KEPT_MS].map((at) => new Date(at).toISOString());
      const isFree = sql`(${requests.watchId} is null and ${requests.startedAt} < ${dead}::timestamptz)
        or ${requests.startedAt} < ${old}::timestamptz`;
      const begun = await db
        .insert(requests)
        .values({ tenantId, caller, key, body, startedAt: now })
        .onConflictDoUpdate({
          target: [requests.tenantId, requests.caller, requests.key],
          set: { body, startedAt: now, watchId: null },
          setWhere: isFree,
        })
        .returning({ key: requests.key });
      if (begun.length > 0) return { kind: "new" };
      const [known] = await db
        .select()
        .from(requests)
        .where(and(eq(requests.tenantId, tenantId), eq(requests.caller, caller), eq(requests.key, key)));
      if (known === undefined) return { kind: "underWay" };
      if (known.body !== body) return { kind: "otherBody" };
      return known.watchId === null ? { kind: "underWay" } : { kind: "done", watch: known.watchId };
    },

    async forgetRequest({ tenantId, caller, key }) {
      const it = and(eq(requests.tenantId, tenantId), eq(requests.caller, caller), eq(requests.key, key));
      await db.delete(requests).where(and(it, isNull(requests.watchId)));
    },

    async apiWatch(tenant, id) {
      const [found] = await selectApiWatches(db, and(eq(watches.id, id), ofTenant(tenant)), 1);
      return found ?? null;
    },

    apiWatches: (tenant, { conversation, isOpen }, { before, limit }) =>
      selectApiWatches(
        db,
        and(
          ofTenant(tenant),
          conversation === null ? undefined : eq(watches.conversationId, conversation),
          isOpen === null ? undefined : isOpen ? isNull(watches.closedAt) : isNotNull(watches.closedAt),
          before === null ? undefined : lt(watches.seq, before),
        ),
        limit,
      ),
  };
}

function ofTenant(tenant: Conversation["tenantId"] | null): SQL | undefined {
  return tenant === null ? undefined : eq(conversations.tenantId, tenant);
}

type ConversationRow = typeof conversations.$inferSelect;

function conversationOf(row: ConversationRow): Conversation {
  const { id, tenantId, kind, teamId, groupId, userId, reference } = row;
  return { id, tenantId, kind, teamId, groupId, userId, reference };
}

type Joined = {
  readonly watch: typeof watches.$inferSelect;
  readonly operation: typeof operations.$inferSelect;
  readonly conversation: ConversationRow;
};

async function selectApiWatches(db: Db, where: SQL | undefined, limit: number): Promise<readonly ApiWatch[]> {
  const rows = await db
    .select({ watch: watches, operation: operations, conversation: conversations })
    .from(watches)
    .innerJoin(operations, eq(operations.id, watches.operationId))
    .innerJoin(conversations, eq(conversations.id, watches.conversationId))
    .where(where)
    .orderBy(desc(watches.seq))
    .limit(limit);
  return rows.map(apiWatchOf);
}

export function apiWatchOf({ watch, operation, conversation }: Joined): ApiWatch {
  return {
    watch: recordOf(watch, operation),
    conversationKind: conversation.kind,
    isConversationGone: conversation.goneAt !== null,
    isCardUpToDate: watch.delivered >= watch.wanted,
    callback: watch.callback,
    callbackState: watch.callbackState,
    isCallbackPending: watch.callbackWanted > watch.callbackDelivered,
    seq: watch.seq,
  };
}
