import { startApp, type App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/server.ts";
import { makeEmbedded } from "./a-database.ts";
import { aMessage, anInstallation, aPress, type Place } from "./an-activity.ts";
import { startFakeTeams, type FakeTeams } from "./fake-teams.ts";
import { postActivity } from "./post-activity.ts";

/** The whole application on loopback, between the sandbox and a connector that records every write. */
export type AppBench = AsyncDisposable & {
  readonly app: App;
  readonly sandbox: Sandbox;
  readonly teams: FakeTeams;
  readonly events: readonly LogEvent[];
  post(body: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  say(place: Place, text: string, fields?: Parameters<typeof aMessage>[3]): Promise<void>;
  install(place: Place, action?: "add" | "remove"): Promise<void>;
  press(place: Place, press: Parameters<typeof aPress>[2]): Promise<{ status: number; body: unknown }>;
};

export async function anApp(
  options: {
    readonly sandbox?: SandboxOptions;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<AppBench> {
  await using stack = new AsyncDisposableStack();
  const { directory } = stack.use(await makeEmbedded());
  const sandbox = stack.use(await startSandbox({ speed: 20, minimumIntervalMs: 1_000, ...options.sandbox }));
  const teams = stack.use(await startFakeTeams());
  const events: LogEvent[] = [];
  const config = readConfig({
    OPWATCH_LOCAL: "1",
    PORT: "0",
    GRAPH_ENDPOINT: sandbox.url,
    CHECK_INTERVAL_SECONDS: "1.1",
    DATA_DIR: directory,
    ...options.env,
  });
  const app = stack.use(await startApp(config, (event) => events.push(event)));

  async function post(body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await postActivity(app.url, body);
    const text = await response.text();
    const parsed: unknown = text === "" ? null : JSON.parse(text);
    return { status: response.status, body: parsed };
  }

  async function send(activity: unknown): Promise<void> {
    const { status } = await post(activity);
    if (status !== 200) throw new Error(`The bot answered ${status}.`);
  }

  const opened = stack.move();
  return {
    app,
    sandbox,
    teams,
    events,
    post,
    say: (place, text, fields) => send(aMessage(teams.serviceUrl, place, text, fields)),
    install: (place, action = "add") => send(anInstallation(teams.serviceUrl, place, action)),
    press: (place, press) => post(aPress(teams.serviceUrl, place, press)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
