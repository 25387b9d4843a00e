import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { sql } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { PGlite } from "@electric-sql/pglite";
import { DatabaseError } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { transact } from "../../src/store/transaction.ts";
import { DirectoryInUseError } from "../../src/store/directory-in-use-error.ts";
import { aConversation, anAddress, aTrack, storeBench, T0 } from "../contracts/store-bench.ts";
import { findServer, makeEmbedded, makeEmpty } from "../support/a-database.ts";
import { openReady } from "../support/open-ready.ts";
import { aDirectory } from "./a-directory.ts";

describe("an embedded database", () => {
  test("that is a file is refused, by the name of the setting", async () => {
    await using parent = await aDirectory();
    const file = join(parent.path, "data");
    await writeFile(file, "not a directory");
    await expectRefused(file);
    expect(await readFile(file, "utf8")).toBe("not a directory");
  });

  test("inside a file is refused", async () => {
    await using parent = await aDirectory();
    const file = join(parent.path, "data");
    await writeFile(file, "x");
    await expectRefused(join(file, "deeper"));
  });

  test("of a version that nobody knows is refused, and nothing in it is changed", async () => {
    await using parent = await aDirectory();
    await writeFile(join(parent.path, "PG_VERSION"), "garbage\n");
    await mkdir(join(parent.path, "base"));
    await writeFile(join(parent.path, "base", "1"), "something of somebody's");
    const before = await contents(parent.path);
    await expectRefused(parent.path, "copy the directory before anything else is tried");
    expect(await contents(parent.path)).toEqual(before);
  });

  test("that is damaged is refused", async () => {
    await using place = await makeEmbedded();
    if (place.config.home !== "embedded") throw new Error("Not embedded.");
    const { directory } = place.config;
    await writeFile(join(directory, "global", "pg_control"), Buffer.alloc(8192, 7));
    await expectRefused(directory, "It stays where it is, and no new one takes its place");
  });

  test("with somebody else's files in it is left alone", async () => {
    await using parent = await aDirectory();
    await writeFile(join(parent.path, "holiday.jpg"), "beach");
    // Refused or used beside the files: either will do, as long as they stay.
    const opened = await openDatabase({ home: "embedded", directory: parent.path }).catch(() => null);
    await opened?.[Symbol.asyncDispose]();
    expect(await readFile(join(parent.path, "holiday.jpg"), "utf8")).toBe("beach");
  });

  test("opened twice is refused the second time, and the first goes on", async () => {
    await using place = await makeEmbedded();
    await using first = await openReady(place.config);
    await expect(openDatabase(place.config)).rejects.toThrow(DirectoryInUseError);
    await first.db.execute(sql`select 1`);
  });

  test("it is vacuumed and analysed where much has changed, as a server would do, and nowhere else", async () => {
    await using place = await makeEmbedded();
    await using bench = storeBench(await openReady(place.config));
    const { database } = bench;
    const addresses = Array.from({ length: 200 }, (_, n) => anAddress(n));
    await bench.store.track(aTrack(aConversation("chat"), { addresses }), T0);
    await database.db.execute(sql`update opwatch.watches set title = 'x'`);
    const worn = async () => {
      const { rows } = await database.db.execute<{ name: string; dead: number; runs: number; looks: number }>(
        sql`select relname as name, n_dead_tup::int as dead, vacuum_count::int as runs, analyze_count::int as looks
          from pg_stat_user_tables where schemaname = 'opwatch' and relname in ('watches', 'pauses')`,
      );
      return new Map(rows.map(({ name, ...rest }) => [name, rest]));
    };
    await database.vacuum();
    const once = await worn();
    expect(once.get("watches")).toEqual({ dead: 0, runs: 1, looks: 1 });
    expect(once.get("pauses")).toEqual({ dead: 0, runs: 0, looks: 0 });
    await database.vacuum();
    expect(await worn()).toEqual(once);
  });

  test("keeps what was written when it is closed and opened again, housekeeping included", async () => {
    await using place = await makeEmbedded();
    const { watch } = await (async () => {
      await using bench = storeBench(await openReady(place.config));
      const tracked = await bench.track(aConversation("chat"), T0);
      await bench.database.vacuum();
      await bench.database.checkpoint();
      return tracked;
    })();
    await using bench = storeBench(await openReady(place.config));
    expect((await bench.store.watch(watch.id))?.id).toBe(watch.id);
    expect(await bench.alarms()).toHaveLength(2);
    expect(Math.abs(((await bench.database.clock())?.now ?? 0) - Date.now())).toBeLessThan(1_000);
  });
});

