import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import type { Database, DatabaseConfig } from "../../src/store/database.ts";
import { openReady } from "./open-ready.ts";

/** A place for one test's database, migrated and empty; removed with it. */
export type Place = AsyncDisposable & { readonly config: DatabaseConfig };

/** Makes places; what it needs itself is removed with it. */
export type Home = AsyncDisposable & { make(): Promise<Place> };

/** One embedded database for the tests of a file, empty for each of them: copying 40 MB for each takes longer. */
export type SharedDatabase = AsyncDisposable & { emptied(): Promise<Database> };

/** Those that refer to others come first. */
const TABLES = [
  "watches",
  "aliases",
  "operations",
  "conversations",
  "pauses",
  "places",
  "budgets",
  "lines",
  "durations",
].map((name) => `opwatch.${name}`);

export async function sharedDatabase(): Promise<SharedDatabase> {
  const database = await openIn(await makeEmbedded());
  return {
    async emptied() {
      // Not truncated, which takes forty times as long.
      for (const table of TABLES) await database.db.execute(`delete from ${table}`);
      await database.db.execute("delete from pgboss.job where name in ('checks', 'deliveries')");
      return { ...database, [Symbol.asyncDispose]: () => Promise.resolve() };
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export async function openIn(place: Place): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  stack.use(place);
  const database = stack.use(await openReady(place.config));
  const opened = stack.move();
  return { ...database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** An embedded database's directory, migrated and empty. */
export async function makeEmbedded(): Promise<Place & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), "opwatch-test-"));
  cpSync(inject("databaseDump"), directory, { recursive: true });
  return {
    directory,
    config: { home: "embedded", directory },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

const LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres";

export type ServerSearch =
  { readonly found: true; readonly url: string } | { readonly found: false; readonly reason: string };

/** The PostgreSQL server to test on, or why there is none and how to start one. */
export async function findServer(): Promise<ServerSearch> {
  const named = process.env["TEST_DATABASE_URL"] ?? process.env["DATABASE_URL"];
  const url = named ?? LOCAL_SERVER;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return { found: true, url };
  } catch (error) {
    // A server that was asked for by name must be there; skipping it in silence would hide that.
    if (named !== undefined) throw error;
    return {
      found: false,
      reason:
        "no PostgreSQL at 127.0.0.1:5432; start one with " +
        "`docker run -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres` or set TEST_DATABASE_URL",
    };
  }
}

/** Each place is cloned from a migrated template, in some 50 ms. */
export async function serverHome(server: string): Promise<Home> {
  await using stack = new AsyncDisposableStack();
  const template = stack.use(await makeEmpty(server));
  {
    await using _ = await openReady(template.config);
  }
  const opened = stack.move();
  return {
    make: () => makeOn(server, `template ${template.name}`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** An empty database on the server, not even migrated. */
export function makeEmpty(server: string): Promise<Place & { readonly name: string }> {
  return makeOn(server, "");
}

async function makeOn(server: string, how: string): Promise<Place & { readonly name: string }> {
  const name = `opwatch_test_${randomUUID().replaceAll("-", "")}`;
  await administer(server, `create database ${name} ${how}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name,
    config: { home: "server", url: url.href },
    [Symbol.asyncDispose]: () => administer(server, `drop database ${name} with (force)`),
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
