/**
 * The bot people write first: one `setInterval` for each operation, everything in memory, nothing
 * tried again but what botbuilder does by itself. What was tracked together is asked together.
 */
import { askGraph, INTERVAL_MS, isEnd } from "./ask-graph.ts";
import { startBot } from "./bot.ts";

await startBot(async (bot, place, locations) => {
  for (const location of locations) {
    const first = await askGraph(location);
    let shown = first.kind === "status" ? first.status : "notStarted";
    const message = await bot.post(place, location, shown);
    if (isEnd(shown)) continue;

    const check = async (): Promise<void> => {
      const answer = await askGraph(location);
      if (answer.kind === "refused" || answer.status === shown) return;
      shown = answer.status;
      if (isEnd(shown)) clearInterval(timer);
      await bot.edit(place, message, location, shown);
    };
    const timer = setInterval(() => {
      check().catch((error: unknown) => process.stderr.write(`check: ${String(error)}\n`));
    }, INTERVAL_MS);
  }
});
