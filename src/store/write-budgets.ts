import { sql } from "drizzle-orm";
import {
  spend,
  spendAtOnce,
  spendOfTenant,
  spendOnPost,
  type TenantBudget,
  type WriteBudget,
} from "../core/budget.ts";
import type { ConversationId, EpochMs, TenantId, WatchId } from "../core/ids.ts";
import type { Now, TakenDelivery } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Tx } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { budgets, conversations, watches } from "./schema.ts";
import { makeTenantRows } from "./tenant-rows.ts";

/** A write to Teams that somebody is about to make. */
export type Write = {
  readonly conversation: ConversationId;
  readonly now: EpochMs;
  /** A card, written by whoever holds the conversation's lease; null: an answer to a person. */
  readonly card: {
    readonly leaseUntil: EpochMs;
    readonly renewedUntil: EpochMs;
    readonly watch: WatchId;
    /** As it was read: a watch that has moved on since is read anew. */
    readonly wanted: number;
    readonly isPost: boolean;
  } | null;
};

type Costs = WriteBudget & TenantBudget;
type Tenant = Pick<TenantBudget, "writtenUntil" | "lineUntil">;
type Price = { readonly taken: TakenDelivery; readonly costs: Costs };

/** What a conversation's writes of a round come to: its answers to people, then its card if there is one. */
type Bill = {
  readonly row: ConversationRow;
  readonly answers: Costs;
  readonly all: Costs;
  /** The card's. */
  readonly write: Write | null;
};

/** As `Store.takeDelivery` and `Store.takeWrite`, for many at once, in as many statements as for one. */
export async function takeWrites(
  tx: Tx,
  writes: readonly Write[],
  clock: Now,
): Promise<readonly TakenDelivery[]> {
  const taken = new Map<Write, TakenDelivery>();
  for (const round of rounds(writes)) {
    for (const [write, answer] of await takeRound(tx, round, clock)) taken.set(write, answer);
  }
  return writes.map((write) => taken.get(write) ?? { kind: "lost" });
}

/** With one card of a conversation at most. It is rare that somebody asks who has lost its lease. */
function rounds(writes: readonly Write[]): readonly (readonly Write[])[] {
  const made: Write[][] = [];
  const cards = new Map<ConversationId, number>();
  for (const write of writes) {
    const turn = write.card === null ? 0 : (cards.get(write.conversation) ?? 0);
    if (write.card !== null) cards.set(write.conversation, turn + 1);
    (made[turn] ??= []).push(write);
  }
  return made.filter((round) => round.length > 0);
}

async function takeRound(
  tx: Tx,
  writes: readonly Write[],
  clock: Now,
): Promise<ReadonlyMap<Write, TakenDelivery>> {
  const ids = [...new Set(writes.map(({ conversation }) => conversation))];
  const current = await wantedNow(tx, writes);
  const rows = new Map((await lockConversations(tx, ids)).map((row) => [row.id, row]));
  const tenants = await lockTenants(tx, [...new Set([...rows.values()].map(({ tenantId }) => tenantId))]);
  // Whoever waited for the locks writes now, and not when they began to wait.
  const locked = clock();
  const answers = new Map<Write, TakenDelivery>();
  const bills = new Map<ConversationId, Bill>();
  const inOrder = [
    ...writes.filter(({ card }) => card === null),
    ...writes.filter(({ card }) => card !== null),
  ];
  for (const write of inOrder) {
    const row = rows.get(write.conversation);
    if (row === undefined || isLost(row, write)) {
      // A conversation that was never written to has no pause and an unused budget.
      answers.set(write, { kind: write.card === null ? "taken" : "lost" });
      continue;
    }
    const tenant = tenants.get(row.tenantId) ?? UNUSED;
    const before = { ...(bills.get(row.id)?.all ?? unspent(row)), ...tenant };
    const isAsRead = write.card === null || current.get(write.card.watch) === write.card.wanted;
    const price: Price = isAsRead
      ? priceOf(row, before, write, Math.max(locked, write.now))
      : { taken: { kind: "changed" }, costs: before };
    const { costs, taken } = price;
    tenants.set(row.tenantId, { writtenUntil: costs.writtenUntil, lineUntil: costs.lineUntil });
    bills.set(row.id, {
      row,
      answers: write.card === null ? costs : before,
      all: costs,
      write: write.card === null ? null : write,
    });
    answers.set(write, taken);
  }
  const asRead = await pay(tx, [...bills.values()], tenants);
  for (const { row, write } of bills.values()) {
    if (write !== null && !asRead.has(row.id)) answers.set(write, { kind: "changed" });
  }
  return answers;
}

/** In a card's first moments it is common that the first answer overtakes it. */
async function wantedNow(tx: Tx, writes: readonly Write[]): Promise<ReadonlyMap<WatchId, number>> {
  const ids = writes.flatMap(({ card }) => card?.watch ?? []);
  if (ids.length === 0) return new Map();
  const { id, wanted } = watches;
  const rows = await tx.select({ id, wanted }).from(watches).where(anyOf(id, ids));
  return new Map(rows.map((row) => [row.id, row.wanted]));
}

const UNUSED: Tenant = { writtenUntil: 0, lineUntil: 0 };

/**
 * After the conversations, and all in one order: so nobody meets us head-on. The operations come in
 * between, for whoever locks them.
 */
