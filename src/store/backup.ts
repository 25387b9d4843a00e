import { getTableColumns, getTableName, sql, type SQL } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import type { PgTable } from "drizzle-orm/pg-core";
import journal from "./migrations/meta/_journal.json" with { type: "json" };
import { DatabaseError, type Database, type Db, type Tx } from "./database.ts";
import {
  aliases,
  budgets,
  conversations,
  durations,
  operations,
  pauses,
  places,
  requests,
  sharedLines,
  turns,
  watches,
} from "./schema.ts";

/** In an order in which each finds what it refers to. Alarms are not among them: the sweep sets them anew. */
const TABLES: readonly PgTable[] = [
  operations,
  conversations,
  watches,
  aliases,
  pauses,
  places,
  budgets,
  sharedLines,
  durations,
  requests,
  turns,
];
const ROWS_AT_ONCE = 1_000;

/** The last migration: a backup fits the tables that it was taken from. */
const SCHEMA = journal.entries.at(-1)?.tag ?? "";

/** A line of JSON each: what it is, then every row of every table, all of one moment. */
export async function backup(db: Db, write: (line: string) => Promise<void>): Promise<number> {
  return db.transaction(
    async (tx) => {
      await waitForFile(tx);
      await requireOwnSchema(tx);
      let count = 0;
      await write(JSON.stringify({ opwatch: "backup", schema: SCHEMA }));
      for (const table of TABLES) {
        const cursor = sql.identifier(`backup_${getTableName(table)}`);
        await tx.execute(
          sql`declare ${cursor} no scroll cursor for
            select to_jsonb(t) as row from (select ${columnsOf(table)} from ${table}) t`,
        );
        for (;;) {
          const { rows } = await tx.execute<{ row: object }>(
            sql`fetch ${sql.raw(String(ROWS_AT_ONCE))} from ${cursor}`,
          );
          for (const { row } of rows) await write(JSON.stringify({ table: getTableName(table), row }));
          count += rows.length;
          if (rows.length < ROWS_AT_ONCE) break;
        }
        await tx.execute(sql`close ${cursor}`);
      }
      await write(JSON.stringify({ opwatch: "end", rows: count }));
      return count;
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** Rejects, and changes nothing, when the lines are no backup or the database holds something already. */
export async function restore(
  { db, hasAdvisoryLocks }: Pick<Database, "db" | "hasAdvisoryLocks">,
  lines: AsyncIterable<string>,
): Promise<number> {
  return db.transaction(async (tx) => {
    await waitForFile(tx);
    // A bot that somebody starts meanwhile waits with its first word. Other engines have no locks of tables either.
    if (hasAdvisoryLocks) await lockTables(tx);
    await requireEmpty(tx);
    let count = 0;
    let lineNumber = 0;
    let isBegun = false;
    let told: unknown = null;
    const waiting: { table: PgTable; rows: unknown[] } = { table: operations, rows: [] };
    const flush = async (): Promise<void> => {
      if (waiting.rows.length > 0) await insert(tx, waiting.table, waiting.rows);
      waiting.rows = [];
    };
    for await (const line of lines) {
      lineNumber += 1;
      if (line === "") continue;
      const entry = read(line, lineNumber);
      if (!isBegun) {
        requireHeader(entry);
        isBegun = true;
        continue;
      }
      if (entry["opwatch"] === "end") {
        told = entry["rows"];
        continue;
      }
      const table = TABLES.find((each) => getTableName(each) === entry["table"]);
      if (table === undefined)
        throw new DatabaseError("The backup holds a table that this version does not know.");
      if (waiting.table !== table || waiting.rows.length >= ROWS_AT_ONCE) await flush();
      waiting.table = table;
      waiting.rows.push(entry["row"]);
      count += 1;
    }
    await flush();
    if (!isBegun) throw new DatabaseError("The backup is empty.");
    if (told !== count)
      throw new DatabaseError("The backup was cut short: its last line is missing, or rows before it.");
    await tx.execute(
      sql`select setval(pg_get_serial_sequence('opwatch.watches', 'seq'), coalesce((select max(seq) from ${watches}), 0) + 1, false)`,
    );
    return count;
  });
}

/** What a newer version has added would be left out, and nobody would know. */
async function requireOwnSchema(tx: Tx): Promise<void> {
  const { rows } = await tx.execute<{ isNewer: boolean }>(
    sql`select coalesce(max(created_at) > ${journal.entries.at(-1)?.when ?? 0}::bigint, false) as "isNewer" from drizzle.__drizzle_migrations`,
  );
  if (rows[0]?.isNewer !== true) return;
  throw new DatabaseError(
    `The database is of a newer version than this one ("${SCHEMA}"): take the backup with that version.`,
  );
}

/** Between two statements a file is written or read, and that may be a slow one. */
async function waitForFile(tx: Tx): Promise<void> {
  await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`);
}

/** Without those that the database computes. */
function columnsOf(table: PgTable): SQL {
  const kept = Object.entries(getTableColumns(table)).filter(([, column]) => column.generated === undefined);
  return sql.join(
    kept.map(([name]) => sql.identifier(toSnakeCase(name))),
    sql`, `,
  );
}

async function insert(tx: Tx, table: PgTable, rows: readonly unknown[]): Promise<void> {
  try {
    await tx.execute(sql`insert into ${table} (${columnsOf(table)}) overriding system value
      select ${columnsOf(table)} from jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb)`);
  } catch (cause) {
    // What the database says of it holds the rows.
    const name = getTableName(table);
    throw new DatabaseError(`The backup is damaged: the table "${name}" does not take its rows.`, { cause });
  }
}

async function lockTables(tx: Tx): Promise<void> {
  const tables = sql.join(
    TABLES.map((table) => sql`${table}`),
    sql`, `,
  );
  await tx.execute(sql`lock table ${tables} in exclusive mode`);
}

async function requireEmpty(tx: Tx): Promise<void> {
  const { rows } = await tx.execute<{ is: boolean }>(
    sql`select ${sql.join(
      TABLES.map((table) => sql`exists (select 1 from ${table})`),
      sql` or `,
    )} as is`,
  );
  if (rows[0]?.is !== false) {
    throw new DatabaseError(
      "The database holds watches already, and a restore would mix two worlds. Name an empty one (DATA_DIR or DATABASE_URL).",
    );
  }
}

function requireHeader(entry: Readonly<Record<string, unknown>>): void {
  if (entry["opwatch"] !== "backup") throw new DatabaseError("This is no backup of Opwatch.");
  if (entry["schema"] !== SCHEMA) {
    throw new DatabaseError(
      `The backup is of the tables "${String(entry["schema"])}", and this version has "${SCHEMA}". ` +
        "Restore it with the version that took it, start that once, and update.",
    );
  }
}

function read(line: string, lineNumber: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Told below, as everything else that is no line of a backup.
  }
  throw new DatabaseError(
    `The backup is damaged: its line ${lineNumber} is no JSON. Was it cut off, copied as text, or edited? Copy it again as it is.`,
  );
}
