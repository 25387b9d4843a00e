import { randomUUID } from "node:crypto";
import { readConfig } from "../../src/config.ts";
import { startApp } from "../../src/app.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { environmentOf } from "../support/environment-of.ts";
import { isCard, startFakeTeams, textOf, type Write } from "../support/fake-teams.ts";
import type { Home } from "./homes.ts";
import { quantilesOf, type Figure } from "./report.ts";
import { until } from "./until.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import { postActivity } from "../support/post-activity.ts";

const COMMANDS = 1_000;
const PER_SECOND = 50;
const CHECK_INTERVAL_SECONDS = 3;
/** Teams takes some 30 writes a second to one tenant. */
const TENANTS = Array.from({ length: 10 }, () => randomUUID());

type Line = Figure & { readonly what: string };

/**
 * The whole application, by HTTP: from an accepted `track` to its card, and from Graph's answer to
 * the card's edit. Every command comes from a conversation of its own, because Teams itself would
 * hold back more than a few writes in one.
 */
export async function measureDeliveries(home: Home): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
  const sandbox = stack.use(await startSandbox({ minimumIntervalMs: 1_000, recordChecks: false, speed: 4 }));
  const teams = stack.use(await startFakeTeams());
  // A member of whichever tenant the conversation is of.
  teams.member = () => ({ tenantId: "" });
  const answers: { at: number; count: number }[] = [];
  const app = stack.use(
    await startApp(
      readConfig({
        OPWATCH_LOCAL: "1",
        PORT: "0",
        GRAPH_ENDPOINT: sandbox.url,
        CHECK_INTERVAL_SECONDS: String(CHECK_INTERVAL_SECONDS),
        GRAPH_REQUESTS_PER_SECOND: "1000000",
        GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000",
        ...environmentOf(place.config),
      }),
      (event: LogEvent) => {
        if (event.event === "checks.done" && event.ended > 0)
          answers.push({ at: Date.now(), count: event.ended });
      },
    ),
  );

  const accepted = new Map<string, number>();
  const commands: Promise<unknown>[] = [];
  const start = performance.now();
  for (let i = 0; i < COMMANDS; i += 1) {
    await until(start + (i * 1000) / PER_SECOND);
    const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
    const tenant = TENANTS[i % TENANTS.length] ?? "";
    const chat: Place = { kind: "groupChat", id: `19:bench-${i}@thread.v2`, tenant };
    const message = aMessage(teams.serviceUrl, chat, `track ${location}`);
    commands.push(send(app.url, message).then((at) => accepted.set(chat.id, at)));
  }
  await Promise.all(commands);
  const deadline = performance.now() + 60_000;
  while (teams.writes.filter(isEnd).length < COMMANDS && performance.now() < deadline)
    await until(performance.now() + 200);

  const toCard = [];
  for (const write of teams.writes) {
    const at = accepted.get(write.conversation);
    if (write.method === "POST" && isCard(write) && at !== undefined) toCard.push(Math.max(write.at - at, 0));
  }
  // The n-th end that was saved is compared with the n-th end that was shown.
  const ends = teams.writes
    .filter(isEnd)
    .map((write) => write.at)
    .toSorted((a, b) => a - b);
  const answered = answers.flatMap(({ at, count }) => Array.from({ length: count }, () => at));
  const toEdit = ends.map((at, i) => Math.max(at - (answered[i] ?? at), 0));
  return [
    figureOf(`track accepted to card, ${PER_SECOND} commands/s`, toCard),
    figureOf("answer saved to edit", toEdit),
  ];
}

function figureOf(what: string, values: readonly number[]): Line {
  return { what, ...quantilesOf(values) };
}

function isEnd(write: Write): boolean {
  return isCard(write) && textOf(write).endsWith("succeeded");
}

/** When it was accepted. */
async function send(url: string, activity: unknown): Promise<number> {
  const response = await postActivity(url, activity);
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
  return Date.now();
}
