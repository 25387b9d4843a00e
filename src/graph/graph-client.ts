import type { Address, ApiVersion } from "../core/address.ts";
import type { Answer } from "../core/answer.ts";
import { cleanText } from "../core/clean-text.ts";
import type { EpochMs, TenantId } from "../core/ids.ts";
import { parseRetryAfter } from "../core/retry-after.ts";
import { decodeOperation, errorOf, isBody } from "./decode-operation.ts";
import type { TokenSource } from "./token-source.ts";

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
};

/** Graph takes 20 requests in a batch: https://learn.microsoft.com/graph/json-batching */
export const BATCH_SIZE = 20;
const MAX_HEADER = 200;

/** Asks for operations, up to 20 in one request to `/{version}/$batch`. */
export function createGraphClient(options: GraphOptions): Client {
  const client: Client = {
    async check(tenant, version, addresses, deadline) {
      const token = await tokenFor(options, tenant, deadline);
      if (token instanceof Error) {
        return addresses.map(() => ({ kind: "noToken", message: token.message }));
      }
      const answers = await ask(options, version, token, addresses, deadline);
      if (answers === "badBatch") {
        // One bad address makes Graph refuse a whole batch unread, so each is asked for by itself.
        const single = addresses.map((address) => client.check(tenant, version, [address], deadline));
        return (await Promise.all(single)).flat();
      }
      if (answers.some((answer) => answer.kind === "refused" && answer.httpStatus === 401)) {
        options.tokens.discard(tenant);
      }
      return answers;
    },
  };
  return client;
}

/** Getting a token may take longer than the claim that wants it. */
async function tokenFor(
  { tokens, now }: GraphOptions,
  tenant: TenantId,
  deadline: EpochMs,
): Promise<string | null | Error> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("The token did not come in time.")), deadline - now());
  try {
    return await Promise.race([tokens.token(tenant), tooLate]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function ask(
  options: GraphOptions,
  version: ApiVersion,
  token: string | null,
  addresses: readonly Address[],
  deadline: EpochMs,
): Promise<readonly Answer[] | "badBatch"> {
  const all = (answer: Answer): readonly Answer[] => addresses.map(() => answer);
  const leftMs = deadline - options.now();
  if (leftMs <= 0) return all({ kind: "noAnswer", message: "There was no time left to ask." });
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(`${options.origin}/${version}/$batch`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ requests: addresses.map(requestOf) }),
      // A redirect would take the token to another host.
      redirect: "error",
      signal: AbortSignal.timeout(Math.ceil(leftMs)),
    });
    text = await response.text();
  } catch (error) {
    return all({ kind: "noAnswer", message: error instanceof Error ? error.message : String(error) });
  }
  const body = parsed(text);
  if (response.ok) return itemsOf(body, addresses, options.now());
  const { status } = response;
  if (status === 400 && addresses.length > 1) return "badBatch";
  // What a gateway says of the batch says nothing about the operations in it.
  const isOfThem = status === 400 || status === 401 || status === 429 || status >= 500;
  if (!isOfThem) return all({ kind: "noAnswer", message: `The batch was refused with ${status}.` });
  return all(
    refusal(
      status,
      body,
      response.headers.get("retry-after"),
      response.headers.get("request-id"),
      options.now(),
    ),
  );
}

/**
 * Without the Prefer header Graph hides newer types (`createChannel`, `archiveChannel`, …) behind
 * `unknownFutureValue`: https://learn.microsoft.com/graph/best-practices-concept
 */
function requestOf(address: Address, index: number): object {
  return {
    id: String(index),
    method: "GET",
    url: address.path,
    headers: { Prefer: "include-unknown-enum-members" },
  };
}

function itemsOf(body: unknown, addresses: readonly Address[], now: EpochMs): readonly Answer[] {
  const responses: unknown = isBody(body) ? body["responses"] : null;
  const byId = new Map<string, Readonly<Record<string, unknown>>>();
  for (const item of Array.isArray(responses) ? responses : []) {
    if (isBody(item) && typeof item["id"] === "string") byId.set(item["id"], item);
  }
  return addresses.map((address, index) => {
    const item = byId.get(String(index));
    return item === undefined
      ? { kind: "noAnswer", message: "The batch came back without an answer for this operation." }
      : readItem(address, item, now);
  });
}

function readItem(address: Address, item: Readonly<Record<string, unknown>>, now: EpochMs): Answer {
  const status = typeof item["status"] === "number" ? item["status"] : 0;
  const headers = isBody(item["headers"]) ? item["headers"] : {};
  const body = item["body"];
  const retryAfter = header(headers, "retry-after");
  const requestId = header(headers, "request-id");
  if (status < 200 || status > 299) return refusal(status, body, retryAfter, requestId, now);
  const snapshot = decodeOperation(address.kind, body);
  const retryAfterMs = parseRetryAfter(retryAfter, now);
  return snapshot === null
    ? { kind: "unreadable", httpStatus: status, requestId, retryAfterMs }
    : { kind: "snapshot", snapshot, retryAfterMs };
}

function refusal(
  httpStatus: number,
  body: unknown,
  retryAfter: string | null,
  requestId: string | null,
  now: EpochMs,
): Answer {
  const error: unknown = isBody(body) ? body["error"] : null;
  const { code, message } = errorOf(error) ?? { code: null, message: null };
  const inner: unknown = isBody(error) ? error["innerError"] : null;
  const innerId: unknown = isBody(inner) ? inner["request-id"] : null;
  return {
    kind: "refused",
    httpStatus,
    code,
    message,
    requestId: requestId ?? (typeof innerId === "string" ? cleanText(innerId, MAX_HEADER) : null),
    retryAfterMs: parseRetryAfter(retryAfter, now),
  };
}

/** Header names in a batch come in any case. */
function header(headers: Readonly<Record<string, unknown>>, name: string): string | null {
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue;
    if (typeof value === "string" || typeof value === "number") return cleanText(String(value), MAX_HEADER);
  }
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
