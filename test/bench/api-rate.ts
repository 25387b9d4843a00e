import { randomUUID } from "node:crypto";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { environmentOf } from "../support/environment-of.ts";
import { isCard, startFakeTeams } from "../support/fake-teams.ts";
import type { Home } from "./homes.ts";
import { createPoster } from "./post.ts";
import { cpuUsOf } from "./process-usage.ts";
import { quantilesOf, type Figure } from "./report.ts";
import { until } from "./until.ts";

type Line = Figure & { readonly what: string };

const SECONDS = 10;
const WARM_UP_SECONDS = 2;
const TENANTS = 2;
const CHATS = 100;
const MANY_PER_SECOND = 500;
/** One tenant's share of a busy service. */
const CARDS_PER_SECOND = 20;

/** POST /api/watches, each with a key of its own: how fast they are accepted, and how soon a card is there. */
export async function measureApi(home: Home): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
  const poster = stack.use(createPoster());
  const post: Post = async (url, body, headers) => {
    const { status, text } = await poster.post(url, body, headers);
    if (status >= 300) throw new Error(`${url} answered ${status}: ${text.slice(0, 300)}`);
  };
  const sandbox = stack.use(await startSandbox({ minimumIntervalMs: 0, recordChecks: false }));
  const teams = stack.use(await startFakeTeams());
  // A process of its own, as in real life; the pipelines and Teams are this one.
  const app = stack.use(
    await aBotProcess({
      GRAPH_ENDPOINT: sandbox.url,
      LOG_LEVEL: "info",
      // The checks are another part's.
      CHECK_INTERVAL_SECONDS: "3600",
      GRAPH_REQUESTS_PER_SECOND: "1000000",
      GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000",
      API_REQUESTS_PER_SECOND: "100000",
      ...environmentOf(place.config),
    }),
  );
  const tenants = Array.from({ length: TENANTS }, () => randomUUID());
  const chats = Array.from({ length: CHATS }, (_, i): Place => {
    return { kind: "groupChat", id: `19:api-${i}@thread.v2`, tenant: tenants[i % TENANTS] ?? "" };
  });
  for (const chat of chats) await post(`${app.url}/api/messages`, aMessage(teams.serviceUrl, chat, "list"));

  const few = await offer(
    post,
    app.url,
    sandbox,
    chats.filter((chat) => chat.tenant === tenants[0]),
    CARDS_PER_SECOND,
  );
  await until(performance.now() + 2_000);
  const toCard = [];
  for (const write of teams.writes) {
    const title = /"bench-[\w-]+/u.exec(JSON.stringify(write.activity))?.[0]?.slice(1);
    const at = title === undefined ? undefined : few.acceptedAt.get(title);
    if (write.method === "POST" && isCard(write) && at !== undefined) toCard.push(Math.max(write.at - at, 0));
  }
  // The code is compiled while it runs: the first seconds are of another kind.
  await offer(post, app.url, sandbox, chats, MANY_PER_SECOND, WARM_UP_SECONDS);
  const usedBefore = cpuUsOf(app.pid);
  const many = await offer(post, app.url, sandbox, chats, MANY_PER_SECOND);
  const cpuUs = (cpuUsOf(app.pid) - usedBefore) / many.times.length;
  return [
    {
      what: `accepted to first card, ${CARDS_PER_SECOND}/s in one tenant`,
      ...quantilesOf(toCard),
    },
    {
      what: `POST /api/watches at ${MANY_PER_SECOND}/s`,
      perSecond: many.times.length / many.seconds,
      ...(Number.isNaN(cpuUs) ? {} : { cpuUs }),
      ...quantilesOf(many.times),
    },
  ];
}

type Post = (url: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<void>;

type Sent = {
  readonly times: readonly number[];
  readonly seconds: number;
  readonly acceptedAt: ReadonlyMap<string, number>;
};

async function offer(
  post: Post,
  url: string,
  sandbox: { addOperation(plan: { kind: "team"; life: "endless" }): { location: string } },
  chats: readonly Place[],
  perSecond: number,
  seconds = SECONDS,
): Promise<Sent> {
  const times: number[] = [];
  const acceptedAt = new Map<string, number>();
  const requests: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    await until(start + (i * 1000) / perSecond);
    const { location } = sandbox.addOperation({ kind: "team", life: "endless" });
    const title = `bench-${randomUUID()}`;
    const chat = chats[i % chats.length];
    const body = { operation: `Location: ${location}`, to: { conversation: chat?.id ?? "" }, title };
    const sentAt = performance.now();
    requests.push(
      post(`${url}/api/watches`, body, { "idempotency-key": title }).then(() => {
        times.push(performance.now() - sentAt);
        acceptedAt.set(title, Date.now());
      }),
    );
  }
  await Promise.all(requests);
  return { times, seconds: (performance.now() - start) / 1000, acceptedAt };
}
