import type { TurnContext } from "botbuilder";
import { mayServe } from "../core/access.ts";
import type { TenantId } from "../core/ids.ts";
import { describeFault, type Log } from "../flows/log-event.ts";
import type { People } from "../flows/people.ts";
import type { Conversation, Now, Store } from "../flows/ports.ts";
import { readActivity } from "./read-activity.ts";

type Deps = { readonly store: Store; readonly people: People; readonly now: Now; readonly log: Log };

/** What is known of a conversation is renewed this often, or when it has changed. */
const RENEWED_MS = 10 * 60_000;
const MAX_KEPT = 10_000;

/**
 * Keeps each conversation's reference from the first activity on, so that pipelines can post there.
 * Not of those with which the bot leaves: these say that it is gone.
 */
export function createSeen(
  { store, people, now, log }: Deps,
  servedTenants: ReadonlySet<TenantId> | null,
): (context: TurnContext) => Promise<void> {
  const kept = new Map<string, { readonly print: string; readonly until: number }>();
  return async (context) => {
    const incoming = readActivity(context.activity);
    if (incoming === null) return;
    const { conversation } = incoming;
    if (isLeaving(context)) {
      // Of a team all channels; the next word in any of them shows that the bot is back.
      kept.clear();
      return;
    }
    if (!mayServe(conversation.tenantId, servedTenants)) return;
    const print = JSON.stringify(conversation);
    const known = kept.get(conversation.id);
    if (known?.print === print && known.until > now()) return;
    try {
      await store.rememberConversation(await completed(people, conversation), now());
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(conversation.id, { print, until: now() + RENEWED_MS });
    } catch (error) {
      // What was asked for goes on; the next activity tries again.
      log({ event: "command.failed", name: "remember", error: describeFault(error) });
    }
  };
}

/** Pipelines name a team by its id at Graph, which not every activity has. */
async function completed(people: People, conversation: Conversation): Promise<Conversation> {
  if (conversation.teamId === null || conversation.groupId !== null) return conversation;
  return { ...conversation, groupId: await people.groupIdOf(conversation) };
}

function isLeaving({ activity }: TurnContext): boolean {
  if (activity.type === "installationUpdate") return activity.action === "remove";
  if (activity.type !== "conversationUpdate") return false;
  const data: unknown = activity.channelData;
  const event: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "eventType") : null;
  const isOver = event === "channelDeleted" || event === "teamDeleted";
  return isOver || (activity.membersRemoved ?? []).some(({ id }) => id === activity.recipient.id);
}
