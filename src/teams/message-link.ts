import type { WatchRecord, Conversation } from "../flows/ports.ts";

const CLIENTS: readonly (readonly [serviceHost: string, client: string])[] = [
  ["smba.infra.gov.teams.microsoft.us", "gov.teams.microsoft.us"],
  ["smba.infra.dod.teams.microsoft.us", "dod.teams.microsoft.us"],
  ["smba.infra.gcc.teams.microsoft.com", "teams.microsoft.com"],
  ["smba.trafficmanager.net", "teams.microsoft.com"],
];

/**
 * A deep link to a watch's card, where Teams has one: not in personal chats, and not before it is posted.
 * https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams
 */
export function linkToCard(conversation: Conversation, watch: WatchRecord): string | null {
  const { serviceUrl } = conversation.reference;
  const host = URL.canParse(serviceUrl) ? new URL(serviceUrl).hostname : "";
  const client = CLIENTS.find(([service]) => service === host)?.[1];
  if (client === undefined || watch.activityId === null || conversation.kind === "personal") return null;
  const path = `${encodeURIComponent(conversation.id)}/${encodeURIComponent(watch.activityId)}`;
  const query = new URLSearchParams(
    conversation.kind === "channel"
      ? {
          tenantId: conversation.tenantId,
          parentMessageId: watch.threadId.split(";messageid=")[1] ?? watch.activityId,
        }
      : { context: JSON.stringify({ contextType: "chat" }) },
  );
  return `https://${client}/l/message/${path}?${query.toString()}`;
}