test("an embedded database whose checkpoint fails tells that only a new process can go on", async () => {
  await using place = await makeEmbedded();
  await using database = await openReady(place.config);
  const full = new Error("PANIC: could not write: No space left on device");
  const exec = vi.spyOn(PGlite.prototype, "exec").mockRejectedValueOnce(full);
  await expect(database.checkpoint()).rejects.toBe(full);
  exec.mockRestore();
  expect(await database.broken).toBe(full);
});

describe("a server", () => {
  test("that is not there is named without its password, with what to check", async () => {
    const port = await closedPort();
    const opened = openDatabase({
      home: "server",
      url: `postgres://opwatch:s3cret@127.0.0.1:${port}/opwatch?password=s3cret`,
    });
    await expect(opened).rejects.toThrow(DatabaseError);
    const { message } = await failureOf(opened);
    expect(message).toContain(
      `The database of DATABASE_URL (postgres://127.0.0.1:${port}/opwatch) cannot be used`,
    );
    expect(message).toContain("ECONNREFUSED");
    expect(message).not.toContain("s3cret");
  });

  test("whose URL is none is refused without repeating it", async () => {
    const { message } = await failureOf(openDatabase({ home: "server", url: "postgres://u:s3cret@:bad/x" }));
    expect(message).toContain("DATABASE_URL");
    expect(message).not.toContain("s3cret");
  });
});

const server = await findServer();
const why = server.found ? "" : ` (${server.reason})`;

