import { getTableName, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backup, restore } from "../../src/store/backup.ts";
import { DatabaseError, type Database } from "../../src/store/database.ts";
import { watches } from "../../src/store/schema.ts";
import { FULL_ROWS } from "./full-rows.ts";
import { insertClosed } from "./many-closed.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  ended,
  HOUR,
  MINUTE,
  only,
  SECOND,
  storeBench,
  T0,
  type StoreBench,
} from "./store-bench.ts";

/** The other kind of database, to move to; `missing` says why there is none. */
type OtherHome = StoreHome & { readonly missing: string | null };

const CHAT = aConversation("chat");
const CALLBACK = { url: "https://hooks.contoso.com/", on: "end" } as const;

/** Every character that has ever been in the way of a format. */
const ODD_TEXTS = [
  "",
  " leading and trailing ",
  "🧑‍🚀👩🏽‍💻 \u{1F3F4}\u{E0067}\u{E0062}\u{E007F}",
  "Ünïcødé 日本語 العربية \u202Eright to left\u202C",
  "e\u0301 is not é, and \u00a0 is no space",
  `"quoted", 'quoted' and \`quoted\``,
  "C:\\new\\table\\u0041 \\\\ \\",
  "line\nline\r\nline\rline\ttab",
  "\u2028 and \u2029 end lines for some",
  "\u0001\u001f\u007f\u0085\ufeff\ufffd",
  `{"table":"watches","row":{}}`,
  "$1 %s ${a} {{b}} \\N NULL -- ; drop table",
  "x".repeat(100_000),
  "🧑‍🚀\\\"'\n".repeat(5_000),
];

