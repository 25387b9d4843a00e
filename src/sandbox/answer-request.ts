import { answerBatch } from "./answer-batch.ts";
import { answerGraph } from "./answer-graph.ts";
import {
  graphError,
  headerOf,
  isGraphVersion,
  type AnswerTo,
  type GraphAnswer,
  type GraphRequest,
} from "./graph-answer.ts";
import { segmentsOf } from "./operation-path.ts";
import { maximumBodyBytes, type JsonBody } from "./read-json-body.ts";
import type { SandboxState } from "./sandbox-state.ts";

/** One call of the sandbox, over HTTP or within the process. */
export interface SandboxCall {
  readonly method: string;
  /** From the first slash of the path on. */
  readonly url: string;
  readonly headers: GraphRequest["headers"];
  readonly readBody: () => Promise<JsonBody>;
}

/** Answers one call under `/v1.0` or `/beta`. */
export async function answerRequest(
  call: SandboxCall,
  answerTo: AnswerTo,
  state: SandboxState,
): Promise<GraphAnswer> {
  const { version, path } = versionedPathOf(call.url);
  if (!isGraphVersion(version)) {
    return graphError({ status: 400, code: "BadRequest", message: `Invalid version: ${version}` }, answerTo);
  }
  const request = { ...answerTo, method: call.method, version, path };
  if (call.method !== "POST") return answerGraph({ ...request, body: undefined }, state);
  const body = await call.readBody();
  if (body.kind === "malformed") return graphError(malformed, answerTo);
  if (body.kind === "tooLarge") return graphError(tooLarge, answerTo);
  return answerPost({ ...request, body: body.kind === "json" ? body.value : undefined }, state);
}

/** `/beta//chats?x` is `beta` and `//chats?x`. */
export function versionedPathOf(url: string): { readonly version: string; readonly path: string } {
  const [, version = "", path = ""] = /^\/*([^/?]*)(.*)$/su.exec(url) ?? [];
  return { version: version.toLowerCase(), path };
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
