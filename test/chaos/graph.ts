import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import type { Random } from "../fuzz/random.ts";
import { now } from "./clock.ts";
import type { Fault, ServerTrouble } from "./faults.ts";
import type { PlannedOperation } from "./load.ts";
import type { Check, Entry } from "./log.ts";
import { listen } from "../support/listen.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { fieldsOf } from "./read-write.ts";

/**
 * Graph, as far as Opwatch asks it: one sandbox for each tenant, with Graph's limits, behind a
 * server that knows whose operation is asked for, fails as it is told, and writes down every check.
 */
export type ChaosGraph = AsyncDisposable & {
  /** A way in for each replica. */
  readonly lines: readonly Proxy[];
  /** Its location, as Graph announces it. */
  add(operation: PlannedOperation): string;
  /** From now on; null: it is well. */
  storm(fault: Extract<Fault, { kind: "graphStorm" }> | null): void;
  fail(fault: Extract<Fault, { kind: "graphFails" }> | null): void;
  /** Its dates are wrong by so much more. */
  jump(byMs: number): void;
};

type Storm = Extract<Fault, { kind: "graphStorm" }>;
type Failing = Extract<Fault, { kind: "graphFails" }>;

type Known = { readonly tenant: number; readonly chat: string | null };
type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};
type Item = { readonly id: string; readonly url: string; readonly hasToken: boolean };

export type GraphOptions = {
  readonly tenants: readonly string[];
  readonly replicas: number;
  readonly minimumIntervalMs: number;
  readonly random: Random;
  readonly log: (entry: Entry) => void;
};

const LATENCY_MS = 15;
const HANG_MS = 20_000;

