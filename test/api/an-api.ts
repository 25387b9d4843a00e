import { sql } from "drizzle-orm";
import { createApi, type Api, type ApiDeps, type ApiRequest } from "../../src/api/api.ts";
import type { Caller, CallerProblem, Role } from "../../src/api/callers.ts";
import type { ApiAnswer } from "../../src/api/problem.ts";
import { createRateLimit } from "../../src/api/rate-limit.ts";
import { problemWith, type CallbackSettings } from "../../src/callbacks/send-event.ts";
import { conversationId, type EpochMs, type TenantId } from "../../src/core/ids.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { People } from "../../src/flows/people.ts";
import type { Conversation, Store, UserLookup } from "../../src/flows/ports.ts";
import type { TrackSettings } from "../../src/flows/track-operation.ts";
import type { Database } from "../../src/store/database.ts";
import { aConversation, storeBench, T0, TENANT, type StoreBench } from "../contracts/store-bench.ts";
import { aFakeGraph, type FakeGraph } from "../support/a-fake-graph.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

export const CHAT = aConversation("chat");
export const LOCATION = "/teams('team-1')/operations('op-1')";

type FakePeople = { -readonly [Name in keyof People]: People[Name] } & {
  /** What was asked of Teams. */
  readonly asked: string[];
};

export type ApiBench = {
  readonly rows: StoreBench;
  readonly people: FakePeople;
  readonly graph: FakeGraph & { userIdOf: (name: string) => string | null };
  readonly events: readonly LogEvent[];
  caller: Caller | CallerProblem;
  settings: TrackSettings;
  now: () => EpochMs;
  /** What its store does otherwise. */
  changes: Partial<Store>;
  request(request: Partial<ApiRequest>): Promise<ApiAnswer>;
  post(body: unknown, idempotencyKey?: string): Promise<ApiAnswer>;
  /** Everything that a request could leave behind. */
  traces(): Promise<Readonly<Record<string, number>>>;
};

export function aCaller(tenant: TenantId | null = TENANT, ...roles: readonly Role[]): Caller {
  return {
    tenant,
    id: "ci",
    name: "Contoso CI",
    roles: new Set(roles.length === 0 ? ["Watches.Write"] : roles),
  };
}

const CALLBACKS: CallbackSettings = {
  hosts: ["hooks.contoso.com"],
  allowPrivate: false,
  secret: "a secret of thirty-two characters",
};

/** The API over a real store, with Teams and Graph in memory. */
export async function anApi(
  database: Database,
  options: { readonly perSecond?: number } = {},
): Promise<ApiBench> {
  const rows = storeBench(database);
  await rows.run("delete from opwatch.requests");
  await rows.run("delete from opwatch.aliases");
  await rows.run("delete from pgboss.job");
  const events: LogEvent[] = [];
  const asked: string[] = [];
  const people: FakePeople = {
    asked,
    whoIs: () => Promise.resolve("member"),
    groupIdOf: () => Promise.resolve(null),
    find: (_conversation, user) => Promise.resolve({ id: `29:${user}`, name: user }),
    hasChannel: (_conversation, channel) => {
      asked.push(`channel ${channel}`);
      return Promise.resolve(false);
    },
    openChat: (near, userId) => {
      asked.push(`chat with ${userId}`);
      const conversation: Conversation = {
        ...near,
        id: conversationId(`a:${userId}`),
        kind: "personal",
        teamId: null,
        groupId: null,
        userId,
      };
      return Promise.resolve({ kind: "opened", conversation });
    },
  };
  const graph = {
    ...aFakeGraph(() => ({ kind: "noAnswer", message: "nobody asks" })),
    userIdOf: (_name: string): string | null => null,
    userId: (_tenant: TenantId, name: string): Promise<UserLookup> => {
      const id = graph.userIdOf(name);
      return Promise.resolve(id === null ? { kind: "unknown" } : { kind: "found", id });
    },
  };
  const limit = createRateLimit(options.perSecond ?? 1_000_000);

  function anApiNow(): Api {
    const deps: ApiDeps = {
      store: { ...rows.store, ...bench.changes },
      graph,
      people,
      now: () => bench.now(),
      log: (event) => events.push(event),
      callers: () => Promise.resolve(bench.caller),
      limit,
      callbackProblem: (url) => problemWith(url, CALLBACKS),
    };
    return createApi(deps, bench.settings);
  }

  const bench: ApiBench = {
    rows,
    people,
    graph,
    events,
    caller: aCaller(),
    settings: {
      graph: GLOBAL_GRAPH,
      servedTenants: null,
      access: "tenant",
      isLocal: false,
      lifetimeMs: 168 * 3_600_000,
    },
    now: () => T0,
    changes: {},
    request: (request) =>
      anApiNow()({
        method: "GET",
        route: "list",
        id: null,
        query: {},
        authorization: null,
        idempotencyKey: null,
        body: undefined,
        ...request,
      }),
    post: (body, idempotencyKey) =>
      bench.request({ method: "POST", body, idempotencyKey: idempotencyKey ?? null }),
    async traces() {
      const { rows: found } = await database.db.execute<{ requests: number; aliases: number; jobs: number }>(
        sql`select (select count(*)::int from opwatch.requests) as requests,
          (select count(*)::int from opwatch.aliases) as aliases,
          (select count(*)::int from pgboss.job) as jobs`,
      );
      return { ...(await rows.counts()), ...found[0] };
    },
  };
  return bench;
}
