const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The machine's monotonic clock, which is one for all processes of a run. */
export function monotonicMs(): number {
  return OFFSET_MS + performance.now();
}
