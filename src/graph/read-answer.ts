import type { Answer, LookAnswer, Trace } from "../core/answer.ts";
import { cleanText } from "../core/clean-text.ts";
import type { EpochMs } from "../core/ids.ts";
import type { OperationKind } from "../core/kinds.ts";
import { parseRetryAfter } from "../core/retry-after.ts";
import { safeWebUrl } from "../core/result.ts";
import { decodeOperation, errorOf, isBody } from "./decode-operation.ts";

/** One item of a batch as it came. */
export type ReplyItem = {
  readonly kind: "item";
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly clientRequestId: string | null;
};

/** What came back for one request. */
export type Reply =
  | ReplyItem
  | { readonly kind: "noAnswer"; readonly message: string }
  | { readonly kind: "noToken"; readonly message: string };

const NOTHING: Reply = { kind: "noAnswer", message: "No answer was given." };
const MAX_HEADER = 200;

/** What a check's reply says of the operation. */
export function readCheck(kind: OperationKind, reply: Reply = NOTHING, now: EpochMs): Answer {
  if (reply.kind !== "item") return reply;
  const { status, body } = reply;
  const trace = traceOf(reply);
  const retryAfterMs = parseRetryAfter(header(reply.headers, "retry-after"), now);
  if (status < 200 || status > 299) {
    const { code, message } = errorOf(isBody(body) ? body["error"] : null) ?? { code: null, message: null };
    return { kind: "refused", httpStatus: status, code, message, trace, retryAfterMs };
  }
  const snapshot = decodeOperation(kind, body);
  return snapshot === null
    ? { kind: "unreadable", httpStatus: status, trace, retryAfterMs }
    : { kind: "snapshot", snapshot, trace, retryAfterMs };
}

/** What a look's reply says of the result. */
export function readLook(reply: Reply = NOTHING, now: EpochMs): LookAnswer {
  if (reply.kind !== "item") return { kind: "noAnswer" };
  const { status, body } = reply;
  if (status === 401 || status === 403) return { kind: "forbidden" };
  if (status === 404 || status === 410) return { kind: "notThere" };
  const retryAfterMs = parseRetryAfter(header(reply.headers, "retry-after"), now);
  if (status === 429 || (status === 503 && retryAfterMs !== null)) return { kind: "throttled", retryAfterMs };
  if (status < 200 || status > 299 || !isBody(body)) return { kind: "noAnswer" };
  return { kind: "there", webUrl: safeWebUrl(body["webUrl"]) };
}

/** Whether a list of members names the user; null when Graph gave no list. */
export function readMember(reply: Reply = NOTHING, userId: string): boolean | null {
  if (reply.kind !== "item") return null;
  if (reply.status === 404) return false;
  const list: unknown = isBody(reply.body) ? reply.body["value"] : null;
  if (reply.status !== 200 || !Array.isArray(list)) return null;
  const isThere = list.some((member: unknown) => {
    const id: unknown = isBody(member) ? member["userId"] : null;
    return typeof id === "string" && id.toLowerCase() === userId.toLowerCase();
  });
  const hasMore = isBody(reply.body) && reply.body["@odata.nextLink"] !== undefined;
  return isThere || (hasMore ? null : false);
}

/** The id of a person who was asked for by name. */
export function readUserId(reply: Reply = NOTHING): UserLookup {
  if (reply.kind !== "item") return { kind: "unavailable" };
  if (reply.status === 400 || reply.status === 403 || reply.status === 404) return { kind: "unknown" };
  if (reply.status !== 200 || !isBody(reply.body)) return { kind: "unavailable" };
  const { id } = reply.body;
  return typeof id === "string" && id !== "" ? { kind: "found", id: id.toLowerCase() } : { kind: "unknown" };
}

type UserLookup =
  { readonly kind: "found"; readonly id: string } | { readonly kind: "unknown" | "unavailable" };

/** A refusal of a whole batch, as one of each of its items. */
export function refusal(
  status: number,
  body: unknown,
  retryAfter: string | null,
  requestId: string | null,
): ReplyItem {
  const headers = {
    ...(retryAfter === null ? {} : { "retry-after": retryAfter }),
    ...(requestId === null ? {} : { "request-id": requestId }),
  };
  return { kind: "item", status, headers, body, clientRequestId: null };
}

function traceOf({ headers, body, clientRequestId }: ReplyItem): Trace {
  const error: unknown = isBody(body) ? body["error"] : null;
  const inner: unknown = isBody(error) ? (error["innerError"] ?? error["innererror"]) : null;
  const innerId: unknown = isBody(inner) ? inner["request-id"] : null;
  const requestId = header(headers, "request-id");
  return {
    requestId: requestId ?? (typeof innerId === "string" ? cleanText(innerId, MAX_HEADER) : null),
    clientRequestId: header(headers, "client-request-id") ?? clientRequestId,
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
