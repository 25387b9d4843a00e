import restify, { type Request, type Response, type Server } from "restify";

export type HttpDeps = {
  /** A Bot Framework activity, with its Authorization header. */
  readonly receive: (
    authorization: string | null,
    body: unknown,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** Rejects with the reason while the application can't do its work. */
  readonly ready: () => Promise<void>;
  readonly refused: (status: number, reason: string) => void;
  /** Local mode: only requests that are addressed to loopback. */
  readonly isLocal: boolean;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** The port is taken, or may not be used. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
/** For requests in hand at the end. */
const CLOSE_WITHIN_MS = 5_000;
/** Teams' messages have up to 100 KB; what is larger is none. */
const MAX_BODY_BYTES = 256 * 1024;

export async function startHttpServer(
  listen: { readonly host: string; readonly port: number },
  deps: HttpDeps,
): Promise<HttpServer> {
  const server = restify.createServer({ name: "opwatch", handleUncaughtExceptions: false });
  guard(server, deps);
  server.post("/api/messages", async (request: Request, response: Response) => {
    const authorization = request.header("authorization", "");
    const answer = await deps.receive(authorization === "" ? null : authorization, request.body);
    if (answer.status >= 400) deps.refused(answer.status, "activity");
    if (answer.body === null || answer.body === undefined) response.send(answer.status);
    else response.send(answer.status, answer.body);
  });
  server.get("/healthz", async (_request: Request, response: Response) => {
    response.send(200, { status: "ok" });
  });
  server.get("/readyz", async (_request: Request, response: Response) => {
    try {
      await deps.ready();
      response.send(200, { status: "ready" });
    } catch {
      response.send(503, { status: "not ready", reason: "The database does not answer." });
    }
  });
  await listening(server, listen);
  return { port: server.address().port, [Symbol.asyncDispose]: () => close(server) };
}

function guard(server: Server, deps: HttpDeps): void {
  server.pre((request, response, next) => {
    const refuse = (status: number, reason: string, message: string): void => {
      deps.refused(status, reason);
      response.send(status, { error: { message } });
      next(false);
    };
    // restify makes a URL of both and lets what that throws end the process.
    const { host = "localhost" } = request.headers;
    const path = request.url ?? "";
    if (!path.startsWith("/") || !URL.canParse(`http://${host}${path}`)) {
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
    if (request.method === "POST" && !/^application\/json\b/iu.test(request.headers["content-type"] ?? "")) {
      return refuse(415, "content-type", "The content type must be application/json.");
    }
    return next();
  });
  server.use(restify.plugins.bodyParser({ maxBodySize: MAX_BODY_BYTES, mapParams: false }));
  // What went wrong inside is for the log; a caller gets the status alone.
  server.on("restifyError", (_request: Request, response: Response, error: unknown, next: () => void) => {
    const status = statusOf(error);
    deps.refused(status, error instanceof Error ? error.name : "error");
    response.send(status, {
      error: { message: MESSAGES.get(status) ?? "The request could not be handled." },
    });
    next();
  });
  const { server: http } = server;
  http.requestTimeout = 30_000;
  http.headersTimeout = 10_000;
  // There is nothing to upgrade to, and no time limit holds for a connection that asks for it.
  http.removeAllListeners("upgrade");
  http.on("upgrade", (_request, socket) => socket.destroy());
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
          ? `is in use by another program. Stop that one, or choose another port: PORT=${port + 1}`
          : `can't be listened on (${error.code ?? error.message}). Choose another one, e.g. PORT=3978 HOST=127.0.0.1`;
      reject(new ListenError(`Port ${port} on ${host} ${why}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
    // Later ones, as of too many open files, are of one connection and not of the server.
    server.on("error", () => undefined);
  });
}

/** Requests in hand are answered; connections that only wait for another one are closed. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.server.closeIdleConnections();
    setTimeout(() => server.server.closeAllConnections(), CLOSE_WITHIN_MS).unref();
  });
}
