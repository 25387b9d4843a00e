import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DirectoryInUseError } from "../../src/store/directory-in-use-error.ts";
import { lockDirectory } from "../../src/store/directory-lock.ts";
import { aDirectory } from "./a-directory.ts";

const LOCK_MODULE = fileURLToPath(new URL("../../src/store/directory-lock.ts", import.meta.url));

test("a second lock on the same directory is refused, and the message says what to do", async () => {
  await using directory = await aDirectory();
  await using _ = await lockDirectory(directory.path);
  const second = lockDirectory(directory.path);
  await expect(second).rejects.toThrow(DirectoryInUseError);
  await expect(second).rejects.toThrow(
    `The data directory "${directory.path}" is in use by another Opwatch process. ` +
      "An embedded database serves one process: stop the other one, set DATA_DIR to another directory, " +
      "or set DATABASE_URL so that several processes share a PostgreSQL server.",
  );
});

test("another name for the same directory is refused too", async () => {
  await using directory = await aDirectory();
  await using elsewhere = await aDirectory();
  const link = join(elsewhere.path, "link");
  await symlink(directory.path, link);
  await using _ = await lockDirectory(directory.path);
  await expect(lockDirectory(link)).rejects.toThrow(DirectoryInUseError);
});

test("a lock given back can be taken again, and leaves nothing behind", async () => {
  await using directory = await aDirectory();
  for (let round = 0; round < 3; round += 1) {
    const lock = await lockDirectory(directory.path);
    await lock[Symbol.asyncDispose]();
  }
  expect(await readdir(directory.path)).toEqual([]);
});

test("a refused attempt leaves the owner's lock in force and nothing of its own", async () => {
  await using directory = await aDirectory();
  await using _ = await lockDirectory(directory.path);
  const before = await readdir(directory.path);
  await expect(lockDirectory(directory.path)).rejects.toThrow(DirectoryInUseError);
  expect(await readdir(directory.path)).toEqual(before);
  await expect(lockDirectory(directory.path)).rejects.toThrow(DirectoryInUseError);
});

test("another process is kept out while it lives, and its lock is free as soon as it is killed", async () => {
  await using directory = await aDirectory();
  await using owner = await anOwner(directory.path);
  expect(owner.said).toBe("locked");
  await expect(lockDirectory(directory.path)).rejects.toThrow(DirectoryInUseError);
  await owner.kill();
  // The control: the dead one left its lock behind.
  expect(await readdir(directory.path)).not.toEqual([]);
  const startedAt = performance.now();
  await using _ = await lockDirectory(directory.path);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  await using second = await anOwner(directory.path);
  expect(second.said).toBe("DirectoryInUseError");
});

test("of several that start together exactly one wins", async () => {
  await using directory = await aDirectory();
  for (let round = 0; round < 10; round += 1) {
    const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => lockDirectory(directory.path)));
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    expect(won).toHaveLength(1);
    await won[0]?.value[Symbol.asyncDispose]();
  }
});

test("of several processes that find a dead one's lock exactly one wins", async () => {
  await using directory = await aDirectory();
  {
    await using dead = await anOwner(directory.path);
    await dead.kill();
  }
  const owners = await Promise.all([1, 2, 3].map(() => anOwner(directory.path)));
  expect(owners.map(({ said }) => said).toSorted()).toEqual([
    "DirectoryInUseError",
    "DirectoryInUseError",
    "locked",
  ]);
  await Promise.all(owners.map((owner) => owner[Symbol.asyncDispose]()));
});

test("a directory whose path is longer than a socket's may be is locked as well", async () => {
  const long = await mkdtemp(join(tmpdir(), `${"long-".repeat(24)}-`));
  try {
    await using _ = await lockDirectory(long);
    await expect(lockDirectory(long)).rejects.toThrow(DirectoryInUseError);
  } finally {
    await rm(long, { recursive: true, force: true });
  }
});

type Owner = AsyncDisposable & { readonly said: string; kill(): Promise<void> };

/** A process of its own that takes the lock, says so, and stays. */
async function anOwner(directory: string): Promise<Owner> {
  const script = `
    import { lockDirectory } from ${JSON.stringify(LOCK_MODULE)};
    setInterval(() => {}, 1000);
    try {
      await lockDirectory(${JSON.stringify(directory)});
      console.log("locked");
    } catch (error) {
      console.log(error.name);
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let said = "";
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes("\n")) break;
  }
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return { said: said.trim(), kill, [Symbol.asyncDispose]: kill };
}
