import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { answerControl, isControlPath } from "./answer-control.ts";
import { answerRequest, isGraphVersion, versionedPathOf } from "./answer-request.ts";
import { graphError } from "./graph-answer.ts";
import { operationPathOf, segmentsOf } from "./operation-path.ts";
import { createOperations, type OperationPlan, type SimulatedOperation } from "./operations.ts";
import { PortBusyError } from "./port-busy-error.ts";
import { zeroCounts, type SandboxCounts, type SandboxState } from "./sandbox-state.ts";
import { sendAnswer } from "./send-answer.ts";

export interface SandboxOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** How many times faster than real time the operations live. */
  readonly speed?: number;
  /** Checks of one operation must lie further apart than this; 0 lets them come as they like. */
  readonly minimumIntervalMs?: number;
  readonly latencyMs?: number;
  /** Whether `checksOf` is kept; it costs memory for every check. */
  readonly recordChecks?: boolean;
  readonly now?: () => number;
  readonly onRequest?: (request: SandboxRequest) => void;
}

export interface SandboxRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly arrivedMs: number;
}

interface AddedOperation {
  /** As Graph announces it: relative for a team and a chat, absolute for Engage. */
  readonly location: string;
  /** With the version, to be put behind the sandbox's `url`. */
  readonly path: string;
}

export interface Sandbox extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  addOperation(plan: OperationPlan): AddedOperation;
  /** The locations of the new operations. */
  addMany(count: number, plan: Pick<OperationPlan, "kind" | "life">): readonly string[];
  counts(): SandboxCounts;
  /** When each check of an operation arrived, refused ones included. */
  checksOf(location: string): readonly number[];
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = "127.0.0.1", now = Date.now, latencyMs = 0, recordChecks = true, onRequest } = options;
  const server = createServer({ keepAlive: true, keepAliveTimeout: 65_000 });
  const state: SandboxState = {
    operations: createOperations({ recordChecks, now }),
    counts: zeroCounts(),
    url: `http://${host.includes(":") ? `[${host}]` : host}:${await listen(server, host, options.port ?? 0)}`,
    speed: options.speed ?? 1,
    minimumIntervalMs: options.minimumIntervalMs ?? 30_000,
  };
  const sandbox = sandboxOver(server, state);

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = { requestId: randomUUID(), arrivedMs: now() };
    const { method = "", url = "", headers } = incoming;
    try {
      if (isControlPath(url)) {
        sendAnswer(response, await answerControl(incoming, sandbox), arrival.requestId);
        return;
      }
      state.counts.requests += 1;
      onRequest?.({ method, url, headers, arrivedMs: arrival.arrivedMs });
      const answer = await answerRequest(incoming, arrival, state);
      // The sandbox may be closed while an answer waits; it must not hold the process then.
      if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
      sendAnswer(response, answer, arrival.requestId);
    } catch (error) {
      const problem = { status: 500, code: "SandboxFault", message: String(error) };
      sendAnswer(response, graphError(problem, { ...arrival, headers }), arrival.requestId);
    }
  }

  server.on("request", (incoming, response) => void serve(incoming, response));
  return sandbox;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const listening = once(server, "listening");
  server.listen(port, host);
  try {
    await listening;
  } catch (cause) {
    const isBusy = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    throw isBusy ? new PortBusyError(host, port, { cause }) : cause;
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The sandbox has no port.");
  return address.port;
}

function sandboxOver(server: Server, state: SandboxState): Sandbox {
  let closed: Promise<unknown> | null = null;

  async function close(): Promise<void> {
    if (closed === null) {
      closed = once(server, "close");
      server.close();
      server.closeAllConnections();
    }
    await closed;
  }

  return {
    url: state.url,
    addOperation(plan) {
      const operation = state.operations.add(plan);
      const version = operation.kind === "chat" ? "beta" : "v1.0";
      return { location: locationOf(operation, state.url), path: `/${version}${operation.path}` };
    },
    addMany: (count, plan) =>
      Array.from({ length: count }, () => locationOf(state.operations.add(plan), state.url)),
    counts: () => ({ ...state.counts }),
    checksOf(location) {
      const operation = findByLocation(location, state);
      if (operation === null) throw new Error(`The sandbox has no operation at ${location}.`);
      if (operation.checkInstantsMs === null) {
        throw new Error("This sandbox records no checks: it was started with recordChecks: false.");
      }
      return [...operation.checkInstantsMs];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function locationOf(operation: SimulatedOperation, url: string): string {
  return operation.kind === "engagement" ? `${url}/v1.0${operation.path}` : operation.path;
}

function findByLocation(location: string, state: SandboxState): SimulatedOperation | null {
  const local = location.startsWith(state.url) ? location.slice(state.url.length) : location;
  const { version, path } = versionedPathOf(local);
  const operation = operationPathOf(segmentsOf(isGraphVersion(version) ? path : local) ?? []);
  return operation === null ? null : state.operations.find(operation.key);
}
