import { open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCK } from "./directory-lock.ts";

/** Lies in an embedded database's directory while its first start makes it. */
const MAKING = "opwatch.making";

/** What PostgreSQL's `initdb` makes (https://www.postgresql.org/docs/current/storage-file-layout.html). */
const POSTGRES_OWN = /^(?:base|global|pg_\w+|PG_VERSION|postgresql(?:\.auto)?\.conf|postmaster\.\w+)$/u;

/** To be called when the database can be used. */
type Made = () => Promise<void>;

/**
 * Before a database is opened in this directory, under its lock. What an earlier first start left that was ended in the
 * middle of it is taken away: nobody was told anything by a bot that had not started.
 */
export async function beginFirstStart(directory: string): Promise<Made> {
  const marker = join(directory, MAKING);
  const found = await namesIn(directory);
  const isUnfinished = found.includes(MAKING);
  if (found.length > 0 && !isUnfinished) return () => Promise.resolve();
  for (const name of found.filter((each) => POSTGRES_OWN.test(each))) {
    await rm(join(directory, name), { recursive: true });
  }
  await writeFile(marker, "The first start is not over. If it is interrupted, the next one begins anew.\n");
  return async () => {
    await rm(marker);
    await keepNames(directory);
  };
}

/** PGlite would make a new database beside what is left of another, and nobody would notice. */
export async function requireOwn(directory: string): Promise<void> {
  const names = await namesIn(directory);
  if (names.length > 0 && !names.includes("PG_VERSION") && !names.includes(MAKING)) {
    throw new Error(
      "It is not empty, and what is in it is no database, or is one that has lost its PG_VERSION.",
    );
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith(".") && name !== LOCK);
}

/** Or the marker might be there again after a power cut, and a database in use be taken away. Windows has no such thing. */
async function keepNames(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
