import type { Address, ApiVersion } from "../core/address.ts";
import type { Answer, LookAnswer } from "../core/answer.ts";
import type { EpochMs, TenantId } from "../core/ids.ts";
import type { Target } from "../core/result.ts";
import { isBody } from "./decode-operation.ts";
import { readCheck, readLook, readMember, readUserId, refusal } from "./read-answer.ts";
import type { Reply, ReplyItem } from "./read-answer.ts";
import type { TokenSource } from "../identity/token-source.ts";

export type GraphOptions = {
  /** Scheme and host; a token goes nowhere else. */
  readonly origin: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
  readonly now: () => EpochMs;
};

type Client = {
  check(
    tenant: TenantId,
    version: ApiVersion,
    addresses: readonly Address[],
    deadline: EpochMs,
  ): Promise<readonly Answer[]>;
  look(tenant: TenantId, target: Target, deadline: EpochMs): Promise<LookAnswer>;
  userId(tenant: TenantId, name: string, deadline: EpochMs): Promise<ReturnType<typeof readUserId>>;
  isMember(
    tenant: TenantId,
    owner: { readonly kind: "team" | "chat"; readonly id: string },
    userId: string,
    deadline: EpochMs,
  ): Promise<boolean | null>;
};

/** Graph takes 20 requests in a batch: https://learn.microsoft.com/graph/json-batching */
export const BATCH_SIZE = 20;

/** Asks Graph, up to 20 requests in one to `/{version}/$batch`. Never rejects. */
export function createGraphClient(options: GraphOptions): Client {
  const { now, tokens } = options;

  async function ask(
    tenant: TenantId,
    version: ApiVersion,
    paths: readonly string[],
    deadline: EpochMs,
  ): Promise<readonly Reply[]> {
    const all = (reply: Reply): readonly Reply[] => paths.map(() => reply);
    const token = await tokenFor(options, tenant, deadline);
    if (token instanceof Error) return all({ kind: "noToken", message: token.message });
    const replies = await send(options, version, token, paths, deadline);
    if (replies === "badBatch") {
      // One bad address makes Graph refuse a whole batch unread, so each is asked for by itself.
      const single = paths.map((path) => ask(tenant, version, [path], deadline));
      return (await Promise.all(single)).flat();
    }
    if (replies.some((reply) => reply.kind === "item" && reply.status === 401)) tokens.discard(tenant);
    return replies;
  }

  return {
    async check(tenant, version, addresses, deadline) {
      const paths = addresses.map(({ path }) => path);
      const replies = await ask(tenant, version, paths, deadline);
      return addresses.map(({ kind }, index) => readCheck(kind, replies[index], now()));
    },
    async look(tenant, { version, path }, deadline) {
      const [reply] = await ask(tenant, version, [path], deadline);
      return readLook(reply, now());
    },
    async userId(tenant, name, deadline) {
      const path = `/users/${encodeURIComponent(name.toWellFormed())}?$select=id`;
      const [reply] = await ask(tenant, "v1.0", [path], deadline);
      return readUserId(reply);
    },
    async isMember(tenant, { kind, id }, userId, deadline) {
      const owner = encodeURIComponent(id);
      const path =
        kind === "team"
          ? `/teams/${owner}/members?$filter=(microsoft.graph.aadUserConversationMember/userId eq '${userId}')`
          : `/chats/${owner}/members`;
      const [reply] = await ask(tenant, "v1.0", [path], deadline);
      return readMember(reply, userId);
    },
  };
}

/** Getting a token may take longer than the claim that wants it. */
async function tokenFor(
  { tokens, now }: GraphOptions,
  tenant: TenantId,
  deadline: EpochMs,
): Promise<string | null | Error> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error("The token did not come in time.")),
    Math.max(deadline - now(), 0),
  );
  try {
    return await Promise.race([tokens.token(tenant), tooLate]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  options: GraphOptions,
  version: ApiVersion,
  token: string | null,
  paths: readonly string[],
  deadline: EpochMs,
): Promise<readonly Reply[] | "badBatch"> {
  const all = (reply: Reply): readonly Reply[] => paths.map(() => reply);
  const leftMs = deadline - options.now();
  if (leftMs <= 0) return all({ kind: "noAnswer", message: "There was no time left to ask." });
  const requests = paths.map(requestOf);
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(`${options.origin}/${version}/$batch`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ requests }),
      // A redirect would take the token to another host.
      redirect: "error",
      signal: AbortSignal.timeout(Math.ceil(leftMs)),
    });
    text = await response.text();
  } catch (error) {
    return all({ kind: "noAnswer", message: error instanceof Error ? error.message : String(error) });
  }
  const body = parsed(text);
  if (response.ok) return itemsOf(body, requests);
  const { status, headers } = response;
  if (status === 400 && paths.length > 1) return "badBatch";
  // What a gateway says of the batch says nothing about the operations in it.
  const isOfThem = status === 400 || status === 401 || status === 429 || status >= 500;
  if (!isOfThem) return all({ kind: "noAnswer", message: `The batch was refused with ${status}.` });
  return all(refusal(status, body, headers.get("retry-after"), headers.get("request-id")));
}

type BatchRequest = {
  readonly id: string;
  readonly method: "GET";
  readonly url: string;
  readonly headers: { readonly Prefer: string; readonly "client-request-id": string };
};

/**
 * Without the Prefer header Graph hides newer types (`createChannel`, `archiveChannel`, …) behind
 * `unknownFutureValue`: https://learn.microsoft.com/graph/best-practices-concept
 */
function requestOf(url: string, index: number): BatchRequest {
  return {
    id: String(index),
    method: "GET",
    url,
    headers: { Prefer: "include-unknown-enum-members", "client-request-id": crypto.randomUUID() },
  };
}

function itemsOf(body: unknown, requests: readonly BatchRequest[]): readonly Reply[] {
  const responses: unknown = isBody(body) ? body["responses"] : null;
  const byId = new Map<string, Readonly<Record<string, unknown>>>();
  for (const item of Array.isArray(responses) ? responses : []) {
    if (isBody(item) && typeof item["id"] === "string") byId.set(item["id"], item);
  }
  return requests.map(({ id, headers }): Reply => {
    const item = byId.get(id);
    return item === undefined
      ? { kind: "noAnswer", message: "The batch came back without an answer for this operation." }
      : itemOf(item, headers["client-request-id"]);
  });
}

function itemOf(item: Readonly<Record<string, unknown>>, clientRequestId: string): ReplyItem {
  return {
    kind: "item",
    status: typeof item["status"] === "number" ? item["status"] : 0,
    headers: isBody(item["headers"]) ? item["headers"] : {},
    body: item["body"],
    clientRequestId,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
