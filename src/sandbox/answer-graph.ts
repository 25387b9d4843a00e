import { checkOperation, noteCheck, operationNotFound } from "./check-operation.ts";
import {
  graphError,
  headerOf,
  tooManyRequests,
  type GraphAnswer,
  type GraphRequest,
} from "./graph-answer.ts";
import { kinds } from "./kinds.ts";
import { listMembers } from "./list-members.ts";
import { lookAtOwner } from "./look-at-owner.ts";
import { operationPathOf, segmentsOf } from "./operation-path.ts";
import { ownerPathOf } from "./owner-path.ts";
import type { SandboxState } from "./sandbox-state.ts";
import { startOperation } from "./start-operation.ts";

/** Answers one request, alone or out of a batch, and counts what came of it. */
export function answerGraph(request: GraphRequest, state: SandboxState): GraphAnswer {
  if (headerOf(request.headers, "authorization") !== null) state.counts.withAuthorization += 1;
  const segments = segmentsOf(request.path);
  const waitSeconds = state.limits?.waitSeconds(segments ?? [], request.arrivedMs) ?? 0;
  const answer =
    waitSeconds > 0
      ? throttled(waitSeconds, segments ?? [], request, state)
      : routed(segments, request, state);
  if (answer.status === 404) state.counts.notFound += 1;
  if (answer.status === 401) state.counts.unauthorized += 1;
  return answer;
}

function throttled(
  waitSeconds: number,
  segments: readonly string[],
  request: GraphRequest,
  state: SandboxState,
): GraphAnswer {
  state.counts.throttled += 1;
  const path = request.method === "GET" ? operationPathOf(segments) : null;
  const operation = path === null ? null : state.operations.find(path.key);
  if (operation !== null) noteCheck(operation, request, state);
  return tooManyRequests(waitSeconds, request);
}

function routed(segments: readonly string[] | null, request: GraphRequest, state: SandboxState): GraphAnswer {
  if (segments === null) {
    return graphError(
      { status: 400, code: "BadRequest", message: "The percent-encoding of the path is broken." },
      request,
    );
  }
  if (request.method === "GET") {
    return (
      readOperation(segments, request, state) ??
      readOwner(segments, request, state) ??
      unknownSegment(segments.at(-1), request)
    );
  }
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

function readOperation(
  segments: readonly string[],
  request: GraphRequest,
  state: SandboxState,
): GraphAnswer | null {
  const path = operationPathOf(segments);
  if (path === null) return null;
  if (kinds[path.kind].isBetaOnly && request.version !== "beta") return unknownSegment("operations", request);
  const operation = state.operations.find(path.key);
  if (operation !== null) return checkOperation(operation, request, state);
  // Graph knows only some of the paths that end like one of an operation.
  return path.kind === "other" ? null : operationNotFound(request);
}

function readOwner(
  segments: readonly string[],
  request: GraphRequest,
  state: SandboxState,
): GraphAnswer | null {
  // `/groups/{id}/team`, `/me/joinedTeams/{id}`, … are not simulated.
  const path = isDirect(segments) ? ownerPathOf(segments) : null;
  if (path === null) return null;
  if (path.rest.length === 0) return lookAtOwner(path, request, state);
  const isMembers = path.rest.length === 1 && path.rest[0] === "members" && path.kind !== "engagement";
  return isMembers ? listMembers(path, request, state) : null;
}

function isDirect([collection = ""]: readonly string[]): boolean {
  return ["teams", "chats", "employeeexperience"].includes(collection.toLowerCase());
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
