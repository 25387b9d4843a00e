/**
 * A process for each waiter, as with `m365 … --wait` in a terminal or a pipeline: a bot that starts one
 * for each operation. Each asks and tells by itself, and shares nothing with the others.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startBot } from "./bot.ts";

const WAITER = fileURLToPath(new URL("./waiter.ts", import.meta.url));

await startBot((_bot, place, locations) => {
  for (const location of locations) {
    spawn(process.execPath, [WAITER, location, place.serviceUrl ?? "", place.conversation?.id ?? ""], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return Promise.resolve();
});
