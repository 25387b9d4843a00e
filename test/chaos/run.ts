import { join } from "node:path";
import { unfinished } from "./check-invariants.ts";
import { now } from "./clock.ts";
import { planFaults } from "./faults.ts";
import { createInjector } from "./inject.ts";
import { planLoad } from "./load.ts";
import type { Entry, Home } from "./log.ts";
import { bare, createPeople } from "./people.ts";
import { DATABASE, findPostgres, startCluster } from "./postgres.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { startReplicas } from "./replicas.ts";
import { watchLag } from "./watch-lag.ts";
import { startWorld } from "./world.ts";

export type RunSettings = {
  readonly seed: number;
  readonly home: Home;
  readonly replicas: number;
  /** How long there are faults. What was tracked is followed to its end after that. */
  readonly faultsMs: number;
  readonly intervalMs: number;
  /** See LoadPlan. */
  readonly everyMs: number;
  readonly busy: number;
  /** After the faults, for the longest waits that Opwatch can have run into. */
  readonly graceMs: number;
  /** Only faults of these kinds; empty: of all. */
  readonly only: readonly string[];
  /** An empty directory: replicas' own logs, the embedded database. */
  readonly directory: string;
  /** The program, where it is not this one. */
  readonly main?: string;
  readonly say: (line: string) => void;
};

/** Half a second here, a whole one in reality: the interval of 31 s and Graph's rule of more than 30 s. */
const MARGIN_MS = 500;
/** Nothing may happen any more after the last card was right. */
const SILENCE_MS = 6_000;

/** One run. What comes back is the world's log. */
export async function runChaos(settings: RunSettings): Promise<readonly Entry[]> {
  const { seed, home, intervalMs, faultsMs, directory, say } = settings;
  const count = home === "pglite" ? 1 : settings.replicas;
  const minimumIntervalMs = intervalMs - MARGIN_MS;
  await using stack = new AsyncDisposableStack();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const end = (): void => {
      say(`Ended by ${signal}.`);
      void stack.disposeAsync().finally(() => process.exit(1));
    };
    process.once(signal, end);
    stack.defer(() => void process.off(signal, end));
  }
  const entries: Entry[] = [];
  let see = (_entry: Entry): void => undefined;
  const log = (entry: Entry): void => {
    entries.push(entry);
    see(entry);
  };
  const load = planLoad({
    seed,
    forMs: faultsMs,
    everyMs: settings.everyMs,
    busy: settings.busy,
    intervalMs,
  });
  const tenants = load.tenants.length;
  const faults = planFaults({ seed, home, replicas: count, tenants, forMs: faultsMs, only: settings.only });

  const binaries = home === "postgres" ? findPostgres() : null;
  if (home === "postgres" && binaries === null) throw new NoPostgresError();
  const cluster = binaries === null ? null : stack.use(await startCluster(binaries));
  const databaseLines: Proxy[] = [];
  const target = { host: "127.0.0.1", port: cluster?.port ?? 0 };
  for (let i = 0; i < count; i += 1) databaseLines.push(stack.use(await startProxy(target)));
  const conversations = load.conversations.map((place) => ({ id: bare(place), tenant: place.tenant ?? "" }));
  const world = stack.use(
    await startWorld({ seed, tenants: load.tenants, conversations, replicas: count, minimumIntervalMs }, log),
  );
  const replicas = stack.use(
    startReplicas({
      count,
      directory,
      ...(settings.main === undefined ? {} : { main: settings.main }),
      log,
      environment: (replica) => ({
        GRAPH_ENDPOINT: `http://127.0.0.1:${world.graphPorts[replica] ?? 0}`,
        CHECK_INTERVAL_SECONDS: String(intervalMs / 1_000),
        ...(cluster === null
          ? { DATA_DIR: join(directory, "data") }
          : {
              DATABASE_URL: `postgres://postgres@127.0.0.1:${databaseLines[replica]?.port ?? 0}/${DATABASE}`,
            }),
      }),
    }),
  );
  await replicas.allReady();
  stack.use(watchLag(log));
  const people = createPeople({ seed, load, world, ready: () => replicas.ready(), log });
  see = (entry) => people.see(entry);
  await people.greet();

  log({ kind: "begin", at: now(), seed, home, intervalMs, minimumIntervalMs });
  const startedAt = now();
  const injector = createInjector({ world, replicas, cluster, databaseLines, log });
  const plan = [
    ...load.deeds.map((deed) => ({ atMs: deed.atMs, go: () => people.do(deed) })),
    ...faults.map(({ atMs, fault }) => ({ atMs, go: () => injector.inject(fault) })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  for (const { atMs, go } of plan) {
    await sleep(startedAt + atMs - now());
    go();
  }
  await sleep(startedAt + faultsMs - now());
  await injector.settled();
  await replicas.allReady();
  log({ kind: "calm", at: now() });
  say(`  ${seconds(now() - startedAt)}: the faults are over; ${unfinished(entries)} watches to go.`);

  await Promise.race([people.settled(), sleep(settings.graceMs)]);
  people.giveUp();
  const lastEnds = entries.map((entry) => (entry.kind === "operation" ? (entry.endsAt ?? 0) : 0));
  const deadline = Math.max(now(), ...lastEnds) + settings.graceMs;
  while (now() < deadline && unfinished(entries) > 0) await sleep(1_000);
  say(`  ${seconds(now() - startedAt)}: ${unfinished(entries)} watches to go.`);
  await sleep(SILENCE_MS);
  log({ kind: "end", at: now() });
  return entries;
}

/** The machine has no PostgreSQL of which a cluster could be made. */
export class NoPostgresError extends Error {
  override readonly name = "NoPostgresError";
  constructor() {
    super("PostgreSQL's programs (initdb, pg_ctl) were not found. On Debian: apt-get install postgresql.");
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(0)} s`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(ms, 0));
  });
}
