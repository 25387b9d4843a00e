import type { EpochMs } from "./ids.ts";

/**
 * When requests may be sent, so that Graph never has to refuse one. It allows an application 30 a
 * second in a tenant, 1 to a chat and 4 to a team, and 83 % of each in the long run
 * (https://learn.microsoft.com/graph/throttling-limits). Time is parted into short slots, each with
 * room for a few requests; who is due takes the first one that is free, so that turns are fair.
 */
export type Pace = { readonly slotMs: number; readonly perSlot: number };

/**
 * How many requests have a place in each slot, from the `from`-th since 1970 on, and how many of these are claimed and
 * will be sent. The others wait for their place, and may come too late for it. Without `claimed`: all are.
 */
export type Slots = {
  readonly from: number;
  readonly used: readonly number[];
  readonly claimed?: readonly number[];
};

export const NO_SLOTS: Slots = { from: 0, used: [] };

/**
 * Slots as long as room for ten requests takes, but a quarter of a second at least and half a second at most: the longer
 * they are, the more checks share a request, which is the larger part of a check's work. At up to 23 a second, no more
 * than 30 are in slots that begin in one second. More leave in it as soon as some leave later than 0.3 s after their slot
 * has begun (at 21 a second: 0.43 s). They are late twice at most, by STALE_MS (store/places): at their claim and when
 * they leave; those that take the present slot, soon after it has begun, once.
 */
export function paceOf(perSecond: number): Pace {
  const perSlot = Math.max(Math.floor(Math.min(Math.max(10, perSecond / 4), perSecond / 2)), 1);
  return { slotMs: (1000 * perSlot) / perSecond, perSlot };
}

/**
 * The time between two requests to one team or chat. To a team Graph allows four a second, to a chat one. There the next
 * (or the fourth after it) may leave too early by what two replicas' clocks may differ (CLOCKS_DIFFER_MS, for each
 * of them) and by what the one before may be late (STALE_MS in store/places, at its claim and at its leaving).
 */
export function spacingOf(kind: string): number {
  return kind === "chat" ? LONGEST_SPACING_MS : kind === "team" ? LONGEST_SPACING_MS / 4 : 0;
}

export const LONGEST_SPACING_MS = 1_800;

/** No line is longer; what lies beyond is of a clock that was set back. */
const LONGEST_LINE_MS = 20 * 60_000;

/** Who asks may have waited for the row, and its clock may be behind another's. */
const BEHIND_MS = 5_000;

/** So long after its beginning the present slot is used: at STALE_MS later, those that take it are not too late for it. */
const PRESENT_MS = 150;

/**
 * Who waits for a place is woken a second before it, and claims it half a second before. So what nobody has claimed so
 * long before a slot begins is for whoever is there: where more is due than can be done, all who wait come too late, and
 * new places behind theirs would be missed as well, for ever. With PRESENT_MS it is a slot's length at 20 a second, so
 * that there is always one.
 */
const UNCLAIMED_MS = 350;

/** When a request is to be sent. */
type Wish = {
  /** Not before. */
  readonly earliest: EpochMs;
  /** The place that it has waited for. */
  readonly placeAt?: EpochMs | undefined;
};

/**
 * The place that it has waited for, or the first free slot; at once, if the present one is free and has begun just now.
 * @param claimUntil places until then are claimed; with those that are later it waits
 */
export function takeSlot(
  slots: Slots,
  pace: Pace,
  { earliest, placeAt }: Wish,
  now: EpochMs,
  claimUntil: EpochMs = Number.POSITIVE_INFINITY,
): { readonly at: EpochMs; readonly slots: Slots } {
  const { slotMs, perSlot } = pace;
  const present = Math.floor(now / slotMs);
  const used = countsFrom(slots.used, slots.from, present, pace);
  const claimed = countsFrom(slots.claimed ?? slots.used, slots.from, present, pace);
  const isClaimed = (index: number): boolean => (claimed[index] ?? 0) >= perSlot;
  const own = placeAt === undefined ? -1 : Math.floor(placeAt / slotMs) - present;
  const hasOwn = own >= 0 && !isClaimed(own);
  const last = Math.floor((now + UNCLAIMED_MS) / slotMs) - present;
  const isFree = (index: number): boolean =>
    (used[index] ?? 0) < perSlot || (index <= last && !isClaimed(index));
  const index = hasOwn ? own : firstFree(soonest(earliest, slotMs, now) - present, isFree);
  if (!hasOwn) add(used, index, perSlot);
  const at = Math.max(Math.ceil((present + index) * slotMs), now);
  if (at <= claimUntil) add(claimed, index, perSlot);
  return { at, slots: { from: present, used, claimed } };
}

/** The first slot that may be taken. Those that wait leave together when a slot begins. */
function soonest(earliest: EpochMs, slotMs: number, now: EpochMs): number {
  const wanted = Math.min(earliest, now + LONGEST_LINE_MS);
  return Math.ceil((wanted <= now ? now - Math.min(slotMs / 2, PRESENT_MS) : wanted) / slotMs);
}

function firstFree(from: number, isFree: (index: number) => boolean): number {
  let index = from;
  while (!isFree(index)) index += 1;
  return index;
}

function add(counts: number[], index: number, most: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index] = Math.min((counts[index] ?? 0) + 1, most);
}

/** What is past is forgotten, and what came from another pace or a clock that was set back is not believed. */
function countsFrom(
  used: readonly number[],
  from: number,
  present: number,
  { slotMs, perSlot }: Pace,
): number[] {
  const gone = present - from;
  if (gone >= 0) return used.slice(gone);
  // Of those before, nobody knows any more how much was used.
  return -gone * slotMs <= BEHIND_MS ? [...Array.from({ length: -gone }, () => perSlot), ...used] : [];
}

type Request = {
  readonly kind: string;
  readonly owner: string | null;
  readonly dueAt?: EpochMs;
  /** The place that it has waited for. */
  readonly placeAt?: EpochMs | undefined;
};

/**
 * Places for requests that are due in one tenant, or will be in a moment, in their order.
 * @param lastAt when the team or chat of a request was last asked, or will be.
 * @param claimUntil as for `takeSlot`
 */
export function takeSlots(
  slots: Slots,
  pace: Pace,
  requests: readonly Request[],
  lastAt: ReadonlyMap<string, EpochMs>,
  now: EpochMs,
  claimUntil: EpochMs = Number.POSITIVE_INFINITY,
): { readonly at: readonly EpochMs[]; readonly slots: Slots } {
  const last = new Map(lastAt);
  const at: EpochMs[] = [];
  let taken = slots;
  for (const { kind, owner, dueAt = now, placeAt } of requests) {
    const before = owner === null ? undefined : last.get(owner);
    const earliest = before === undefined ? dueAt : Math.max(before + spacingOf(kind), dueAt);
    const taking = takeSlot(taken, pace, { earliest, placeAt }, now, claimUntil);
    taken = taking.slots;
    at.push(taking.at);
    if (owner !== null) last.set(owner, Math.max(before ?? 0, taking.at));
  }
  return { at, slots: taken };
}

/**
 * In the long run Graph allows an application 83 % of 1,500 a second over all of its tenants, on the same page: 1,245.
 * A little is left for questions about people, which are not in this line.
 */
export const OF_ALL_TENANTS = 1_230;
