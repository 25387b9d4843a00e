import { setTimeout as sleep } from "node:timers/promises";
import type { Config, GraphCredentialConfig } from "./config.ts";
import { tenantId } from "./core/ids.ts";
import { paceOf } from "./core/slots.ts";
import { createApi } from "./api/api.ts";
import { createCallerCheck, LOCAL_CALLER, type CallerCheck } from "./api/callers.ts";
import { createRateLimit } from "./api/rate-limit.ts";
import { cloudEvent } from "./api/watch-resource.ts";
import { createSendEvent, problemWith } from "./callbacks/send-event.ts";
import { createCallbackSender } from "./flows/send-callbacks.ts";
import { createAboutPeople } from "./flows/ask-about-people.ts";
import { createChecker } from "./flows/check-operations.ts";
import { createDeliverer } from "./flows/deliver-cards.ts";
import { describeFault, type Log } from "./flows/log-event.ts";
import { startSweeper } from "./flows/sweep.ts";
import { BATCH_SIZE, createGraphClient } from "./graph/graph-client.ts";
import { createTokenSource, NO_TOKEN, type GraphCredential } from "./graph/token-source.ts";
import { startHttpServer } from "./http/server.ts";
import { EARLY_MS, STALE_MS } from "./store/places.ts";
import { DatabaseError, openDatabase, type Database } from "./store/database.ts";
import { prepareQueues, startWorkers, stopWorkers } from "./store/jobs.ts";
import { createStore } from "./store/store.ts";
import { createAdapter, type BotIdentity } from "./teams/adapter.ts";
import { createBot } from "./teams/bot.ts";
import { createConnector } from "./teams/connector.ts";
import { createPeople } from "./teams/people.ts";
import { isAllowedServiceUrl } from "./teams/service-urls.ts";
import { createTeams } from "./teams/teams.ts";
import { EN } from "./teams/words/en.ts";

export type App = AsyncDisposable & {
  readonly url: string;
  /** Looks once for what has no alarm. */
  sweep(): Promise<void>;
};

const TEAMS_TIMEOUT_MS = 10_000;
const GRAPH_TIMEOUT_MS = 10_000;
const DRAIN_MS = 9_000;

