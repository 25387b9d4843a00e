import type { Activity } from "botbuilder";
import { TeamsConnectorClient, type ConnectorClient } from "botframework-connector";
import type { EpochMs } from "../core/ids.ts";
import { parseRetryAfter } from "../core/retry-after.ts";
import { describeFault } from "../flows/log-event.ts";
import type { Measure } from "../flows/meter.ts";
import type { Conversation, TeamsResult } from "../flows/ports.ts";

/**
 * The one place that talks to Teams. Every call is tried once and has an end: who retries a write,
 * and when, is decided by the deliveries, which know the conversation's pauses and its budget.
 */
export type Connector = {
  post(to: Conversation, threadId: string, activity: Partial<Activity>): Promise<TeamsResult>;
  update(
    to: Conversation,
    threadId: string,
    activityId: string,
    activity: Partial<Activity>,
  ): Promise<TeamsResult>;
  /** A person in the roster of a conversation or a team, as Teams has it; rejects when it gives none. */
  member(of: Conversation, userId: string): Promise<unknown>;
  /** A team as Teams has it, with its id at Graph; rejects when it gives none. */
  team(of: Conversation, teamId: string): Promise<unknown>;
  channels(of: Conversation, teamId: string): Promise<unknown>;
  /** A chat with one person; the same one if there is one already. Its id, or why there is none. */
  openChat(near: Conversation, userId: string): Promise<TeamsResult & { readonly conversation?: string }>;
};

export type ConnectorOptions = {
  /** A connector client with the bot's credentials for a service URL. */
  readonly connect: (serviceUrl: string) => Promise<ConnectorClient>;
  /** Whether the bot's token may go there. */
  readonly isAllowed: (serviceUrl: string) => boolean;
  readonly now: () => EpochMs;
  readonly measure: Measure;
  /** Teams does not take the bot's token. */
  readonly refused: () => void;
  readonly timeoutMs: number;
};

export function createConnector(options: ConnectorOptions): Connector {
  const clients = new Map<string, Promise<ConnectorClient>>();

  async function clientFor(serviceUrl: string): Promise<ConnectorClient> {
    const known = clients.get(serviceUrl);
    if (known !== undefined) return known;
    const made = options.connect(serviceUrl).then(withoutRetries);
    if (clients.size >= MAX_CLIENTS) clients.clear();
    clients.set(serviceUrl, made);
    made.catch(() => clients.delete(serviceUrl));
    return made;
  }

  async function write(what: Written, to: Conversation, send: Send): Promise<TeamsResult> {
    const startedAt = options.now();
    const result = await tried(to, send);
    options.measure({ measured: "write", what, result: result.kind, ms: options.now() - startedAt });
    if (result.kind === "unavailable" && result.status === 401) options.refused();
    if (result.kind === "throttled") options.measure({ measured: "throttled", side: "teams" });
    return result;
  }

  async function tried(to: Conversation, send: Send): Promise<TeamsResult> {
    const { serviceUrl } = to.reference;
    if (!options.isAllowed(serviceUrl)) {
      return { kind: "rejected", status: 0, code: "ServiceUrlNotAllowed" };
    }
    try {
      const client = await clientFor(serviceUrl);
      const { id } = await send(client, { abortSignal: AbortSignal.timeout(options.timeoutMs) });
      return { kind: "done", activityId: activityIdOf(id) };
    } catch (error) {
      return resultOf(error, options.now());
    }
  }

  async function readFrom(of: Conversation): Promise<ConnectorClient> {
    const { serviceUrl } = of.reference;
    if (!options.isAllowed(serviceUrl)) throw new Error("The service URL is not one of Teams.");
    return clientFor(serviceUrl);
  }

  async function teamsOf(of: Conversation): Promise<TeamsConnectorClient["teams"]> {
    const client = await readFrom(of);
    const baseUri = of.reference.serviceUrl;
    return withoutRetries(new TeamsConnectorClient(client.credentials, { baseUri })).teams;
  }

  return {
    async member(of, userId) {
      const client = await readFrom(of);
      // A channel's roster is its team's; a shared one has people of its own, too.
      try {
        return await client.conversations.getConversationMember(of.teamId ?? of.id, userId, readLimits());
      } catch (error) {
        const isElsewhere = isRecord(error) && error["statusCode"] === 404 && of.teamId !== null;
        if (!isElsewhere || of.teamId === of.id) throw error;
        return client.conversations.getConversationMember(of.id, userId, readLimits());
      }
    },
    async team(of, teamId) {
      return (await teamsOf(of)).fetchTeamDetails(teamId, readLimits());
    },
    async channels(of, teamId) {
      return (await teamsOf(of)).fetchChannelList(teamId, readLimits());
    },
    async openChat(near, userId) {
      const { botId, botName } = near.reference;
      const opened = { conversation: "" };
      const result = await write("openChat", near, async (client, limits) => {
        const parameters = {
          isGroup: false,
          bot: { id: botId, name: botName },
          members: [{ id: userId, name: "" }],
          tenantId: near.tenantId,
          channelData: { tenant: { id: near.tenantId } },
        };
        const made = await client.conversations.createConversation(parameters, limits);
        opened.conversation = made.id;
        return { id: made.id };
      });
      return result.kind === "done" ? { ...result, ...opened } : result;
    },
    post: (to, threadId, activity) =>
      write("post", to, (client, limits) =>
        client.conversations.sendToConversation(threadId, complete(to, threadId, activity), limits),
      ),
    update: async (to, threadId, activityId, activity) => {
      const result = await write("update", to, (client, limits) =>
        client.conversations.updateActivity(
          threadId,
          activityId,
          { ...complete(to, threadId, activity), id: activityId },
          limits,
        ),
      );
      // Teams has answered a change of a deleted message with either of these.
      const isCardGone =
        result.kind === "conversationGone" &&
        (result.code === "ActivityNotFoundInConversation" ||
          result.code === "ServiceError" ||
          (result.status === 404 && result.code !== "ConversationNotFound"));
      return isCardGone ? { kind: "cardGone" } : result;
    },
  };
}

