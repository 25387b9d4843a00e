import { sql } from "drizzle-orm";
import type { Db } from "./database.ts";
import { aliases, conversations, operations, watches } from "./schema.ts";
import { transact } from "./transaction.ts";

/** What is kept of a person, as the tables have it. */
export type PersonalData = {
  readonly conversations: readonly object[];
  readonly aliases: readonly object[];
  readonly watches: readonly object[];
};

/** @param user their object id in Entra, or Teams' own id (`29:…`). */
export async function exportPerson(db: Db, user: string): Promise<PersonalData> {
  const own = await db.execute<{ row: object }>(
    sql`select to_jsonb(c) as row from ${conversations} c where c.id in (select id from ${conversations} where ${ownChat(user)})`,
  );
  const named = await db.execute<{ row: object }>(
    sql`select to_jsonb(a) as row from ${aliases} a where a.conversation_id in (select id from ${conversations} where ${ownChat(user)}) order by a.name`,
  );
  const asked = await db.execute<{ row: object }>(sql`
    select to_jsonb(w) || jsonb_build_object('operation', o.path, 'state', o.state) as row
    from ${watches} w join ${operations} o on o.id = w.operation_id
    where ${isOf(user)} order by w.seq`);
  return {
    conversations: own.rows.map(({ row }) => row),
    aliases: named.rows.map(({ row }) => row),
    watches: asked.rows.map(({ row }) => row),
  };
}

/**
 * Takes a person out of the tables: their own chat with Opwatch goes with all that was watched in it;
 * what they asked for elsewhere stays, asked for by nobody, because others see its card.
 */
export function forgetPerson(
  db: Db,
  user: string,
): Promise<{ readonly deleted: number; readonly unnamed: number }> {
  return transact(db, async (tx) => {
    const chats = await tx.execute<{ id: string }>(
      sql`select id from ${conversations} where ${ownChat(user)} order by id for update`,
    );
    const own = sql`any(${sql.param(chats.rows.map(({ id }) => id))}::text[])`;
    // Operations before watches, as everywhere.
    await tx.execute(sql`select 1 from ${operations} where id in
      (select operation_id from ${watches} where conversation_id = ${own}) order by id for update`);
    const unnamed = await tx.execute(sql`
      update ${watches} w set requester = jsonb_build_object('id', null, 'name', '—'),
        wanted = case when w.closed_at is null then w.wanted + 1 else w.wanted end
      where ${isOf(user)} and w.conversation_id <> all(${sql.param(chats.rows.map(({ id }) => id))}::text[])
      returning 1`);
    const deleted = await tx.execute<{ operation: string }>(
      sql`delete from ${watches} where conversation_id = ${own} returning operation_id as operation`,
    );
    await tx.execute(sql`delete from ${aliases} where conversation_id = ${own}`);
    await tx.execute(sql`delete from ${conversations} where id = ${own}`);
    const ids = [...new Set(deleted.rows.map(({ operation }) => operation))].toSorted();
    if (ids.length > 0) {
      const left = sql`id = any(${sql.param(ids)}::uuid[])`;
      // Before they are judged: who tracks one of them just now holds it, and its watch is to be seen.
      await tx.execute(sql`select 1 from ${operations} where ${left} order by id for update`);
      await tx.execute(sql`update ${operations} o set live = false where ${left}
        and not exists (select 1 from ${watches} w where w.operation_id = o.id
          and (w.closed_at is null or o.outcome is not null))`);
      await tx.execute(sql`delete from ${operations} o where ${left}
        and not exists (select 1 from ${watches} w where w.operation_id = o.id)`);
    }
    return { deleted: deleted.rows.length, unnamed: unnamed.rows.length };
  });
}

function isOf(user: string): ReturnType<typeof sql> {
  return sql`(w.requester ->> 'id' = ${user} or w.requester ->> 'entraId' = ${user.toLowerCase()}
    or w.requester ->> 'id' in (${teamsIdsOf(user)})
    or w.conversation_id in (select id from ${conversations} where ${ownChat(user)}))`;
}

/** Not every request names both ids: those that did, and those of their own chat, tell Teams' id by Entra's. */
function teamsIdsOf(user: string): ReturnType<typeof sql> {
  return sql`select p.requester ->> 'id' from ${watches} p join ${conversations} c on c.id = p.conversation_id
    where p.requester ->> 'id' is not null and (p.requester ->> 'entraId' = ${user.toLowerCase()}
      or (c.kind = 'personal' and c.user_id = ${user.toLowerCase()}))`;
}

/** Their chat with Opwatch, which names them by their id in Entra; by Teams' id through what they asked for. */
function ownChat(user: string): ReturnType<typeof sql> {
  return sql`(kind = 'personal' and (user_id = ${user.toLowerCase()}
    or user_id in (select requester ->> 'entraId' from ${watches} where requester ->> 'id' = ${user})))`;
}
