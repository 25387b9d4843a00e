import { mkdir, readdir, realpath, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { sql, type ExtractTablesWithRelations } from "drizzle-orm";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import pg from "pg";
import { fromPglite, PgBoss, type BackendProfile, type ConstructorOptions } from "pg-boss";
import type { EpochMs } from "../core/ids.ts";
import { DirectoryInUseError } from "./directory-in-use-error.ts";
import { LOCK, lockDirectory } from "./directory-lock.ts";

/** What both drivers answer a raw statement with. */
type RowsOf<Row> = { rows: Row[] };
interface Rows extends PgQueryResultHKT {
  readonly type: RowsOf<this["row"]>;
}
type NoSchema = Record<string, never>;
export type Db = PgDatabase<Rows, NoSchema>;
export type Tx = PgTransaction<Rows, NoSchema, ExtractTablesWithRelations<NoSchema>>;

export type DatabaseConfig =
  | { readonly home: "embedded"; readonly directory: string }
  | { readonly home: "server"; readonly url: string; readonly backend?: Exclude<BackendProfile, "pglite"> };

/** One schema and one set of SQL; only how it is opened differs. */
export type Database = AsyncDisposable & {
  readonly home: DatabaseConfig["home"];
  readonly db: Db;
  readonly boss: PgBoss;
  /** The database's clock, and this process's monotonic one at the same moment. */
  clock(): Promise<{ readonly now: EpochMs; readonly monotonicMs: number }>;
  /** Rejects while it does not answer. */
  ping(): Promise<void>;
  /** What a server does by itself and PGlite does not: see ARCHITECTURE.md, "The embedded database". */
  vacuum(): Promise<void>;
  checkpoint(): Promise<void>;
};

/** The database cannot be used; the message says why and what to do. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

const MIGRATIONS = fileURLToPath(new URL("./migrations", import.meta.url));
const BOSS_OPTIONS = {
  schema: "pgboss",
  useListenNotify: true,
  schedule: false,
  superviseIntervalSeconds: 30,
} satisfies ConstructorOptions;
/** What pg-boss does by itself (an alarm is taken, is done with) may be lost in a crash of the server: it comes again. */
const BOSS_CONNECTIONS = { options: "-c synchronous_commit=off" };
/** Any number that no other program's advisory lock is likely to have. */
const MIGRATION_LOCK = 7_301_974;

export function openDatabase(config: DatabaseConfig): Promise<Database> {
  return config.home === "embedded" ? openEmbedded(config.directory) : openServer(config);
}

async function openEmbedded(directory: string): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  const failed = (cause: unknown): DatabaseError =>
    new DatabaseError(
      `The embedded database in DATA_DIR "${directory}" cannot be opened: ${messageOf(cause)} ` +
        "Nothing in it was changed. Check that the directory belongs to Opwatch and is readable and writable, " +
        "or set DATA_DIR to another one (an empty one starts from nothing).",
      { cause },
    );
  let real: string;
  try {
    // Its files are readable by everybody, so the directory is not.
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // PGlite can't open a link.
    real = await realpath(directory);
    stack.use(await lockDirectory(real));
  } catch (error) {
    throw error instanceof DirectoryInUseError ? error : failed(error);
  }
  await requireOwner(real);
  await requireOwn(real).catch((error: unknown) => {
    throw failed(error);
  });
  const pglite = await openPglite(real).catch((error: unknown) => {
    throw failed(error);
  });
  stack.defer(() => pglite.close());
  const db = drizzlePglite({ client: pglite, casing: "snake_case" });
  await migratePglite(db, { migrationsFolder: MIGRATIONS }).catch((error: unknown) => {
    throw failed(error);
  });
  const boss = new PgBoss({ ...BOSS_OPTIONS, db: fromPglite(pglite), backend: "pglite" });
  const opened = stack.move();
  return {
    home: "embedded",
    db,
    boss,
    clock: () => Promise.resolve({ now: Date.now(), monotonicMs: performance.now() }),
    ping: async () => void (await db.execute(sql`select 1`)),
    vacuum: () => vacuum(pglite),
    checkpoint: async () => void (await pglite.exec("CHECKPOINT")),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** What root writes in another user's database, that user can't read: the next start would fail. */
async function requireOwner(directory: string): Promise<void> {
  const { uid } = await stat(directory);
  if (process.getuid?.() !== 0 || uid === 0 || !(await readdir(directory)).includes("PG_VERSION")) return;
  throw new DatabaseError(
    `The embedded database in DATA_DIR "${directory}" belongs to the user with the id ${uid}, and root's files in it would keep that user out. ` +
      `Nothing was done. Run this as that user: sudo -u '#${uid}' …`,
  );
}

/** PGlite would make a new database beside what is left of another, and nobody would notice. */
async function requireOwn(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(".") && name !== LOCK);
  if (names.length > 0 && !names.includes("PG_VERSION")) {
    throw new Error(
      "It is not empty, and what is in it is no database, or is one that has lost its PG_VERSION.",
    );
  }
}

/** A separate step, because PGlite reports a damaged directory in more than one way. */
async function openPglite(directory: string): Promise<PGlite> {
  const pglite = await PGlite.create(directory);
  await pglite.query("select 1");
  return pglite;
}

/**
 * The rule by which a server's autovacuum chooses tables, with its default settings
 * (https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM).
 */
const WORN = `select relid::regclass::text as name,
    n_dead_tup > 50 + 0.2 * greatest(reltuples, 0) or n_ins_since_vacuum > 1000 + 0.2 * greatest(reltuples, 0) as "isWorn",
    n_mod_since_analyze > 50 + 0.1 * greatest(reltuples, 0) as "isStrange"
  from pg_stat_user_tables join pg_class on pg_class.oid = relid`;

/** Of a hundred, a tenth: the sample is what takes the time, and nobody else's turn comes meanwhile. */
const STATISTICS = "SET default_statistics_target = 10";

async function vacuum(pglite: PGlite): Promise<void> {
  await pglite.query("select pg_stat_force_next_flush()");
  const { rows } = await pglite.query<{ name: string; isWorn: boolean; isStrange: boolean }>(WORN);
  for (const { name, isWorn, isStrange } of rows) {
    if (isWorn) await pglite.exec(`VACUUM ${name}`);
    if (isStrange) await pglite.exec(`${STATISTICS}; ANALYZE ${name}`);
  }
}

async function openServer({
  url,
  backend = "postgres",
}: Extract<DatabaseConfig, { home: "server" }>): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: 10_000,
    // A partition must not hold our connections for as long as the system's TCP does.
    query_timeout: 15_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // What the instants are read by, whatever the server prefers.
    options: "-c DateStyle=ISO -c TimeZone=UTC",
    application_name: "opwatch",
  });
  // A connection that breaks is replaced at its next use. Without a listener of its own it would end
  // the process: the pool takes its listener away while a connection is in use.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  stack.defer(() => pool.end());
  const db = Object.assign(drizzlePg({ client: pool, casing: "snake_case" }), {
    transaction: transactionOn(pool),
  });
  try {
    await migrateOnce(url);
  } catch (error) {
    throw new DatabaseError(
      `The database of DATABASE_URL (${withoutSecrets(url)}) cannot be used: ${messageOf(error)} ` +
        "Check that the server runs and accepts this user, e.g. DATABASE_URL=postgres://opwatch:secret@127.0.0.1:5432/opwatch, " +
        "or leave DATABASE_URL out to use the embedded database.",
      { cause: error },
    );
  }
  const boss = new PgBoss({
    ...BOSS_OPTIONS,
    connectionString: url,
    backend,
    // CockroachDB has none: there, alarms for now are found by polling, twice a second.
    useListenNotify: backend !== "cockroachdb",
    max: 4,
    application_name: "opwatch-jobs",
    ...BOSS_CONNECTIONS,
  });
  const opened = stack.move();
  return {
    home: "server",
    db,
    boss,
    clock: () => serverClock(db),
    ping: async () => void (await db.execute(sql`select 1`)),
    // A PostgreSQL server has autovacuum and a checkpointer.
    vacuum: () => Promise.resolve(),
    checkpoint: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/**
 * Drizzle's own never gives a connection back whose `begin` failed, so that a server's restart would
 * use up the pool. Here one that anything failed on is thrown away.
 */
function transactionOn(pool: pg.Pool): Db["transaction"] {
  const known = new WeakMap<pg.PoolClient, Db>();
  return async (work, config) => {
    const client = await pool.connect();
    const db = known.get(client) ?? drizzlePg({ client, casing: "snake_case" });
    known.set(client, db);
    let isBroken = true;
    try {
      const result = await db.transaction(work, config);
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  };
}

/**
 * Machines that keep time differ by milliseconds, and a measurement in a busy process errs by more:
 * a difference within this is taken for none. Twice this is well below the second by which the
 * interval exceeds Graph's 30 s.
 */
const CLOCK_TOLERANCE_MS = 250;

/** The quickest of three answers: half its time is the error, and a wait for a connection would be part of it. */
async function serverClock(db: Db): Promise<{ readonly now: EpochMs; readonly monotonicMs: number }> {
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
  const isNoise = Math.abs(best.offsetMs) < Math.max(CLOCK_TOLERANCE_MS, best.tookMs);
  return { now: Date.now() + (isNoise ? 0 : best.offsetMs), monotonicMs: performance.now() };
}

/** Replicas that start together migrate one after the other. On a connection of its own: it may take longer than a query. */
async function migrateOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migratePg(drizzlePg({ client, casing: "snake_case" }), { migrationsFolder: MIGRATIONS });
  } finally {
    // The lock goes with its connection.
    await client.end().catch(() => undefined);
  }
}

function withoutSecrets(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "not a URL";
  }
}

/** pg wraps what happened on each address of a host in an AggregateError without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(" ");
  // PGlite's file system throws objects that are none.
  if (!(error instanceof Error)) return `${JSON.stringify(error)}.`;
  const text = error.message === "" ? error.name : error.message;
  const cause = error.cause === undefined ? "" : ` ${messageOf(error.cause)}`;
  return text.endsWith(".") ? text + cause : `${text}.${cause}`;
}
