import type { EpochMs } from "./ids.ts";
import { CLOCKS_DIFFER_MS } from "./instants.ts";
import { CLOSER_MS } from "./leaving.ts";

/**
 * The line in which the requests of all tenants stand: how many checks leave in each cell of time, from the `from`-th
 * since 1970 on. Cells are kept for as long as they count.
 */
export type Line = { readonly from: number; readonly used: readonly number[] };

export const NO_LINE: Line = { from: 0, used: [] };

/** Checks that share a request, and when it may leave. */
export type Waiting = { readonly at: EpochMs; readonly count: number };

const CELL_MS = 50;
/** What leaves in a second has its places in so many cells at most. */
const CELLS = Math.ceil((1_000 + CLOSER_MS) / CELL_MS) + 1;
/** Cells are kept for those whose clocks are behind ours; each differs from the database's by so much at most. */
const BEHIND_CELLS = Math.ceil((2 * CLOCKS_DIFFER_MS) / CELL_MS);
/** Nobody's line is longer; what lies beyond is of a clock that was set back. */
const LONGEST_CELLS = 200;

/**
 * Places in the line for these, in their order: each leaves when it may and no second holds more than the line lets
 * through, all processes' together. What is delayed delays all that comes after it by as much, so that those of one
 * tenant, whose places are apart (core/slots), stay apart.
 */
export function takeRoom(
  line: Line,
  perSecond: number,
  waiting: readonly Waiting[],
  now: EpochMs,
): { readonly at: readonly EpochMs[]; readonly line: Line } {
  const most = (perSecond * CELLS * CELL_MS) / 1_000;
  const cells = recentOf(line, now);
  const at: EpochMs[] = [];
  let delayMs = 0;
  for (const each of waiting) {
    const wanted = Math.min(Math.max(each.at + delayMs, now), now + LONGEST_CELLS * CELL_MS);
    const place = Math.max(freeFrom(cells, Math.floor(wanted / CELL_MS), each.count, most) * CELL_MS, wanted);
    const index = Math.floor(place / CELL_MS) - cells.from;
    while (cells.used.length <= index) cells.used.push(0);
    cells.used[index] = (cells.used[index] ?? 0) + each.count;
    delayMs = Math.max(delayMs, place - Math.max(each.at, now));
    at.push(place);
  }
  return { at, line: cells };
}

type Cells = { readonly from: number; readonly used: number[] };

/** Without what no second that is yet to come can touch, and what is too far. */
function recentOf({ from, used }: Line, now: EpochMs): Cells {
  const present = Math.floor(now / CELL_MS);
  const first = present - BEHIND_CELLS - CELLS + 1;
  const last = Math.max(present + LONGEST_CELLS - from, 0);
  return from >= first && last > 0
    ? { from, used: used.slice(0, last) }
    : { from: first, used: used.slice(Math.max(first - from, 0), last) };
}

/** The first cell, from `cell` on, with room for so many in every stretch of cells that it is in. */
function freeFrom({ from, used }: Cells, cell: number, count: number, most: number): number {
  let index = Math.max(cell - from, 0);
  for (;;) {
    const full = lastFull(used, index, most - count);
    if (full === null) return from + index;
    index = full + CELLS;
  }
}

/** Where the last stretch with `index` in it begins that holds more than `room`. None that is empty is too full. */
function lastFull(used: readonly number[], index: number, room: number): number | null {
  for (let start = index; start > index - CELLS; start -= 1) {
    let sum = 0;
    for (let i = Math.max(start, 0); i < Math.min(start + CELLS, used.length); i += 1) sum += used[i] ?? 0;
    if (sum > room && sum > 0) return start;
  }
  return null;
}
