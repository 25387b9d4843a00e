import { sql } from "drizzle-orm";
import { bucketOf, BUCKETS, usualOf, type Usual } from "../core/durations.ts";
import type { CheckedOperation } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { durations } from "./schema.ts";

/** What operations usually take, by type. */
export async function readUsual(db: Db): Promise<ReadonlyMap<string, Usual>> {
  const rows = await db.select().from(durations);
  const byType = Map.groupBy(rows, ({ type }) => type);
  const usual = new Map<string, Usual>();
  for (const [type, counts] of byType) {
    const histogram = Array.from({ length: BUCKETS }, () => 0);
    for (const { bucket, count } of counts) histogram[bucket] = count;
    const known = usualOf(histogram);
    if (known !== null) usual.set(type, known);
  }
  return usual;
}

/** Counts what these have taken, in one order, so that two that count the same do not meet head-on. */
export async function saveDurations(tx: Tx, checked: readonly CheckedOperation[]): Promise<void> {
  const counts = new Map<string, { type: string; bucket: number; count: number }>();
  for (const { learned } of checked) {
    if (learned === null) continue;
    const { type } = learned;
    const bucket = bucketOf(learned.ms);
    const key = `${type} ${bucket}`;
    counts.set(key, { type, bucket, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  for (const key of [...counts.keys()].toSorted()) {
    const row = counts.get(key);
    if (row === undefined) continue;
    await tx
      .insert(durations)
      .values(row)
      .onConflictDoUpdate({
        target: [durations.type, durations.bucket],
        set: { count: sql`${durations.count} + excluded.count` },
      });
  }
}
