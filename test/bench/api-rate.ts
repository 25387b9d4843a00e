import { randomUUID } from "node:crypto";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { isCard, startFakeTeams } from "../support/fake-teams.ts";
import type { Home } from "./homes.ts";
import { quantile, type Figure } from "./report.ts";

type Line = Figure & { readonly what: string };

const SECONDS = 10;
const TENANTS = 2;
const CHATS = 100;
const MANY_PER_SECOND = 500;
/** One tenant's share of a busy service. */
const CARDS_PER_SECOND = 20;

/** POST /api/watches, each with a key of its own: how fast they are accepted, and how soon a card is there. */
export async function measureApi(home: Home): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await home.make());
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
      API_REQUESTS_PER_SECOND: "100000",
      ...(place.config.home === "embedded"
        ? { DATA_DIR: place.config.directory }
        : { DATABASE_URL: place.config.url }),
    }),
  );
  const tenants = Array.from({ length: TENANTS }, () => randomUUID());
  const chats = Array.from({ length: CHATS }, (_, i): Place => {
    return { kind: "groupChat", id: `19:api-${i}@thread.v2`, tenant: tenants[i % TENANTS] ?? "" };
  });
  for (const chat of chats) await post(`${app.url}/api/messages`, aMessage(teams.serviceUrl, chat, "list"));

  const few = await send(
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
  const many = await send(app.url, sandbox, chats, MANY_PER_SECOND);
  return [
    {
      what: `accepted to first card, ${CARDS_PER_SECOND}/s in one tenant`,
      p50Ms: quantile(toCard, 0.5),
      p99Ms: quantile(toCard, 0.99),
      count: toCard.length,
    },
    {
      what: `POST /api/watches at ${MANY_PER_SECOND}/s`,
      perSecond: many.times.length / many.seconds,
      p50Ms: quantile(many.times, 0.5),
      p99Ms: quantile(many.times, 0.99),
      count: many.times.length,
    },
  ];
}

type Sent = {
  readonly times: readonly number[];
  readonly seconds: number;
  readonly acceptedAt: ReadonlyMap<string, number>;
};

async function send(
  url: string,
  sandbox: { addOperation(plan: { kind: "team"; life: "endless" }): { location: string } },
  chats: readonly Place[],
  perSecond: number,
): Promise<Sent> {
  const times: number[] = [];
  const acceptedAt = new Map<string, number>();
  const requests: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < perSecond * SECONDS; i += 1) {
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

async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
}

function until(at: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(at - performance.now(), 0));
  });
}
