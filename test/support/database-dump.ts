import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { openReady } from "./open-ready.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The directory of an embedded database, migrated and closed: to be copied, never opened. */
    readonly databaseDump: string;
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/opwatch");
const HOUR_MS = 3_600_000;

/**
 * A new PGlite directory takes 3.5 s, a copy of a migrated one 0.2 s. So one is made, and made anew
 * only when what it is made of has changed.
 */
export async function setup(project: TestProject): Promise<void> {
  const dump = join(CACHE, `database-${await ingredients()}`);
  if (!globSync("PG_VERSION", { cwd: dump }).length) await make(dump);
  const now = new Date();
  await utimes(dump, now, now);
  project.provide("databaseDump", dump);
}

async function make(dump: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  await removeOld();
  const directory = await mkdtemp(join(CACHE, "making-"));
  {
    await using database = await openReady({ home: "embedded", directory });
    await database.checkpoint();
  }
  try {
    await rename(directory, dump);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    // Another run was faster.
    if (!globSync("PG_VERSION", { cwd: dump }).length) throw error;
  }
}

/**
 * Those that earlier states of the sources have left, here or in another worktree that shares the modules;
 * a run that still reads one has begun within the hour.
 */
async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name);
    // Another run may be removing it as well.
    const mtimeMs = (await stat(path).catch(() => null))?.mtimeMs ?? Infinity;
    if (Date.now() - mtimeMs > HOUR_MS) await rm(path, { recursive: true, force: true });
  }
}

async function ingredients(): Promise<string> {
  const files = globSync(["src/store/**/*.{ts,sql,json}", "package-lock.json"], { cwd: ROOT }).toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(await readFile(join(ROOT, file)));
  return hash.digest("hex").slice(0, 16);
}
