import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { aChannelIssuer, APP } from "../support/an-issuer.ts";
import { environmentOf } from "../support/environment-of.ts";
import { startFakeTeams } from "../support/fake-teams.ts";
import type { Home } from "./homes.ts";
import { createPoster } from "./post.ts";
import { cpuUsOf } from "./process-usage.ts";
import { quantilesOf, type Figure } from "./report.ts";
import { until } from "./until.ts";

type Line = Figure & { readonly what: string };

const SECONDS = 10;
const PER_SECOND = 300;
const TENANTS = 30;
const CHATS = 300;
const MAIN = fileURLToPath(new URL("./commands-process.ts", import.meta.url));

/** People's commands with Teams' signed tokens, a third each of track, list and status: from the request to its answer. */
export async function measureCommands(home: Home): Promise<Line> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
  const poster = stack.use(createPoster());
  const sandbox = stack.use(await startSandbox({ minimumIntervalMs: 0, recordChecks: false }));
  const teams = stack.use(await startFakeTeams());
  const issuer = stack.use(await aChannelIssuer(teams.serviceUrl));
  const environment = {
    OPWATCH_LOCAL: "",
    BOT_ID: APP,
    BOT_TYPE: "MultiTenant",
    BOT_PASSWORD: "none",
    HOST: "127.0.0.1",
    // The checks are another part's.
    CHECK_INTERVAL_SECONDS: "3600",
    BENCH_OPEN_ID: issuer.openIdUrl,
    BENCH_TEAMS: teams.serviceUrl,
    BENCH_GRAPH: sandbox.url,
    ...environmentOf(place.config),
  };
  const app = stack.use(await aBotProcess(environment, MAIN));
  const tenants = Array.from({ length: TENANTS }, () => randomUUID());
  const chats = Array.from({ length: CHATS }, (_, i): Place => {
    return { kind: "groupChat", id: `19:commands-${i}@thread.v2`, tenant: tenants[i % TENANTS] ?? "" };
  });
  // Every person's tenant is their chat's.
  teams.member = (roster) => ({ tenantId: chats.find(({ id }) => id === roster)?.tenant });
  const authorization = `Bearer ${await issuer.token()}`;
  async function say(chat: Place, text: string): Promise<void> {
    const activity = aMessage(teams.serviceUrl, chat, text);
    const { status } = await poster.post(`${app.url}/api/messages`, activity, { authorization });
    if (status !== 200) throw new Error(`The bot answered ${status}.`);
  }
  // Each chat is known, and has something to tell of.
  const locations = chats.map(() => sandbox.addOperation({ kind: "team", life: "endless" }).location);
  for (const [i, chat] of chats.entries()) await say(chat, `track ${locations[i] ?? ""}`);
  await until(performance.now() + 5_000);

  const times: number[] = [];
  const requests: Promise<void>[] = [];
  const usedBefore = cpuUsOf(app.pid);
  const start = performance.now();
  for (let i = 0; i < PER_SECOND * SECONDS; i += 1) {
    await until(start + (i * 1000) / PER_SECOND);
    const at = i % CHATS;
    const chat = chats[at];
    if (chat === undefined) continue;
    const text = [`track ${locations[at] ?? ""}`, "list", `status ${locations[at] ?? ""}`][
      Math.floor(i / CHATS) % 3
    ];
    const sentAt = performance.now();
    requests.push(say(chat, text ?? "list").then(() => void times.push(performance.now() - sentAt)));
  }
  await Promise.all(requests);
  const cpuUs = (cpuUsOf(app.pid) - usedBefore) / times.length;
  return {
    what: `signed commands at ${PER_SECOND}/s`,
    perSecond: times.length / ((performance.now() - start) / 1000),
    ...(Number.isNaN(cpuUs) ? {} : { cpuUs }),
    ...quantilesOf(times),
  };
}
