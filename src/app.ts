import { setTimeout as sleep } from "node:timers/promises";
import { answeredWithin } from "./answered-within.ts";
import { databaseOf, type Config } from "./config.ts";
import { describeConfig } from "./describe-config.ts";
import { outsideOf, type Outside } from "./outside.ts";
import { paceOf } from "./core/slots.ts";
import { createKept } from "./kept.ts";
import { createApi } from "./api/api.ts";
import { createCallerCheck, LOCAL_CALLER, type CallerCheck } from "./api/callers.ts";
import { createRateLimit } from "./api/rate-limit.ts";
import { cloudEvent } from "./api/watch-resource.ts";
import { createSendEvent, problemWith } from "./callbacks/send-event.ts";
import { createCallbackSender } from "./flows/send-callbacks.ts";
import { createAboutPeople } from "./flows/ask-about-people.ts";
import { createChecker } from "./flows/check-operations.ts";
import { WRITE_MS } from "./flows/deliver-cards.ts";
import { createDeliverer } from "./flows/deliverer.ts";
import { describeFault, type Log } from "./flows/log-event.ts";
import { within } from "./flows/within.ts";
import { createTeamsPauses } from "./flows/teams-pauses.ts";
import { startSweeper } from "./flows/sweep.ts";
import { BATCH_SIZE, createGraphClient } from "./graph/graph-client.ts";
import { NotReadyError, startHttpServer } from "./http/server.ts";
import { claimSizeOf, EARLY_MS, LEAD_MS, STALE_MS } from "./store/places.ts";
import { DatabaseError, type Database } from "./store/database.ts";
import { openDatabase } from "./store/open-database.ts";
import { prepareQueues, startWorkers, stopWorkers } from "./store/jobs.ts";
import type { Measurement } from "./flows/meter.ts";
import { startTracing } from "./tracing.ts";
import { createMetrics } from "./metrics.ts";
import type { Depths } from "./flows/depths.ts";
import { createStore } from "./store/store.ts";
import { createAdapter, type BotIdentity } from "./teams/adapter.ts";
import { createBot } from "./teams/bot.ts";
import { createConnector } from "./teams/connector.ts";
import { createPeople } from "./teams/people.ts";
import { isAllowedServiceUrl } from "./teams/service-urls.ts";
import { createTeams } from "./teams/teams.ts";

export type App = AsyncDisposable & {
  readonly url: string;
  /** Looks once for what has no alarm. */
  sweep(): Promise<void>;
  /** Asks for the bot's token, so that what is wrong with its credential is in the log before a card is due. */
  signIn(): Promise<void>;
  /** Resolves with the reason when the database is of no use to this process any more. */
  readonly broken: Promise<unknown>;
};

const GRAPH_TIMEOUT_MS = 10_000;
/** All that ends has so long together. */
const END_WITHIN_MS = 7_500;
/** A minute's part of a statistic is not worth more at the end. */
const LAST_LEARN_MS = 500;
const DEPTHS_KEPT_MS = 5_000;
/** A database that is busy with counting is no reason to take a replica out of service. */
const COUNT_WITHIN_MS = 500;
/** Probes give up after some 3 s, and then nobody reads why. */
const PING_WITHIN_MS = 2_000;

