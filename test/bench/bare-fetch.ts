import { median, type Figure } from "./report.ts";
import type { World } from "./world.ts";

const SLICES = 5;
const SLICE_MS = 2_000;
const CONCURRENCY = 64;

/** What most people write: one `fetch` for each operation, its JSON read, nothing kept. */
export async function measureBareFetch(world: World): Promise<Figure> {
  const locations = await world.operations(1_000);
  const urls = locations.map((location) => `${world.graphUrl}/v1.0${location}`);
  await slice(urls, 500);
  const rates: number[] = [];
  const cpus: number[] = [];
  for (let i = 0; i < SLICES; i += 1) {
    const { done, ms, cpuUs } = await slice(urls, SLICE_MS);
    rates.push((done / ms) * 1000);
    cpus.push(cpuUs / done);
  }
  return { perSecond: median(rates), cpuUs: median(cpus) };
}

async function slice(
  urls: readonly string[],
  ms: number,
): Promise<{ done: number; ms: number; cpuUs: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let done = 0;
  let next = 0;
  async function loop(): Promise<void> {
    while (performance.now() - start < ms) {
      const url = urls[next % urls.length] ?? "";
      next += 1;
      const body: unknown = await (await fetch(url)).json();
      if (typeof body === "object" && body !== null && "status" in body) done += 1;
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  const used = process.cpuUsage(cpu);
  return { done, ms: performance.now() - start, cpuUs: used.user + used.system };
}
