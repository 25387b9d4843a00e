import { getTableName, is, sql } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newWatchId, tenantId, type OperationId } from "../../src/core/ids.ts";
import type { Database, Db } from "../../src/store/database.ts";
import { insertRows } from "../../src/store/insert-rows.ts";
import * as schema from "../../src/store/schema.ts";
import { FULL_CONVERSATION, FULL_OPERATION, FULL_ROWS, FULL_WATCH } from "../contracts/full-rows.ts";
import { aConversation, only, T0, TENANT } from "../contracts/store-bench.ts";
import { findServer, makeEmbedded, makeEmpty, openIn } from "../support/a-database.ts";

const { aliases, budgets, conversations, operations, turns, watches } = schema;
const server = await findServer();

const homes = [
  { name: "PGlite", missing: null, make: makeEmbedded },
  {
    name: server.found ? "PostgreSQL" : `PostgreSQL: ${server.reason}`,
    missing: server.found ? null : server.reason,
    make: () => makeEmpty(server.found ? server.url : ""),
  },
];

describe.for(homes)("rows as one parameter, on $name", ({ missing, make }) => {
  const isThere = missing === null;
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    if (!isThere) return;
    database = await openIn(await make());
    ({ db } = database);
  });
  afterAll(() => database?.[Symbol.asyncDispose]());
  beforeEach(() => (isThere ? empty(db) : undefined));

  describe.skipIf(!isThere)("that are new", () => {
    test("every column of every table is as Drizzle itself would have it", async () => {
      for (const [table, row] of FULL_ROWS) await db.insert(table).values(row);
      const byDrizzle = await allRows(db);
      expect(byDrizzle).toHaveLength(FULL_ROWS.length);
      await empty(db);
      for (const [table, row] of FULL_ROWS) {
        expect(await insertRows<PgTable, number>(db, table, [row], sql`1`)).toEqual([1]);
      }
      expect(await allRows(db)).toEqual(byDrizzle);
    });

    test("every table is among them, and with it every type of column", () => {
      const tables = Object.values(schema).filter((each): each is typeof each & PgTable => is(each, PgTable));
      expect(new Set(FULL_ROWS.map(([table]) => table))).toEqual(new Set(tables));
      const columns = tables.flatMap((table) => getTableConfig(table).columns);
      const types = [
        "bigint",
        "boolean",
        "double precision",
        "integer",
        "jsonb",
        "text",
        "timestamp (3) with time zone",
        "uuid",
      ];
      expect(new Set(columns.map((column) => column.getSQLType()))).toEqual(new Set(types));
    });

    test("what is left out gets its default; what is undefined is null", async () => {
      const { id, tenantId: tenant, kind, reference } = aConversation("chat");
      const row = { id, tenantId: tenant, kind, reference, seenAt: T0, teamId: null, userId: undefined };
      await insertRows(db, conversations, [row], sql`id`);
      expect(await db.select().from(conversations)).toEqual([
        {
          id,
          tenantId: tenant,
          kind,
          reference,
          seenAt: T0,
          misses: 0,
          shortUntil: 0,
          longUntil: 0,
          teamId: null,
          groupId: null,
          userId: null,
          greetedAt: null,
          goneAt: null,
          pausedUntil: null,
          placeAt: null,
          leaseUntil: null,
        },
      ]);
    });

    test("ids and numbers that the database gives are given, one after the other", async () => {
      const { id: _id, ...nameless } = FULL_OPERATION;
      const ids = await insertRows<typeof operations, OperationId>(db, operations, [nameless], sql`id`);
      const operationId = only(ids);
      expect(operationId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/u);
      await insertRows(db, conversations, [FULL_CONVERSATION], sql`id`);
      const rows = [1, 2, 3].map(() => ({ ...FULL_WATCH, id: newWatchId(), operationId }));
      const [first = 0, ...more] = await insertRows<typeof watches, number>(db, watches, rows, sql`seq`);
      expect(more).toEqual([first + 1, first + 2]);
    });

    test.for<readonly [string, string]>([
      ["nothing", ""],
      ["words that mean something elsewhere", "null"],
      ["digits", "007"],
      ["JSON", '{"a":[1,null]}'],
      ["quotes and backslashes", `"'\\ \\u0041 \\\\ $1 ::jsonb`],
      ["lines", "a\nb\r\nc\u2028d\te"],
      ["all scripts", "Ünïcødé 日本語 العربية 🧑‍🚀 e\u0301"],
      ["very much", "🧑‍🚀x".repeat(20_000)],
    ])("a text of %s comes back", async ([, text]) => {
      const state = {
        ...FULL_OPERATION.state,
        timeline: [{ at: T0, phase: "running" as const, status: text, attempts: 1 }],
      };
      await insertRows(db, operations, [{ ...FULL_OPERATION, path: text, state }], sql`id`);
      expect(await db.select().from(operations)).toMatchObject([{ path: text, state }]);
    });

    test("what PostgreSQL can't hold is left out or made whole, in a text as in JSON", async () => {
      const [text, kept] = ["a\u0000b\ud800c", "ab\ufffdc"] as const;
      const reference = { serviceUrl: text, botId: text, botName: text };
      await insertRows(db, conversations, [{ ...FULL_CONVERSATION, userId: text, reference }], sql`id`);
      const whole = { serviceUrl: kept, botId: kept, botName: kept };
      expect(await db.select().from(conversations)).toMatchObject([{ userId: kept, reference: whole }]);
    });

    test("numbers come back to the last digit", async () => {
      const numbers = [0, 1, T0 + 0.1, 1 / 3, -1e-9, 1e21, Number.MAX_SAFE_INTEGER];
      const slots = { from: 0, used: [] };
      const rows = numbers.map((writesUntil, n) => ({
        tenantId: tenantId(`tenant ${n}`),
        slots,
        writesUntil,
        lineUntil: writesUntil / 2,
      }));
      await insertRows(db, budgets, rows, sql`1`);
      expect(await db.select().from(budgets).orderBy(budgets.tenantId)).toEqual(rows);
    });

    test("instants come back to the millisecond", async () => {
      const instants = [0, 1, -1, T0 + 999, 4_102_444_800_123];
      const rows = instants.map((startedAt, n) => ({ key: `turn ${n}`, startedAt, ended: n > 2 }));
      await insertRows(db, turns, rows, sql`1`);
      expect(await db.select().from(turns).orderBy(turns.key)).toEqual(rows);
    });

    test("thousands go at once", async () => {
      const rows = Array.from({ length: 5_000 }, (_, n) => ({ key: `turn ${n}`, startedAt: T0 + n }));
      const keys = await insertRows<typeof turns, string>(db, turns, rows, sql`key`);
      expect(keys).toEqual(rows.map(({ key }) => key));
      expect(await db.$count(turns)).toBe(5_000);
    });

    test("none is no statement", async () => {
      expect(await insertRows(db, turns, [], sql`no_such_column`)).toEqual([]);
    });
  });

  describe.skipIf(!isThere)("that are there already", () => {
    test("stay as they are, and only the others come back", async () => {
      await insertRows(db, turns, [{ key: "a", startedAt: T0, ended: true }], sql`key`);
      const rows = ["a", "b", "b", "c"].map((key, n) => ({ key, startedAt: T0 + n, ended: false }));
      expect(await insertRows<typeof turns, string>(db, turns, rows, sql`key`)).toEqual(["b", "c"]);
      expect(await db.select().from(turns).orderBy(turns.key)).toEqual([
        { key: "a", startedAt: T0, ended: true },
        { key: "b", startedAt: T0 + 1, ended: false },
        { key: "c", startedAt: T0 + 3, ended: false },
      ]);
    });

    test("are known by any of a table's keys", async () => {
      const { id: _id, ...again } = FULL_OPERATION;
      await insertRows(db, operations, [FULL_OPERATION], sql`id`);
      expect(await insertRows(db, operations, [again], sql`id`)).toEqual([]);
      const elsewhere = { ...again, tenantId: tenantId("another") };
      expect(await insertRows(db, operations, [again, elsewhere], sql`tenant_id`)).toEqual(["another"]);
    });

    test("are known by a rule for some: one open watch for each operation and conversation", async () => {
      await insertRows(db, operations, [FULL_OPERATION], sql`id`);
      await insertRows(db, conversations, [FULL_CONVERSATION], sql`id`);
      const open = { ...FULL_WATCH, closedAt: null, closeReason: null };
      const rows = [FULL_WATCH, open, open, FULL_WATCH].map((row) => ({ ...row, id: newWatchId() }));
      const inserted = await insertRows<typeof watches, string>(db, watches, rows, sql`id`);
      expect(inserted).toEqual([rows[0]?.id, rows[1]?.id, rows[3]?.id]);
    });
  });

  describe.skipIf(!isThere)("that are wrong", () => {
    const alias = { tenantId: TENANT, name: "a", conversationId: FULL_CONVERSATION.id, createdAt: T0 };

    test.for([
      ["one that refers to nothing", { ...alias, conversationId: aConversation("nobody").id }],
      ["one that lacks what it must have", { ...alias, createdAt: null }],
    ])("%s: none is inserted", async ([, wrong]) => {
      await insertRows(db, conversations, [FULL_CONVERSATION], sql`id`);
      // @ts-expect-error: what a decoder must never let through
      const inserted = insertRows(db, aliases, [alias, { ...wrong, name: "b" }], sql`name`);
      await expect(inserted).rejects.toThrow("Failed query");
      expect(await db.$count(aliases)).toBe(0);
    });
  });
});

async function empty(db: Db): Promise<void> {
  const names = FULL_ROWS.map(([table]) => `opwatch.${getTableName(table)}`);
  await db.execute(`truncate ${names.join(", ")} restart identity`);
}

async function allRows(db: Db): Promise<readonly object[]> {
  const rows = await Promise.all(FULL_ROWS.map(([table]) => db.select().from(table)));
  return rows.flat();
}
