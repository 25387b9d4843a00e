import type { Progress } from "./report.ts";
import type { TrackCommand } from "./usage.ts";

/** The server's refusal, in its own words. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

type Deps = {
  readonly fetch: typeof fetch;
  /** Null: none is needed, as in local mode. */
  readonly token: () => Promise<string | null>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tell: (progress: Progress) => void;
  /** Where the watch can be read and stopped; beside the lines that a job reads. */
  readonly note: (address: string) => void;
};

/** The server's row is asked, never Graph. */
const EVERY_MS = 3_000;
const ATTEMPTS = 5;

/** Hands the operation to the server, and with --wait follows it there until it ends. */
export async function trackOnServer(deps: Deps, command: TrackCommand, operation: string): Promise<Progress> {
  const { title, link, notify, requester, to } = command;
  const server = (command.server ?? "").replace(/\/+$/u, "");
  const given = { title, link, notify, requester };
  const body = {
    operation,
    to,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
  };
  // The same for each try of this run, so that a lost answer makes no second card.
  const key = command.idempotencyKey ?? crypto.randomUUID();
  const made = await send(deps, `${server}/api/watches`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });
  deps.note(`${server}/api/watches/${String(made["id"])}`);
  let progress = progressOf(made);
  deps.tell(progress);
  const until = deps.now() + command.timeoutMs;
  while (command.wait && !progress.isFinal && deps.now() < until) {
    await deps.sleep(EVERY_MS);
    progress = await read(deps, `${server}/api/watches/${String(made["id"])}`, progress);
    deps.tell(progress);
  }
  return progress;
}

/** A server that is away for a while ends nothing: it goes on watching. */
async function read(deps: Deps, url: string, last: Progress): Promise<Progress> {
  try {
    return progressOf(await send(deps, url, { method: "GET" }));
  } catch (error) {
    return { ...last, trouble: error instanceof Error ? error.message : String(error) };
  }
}

type Body = Readonly<Record<string, unknown>>;

async function send(deps: Deps, url: string, init: RequestInit): Promise<Body> {
  for (let attempt = 1; ; attempt += 1) {
    const token = await deps.token();
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const headers = { ...Object.fromEntries(new Headers(init.headers)), ...authorization };
    let response: Response;
    try {
      response = await deps.fetch(url, {
        ...init,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(30_000),
      });
    } catch (error) {
      if (attempt === ATTEMPTS)
        throw new RefusedError(`${new URL(url).origin} does not answer: ${describe(error)}`, {
          cause: error,
        });
      await deps.sleep(1_000 * 2 ** attempt);
      continue;
    }
    const body = parsed(await response.text());
    if (response.ok) return body;
    const isWorthAnother = [409, 429, 502, 503, 504].includes(response.status) && attempt < ATTEMPTS;
    const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
    if (!isWorthAnother || (response.status === 409 && Number.isNaN(wait))) {
      throw new RefusedError(`The server answered ${response.status}: ${textOf(body["detail"]) ?? ""}`);
    }
    await deps.sleep(Number.isNaN(wait) ? 1_000 * 2 ** attempt : wait * 1_000);
  }
}

function progressOf(body: Body): Progress {
  const error = body["error"];
  return {
    status: String(body["status"]),
    graphStatus: textOf(body["graphStatus"]),
    isFinal: body["isFinal"] === true,
    attemptsCount: numberOf(body["attemptsCount"]),
    percentageComplete: numberOf(body["percentageComplete"]),
    targetResourceId: textOf(body["targetResourceId"]),
    error: isBody(error) ? { code: textOf(error["code"]), message: textOf(error["message"]) } : null,
    trouble: null,
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function parsed(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : {};
  } catch {
    return {};
  }
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
