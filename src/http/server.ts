import restify, { type Request, type Response, type Server } from "restify";

export type HttpDeps = {
  /** A Bot Framework activity, with its Authorization header. */
  readonly receive: (
    authorization: string | null,
    body: unknown,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** A request of a pipeline. */
  readonly api: (request: ApiRequest) => Promise<ApiAnswer>;
  /** Rejects while the application can't do its work, with a NotReadyError where it can say why; else what it is behind with, or null. */
  readonly ready: () => Promise<string | null>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly refused: (status: number, reason: string) => void;
  /** Local mode: only requests that are addressed to loopback. */
  readonly isLocal: boolean;
};

/** What of a request the API sees; `list` is `/api/watches`, `one` is `/api/watches/{id}`. */
type ApiRequest = {
  readonly method: string;
  readonly route: "list" | "one" | "openapi";
  readonly id: string | null;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | null;
  readonly idempotencyKey: string | null;
  readonly body: unknown;
};

type ApiAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | null;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** The port is taken, or may not be used. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Why the application can't do its work, in words for whoever probes. */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
/** For requests in hand at the end. */
const CLOSE_WITHIN_MS = 5_000;
const IDLE_LOOK_MS = 50;
/** A request may be on its way on a connection that was opened just before the end. */
const SILENT_WITHIN_MS = 1_000;
/** Teams' messages have up to 100 KB; what is larger is none. */
const MAX_BODY_BYTES = 256 * 1024;

const API_ROUTES = [
  ["/api/watches", "list"],
  ["/api/watches/:id", "one"],
  ["/api/openapi.json", "openapi"],
] as const;

export async function startHttpServer(
  listen: { readonly host: string; readonly port: number },
  deps: HttpDeps,
): Promise<HttpServer> {
  const server = restify.createServer({ name: "opwatch", handleUncaughtExceptions: false });
  const inHand = countRequests(server);
  guard(server, deps);
  server.post("/api/messages", async (request: Request, response: Response) => {
    const authorization = request.header("authorization", "");
    const answer = await deps.receive(authorization === "" ? null : authorization, request.body);
    if (answer.status >= 400) deps.refused(answer.status, "activity");
    if (answer.body === null || answer.body === undefined) response.send(answer.status);
    else response.send(answer.status, answer.body);
  });
  for (const [path, route] of API_ROUTES) {
    const answer = async (request: Request, response: Response): Promise<void> =>
      sendAnswer(response, await deps.api(apiRequestOf(request, route)));
    server.get(path, answer);
    if (route === "list") server.post(path, answer);
    if (route === "one") server.del(path, answer);
  }
  server.get("/healthz", async (_request: Request, response: Response) => {
    response.send(200, { status: "ok" });
  });
  server.get("/readyz", async (_request: Request, response: Response) => {
    try {
      const reason = await deps.ready();
      response.send(200, reason === null ? { status: "ready" } : { status: "late", reason });
    } catch (error) {
      const reason = error instanceof NotReadyError ? error.message : "The database does not answer.";
      response.send(503, { status: "not ready", reason });
    }
  });
  server.get("/metrics", async (_request: Request, response: Response) => {
    const text = await deps.metrics.text();
    response.sendRaw(200, text, { "content-type": deps.metrics.contentType });
  });
  await listening(server, listen);
  return { port: server.address().port, [Symbol.asyncDispose]: () => close(server, inHand) };
}

function apiRequestOf(request: Request, route: ApiRequest["route"]): ApiRequest {
  const params: unknown = request.params;
  const body: unknown = request.body;
  const id: unknown = typeof params === "object" && params !== null ? Reflect.get(params, "id") : null;
  return {
    method: request.method ?? "",
    route,
    id: typeof id === "string" ? id : null,
    query: Object.fromEntries(new URLSearchParams((request.url ?? "").split("?")[1] ?? "")),
    authorization: request.header("authorization") ?? null,
    idempotencyKey: request.header("idempotency-key") ?? null,
    body,
  };
}

function sendAnswer(response: Response, { status, headers, body }: ApiAnswer): void {
  const type = body === null ? {} : { "content-type": "application/json", ...headers };
  response.sendRaw(status, body === null ? "" : JSON.stringify(body), { ...headers, ...type });
}

/** Pipelines get a problem (RFC 9457), everybody else a message. */
function sendRefusal(request: Request, response: Response, status: number, detail: string): void {
  const isApi = /^\/api\/(?!messages\b)/u.test(request.url ?? "");
  if (!isApi) {
    response.send(status, { error: { message: detail } });
    return;
  }
  const type = `urn:opwatch:problem:${PROBLEM_NAMES.get(status) ?? "invalid-request"}`;
  const body = { type, title: detail, status, detail };
  sendAnswer(response, { status, headers: { "content-type": "application/problem+json" }, body });
}

const PROBLEM_NAMES: ReadonlyMap<number, string> = new Map([
  [404, "not-found"],
  [405, "method-not-allowed"],
  [413, "too-large"],
  [415, "unsupported-media-type"],
  [500, "unavailable"],
]);

function guard(server: Server, deps: HttpDeps): void {
  server.pre((request, response, next) => {
    const refuse = (status: number, reason: string, message: string): void => {
      deps.refused(status, reason);
      sendRefusal(request, response, status, message);
      next(false);
    };
    // restify makes a URL of both and lets what that throws end the process.
    const { host = "localhost" } = request.headers;
    const path = request.url ?? "";
    const isName = /^[^\s/\\?#@]+$/u.test(host) && URL.canParse(`http://${host}`);
    if (!isName || !path.startsWith("/") || !URL.canParse(`http://${host}${path}`)) {
      return refuse(400, "url", "The address can't be read.");
    }
    // A web page can make its own name lead to this machine, and would then be let in.
    if (deps.isLocal && !LOOPBACK.has(new URL(`http://${host}`).hostname)) {
      return refuse(403, "host", "In local mode only loopback is served.");
    }
    // restify's limit counts compressed bytes, and malformed gzip ends the process.
    if (request.headers["content-encoding"] !== undefined) {
      return refuse(415, "content-encoding", "Compressed bodies are not accepted.");
    }
    // Also keeps web pages from posting to a bot in local mode: JSON needs a browser's preflight.
    // Whatever the method: restify reads other types, too, and writes some of them to the disk.
    const isJson = /^application\/json\s*(?:;|$)/iu.test(request.headers["content-type"] ?? "");
    if ((request.method === "POST" || hasBody(request.headers)) && !isJson) {
      return refuse(415, "content-type", "The content type must be application/json.");
    }
    return next();
  });
  server.use(restify.plugins.bodyParser({ maxBodySize: MAX_BODY_BYTES, mapParams: false }));
  // What went wrong inside is for the log; a caller gets the status alone.
  server.on("restifyError", (request: Request, response: Response, error: unknown, next: () => void) => {
    const status = statusOf(error);
    deps.refused(status, error instanceof Error ? error.name : "error");
    const message = MESSAGES.get(status) ?? "The request could not be handled.";
    sendRefusal(request, response, status, message);
    next();
  });
  const { server: http } = server;
  http.requestTimeout = 30_000;
  http.headersTimeout = 10_000;
  // Longer than gateways keep theirs: who closes first must not be us, just as a request is on its way.
  http.keepAliveTimeout = 75_000;
  // There is nothing to upgrade to, and no time limit holds for a connection that asks for it.
  http.removeAllListeners("upgrade");
  http.on("upgrade", (_request, socket) => socket.destroy());
}

function hasBody(headers: Request["headers"]): boolean {
  const length = headers["content-length"] ?? "0";
  return headers["transfer-encoding"] !== undefined || length !== "0";
}

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [400, "The body is not valid JSON."],
  [404, "There is nothing at this address."],
  [405, "This address does not take this method."],
  [413, `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`],
]);

