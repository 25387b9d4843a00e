import { checkOperation, operationNotFound } from "./check-operation.ts";
import { graphError, headerOf, type GraphAnswer, type GraphRequest } from "./graph-answer.ts";
import { operationPathOf, segmentsOf } from "./operation-path.ts";
import type { SandboxState } from "./sandbox-state.ts";
import { startOperation } from "./start-operation.ts";

/** Answers one request, alone or out of a batch, and counts what came of it. */
export function answerGraph(request: GraphRequest, state: SandboxState): GraphAnswer {
  if (headerOf(request.headers, "authorization") !== null) state.counts.withAuthorization += 1;
  const answer = routed(request, state);
  if (answer.status === 404) state.counts.notFound += 1;
  if (answer.status === 401) state.counts.unauthorized += 1;
  return answer;
}

function routed(request: GraphRequest, state: SandboxState): GraphAnswer {
  const segments = segmentsOf(request.path);
  if (segments === null) {
    return graphError(
      { status: 400, code: "BadRequest", message: "The percent-encoding of the path is broken." },
      request,
    );
  }
  if (request.method === "GET") return readOperation(segments, request, state);
  if (request.method === "POST") {
    return startOperation(segments, request, state) ?? unknownSegment(segments.at(-1), request);
  }
  return graphError(
    {
      status: 405,
      code: "BadRequest",
      message: "Specified HTTP method is not allowed for the request target.",
    },
    request,
  );
}

function readOperation(segments: readonly string[], request: GraphRequest, state: SandboxState): GraphAnswer {
  const path = operationPathOf(segments);
  if (path === null) return unknownSegment(segments.at(-1), request);
  // A chat has no operations in v1.0.
  if (path.kind === "chat" && request.version !== "beta") return unknownSegment("operations", request);
  const operation = state.operations.find(path.key);
  return operation === null ? operationNotFound(request) : checkOperation(operation, request, state);
}

function unknownSegment(segment: string | undefined, request: GraphRequest): GraphAnswer {
  return graphError(
    {
      status: 400,
      code: "BadRequest",
      message: `Resource not found for the segment '${segment ?? ""}'.`,
    },
    request,
  );
}
