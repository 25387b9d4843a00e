import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// vitest's workers are not started with the flag.
setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

function heldBytes(): number {
  if (typeof collect !== "function") throw new Error("Garbage can't be collected on demand.");
  for (let n = 0; n < 3; n += 1) Reflect.apply(collect, undefined, []);
  return process.memoryUsage().heapUsed;
}

/** How many bytes more are held after some work than before it, once what is garbage is gone. */
export async function heapGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = heldBytes();
  await work();
  // What only waits for its turn to end is none of what stays.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return heldBytes() - before;
}
