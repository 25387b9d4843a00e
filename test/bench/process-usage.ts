import { readFileSync } from "node:fs";
import { statOf } from "./compare/processes.ts";

/** What a process has used of a CPU so far, in microseconds; NaN where there is no /proc. */
export function cpuUsOf(pid: number): number {
  return (statOf(pid)?.ownMs ?? NaN) * 1e3;
}

/** What a process holds in memory, in MB; NaN where there is no /proc. */
export function residentMbOf(pid: number): number {
  try {
    const kb = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Math.round(Number(kb) / 1024);
  } catch {
    return NaN;
  }
}
