import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { DatabaseConfig } from "../../src/store/database.ts";

/** A place for the database; `make` gives an empty one each time. */
export type Home = {
  readonly name: string;
  make(): Promise<AsyncDisposable & { readonly config: DatabaseConfig }>;
};

export const SERVER = process.env["BENCH_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

export async function databaseHomes(): Promise<readonly Home[]> {
  const hasServer = await isThere(SERVER);
  if (!hasServer) process.stdout.write(`No PostgreSQL at BENCH_DATABASE_URL: only PGlite is measured.\n`);
  return hasServer ? [serverHome, embeddedHome] : [embeddedHome];
}

const embeddedHome: Home = {
  name: "PGlite",
  async make() {
    const directory = await mkdtemp(join(tmpdir(), "opwatch-bench-"));
    return {
      config: { home: "embedded", directory },
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
    };
  },
};

const serverHome: Home = {
  name: "PostgreSQL",
  async make() {
    const name = `opwatch_bench_${randomUUID().slice(0, 8)}`;
    await admin(`create database ${name}`);
    const url = new URL(SERVER);
    url.pathname = `/${name}`;
    return {
      config: { home: "server", url: url.href },
      [Symbol.asyncDispose]: () => admin(`drop database ${name} with (force)`),
    };
  },
};

async function admin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function isThere(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
