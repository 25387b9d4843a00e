import { and, eq, isNull, sql } from "drizzle-orm";
import type { EpochMs, TenantId, WatchId } from "../core/ids.ts";
import type { Begun, KeyedRequest } from "../flows/ports.ts";
import type { Db, Tx } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { requests } from "./schema.ts";
import { again, UNSYNCED } from "./transaction.ts";

/** A request that has not ended by then has died with its process. */
const UNDER_WAY_MS = 20_000;
/** An Idempotency-Key is known for a week. */
export const KEY_KEPT_MS = 7 * 24 * 3_600_000;

export type Beginning = { readonly request: KeyedRequest; readonly now: EpochMs };
type Ending = Beginning & { readonly watch: WatchId };

/** As the statements here name its columns. */
function rowOf({ tenantId: tenant_id, caller, key, body }: KeyedRequest) {
  return { tenant_id, caller, key, body };
}

function keyOf({ tenantId, caller, key }: Omit<KeyedRequest, "body">): string {
  return JSON.stringify([tenantId, caller, key]);
}

/** Of those that have one key the first begins it, and the others find it under way. */
export async function beginRequests(db: Db, asked: readonly Beginning[]): Promise<readonly Begun[]> {
  const first = new Map<string, Beginning>();
  for (const each of asked) if (!first.has(keyOf(each.request))) first.set(keyOf(each.request), each);
  // In one order, so that replicas that begin the same ones do not meet head-on.
  const ordered = [...first].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { request }]) => request);
  const now = Math.max(...asked.map((each) => each.now));
  const [at, dead, old] = [now, now - UNDER_WAY_MS, now - KEY_KEPT_MS].map((ms) =>
    new Date(ms).toISOString(),
  );
  // The watch is what must not be lost, and its transaction writes the key again.
  const begun = await again(() =>
    db.execute<{ tenantId: TenantId; caller: string; key: string }>(sql`
      insert into ${requests} as known (tenant_id, caller, key, body, started_at)
      select tenant_id, caller, key, body, ${at}::timestamptz
      from jsonb_to_recordset(${toJsonb(ordered.map(rowOf))}::jsonb)
        as r(tenant_id text, caller text, key text, body text), ${UNSYNCED}
      on conflict (tenant_id, caller, key) do update
      set body = excluded.body, started_at = excluded.started_at, watch_id = null
      where (known.watch_id is null and known.started_at < ${dead}::timestamptz)
        or known.started_at < ${old}::timestamptz
      returning tenant_id as "tenantId", caller, key`),
  );
  const isNew = new Set(begun.rows.map(keyOf));
  const begins = (each: Beginning): boolean =>
    isNew.has(keyOf(each.request)) && first.get(keyOf(each.request)) === each;
  const left = asked.filter((each) => !begins(each));
  const known = new Map<string, typeof requests.$inferSelect>();
  if (left.length > 0) {
    const keys = left.map(({ request }) => rowOf(request));
    const rows = await db
      .select()
      .from(requests)
      .where(
        sql`(${requests.tenantId}, ${requests.caller}, ${requests.key}) in (select r.tenant_id, r.caller, r.key
          from jsonb_to_recordset(${toJsonb(keys)}::jsonb) as r(tenant_id text, caller text, key text))`,
      );
    for (const row of rows) {
      known.set(keyOf(row), row);
    }
  }
  return asked.map((each): Begun => {
    if (begins(each)) return { kind: "new" };
    const { request } = each;
    const row = known.get(keyOf(request));
    if (row === undefined) return { kind: "underWay" };
    if (row.body !== request.body) return { kind: "otherBody" };
    return row.watchId === null ? { kind: "underWay" } : { kind: "done", watch: row.watchId };
  });
}

/** It came to nothing: the key is free again. */
export async function forgetRequest(db: Db, { tenantId, caller, key, body }: KeyedRequest): Promise<void> {
  const isKey = and(eq(requests.tenantId, tenantId), eq(requests.caller, caller), eq(requests.key, key));
  // Another request may have begun with it, when this one was taken for dead.
  const it = and(isKey, eq(requests.body, body));
  await db.delete(requests).where(and(it, isNull(requests.watchId)));
}

/** Each key is answered with its watch from here on; also one whose beginning a crash of the server took away. */
export async function endRequests(tx: Tx, ended: readonly Ending[]): Promise<void> {
  const byKey = new Map(ended.map((each) => [keyOf(each.request), each]));
  if (byKey.size === 0) return;
  const rows = [...byKey]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { request, now, watch }]) => ({
      ...rowOf(request),
      started_at: new Date(now),
      watch_id: watch,
    }));
  await tx.execute(sql`
    insert into ${requests} as known (tenant_id, caller, key, body, started_at, watch_id)
    select tenant_id, caller, key, body, started_at, watch_id from jsonb_to_recordset(${toJsonb(rows)}::jsonb)
      as r(tenant_id text, caller text, key text, body text, started_at timestamptz, watch_id uuid)
    on conflict (tenant_id, caller, key) do update set watch_id = excluded.watch_id
    where known.body = excluded.body`);
}
