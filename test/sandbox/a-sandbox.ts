import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/server.ts";

export const startMs = Date.parse("2026-11-21T10:00:00.000Z");

export interface SandboxBench extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Moves the sandbox's clock. */
  pass(seconds: number): void;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  batch(version: string, ...items: readonly Record<string, unknown>[]): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `null` when the body is not JSON. */
  readonly body: unknown;
}

/** A sandbox on a free port whose time stands still until `pass`. */
export async function aSandbox(options: SandboxOptions = {}): Promise<SandboxBench> {
  let nowMs = startMs;
  const sandbox = await startSandbox({ now: () => nowMs, ...options });

  async function send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(sandbox.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  async function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    return send(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      ...sent,
    });
  }

  return {
    sandbox,
    pass(seconds) {
      nowMs += seconds * 1_000;
    },
    get: async (path, headers = {}) => send(path, { headers }),
    post,
    batch: async (version, ...requests) => post(`/${version}/$batch`, { requests }),
    [Symbol.asyncDispose]: async () => sandbox.close(),
  };
}

/** A header that has to be there. */
export function headerOf(answer: Answer, name: string): string {
  const value = answer.headers.get(name);
  if (value === null) throw new Error(`The answer ${answer.status} has no header ${name}: ${answer.text}`);
  return value;
}

/** What lies at these keys in a body, one within the other; `undefined` when there is nothing. */
export function within(body: unknown, ...keys: readonly (string | number)[]): unknown {
  let found = body;
  for (const key of keys) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}
