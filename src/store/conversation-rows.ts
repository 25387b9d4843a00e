import { isDeepStrictEqual } from "node:util";
import { and, gt, isNull, or, sql } from "drizzle-orm";
import type { ConversationId, EpochMs } from "../core/ids.ts";
import type { Conversation } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Db, Tx } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { conversations, watches } from "./schema.ts";

export type Heard = { readonly conversation: Conversation; readonly now: EpochMs };

/**
 * Keeps what is known of conversations. `seen`: the bot was heard from there, so it is there;
 * `named`: somebody else says where it is, which changes nothing of what is known.
 */
export async function rememberAll(
  db: Db | Tx,
  heard: readonly Heard[],
  how: "seen" | "named",
): Promise<void> {
  const byId = new Map<ConversationId, Heard>();
  const later: Heard[] = [];
  for (const each of heard) {
    const before = byId.get(each.conversation.id);
    if (before === undefined) byId.set(each.conversation.id, each);
    else if (!isDeepStrictEqual(before.conversation, each.conversation)) later.push(each);
    else if (each.now > before.now) byId.set(each.conversation.id, each);
  }
  const rows = [...byId.values()].map(({ conversation, now }) => {
    const { id, tenantId, kind, teamId, groupId, userId, reference } = conversation;
    return { id, tenantId, kind, teamId, groupId, userId, reference, seenAt: now };
  });
  const onConflict = how === "seen" ? { onConflict: ARE_SEEN } : {};
  await insertRows(db, conversations, rows, sql`id`, { inOrderOf: sql`id`, ...onConflict });
  // What is said of one conversation in several ways is kept one after the other.
  if (later.length > 0) await rememberAll(db, later, how);
}

/**
 * A conversation belongs to one tenant; whoever comes with another one changes nothing. Not every activity names the
 * team. Cards in a chat of many do not change their language with whoever wrote last. What was heard before the bot was
 * removed, and waited, does not bring it back.
 */
const ARE_SEEN = sql`(id) do update set
  kind = excluded.kind,
  team_id = coalesce(excluded.team_id, ${conversations.teamId}),
  group_id = coalesce(excluded.group_id, ${conversations.groupId}),
  user_id = coalesce(excluded.user_id, ${conversations.userId}),
  seen_at = greatest(${conversations.seenAt}, excluded.seen_at),
  gone_at = case when ${conversations.goneAt} > excluded.seen_at then ${conversations.goneAt} end,
  reference = case when excluded.kind = 'personal' or not ${conversations.reference} ? 'locale' then excluded.reference
    else excluded.reference || jsonb_build_object('locale', ${conversations.reference} -> 'locale') end
  where ${conversations.tenantId} = excluded.tenant_id`;

/** Of these conversations those that are paused or whose cards wait in line, and until when. */
export async function pausesOf(
  db: Db | Tx,
  ids: readonly ConversationId[],
  now: EpochMs,
): Promise<ReadonlyMap<ConversationId, EpochMs>> {
  const { id, pausedUntil, placeAt, goneAt } = conversations;
  const rows = await db
    .select({ id, pausedUntil, placeAt })
    .from(conversations)
    .where(and(anyOf(id, ids), isNull(goneAt), or(gt(pausedUntil, now), gt(placeAt, now))));
  return new Map(rows.map((row) => [row.id, Math.max(row.pausedUntil ?? now, row.placeAt ?? now)]));
}

/** Of a watch: nothing is written where the bot is no more. */
export const IS_REACHABLE = sql`exists (select 1 from ${conversations} c
  where c.id = ${watches.conversationId} and c.gone_at is null)`;
