import type { SandboxCall } from "./answer-request.ts";
import { jsonBodyOf } from "./read-json-body.ts";

export type Fetch = typeof fetch;

/** What a call of `fetch` asks of the sandbox. The host does not matter: who calls has chosen the sandbox. */
export async function fetchCallOf(input: Parameters<Fetch>[0], init: RequestInit = {}): Promise<SandboxCall> {
  if (input instanceof Request) return callOfRequest(new Request(input, init));
  const { pathname, search } = new URL(input);
  const text = await bodyTextOf(init.body ?? null);
  return {
    method: (init.method ?? "GET").toUpperCase(),
    url: pathname + search,
    headers: Object.fromEntries(new Headers(init.headers)),
    readBody: async () => jsonBodyOf(text),
  };
}

async function callOfRequest(request: Request): Promise<SandboxCall> {
  const { pathname, search } = new URL(request.url);
  const text = await request.text();
  return {
    method: request.method,
    url: pathname + search,
    headers: Object.fromEntries(request.headers),
    readBody: async () => jsonBodyOf(text),
  };
}

async function bodyTextOf(body: RequestInit["body"] | null): Promise<string> {
  return typeof body === "string" ? body : body === null ? "" : new Response(body).text();
}

/** The result of work, unless the signal ends the waiting for it. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
