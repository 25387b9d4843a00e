import { randomUUID } from "node:crypto";
import { link, mkdtemp, realpath, rename, rm, symlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryInUseError } from "./directory-in-use-error.ts";

export const LOCK = "opwatch.lock";
/** With a socket's name behind it. */
const MAX_DIRECTORY_PATH = 80;

/**
 * Keeps a second process out of an embedded database's directory; PGlite itself does not.
 *
 * The lock is a socket in the directory on which the owner listens: it is free as soon as the
 * owner is dead, however it died, and no process id can be mistaken for another one's.
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const real = await realpath(directory);
  if (process.platform === "win32") return listenOnPipe(real);

  await using reach = await reachable(real);
  const lock = join(reach.path, LOCK);
  const own = join(reach.path, `.${randomUUID().slice(0, 8)}.lock`);
  const server = await listen(own);
  try {
    await take(own, lock, real);
  } catch (error) {
    await close(server);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await rm(join(real, LOCK), { force: true });
      await close(server);
    },
  };
}

/** Linking is atomic: of two processes that start together only one gets the name. */
async function take(own: string, lock: string, directory: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await linked(own, lock)) return;
    if (await isAlive(lock)) throw new DirectoryInUseError(directory);
    await removeDead(lock, `${own}.dead`, directory);
  }
  throw new DirectoryInUseError(directory);
}

/** Moved away before it is removed: should a living one have come in between, it is put back. */
async function removeDead(lock: string, aside: string, directory: string): Promise<void> {
  try {
    await rename(lock, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (await isAlive(aside)) {
    await linked(aside, lock);
    await rm(aside, { force: true });
    throw new DirectoryInUseError(directory);
  }
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function listenOnPipe(directory: string): Promise<AsyncDisposable> {
  const name = `\\\\.\\pipe\\opwatch-${Buffer.from(directory).toString("base64url").slice(-120)}`;
  try {
    const server = await listen(name);
    return { [Symbol.asyncDispose]: () => close(server) };
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE") throw new DirectoryInUseError(directory);
    throw error;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/**
 * A socket's path has about 100 bytes at most. Where the directory's is too long, a short link
 * leads to it, so that the sockets are in the directory itself and every process meets them there.
 */
async function reachable(directory: string): Promise<AsyncDisposable & { readonly path: string }> {
  if (Buffer.byteLength(directory) <= MAX_DIRECTORY_PATH) {
    return { path: directory, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const temporary = await mkdtemp(join(tmpdir(), "opwatch-"));
  const path = join(temporary, "d");
  await symlink(directory, path);
  return { path, [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
