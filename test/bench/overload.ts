import { randomUUID } from "node:crypto";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { environmentOf } from "../support/environment-of.ts";
import { startFakeTeams } from "../support/fake-teams.ts";
import type { Home } from "./homes.ts";
import { createPoster } from "./post.ts";
import { residentMbOf } from "./process-usage.ts";
import { quantilesOf, type Figure } from "./report.ts";
import { until } from "./until.ts";

type Line = Figure & { readonly what: string };

/** Each is to be asked for once a second: more than any of these machines can do. */
const OPERATIONS = 15_000;
/** Of them are one tenant's; the others are shared by the rest. */
const OF_THE_LARGE_ONE = 10_000;
const SMALL_TENANTS = 20;
const PER_MESSAGE = 20;
const SECONDS = 20;
const TRACKS_PER_SECOND = 5;

/**
 * More is due than can be done: whether new watches are still answered, whether the tenants' operations are
 * asked for at the same distances, what memory does, and what /readyz says.
 */
export async function measureOverload(home: Home): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
  const poster = stack.use(createPoster());
  const sandbox = stack.use(await startSandbox({ minimumIntervalMs: 0 }));
  const teams = stack.use(await startFakeTeams());
  // A member of whichever tenant the conversation is of.
  teams.member = () => ({ tenantId: "" });
  const bot = stack.use(
    await aBotProcess({
      GRAPH_ENDPOINT: sandbox.url,
      CHECK_INTERVAL_SECONDS: "1",
      GRAPH_REQUESTS_PER_SECOND: "1000000",
      GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000",
      ...environmentOf(place.config),
    }),
  );
  async function track(chat: Place, locations: readonly string[]): Promise<number> {
    const sentAt = performance.now();
    const message = aMessage(teams.serviceUrl, chat, `track ${locations.join(" ")}`);
    const { status } = await poster.post(`${bot.url}/api/messages`, message);
    if (status !== 200) throw new Error(`The bot answered ${status}.`);
    return performance.now() - sentAt;
  }
  const add = (count: number): readonly string[] => sandbox.addMany(count, { kind: "team", life: "endless" });
  const large = add(OF_THE_LARGE_ONE);
  const small = add(OPERATIONS - OF_THE_LARGE_ONE);
  const beforeMb = residentMbOf(bot.pid);
  for (const [tenants, locations] of [
    [[randomUUID()], large],
    [Array.from({ length: SMALL_TENANTS }, () => randomUUID()), small],
  ] as const) {
    const messages: Promise<number>[] = [];
    for (let i = 0; i < locations.length; i += PER_MESSAGE) {
      const tenant = tenants[(i / PER_MESSAGE) % tenants.length] ?? "";
      const chat: Place = { kind: "groupChat", id: `19:${tenant}-${i}@thread.v2`, tenant };
      messages.push(track(chat, locations.slice(i, i + PER_MESSAGE)));
      if (messages.length % 20 === 0) await Promise.all(messages);
    }
    await Promise.all(messages);
  }

  const from = Date.now();
  const start = performance.now();
  const tracked: Promise<number>[] = [];
  const tenant = randomUUID();
  for (let i = 0; i < SECONDS * TRACKS_PER_SECOND; i += 1) {
    await until(start + (i * 1_000) / TRACKS_PER_SECOND);
    tracked.push(track({ kind: "groupChat", id: `19:new-${i}@thread.v2`, tenant }, add(1)));
  }
  const times = await Promise.all(tracked);
  if (sandbox.counts().checks === 0) throw new Error("Nothing was asked for: the watches were not taken.");
  const ready = await fetch(`${bot.url}/readyz`);
  const said = await ready.text();
  const [ofLarge, ofSmall] = [large, small].map((each) => distancesOf(sandbox, each, from));
  const checks = [...large, ...small].flatMap((each) => sandbox.checksOf(each).filter((at) => at >= from));
  return [
    {
      what: `${OPERATIONS.toLocaleString("en-US")} due every second: checks done`,
      perSecond: checks.length / ((Date.now() - from) / 1_000),
    },
    { what: "a new watch is answered", ...quantilesOf(times) },
    { what: "the large tenant's checks lie apart", ...quantilesOf(ofLarge ?? []) },
    { what: "the small tenants' checks lie apart", ...quantilesOf(ofSmall ?? []) },
    { what: "resident memory before, after", text: `${beforeMb} MB, ${residentMbOf(bot.pid)} MB` },
    { what: `/readyz: ${ready.status}`, text: said },
  ];
}

function distancesOf(sandbox: Sandbox, locations: readonly string[], from: number): readonly number[] {
  return locations.flatMap((location) => {
    const checks = sandbox.checksOf(location).filter((at) => at >= from);
    return checks.slice(1).map((at, index) => at - (checks[index] ?? at));
  });
}
