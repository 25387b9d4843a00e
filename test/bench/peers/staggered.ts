/** The better bot that people write: in memory, staggered, with retries. */
import { startBot } from "./bot.ts";
import { posted } from "./posted.ts";
import { follow } from "./watcher.ts";

await startBot(async (bot, place, locations) => {
  for (const location of locations) {
    const watch = { location, place, message: "", shown: "notStarted" };
    watch.message = await posted(() => bot.post(place, location, watch.shown));
    follow(watch, async (of, status) => {
      await bot.edit(of.place, of.message, of.location, status);
      of.shown = status;
    });
  }
});
