import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { chartOf } from "./chart.ts";
import { readResults, type Result } from "./result.ts";
import { tablesOf } from "./tables.ts";

const BEGIN = "<!-- measured: written by `npm run bench -- report` -->";
const END = "<!-- /measured -->";

/** Makes the chart, and the tables in the page, from what was measured. */
export async function writeReport(folder: string): Promise<void> {
  const results = await readResults(join(folder, "raw"));
  await writeFile(join(folder, "chart.svg"), chartOf(results));
  const path = join(folder, "README.md");
  const page = await readFile(path, "utf8");
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${path} has no place for the tables.`);
  const measured = [BEGIN, "", conditionsOf(results), "", tablesOf(results), "", ""].join("\n");
  const options = await resolveConfig(path);
  const written = page.slice(0, before) + measured + page.slice(after);
  await writeFile(path, await format(written, { ...options, parser: "markdown" }));
}

function conditionsOf(results: readonly Result[]): string {
  const unique = (of: (result: Result) => string): string => [...new Set(results.map(of))].join("; ");
  const days = results.map(({ startedAt }) => startedAt.slice(0, 10)).toSorted();
  const versions = unique(({ machine }) =>
    Object.entries(machine.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
  return [
    `- Machine: ${unique(({ machine }) => `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB`)}; world, subject, database and Redis share it.`,
    `- Versions: ${versions}.`,
    `- Interval: ${unique(({ intervalSeconds }) => `${intervalSeconds} s`)}. Answers take ${unique(({ latency }) => `${latency.graphMs} ms (Graph) and ${latency.teamsMs} ms (Teams)`)}. Seed: ${unique(({ seed }) => String(seed))}.`,
    `- Measured: ${days[0] ?? "never"} to ${days.at(-1) ?? "never"}; ${results.length} runs.`,
  ].join("\n");
}