/** Builds everything, in order, and closes it in the opposite one; also what was open when a step failed. */
export async function startApp(config: Config, log: Log, own: Partial<Outside> = {}): Promise<App> {
  const startedAt = performance.now();
  const outside = { ...outsideOf(config, log), ...own };
  log({ event: "app.configured", settings: describeConfig(config) });
  await using stack = new AsyncDisposableStack();
  const isLocal = config.bot.mode === "local";

  const database = stack.use(await openDatabase(databaseOf(config)));
  const { boss } = database;
  boss.on("error", (error) => log({ event: "engine.trouble", error: describeFault(error) }));
  boss.on("warning", ({ message }) => log({ event: "engine.warning", error: message }));
  stack.defer(() => boss.stop({ graceful: false }));
  await startBoss(boss);

  // Between two measurements the monotonic clock counts: a step of the system's clock is none of ours.
  let clock = (await database.clock()) ?? { now: Date.now(), monotonicMs: performance.now() };
  const now = (): number => Math.round(clock.now + performance.now() - clock.monotonicMs);
  const timing = { pace: paceOf(config.graph.requestsPerSecond), leadMs: LEAD_MS[database.home] };
  const store = createStore(database, timing, now);

  // Anybody may ask for these, and counting is not free.
  const depths = createKept(
    () => store.depths(now()),
    DEPTHS_KEPT_MS,
    (error) => log({ event: "count.failed", error: describeFault(error) }),
  );
  const metrics = createMetrics({ ping: () => database.ping(), depths: () => depths.get() });
  const tracing = stack.use(await startTracing(process.env));
  const measure = (measurement: Measurement): void => {
    metrics.measure(measurement);
    tracing.record(measurement);
  };
  const adapter = createAdapter(identityOf(config, outside), (fault) =>
    log({ event: "turn.failed", error: describeFault(fault) }),
  );
  const connector = createConnector({
    connect: (serviceUrl) => adapter.connect(serviceUrl),
    isAllowed: (serviceUrl) => isAllowedServiceUrl(serviceUrl, isLocal ? null : outside.botCloud),
    now,
    measure,
    refused: () => outside.botTokens.discard(botTenantOf(config, outside)),
    timeoutMs: WRITE_MS,
  });
  const { origin, cloud } = config.graph;
  const place = { origin, cloud };
  // Shorter than usual where the interval is, so that the sandbox's operations recover as fast.
  const requestTimeoutMs = Math.min(GRAPH_TIMEOUT_MS, 2 * config.checkIntervalMs);
  const graph = createGraphClient({
    origin,
    tokens: outside.graphTokens,
    fetch,
    now,
  });

  const pauses = createTeamsPauses({ store, now, sleep });
  const deliverer = createDeliverer({
    store,
    teams: createTeams(connector, cloud),
    now,
    log,
    sleep,
    pauses,
    measure,
  });
  const checker = createChecker(
    { store, graph, now, log, measure, sleep, tell: (conversations) => deliverer.tell(conversations) },
    {
      intervalMs: config.checkIntervalMs,
      requestTimeoutMs,
      batchSize: BATCH_SIZE,
      claimSize: claimSizeOf(database.home, config.graph.requestsOfAllPerSecond),
      perSecond: config.graph.requestsOfAllPerSecond,
      graph: place,
      looks: config.looksAtResults,
      earlyMs: EARLY_MS,
      lateMs: STALE_MS,
    },
  );
  const callbackSettings = { ...config.api.callbacks, secret: config.api.callbacks.secret?.reveal() ?? null };
  const callbacks = createCallbackSender({
    store,
    send: createSendEvent(callbackSettings, now, cloudEvent),
    now,
    log,
  });
  const trackSettings = {
    graph: place,
    servedTenants: config.servedTenants,
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
      measure,
      callers: callersOf(config, outside),
      limit: createRateLimit(config.api.requestsPerSecond),
      callbackProblem: (url) => problemWith(url, callbackSettings),
    },
    trackSettings,
  );
  const bot = createBot(
    { store, graph: aboutPeople, people, connector, now, log, measure, cloud, pauses },
    trackSettings,
  );

  // One process has the embedded database to itself: what its predecessor held is free.
  if (database.home === "embedded") await store.freeLeases();
  const lastLearned = (): Promise<void> =>
    checker.learn().catch((error: unknown) => log({ event: "sweep.failed", error: describeFault(error) }));
  stack.defer(async () => void (await within(LAST_LEARN_MS, lastLearned())));
  let endBy = Number.POSITIVE_INFINITY;
  const leftMs = (): number => Math.max(endBy - performance.now(), 0);
  stack.defer(async () => {
    // What the last checks tell is a delivery's last work.
    const drained = checker.drained().then(() => deliverer.drained());
    await within(leftMs(), Promise.all([drained, callbacks.drained()]));
  });
  // What brings new work ends together, and what is in hand goes on meanwhile.
  const bringers: (() => PromiseLike<void>)[] = [];
  stack.defer(async () => {
    endBy = performance.now() + END_WITHIN_MS;
    await within(leftMs(), Promise.all(bringers.map((end) => end())));
  });
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
  bringers.push(() => {
    checker.stop();
    deliverer.stop();
    return stopWorkers(boss);
  });
  const sweeper = startSweeper({
    store,
    now,
    log,
    often: [
      () => database.vacuum(),
      async () => {
        const askedAt = performance.now();
        const isAnswered = await database.ping().then(
          () => true,
          () => false,
        );
        // That it is away is told by the sweep, and by opwatch_database_up.
        if (isAnswered) measure({ measured: "database", ms: performance.now() - askedAt });
      },
    ],
    // Each by itself: what fails must not keep the others from being done. The clock comes first,
    // because the floor between two checks rests on it.
    housekeep: [
      async () => {
        clock = (await database.clock()) ?? clock;
      },
      () => checker.learn(),
      () => database.checkpoint(),
      async () => void (await store.retire(now() - config.retentionMs)),
    ],
  });
  bringers.push(() => sweeper[Symbol.asyncDispose]());
  await sweeper.run();

  const server = await startHttpServer(config, {
    receive: async (authorization, body) => {
      const receivedAt = performance.now();
      const answer = await adapter.receive(authorization, body, bot);
      measure({ measured: "activity", status: answer.status, ms: performance.now() - receivedAt });
      return answer;
    },
    api,
    ready: async () => {
      await answeredWithin(PING_WITHIN_MS, database.ping()).catch((error: unknown) => {
        throw error instanceof DatabaseError ? new NotReadyError(error.message) : error;
      });
      const counted = await Promise.race([depths.get(), sleep(COUNT_WITHIN_MS, null)]);
      return lateness(counted ?? depths.last());
    },
    metrics,
    isLocal,
    refused: (status, reason) => log({ event: "http.refused", status, reason }),
  });
  bringers.push(() => server[Symbol.asyncDispose]());
  const url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`;
  log({
    event: "app.ready",
    address: url,
    database: database.home,
    mode: config.bot.mode,
    startMs: Math.round(performance.now() - startedAt),
  });
  const opened = stack.move();
  return {
    url,
    broken: database.broken,
    sweep: () => sweeper.run(),
    async signIn() {
      if (!isLocal) await outside.botTokens.token(botTenantOf(config, outside)).catch(() => undefined);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
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

/** Where the bot signs in. */
function botTenantOf({ bot }: Config, { botCloud }: Outside): string {
  const own = bot.mode === "local" ? null : bot.registration.tenantId;
  return own ?? botCloud.login.tenant;
}

function identityOf(config: Config, outside: Outside): BotIdentity {
  const { bot } = config;
  const { botCloud } = outside;
  if (bot.mode === "local") return { kind: "local" };
  const { appId } = bot.registration;
  const tenant = botTenantOf(config, outside);
  const token = async (): Promise<string> => (await outside.botTokens.token(tenant)) ?? "";
  return { kind: "registered", cloud: botCloud, appId, token };
}

function callersOf({ api, servedTenants, graph: { cloud } }: Config, { entra }: Outside): CallerCheck {
  if (api.audience === null) return () => Promise.resolve(LOCAL_CALLER);
  const authority = entra === null ? {} : { authority: entra };
  return createCallerCheck({ cloud, appId: api.audience, tenants: servedTenants, ...authority });
}

/** Checks that are this late are worth a word: more is due than is done, or nobody does it. */
const LATE_MS = 30_000;

/** @param depths null where they could not be counted for a minute */
function lateness(depths: Depths | null): string | null {
  if (depths === null)
    return "What is due could not be counted within the last minute: the database answers, but its tables do not.";
  const { oldestDueMs, overdueOperations } = depths;
  if (oldestDueMs < LATE_MS) return null;
  return `${overdueOperations} operations wait for their check, one for ${Math.round(oldestDueMs / 1000)} s.`;
}
