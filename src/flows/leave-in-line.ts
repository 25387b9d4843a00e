import type { EpochMs } from "../core/ids.ts";
import { hasMissed, movedBy, NOT_MOVED, stillMovedMs } from "../core/leaving.ts";
import type { Now, Store } from "./ports.ts";
import type { Group, Placed } from "./request-groups.ts";

export type LineSettings = {
  /** How many operations are claimed at once. */
  readonly claimSize: number;
  /** How many may be asked for in a second, over all tenants and processes. */
  readonly perSecond: number;
  /** How long before its place an operation may be claimed. Slow claims move places by no more than that. */
  readonly earlyMs: number;
  /** How late a place may still be used. What leaves late moves others by no more than twice that. */
  readonly lateMs: number;
};

/** While one waits for its place, places move back: looked at again after that, it is hardly too late. */
const LOOK_AGAIN_MS = 500;

/** When this process's requests leave: at their places in the line of all tenants, moved by what was late. */
export type OwnLine = {
  /** Each one's place. The wait in the line is a part of the claim: places move by it together. */
  join(groups: readonly Group[]): Promise<readonly Placed[]>;
  /** Who could not be asked soon is not claimed: a claim that waits keeps others from asking. The next one may be made. */
  isShort(): Promise<void>;
  leaveAt(placed: Placed): EpochMs;
  /** Resolves when it is to leave, or so long before. */
  comeTo(placed: Placed, beforeMs: number): Promise<void>;
  /** Whether it is too late for it to leave. */
  isMissed(placed: Placed): boolean;
  /** It leaves now. */
  left(placed: Placed): void;
};

export function createOwnLine(
  deps: {
    readonly store: Pick<Store, "joinLine">;
    readonly now: Now;
    readonly sleep: (ms: number) => Promise<void>;
  },
  { claimSize, perSecond, earlyMs, lateMs }: LineSettings,
): OwnLine {
  const { store, now, sleep } = deps;
  const mostLateMs = 2 * lateMs;
  /** Where the line ended when this process joined it last. */
  let lineUntil: EpochMs = 0;
  /** By how much places move because of claims that take long, or wait in the line. */
  let moved = NOT_MOVED;
  /** By how much more, because of what left late. Not by much: who is always late is so evenly. */
  let late = NOT_MOVED;
  /** How long it took to join the line the last time. */
  let joiningMs = 0;

  function leaveAt({ leaveAt: at }: Placed): EpochMs {
    return Math.round(at + stillMovedMs(late, now()));
  }

  return {
    async join(groups) {
      const startedAt = now();
      const joinedAt = startedAt + joiningMs;
      const sorted = groups.toSorted((one, other) => one.sendAt - other.sendAt);
      moved = movedBy(moved, joinedAt - (sorted[0]?.sendAt ?? joinedAt), earlyMs, startedAt);
      const byMs = Math.round(stillMovedMs(moved, startedAt));
      const wanted = sorted.map((group) => ({ ...group, sendAt: group.sendAt + byMs }));
      const waiting = wanted.map(({ sendAt, operations }) => ({ at: sendAt, count: operations.length }));
      const places = await store.joinLine(waiting, perSecond, joinedAt);
      joiningMs = Math.min(now() - startedAt, earlyMs);
      const placed = wanted.map((group, index) => ({ ...group, leaveAt: places[index] ?? group.sendAt }));
      const waitMs = Math.max(0, ...placed.map((each) => each.leaveAt - Math.max(each.sendAt, joinedAt)));
      lineUntil = joinedAt + waitMs;
      moved = movedBy(moved, byMs + waitMs, earlyMs, now());
      return placed;
    },
    async isShort() {
      const waitMs = lineUntil - now() - (claimSize * 1_000) / perSecond;
      if (waitMs > 0) await sleep(waitMs);
    },
    leaveAt,
    async comeTo(placed, beforeMs) {
      for (;;) {
        // Looked at again after each wait: it may have moved.
        const waitMs = leaveAt(placed) - beforeMs - now();
        if (waitMs <= 0) return;
        await sleep(Math.min(waitMs, LOOK_AGAIN_MS));
      }
    },
    isMissed(placed) {
      return hasMissed({ place: placed.leaveAt, movedTo: leaveAt(placed) }, lateMs, mostLateMs, now());
    },
    left(placed) {
      late = movedBy(late, now() - placed.leaveAt, mostLateMs, now());
    },
  };
}
