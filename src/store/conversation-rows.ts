import { eq, sql } from "drizzle-orm";
import type { ConversationId, EpochMs } from "../core/ids.ts";
import type { Conversation } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { conversations } from "./schema.ts";

type Heard = { readonly conversation: Conversation; readonly now: EpochMs };

/**
 * Keeps what is known of conversations. `seen`: the bot was heard from there, so it is there;
 * `named`: somebody else says where it is, which changes nothing of what is known.
 */
export async function rememberAll(
  db: Db | Tx,
  heard: readonly Heard[],
  how: "seen" | "named",
): Promise<void> {
  const byId = new Map<ConversationId, Heard>(heard.map((each) => [each.conversation.id, each]));
  if (byId.size === 0) return;
  const rows = [...byId.values()]
    // In one order, so that two that remember the same do not meet head-on.
    .toSorted((a, b) => (a.conversation.id < b.conversation.id ? -1 : 1))
    .map(({ conversation: { id, tenantId, kind, teamId, groupId, userId, reference }, now }) => {
      return { id, tenantId, kind, teamId, groupId, userId, reference, seenAt: now };
    });
  const insert = db.insert(conversations).values(rows);
  if (how === "named") {
    await insert.onConflictDoNothing();
    return;
  }
  await insert.onConflictDoUpdate({
    target: conversations.id,
    // A conversation belongs to one tenant; whoever comes with another one changes nothing.
    setWhere: eq(conversations.tenantId, sql`excluded.tenant_id`),
    set: {
      kind: sql`excluded.kind`,
      // Not every activity names the team.
      teamId: sql`coalesce(excluded.team_id, ${conversations.teamId})`,
      groupId: sql`coalesce(excluded.group_id, ${conversations.groupId})`,
      userId: sql`coalesce(excluded.user_id, ${conversations.userId})`,
      seenAt: sql`excluded.seen_at`,
      goneAt: null,
      reference: sql`excluded.reference`,
    },
  });
}
