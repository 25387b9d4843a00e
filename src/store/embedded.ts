import { mkdir, readdir, realpath, stat } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { fromPglite, PgBoss } from "pg-boss";
import { BOSS_OPTIONS, DatabaseError, messageOf, MIGRATIONS, type Database } from "./database.ts";
import { DirectoryInUseError } from "./directory-in-use-error.ts";
import { lockDirectory } from "./directory-lock.ts";
import { beginFirstStart, requireOwn } from "./first-start.ts";

const UNTOUCHED =
  "Nothing in it was changed. Check that the directory belongs to Opwatch and is readable and writable, " +
  "or set DATA_DIR to another one (an empty one starts from nothing).";

/** PostgreSQL begins by making good what a crash has left, before it finds that it can't go on. */
const BEGUN =
  "It stays where it is, and no new one takes its place; PostgreSQL may have begun to repair it. Is there room on the disk, " +
  "and are all files in it readable and writable? If not, mend that and start again. Else copy the directory before anything else is tried, " +
  "and set DATA_DIR to another one: an empty one starts from nothing, and `opwatch restore` fills it from a backup.";

/** PGlite in this process, with its files in `directory`. */
export async function openEmbedded(directory: string): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  const failed = (cause: unknown, then = UNTOUCHED): DatabaseError =>
    new DatabaseError(
      `The embedded database in DATA_DIR "${directory}" cannot be opened: ${messageOf(cause)} ${then}`,
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
  const made = await requireOwn(real)
    .then(() => beginFirstStart(real))
    .catch((error: unknown) => {
      throw failed(error);
    });
  const pglite = await openPglite(real).catch((error: unknown) => {
    throw failed(error, BEGUN);
  });
  stack.defer(() => pglite.close());
  const db = drizzle({ client: pglite, casing: "snake_case" });
  await migrate(db, { migrationsFolder: MIGRATIONS }).catch((error: unknown) => {
    throw failed(error, BEGUN);
  });
  await made();
  const boss = new PgBoss({ ...BOSS_OPTIONS, db: fromPglite(pglite), backend: "pglite" });
  const broken = Promise.withResolvers<unknown>();
  const opened = stack.move();
  return {
    home: "embedded",
    db,
    boss,
    hasAdvisoryLocks: true,
    clock: () => Promise.resolve({ now: Date.now(), monotonicMs: performance.now() }),
    ping: async () => void (await db.execute(sql`select 1`)),
    vacuum: () => vacuum(pglite),
    broken: broken.promise,
    // Where it fails (a full disk), PostgreSQL ends all that it was doing and starts again. PGlite can't.
    checkpoint: async () => {
      await pglite.exec("CHECKPOINT").catch((error: unknown) => {
        broken.resolve(error);
        throw error;
      });
    },
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
