import type { EpochMs } from "../core/ids.ts";
import type { Now } from "./ports.ts";

/** A turn in its tenant's line that is so near is waited for; alarms are looked for twice a second. */
const NEAR_MS = 500;
/** Who comes at a turn and finds the tenant's budget spent by answers asks again no sooner. */
const LEAST_WAIT_MS = 50;

/** Those of a process that hold their conversation while they wait for their turn. */
export class NearTurns {
  readonly #now: Now;
  readonly #sleep: (ms: number) => Promise<unknown>;
  #free: number;

  /** @param most so many may wait; the others leave the room to those that can write. */
  constructor(now: Now, sleep: (ms: number) => Promise<unknown>, most: number) {
    this.#now = now;
    this.#sleep = sleep;
    this.#free = most;
  }

  /** True when the turn has come; false at once where it is too far away, too many wait, or the process ends. */
  async reach(turnAt: EpochMs): Promise<boolean> {
    const waitMs = turnAt - this.#now();
    if (waitMs > NEAR_MS || this.#free <= 0) return false;
    this.#free -= 1;
    try {
      await this.#sleep(Math.max(waitMs, LEAST_WAIT_MS));
    } finally {
      this.#free += 1;
    }
    return true;
  }

  /** Who waits goes on when its turn comes, and nobody waits any more. */
  stop(): void {
    this.#free = Number.NEGATIVE_INFINITY;
  }
}
