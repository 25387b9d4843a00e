import { sql } from "drizzle-orm";
import type { Pace } from "../core/slots.ts";
import type { Store } from "../flows/ports.ts";
import type { Db } from "./database.ts";
import { QUEUES } from "./jobs.ts";
import { conversations, operations, pauses, places, watches } from "./schema.ts";

const LATE_MS = 5_000;

/** How much there is, in one statement. What waits for a pause to be over is not overdue. */
export function depthsStore(db: Db, { slotMs, perSlot }: Pace): Pick<Store, "depths"> {
  return {
    async depths(now) {
      const [at, late] = [now, now - LATE_MS].map((ms) => new Date(ms).toISOString());
      const present = Math.floor(now / slotMs);
      const counts = await db.execute<Counts>(sql`
        with due as (
          select greatest(o.due_at, coalesce(p.until, o.due_at)) as due_at from ${operations} o left join ${pauses} p on p.side = 'graph' and p.tenant_id = o.tenant_id
          where o.live and o.due_at <= ${late}::timestamptz and (p.until is null or p.until <= ${late}::timestamptz))
        select
          (select count(*) from ${watches} where closed_at is null)::int as "openWatches",
          (select count(*) from ${operations} where live)::int as "liveOperations",
          (select count(*) from due)::int as "overdueOperations",
          coalesce((select extract(epoch from ${at}::timestamptz - min(due_at)) * 1000 from due), 0)::float8 as "oldestDueMs",
          -- The first slot with room, from the present one on; what begins later is of another pace or clock.
          coalesce((select max(greatest(line.free - ${present}::bigint, 0)) from ${places},
            lateral (select (slots->>'from')::bigint as first) b,
            lateral (select coalesce(min(b.first + slot.n - 1), b.first + jsonb_array_length(slots->'used')) as free
              from jsonb_array_elements_text(slots->'used') with ordinality as slot(used, n)
              where b.first + slot.n - 1 >= ${present}::bigint and slot.used::int < ${perSlot}::int) line
            where b.first <= ${present}::bigint), 0)::float8 * ${slotMs}::float8 as "lineMs",
          (select count(*) from ${watches} w join ${conversations} c on c.id = w.conversation_id
            where w.wanted > w.delivered and c.gone_at is null)::int as "waitingDeliveries",
          (select count(*) from ${watches} where callback_wanted > callback_delivered)::int as "waitingCallbacks"`);
      const jobs = await db.execute<{ queue: string; count: number }>(
        sql`select queue, (select count(*) from pgboss.job where name = queue)::int as count
          from unnest(${sql.param([...QUEUES])}::text[]) as queue`,
      );
      const [row] = counts.rows;
      if (row === undefined) throw new Error("The database counted nothing.");
      return { ...row, jobs: jobs.rows };
    },
  };
}

type Counts = {
  openWatches: number;
  liveOperations: number;
  overdueOperations: number;
  oldestDueMs: number;
  lineMs: number;
  waitingDeliveries: number;
  waitingCallbacks: number;
};
