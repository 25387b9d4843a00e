import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome } from "./run.ts";
import type { Scenario } from "./scenarios.ts";

/** What is kept of a run. */
export type Result = {
  readonly subject: string;
  readonly scenario: Scenario;
  readonly startedAt: string;
  readonly intervalSeconds: number;
  readonly seed: number;
  readonly latency: { readonly graphMs: number; readonly teamsMs: number };
  readonly machine: Machine;
  readonly outcome: Outcome;
};

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly versions: Readonly<Record<string, string>>;
};

export async function readResults(folder: string): Promise<readonly Result[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const results: Result[] = [];
  for (const name of names.toSorted()) {
    const read: unknown = JSON.parse(await readFile(join(folder, name), "utf8"));
    if (isResult(read)) results.push(read);
  }
  return results;
}

/** Written by nobody but us. */
function isResult(read: unknown): read is Result {
  return typeof read === "object" && read !== null && "subject" in read && "outcome" in read;
}
