import type { EpochMs } from "./ids.ts";
import { CLOCKS_DIFFER_MS } from "./instants.ts";

/**
 * `Retry-After` in milliseconds from `now`: whole or fractional seconds (Graph has sent `2.128`),
 * or an HTTP date. Null when it is missing or says nothing.
 */
export function parseRetryAfter(value: string | null | undefined, now: EpochMs): number | null {
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (/^\d+(?:\.\d+)?$/u.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/\d\d:\d\d/u.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}

/** A pause beyond this is taken for a mistake; it would fit neither a timer nor the database. */
const LONGEST_PAUSE_MS = 24 * 3_600_000;

export function boundedPauseMs(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}

/** How long to leave somebody alone who asked for it: a little longer, because another replica may go on after it. */
export function obeyedPauseMs(retryAfterMs: number): number {
  return boundedPauseMs(retryAfterMs) + CLOCKS_DIFFER_MS;
}
