/** Chance that a seed repeats: the same seed gives the same numbers, on every machine. */
export class Random {
  #state: number;

  /** @param index the case's own number: every case can be made again without those before it. */
  constructor(seed: number, index = 0) {
    this.#state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
    this.below(2);
  }

  /** A whole number from 0 to less than `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  /** One time in `count`. */
  isOneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

/** A list that is known not to be empty. */
export function some<T>(list: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error("The list is empty.");
  return [first, ...rest];
}

/** What a check found wrong with one input. */
export type Violation = { readonly what: string; readonly input: string };
