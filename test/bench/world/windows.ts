/** At most so many requests in any stretch of so many milliseconds. */
export type Window = { readonly ms: number; readonly most: number };

/** One application in one tenant, and 83 % of it in the long run: https://learn.microsoft.com/graph/throttling-limits */
export const GRAPH_IN_TENANT: readonly Window[] = [
  { ms: 1_000, most: 30 },
  { ms: 60_000, most: 1_494 },
];
/** The same application over all tenants. */
export const GRAPH_IN_ALL: readonly Window[] = [
  { ms: 1_000, most: 1_500 },
  { ms: 60_000, most: 74_700 },
];
/** One bot in one conversation: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
export const TEAMS_IN_CONVERSATION: readonly Window[] = [
  { ms: 1_000, most: 7 },
  { ms: 2_000, most: 8 },
  { ms: 30_000, most: 60 },
  { ms: 3_600_000, most: 1_800 },
];
export const TEAMS_IN_TENANT: readonly Window[] = [{ ms: 1_000, most: 50 }];

/** Counts requests against all of some windows. */
export class Windows {
  readonly #windows: readonly Window[];
  readonly #longest: number;
  #times: number[] = [];

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
    this.#longest = Math.max(0, ...windows.map(({ most }) => most));
  }

  /** How long until one more is allowed; 0: it is. */
  waitMs(at: number): number {
    const times = this.#times;
    let free = at;
    for (const { ms, most } of this.#windows) {
      const nthLast = times[times.length - most];
      if (nthLast !== undefined) free = Math.max(free, nthLast + ms);
    }
    return free - at;
  }

  count(at: number): void {
    if (this.#longest === 0) return;
    this.#times.push(at);
    if (this.#times.length > 2 * this.#longest) this.#times = this.#times.slice(-this.#longest);
  }
}
