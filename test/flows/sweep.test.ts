import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { Store } from "../../src/flows/ports.ts";
import { startSweeper } from "../../src/flows/sweep.ts";

type SweepResult = Awaited<ReturnType<Store["sweep"]>>;

const NOTHING: SweepResult = { expired: 0, rearmedChecks: 0, rearmedDeliveries: 0, rearmedCallbacks: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function aSweeper(sweep: (now: number) => Promise<SweepResult>) {
  const events: LogEvent[] = [];
  const seen = { sweeps: 0, tidied: 0, housekeepings: 0 };
  const store: Pick<Store, "sweep"> = {
    sweep: (now) => {
      seen.sweeps += 1;
      return sweep(now);
    },
  };
  const sweeper = startSweeper({
    // @ts-expect-error: a sweeper needs no more of the store
    store,
    now: () => 7,
    log: (event) => events.push(event),
    often: [
      () => {
        seen.tidied += 1;
        return Promise.resolve();
      },
    ],
    housekeep: [
      () => Promise.reject(new Error("One task fails")),
      () => {
        seen.housekeepings += 1;
        return Promise.resolve();
      },
    ],
  });
  return { sweeper, events, seen };
}

test("it sweeps and tidies every five seconds, and keeps house every minute", async () => {
  const { sweeper, seen, events } = aSweeper(() => Promise.resolve(NOTHING));
  await vi.advanceTimersByTimeAsync(60_000);
  // One task that fails keeps the next from nothing.
  expect(seen).toEqual({ sweeps: 12, tidied: 12, housekeepings: 1 });
  expect(events).toEqual([{ event: "sweep.failed", error: "Error: One task fails" }]);
  await sweeper[Symbol.asyncDispose]();
});

test("what it found is logged", async () => {
  const found = { expired: 1, rearmedChecks: 2, rearmedDeliveries: 3, rearmedCallbacks: 4 };
  const { sweeper, events } = aSweeper(() => Promise.resolve(found));
  await sweeper.run();
  expect(events).toEqual([{ event: "sweep", ...found }]);
  await sweeper[Symbol.asyncDispose]();
});

test("a sweep that fails is logged, and the next one comes all the same", async () => {
  let sweeps = 0;
  const { sweeper, events, seen } = aSweeper(() =>
    (sweeps += 1) === 1 ? Promise.reject(new Error("database away")) : Promise.resolve(NOTHING),
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events).toEqual([{ event: "sweep.failed", error: "Error: database away" }]);
  expect(seen.sweeps).toBe(2);
  await sweeper[Symbol.asyncDispose]();
});

test("one at a time; closing waits for the one that runs, and then none comes any more", async () => {
  const { promise: slow, resolve: finish } = Promise.withResolvers<SweepResult>();
  const { sweeper, seen } = aSweeper(() => slow);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(seen.sweeps).toBe(1);
  let isClosed = false;
  const closed = Promise.resolve(sweeper[Symbol.asyncDispose]()).then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isClosed).toBe(false);
  finish(NOTHING);
  await closed;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen.sweeps).toBe(1);
});

test("while one sweep hangs, those that come due do not pile up", async () => {
  const { promise: slow, resolve: finish } = Promise.withResolvers<SweepResult>();
  const { sweeper, seen } = aSweeper(() => slow);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  finish(NOTHING);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.sweeps).toBeLessThanOrEqual(2);
  await sweeper[Symbol.asyncDispose]();
});
