import { PHASE } from "./log.ts";

/** When each operation changes, on the world's clock; Infinity: never. */
export type Plan = {
  /** From waiting to running. */
  readonly runsAt: Float64Array;
  readonly endsAt: Float64Array;
  readonly end: Uint8Array;
};

export const NO_CHANGES: Plan = {
  runsAt: new Float64Array(),
  endsAt: new Float64Array(),
  end: new Uint8Array(),
};

export type Wish = {
  readonly operations: number;
  /** How many begin to run, and how many others end. */
  readonly changes: number;
  readonly ends: number;
  readonly from: number;
  readonly to: number;
  readonly seed: number;
};

/** A share of the operations change at random moments between `from` and `to`. */
export function planOf({ operations, changes, ends, from, to, seed }: Wish): Plan {
  const random = randomOf(seed);
  const plan: Plan = {
    runsAt: new Float64Array(operations).fill(Infinity),
    endsAt: new Float64Array(operations).fill(Infinity),
    end: new Uint8Array(operations),
  };
  const order = shuffled(operations, random);
  for (const [index, operation] of order.entries()) {
    const at = from + random() * (to - from);
    if (index < ends) {
      plan.endsAt[operation] = at;
      plan.end[operation] = random() < 0.8 ? PHASE.succeeded : PHASE.failed;
    } else if (index < ends + changes) {
      plan.runsAt[operation] = at;
    }
  }
  return plan;
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [a = 0, b = 0] = [order[i], order[j]];
    order[i] = b;
    order[j] = a;
  }
  return order;
}
