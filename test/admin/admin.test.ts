import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lookAtDatabase } from "../../src/store/look-at-database.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { BIN, opwatch, run as runProcess, type Run } from "../cli/run-opwatch.ts";
import { aConversation, aTrack, storeBench, T0 } from "../contracts/store-bench.ts";
import { findServer, makeEmbedded, makeEmpty, type Place } from "../support/a-database.ts";
import { ALEX, aMessage, GROUP, PERSONAL } from "../support/an-activity.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { environmentOf } from "../support/environment-of.ts";
import { isCard, startFakeTeams, textOf } from "../support/fake-teams.ts";
import { openReady } from "../support/open-ready.ts";
import { postActivity } from "../support/post-activity.ts";

const NAMES = ["backup", "restore", "export", "forget"] as const;
const USAGE = "Usage: opwatch backup <file> | restore <file> | export <user> | forget <user>\n";

const server = await findServer();
const url = server.found ? server.url : "";
const why = server.found ? "" : ` (${server.reason})`;

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opwatch-admin-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A path where nothing is yet. */
function aPath(): string {
  files += 1;
  return join(folder, `file-${files}`);
}

/** Of a server that is registered: all that matters here is its database. */
const REGISTERED = {
  HOST: "0.0.0.0",
  BOT_ID: "00001111-aaaa-2222-bbbb-3333cccc4444",
  BOT_TENANT_ID: "00001111-aaaa-2222-bbbb-3333cccc4444",
  BOT_PASSWORD: "secret",
  ALLOWED_TENANTS: "00001111-aaaa-2222-bbbb-3333cccc4444",
  TRACK_ACCESS: "members",
};

function admin(place: Pick<Place, "config">, ...args: readonly string[]): Promise<Run> {
  return opwatch(args, { env: { ...REGISTERED, ...environmentOf(place.config) }, timeoutMs: 60_000 });
}

/** An embedded database that is not there yet. */
function nowhere(): Pick<Place, "config"> {
  return { config: { home: "embedded", directory: aPath() } };
}

async function tracking(place: Place, title: string | null = null): Promise<void> {
  await using database = await openReady(place.config);
  const extras = { title, link: null, caller: "CI", callback: null, request: null };
  await storeBench(database).store.track(aTrack(aConversation("chat"), { extras }), T0);
}

