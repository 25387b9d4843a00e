import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { CLOCKS_DIFFER_MS } from "../core/instants.ts";
import {
  BOSS_OPTIONS,
  DatabaseError,
  JOBS_NAME,
  messageOf,
  MIGRATIONS,
  type Clock,
  type Database,
  type DatabaseConfig,
  type Db,
} from "./database.ts";
import { isLost, sqlStateOf } from "./transaction.ts";

/**
 * A partition must not hold our connections for as long as the system's TCP does, nor what we had locked when
 * this machine went away: an open transaction ends when nobody has said anything in it for so long.
 */
const SILENCE_MS = 15_000;
const NEVER_SILENT = {
  query_timeout: SILENCE_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
};
const BOSS_SILENCE_MS = 2 * SILENCE_MS;
const BOSS_LIMITS = { ...NEVER_SILENT, query_timeout: BOSS_SILENCE_MS };
const SETTINGS = [
  `idle_in_transaction_session_timeout=${SILENCE_MS}`,
  // pg-boss writes backslashes as the standard reads them.
  "standard_conforming_strings=on",
];
/** The server gives up a little sooner than we do: a backend that waits for a lock does not see that nobody waits for it. */
const givesUpAfter = (ms: number): string => `statement_timeout=${ms - 1_000}`;
/** Who migrates holds a lock that is no transaction's: the server itself finds out within half a minute that they are gone. */
const SERVER_LOOKS = ["tcp_keepalives_idle=10", "tcp_keepalives_interval=5", "tcp_keepalives_count=4"];
/** What the instants are read by, whatever the server prefers. */
const OWN_SETTINGS = [...SETTINGS, givesUpAfter(SILENCE_MS), "DateStyle=ISO", "TimeZone=UTC"];
/** What pg-boss does by itself (an alarm is taken, is done with) may be lost in a crash of the server: it comes again. */
const BOSS_SETTINGS = [...SETTINGS, givesUpAfter(BOSS_SILENCE_MS), "synchronous_commit=off"];
/** Any number that no other program's advisory lock is likely to have. */
const MIGRATION_LOCK = 7_301_974;

/** A PostgreSQL server, or one that speaks its language. */
export async function openServer({
  url,
  backend = "postgres",
}: Extract<DatabaseConfig, { home: "server" }>): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  if (!URL.canParse(url)) throw unusable(url, new Error("It is no URL."));
  const pool = new pg.Pool({
    ...addressOf(url, OWN_SETTINGS),
    max: 8,
    connectionTimeoutMillis: 10_000,
    ...NEVER_SILENT,
    application_name: "opwatch",
  });
  // A connection that breaks is replaced at its next use. Without a listener of its own it would end
  // the process: the pool takes its listener away while a connection is in use.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  stack.defer(() => pool.end());
  const db = Object.assign(drizzle({ client: pool, casing: "snake_case" }), {
    transaction: transactionOn(pool),
  });
  const hasAdvisoryLocks = backend === "postgres" || backend === "citus";
  try {
    const settings = backend === "postgres" ? [...SETTINGS, ...SERVER_LOOKS] : SETTINGS;
    await migrateOnce(url, settings, hasAdvisoryLocks);
  } catch (error) {
    throw unusable(url, error);
  }
  const boss = new PgBoss({
    ...BOSS_OPTIONS,
    ...addressOf(url, BOSS_SETTINGS),
    backend,
    // CockroachDB has none: there, alarms for now are found by polling, twice a second.
    useListenNotify: backend !== "cockroachdb",
    max: 4,
    application_name: JOBS_NAME,
    // Given on to its pool, by which it migrates its tables, too; those are small.
    ...BOSS_LIMITS,
  });
  const opened = stack.move();
  return {
    home: "server",
    db,
    boss,
    hasAdvisoryLocks,
    clock: () => serverClock(db),
    ping: () => pingServer(db),
    broken: new Promise(() => undefined),
    // A PostgreSQL server has autovacuum and a checkpointer.
    vacuum: () => Promise.resolve(),
    checkpoint: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** With `options` in the address pg would not look at ours: both are sent, and ours come last and hold. */
function addressOf(url: string, settings: readonly string[]): { connectionString: string; options: string } {
  const ours = settings.map((setting) => `-c ${setting}`);
  const address = new URL(url);
  const theirs = address.searchParams.get("options");
  if (theirs === null) return { connectionString: url, options: ours.join(" ") };
  address.searchParams.delete("options");
  return { connectionString: address.href, options: [theirs, ...ours].join(" ") };
}

/**
 * Drizzle's own never gives a connection back whose `begin` failed, so that a server's restart would use up the
 * pool, and tells why its `rollback` failed in place of what had gone wrong. Here a connection that anything failed
 * on is thrown away, at once where it is cut or silent, so that nobody waits for a `rollback` on it.
 */
function transactionOn(pool: pg.Pool): Db["transaction"] {
  const known = new WeakMap<pg.PoolClient, Db>();
  return async (work, config) => {
    const client = await pool.connect();
    const db = known.get(client) ?? drizzle({ client, casing: "snake_case" });
    known.set(client, db);
    const reasons: unknown[] = [];
    let isReleased = false;
    try {
      const result = await db.transaction(async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          reasons.push(error);
          if (isLost(error)) {
            isReleased = true;
            client.release(true);
          }
          throw error;
        }
      }, config);
      isReleased = true;
      client.release();
      return result;
    } catch (error) {
      throw reasons[0] ?? error;
    } finally {
      if (!isReleased) client.release(true);
    }
  };
}