export async function startGraph(options: GraphOptions): Promise<ChaosGraph> {
  const { tenants, random, log, minimumIntervalMs } = options;
  await using stack = new AsyncDisposableStack();
  const sandboxes: Sandbox[] = [];
  for (const _ of tenants) {
    sandboxes.push(
      stack.use(await startSandbox({ minimumIntervalMs, realLimits: true, recordChecks: false })),
    );
  }
  const known = new Map<string, Known>();
  let storm: Storm | null = null;
  let failing: Failing | null = null;
  let jumpedMs = 0;

  const { port } = stack.use(await listen(take));
  const lines: Proxy[] = [];
  for (let i = 0; i < options.replicas; i += 1) {
    lines.push(stack.use(await startProxy({ host: "127.0.0.1", port })));
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    const remotePort = request.socket.remotePort ?? 0;
    const replica = lines.findIndex((line) => line.knows(remotePort));
    const line = lines[replica];
    const sentAt = line?.sentAt(remotePort) ?? at;
    const text = await bodyOf(request);
    const items = itemsOf(text, request);
    const tenant =
      items.map(({ url }) => known.get(idIn(url))?.tenant).find((each) => each !== undefined) ?? 0;
    const trouble = isHit(failing, "batch") ? (failing?.trouble ?? null) : null;
    const answers = await answersTo(request.url ?? "", items, tenant, trouble);
    await sleep(LATENCY_MS);
    const status = await respond(response, answers, trouble);
    const deliveredAt =
      status === null ? null : ((await line?.delivered(remotePort, request.socket.bytesWritten)) ?? null);
    // Refused unread: none of its operations was asked for.
    if (answers.whole?.status === 400) return;
    for (const [index, item] of items.entries()) {
      const operation = idIn(item.url);
      log({
        ...factsOf(answers, index, trouble, status),
        kind: "check",
        at,
        sentAt,
        replica,
        tenant: tenants[known.get(operation)?.tenant ?? tenant] ?? "",
        operation,
        chat: known.get(operation)?.chat ?? null,
        deliveredAt,
        hasToken: item.hasToken,
      });
    }
  }

  /** The whole batch's answer, or those of its items. */
  async function answersTo(
    url: string,
    items: readonly Item[],
    tenant: number,
    trouble: ServerTrouble | null,
  ): Promise<Answers> {
    if (storm?.tenant === tenant && storm.of === "batch") return { whole: throttled(storm), items: [] };
    if (trouble?.kind === "status") return { whole: failure(trouble.status), items: [] };
    const body = JSON.stringify({
      requests: items.map(({ id, url: path }) => ({ id, method: "GET", url: path })),
    });
    const sandbox = sandboxes[tenant];
    if (sandbox === undefined) throw new Error(`There is no tenant ${tenant}.`);
    const answered = await sandbox.fetch(`${sandbox.url}${url}`, { method: "POST", body });
    const parsed: unknown = await answered.json();
    const responses: unknown = fieldsOf(parsed)["responses"];
    const byId = new Map<string, Answer>();
    for (const each of Array.isArray(responses) ? responses : []) {
      const { id, status, headers, body: inner } = fieldsOf(each);
      byId.set(String(id), { status: Number(status), headers: textsOf(headers), body: inner });
    }
    return {
      whole: null,
      items: items.map(({ id }) => {
        if (storm?.tenant === tenant) return throttled(storm);
        if (failing?.trouble.kind === "status" && isHit(failing, "item"))
          return failure(failing.trouble.status);
        const answer = byId.get(id) ?? failure(500);
        return { ...answer, body: redated(answer.body, jumpedMs) };
      }),
    };
  }

  function isHit(fault: Failing | null, of: Failing["of"]): boolean {
    return fault !== null && fault.of === of && random.below(1_000) < fault.share * 1_000;
  }

  const opened = stack.move();
  return {
    lines,
    add(operation) {
      const { id, kind, owner, steps, tenant, end, endsMs } = operation;
      const sandbox = sandboxes[tenant];
      if (sandbox === undefined) throw new Error(`There is no tenant ${tenant}.`);
      const at = now();
      const { path } = sandbox.addOperation({ kind, id, life: steps, ...(owner === null ? {} : { owner }) });
      const chat = kind === "chat" ? owner : null;
      known.set(id, { tenant, chat });
      log({
        kind: "operation",
        at,
        id,
        tenant: tenants[tenant] ?? "",
        chat,
        end,
        endsAt: endsMs === null ? null : at + endsMs,
      });
      return path;
    },
    storm(fault) {
      storm = fault;
    },
    fail(fault) {
      failing = fault;
    },
    jump(byMs) {
      jumpedMs += byMs;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Answers = { readonly whole: Answer | null; readonly items: readonly Answer[] };

/** Null when no answer was sent whole. */
async function respond(
  response: ServerResponse,
  { whole, items }: Answers,
  trouble: ServerTrouble | null,
): Promise<number | null> {
  if (trouble?.kind === "reset") {
    response.socket?.resetAndDestroy();
    return null;
  }
  if (trouble?.kind === "hang") {
    await Promise.race([sleep(HANG_MS), once(response, "close")]);
    response.destroy();
    return null;
  }
  const status = whole?.status ?? 200;
  const body = whole?.body ?? {
    responses: items.map(({ status: each, headers, body: inner }, id) => ({
      id: String(id),
      status: each,
      headers,
      body: inner,
    })),
  };
  const json = JSON.stringify(body);
  const sent = trouble?.kind === "halfBody" ? json.slice(0, json.length / 2) : json;
  const finished = once(response, "finish").catch(() => undefined);
  response.writeHead(status, { "content-type": "application/json", ...whole?.headers });
  response.end(sent);
  await Promise.race([finished, once(response, "close")]);
  return status;
}

function factsOf(
  { whole, items }: Answers,
  index: number,
  trouble: ServerTrouble | null,
  status: number | null,
): Pick<Check, "status" | "graphStatus" | "attempts" | "retryAfterMs"> {
  const answer = whole ?? items[index];
  if (answer === undefined || status === null || trouble?.kind === "halfBody") {
    return { status: null, graphStatus: null, attempts: null, retryAfterMs: null };
  }
  const body = fieldsOf(answer.body);
  const { status: graphStatus, attemptsCount } = body;
  return {
    status: answer.status,
    graphStatus: typeof graphStatus === "string" ? graphStatus : null,
    attempts: typeof attemptsCount === "number" ? attemptsCount : null,
    retryAfterMs: retryAfterOf(answer),
  };
}

function retryAfterOf({ headers }: Answer): number | null {
  const value = headers["Retry-After"] ?? headers["retry-after"];
  if (value === undefined) return null;
  return /^[\d.]+$/u.test(value) ? Number(value) * 1_000 : Math.max(Date.parse(value) - Date.now(), 0);
}

function throttled({ retryAfterS, form }: Storm): Answer {
  const at = new Date(Date.now() + retryAfterS * 1_000);
  const text = { seconds: String(retryAfterS), fraction: `${retryAfterS}.128`, date: at.toUTCString() }[form];
  return { ...failure(429), headers: { "Retry-After": text } };
}

function failure(status: number): Answer {
  return {
    status,
    headers: {},
    body: { error: { code: "Chaos", message: `The chaos run answers ${status}.` } },
  };
}

/** The dates of an answer, as a server with a wrong clock gives them. */
function redated(body: unknown, byMs: number): unknown {
  if (byMs === 0 || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const moved: Record<string, unknown> = { ...body };
  for (const name of ["createdDateTime", "lastActionDateTime"]) {
    const value = moved[name];
    if (typeof value === "string") moved[name] = new Date(Date.parse(value) + byMs).toISOString();
  }
  return moved;
}

function itemsOf(text: string, request: IncomingMessage): readonly Item[] {
  const hasToken = request.headers.authorization !== undefined;
  const parsed: unknown = JSON.parse(text === "" ? "{}" : text);
  const requests: unknown = fieldsOf(parsed)["requests"];
  return (Array.isArray(requests) ? requests : []).map((each: unknown) => {
    const { id, url, headers } = fieldsOf(each);
    const own = Object.keys(fieldsOf(headers)).some((name) => name.toLowerCase() === "authorization");
    return { id: String(id), url: String(url), hasToken: hasToken || own };
  });
}

/** The operation's id, which is a GUID at the end of its path. */
function idIn(url: string): string {
  return /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'?\)?$/u.exec(decodeURIComponent(url))?.[1] ?? url;
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, text]) => [name, String(text)]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
