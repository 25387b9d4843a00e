import { sql } from "drizzle-orm";
import type { EpochMs } from "../core/ids.ts";
import type { Store } from "../flows/ports.ts";
import type { Db } from "./database.ts";
import { aliases, conversations, operations, watches } from "./schema.ts";
import { transact } from "./transaction.ts";

/** Small enough to hold up nobody, often enough to keep up: once a minute up to 100,000 watches. */
const AT_ONCE = 5_000;
const ROUNDS = 20;

/** What is over is deleted after a while; what is open, or still to be told, never. */
export function retireStore(db: Db): Pick<Store, "retire"> {
  return {
    async retire(before) {
      let total = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const count = await retireWatches(db, before);
        total += count;
        if (count < AT_ONCE) break;
      }
      await retireOperations(db, before);
      await retireConversations(db, before);
      return total;
    },
  };
}

/** Watches, and the operations that nobody has a watch of any more. */
function retireWatches(db: Db, before: EpochMs): Promise<number> {
  const at = new Date(before).toISOString();
  return transact(db, async (tx) => {
    const { rows } = await tx.execute<{ operation: string }>(sql`
      delete from ${watches} where id in (
        select w.id from ${watches} w
        where w.closed_at < ${at}::timestamptz and w.callback_wanted <= w.callback_delivered
          and (w.wanted <= w.delivered or exists (select 1 from ${conversations} c
            where c.id = w.conversation_id and c.gone_at is not null))
        order by w.closed_at limit ${AT_ONCE} for update of w skip locked)
      returning operation_id as operation`);
    const ids = [...new Set(rows.map(({ operation }) => operation))].toSorted();
    if (ids.length > 0) {
      // A `track` that holds one of them has made a watch by the time that we have the lock.
      await tx.execute(
        sql`select 1 from ${operations} where id = any(${sql.param(ids)}::uuid[]) order by id for update`,
      );
      await tx.execute(sql`
        delete from ${operations} o where o.id = any(${sql.param(ids)}::uuid[]) and not o.live
          and not exists (select 1 from ${watches} w where w.operation_id = o.id)`);
    }
    return rows.length;
  });
}

/** Those that outlived their last watch: its result was still looked at, or two replicas met. */
async function retireOperations(db: Db, before: EpochMs): Promise<void> {
  const at = new Date(before).toISOString();
  await transact(db, (tx) =>
    tx.execute(sql`
      delete from ${operations} where id in (
        select o.id from ${operations} o where o.rested_at < ${at}::timestamptz
          and not exists (select 1 from ${watches} w where w.operation_id = o.id)
        order by o.rested_at limit ${AT_ONCE} for update skip locked)`),
  );
}

/** Conversations that the bot is gone from, once nothing is left of what was watched there. */
function retireConversations(db: Db, before: EpochMs): Promise<void> {
  const at = new Date(before).toISOString();
  return transact(db, async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      select id from ${conversations} c where gone_at < ${at}::timestamptz
        and not exists (select 1 from ${watches} w where w.conversation_id = c.id)
      limit ${AT_ONCE} for update skip locked`);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return;
    await tx.execute(sql`delete from ${aliases} where conversation_id = any(${sql.param(ids)}::text[])`);
    await tx.execute(sql`delete from ${conversations} where id = any(${sql.param(ids)}::text[])`);
  });
}
