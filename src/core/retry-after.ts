import type { EpochMs } from "./ids.ts";

/**
 * `Retry-After` in milliseconds from `now`: whole or fractional seconds (Graph has sent `2.128`),
 * or an HTTP date. Null when it is missing or says nothing.
 */
export function parseRetryAfter(value: string | null | undefined, now: EpochMs): number | null {
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (/^\d+(?:\.\d+)?$/u.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/[a-z]/iu.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}
