/** The world as a process of its own: Graph and Teams, with limits, in one log on one clock. */
import { createServer, type RequestListener } from "node:http";
import { monotonicMs } from "./clock.ts";
import { answerGraph } from "./graph.ts";
import { Log } from "./log.ts";
import { NO_CHANGES, planOf, type Plan } from "./plan.ts";
import { answerTeams, type Cards } from "./teams.ts";
import type { Order, Report } from "./world.ts";

const log = new Log();
const cards: Cards = { posted: new Set(), ended: new Set() };
let plan: Plan = NO_CHANGES;
let tenantOf: Int32Array = new Int32Array();
let pause = { tenant: -1, from: Infinity, until: Infinity };
const pausedUntil = (tenant: number, at: number): number =>
  tenant === pause.tenant && at >= pause.from && at < pause.until ? pause.until : 0;

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer({ keepAlive: true, keepAliveTimeout: 65_000 }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", 4_096, resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const [, , graphMs, teamsMs, limitsOfAll] = process.argv;
const graphUrl = await listen(
  answerGraph({
    log,
    plan: () => plan,
    tenantOf: (operation) => tenantOf[operation] ?? 0,
    pausedUntil,
    latencyMs: Number(graphMs),
    limitsOfAll: limitsOfAll === "true",
  }),
);
const teamsUrl = await listen(answerTeams({ log, pausedUntil, latencyMs: Number(teamsMs), cards }));

function report(message: Report): void {
  process.send?.(message);
}

function obey(order: Order): void {
  switch (order.order) {
    case "people":
      tenantOf = order.tenantOf;
      return report({ report: "done" });
    case "begin":
      plan = planOf(order.wish);
      if (order.pause !== null) pause = order.pause;
      return report({ report: "done" });
    case "count":
      return report({ report: "count", posted: cards.posted.size, ended: cards.ended.size });
    case "collect":
      return report({ report: "collected", columns: log.columns(), plan });
  }
}

process.on("message", (order: Order) => obey(order));
process.once("disconnect", () => process.exit(0));
report({ report: "ready", graphUrl, teamsUrl, at: monotonicMs() });
