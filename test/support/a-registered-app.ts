import { sql } from "drizzle-orm";
import { startApp, type App } from "../../src/app.ts";
import { readConfig, type Config } from "../../src/config.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { TokenSource } from "../../src/identity/token-source.ts";
import { startSandbox, type Sandbox, type SandboxRequest } from "../../src/sandbox/server.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { makeEmbedded } from "./a-database.ts";
import { aMessage, TENANT, type Place } from "./an-activity.ts";
import { aChannelIssuer, anIssuer, APP, type Issuer } from "./an-issuer.ts";
import { startFakeTeams, type FakeTeams } from "./fake-teams.ts";
import { onLoopback } from "./on-loopback.ts";
import { postActivity } from "./post-activity.ts";

/**
 * The whole application as it runs for an organization, with everybody whom it speaks with on
 * loopback: who signs activities, who signs callers' tokens, Teams, and Graph.
 */
export type RegisteredBench = AsyncDisposable & {
  readonly app: App;
  readonly teams: FakeTeams;
  readonly sandbox: Sandbox;
  /** All that Graph was asked. */
  readonly graphRequests: readonly SandboxRequest[];
  readonly botFramework: Issuer;
  readonly entra: Issuer;
  readonly botTokens: FakeTokens;
  readonly graphTokens: FakeTokens;
  /** All that was logged; a test may empty it. */
  readonly events: LogEvent[];
  /** An activity, with a good token if no other is given. */
  post(
    activity: unknown,
    authorization?: string | null,
  ): Promise<{ readonly status: number; readonly text: string }>;
  say(place: Place, text: string, fields?: Parameters<typeof aMessage>[3]): Promise<void>;
  /** Ends the application, and counts what it leaves in its database. */
  left(): Promise<Readonly<Record<string, number>>>;
};

/** Gives `bot-token-of-<tenant>` and the like, and remembers for whom. */
type FakeTokens = TokenSource & {
  readonly asked: readonly string[];
  readonly discarded: readonly string[];
  trouble: Error | null;
};

function fakeTokens(of: string): FakeTokens {
  const [asked, discarded]: [string[], string[]] = [[], []];
  const fake: FakeTokens = {
    asked,
    discarded,
    trouble: null,
    token(tenant) {
      asked.push(tenant);
      return fake.trouble === null
        ? Promise.resolve(`${of}-token-of-${tenant}`)
        : Promise.reject(fake.trouble);
    },
    discard: (tenant) => void discarded.push(tenant),
  };
  return fake;
}

export const REGISTRATION = {
  BOT_ID: APP,
  BOT_TENANT_ID: TENANT,
  BOT_PASSWORD: "hunter2-of-the-bot",
  HOST: "127.0.0.1",
  PORT: "0",
} as const;

export async function aRegisteredApp(
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<RegisteredBench> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makeEmbedded());
  const graphRequests: SandboxRequest[] = [];
  const sandbox = stack.use(
    await startSandbox({
      speed: 20,
      minimumIntervalMs: 1_000,
      onRequest: (request) => graphRequests.push(request),
    }),
  );
  const teams = stack.use(await startFakeTeams());
  const botFramework = stack.use(await aChannelIssuer(teams.serviceUrl));
  const entra = stack.use(await anIssuer(TENANT));
  const [botTokens, graphTokens] = [fakeTokens("bot"), fakeTokens("graph")];
  const events: LogEvent[] = [];
  const read = readConfig({ ...REGISTRATION, DATA_DIR: place.directory, ...env });
  const config: Config = {
    ...read,
    checkIntervalMs: 1_100,
    graph: { ...read.graph, origin: sandbox.url },
  };
  const app = stack.use(
    await startApp(config, (event) => events.push(event), {
      botCloud: onLoopback(BOT_CLOUDS.global, botFramework.openIdUrl, teams.serviceUrl),
      botTokens,
      graphTokens,
      entra: entra.url,
    }),
  );

  async function post(
    activity: unknown,
    authorization?: string | null,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const shown = authorization === undefined ? `Bearer ${await botFramework.token()}` : authorization;
    const headers = shown === null ? {} : { authorization: shown };
    const response = await postActivity(app.url, activity, headers);
    return { status: response.status, text: await response.text() };
  }

  const opened = stack.move();
  return {
    app,
    teams,
    sandbox,
    graphRequests,
    botFramework,
    entra,
    botTokens,
    graphTokens,
    events,
    post,
    async say(where, text, fields) {
      const { status } = await post(aMessage(teams.serviceUrl, where, text, fields));
      if (status !== 200) throw new Error(`The bot answered ${status}.`);
    },
    async left() {
      await app[Symbol.asyncDispose]();
      await using database = await openDatabase(place.config);
      const { rows } = await database.db.execute<Record<string, number>>(sql`
        select
          (select count(*)::int from opwatch.conversations) as conversations,
          (select count(*)::int from opwatch.operations) as operations,
          (select count(*)::int from opwatch.watches) as watches,
          (select count(*)::int from pgboss.job where name in ('checks', 'deliveries', 'callbacks')) as jobs`);
      return rows[0] ?? {};
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
