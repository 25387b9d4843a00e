/**
 * `npm run bench`: every number from one run, on one machine, against the same sandbox, which runs
 * in a process of its own. Rates are medians of slices; these machines are shared, so compare the
 * ratios, not single numbers. `compare`, `scaling` and `week` are by
 * themselves: they take long; `compare` is made in pieces, from which `report` writes docs/benchmark.
 */
import { measureBareFetch } from "./bare-fetch.ts";
import { measureApi } from "./api-rate.ts";
import { compare, DOCS } from "./compare/command.ts";
import { writeReport } from "./compare/write-report.ts";
import { measureChecks } from "./check-rate.ts";
import { measureCommands } from "./commands-rate.ts";
import { measureCore } from "./core-speed.ts";
import { measureDeliveries } from "./delivery-latency.ts";
import { measureFootprint } from "./footprint.ts";
import { databaseHomes, type Home } from "./homes.ts";
import { measureOverload } from "./overload.ts";
import { heading, row } from "./report.ts";
import { measureScaling } from "./scaling.ts";
import { measureWeek } from "./week.ts";
import { startWorld } from "./world.ts";

const BY_THEMSELVES: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = {
  compare,
  report: () => writeReport(DOCS),
  scaling: measureScaling,
  week: measureWeek,
};

const [part = "", ...options] = process.argv.slice(2);
const alone = BY_THEMSELVES[part];
if (alone !== undefined) {
  await alone(options);
  process.exit(0);
}

const PARTS = ["core", "checks", "latency", "api", "commands", "overload", "footprint"];
const only = new Set(process.argv.slice(2));
if ([...only].some((name) => !PARTS.includes(name))) {
  process.stderr.write(
    `The parts are ${PARTS.join(", ")}; and by themselves ${Object.keys(BY_THEMSELVES).join(", ")}.\n`,
  );
  process.exit(1);
}
const wants = (name: string): boolean => only.size === 0 || only.has(name);

await using world = await startWorld();
const homes = await databaseHomes();

if (wants("core")) {
  heading("Reading and deciding, without any input or output");
  for (const line of await measureCore()) row(line.what, line);
}
if (wants("checks")) {
  heading("Checks per second, and CPU of our process per check");
  const bare = await measureBareFetch(world);
  row("bare fetch loop, nothing durable", bare);
  for (const home of homes) {
    const rate = await measureChecks(world, home);
    row(`durable cycle on ${home.name}`, rate, bare);
  }
}
for (const [name, title, measure] of [
  ["latency", "Latency", measureDeliveries],
  ["api", "The API", measureApi],
  ["commands", "Commands", async (home: Home) => [await measureCommands(home)]],
  ["overload", "More than can be done", measureOverload],
  ["footprint", "Start and memory", (home: Home) => measureFootprint(world, home)],
] as const) {
  if (!wants(name)) continue;
  for (const home of homes) {
    heading(`${title} on ${home.name}`);
    for (const line of await measure(home)) row(line.what, line);
  }
}
process.exit(0);
