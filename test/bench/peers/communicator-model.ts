/**
 * A model of Company Communicator's published sender, around the same polling as `json-file`: a queue
 * with 30 sends in flight (`maxConcurrentCalls`), five tries with growing waits for each, and after a
 * 429 that stays the whole application sends nothing for 660 - 15 seconds (SendFunction.cs,
 * NotificationService.cs, MessageService.cs at dcf3b16). Service Bus and Table Storage are a queue in
 * memory and a JSON file here; what was queued is found again in the file.
 */
import { randomUUID } from "node:crypto";
import { isEnd, sleep } from "./ask-graph.ts";
import { startBot, type Bot } from "./bot.ts";
import { openFileStore } from "./file-store.ts";
import { follow, type Watch } from "./watcher.ts";

const IN_FLIGHT = 30;
const TRIES = 5;
const PAUSE_MS = (660 - 15) * 1_000;

const store = await openFileStore();
let pausedUntil = 0;
let inFlight = 0;
const waiting: (() => void)[] = [];

/** Takes one of the 30 places, and never while the application pauses. */
async function send<T>(write: () => Promise<T>): Promise<T> {
  for (;;) {
    while (performance.now() < pausedUntil) await sleep(pausedUntil - performance.now());
    if (inFlight >= IN_FLIGHT) await new Promise<void>((resolve) => waiting.push(resolve));
    else if (performance.now() >= pausedUntil) break;
  }
  inFlight += 1;
  try {
    return await tried(write);
  } catch (error) {
    if (!isThrottled(error)) throw error;
    pausedUntil = performance.now() + PAUSE_MS;
  } finally {
    inFlight -= 1;
    waiting.shift()?.();
  }
  // Queued anew, for when the pause is over.
  return send(write);
}

async function tried<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt === TRIES) throw error;
      await sleep(1_000 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

function isThrottled(error: unknown): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, "statusCode") === 429;
}

function go(bot: Bot, key: string, watch: Watch): void {
  follow(watch, async (of, status) => {
    await send(async () => {
      await bot.edit(of.place, of.message, of.location, status);
      return true;
    });
    of.shown = status;
    await (isEnd(status) ? store.remove(key) : store.save(key, of));
  });
}

const started = await startBot((bot, place, locations) => {
  for (const location of locations) {
    void begin(bot, randomUUID(), { location, place, message: "", shown: "notStarted" });
  }
  return Promise.resolve();
}, "none");

async function begin(bot: Bot, key: string, watch: Watch): Promise<void> {
  try {
    await store.save(key, watch);
    watch.message = await send(() => bot.post(watch.place, watch.location, watch.shown));
    await store.save(key, watch);
    go(bot, key, watch);
  } catch (error) {
    process.stderr.write(`post: ${String(error)}\n`);
  }
}

for (const [key, watch] of store.watches) {
  if (watch.message === "") void begin(started, key, watch);
  else go(started, key, watch);
}
