import { and, desc, eq, isNotNull, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import type { ConversationId } from "../core/ids.ts";
import { gatherAnswers } from "../flows/gather.ts";
import type { ApiWatch, Conversation, Store, StoredConversation } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Db } from "./database.ts";
import { beginRequests, forgetRequest, type Beginning } from "./requests.ts";
import { aliases, conversations, operations, watches } from "./schema.ts";
import { isOfData } from "./transaction.ts";
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
    return row === undefined ? null : storedOf(row);
  }

  const byId = gatherAnswers(async (ids: readonly ConversationId[]) => {
    const rows = await db
      .select()
      .from(conversations)
      .where(anyOf(conversations.id, new Set(ids)));
    const found = new Map(rows.map((row) => [row.id, storedOf(row)]));
    return ids.map((id) => found.get(id) ?? null);
  }, isOfData);

  type Alias = { readonly tenant: Conversation["tenantId"] | null; readonly name: string };
  const byAlias = gatherAnswers(async (asked: readonly Alias[]) => {
    const tenants = [...new Set(asked.map(({ tenant }) => tenant))];
    // The row's tenant is the alias's: else somebody else's conversation has the id.
    const isOf = and(
      eq(conversations.id, aliases.conversationId),
      eq(conversations.tenantId, aliases.tenantId),
    );
    const rows = await db
      .select({ name: aliases.name, row: conversations })
      .from(aliases)
      .innerJoin(conversations, isOf)
      .where(
        and(
          anyOf(aliases.name, new Set(asked.map(({ name }) => name))),
          tenants.includes(null)
            ? undefined
            : anyOf(
                aliases.tenantId,
                tenants.filter((tenant) => tenant !== null),
              ),
        ),
      );
    return asked.map(({ tenant, name }) => {
      const found = rows.find(
        (each) => each.name === name && (tenant === null || each.row.tenantId === tenant),
      );
      return found === undefined ? null : storedOf(found.row);
    });
  }, isOfData);

  const begin = gatherAnswers((asked: readonly Beginning[]) => beginRequests(db, asked), isOfData);

  return {
    conversation: (id) => byId(id),

    conversationByAlias: (tenant, name) => byAlias({ tenant, name: name.toLowerCase() }),

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

    beginRequest: (request, now) => begin({ request, now }),

    forgetRequest: (request) => forgetRequest(db, request),

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

function storedOf(row: ConversationRow): StoredConversation {
  return { ...conversationOf(row), isGone: row.goneAt !== null };
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
