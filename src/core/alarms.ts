import type { EpochMs } from "./ids.ts";

/** Somebody is to look at this at that time. */
export type Alarm<Id> = { readonly id: Id; readonly at: EpochMs };

/** Those who share an alarm; it rings when all of them are due. */
export type AlarmGroup<Id> = { readonly ids: readonly Id[]; readonly at: EpochMs };

/** With more, the database would keep a job's data in a place of its own (above some 2 KB). */
const LARGEST_GROUP = 50;
/** Of its wait, so much may each be late for the sake of those that come right after it: 0.1 s of 31 s. */
const SLACK = 1 / 256;
/** And no more: who waits for a place in line must not miss it (EARLY_MS in store/places). */
const MOST_SLACK_MS = 250;

/** Which alarms become one, in the order of their times; those that are past ring at once. */
export function groupAlarms<Id>(alarms: readonly Alarm<Id>[], now: EpochMs): readonly AlarmGroup<Id>[] {
  const groups: { ids: Id[]; at: EpochMs; until: EpochMs }[] = [];
  for (const { id, at } of alarms.toSorted((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last !== undefined && last.ids.length < LARGEST_GROUP && at <= last.until) {
      last.ids.push(id);
      last.at = at;
    } else {
      const slackMs = Math.min(Math.max(at - now, 0) * SLACK, MOST_SLACK_MS);
      groups.push({ ids: [id], at, until: Math.max(at, now) + slackMs });
    }
  }
  return groups.map(({ ids, at }) => ({ ids, at }));
}
