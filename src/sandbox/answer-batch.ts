import { randomUUID } from "node:crypto";
import { answerGraph } from "./answer-graph.ts";
import {
  graphError,
  isJsonObject,
  withRequestIds,
  type GraphAnswer,
  type GraphRequest,
} from "./graph-answer.ts";
import type { SandboxState } from "./sandbox-state.ts";

/** https://learn.microsoft.com/graph/json-batching */
const maximumItems = 20;

interface BatchItem {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers a batch: 200 with an answer for each item, or 400 for the whole when it is not well made. */
export function answerBatch(batch: GraphRequest, state: SandboxState): GraphAnswer {
  const items = itemsOf(batch.body);
  if (typeof items === "string") {
    return graphError({ status: 400, code: "BadRequest", message: items }, batch);
  }
  const answers = items.map((item) => ({ id: item.id, answer: answerTo(item, batch, state) }));
  // Graph promises no order. The reverse shows up clients that count on one.
  const responses = answers.map(({ id, answer }) => responseOf(id, answer)).toReversed();
  const delayMs = Math.max(...answers.map(({ answer }) => answer.delayMs ?? 0));
  return { status: 200, headers: {}, body: { responses }, delayMs };
}

function answerTo(
  { method, headers, body, url }: BatchItem,
  batch: GraphRequest,
  state: SandboxState,
): GraphAnswer {
  const request = { ...batch, method, headers, body, path: url, requestId: randomUUID() };
  return withRequestIds(answerGraph(request, state), request);
}

function responseOf(id: string, answer: GraphAnswer): Readonly<Record<string, unknown>> {
  return {
    id,
    status: answer.status,
    headers: { "Content-Type": "application/json", ...answer.headers },
    ...bodyOf(answer),
  };
}

// What is not JSON travels in a batch as base64.
function bodyOf({ body }: GraphAnswer): Readonly<Record<string, unknown>> {
  if (body === null || body === "") return {};
  if (typeof body !== "string") return { body };
  try {
    const parsed: unknown = JSON.parse(body);
    return { body: parsed };
  } catch {
    return { body: Buffer.from(body).toString("base64") };
  }
}

/** The items, or what is wrong with the batch. */
function itemsOf(body: unknown): readonly BatchItem[] | string {
  const requests = isJsonObject(body) ? body["requests"] : undefined;
  if (!Array.isArray(requests) || requests.length === 0) {
    return "Invalid batch payload format: 'requests' must be an array with at least one request.";
  }
  if (requests.length > maximumItems) {
    return `Number of batch request steps (${requests.length}) exceeds the maximum value of ${maximumItems}.`;
  }
  const items: BatchItem[] = [];
  const ids = new Set<string>();
  for (const request of requests) {
    const item = itemOf(request);
    if (typeof item === "string") return item;
    if (ids.has(item.id.toLowerCase())) return `Request Id '${item.id}' has to be unique in a batch.`;
    ids.add(item.id.toLowerCase());
    items.push(item);
  }
  return items;
}

function itemOf(request: unknown): BatchItem | string {
  if (!isJsonObject(request)) return "Invalid batch payload format: every request must be an object.";
  const { id, method, url, body } = request;
  if (typeof id !== "string" || id === "") {
    return "Invalid batch payload format: every request needs an 'id', a string.";
  }
  if (typeof method !== "string" || typeof url !== "string" || url === "") {
    return `Invalid batch payload format: request id '${id}' needs a 'method' and a 'url'.`;
  }
  if (url.includes("://")) {
    return `Invalid batch payload format: the url of request id '${id}' must be relative to the batch's version.`;
  }
  const headers = headersOf(request["headers"]);
  if (headers === null) {
    return `Invalid batch payload format: the headers of request id '${id}' must be strings.`;
  }
  const verb = method.toUpperCase();
  if (verb !== "GET" && (body === undefined || headers["content-type"] === undefined)) {
    return `Write request id : ${id} does not contain Content-Type header or body.`;
  }
  return { id, method: verb, url, headers, body };
}

function headersOf(value: unknown): Readonly<Record<string, string>> | null {
  if (value === undefined) return {};
  if (!isJsonObject(value)) return null;
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return null;
    headers[name.toLowerCase()] = text;
  }
  return headers;
}
