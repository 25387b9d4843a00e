import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { conversationId, tenantId } from "../../src/core/ids.ts";
import { parseAddress } from "../../src/core/address.ts";
import { createChecker } from "../../src/flows/check-operations.ts";
import { createGraphClient } from "../../src/graph/graph-client.ts";
import { NO_TOKEN } from "../../src/identity/token-source.ts";
import { paceOf } from "../../src/core/slots.ts";
import { claimSizeOf, EARLY_MS, LEAD_MS, STALE_MS } from "../../src/store/places.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { prepareQueues, startWorkers, stopWorkers } from "../../src/store/jobs.ts";
import { createStore } from "../../src/store/store.ts";
import { graphAt } from "../support/graphs.ts";
import type { Home } from "./homes.ts";
import type { World } from "./world.ts";

/** The real check worker with an interval of nothing: it checks as fast as it can. */
export async function startEngine(
  world: Pick<World, "graphUrl" | "operations">,
  home: Home,
  operations: number,
  mode: "run" | "seed" = "run",
): Promise<AsyncDisposable & { readonly database: Database; checked(): number }> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
  const database = stack.use(await openDatabase(place.config));
  const { boss } = database;
  const fail = (fault: unknown): void => void process.stderr.write(`${String(fault)}\n`);
  boss.on("error", fail);
  await boss.start();
  stack.defer(() => boss.stop({ graceful: false }));
  await prepareQueues(boss);
  const store = createStore(
    database,
    { pace: paceOf(REQUESTS_PER_SECOND), leadMs: LEAD_MS[database.home] },
    Date.now,
  );
  await seed(database, store, world, operations);

  let checked = 0;
  const graph = createGraphClient({
    origin: world.graphUrl,
    tokens: NO_TOKEN,
    fetch,
    now: Date.now,
  });
  const checker = createChecker(
    {
      store,
      graph,
      now: Date.now,
      measure: () => undefined,
      sleep,
      tell: () => undefined,
      log: (event) => {
        if (event.event === "checks.done") checked += event.asked;
        if (event.event === "checks.failed") process.stderr.write(`${event.error}\n`);
      },
    },
    {
      intervalMs: 1,
      requestTimeoutMs: 10_000,
      batchSize: 20,
      claimSize: claimSizeOf(database.home, REQUESTS_PER_SECOND),
      perSecond: REQUESTS_PER_SECOND,
      graph: graphAt(world.graphUrl),
      looks: false,
      earlyMs: EARLY_MS,
      lateMs: STALE_MS,
    },
  );
  stack.defer(() => checker.drained());
  if (mode === "run") {
    await startWorkers(
      boss,
      {
        checks: (ids) => checker.run(ids),
        deliveries: () => Promise.resolve(),
        callbacks: () => Promise.resolve(),
      },
      fail,
    );
    stack.defer(() => stopWorkers(boss));
  }
  const opened = stack.move();
  return { database, checked: () => checked, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Beyond what Graph allows in a tenant: what is measured is the engine, and not its patience. */
const REQUESTS_PER_SECOND = 1_000_000;

/** Watches in 20 tenants, as `track` would make them, and their first alarms. */
async function seed(
  database: Database,
  store: ReturnType<typeof createStore>,
  world: Pick<World, "graphUrl" | "operations">,
  count: number,
): Promise<void> {
  const tenants = Array.from({ length: 20 }, () => tenantId(randomUUID()));
  const addresses = (await world.operations(count)).map((location) => {
    const result = parseAddress(location, graphAt(world.graphUrl));
    if (!result.ok) throw new Error(`The sandbox gave ${location}, which is no address.`);
    return result.address;
  });
  for (let i = 0; i < count; i += 50) {
    const tenant = tenants[(i / 50) % tenants.length] ?? tenantId("");
    await store.track(
      {
        conversation: {
          id: conversationId(`19:bench-${i}@thread.v2`),
          tenantId: tenant,
          kind: "groupChat",
          teamId: null,
          groupId: null,
          userId: null,
          reference: { serviceUrl: "http://127.0.0.1:9", botId: "28:bench", botName: "Opwatch" },
        },
        threadId: `19:bench-${i}@thread.v2`,
        requester: { id: "29:bench", name: "Bench" },
        notify: "auto",
        addresses: addresses.slice(i, i + 50),
        areGuesses: false,
        askedBy: null,
        expiresAt: Date.now() + 86_400_000,
      },
      Date.now(),
    );
  }
  await database.db.execute(sql`analyze`);
}
