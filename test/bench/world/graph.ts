import type { IncomingMessage, ServerResponse } from "node:http";
import { monotonicMs } from "./clock.ts";
import { bodyOf } from "./graph-body.ts";
import { KIND, PHASE, REFUSED_FOR, type Log } from "./log.ts";
import { operationIn } from "./names.ts";
import type { Plan } from "./plan.ts";
import { textOf } from "./text-of.ts";
import { GRAPH_IN_ALL, GRAPH_IN_TENANT, Windows } from "./windows.ts";

export type GraphWorld = {
  readonly log: Log;
  readonly plan: () => Plan;
  readonly tenantOf: (operation: number) => number;
  readonly pausedUntil: (tenant: number, at: number) => number;
  readonly latencyMs: number;
  /** Whether those of one application over all tenants hold. */
  readonly limitsOfAll: boolean;
};

type Refusal = { readonly waitMs: number; readonly phase: number };

type Item = { readonly status: number; readonly body: string; readonly retryAfter: number; entry: number };

/** Graph as far as operations go: GETs, and `$batch`es of them. */
export function answerGraph(world: GraphWorld): (request: IncomingMessage, response: ServerResponse) => void {
  const { log, latencyMs } = world;
  const tenants = new Map<number, Windows>();
  const all = new Windows(world.limitsOfAll ? GRAPH_IN_ALL : []);
  const wallMs = Date.now() - monotonicMs();

  /** Null: it is allowed. Refused requests count, too: "all requests accrue against your usage limits". */
  function refusalOf(tenant: number, at: number): Refusal | null {
    let windows = tenants.get(tenant);
    if (windows === undefined) tenants.set(tenant, (windows = new Windows(GRAPH_IN_TENANT)));
    const refusals = [
      { waitMs: windows.waitMs(at), phase: REFUSED_FOR.tenant },
      { waitMs: all.waitMs(at), phase: REFUSED_FOR.allTenants },
      { waitMs: world.pausedUntil(tenant, at) - at, phase: REFUSED_FOR.pause },
    ];
    windows.count(at);
    all.count(at);
    const longest = refusals.reduce((one, other) => (other.waitMs > one.waitMs ? other : one));
    return longest.waitMs > 0 ? longest : null;
  }

  function check(url: string, at: number): Item {
    const operation = operationIn(url);
    if (operation === -1) return { status: 404, body: NOT_FOUND, retryAfter: 0, entry: -1 };
    const tenant = world.tenantOf(operation);
    const refusal = refusalOf(tenant, at);
    if (refusal !== null) {
      const { waitMs, phase: limit } = refusal;
      const entry = log.add({ kind: KIND.refusedCheck, at, operation, tenant, phase: limit });
      return { status: 429, body: TOO_MANY, retryAfter: Math.max(Math.ceil(waitMs / 1_000), 1), entry };
    }
    const { runsAt, endsAt, end } = world.plan();
    const ends = endsAt[operation] ?? Infinity;
    const runs = runsAt[operation] ?? Infinity;
    const phase = at >= ends ? (end[operation] ?? 0) : at >= runs ? PHASE.running : PHASE.waiting;
    const changedAt = phase === PHASE.waiting ? null : new Date(wallMs + Math.min(ends, runs));
    const entry = log.add({ kind: KIND.check, at, operation, tenant, phase });
    return { status: 200, body: bodyOf(operation, phase, changedAt), retryAfter: 0, entry };
  }

  function send(response: ServerResponse, items: readonly Item[], status: number, body: string): void {
    setTimeout(() => {
      const headers: Record<string, string> = { "content-type": "application/json" };
      const [only] = items;
      if (status === 429 && only !== undefined) headers["retry-after"] = String(only.retryAfter);
      response.writeHead(status, headers);
      response.end(body);
      const answeredAt = monotonicMs();
      for (const { entry } of items) if (entry !== -1) log.answered(entry, answeredAt);
    }, latencyMs);
  }

  return (request, response) => {
    const at = monotonicMs();
    log.add({ kind: KIND.request, at });
    const url = request.url ?? "";
    if (request.method === "GET") {
      const item = check(url, at);
      return send(response, [item], item.status, item.body);
    }
    textOf(request, (text) => {
      const asked = requestsIn(text).map(({ id, url: path }) => ({ id, item: check(path, at) }));
      const responses = asked.toReversed().map(({ id, item: { status, body, retryAfter } }) => {
        const wait = status === 429 ? `,"Retry-After":"${retryAfter}"` : "";
        return `{"id":${JSON.stringify(id)},"status":${status},"headers":{"Content-Type":"application/json"${wait}},"body":${body}}`;
      });
      const items = asked.map(({ item }) => item);
      send(response, items, 200, `{"responses":[${responses.join(",")}]}`);
    });
  };
}

const NOT_FOUND = '{"error":{"code":"NotFound","message":"The operation was not found."}}';
const TOO_MANY = '{"error":{"code":"TooManyRequests","message":"Too many requests."}}';

function requestsIn(text: string): readonly { readonly id: string; readonly url: string }[] {
  const body: unknown = JSON.parse(text);
  const requests: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "requests") : [];
  if (!Array.isArray(requests)) return [];
  return requests.map((item: unknown) => {
    const fields: object = typeof item === "object" && item !== null ? item : {};
    return { id: String(Reflect.get(fields, "id")), url: String(Reflect.get(fields, "url")) };
  });
}
