import type { EpochMs } from "./ids.ts";

/**
 * A replica's clock can differ by so much from the database's at most, and two of them by twice that, which is well
 * below the second by which the interval exceeds Graph's 30 s. That is what a measurement in a busy process errs by
 * at most; where the database answers at once they agree within milliseconds.
 */
export const CLOCKS_DIFFER_MS = 250;

/** Before this, an instant is a service's way of saying "none": SharePoint sends 0001-01-01. */
const EARLIEST: EpochMs = Date.UTC(1990, 0, 1);

const LATEST: EpochMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An instant as Graph writes them, with 7 fractional digits or an offset; null if it is none. */
export function parseInstant(value: unknown): EpochMs | null {
  if (typeof value !== "string") return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || ms < EARLIEST || ms > LATEST ? null : ms;
}

/** `2026-11-21T12:00:00Z`: whole seconds, the only form that cards can show as a local time. */
export function printInstant(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