async function lockTenants(tx: Tx, ids: readonly TenantId[]): Promise<Map<TenantId, Tenant>> {
  if (ids.length === 0) return new Map();
  await makeTenantRows(tx, budgets, ids);
  const rows = await tx
    .select({
      tenantId: budgets.tenantId,
      writtenUntil: budgets.writesUntil,
      lineUntil: budgets.lineUntil,
    })
    .from(budgets)
    .where(anyOf(budgets.tenantId, ids))
    .orderBy(budgets.tenantId)
    .for("no key update");
  return new Map(rows.map(({ tenantId, ...row }) => [tenantId, row]));
}

type ConversationRow = Awaited<ReturnType<typeof lockConversations>>[number];

/** Not against new watches, which only refer to them. */
function lockConversations(tx: Tx, ids: readonly ConversationId[]) {
  const { id, tenantId, leaseUntil, goneAt, pausedUntil, shortUntil, longUntil, placeAt } = conversations;
  return tx
    .select({ id, tenantId, leaseUntil, goneAt, pausedUntil, shortUntil, longUntil, placeAt })
    .from(conversations)
    .where(anyOf(conversations.id, ids))
    .orderBy(conversations.id)
    .for("no key update");
}

function isLost({ goneAt, leaseUntil }: ConversationRow, { card }: Write): boolean {
  return card !== null && (goneAt !== null || leaseUntil !== card.leaseUntil);
}

function unspent({
  shortUntil,
  longUntil,
  placeAt,
}: ConversationRow): WriteBudget & Pick<TenantBudget, "placeAt"> {
  return { shortUntil, longUntil, placeAt };
}

/** What a write costs its conversation and its tenant; or how long to wait for it. Only cards stand in line. */
function priceOf({ pausedUntil }: ConversationRow, before: Costs, { card }: Write, now: EpochMs): Price {
  const waiting = (waitMs: number): Price => ({ taken: { kind: "overBudget", waitMs }, costs: before });
  if (pausedUntil !== null && pausedUntil > now) return waiting(pausedUntil - now);
  const spent = spend(before, now);
  if (!spent.ok) return waiting(spent.waitMs);
  const spendOne = card === null ? spendAtOnce : card.isPost ? spendOnPost : spendOfTenant;
  const spending = spendOne(before, now);
  // No more than the tenant's own: what was given came along.
  const { writtenUntil, lineUntil, placeAt } = spending.budget;
  const ofTenant: TenantBudget = { writtenUntil, lineUntil, placeAt };
  if (!spending.ok) {
    const { waitMs } = spending;
    const kind = card === null ? "overBudget" : "inLine";
    return { taken: { kind, waitMs }, costs: { ...before, ...ofTenant } };
  }
  // An answer leaves the place that a card of the conversation waits for.
  const place = card === null ? before.placeAt : placeAt;
  return { taken: { kind: "taken" }, costs: { ...spent.budget, ...ofTenant, placeAt: place } };
}

/**
 * Writes down what the writes cost, and renews the leases. A card whose watch moves on in this very
 * moment costs its conversation nothing, and its tenant a place in line.
 * @returns the conversations whose watch is as it was read; read by the statement that writes, so
 * that nothing comes in between.
 */
async function pay(
  tx: Tx,
  bills: readonly Bill[],
  tenants: ReadonlyMap<TenantId, Tenant>,
): Promise<ReadonlySet<ConversationId>> {
  if (bills.length === 0) return new Set();
  const own = bills.map(({ row, answers, all, write }) => {
    const card = write?.card ?? null;
    return {
      id: row.id,
      short_until: all.shortUntil,
      long_until: all.longUntil,
      place_at: all.placeAt,
      answers_short: answers.shortUntil,
      answers_long: answers.longUntil,
      lease_until: card === null ? null : new Date(card.renewedUntil).toISOString(),
      watch: card?.watch ?? null,
      wanted: card?.wanted ?? null,
    };
  });
  const ofTenants = [...tenants].map(([tenant_id, { writtenUntil, lineUntil }]) => {
    return { tenant_id, writes_until: writtenUntil, line_until: lineUntil };
  });
  const { rows } = await tx.execute<{ id: ConversationId; isAsRead: boolean }>(sql`
    with asked as (
      -- A plain value: for what exists the planner may read the whole table once.
      select r.*, r.watch is null
        or coalesce((select w.wanted from ${watches} w where w.id = r.watch) = r.wanted, false) as is_as_read
      from jsonb_to_recordset(${toJsonb(own)}::jsonb) as r(
        id text, short_until float8, long_until float8, place_at float8, answers_short float8, answers_long float8,
        lease_until timestamptz, watch uuid, wanted int)),
    paid as (
      update ${conversations} c
      set short_until = case when a.is_as_read then a.short_until else a.answers_short end,
        long_until = case when a.is_as_read then a.long_until else a.answers_long end,
        place_at = case when a.is_as_read then a.place_at else c.place_at end,
        lease_until = coalesce(a.lease_until, c.lease_until)
      from asked a where c.id = a.id
      returning c.id, a.is_as_read),
    paid_by_tenants as (
      update ${budgets} b set writes_until = t.writes_until, line_until = t.line_until
      from jsonb_to_recordset(${toJsonb(ofTenants)}::jsonb) as t(tenant_id text, writes_until float8, line_until float8)
      where b.tenant_id = t.tenant_id)
    select id, is_as_read as "isAsRead" from paid`);
  return new Set(rows.filter((row) => row.isAsRead).map((row) => row.id));
}
