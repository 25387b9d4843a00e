import type { EpochMs } from "./ids.ts";

/**
 * By how much a process is behind its places in line, and when that was: what leaves late moves all that leaves after
 * it, or what was to leave in two seconds would leave in one.
 */
export type Moved = { readonly ms: number; readonly at: EpochMs };

export const NOT_MOVED: Moved = { ms: 0, at: 0 };

/** What is late by less moves nothing: timers are not exact, and each move makes all that follows late. */
const SLACK_MS = 50;
/** Moved places move back by so much in each millisecond. */
const BACK = 0.08;

/**
 * What leaves in a second has its places in so much more than one: by what the first may leave late without moving the
 * others, and what these move back in it. Four slots (core/slots) begin in 1,429 ms at 21 a second, so that is no more
 * than three slots' worth.
 */
export const CLOSER_MS = SLACK_MS + BACK * 1_000;

/** By how much places still move; not rounded, or what leaves often would never move back. */
export function stillMovedMs({ ms, at }: Moved, now: EpochMs): number {
  return Math.max(ms - Math.max(now - at, 0) * BACK, 0);
}

/**
 * Whether something has missed its place: by more than `staleMs` from where it had moved to; or by more than places move
 * at most, and the slack, or what comes after it would leave together with it.
 * @param movedTo where its place had moved to by then
 */
export function hasMissed(
  { place, movedTo }: { readonly place: EpochMs; readonly movedTo: EpochMs },
  staleMs: number,
  mostMs: number,
  now: EpochMs,
): boolean {
  return now - movedTo > staleMs || now - place > mostMs + SLACK_MS;
}

/** Something leaves, or can leave, so late only. @param mostMs no place moves by more. */
export function movedBy(moved: Moved, lateMs: number, mostMs: number, now: EpochMs): Moved {
  return { ms: Math.max(stillMovedMs(moved, now), Math.min(lateMs - SLACK_MS, mostMs)), at: now };
}
