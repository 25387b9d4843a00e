import type { EpochMs } from "./ids.ts";

/**
 * Teams' limits for one bot in one conversation: 7 in 1 s, 8 in 2 s, 60 in 30 s, 1800 in an hour
 * (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit). Edits count too.
 *
 * Two leaky buckets keep within all four windows: in any window of W seconds at most
 * `burst + W * perSecond` writes pass.
 */
export type Bucket = { readonly burst: number; readonly perSecond: number };
const SHORT: Bucket = { burst: 4, perSecond: 1.8 };
const LONG: Bucket = { burst: 600, perSecond: 0.33 };

/** When each bucket will be empty again; kept with the conversation. */
export type WriteBudget = { readonly shortUntil: EpochMs; readonly longUntil: EpochMs };

export const UNUSED_BUDGET: WriteBudget = { shortUntil: 0, longUntil: 0 };

/** The budget after one more write at `now`, or how long to wait for it. */
export function spend(
  budget: WriteBudget,
  now: EpochMs,
): { readonly ok: true; readonly budget: WriteBudget } | { readonly ok: false; readonly waitMs: number } {
  const wait = Math.max(waitFor(SHORT, budget.shortUntil, now), waitFor(LONG, budget.longUntil, now));
  if (wait > 0) return { ok: false, waitMs: Math.ceil(wait) };
  return {
    ok: true,
    budget: {
      shortUntil: filled(SHORT, budget.shortUntil, now),
      longUntil: filled(LONG, budget.longUntil, now),
    },
  };
}

function waitFor(bucket: Bucket, until: EpochMs, now: EpochMs): number {
  const room = ((bucket.burst - 1) * 1000) / bucket.perSecond;
  return until - room - now;
}

function filled(bucket: Bucket, until: EpochMs, now: EpochMs): EpochMs {
  return Math.max(until, now) + 1000 / bucket.perSecond;
}

/**
 * Teams' limit for one bot in one tenant is 50 in a second, on the same page. All writes fill the
 * first bucket, which lets at most 48 pass in any second; cards leave room in it for answers to people,
 * and stand in a line behind the last bucket besides.
 */
const TENANT: Bucket = { burst: 10, perSecond: 38 };
const FOR_CARDS: Bucket = { ...TENANT, burst: 8 };
const LINE: Bucket = { burst: 6, perSecond: 24 };

/** What was written to a tenant lately, how long its line of cards is, and one conversation's place in it. */
export type TenantBudget = {
  readonly writtenUntil: EpochMs;
  readonly lineUntil: EpochMs;
  readonly placeAt: EpochMs | null;
};

export type TenantSpent =
  | { readonly ok: true; readonly budget: TenantBudget }
  | { readonly ok: false; readonly budget: TenantBudget; readonly waitMs: number };

/**
 * One card more. Who has to wait gets a place of its own, because if all who wait tried again and
 * again, that would be the larger part of the work. A place stays good however late its owner comes.
 */
export function spendOfTenant(budget: TenantBudget, now: EpochMs): TenantSpent {
  const { placeAt, lineUntil } = budget;
  if (placeAt !== null) {
    // Who has waited goes first: while new cards keep the room for cards full, they would come again and again.
    return placeAt > now ? { ok: false, budget, waitMs: placeAt - now } : spendAtOnce(budget, now);
  }
  const wait = inMs(waitFor(LINE, lineUntil, now));
  const joined = { ...budget, lineUntil: filled(LINE, lineUntil, now) };
  if (wait > 0) return { ok: false, budget: { ...joined, placeAt: now + wait }, waitMs: wait };
  return spendFrom(FOR_CARDS, { ...joined, placeAt: now }, now);
}

/** A post that passes the line makes it longer by half a card, so that both together stay within the tenant's limit. */
const LINE_PASSED: Bucket = { ...LINE, perSecond: 2 * LINE.perSecond };

/** The first post of a card: it passes the line while there is room, because somebody waits for it. */
export function spendOnPost(budget: TenantBudget, now: EpochMs): TenantSpent {
  const { lineUntil, placeAt } = budget;
  const spent = spendFrom(FOR_CARDS, budget, now);
  if (!spent.ok) return spendOfTenant(budget, now);
  // Its conversation's place is left for the card that waits for it.
  return { ...spent, budget: { ...spent.budget, lineUntil: filled(LINE_PASSED, lineUntil, now), placeAt } };
}

/** One write that stands in no line: an answer, or a card whose place has come. */
export function spendAtOnce(budget: TenantBudget, now: EpochMs): TenantSpent {
  return spendFrom(TENANT, budget, now);
}

/** @param bucket how full the tenant's own may be for this write. */
function spendFrom(bucket: Bucket, budget: TenantBudget, now: EpochMs): TenantSpent {
  const { writtenUntil } = budget;
  const wait = inMs(waitFor(bucket, writtenUntil, now));
  if (wait > 0) return { ok: false, budget, waitMs: wait };
  return { ok: true, budget: { ...budget, writtenUntil: filled(TENANT, writtenUntil, now), placeAt: null } };
}

/** Whole ones; times of this size have lost what is smaller than a hundredth. */
function inMs(wait: number): number {
  return Math.ceil(wait - 0.01);
}

export type Spent =
  { readonly ok: true; readonly until: EpochMs } | { readonly ok: false; readonly waitMs: number };

/** One more of what a single bucket limits. */
export function spendOf(bucket: Bucket, until: EpochMs, now: EpochMs): Spent {
  const wait = waitFor(bucket, until, now);
  return wait > 0 ? { ok: false, waitMs: Math.ceil(wait) } : { ok: true, until: filled(bucket, until, now) };
}