describe("usage", () => {
  test.each<readonly string[]>([["backup"], ["backup", "--help"], ["restore", ""], ["forget", "a", "b"]])(
    "%j ends with 3 and how to ask, and touches no database",
    async (...args) => {
      const place = nowhere();
      const run = await admin(place, ...args);
      expect(run).toMatchObject({ code: 3, out: "" });
      expect(run.err).toContain(USAGE);
      expect(await readdir(folder)).not.toContain(environmentOf(place.config)["DATA_DIR"]);
    },
  );

  test("an environment that is wrong is told of, without what is secret in it", async () => {
    const run = await opwatch(["export", "29:x"], { env: { DATABASE_URL: "mysql://me:hunter2@host/db" } });
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toContain("DATABASE_URL is no PostgreSQL address");
    expect(run.err).not.toContain("hunter2");
  });

  test("a server that is not there is told of, without its password", async () => {
    const run = await opwatch(["export", "29:x"], {
      env: { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:1/db" },
    });
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toMatch(
      /^The database of DATABASE_URL \(postgres:\/\/127\.0\.0\.1:1\/db\) cannot be used/u,
    );
    expect(run.err).not.toContain("hunter2");
  });
});

describe("files", () => {
  test("a new one is for its owner alone, and one that is there is not overwritten", async () => {
    await using place = await makeEmbedded();
    const file = aPath();
    expect(await admin(place, "backup", file)).toEqual({ code: 0, out: `0 rows are in ${file}.\n`, err: "" });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).toBe(
      '{"opwatch":"backup","schema":"0003_own_places"}\n{"opwatch":"end","rows":0}\n',
    );
    await writeFile(file, "holiday");
    const err = `${file} is there already, and nothing was done. Name another file, or move that one away.\n`;
    expect(await admin(place, "backup", file)).toEqual({ code: 3, out: "", err });
    expect(await readFile(file, "utf8")).toBe("holiday");
  });

  test.each(["backup", "export", "forget"])("%s of a database that is not there makes none", async (name) => {
    const place = nowhere();
    const run = await admin(place, name, name === "backup" ? aPath() : "29:nobody");
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toMatch(/^There is no database in DATA_DIR ".*", and nothing was done\. Set DATA_DIR /u);
    expect(existsSync(environmentOf(place.config)["DATA_DIR"] ?? "")).toBe(false);
  });

  test.skipIf(!server.found).each(["backup", "export", "forget"])(
    `%s of a server without Opwatch's tables makes none${why}`,
    async (name) => {
      await using place = await makeEmpty(url);
      const run = await admin(place, name, name === "backup" ? aPath() : "29:nobody");
      const err =
        "The database of DATABASE_URL has no tables of Opwatch, and nothing was done. Set DATA_DIR (or DATABASE_URL) as Opwatch itself has it.\n";
      expect(run).toEqual({ code: 3, out: "", err });
      expect((await lookAtDatabase(place.config)).text).toContain("tables will be made");
    },
  );

  test.each(["export", "forget"])("%s takes a person by an id, and by no name", async (name) => {
    await using place = await makeEmbedded();
    const run = await admin(place, name, "alexw@contoso.com");
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toMatch(/^"alexw@contoso\.com" is neither an object id in Entra/u);
  });

  test("to forget somebody of whom nothing is kept says so", async () => {
    await using place = await makeEmbedded();
    expect(await admin(place, "forget", "29:nobody")).toMatchObject({
      code: 0,
      out: "Nothing is kept of 29:nobody.\n",
    });
  });

  test("a path that leads nowhere is told of", async () => {
    await using place = await makeEmbedded();
    const file = join(folder, "not", "there");
    const err = `ENOENT: no such file or directory, open '${file}'\n`;
    expect(await admin(place, "backup", file)).toEqual({ code: 3, out: "", err });
  });

  test("to restore a file that is not there makes no database", async () => {
    const place = nowhere();
    const file = join(folder, "not there");
    const err = `There is no file ${file}, and nothing was done. Name one that opwatch backup has written.\n`;
    expect(await admin(place, "restore", file)).toEqual({ code: 3, out: "", err });
    expect(existsSync(environmentOf(place.config)["DATA_DIR"] ?? "")).toBe(false);
  });

  test("a file of one line without an end is soon told of", async () => {
    await using place = await makeEmbedded();
    const file = aPath();
    await writeFile(file, Buffer.alloc(40 * 1_024 * 1_024, "x"));
    const err = "This is no backup: a line of it has no end.\n";
    expect(await admin(place, "restore", file)).toEqual({ code: 3, out: "", err });
  });

  test("of a database of a newer version no backup is taken, and none begun is left", async () => {
    await using place = await makeEmbedded();
    {
      await using database = await openReady(place.config);
      await database.db.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('future', 99999999999999)`,
      );
    }
    const file = aPath();
    const run = await admin(place, "backup", file);
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toContain("The database is of a newer version than this one");
    expect(existsSync(file)).toBe(false);
  });

  test("a directory to restore from is told of", async () => {
    await using place = await makeEmbedded();
    const run = await admin(place, "restore", folder);
    expect(run).toMatchObject({ code: 3, err: "EISDIR: illegal operation on a directory, read\n" });
  });

  test("one that was cut off is refused", async () => {
    await using place = await makeEmbedded();
    const file = aPath();
    await writeFile(file, '{"opwatch":"backup","schema":"0003_own_places"}\n{"table":"turns","row":{"key"');
    const err =
      "The backup is damaged: its line 2 is no JSON. Was it cut off, copied as text, or edited? Copy it again as it is.\n";
    expect(await admin(place, "restore", file)).toEqual({ code: 3, out: "", err });
  });

  test("one that went through Windows' programs is taken, and one that is no UTF-8 any more is not", async () => {
    await using place = await makeEmbedded();
    const file = aPath();
    await tracking(place, "Größe");
    expect(await admin(place, "backup", file)).toMatchObject({ code: 0 });
    const text = await readFile(file, "utf8");
    await writeFile(file, `\ufeff${text.replaceAll("\n", "\r\n")}`);
    await using target = await makeEmbedded();
    expect(await admin(target, "restore", file)).toMatchObject({ code: 0, err: "" });

    await writeFile(file, text, "latin1");
    await using other = await makeEmbedded();
    const run = await admin(other, "restore", file);
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toContain("The backup is damaged: it is no UTF-8.");
  });

  test("a title with every kind of line's end comes back", async () => {
    await using place = await makeEmbedded();
    await using target = await makeEmbedded();
    const file = aPath();
    await tracking(place, "one\u2028two\u2029three\nfour\r\nfive");
    expect(await admin(place, "backup", file)).toMatchObject({ code: 0, err: "" });
    expect(await admin(target, "restore", file)).toMatchObject({ code: 0, err: "" });
  });
});

describe("a database that a bot has in use", () => {
  test("is left to it by every command, with what to do", async () => {
    await using place = await makeEmbedded();
    await using bot = await aBotProcess({
      GRAPH_ENDPOINT: "http://127.0.0.1:9",
      ...environmentOf(place.config),
    });
    const backup = aPath();
    const file = aPath();
    await writeFile(file, '{"opwatch":"backup","schema":"0003_own_places"}\n');
    const argumentOf = { backup, restore: file, export: "29:nobody", forget: "29:nobody" };
    const runs = await Promise.all(NAMES.map((name) => admin(place, name, argumentOf[name])));
    for (const run of runs) {
      expect(run).toMatchObject({ code: 3, out: "" });
      expect(run.err).toContain("is in use by another Opwatch process.");
      expect(run.err).toContain("stop the other one");
    }
    await expect(stat(backup)).rejects.toThrow("ENOENT");
    expect((await fetch(`${bot.url}/readyz`)).status).toBe(200);
  });
});

test.skipIf(!server.found)(`nothing is restored below a bot that runs on a server${why}`, async () => {
  await using place = await makeEmpty(url);
  await using bot = await aBotProcess({
    GRAPH_ENDPOINT: "http://127.0.0.1:9",
    ...environmentOf(place.config),
  });
  const file = aPath();
  await writeFile(file, '{"opwatch":"backup","schema":"0003_own_places"}\n{"opwatch":"end","rows":0}\n');
  const run = await admin(place, "restore", file);
  expect(run).toMatchObject({ code: 3, out: "" });
  expect(run.err).toContain("A running Opwatch uses the database of DATABASE_URL, and nothing was done.");
  await bot[Symbol.asyncDispose]();
  expect(await admin(place, "restore", file)).toMatchObject({ code: 0 });
});

describe("the whole trip", () => {
  test("track, stop, back up, restore elsewhere, go on with the same card; then export and forget", async () => {
    await using teams = await startFakeTeams();
    await using sandbox = await startSandbox({ speed: 12, minimumIntervalMs: 1_000 });
    await using place = await makeEmbedded();
    const target = nowhere();
    const graph = { GRAPH_ENDPOINT: sandbox.url, CHECK_INTERVAL_SECONDS: "1.1" };
    const file = aPath();
    const { location } = sandbox.addOperation({ kind: "team", life: "quick", startsAtFirstCheck: true });
    {
      // Graph is away from this one, so that the operation is still to end when it stops.
      await using bot = await aBotProcess({
        ...graph,
        ...environmentOf(place.config),
        GRAPH_ENDPOINT: "http://127.0.0.1:9",
      });
      for (const where of [PERSONAL, GROUP]) {
        await postActivity(bot.url, aMessage(teams.serviceUrl, where, `track ${location}`));
        await teams.when("card", (write) => write.conversation === where.id && isCard(write));
      }
      bot.kill("SIGTERM");
      expect(await bot.ended).toBe(0);
    }
    const backup = await admin(place, "backup", file);
    expect(backup).toMatchObject({ code: 0, err: "" });
    const rows = /^(\d+) rows are in/u.exec(backup.out)?.[1];
    expect(await admin(target, "restore", file)).toEqual({
      code: 0,
      out: `${rows} rows were restored. Start Opwatch: it goes on where the backup was taken.\n`,
      err: "",
    });
    {
      await using bot = await aBotProcess({ ...graph, ...environmentOf(target.config) });
      for (const where of [PERSONAL, GROUP]) {
        await teams.when(
          "end",
          (write) => write.conversation === where.id && textOf(write) === "Create team — succeeded",
        );
        const cards = teams.writes.filter((write) => write.conversation === where.id && isCard(write));
        expect(new Set(cards.map(({ activityId }) => activityId)).size).toBe(1);
      }
      bot.kill("SIGTERM");
      await bot.ended;
    }
    const told = await admin(target, "export", ALEX.aadObjectId.toUpperCase());
    const { conversations, watches } = parsed(told.out);
    expect(conversations).toMatchObject([{ id: PERSONAL.id }]);
    expect(watches).toMatchObject([{ conversation_id: PERSONAL.id }, { conversation_id: GROUP.id }]);
    expect(told.out).toContain(ALEX.name);
    expect(await admin(target, "forget", ALEX.aadObjectId)).toEqual({
      code: 0,
      out: "Deleted 1 watches of their own chat; 1 in other conversations name nobody now.\n",
      err: "",
    });
  });

  test.skipIf(!server.found)(`from an embedded database to a server${why}`, async () => {
    await using place = await makeEmbedded();
    await using target = await makeEmpty(url);
    const [file, again] = [aPath(), aPath()];
    await tracking(place);
    expect(await admin(place, "backup", file)).toMatchObject({ code: 0, err: "" });
    expect(await admin(target, "restore", file)).toMatchObject({ code: 0, err: "" });
    expect(await admin(target, "backup", again)).toMatchObject({ code: 0, err: "" });
    expect(await readFile(again, "utf8")).toBe(await readFile(file, "utf8"));
  });

  test.skipIf(!server.found)(
    `a disk that is full is told of, and what is on it is no backup${why}`,
    async () => {
      await using place = await makeEmpty(url);
      const file = aPath();
      await tracking(place, "x".repeat(100_000));
      const limited = ["-c", 'ulimit -f 32; exec "$@"', "sh", process.execPath, BIN, "backup", file];
      const run = await runProcess("sh", limited, { env: environmentOf(place.config), timeoutMs: 60_000 });
      expect(run).toEqual({ code: 3, out: "", err: "EFBIG: file too large, write\n" });
      await using target = await makeEmpty(url);
      expect(await admin(target, "restore", file)).toMatchObject({ code: 3, out: "" });
    },
  );
});

function parsed(text: string): {
  readonly conversations: readonly object[];
  readonly watches: readonly object[];
} {
  const value: unknown = JSON.parse(text);
  const list = (name: string): readonly object[] => {
    const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : null;
    if (!Array.isArray(found)) throw new Error(`No ${name} in ${text}`);
    return found.filter((each: unknown): each is object => typeof each === "object" && each !== null);
  };
  return { conversations: list("conversations"), watches: list("watches") };
}
