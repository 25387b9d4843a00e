import type { IncomingMessage } from "node:http";
import { answerBatch } from "./answer-batch.ts";
import { answerGraph } from "./answer-graph.ts";
import {
  graphError,
  headerOf,
  type GraphAnswer,
  type GraphRequest,
  type GraphVersion,
} from "./graph-answer.ts";
import { segmentsOf } from "./operation-path.ts";
import { maximumBodyBytes, readJsonBody } from "./read-json-body.ts";
import type { SandboxState } from "./sandbox-state.ts";

export interface Arrival {
  readonly requestId: string;
  readonly arrivedMs: number;
}

/** Answers one HTTP request under `/v1.0` or `/beta`. */
export async function answerRequest(
  incoming: IncomingMessage,
  { requestId, arrivedMs }: Arrival,
  state: SandboxState,
): Promise<GraphAnswer> {
  const { headers, method = "" } = incoming;
  const refused = { requestId, arrivedMs, headers };
  const { version, path } = versionedPathOf(incoming.url ?? "");
  if (!isGraphVersion(version)) {
    return graphError({ status: 400, code: "BadRequest", message: `Invalid version: ${version}` }, refused);
  }
  const request = { method, version, path, headers, requestId, arrivedMs };
  if (method !== "POST") return answerGraph({ ...request, body: undefined }, state);
  const body = await readJsonBody(incoming);
  if (body.kind === "malformed") return graphError(malformed, refused);
  if (body.kind === "tooLarge") return graphError(tooLarge, refused);
  return answerPost({ ...request, body: body.kind === "json" ? body.value : undefined }, state);
}

/** `/beta//chats?x` is `beta` and `//chats?x`. */
export function versionedPathOf(url: string): { readonly version: string; readonly path: string } {
  const [, version = "", path = ""] = /^\/*([^/?]*)(.*)$/su.exec(url) ?? [];
  return { version: version.toLowerCase(), path };
}

export function isGraphVersion(version: string): version is GraphVersion {
  return version === "v1.0" || version === "beta";
}

function answerPost(request: GraphRequest, state: SandboxState): GraphAnswer {
  const segments = segmentsOf(request.path);
  if (segments?.length !== 1 || segments[0] !== "$batch") return answerGraph(request, state);
  state.counts.batches += 1;
  if (headerOf(request.headers, "authorization") !== null) state.counts.withAuthorization += 1;
  return answerBatch(request, state);
}

const malformed = {
  status: 400,
  code: "BadRequest",
  message: "Unable to read JSON request payload. Make sure that the payload is valid JSON.",
} as const;

const tooLarge = {
  status: 413,
  code: "RequestEntityTooLarge",
  message: `The body is larger than ${maximumBodyBytes} bytes.`,
} as const;
