import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/store/open-database.ts";
import { beginFirstStart } from "../../src/store/first-start.ts";
import { lookAtDatabase } from "../../src/store/look-at-database.ts";
import { aConversation, storeBench, T0 } from "../contracts/store-bench.ts";
import { openReady } from "../support/open-ready.ts";
import { aDirectory } from "./a-directory.ts";

const MARKER = "opwatch.making";
const OPEN_DATABASE = fileURLToPath(new URL("../../src/store/open-database.ts", import.meta.url));

test("a first start that is killed while it makes the database is begun anew, and the marker goes", async () => {
  await using directory = await aDirectory();
  const { path } = directory;
  const program = `import { openDatabase } from ${JSON.stringify(OPEN_DATABASE)};
    await openDatabase({ home: "embedded", directory: ${JSON.stringify(path)} });`;
  const first = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
  const names = async (): Promise<readonly string[]> => readdir(path);
  while (!(await names()).includes("global")) await sleep(2);
  first.kill("SIGKILL");
  await once(first, "exit");
  // The control: that was in the middle of it.
  expect(await names()).toContain(MARKER);

  const looked = await lookAtDatabase({ home: "embedded", directory: path });
  expect(looked.ok).toBe(true);
  const id = await (async () => {
    await using bench = storeBench(await openReady({ home: "embedded", directory: path }));
    const { watch } = await bench.track(aConversation("chat"), T0);
    expect(await names()).not.toContain(MARKER);
    return watch.id;
  })();
  await using again = storeBench(await openReady({ home: "embedded", directory: path }));
  expect((await again.store.watch(id))?.id).toBe(id);
});

test("what an interrupted first start left is taken away, and nothing else", async () => {
  await using directory = await aDirectory();
  const { path } = directory;
  await writeFile(join(path, MARKER), "");
  for (const name of ["base", "global", "pg_wal"]) await mkdir(join(path, name));
  await writeFile(join(path, "PG_VERSION"), "17\n");
  await writeFile(join(path, "postgresql.conf"), "");
  await writeFile(join(path, "holiday.jpg"), "beach");
  const made = await beginFirstStart(path);
  expect((await readdir(path)).toSorted()).toEqual(["holiday.jpg", MARKER]);
  await made();
  expect(await readdir(path)).toEqual(["holiday.jpg"]);
});

test("a database that is there, and somebody's directory, are left alone", async () => {
  await using directory = await aDirectory();
  const { path } = directory;
  await writeFile(join(path, "PG_VERSION"), "17\n");
  await (
    await beginFirstStart(path)
  )();
  expect(await readdir(path)).toEqual(["PG_VERSION"]);

  await using other = await aDirectory();
  await writeFile(join(other.path, "holiday.jpg"), "beach");
  const opening = openDatabase({ home: "embedded", directory: other.path });
  await expect(opening).rejects.toThrow("what is in it is no database");
  expect(await readFile(join(other.path, "holiday.jpg"), "utf8")).toBe("beach");
});
