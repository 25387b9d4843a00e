import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { answerControl, isControlPath } from "./answer-control.ts";
import { answerRequest, versionedPathOf, type SandboxCall } from "./answer-request.ts";
import { fetchCallOf, unlessAborted, type Fetch } from "./fetch-call.ts";
import {
  graphError,
  isGraphVersion,
  withRequestIds,
  type AnswerTo,
  type GraphAnswer,
} from "./graph-answer.ts";
import { kinds } from "./kinds.ts";
import { createLimits } from "./limits.ts";
import { operationPathOf, segmentsOf } from "./operation-path.ts";
import { createOperations, type OperationPlan, type SimulatedOperation } from "./operations.ts";
import { PortBusyError } from "./port-busy-error.ts";
import { readJsonBody } from "./read-json-body.ts";
import { zeroCounts, type SandboxCounts, type SandboxState } from "./sandbox-state.ts";
import { responseOf, sendAnswer } from "./send-answer.ts";

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
  /** Whether requests beyond Graph's limits for one application in one tenant are refused. */
  readonly realLimits?: boolean;
  /** How many sandbox milliseconds after its success an operation's result can be looked at. */
  readonly visibleAfterMs?: number;
  readonly now?: () => number;
  /** Waits out `latencyMs` and the `delayMs` of a life's step, in real time if nothing else is given. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly onRequest?: (request: SandboxRequest) => void;
}

export interface SandboxRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: SandboxCall["headers"];
  readonly arrivedMs: number;
}

interface AddedOperation {
  /** As Graph announces it: relative for a team and a chat, absolute for the others. */
  readonly location: string;
  /** With the version, to be put behind the sandbox's `url`. */
  readonly path: string;
}

export interface Sandbox extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  addOperation(plan: OperationPlan): AddedOperation;
  /** The locations of the new operations. */
  addMany(count: number, plan: Omit<OperationPlan, "id">): readonly string[];
  /** Answers as over HTTP, but within the process; the host of the URL does not matter. */
  readonly fetch: Fetch;
  counts(): SandboxCounts;
  /** When each check of an operation arrived, refused ones included. */
  checksOf(location: string): readonly number[];
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = "127.0.0.1", now = Date.now, recordChecks = true, visibleAfterMs = 45_000 } = options;
  const server = createServer({ keepAlive: true, keepAliveTimeout: 65_000 });
  const state: SandboxState = {
    operations: createOperations({ recordChecks, visibleAfterMs, now }),
    counts: zeroCounts(),
    url: `http://${host.includes(":") ? `[${host}]` : host}:${await listen(server, host, options.port ?? 0)}`,
    speed: options.speed ?? 1,
    minimumIntervalMs: options.minimumIntervalMs ?? 30_000,
    limits: options.realLimits === true ? createLimits() : null,
  };
  const sandbox: Sandbox = {
    ...sandboxOver(server, state),
    async fetch(input, init) {
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
      const call = await fetchCallOf(input, init);
      signal?.throwIfAborted();
      return unlessAborted(respond(call, responseOf), signal);
    },
  };

  /** Hands over the answer, or a fault of the sandbox's own when there is none that can be sent. */
  async function respond<T>(call: SandboxCall, send: (answer: GraphAnswer) => T): Promise<T> {
    const answerTo: AnswerTo = { requestId: randomUUID(), arrivedMs: now(), headers: call.headers };
    try {
      return send(withRequestIds(await answered(call, answerTo), answerTo));
    } catch (error) {
      const problem = { status: 500, code: "SandboxFault", message: String(error) };
      return send(withRequestIds(graphError(problem, answerTo), answerTo));
    }
  }

  async function answered(call: SandboxCall, answerTo: AnswerTo): Promise<GraphAnswer> {
    if (isControlPath(call.url)) return answerControl(call, sandbox);
    state.counts.requests += 1;
    const { method, url, headers } = call;
    options.onRequest?.({ method, url, headers, arrivedMs: answerTo.arrivedMs });
    const answer = await answerRequest(call, answerTo, state);
    const waitMs = (options.latencyMs ?? 0) + (answer.delayMs ?? 0);
    if (waitMs > 0) await (options.sleep ?? sleepUnheld)(waitMs);
    return answer;
  }

  server.on("request", (incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const call = { method, url, headers, readBody: async () => readJsonBody(incoming) };
    void respond(call, (answer) => sendAnswer(response, answer));
  });
  return sandbox;
}

// The sandbox may be closed while an answer waits; it must not hold the process then.
async function sleepUnheld(ms: number): Promise<void> {
  await delay(ms, undefined, { ref: false });
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

function sandboxOver(server: Server, state: SandboxState): Omit<Sandbox, "fetch"> {
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
      return { location: locationOf(operation, state.url), path: versionedPath(operation) };
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
  return kinds[operation.kind].isAnnouncedRelative ? operation.path : url + versionedPath(operation);
}

function versionedPath({ kind, path }: SimulatedOperation): string {
  return `/${kinds[kind].isBetaOnly ? "beta" : "v1.0"}${path}`;
}

function findByLocation(location: string, state: SandboxState): SimulatedOperation | null {
  const local = location.startsWith(state.url) ? location.slice(state.url.length) : location;
  const { version, path } = versionedPathOf(local);
  const operation = operationPathOf(segmentsOf(isGraphVersion(version) ? path : local) ?? []);
  return operation === null ? null : state.operations.find(operation.key);
}
