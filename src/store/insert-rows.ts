import { getTableColumns, sql, type SQL } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Db, Tx } from "./database.ts";
import { toJsonb } from "./jsonb.ts";

type Insertion = {
  /** What becomes of rows that are there already; they stay as they are unless it says more. */
  readonly onConflict?: SQL;
  /** The column by which others lock such rows: the database's order is not that of JavaScript. */
  readonly inOrderOf?: SQL;
};

/**
 * Inserts many rows as one parameter: Drizzle's `values` makes one of each cell, which costs more than
 * all the rest of a batch.
 * @param rows all with the same columns; what they leave out gets its default.
 * @param returning the column whose values come back, for rows that were inserted or updated.
 */
export async function insertRows<Table extends PgTable, Returned>(
  tx: Db | Tx,
  table: Table,
  rows: readonly Table["$inferInsert"][],
  returning: SQL,
  { onConflict = sql`do nothing`, inOrderOf }: Insertion = {},
): Promise<readonly Returned[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const columns = Object.entries(getTableColumns(table))
    .filter(([name]) => Object.hasOwn(first, name))
    .map(([name, column]) => ({ name, column, type: column.getSQLType(), called: toSnakeCase(name) }));
  const cells = rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, column, type, called }) => {
        const value: unknown = Reflect.get(row, name);
        const isPlain = value === null || value === undefined || type === "jsonb";
        return [called, isPlain ? (value ?? null) : column.mapToDriverValue(value)];
      }),
    ),
  );
  const names = sql.join(
    columns.map(({ called }) => sql.identifier(called)),
    sql`, `,
  );
  const shape = sql.join(
    columns.map(({ called, type }) => sql`${sql.identifier(called)} ${sql.raw(type)}`),
    sql`, `,
  );
  const inserted = await tx.execute<{ it: Returned }>(sql`
    insert into ${table} (${names})
    select ${names} from jsonb_to_recordset(${toJsonb(cells)}::jsonb) as r(${shape})
    ${inOrderOf === undefined ? sql`` : sql`order by ${inOrderOf}`}
    on conflict ${onConflict}
    returning ${returning} as it`);
  return inserted.rows.map(({ it }) => it);
}
