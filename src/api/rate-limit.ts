import { spendOf, type Bucket } from "../core/budget.ts";
import type { EpochMs } from "../core/ids.ts";

/** More callers than any tenant has; the longest idle are forgotten. */
const MAX_CALLERS = 10_000;

export type RateLimit = (caller: string, now: EpochMs) => number | null;

/** How long a caller must wait, in milliseconds; null: not at all. Counted by each process for itself. */
export function createRateLimit(perSecond: number): RateLimit {
  const bucket: Bucket = { burst: 2 * perSecond, perSecond };
  const until = new Map<string, EpochMs>();
  return (caller, now) => {
    const spent = spendOf(bucket, until.get(caller) ?? 0, now);
    if (!spent.ok) return spent.waitMs;
    until.delete(caller);
    until.set(caller, spent.until);
    const [oldest] = until.keys();
    if (until.size > MAX_CALLERS && oldest !== undefined) until.delete(oldest);
    return null;
  };
}
