import { askGraph, INTERVAL_MS, isEnd, sleep } from "./ask-graph.ts";
import type { Place } from "./bot.ts";

/** What a watch is, in memory or in a file. */
export type Watch = {
  readonly location: string;
  readonly place: Place;
  message: string;
  /** What the card shows. */
  shown: string;
};

/**
 * The better bot in memory: looks for the first time at a random moment of the first interval, so that
 * what was tracked together is not asked together, waits out `Retry-After`, and shows a change until
 * it is shown.
 */
export function follow(watch: Watch, show: (watch: Watch, status: string) => Promise<void>): void {
  void run(watch, show);
}

async function run(watch: Watch, show: (watch: Watch, status: string) => Promise<void>): Promise<void> {
  let due = performance.now() + Math.random() * INTERVAL_MS;
  while (!isEnd(watch.shown)) {
    await sleep(due - performance.now());
    due = performance.now() + INTERVAL_MS;
    try {
      const answer = await askGraph(watch.location);
      if (answer.kind === "refused") due = performance.now() + Math.max(answer.retryAfterMs, INTERVAL_MS);
      else if (answer.status !== watch.shown) await shown(watch, answer.status, show);
    } catch (error) {
      process.stderr.write(`check: ${String(error)}\n`);
    }
  }
}

/** botbuilder has tried some times already; a card that Teams did not take is tried again, more and more slowly. */
async function shown(
  watch: Watch,
  status: string,
  show: (watch: Watch, status: string) => Promise<void>,
): Promise<void> {
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, 60_000)) {
    try {
      await show(watch, status);
      return;
    } catch (error) {
      process.stderr.write(`show: ${String(error)}\n`);
    }
    await sleep(waitMs);
  }
}
