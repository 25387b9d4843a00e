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
const LONG: Bucket = { burst: 60, perSecond: 0.48 };

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

/** Teams' limit for one bot in one tenant is 50 in a second; older pages say 30. */
const TENANT: Bucket = { burst: 20, perSecond: 30 };

/** The same for all the writes to a tenant, whatever the conversation. */
export function spendOfTenant(until: EpochMs, now: EpochMs): Spent {
  return spendOf(TENANT, until, now);
}

export type Spent =
  { readonly ok: true; readonly until: EpochMs } | { readonly ok: false; readonly waitMs: number };

/** One more of what a single bucket limits. */
export function spendOf(bucket: Bucket, until: EpochMs, now: EpochMs): Spent {
  const wait = waitFor(bucket, until, now);
  return wait > 0 ? { ok: false, waitMs: Math.ceil(wait) } : { ok: true, until: filled(bucket, until, now) };
}