/** All that there is, as lines, into an empty database. */
export function backupContract({ name, open }: StoreHome, other: OtherHome): void {
  const emptied = async (): Promise<StoreBench> => {
    const bench = storeBench(await open());
    await empty(bench);
    return bench;
  };

  describe(`a backup of ${name}`, () => {
    test("of nothing is a line that begins it and one that ends it", async () => {
      await using bench = await emptied();
      const { lines, count } = await linesOf(bench);
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
        { opwatch: "backup", schema: "0003_own_places" },
        { opwatch: "end", rows: 0 },
      ]);
      expect(count).toBe(0);
    });

    test("has a line for every row of every table, with a value in each column", async () => {
      await using bench = await emptied();
      await insertFull(bench);
      const { lines, count } = await linesOf(bench);
      expect(count).toBe(FULL_ROWS.length);
      const entries = lines.slice(1, -1).map((line): unknown => JSON.parse(line));
      const rows = await rowsOf(bench);
      expect(entries).toEqual(rows);
      expect(rows.flatMap(({ row }) => Object.values(row)).filter((value) => value === null)).toEqual([]);
    });

    test("ends with how many rows it has", async () => {
      await using bench = await emptied();
      await insertFull(bench);
      const { lines } = await linesOf(bench);
      expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ opwatch: "end", rows: FULL_ROWS.length });
    });

    test("has no line break within a line", async () => {
      await using bench = await emptied();
      await insertOdd(bench);
      const { lines } = await linesOf(bench);
      expect(lines.filter((line) => /[\r\n]/u.test(line))).toEqual([]);
    });

    test("is of one moment, whatever comes while it is taken", async () => {
      await using bench = await emptied();
      await bench.track(CHAT, T0);
      const before = await rowsOf(bench);
      const later: Promise<unknown>[] = [];
      const { lines } = await linesOf(bench, () => {
        if (later.length > 0) return;
        later.push(bench.track(CHAT, T0, { addresses: [anAddress("later")] }));
      });
      await Promise.all(later);
      expect(lines.slice(1, -1).map((line): unknown => JSON.parse(line))).toEqual(before);
      expect(await bench.counts()).toMatchObject({ watches: 2 });
    });

    test("that can't be written is told of, and the database goes on", async () => {
      await using bench = await emptied();
      const full = new Error("ENOSPC: no space left on device");
      await expect(backup(bench.database.db, () => Promise.reject(full))).rejects.toThrow(full);
      expect((await bench.track(CHAT, T0)).isNew).toBe(true);
    });
  });

  describe.for([{ name, open, missing: null }, other])(`restored from ${name}`, (to) => {
    const { missing } = to;
    describe.skipIf(missing !== null)(`into ${to.name}${missing === null ? "" : ` (${missing})`}`, () => {
      /** Where it was taken from is empty then; so one database can be both. */
      async function moved(source: StoreBench): Promise<StoreBench> {
        const { lines, count } = await linesOf(source);
        await empty(source);
        const bench = to === other ? storeBench(await to.open()) : source;
        await empty(bench);
        expect(await restore(bench.database, each(lines))).toBe(count);
        return bench;
      }

      test("every table is as it was, column by column", async () => {
        await using source = await emptied();
        await insertFull(source);
        await insertOdd(source);
        const before = await rowsOf(source);
        await using bench = await moved(source);
        expect(await rowsOf(bench)).toEqual(before);
      });

      test("so are thousands of rows", async () => {
        await using source = await emptied();
        await insertClosed(source.database, 2_500, { closedUntil: T0, perOperation: 2, conversations: 10 });
        const before = await rowsOf(source);
        await using bench = await moved(source);
        expect(await rowsOf(bench)).toEqual(before);
      });

      test("new watches come behind the old ones, in the list as well", async () => {
        await using source = await emptied();
        for (const n of [1, 2, 3]) await source.track(CHAT, T0, { addresses: [anAddress(n)] });
        const last = Math.max(...(await seqs(source)));
        await using bench = await moved(source);
        await bench.track(CHAT, T0, { addresses: [anAddress(4)] });
        await bench.track(CHAT, T0, { addresses: [anAddress(5)] });
        expect(await seqs(bench)).toEqual([last - 2, last - 1, last, last + 1, last + 2]);
        const listed = await bench.store.openWatches(CHAT.id);
        expect(listed.map(({ address }) => address.operation)).toEqual([1, 2, 3, 4, 5].map((n) => `op-${n}`));
      });

      test("nothing restored leaves a database that begins from the start", async () => {
        await using source = await emptied();
        await using bench = await moved(source);
        await bench.track(CHAT, T0);
        expect(await seqs(bench)).toEqual([1]);
      });

      test("what is due goes on by itself, to its end", async () => {
        await using source = await emptied();
        const { watch } = await source.track(CHAT, T0, {
          extras: { title: "t", link: null, caller: "CI", callback: CALLBACK, request: null },
        });
        await using bench = await moved(source);
        const { store } = bench;
        await bench.dropAlarms();
        expect(await store.sweep(T0 + MINUTE)).toMatchObject({ rearmedChecks: 1, rearmedDeliveries: 1 });
        expect((await bench.alarms()).map(({ queue, key }) => [queue, key])).toEqual([
          ["checks", watch.operationId],
          ["deliveries", CHAT.id],
        ]);
        const claimed = await bench.mustClaim(watch.operationId, T0 + MINUTE);
        await bench.save(ended(claimed, T0 + MINUTE), T0 + MINUTE);
        expect(await store.undelivered(CHAT.id, 1)).toMatchObject([{ closed: { reason: "ended" } }]);
        await bench.run("delete from pgboss.job");
        expect(await store.sweep(T0 + HOUR)).toMatchObject({ rearmedCallbacks: 1 });
        expect(await store.claimCallbacks([watch.id], T0 + HOUR, MINUTE)).toMatchObject([
          { callback: CALLBACK },
        ]);
      });

      test("what was under way when it was taken is due again when its lease is over", async () => {
        await using source = await emptied();
        const { watch } = await source.track(CHAT, T0);
        await source.mustClaim(watch.operationId, T0);
        only(await source.store.claimConversations([CHAT.id], T0, MINUTE));
        await using bench = await moved(source);
        expect(await bench.claim(watch.operationId, T0 + SECOND)).toEqual([]);
        expect(await bench.claim(watch.operationId, T0 + HOUR)).toHaveLength(1);
        expect(await bench.store.claimConversations([CHAT.id], T0 + HOUR, MINUTE)).toHaveLength(1);
      });
    });
  });

  describe(`what is refused by a restore into ${name}`, () => {
    let bench: StoreBench;
    beforeAll(async () => {
      bench = await emptied();
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    /** The lines of a backup with every table, beside an empty database. */
    async function aBackup(): Promise<readonly string[]> {
      await empty(bench);
      await insertFull(bench);
      const { lines } = await linesOf(bench);
      await empty(bench);
      return lines;
    }

    const DAMAGED = "is no JSON. Was it cut off, copied as text, or edited?";
    const NONE = "This is no backup of Opwatch.";
    const CUT = "The backup was cut short: its last line is missing, or rows before it.";
    const damagedIn = (table: string): string =>
      `The backup is damaged: the table "${table}" does not take its rows.`;
    type Case = readonly [
      what: string,
      message: string,
      damage: (lines: readonly string[]) => readonly string[],
    ];
    const cases: readonly Case[] = [
      ["an empty file", "The backup is empty.", () => []],
      ["a file of empty lines", "The backup is empty.", () => ["", ""]],
      ["a picture", DAMAGED, () => ["\ufffdPNG", "IHDR"]],
      ["a word", DAMAGED, () => ['"backup"']],
      ["another program's JSON", NONE, () => ["{}"]],
      ["a list", NONE, () => ["[1, 2]"]],
      ["one without its first line", NONE, (lines) => lines.slice(1)],
      ["a first line alone", CUT, (lines) => lines.slice(0, 1)],
      ["one without its last line", CUT, (lines) => lines.slice(0, -1)],
      ["one that was cut off at the end of a line", CUT, (lines) => lines.slice(0, 4)],
      ["one that lacks a row", CUT, (lines) => lines.filter((line) => !line.includes('"turns"'))],
      [
        "one with half of another behind it",
        damagedIn("turns"),
        (lines) => [...lines, ...lines.slice(-2, -1)],
      ],
      ["half a first line", DAMAGED, ([first = ""]) => [first.slice(0, 20)]],
      ["one that ends in half a line", DAMAGED, (lines) => [...lines.slice(0, -1), half(lines.at(-1))]],
      ["one with half a line in it", DAMAGED, ([a = "", b, ...more]) => [a, half(b), ...more]],
      [
        "two in one file",
        "The backup holds a table that this version does not know.",
        (lines) => [...lines, ...lines],
      ],
      [
        "a table that nobody knows",
        "The backup holds a table that this version does not know.",
        (lines) => [...lines, '{"table":"secrets","row":{}}'],
      ],
      [
        "one without its operations",
        damagedIn("watches"),
        (lines) => lines.filter((line) => !line.includes('{"table":"operations"')),
      ],
      ["one with a row twice", damagedIn("turns"), (lines) => withRow(lines, lines.at(-2))],
      [
        "one with a row of another shape",
        damagedIn("turns"),
        (lines) => withRow(lines, '{"table":"turns","row":{"key":5}}'),
      ],
      ["one without a row in a line", damagedIn("turns"), (lines) => withRow(lines, '{"table":"turns"}')],
      [
        "one with a word for a number",
        damagedIn("operations"),
        (lines) => lines.map((line) => line.replace('"claim":2147483647', '"claim":"many"')),
      ],
      [
        "one of other tables",
        'The backup is of the tables "0099_future", and this version has "0003_own_places". ' +
          "Restore it with the version that took it, start that once, and update.",
        ([first = "", ...more]) => [first.replace(/"schema":"[^"]+"/u, '"schema":"0099_future"'), ...more],
      ],
    ];

    test.for(cases)("%s", async ([, message, damage]) => {
      const lines = await aBackup();
      const restored = restore(bench.database, each(damage(lines)));
      await expect(restored).rejects.toThrow(DatabaseError);
      await expect(restored).rejects.toThrow(message);
      expect(await rowsOf(bench)).toEqual([]);
      // It is as good as new.
      await restore(bench.database, each(lines));
      expect(await rowsOf(bench)).toHaveLength(FULL_ROWS.length);
    });

    test.for([
      "operations",
      "conversations",
      "pauses",
      "places",
      "budgets",
      "durations",
      "requests",
      "turns",
    ])("a database with anything in its table %s, and nothing in it is changed", async (filled) => {
      const lines = await aBackup();
      for (const [table, row] of FULL_ROWS) {
        if (getTableName(table) === filled) await bench.database.db.insert(table).values(row);
      }
      const before = await rowsOf(bench);
      expect(before).toHaveLength(1);
      const restored = restore(bench.database, each(lines));
      await expect(restored).rejects.toThrow(DatabaseError);
      await expect(restored).rejects.toThrow(
        "The database holds watches already, and a restore would mix two worlds. Name an empty one (DATA_DIR or DATABASE_URL).",
      );
      expect(await rowsOf(bench)).toEqual(before);
    });

    test("a bot that somebody starts meanwhile waits, and nothing is mixed", async () => {
      const lines = await aBackup();
      const isHalf = Promise.withResolvers<undefined>();
      const mayGoOn = Promise.withResolvers<undefined>();
      async function* slow(): AsyncGenerator<string> {
        yield* lines.slice(0, 1);
        isHalf.resolve(undefined);
        await mayGoOn.promise;
        yield* lines.slice(1);
      }
      const restored = restore(bench.database, slow());
      await isHalf.promise;
      let isTracked = false;
      const tracked = bench.track(CHAT, T0).then(() => (isTracked = true));
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
      expect(isTracked).toBe(false);
      mayGoOn.resolve(undefined);
      await restored;
      await tracked;
      expect((await rowsOf(bench)).length).toBeGreaterThan(FULL_ROWS.length);
    });

    test("a file that breaks off while it is read changes nothing", async () => {
      const lines = await aBackup();
      async function* broken(): AsyncGenerator<string> {
        yield* lines.slice(0, -2);
        await Promise.reject(new Error("EIO: i/o error, read"));
      }
      await expect(restore(bench.database, broken())).rejects.toThrow("EIO");
      expect(await rowsOf(bench)).toEqual([]);
    });
  });
}

async function empty(bench: StoreBench): Promise<void> {
  const tables = FULL_ROWS.map(([table]) => `opwatch.${getTableName(table)}`);
  await bench.run(`truncate ${tables.join(", ")} restart identity`);
  await bench.run("delete from pgboss.job");
}

async function insertFull({ database: { db } }: StoreBench): Promise<void> {
  for (const [table, row] of FULL_ROWS) await db.insert(table).values(row);
}

/** A closed watch for each odd text, with the text in every field that takes one. */
async function insertOdd(bench: StoreBench): Promise<void> {
  const { watch } = await bench.track(CHAT, T0);
  const row = await bench.watch(watch.id);
  const { id: _, seq: __, ...values } = { ...row, closedAt: T0, closeReason: "stopped" as const };
  await bench.database.db.insert(watches).values(
    ODD_TEXTS.map((text) => ({
      ...values,
      title: text,
      link: text,
      threadId: text,
      shown: text,
      requester: { id: text, name: text },
    })),
  );
}

async function linesOf(
  { database: { db } }: StoreBench,
  onLine: () => void = () => undefined,
): Promise<{ readonly lines: readonly string[]; readonly count: number }> {
  const lines: string[] = [];
  const count = await backup(db, async (line) => {
    lines.push(line);
    onLine();
    await Promise.resolve();
  });
  return { lines, count };
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  await Promise.resolve();
  yield* lines;
}

/** Before the line that ends it. */
function withRow(lines: readonly string[], row = ""): readonly string[] {
  return [...lines.slice(0, -1), row, ...lines.slice(-1)];
}

function half(line = ""): string {
  return line.slice(0, line.length / 2);
}

type Row = { readonly table: string; readonly row: Readonly<Record<string, unknown>> };

/** Every row of every table, as a backup has them. */
/** Without the column that the database computes. */
async function rowsOf({ database: { db } }: { readonly database: Database }): Promise<readonly Row[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`set local time zone 'UTC'`);
    const all: Row[] = [];
    for (const [table] of FULL_ROWS) {
      const { rows } = await tx.execute<Pick<Row, "row">>(
        sql`select to_jsonb(t) - 'rested_at' as row from ${table} t order by to_jsonb(t)::text collate "C"`,
      );
      all.push(...rows.map(({ row }) => ({ table: getTableName(table), row })));
    }
    return all;
  });
}

async function seqs({ database: { db } }: StoreBench): Promise<readonly number[]> {
  const rows = await db.select({ seq: watches.seq }).from(watches).orderBy(watches.seq);
  return rows.map(({ seq }) => seq);
}