/** Builds everything, in order, and closes it in the opposite one; also what was open when a step failed. */
export async function startApp(config: Config, log: Log): Promise<App> {
  const startedAt = performance.now();
  await using stack = new AsyncDisposableStack();
  const isLocal = config.bot.mode === "local";

  const database = stack.use(await openDatabase(databaseConfig(config)));
  const { boss } = database;
  boss.on("error", (error) => log({ event: "engine.trouble", error: describeFault(error) }));
  stack.defer(() => boss.stop({ graceful: false }));
  await startBoss(boss);
  const store = createStore(database, paceOf(config.graph.requestsPerSecond));

  // Between two measurements the monotonic clock counts: a step of the system's clock is none of ours.
  let clock = await database.clock();
  const now = (): number => Math.round(clock.now + performance.now() - clock.monotonicMs);

  const adapter = createAdapter(identityOf(config), (fault) =>
    log({ event: "turn.failed", error: describeFault(fault) }),
  );
  const connector = createConnector({
    connect: (serviceUrl) => adapter.connect(serviceUrl),
    isAllowed: (serviceUrl) => isAllowedServiceUrl(serviceUrl, config.graph.cloud, isLocal),
    now,
    timeoutMs: TEAMS_TIMEOUT_MS,
  });
  const { origin, cloud } = config.graph;
  const place = { origin, cloud };
  const setting = { words: EN, cloud };
  // Shorter than usual where the interval is, so that the sandbox's operations recover as fast.
  const requestTimeoutMs = Math.min(GRAPH_TIMEOUT_MS, 2 * config.checkIntervalMs);
  const graph = createGraphClient({
    origin,
    tokens: tokensOf(config),
    fetch,
    now,
  });

  const checker = createChecker(
    { store, graph, now, log, sleep },
    {
      intervalMs: config.checkIntervalMs,
      requestTimeoutMs,
      batchSize: BATCH_SIZE,
      graph: place,
      looks: config.looksAtResults,
      earlyMs: EARLY_MS,
      lateMs: STALE_MS,
    },
  );
  const deliverer = createDeliverer({ store, teams: createTeams(connector, setting), now, log });
  const callbackSettings = { ...config.api.callbacks, secret: config.api.callbacks.secret?.reveal() ?? null };
  const callbacks = createCallbackSender({
    store,
    send: createSendEvent(callbackSettings, now, cloudEvent),
    now,
    log,
  });
  const trackSettings = {
    graph: place,
    servedTenant: servedTenantOf(config),
    access: config.trackAccess,
    isLocal,
    lifetimeMs: config.watchLifetimeMs,
  };
  const people = createPeople({ connector, now, log });
  const aboutPeople = createAboutPeople({ graph, store, now, sleep });
  const api = createApi(
    {
      store,
      graph: aboutPeople,
      people,
      now,
      log,
      callers: callersOf(config),
      limit: createRateLimit(config.api.requestsPerSecond),
      callbackProblem: (url) => problemWith(url, callbackSettings),
    },
    trackSettings,
  );
  const bot = createBot(
    { store, graph: aboutPeople, people, connector, now, log, ...setting },
    trackSettings,
  );

  // One process has the embedded database to itself: what its predecessor held is free.
  if (database.home === "embedded") await store.freeLeases();
  stack.defer(() =>
    within(DRAIN_MS, Promise.all([checker.drained(), deliverer.drained(), callbacks.drained()])),
  );
  await checker.learn();
  await startWorkers(
    boss,
    {
      checks: (ids) => checker.run(ids),
      deliveries: (ids) => deliverer.run(ids),
      callbacks: (ids) => callbacks.run(ids),
    },
    (fault) => log({ event: "engine.trouble", error: describeFault(fault) }),
  );
  stack.defer(() => stopWorkers(boss));
  const sweeper = stack.use(
    startSweeper({
      store,
      now,
      log,
      housekeep: async () => {
        await database.housekeep();
        await checker.learn();
        clock = await database.clock();
      },
    }),
  );
  await sweeper.run();

  const server = stack.use(
    await startHttpServer(config, {
      receive: (authorization, body) => adapter.receive(authorization, body, bot),
      api,
      ready: () => database.ping(),
      isLocal,
      refused: (status, reason) => log({ event: "http.refused", status, reason }),
    }),
  );
  const url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`;
  log({
    event: "app.ready",
    address: url,
    database: database.home,
    mode: config.bot.mode,
    startMs: Math.round(performance.now() - startedAt),
  });
  const opened = stack.move();
  return { url, sweep: () => sweeper.run(), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** pg-boss makes and migrates its own tables. */
async function startBoss(boss: Database["boss"]): Promise<void> {
  try {
    await boss.start();
    await prepareQueues(boss);
  } catch (error) {
    throw new DatabaseError(
      `The job tables can't be prepared: ${describeFault(error)}. ` +
        "Check that the database's user may create schemas and tables.",
      { cause: error },
    );
  }
}

function databaseConfig({ database }: Config): Parameters<typeof openDatabase>[0] {
  return database.home === "embedded" ? database : { home: "server", url: database.url.reveal() };
}

function identityOf({ bot, graph: { cloud } }: Config): BotIdentity {
  if (bot.mode === "local") return { kind: "local" };
  const { registration } = bot;
  return { kind: "registered", cloud, ...registration, password: registration.password?.reveal() ?? null };
}

function callersOf({ bot, graph: { cloud } }: Config): CallerCheck {
  if (bot.mode === "local") return () => Promise.resolve(LOCAL_CALLER);
  const { appId, tenantId: tenant } = bot.registration;
  return createCallerCheck({ cloud, appId, tenant: tenant === null ? null : tenantId(tenant) });
}

function servedTenantOf({ bot }: Config): ReturnType<typeof tenantId> | null {
  if (bot.mode === "local" || bot.registration.tenantId === null) return null;
  return tenantId(bot.registration.tenantId);
}

function tokensOf({ graph }: Config): ReturnType<typeof createTokenSource> {
  if (graph.credential === null) return NO_TOKEN;
  return createTokenSource(revealed(graph.credential), {
    graphOrigin: graph.origin,
    authorityHost: graph.authorityHost,
  });
}

function revealed(credential: GraphCredentialConfig): GraphCredential {
  return credential.kind === "secret" ? { ...credential, secret: credential.secret.reveal() } : credential;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, tooLate]);
  clearTimeout(timer);
}
