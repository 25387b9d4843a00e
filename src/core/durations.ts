import type { OperationKind } from "./kinds.ts";

/**
 * How long operations of one type took, as counts in buckets that grow by a fifth: small enough for
 * a row in the database, and exact to a tenth.
 */
export type Durations = readonly number[];

/** What operations of a type usually take. */
export type Usual = { readonly count: number; readonly medianMs: number; readonly p95Ms: number };

export const BUCKETS = 80;
/** Graph's longest is 20. */
const MAX_TYPE_LENGTH = 80;
const FIRST_MS = 1_000;
const GROWTH = 1.2;
/** Fewer than these say nothing yet. */
const ENOUGH = 10;

/** The type that durations are learned by. */
export function durationType(kind: OperationKind, operationType: string | null): string {
  return `${kind}/${(operationType ?? "").slice(0, MAX_TYPE_LENGTH)}`;
}

/** The bucket of a duration: 0 is all below a second, each later one a fifth longer; the last is all from two weeks on. */
export function bucketOf(ms: number): number {
  if (!(ms > FIRST_MS)) return 0;
  return Math.min(Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH)), BUCKETS - 1);
}

/** Null while too few are known. */
export function usualOf(durations: Durations): Usual | null {
  const count = durations.reduce((sum, each) => sum + each, 0);
  if (count < ENOUGH) return null;
  return { count, medianMs: quantile(durations, count * 0.5), p95Ms: quantile(durations, count * 0.95) };
}

/** The upper edge of the bucket in which the `rank`-th shortest lies. */
function quantile(durations: Durations, rank: number): number {
  let seen = 0;
  for (const [bucket, each] of durations.entries()) {
    seen += each;
    if (seen >= rank) return Math.round(FIRST_MS * GROWTH ** bucket);
  }
  return Math.round(FIRST_MS * GROWTH ** (BUCKETS - 1));
}
