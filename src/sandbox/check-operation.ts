import { graphError, headerOf, type GraphAnswer, type GraphRequest } from "./graph-answer.ts";
import { answerAt } from "./life.ts";
import { kinds } from "./kinds.ts";
import type { SimulatedOperation } from "./operations.ts";
import type { SandboxState } from "./sandbox-state.ts";

/** Answers one check of an operation, or refuses it when it comes too early. */
export function checkOperation(
  operation: SimulatedOperation,
  request: GraphRequest,
  state: SandboxState,
): GraphAnswer {
  noteCheck(operation, request, state);
  if (operation.startsAtFirstCheck && operation.lastCheckMs === null) {
    operation.createdMs = request.arrivedMs;
  }
  const leftMs = earlyByMs(operation, request.arrivedMs, state.minimumIntervalMs);
  if (leftMs !== null) {
    state.counts.early += 1;
    return tooEarly(leftMs, request, state.minimumIntervalMs);
  }
  operation.lastCheckMs = request.arrivedMs;
  return answerOf(operation, request, state);
}

/** Counts a check that arrived, whether it is answered or refused. */
export function noteCheck(operation: SimulatedOperation, request: GraphRequest, state: SandboxState): void {
  state.counts.checks += 1;
  operation.checkInstantsMs?.push(request.arrivedMs);
}

function earlyByMs(
  operation: SimulatedOperation,
  arrivedMs: number,
  minimumIntervalMs: number,
): number | null {
  if (operation.lastCheckMs === null || minimumIntervalMs === 0) return null;
  const leftMs = operation.lastCheckMs + minimumIntervalMs - arrivedMs;
  return leftMs >= 0 ? leftMs : null;
}

function tooEarly(leftMs: number, request: GraphRequest, minimumIntervalMs: number): GraphAnswer {
  return graphError(
    {
      status: 429,
      code: "TooEarly",
      message:
        `This check came ${leftMs / 1_000} seconds too early. ` +
        `More than ${minimumIntervalMs / 1_000} seconds must lie between two checks of one operation.`,
      // More than the interval is asked for: a client that waits just as long as it is told
      // must not be refused again, so a whole second left is not enough.
      headers: { "Retry-After": String(Math.floor(leftMs / 1_000) + 1) },
    },
    request,
  );
}

function answerOf(operation: SimulatedOperation, request: GraphRequest, state: SandboxState): GraphAnswer {
  const answer = answerAt(operation.life, (request.arrivedMs - operation.createdMs) * state.speed);
  if (answer.kind === "notFound") return operationNotFound(request);
  const { httpStatus: status, headers, delayMs = 0 } = answer;
  if (answer.kind === "raw") return { status, headers, delayMs, body: answer.body };
  if (answer.kind === "error") {
    const code = errorCodes[status] ?? "UnknownError";
    const message = `The sandbox was told to answer ${status} here.`;
    return { ...graphError({ status, code, message, headers }, request), delayMs };
  }
  const prefer = headerOf(request.headers, "prefer");
  const { url, speed } = state;
  const rendering = { url, version: request.version, prefer, speed };
  const body = { ...kinds[operation.kind].body(operation, answer, rendering), ...answer.fields };
  return { status, headers, delayMs, body: answer.reshape?.(body) ?? body };
}

export function operationNotFound(request: GraphRequest): GraphAnswer {
  return graphError({ status: 404, code: "NotFound", message: "The operation was not found." }, request);
}

const errorCodes: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "InvalidAuthenticationToken",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Gone",
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};
