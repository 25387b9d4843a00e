import { sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** One parameter, however many there are: a list of them would be another statement for each length, built each time. */
export function anyOf<Column extends PgColumn>(column: Column, values: Iterable<Column["_"]["data"]>): SQL {
  return sql`${column} = any(${sql.param([...values])}::${sql.raw(column.getSQLType())}[])`;
}
