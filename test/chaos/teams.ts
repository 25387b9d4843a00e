import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Random } from "../fuzz/random.ts";
import { ALEX } from "../support/an-activity.ts";
import { now } from "./clock.ts";
import type { Fault } from "./faults.ts";
import type { Entry, Write } from "./log.ts";
import { listen } from "../support/listen.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { readWrite } from "./read-write.ts";

/** Teams' connector: takes activities, gives ids, fails as it is told, and writes down every write. */
export type ChaosTeams = AsyncDisposable & {
  readonly serviceUrl: string;
  readonly line: Proxy;
  storm(fault: Extract<Fault, { kind: "teamsStorm" }> | null): void;
  fail(fault: Extract<Fault, { kind: "teamsFails" }> | null): void;
  /** Somebody deletes one of the bot's cards, if there is one. */
  deleteCard(): void;
  /** Whatever is written to this conversation is refused from now on. */
  remove(conversation: string, status: 403 | 404): void;
};

type Reaction = Pick<Write, "isTaken" | "status" | "retryAfterMs"> & { readonly code: string };

const LATENCY_MS = 30;
const HANG_MS = 20_000;

export async function startTeams(options: {
  readonly seed: number;
  readonly tenantOf: (conversation: string) => string;
  readonly log: (entry: Entry) => void;
}): Promise<ChaosTeams> {
  const { log } = options;
  const random = new Random(options.seed, 4);
  await using stack = new AsyncDisposableStack();
  const gone = new Map<string, 403 | 404>();
  const deleted = new Set<string>();
  const cards: { readonly conversation: string; readonly activity: string }[] = [];
  let storm: Extract<Fault, { kind: "teamsStorm" }> | null = null;
  let failing: Extract<Fault, { kind: "teamsFails" }> | null = null;
  let count = 0;

  const { port } = stack.use(await listen(take));
  const line = stack.use(await startProxy({ host: "127.0.0.1", port }));

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    const remotePort = request.socket.remotePort ?? 0;
    const sentAt = line.sentAt(remotePort);
    const url = request.url ?? "";
    const text = await bodyOf(request);
    const path = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/?]+))?/u.exec(url);
    if (path === null) {
      await answerQuestion(url, response);
      return;
    }
    const thread = decodeURIComponent(path[1] ?? "");
    const conversation = thread.split(";", 1)[0] ?? thread;
    // A POST with another message's id answers that one with a new one.
    const given = path[2] === undefined || request.method !== "PUT" ? null : decodeURIComponent(path[2]);
    const activityId = given ?? `${Date.now()}${String((count += 1)).padStart(4, "0")}`;
    const activity: unknown = JSON.parse(text);
    const shown = readWrite(activity);
    const { trouble } = failing ?? {};
    const isHit = failing !== null && random.below(1_000) < failing.share * 1_000;
    const reaction = reactionOf(conversation, given, isHit ? (trouble ?? null) : null);
    if (given === null && reaction.isTaken && shown.kind === "card") {
      cards.push({ conversation, activity: activityId });
    }
    await sleep(LATENCY_MS);
    const how = isHit && !gone.has(conversation) ? trouble : undefined;
    const { isTaken, retryAfterMs } = reaction;
    const body =
      reaction.status < 300 ? { id: activityId } : { error: { code: reaction.code, message: "chaos" } };
    const status = await respond(response, how?.kind ?? "answer", reaction, JSON.stringify(body));
    const isAnswered = status !== null && how?.kind !== "halfBody";
    const deliveredAt = isAnswered ? await line.delivered(remotePort, request.socket.bytesWritten) : null;
    log({
      kind: "write",
      at,
      sentAt,
      method: request.method === "PUT" ? "PUT" : "POST",
      conversation,
      activity: activityId,
      shown,
      isTaken,
      status,
      retryAfterMs,
      deliveredAt,
      hasToken: request.headers.authorization !== undefined,
    });
  }

  function reactionOf(
    conversation: string,
    given: string | null,
    trouble: Extract<Fault, { kind: "teamsFails" }>["trouble"] | null,
  ): Reaction & { readonly status: number } {
    const refused = (status: number, code: string, retryAfterMs: number | null = null) =>
      ({ isTaken: false, status, code, retryAfterMs }) as const;
    const goneAs = gone.get(conversation);
    if (goneAs === 403) return refused(403, "BotNotInConversationRoster");
    if (goneAs === 404) return refused(404, "ConversationNotFound");
    if (storm !== null && spreadOf(conversation) % storm.oneIn === 0) {
      return refused(429, "Throttled", storm.retryAfterS * 1_000);
    }
    if (trouble?.kind === "status") return refused(trouble.status, "ServiceError");
    if (trouble?.kind === "hang" || trouble?.kind === "reset") return refused(0, "");
    if (given !== null && deleted.has(given)) return refused(404, "ActivityNotFoundInConversation");
    const status = trouble?.kind === "doneButFails" ? (trouble.status ?? 0) : given === null ? 201 : 200;
    return { isTaken: true, status, code: "ServiceError", retryAfterMs: null };
  }

  const opened = stack.move();
  return {
    serviceUrl: `http://127.0.0.1:${line.port}`,
    line,
    storm(fault) {
      storm = fault;
    },
    fail(fault) {
      failing = fault;
    },
    deleteCard() {
      const recent = cards.filter(({ activity }) => !deleted.has(activity)).slice(-40);
      const card = recent[random.below(Math.max(recent.length, 1))];
      if (card === undefined) return;
      deleted.add(card.activity);
      log({ kind: "deleted", at: now(), ...card });
    },
    remove(conversation, status) {
      gone.set(conversation, status);
      log({ kind: "gone", at: now(), conversation, status });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };

  /** Who somebody is, in whatever conversation. */
  async function answerQuestion(url: string, response: ServerResponse): Promise<void> {
    await sleep(LATENCY_MS);
    const path = /^\/v3\/conversations\/([^/]+)\/members\/([^/?]+)$/u.exec(url);
    const conversation = decodeURIComponent(path?.[1] ?? "");
    if (path === null || gone.has(conversation)) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"error":{"code":"MemberNotFoundInConversation","message":"chaos"}}');
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    const person = { ...ALEX, id: decodeURIComponent(path[2] ?? ""), userRole: "user" };
    response.end(JSON.stringify({ ...person, tenantId: options.tenantOf(conversation) }));
  }
}

/** Null when no answer was sent whole. */
async function respond(
  response: ServerResponse,
  how: string,
  { status, retryAfterMs }: Reaction & { readonly status: number },
  json: string,
): Promise<number | null> {
  if (how === "reset") {
    response.socket?.resetAndDestroy();
    return null;
  }
  if (status === 0) {
    await Promise.race([sleep(HANG_MS), once(response, "close")]);
    response.destroy();
    return null;
  }
  const finished = once(response, "finish").catch(() => undefined);
  const headers = retryAfterMs === null ? {} : { "retry-after": String(retryAfterMs / 1_000) };
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(how === "halfBody" ? json.slice(0, json.length / 2) : json);
  await Promise.race([finished, once(response, "close")]);
  return status;
}

function spreadOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
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
