import { expect, test } from "vitest";
import type { Progress } from "../../src/cli/report.ts";
import { readArguments } from "../../src/cli/usage.ts";
import { trackOnServer } from "../../src/cli/wait-on-server.ts";

type Call = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
};
type Answer =
  { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | "cut";

const BODY = {
  id: "w",
  status: "running",
  isFinal: false,
  graphStatus: "inProgress",
  attemptsCount: 1,
  error: null,
};
const MADE: Answer = { status: 202, body: { ...BODY, status: "notStarted", attemptsCount: null } };
const DONE: Answer = { status: 200, body: { ...BODY, status: "succeeded", isFinal: true } };

type Ran = {
  readonly calls: readonly Call[];
  readonly told: readonly Progress[];
  readonly slept: readonly number[];
  readonly noted: readonly string[];
  readonly result: Progress | Error;
};

async function run(
  args: readonly string[],
  answers: readonly Answer[],
  token: string | null = null,
): Promise<Ran> {
  const command = readArguments(
    ["track", "LOC", "--to", "ops", "--server", "https://o.example", ...args],
    {},
  );
  if (command === null || typeof command === "string") throw new Error(String(command));
  const calls: Call[] = [];
  const told: Progress[] = [];
  const slept: number[] = [];
  const noted: string[] = [];
  let at = 0;
  const left = [...answers];
  const result = await trackOnServer(
    {
      fetch: (url, init) => {
        const text = init?.body;
        const body: unknown = typeof text === "string" ? JSON.parse(text) : null;
        calls.push({
          method: init?.method ?? "",
          url: typeof url === "string" ? url : "",
          headers: new Headers(init?.headers),
          body,
        });
        const answer = left.shift() ?? DONE;
        if (answer === "cut") return Promise.reject(new Error("cut"));
        const { status, headers = {} } = answer;
        return Promise.resolve(new Response(JSON.stringify(answer.body ?? {}), { status, headers }));
      },
      token: () => Promise.resolve(token),
      now: () => at,
      sleep: (ms) => {
        at += ms;
        slept.push(ms);
        return Promise.resolve();
      },
      note: (address) => void noted.push(address),
      tell: (each) => told.push(each),
    },
    command,
    "LOC",
  ).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  return { calls, told, slept, noted, result };
}

test("one request without --wait, with what was given and nothing else", async () => {
  const { calls, result } = await run(["--title", "T", "--notify", "never"], [MADE], "abc");
  expect((await run([], [])).noted).toHaveLength(1);
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({
    method: "POST",
    url: "https://o.example/api/watches",
    body: { operation: "LOC", to: { alias: "ops" }, title: "T", notify: "never" },
  });
  expect(calls[0]?.headers.get("authorization")).toBe("Bearer abc");
  expect(calls[0]?.headers.get("content-type")).toBe("application/json");
  expect(result).toMatchObject({ status: "notStarted", isFinal: false });
});

test("a slash at the end of the server's address does no harm", async () => {
  const { calls } = await run(["--server", "https://o.example/"], [MADE]);
  expect(calls[0]?.url).toBe("https://o.example/api/watches");
});

test("with --wait it asks until the end", async () => {
  const running = { status: 200, body: BODY };
  const { calls, told, result } = await run(["--wait"], [MADE, running, running, DONE]);
  expect(calls.slice(1).map(({ method, url }) => `${method} ${url}`)).toEqual(
    Array.from({ length: 3 }, () => "GET https://o.example/api/watches/w"),
  );
  expect(told.map(({ status }) => status)).toEqual(["notStarted", "running", "running", "succeeded"]);
  expect(result).toMatchObject({ status: "succeeded", isFinal: true });
});

test("it does not wait longer than it was told", async () => {
  const running = Array.from({ length: 100 }, () => ({ status: 200, body: BODY }));
  const { calls, result } = await run(["--wait", "--timeout", "1"], [MADE, ...running]);
  expect(result).toMatchObject({ status: "running", isFinal: false });
  expect(calls.length).toBeLessThanOrEqual(21);
});

test("a lost answer is asked for again with the same key", async () => {
  const { calls, result } = await run(
    [],
    ["cut", { status: 503 }, { status: 429, headers: { "retry-after": "7" } }, MADE],
  );
  expect(result).toMatchObject({ status: "notStarted" });
  const keys = calls.map(({ headers }) => headers.get("idempotency-key"));
  expect(keys).toHaveLength(4);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[\w-]{16,}$/u);
});

test("Retry-After is heeded, for a request under way as well", async () => {
  const { slept } = await run(
    [],
    [
      { status: 409, headers: { "retry-after": "1" } },
      { status: 429, headers: { "retry-after": "7" } },
      MADE,
    ],
  );
  expect(slept).toEqual([1_000, 7_000]);
});

test("the key that is given is used", async () => {
  const { calls } = await run(["--idempotency-key", "run-42"], [MADE]);
  expect(calls[0]?.headers.get("idempotency-key")).toBe("run-42");
});

test.each([400, 401, 403, 404, 409, 413, 422])(
  "%d is told in the server's words, at once",
  async (status) => {
    const { calls, result } = await run([], [{ status, body: { detail: "Because." } }]);
    expect(calls).toHaveLength(1);
    expect(result).toMatchObject({
      name: "RefusedError",
      message: `The server answered ${status}: Because.`,
    });
  },
);

test("a server that does not come back is given up", async () => {
  const { calls, result } = await run([], ["cut", "cut", "cut", "cut", "cut", "cut", "cut"]);
  expect(calls).toHaveLength(5);
  expect(result).toMatchObject({ name: "RefusedError" });
});

test("while it waits, a server that is gone for a while is waited for", async () => {
  const { result } = await run(["--wait"], [MADE, "cut", { status: 502 }, { status: 503 }, DONE]);
  expect(result).toMatchObject({ status: "succeeded" });
});
