import type { EpochMs } from "../core/ids.ts";
import { movedBy, NOT_MOVED, stillMovedMs } from "../core/leaving.ts";
import type { Now, Store } from "./ports.ts";
import type { Group, Placed } from "./request-groups.ts";

export type LineSettings = {
  /** How many operations are claimed at once. */
  readonly claimSize: number;
  /** How many may be asked for in a second, over all tenants and processes. */
  readonly perSecond: number;
  /** No place moves by more. */
  readonly earlyMs: number;
};

/** When this process's requests leave: at their places in the line of all tenants, moved by what was late. */
export type OwnLine = {
  /** Each one's place. The wait in the line is a part of the claim: places move by it together. */
  join(groups: readonly Group[]): Promise<readonly Placed[]>;
  /** Who could not be asked soon is not claimed: a claim that waits keeps others from asking. The next one may be made. */
  isShort(): Promise<void>;
  leaveAt(placed: Placed): EpochMs;
  /** Resolves when it is to leave, or so long before. */
  comeTo(placed: Placed, beforeMs: number): Promise<void>;
  /** It leaves now. */
  left(placed: Placed): void;
};

export function createOwnLine(
  deps: {
    readonly store: Pick<Store, "joinLine">;
    readonly now: Now;
    readonly sleep: (ms: number) => Promise<void>;
  },
  { claimSize, perSecond, earlyMs }: LineSettings,
): OwnLine {
  const { store, now, sleep } = deps;
  /** Until when those of the last claim wait in the line for others. */
  let lineUntil: EpochMs = 0;
  /** By how much places move because of claims that take long, or wait in the line. */
  let moved = NOT_MOVED;
  /** By how much more, because of what left late. */
  let late = NOT_MOVED;

  function leaveAt({ leaveAt: at }: Placed): EpochMs {
    return at + stillMovedMs(late, now());
  }

  return {
    async join(groups) {
      const joinedAt = now();
      const sorted = groups.toSorted((one, other) => one.sendAt - other.sendAt);
      moved = movedBy(moved, joinedAt - (sorted[0]?.sendAt ?? joinedAt), earlyMs, joinedAt);
      const byMs = stillMovedMs(moved, joinedAt);
      const wanted = sorted.map((group) => ({ ...group, sendAt: group.sendAt + byMs }));
      const waiting = wanted.map(({ sendAt, operations }) => ({ at: sendAt, count: operations.length }));
      const places = await store.joinLine(waiting, perSecond, joinedAt);
      const placed = wanted.map((group, index) => ({ ...group, leaveAt: places[index] ?? group.sendAt }));
      const delayed = placed.filter((each) => each.leaveAt > Math.max(each.sendAt, joinedAt));
      lineUntil = Math.max(0, ...delayed.map((each) => each.leaveAt));
      const waitMs = Math.max(0, ...delayed.map((each) => each.leaveAt - each.sendAt));
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
        await sleep(waitMs);
      }
    },
    left(placed) {
      late = movedBy(late, now() - placed.leaveAt, earlyMs, now());
    },
  };
}
