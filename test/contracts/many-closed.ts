import { sql } from "drizzle-orm";
import type { EpochMs } from "../../src/core/ids.ts";
import { newOperation } from "../../src/core/operation.ts";
import type { Database } from "../../src/store/database.ts";
import { TENANT } from "./store-bench.ts";

/**
 * Watches that were closed long ago, a millisecond after each other up to `closedUntil`, by one
 * statement for each table.
 * @param perOperation so many of them, in as many conversations, are of one operation.
 */
export async function insertClosed(
  { db }: { readonly db: Pick<Database["db"], "execute"> },
  watches: number,
  {
    closedUntil,
    perOperation,
    conversations,
  }: { readonly closedUntil: EpochMs; readonly perOperation: number; readonly conversations: number },
): Promise<void> {
  const at = new Date(closedUntil).toISOString();
  const state = JSON.stringify({ ...newOperation(closedUntil), outcome: "succeeded" });
  const idOf = (what: string, number: string) =>
    sql.raw(`('${what}-0000-4000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`);
  await db.execute(sql`
    insert into opwatch.conversations (id, tenant_id, kind, reference, seen_at)
    select '19:old' || n || '@thread.v2', ${TENANT}, 'groupChat', '{}', ${at}::timestamptz
    from generate_series(0, ${sql.raw(String(conversations - 1))}) n`);
  await db.execute(sql`
    insert into opwatch.operations
      (id, tenant_id, key, kind, version, path, graph_id, owner, state, outcome, live, due_at, free_at)
    select ${idOf("aaaa0000", "n")}, ${TENANT}, 'old ' || n, 'team', 'v1.0', '/teams/' || n, 'op-' || n,
      'team-' || n, ${state}::jsonb, 'succeeded', false, ${at}::timestamptz, ${at}::timestamptz
    from generate_series(0, ${sql.raw(String(Math.ceil(watches / perOperation) - 1))}) n`);
  await db.execute(sql`
    insert into opwatch.watches (id, operation_id, conversation_id, thread_id, requester, notify, created_at,
      expires_at, closed_at, close_reason, wanted, delivered, activity_id, shown)
    select ${idOf("bbbb0000", "n")}, ${idOf("aaaa0000", `n / ${perOperation}`)}, c.id, c.id,
      '{"id":"29:alex","name":"Alex Wilber"}', 'auto', ${at}::timestamptz, ${at}::timestamptz,
      ${at}::timestamptz - (${sql.raw(String(watches))} - 1 - n) * interval '1 ms', 'ended', 2, 2, 'x', 'x'
    from generate_series(0, ${sql.raw(String(watches - 1))}) n
    join opwatch.conversations c on c.id = '19:old' || (n % ${sql.raw(String(conversations))}) || '@thread.v2'`);
}