/** After a failover a standby may answer, which takes no writes. */
async function pingServer(db: Db): Promise<void> {
  const { rows } = await db.execute<{ only: string }>(
    sql`select current_setting('transaction_read_only') as only`,
  );
  if (rows[0]?.only === "on") {
    throw new DatabaseError("The database takes no writes: it is read-only, or a standby.");
  }
}

/** The quickest of three answers: half its time is the error, and a wait for a connection would be part of it. */
async function serverClock(db: Db): Promise<Clock | null> {
  let best = { offsetMs: 0, tookMs: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 3; i += 1) {
    const before = Date.now();
    const { rows } = await db.execute<{ now: number }>(
      sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
    );
    const tookMs = Date.now() - before;
    const now = rows[0]?.now;
    if (now !== undefined && tookMs < best.tookMs) best = { offsetMs: now - before - tookMs / 2, tookMs };
  }
  // What a slow answer tells is still better than a clock that is off by more than the answer took.
  if (best.tookMs / 2 > CLOCKS_DIFFER_MS && Math.abs(best.offsetMs) < best.tookMs) return null;
  const isNoise = Math.abs(best.offsetMs) < Math.max(NOISE_MS, best.tookMs);
  return { now: Date.now() + (isNoise ? 0 : best.offsetMs), monotonicMs: performance.now() };
}

/** A clock that ticks in milliseconds, read by a process that has other work. */
const NOISE_MS = 25;

/** Replicas that start together migrate one after the other, where there are locks for it. On a connection of its own: it may take longer than a query. */
async function migrateOnce(url: string, settings: readonly string[], isLocked: boolean): Promise<void> {
  const client = new pg.Client({
    ...addressOf(url, settings),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    if (isLocked) await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    // Who waits for a table keeps everybody else from it: replicas that still run, behind a backup, say.
    await client.query(`set lock_timeout = ${TABLE_WITHIN_MS}`);
    const db = drizzle({ client, casing: "snake_case" });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await migrate(db, { migrationsFolder: MIGRATIONS });
        return;
      } catch (error) {
        if (attempt === TABLE_ATTEMPTS || !PASSES.has(sqlStateOf(error))) throw error;
        await sleep(TABLE_WITHIN_MS);
      }
    }
  } finally {
    // The lock goes with its connection.
    await client.end().catch(() => undefined);
  }
}

/** lock_not_available, deadlock_detected: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSES: ReadonlySet<string> = new Set(["55P03", "40P01"]);
const TABLE_WITHIN_MS = 2_000;
/** Some two minutes. */
const TABLE_ATTEMPTS = 30;

function unusable(url: string, cause: unknown): DatabaseError {
  return new DatabaseError(
    `The database of DATABASE_URL (${withoutSecrets(url)}) cannot be used: ${messageOf(cause)} ` +
      "Check that the server runs, accepts this user and lets it make schemas there (grant create on database), e.g. DATABASE_URL=postgres://opwatch:secret@127.0.0.1:5432/opwatch, " +
      "or leave DATABASE_URL out to use the embedded database.",
    { cause },
  );
}

function withoutSecrets(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "not a URL";
  }
}
