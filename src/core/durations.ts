import type { OperationKind } from "./kinds.ts";

/** An operation between two answers, the earlier of which saw it running: its age at both. */
export type Life = {
  /** See `durationType`. */
  readonly type: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the later answer saw that it had succeeded. */
  readonly succeeded: boolean;
};

/**
 * How long operations of one type took, as counts in buckets that grow by a fifth: small enough for
 * a row in the database, and exact to a tenth. `succeeded` in a bucket, and seen to have `entered` it, those included:
 * who is in it still may well end in it.
 */
export type LifeTable = { readonly succeeded: number[]; readonly entered: number[] };

/** What operations of a type usually take: the 95th percentile is null while not so many have ended. */
export type Usual = { readonly count: number; readonly medianMs: number; readonly p95Ms: number | null };

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

export function emptyLifeTable(): LifeTable {
  return { succeeded: Array<number>(BUCKETS).fill(0), entered: Array<number>(BUCKETS).fill(0) };
}

/** Adds a life to the table of its type. */
export function countLife(tables: Map<string, LifeTable>, { type, fromMs, toMs, succeeded }: Life): void {
  const last = bucketOf(toMs);
  const first = bucketOf(fromMs);
  if (first >= last && !succeeded) return;
  const table = tables.get(type) ?? emptyLifeTable();
  tables.set(type, table);
  // Everything begins in the first one; of those that are seen later it is not known when they entered theirs.
  if (first === 0) add(table.entered, 0);
  for (let bucket = first + 1; bucket <= last; bucket += 1) add(table.entered, bucket);
  if (succeeded) add(table.succeeded, last);
}

function add(counts: number[], bucket: number): void {
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}

/** Null while too few are known, or while most still run. */
export function usualOf(table: LifeTable): Usual | null {
  const count = table.succeeded.reduce((sum, each) => sum + each, 0);
  if (count < ENOUGH) return null;
  const medianMs = quantile(table, 0.5);
  return medianMs === null ? null : { count, medianMs, p95Ms: quantile(table, 0.95) };
}

/** What an operation was told to take usually stays, unless more is known now. */
export function clearerOf(told: Usual | null, known: Usual | null): Usual | null {
  if (told === null) return known;
  return told.p95Ms === null && known !== null && known.p95Ms !== null ? known : told;
}

/** Rounding must not keep the last of a hundred from being one in a hundred. */
const EPSILON = 1e-9;

/**
 * The upper edge of the bucket by which this share has ended, null if they run longer than anybody
 * saw. Who still runs, failed or was stopped counts for as long as it was seen to (the estimator of
 * Kaplan and Meier, https://doi.org/10.1080/01621459.1958.10501452): of many that begin together, the
 * quickest end first, and would make all others slow.
 */
function quantile({ succeeded, entered }: LifeTable, share: number): number | null {
  let running = 1;
  for (const [bucket, ended] of succeeded.entries()) {
    if (ended === 0) continue;
    running *= 1 - ended / Math.max(entered[bucket] ?? 0, ended);
    if (running <= 1 - share + EPSILON) return Math.round(FIRST_MS * GROWTH ** bucket);
  }
  return null;
}
