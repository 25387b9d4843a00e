/**
 * `npm run bench`: every number from one run, on one machine, against the same sandbox, which runs
 * in a process of its own. Rates are medians of slices; these machines are shared, so compare the
 * ratios, not single numbers.
 */
import { measureBareFetch } from "./bare-fetch.ts";
import { measureApi } from "./api-rate.ts";
import { measureChecks } from "./check-rate.ts";
import { measureCore } from "./core-speed.ts";
import { measureDeliveries } from "./delivery-latency.ts";
import { measureFootprint } from "./footprint.ts";
import { databaseHomes } from "./homes.ts";
import { heading, row } from "./report.ts";
import { startWorld } from "./world.ts";

const only = new Set(process.argv.slice(2));
const wants = (part: string): boolean => only.size === 0 || only.has(part);

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
if (wants("latency")) {
  for (const home of homes) {
    heading(`Latency on ${home.name}`);
    for (const line of await measureDeliveries(home)) row(line.what, line);
  }
}
if (wants("api")) {
  for (const home of homes) {
    heading(`The API on ${home.name}`);
    for (const line of await measureApi(home)) row(line.what, line);
  }
}
if (wants("footprint")) {
  for (const home of homes) {
    heading(`Start and memory on ${home.name}`);
    for (const line of await measureFootprint(world, home)) row(line.what, line);
  }
}
process.exit(0);
