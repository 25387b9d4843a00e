import { sql } from "drizzle-orm";
import { emptyLifeTable, usualOf, type LifeTable, type Usual } from "../core/durations.ts";
import type { Db } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { durations } from "./schema.ts";

/** What operations usually take, by type. */
export async function readUsual(db: Db): Promise<ReadonlyMap<string, Usual>> {
  const rows = await db.select().from(durations);
  const byType = Map.groupBy(rows, ({ type }) => type);
  const usual = new Map<string, Usual>();
  for (const [type, counts] of byType) {
    const table = emptyLifeTable();
    for (const { bucket, succeeded, entered } of counts) {
      table.succeeded[bucket] = succeeded;
      table.entered[bucket] = entered;
    }
    const known = usualOf(table);
    if (known !== null) usual.set(type, known);
  }
  return usual;
}

/** Adds to the counts, in one order, so that two that count the same do not meet head-on. */
export async function saveLives(db: Db, lives: ReadonlyMap<string, LifeTable>): Promise<void> {
  const counts = [...lives].flatMap(([type, { succeeded, entered }]) =>
    succeeded.map((count, bucket) => ({ type, bucket, succeeded: count, entered: entered[bucket] ?? 0 })),
  );
  const some = counts.filter((each) => each.succeeded + each.entered > 0);
  await db.execute(sql`insert into ${durations} as d (type, bucket, succeeded, entered)
    select v.type, v.bucket, v.succeeded, v.entered
      from jsonb_to_recordset(${toJsonb(some)}::jsonb)
        as v(type text, bucket int, succeeded bigint, entered bigint)
      order by v.type, v.bucket
    on conflict (type, bucket) do update
      set succeeded = d.succeeded + excluded.succeeded, entered = d.entered + excluded.entered`);
}
