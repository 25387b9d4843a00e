/** A figure of the report; `cpuUs`: of our own process, per check or request. */
export type Figure = {
  readonly perSecond?: number;
  readonly cpuUs?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly count?: number;
  readonly text?: string;
};

export function heading(text: string): void {
  process.stdout.write(`\n${text}\n${"-".repeat(text.length)}\n`);
}

export function row(what: string, figure: Figure, baseline: Figure | null = null): void {
  const parts = [
    figure.perSecond === undefined ? null : `${Math.round(figure.perSecond).toLocaleString("en-US")}/s`,
    figure.cpuUs === undefined ? null : `${figure.cpuUs.toFixed(0)} µs CPU each`,
    figure.p50Ms === undefined ? null : `p50 ${figure.p50Ms.toFixed(0)} ms`,
    figure.p99Ms === undefined ? null : `p99 ${figure.p99Ms.toFixed(0)} ms`,
    figure.text ?? null,
    figure.count === undefined ? null : `(${figure.count.toLocaleString("en-US")} measured)`,
    baseline?.cpuUs === undefined || figure.cpuUs === undefined
      ? null
      : `= ${(figure.cpuUs / baseline.cpuUs).toFixed(2)} of the bare loop's CPU`,
  ];
  process.stdout.write(`${what.padEnd(44)} ${parts.filter((part) => part !== null).join("  ")}\n`);
}

/** As a row tells of them. */
export function quantilesOf(values: readonly number[]): Pick<Figure, "p50Ms" | "p99Ms" | "count"> {
  return { p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99), count: values.length };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * q));
  return sorted[index] ?? Number.NaN;
}
