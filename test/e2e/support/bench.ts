import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/server.ts";
import { makeEmbedded } from "../../support/a-database.ts";
import { BotProcess } from "./bot-process.ts";
import { type Playground, startPlayground } from "./playground.ts";

/** The whole of it: Graph's sandbox here, the bot and the Playground as processes of their own. */
export type Bench = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly bot: BotProcess;
  readonly playground: Playground;
};

/** A little more than the sandbox's minimum, as 31 s is to Graph's 30 s. */
const CHECK_INTERVAL_SECONDS = "1.05";
const MINIMUM_INTERVAL_MS = 1_000;

export async function aBench(
  options: {
    readonly sandbox?: SandboxOptions;
    readonly env?: Readonly<Record<string, string>>;
    /** Outside Vitest there is no migrated database to begin with: an empty directory, say. */
    readonly dataDir?: string;
  } = {},
): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  // The demo's test begins with nothing.
  const dataDir = options.dataDir ?? stack.use(await makeEmbedded()).directory;
  const sandbox = stack.use(
    await startSandbox({ speed: 10, minimumIntervalMs: MINIMUM_INTERVAL_MS, ...options.sandbox }),
  );
  const bot = stack.use(
    await BotProcess.start({
      graphEndpoint: sandbox.url,
      dataDir,
      env: { CHECK_INTERVAL_SECONDS, ...options.env },
    }),
  );
  const playground = stack.use(await startPlayground({ botEndpoint: bot.endpoint }));
  playground.alsoDump(() =>
    ["The bot's last lines:", ...bot.lastLines(40), `Graph: ${JSON.stringify(sandbox.counts())}`].join(
      "\n  ",
    ),
  );
  const opened = stack.move();
  return { sandbox, bot, playground, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
