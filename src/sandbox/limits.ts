import { ownerPathOf } from "./owner-path.ts";

/** Requests in any second. https://learn.microsoft.com/graph/throttling-limits */
const perSecond = { tenant: 30, team: 4, chat: 1 } as const;

/** "A sustained limit of approximately 83 percent of the listed value" is looked at over a longer time. */
const sustainedShare = 0.83;
const sustainedSeconds = 60;

/** Graph's limits for one application in one tenant. */
export interface Limits {
  /** Counts a request; 0 when it may pass, and else after how many seconds the next one may. */
  waitSeconds(segments: readonly string[], arrivedMs: number): number;
}

interface Arrivals {
  waitMs(arrivedMs: number): number;
}

export function createLimits(): Limits {
  const tenant = createArrivals(perSecond.tenant);
  const byOwner = new Map<string, Arrivals>();

  function arrivalsAt(segments: readonly string[]): Arrivals | null {
    const owner = ownerPathOf(segments);
    if (owner?.kind !== "team" && owner?.kind !== "chat") return null;
    const known = byOwner.get(owner.key);
    if (known !== undefined) return known;
    const arrivals = createArrivals(perSecond[owner.kind]);
    byOwner.set(owner.key, arrivals);
    return arrivals;
  }

  return {
    waitSeconds(segments, arrivedMs) {
      // Both count it, whichever refuses: "all requests accrue against your usage limits".
      const waitMs = Math.max(tenant.waitMs(arrivedMs), arrivalsAt(segments)?.waitMs(arrivedMs) ?? 0);
      return waitMs === 0 ? 0 : Math.min(10, Math.max(1, Math.ceil(waitMs / 1_000)));
    },
  };
}

// With the last n arrivals in a ring, more than n of them lie in a window when the n-th last does.
function createArrivals(burst: number): Arrivals {
  const sustained = Math.floor(burst * sustainedShare * sustainedSeconds);
  const ring = new Float64Array(sustained).fill(-Infinity);
  let next = 0;

  const nthLast = (n: number): number => ring[(next - n + sustained) % sustained] ?? -Infinity;
  const freeMs = (): number =>
    Math.max(nthLast(burst) + 1_000, nthLast(sustained) + sustainedSeconds * 1_000);

  return {
    waitMs(arrivedMs) {
      const isRefused = arrivedMs < freeMs();
      ring[next] = arrivedMs;
      next = (next + 1) % sustained;
      return isRefused ? freeMs() - arrivedMs : 0;
    },
  };
}