type Written = "post" | "update" | "openChat";
type Send = (client: ConnectorClient, limits: Limits) => Promise<{ readonly id?: string }>;

/** Somebody waits for the answer to a command. */
const READ_TIMEOUT_MS = 3_000;

function readLimits(): Limits {
  return { abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) };
}

/** Teams has a handful of service URLs. */
const MAX_CLIENTS = 100;

/** Kept and sent back with every edit, so only what can be one is taken. */
function activityIdOf(id: unknown): string | null {
  return typeof id === "string" && /^[\u0021-\u007e]{1,500}$/u.test(id) ? id : null;
}

type Limits = { readonly abortSignal: AbortSignal };

function complete(to: Conversation, threadId: string, activity: Partial<Activity>): Partial<Activity> {
  return {
    type: "message",
    channelId: "msteams",
    from: { id: to.reference.botId, name: to.reference.botName },
    conversation: { id: threadId, isGroup: to.kind !== "personal", conversationType: to.kind, name: "" },
    serviceUrl: to.reference.serviceUrl,
    ...activity,
  };
}

/**
 * botbuilder retries by itself, POST included, which doubles messages; the policy can only be
 * taken out through a private field (tried with 4.23.3).
 */
function withoutRetries<Client extends object>(client: Client): Client {
  const inner: unknown = Reflect.get(client, "client");
  const pipeline: unknown = isRecord(inner) ? Reflect.get(inner, "pipeline") : null;
  const remove: unknown = isRecord(pipeline) ? Reflect.get(pipeline, "removePolicy") : null;
  if (!isRecord(pipeline) || typeof remove !== "function") {
    throw new Error("botbuilder's connector has changed: its retries can't be switched off any more.");
  }
  remove.call(pipeline, { name: "defaultRetryPolicy" });
  // A redirect would write again, and somewhere else.
  remove.call(pipeline, { name: "redirectPolicy" });
  return client;
}

/** Teams' answers: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability */
function resultOf(error: unknown, now: EpochMs): TeamsResult {
  const status = isRecord(error) && typeof error["statusCode"] === "number" ? error["statusCode"] : null;
  const code = isRecord(error) && typeof error["code"] === "string" ? error["code"] : null;
  const reason = status === null ? describeFault(error) : `${status} ${code ?? ""}`.trim();
  if (status === null) {
    // Without a token nothing was sent.
    const isUnsent = error instanceof Error && error.name === "TokenError";
    return {
      kind: "unavailable",
      status,
      reason,
      isCertain: isUnsent || code === "ECONNREFUSED" || code === "ENOTFOUND",
    };
  }
  if (status === 429) return { kind: "throttled", retryAfterMs: retryAfterOf(error, now) };
  if (status === 403 || status === 404) return { kind: "conversationGone", status, code };
  if (status === 401 || status === 412 || status === 503) {
    return { kind: "unavailable", status, reason, isCertain: true };
  }
  if (status === 408 || status >= 500) return { kind: "unavailable", status, reason, isCertain: false };
  return { kind: "rejected", status, code };
}

function retryAfterOf(error: unknown, now: EpochMs): number | null {
  const response = isRecord(error) ? error["response"] : null;
  const headers = isRecord(response) ? response["headers"] : null;
  const get: unknown = isRecord(headers) ? headers["get"] : null;
  const value: unknown = typeof get === "function" ? get.call(headers, "retry-after") : null;
  return typeof value === "string" ? parseRetryAfter(value, now) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
