import { describeFault, type Log } from "./log-event.ts";
import type { Now, Store } from "./ports.ts";

export type Sweeper = AsyncDisposable & { run(): Promise<void> };

const EVERY_MS = 5_000;
/** Housekeeping comes with every twelfth sweep: once a minute. */
const HOUSEKEEPING_EVERY = 12;

/** Looks at regular times for what has no alarm any more, whatever the reason. */
export function startSweeper(deps: {
  readonly store: Store;
  readonly now: Now;
  readonly log: Log;
  /** With every sweep; this and what follows is done one after the other, and what fails keeps the others from nothing. */
  readonly often: readonly (() => Promise<void>)[];
  /** Once a minute. */
  readonly housekeep: readonly (() => Promise<void>)[];
}): Sweeper {
  const { store, now, log, often, housekeep } = deps;
  let count = 0;
  let running: Promise<void> | null = null;

  async function sweep(): Promise<void> {
    count += 1;
    try {
      const result = await store.sweep(now());
      const { expired, rearmedChecks, rearmedDeliveries, rearmedCallbacks } = result;
      if (expired + rearmedChecks + rearmedDeliveries + rearmedCallbacks > 0) {
        log({ event: "sweep", ...result });
      }
    } catch (error) {
      log({ event: "sweep.failed", error: describeFault(error) });
    }
    for (const task of [...often, ...(count % HOUSEKEEPING_EVERY === 0 ? housekeep : [])]) {
      await task().catch((error: unknown) => log({ event: "sweep.failed", error: describeFault(error) }));
    }
  }

  // A sweep that hangs is waited for, and not followed by all those that it kept waiting.
  const run = (): Promise<void> => {
    running ??= sweep().finally(() => {
      running = null;
    });
    return running;
  };
  const timer = setInterval(() => void run(), EVERY_MS);
  return {
    run,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