describe.skipIf(!server.found)(`PostgreSQL${why}`, () => {
  const url = server.found ? server.url : "";

  test("that takes no writes is told as such", async () => {
    await using place = await makeEmpty(url);
    if (place.config.home !== "server") throw new Error("Not a server.");
    await using database = await openDatabase(place.config);
    const admin = new pg.Client({ connectionString: place.config.url });
    await admin.connect();
    await admin.query(`alter database ${place.name} set default_transaction_read_only = on`);
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [place.name],
    );
    await admin.end();
    await database.ping().catch(() => undefined);
    await expect(database.ping()).rejects.toThrow(
      "The database takes no writes: it is read-only, or a standby.",
    );
  });

  test("whose address has options of its own gets ours as well, whatever it prefers", async () => {
    await using place = await makeEmpty(url);
    if (place.config.home !== "server") throw new Error("Not a server.");
    const theirs =
      "?options=-c%20work_mem%3D5MB%20-c%20DateStyle%3DGerman%20-c%20standard_conforming_strings%3Doff";
    await using bench = storeBench(await openReady({ home: "server", url: place.config.url + theirs }));
    await bench.track(aConversation("chat"), T0);
    const names = ["work_mem", "DateStyle", "TimeZone", "standard_conforming_strings", "statement_timeout"];
    const { rows } = await bench.database.db.execute<{ value: string }>(
      sql`select current_setting(name) as value from unnest(${sql.param(names)}::text[]) as name`,
    );
    expect(rows.map(({ value }) => value)).toEqual(["5MB", "ISO, DMY", "UTC", "on", "14s"]);
  });

  test("four replicas that start together on an empty database all succeed", async () => {
    await using place = await makeEmpty(url);
    const replicas = await Promise.all([1, 2, 3, 4].map(() => openReady(place.config)));
    try {
      const tracked = await Promise.all(
        replicas.map((replica) => storeBench(replica).track(aConversation("chat"), T0)),
      );
      expect(tracked.filter(({ isNew }) => isNew)).toHaveLength(1);
      const [first] = replicas;
      if (first === undefined) throw new Error("No replica.");
      expect(await storeBench(first).alarms()).toHaveLength(2);
    } finally {
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    }
  });

  test("a database that does not exist is named with the server's reason", async () => {
    const missing = new URL(url);
    missing.pathname = "/opwatch_test_that_is_not_there";
    const { name, message } = await failureOf(openDatabase({ home: "server", url: missing.href }));
    expect(name).toBe("DatabaseError");
    expect(message).toContain('database "opwatch_test_that_is_not_there" does not exist');
  });

  test("its clock is asked for, so that replicas agree", async () => {
    await using place = await makeEmpty(url);
    await using database = await openReady(place.config);
    expect(Math.abs(((await database.clock())?.now ?? 0) - Date.now())).toBeLessThan(60_000);
    await database.vacuum();
    await database.checkpoint();
  });

  test("connections that the server ends are replaced", async () => {
    await using place = await makeEmpty(url);
    await using bench = storeBench(await openReady(place.config));
    await bench.track(aConversation("chat"), T0);
    await bench
      .run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()")
      .catch(() => undefined);
    await expect
      .poll(() => bench.counts().catch(() => null), { timeout: 5_000 })
      .toMatchObject({ watches: 1 });
  });

  test("a transaction whose connection is cut is done again", async () => {
    await using place = await makeEmpty(url);
    await using database = await openReady(place.config);
    let attempts = 0;
    const answer = await transact(database.db, async (tx) => {
      attempts += 1;
      if (attempts < 3) await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
      const { rows } = await tx.execute<{ one: number }>(sql`select 1 as one`);
      return rows;
    });
    expect(answer).toEqual([{ one: 1 }]);
    expect(attempts).toBe(3);
  });

  test("what goes wrong in a transaction is told as it was, and nothing of it stays", async () => {
    await using place = await makeEmpty(url);
    await using bench = storeBench(await openReady(place.config));
    await bench.track(aConversation("chat"), T0);
    const { db } = bench.database;
    const own = new Error("Not this one.");
    const failed = transact(db, async (tx) => {
      await tx.execute(sql`delete from opwatch.watches`);
      throw own;
    });
    await expect(failed).rejects.toBe(own);
    const refused = transact(db, async (tx) => {
      await tx.execute(sql`delete from opwatch.watches`);
      await tx.execute(sql`select 1 / 0`);
    });
    expect((await failureOf(refused)).cause).toMatchObject({ code: "22012" });
    expect(await bench.counts()).toMatchObject({ watches: 1 });
  });

  test("an open transaction in which nobody says anything is ended by the server, ours and pg-boss's", async () => {
    await using place = await makeEmpty(url);
    await using database = await openReady(place.config);
    const setting = "show idle_in_transaction_session_timeout";
    const own = await database.db.execute(sql.raw(setting));
    const jobs: unknown = await database.boss.getDb().executeSql(setting);
    expect(own.rows).toEqual([{ idle_in_transaction_session_timeout: "15s" }]);
    expect(jobs).toMatchObject({ rows: [{ idle_in_transaction_session_timeout: "15s" }] });
  });
});

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const failure: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error("It did not fail.");
  return failure;
}

async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, "127.0.0.1", resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function expectRefused(directory: string, then = "Nothing in it was changed."): Promise<void> {
  const opened = openDatabase({ home: "embedded", directory });
  await expect(opened).rejects.toThrow(DatabaseError);
  await expect(opened).rejects.toThrow(`The embedded database in DATA_DIR "${directory}" cannot be opened: `);
  await expect(opened).rejects.toThrow(then);
}

async function contents(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) return path;
    const hash = createHash("sha256").update(await readFile(path));
    return `${path} ${hash.digest("hex")}`;
  });
  return (await Promise.all(lines)).toSorted();
}
