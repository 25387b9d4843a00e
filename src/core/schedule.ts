import type { EpochMs } from "./ids.ts";

/**
 * When to ask Graph again. Every time is a multiple of the interval, so that a short interval in
 * tests and in the demo speeds everything up alike.
 */
export type Cadence = { readonly intervalMs: number };

/** Ten minutes at the default interval of 31 s: until then an operation is asked for at every interval. */
const STEADY_INTERVALS = 20;
/** About five minutes at the default interval: no operation waits longer between two checks. */
const LONGEST_INTERVALS = 10;

/** Early misses (404, 400, 5xx, timeouts) mean "not there yet"; about five minutes by default. */
export const EARLY_INTERVALS = 10;

/** How long to wait after a check that Graph answered, by how long the operation has been tracked. */
export function waitAfterAnswer(trackedForMs: number, { intervalMs }: Cadence): number {
  return clamp(trackedForMs / STEADY_INTERVALS, intervalMs, LONGEST_INTERVALS * intervalMs);
}

/**
 * How long to wait after a check that failed for the `misses`-th time in a row.
 * @param spread 0 to 1, fixed for an operation: keeps operations that failed together from asking together again.
 */
export function waitAfterMiss(misses: number, spread: number, { intervalMs }: Cadence): number {
  const doubled = intervalMs * 2 ** Math.min(Math.max(misses - 1, 0), 10);
  return Math.min(doubled, LONGEST_INTERVALS * intervalMs) * (1 + spread / 5);
}

/** When an operation may ask again after its tenant's pause: spread over one interval. */
export function afterPause(until: EpochMs, spread: number, { intervalMs }: Cadence): EpochMs {
  return until + Math.ceil(spread * intervalMs);
}

/** A number from 0 to 1 that is always the same for the same text (FNV-1a). */
export function spreadOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) / 0xffffffff;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
