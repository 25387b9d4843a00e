import { now } from "./clock.ts";
import type { Entry } from "./log.ts";

const TICK_MS = 20;
const LAG_MS = 75;

/** Notes when this process stood still: then the others on this machine may have, too. */
export function watchLag(log: (entry: Entry) => void): Disposable {
  let lastTick = now();
  const timer = setInterval(() => {
    const at = now();
    const ms = at - lastTick - TICK_MS;
    lastTick = at;
    if (ms > LAG_MS) log({ kind: "lag", at, ms: Math.round(ms) });
  }, TICK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
