import { cleanText } from "../core/clean-text.ts";
import { MAX_COMMAND_LENGTH } from "../core/command.ts";
import { conversationId, GUID, tenantId } from "../core/ids.ts";
import type { Requester } from "../core/watch.ts";
import type { Conversation, ConversationKind } from "../flows/ports.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The part of an activity that Opwatch works with, checked field by field. */
export type Incoming = {
  readonly conversation: Conversation;
  /** As Teams sent it, `;messageid=…` included: an answer posted there lands in the same thread. */
  readonly threadId: string;
  /** The activity's own, the same however often it comes. */
  readonly activityId: string | null;
  readonly from: Requester;
  /** Their id in Entra, where Teams tells it. */
  readonly entraId: string | null;
  /** Without the mention of the bot. */
  readonly text: string;
  /** The message as Teams' client wrote it, for where its links lead; empty where there is none. */
  readonly html: string;
};

/**
 * Whether a body has what the adapter needs. It rejects, and does not answer, a body without these
 * fields (`{}` and `{"type":5}`, seen with botbuilder 4.23.3).
 */
export function isActivity(body: unknown): body is Fields {
  if (!isFields(body)) return false;
  return (
    isText(body["type"]) &&
    isText(body["channelId"]) &&
    isText(body["serviceUrl"]) &&
    hasId(body["conversation"]) &&
    hasId(body["from"]) &&
    hasId(body["recipient"]) &&
    isAbsentOr("string", body["text"]) &&
    isAbsentOr("string", body["id"]) &&
    isAbsentOr("string", body["name"]) &&
    isAbsentOr("string", body["action"]) &&
    (body["channelData"] === undefined || body["channelData"] === null || isFields(body["channelData"])) &&
    isListOfFields(body["entities"]) &&
    isListOfFields(body["attachments"]) &&
    isListOfFields(body["membersAdded"]) &&
    isListOfFields(body["membersRemoved"])
  );
}

/** Null when it names no tenant: without one there is nobody whose operations could be asked for. */
export function readActivity(activity: unknown): Incoming | null {
  if (!isActivity(activity)) return null;
  const conversation = fieldsOf(activity["conversation"]);
  const channelData = fieldsOf(activity["channelData"]);
  const tenant = textOf(conversation["tenantId"]) ?? textOf(fieldsOf(channelData["tenant"])["id"]);
  const threadId = textOf(conversation["id"]);
  const from = fieldsOf(activity["from"]);
  const fromId = textOf(from["id"]);
  const bot = fieldsOf(activity["recipient"]);
  const botId = textOf(bot["id"]);
  const serviceUrl = textOf(activity["serviceUrl"]);
  const teamId = textOf(fieldsOf(channelData["team"])["id"]);
  const groupId = textOf(fieldsOf(channelData["team"])["aadGroupId"]);
  const entraId = textOf(from["aadObjectId"]);
  const locale = localeOf(activity);
  if (threadId !== null && conversationId(threadId) === "") return null;
  if (tenant === null || threadId === null || fromId === null || botId === null || serviceUrl === null) {
    return null;
  }
  return {
    conversation: {
      id: conversationId(threadId),
      tenantId: tenantId(tenant),
      kind: kindOf(conversation),
      teamId: teamId === null ? null : conversationId(teamId),
      groupId: guidOf(groupId),
      userId: kindOf(conversation) === "personal" ? guidOf(entraId) : null,
      reference: {
        serviceUrl,
        botId,
        botName: textOf(bot["name"]) ?? "Opwatch",
        ...(locale === null ? {} : { locale }),
      },
    },
    threadId,
    activityId: textOf(activity["id"]),
    from: { id: fromId, name: textOf(from["name"]) ?? "somebody" },
    entraId: guidOf(entraId),
    text: withoutMention(activity, botId),
    html: htmlOf(activity),
  };
}

/** BCP 47; invokes and installations have it in the client's description only. */
function localeOf(activity: Fields): string | null {
  const entities: unknown = activity["entities"];
  const client = (Array.isArray(entities) ? entities : [])
    .map(fieldsOf)
    .find(({ type }) => type === "clientInfo");
  const locale = textOf(activity["locale"]) ?? textOf(client?.["locale"]);
  return locale !== null && /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/iu.test(locale) ? locale : null;
}

/** Beside the plain text Teams sends the message's own HTML as an attachment. */
function htmlOf(activity: Fields): string {
  const attachments: unknown = activity["attachments"];
  const html = (Array.isArray(attachments) ? attachments : [])
    .map(fieldsOf)
    .find(({ contentType, content }) => contentType === "text/html" && typeof content === "string");
  const content = textOf(html?.["content"]) ?? "";
  return content.length > MAX_COMMAND_LENGTH ? "" : content;
}

function guidOf(text: string | null): string | null {
  return text !== null && GUID.test(text) ? text.toLowerCase() : null;
}

/** A person mentions the bot once or twice, in one spelling. */
const MAX_MENTIONS = 10;

/** Without the mentions of the bot; others are left as they are. */
function withoutMention(activity: Fields, botId: string): string {
  let text = textOf(activity["text"]) ?? "";
  // Too long to be a command, so it need not be taken apart.
  if (text.length > 2 * MAX_COMMAND_LENGTH) return text;
  const entities: unknown = activity["entities"];
  const mentions = new Set<string>();
  for (const entity of Array.isArray(entities) ? entities : []) {
    const mention = fieldsOf(entity);
    const mentioned = textOf(mention["text"]);
    const isOfBot = mention["type"] === "mention" && fieldsOf(mention["mentioned"])["id"] === botId;
    if (isOfBot && mentioned !== null && mentions.size < MAX_MENTIONS) mentions.add(mentioned);
  }
  for (const mention of mentions) text = text.replaceAll(mention, " ");
  return text;
}

function kindOf(conversation: Fields): ConversationKind {
  const type = conversation["conversationType"];
  if (type === "channel" || type === "groupChat" || type === "personal") return type;
  return conversation["isGroup"] === true ? "groupChat" : "personal";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Without what a database does not take. */
function textOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = cleanText(value, value.length);
  return text === "" ? null : text;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** Teams' ids have up to some 200 characters; an index takes no more than 2,704 bytes. */
const MAX_ID_LENGTH = 600;

function hasId(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { id } = value;
  return typeof id === "string" && id !== "" && id.length <= MAX_ID_LENGTH;
}

function isAbsentOr(type: "string", value: unknown): boolean {
  return value === undefined || value === null || typeof value === type;
}

function isListOfFields(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.every(isFields));
}
