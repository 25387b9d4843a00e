import type { SandboxCall } from "./answer-request.ts";
import type { GraphAnswer } from "./graph-answer.ts";
import type { OperationPlan } from "./operations.ts";
import { operationsOrderOf } from "./operations-order.ts";
import type { JsonBody } from "./read-json-body.ts";
import type { SandboxCounts } from "./sandbox-state.ts";

export interface Control {
  counts(): SandboxCounts;
  addMany(count: number, plan: Omit<OperationPlan, "id">): readonly string[];
}

export function isControlPath(url: string): boolean {
  return url.startsWith("/_sandbox/");
}

/** Answers what another process asks of the sandbox itself; it is no part of Graph and is not counted. */
export async function answerControl(call: SandboxCall, control: Control): Promise<GraphAnswer> {
  switch (`${call.method} ${call.url}`) {
    case "GET /_sandbox/counts":
      return { status: 200, headers: {}, body: { ...control.counts() } };
    case "POST /_sandbox/operations":
      return addOperations(await call.readBody(), control);
    default:
      return refused(404, "The sandbox knows GET /_sandbox/counts and POST /_sandbox/operations.");
  }
}

function addOperations(body: JsonBody, control: Control): GraphAnswer {
  if (body.kind === "tooLarge") return refused(413, "The body is too large.");
  if (body.kind === "malformed") return refused(400, "The body is not JSON.");
  const order = operationsOrderOf(body.kind === "json" ? body.value : undefined);
  if (typeof order === "string") return refused(400, order);
  try {
    return { status: 201, headers: {}, body: { locations: control.addMany(order.count, order.plan) } };
  } catch (error) {
    // A path that is none of an operation, or that has one already.
    return refused(400, error instanceof Error ? error.message : String(error));
  }
}

function refused(status: number, message: string): GraphAnswer {
  return { status, headers: {}, body: { error: { code: "Sandbox", message } } };
}
