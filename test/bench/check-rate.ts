import { startEngine } from "./engine.ts";
import type { Home } from "./homes.ts";
import { median, type Figure } from "./report.ts";
import type { World } from "./world.ts";

const OPERATIONS = 5_000;
const SLICES = 5;
const SLICE_MS = 3_000;

/** The durable cycle: alarm, claim, $batch, decision, saved with the next alarm. */
export async function measureChecks(world: World, home: Home): Promise<Figure> {
  await using engine = await startEngine(world, home, OPERATIONS);
  await pass(2_000);
  const rates: number[] = [];
  const cpus: number[] = [];
  for (let i = 0; i < SLICES; i += 1) {
    const before = engine.checked();
    const cpu = process.cpuUsage();
    const start = performance.now();
    await pass(SLICE_MS);
    const ms = performance.now() - start;
    const done = engine.checked() - before;
    const used = process.cpuUsage(cpu);
    rates.push((done / ms) * 1000);
    cpus.push((used.user + used.system) / done);
  }
  return { perSecond: median(rates), cpuUs: median(cpus) };
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
