/**
 * The bot of the simulated week: as `src/main.ts` runs it, with an interval that no configuration
 * allows and with housekeeping that is hastened with it.
 */
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";

const config = readConfig(process.env);
const checkIntervalMs = Number(process.env["WEEK_INTERVAL_MS"]);
const sweepEveryMs = Number(process.env["WEEK_SWEEP_MS"]);
await using app = await startApp({ ...config, checkIntervalMs }, createLog(config.logLevel));
const parent = process.ppid;
const timer = setInterval(() => {
  // Whoever measured it was killed.
  if (process.ppid !== parent) process.exit(1);
  void app.sweep();
}, sweepEveryMs);
await new Promise((resolve) => {
  process.once("SIGTERM", resolve);
});
clearInterval(timer);
