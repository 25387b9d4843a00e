import type { IncomingMessage } from "node:http";
import type { GraphAnswer } from "./graph-answer.ts";
import { operationsOrderOf, type OperationsOrder } from "./operations-order.ts";
import { readJsonBody } from "./read-json-body.ts";
import type { SandboxCounts } from "./sandbox-state.ts";

export interface Control {
  counts(): SandboxCounts;
  addMany(count: number, plan: Pick<OperationsOrder, "kind" | "life">): readonly string[];
}

export function isControlPath(url: string): boolean {
  return url.startsWith("/_sandbox/");
}

/** Answers what another process asks of the sandbox itself; it is no part of Graph and is not counted. */
export async function answerControl(incoming: IncomingMessage, control: Control): Promise<GraphAnswer> {
  switch (`${incoming.method ?? ""} ${incoming.url ?? ""}`) {
    case "GET /_sandbox/counts":
      return { status: 200, headers: {}, body: { ...control.counts() } };
    case "POST /_sandbox/operations": {
      const body = await readJsonBody(incoming);
      if (body.kind === "tooLarge") return refused(413, "The body is too large.");
      if (body.kind === "malformed") return refused(400, "The body is not JSON.");
      const order = operationsOrderOf(body.kind === "json" ? body.value : undefined);
      if (typeof order === "string") return refused(400, order);
      return { status: 201, headers: {}, body: { locations: control.addMany(order.count, order) } };
    }
    default:
      return refused(404, "The sandbox knows GET /_sandbox/counts and POST /_sandbox/operations.");
  }
}

function refused(status: number, message: string): GraphAnswer {
  return { status, headers: {}, body: { error: { code: "Sandbox", message } } };
}
