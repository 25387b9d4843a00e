/** The better bot with its watches in a JSON file, from which it goes on after a restart. */
import { randomUUID } from "node:crypto";
import { isEnd } from "./ask-graph.ts";
import { startBot, type Bot } from "./bot.ts";
import { openFileStore } from "./file-store.ts";
import { posted } from "./posted.ts";
import { follow, type Watch } from "./watcher.ts";

const store = await openFileStore();

function go(bot: Bot, key: string, watch: Watch): void {
  follow(watch, async (of, status) => {
    await bot.edit(of.place, of.message, of.location, status);
    of.shown = status;
    await (isEnd(status) ? store.remove(key) : store.save(key, of));
  });
}

const started = await startBot(async (bot, place, locations) => {
  for (const location of locations) {
    const watch = { location, place, message: "", shown: "notStarted" };
    watch.message = await posted(() => bot.post(place, location, watch.shown));
    const key = randomUUID();
    await store.save(key, watch);
    go(bot, key, watch);
  }
});
for (const [key, watch] of store.watches) go(started, key, watch);
