import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { onLoopback } from "../support/on-loopback.ts";

/**
 * The bot as it runs for organizations, but that its Bot Framework, its Teams and its Graph are on
 * loopback: BENCH_OPEN_ID, BENCH_TEAMS, BENCH_GRAPH.
 */
const [openId = "", teams = "", graph = ""] = ["BENCH_OPEN_ID", "BENCH_TEAMS", "BENCH_GRAPH"].map(
  (name) => process.env[name],
);
const config = readConfig(process.env);
const tokens = { token: () => Promise.resolve("a token"), discard: () => undefined };
await startApp({ ...config, graph: { ...config.graph, origin: graph } }, createLog("info"), {
  botCloud: onLoopback(BOT_CLOUDS.global, openId, teams),
  botTokens: tokens,
  graphTokens: tokens,
});