function statusOf(error: unknown): number {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : null;
  return typeof status === "number" ? status : 500;
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    // restify passes its HTTP server's errors on.
    server.once("error", (error: Error & { code?: string }) => {
      const why =
        error.code === "EADDRINUSE"
          ? `is in use by another program. Stop that one, or choose another port: PORT=${port + 10}`
          : `can't be listened on (${error.code ?? error.message}). Choose another one, e.g. PORT=3978 HOST=127.0.0.1`;
      reject(new ListenError(`Port ${port} on ${host} ${why}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
    // Later ones, as of too many open files, are of one connection and not of the server.
    server.on("error", () => undefined);
  });
}

/** How many requests are in hand. */
function countRequests(server: Server): () => number {
  let count = 0;
  server.server.on("request", (_request, response) => {
    count += 1;
    response.once("close", () => {
      count -= 1;
    });
  });
  return () => count;
}

/** Requests in hand are answered; connections that only wait for another one, or never sent any, are closed. */
function close(server: Server, inHand: () => number): Promise<void> {
  return new Promise((resolve) => {
    const closingAt = performance.now();
    const look = (): void => {
      const isLong = performance.now() - closingAt > SILENT_WITHIN_MS;
      // Those that never sent a request do not count as idle.
      if (isLong && inHand() === 0) server.server.closeAllConnections();
      else server.server.closeIdleConnections();
    };
    const timer = setInterval(look, IDLE_LOOK_MS);
    server.close(() => {
      clearInterval(timer);
      resolve();
    });
    look();
    setTimeout(() => server.server.closeAllConnections(), CLOSE_WITHIN_MS).unref();
  });
}
