import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Watch } from "./watcher.ts";

const FILE = join(process.env["DATA_DIR"] ?? ".", ".notification.localstore.json");

export type FileStore = {
  readonly watches: ReadonlyMap<string, Watch>;
  /** Resolves when it is in the file. */
  save(key: string, watch: Watch): Promise<void>;
  remove(key: string): Promise<void>;
};

/**
 * All watches in one JSON file that is written as a whole, as the toolkit's notification template
 * keeps its conversations. The template reads and writes the file for every change and loses changes
 * that overlap; here it is read once, and changes that come while it is written share the next writing.
 */
export async function openFileStore(): Promise<FileStore> {
  const watches = new Map<string, Watch>(Object.entries(await readAll()));
  let writing: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function write(): Promise<void> {
    await writeFile(`${FILE}.new`, JSON.stringify(Object.fromEntries(watches), null, 2));
    await rename(`${FILE}.new`, FILE);
  }

  async function flush(): Promise<void> {
    if (writing === null) {
      writing = write().finally(() => {
        writing = null;
      });
      return writing;
    }
    next ??= writing.then(() => {
      next = null;
      return flush();
    });
    return next;
  }

  return {
    watches,
    save(key, watch) {
      watches.set(key, watch);
      return flush();
    },
    remove(key) {
      watches.delete(key);
      return flush();
    },
  };
}

async function readAll(): Promise<Readonly<Record<string, Watch>>> {
  try {
    const read: unknown = JSON.parse(await readFile(FILE, "utf8"));
    return isFile(read) ? read : {};
  } catch {
    return {};
  }
}

/** Written by nobody but us. */
function isFile(read: unknown): read is Readonly<Record<string, Watch>> {
  return typeof read === "object" && read !== null;
}
