/** Milliseconds on one clock for all processes of this machine; no step of the system's time moves it. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
