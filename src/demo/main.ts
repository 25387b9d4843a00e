import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startSandbox, type Sandbox } from "../sandbox/server.ts";
import { startChild, type Child } from "./child.ts";

/**
 * `npm run demo`: a Graph sandbox, the bot and the Agents Playground on loopback, with nothing to
 * configure. The bot is a process of its own, so that it can be killed and started again.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HOST = "127.0.0.1";
const PORTS = {
  bot: readPort("PORT", 3978),
  sandbox: readPort("SANDBOX_PORT", 3979),
  playground: readPort("PLAYGROUND_PORT", 56_150),
};
/** Operations live twice as fast as by default, and may be asked for every 2 s instead of 30 s. */
const SPEED = 2;
const MINIMUM_INTERVAL_MS = 2_000;
/** Each demo has its own, so that a second one on other ports leaves the first alone. */
const DATA_DIR = `.opwatch-demo-${PORTS.bot}`;
const BOT_ENVIRONMENT = {
  OPWATCH_LOCAL: "1",
  HOST,
  PORT: String(PORTS.bot),
  GRAPH_ENDPOINT: `http://${HOST}:${PORTS.sandbox}`,
  CHECK_INTERVAL_SECONDS: "2.5",
  DATA_DIR,
  // Of its own name: nobody's real database is the demo's by accident.
  DATABASE_URL: process.env["DEMO_DATABASE_URL"] ?? "",
  // The demo waits for a line of it.
  LOG_LEVEL: "info",
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function readPort(name: string, byDefault: number): number {
  const port = Number(process.env[name] ?? byDefault);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  process.stderr.write(
    `${name} is "${process.env[name]}"; a port from 1 to 65535 is needed, e.g. ${name}=${byDefault}\n`,
  );
  process.exit(1);
}

async function main(): Promise<void> {
  const stop = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.resolve(signal));

  for (const [name, port] of Object.entries(PORTS)) await requireFree(name, port);
  // The sandbox forgets its operations when it ends, so the bot begins anew with it.
  await rm(join(ROOT, DATA_DIR), { recursive: true, force: true });

  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(
    await startSandbox({
      host: HOST,
      port: PORTS.sandbox,
      speed: SPEED,
      minimumIntervalMs: MINIMUM_INTERVAL_MS,
    }),
  );
  const bot = new DemoBot();
  stack.use(bot);
  say("Starting the bot and the Agents Playground. The first time this can take a minute…");
  await bot.start();
  const playground = stack.use(await startPlayground());
  void playground.ended.then((how) => stop.resolve(`The Playground ended (${how}).`));

  explain(sandbox, bot.pid);
  const keys = createInterface({ input: process.stdin });
  stack.defer(() => keys.close());
  keys.on("line", () => void bot.start().catch((error: unknown) => say(String(error))));

  const reason = await stop.promise;
  say(reason.startsWith("SIG") ? "\nStopping…" : reason);
}

/** Starts again on Enter when it was killed. */
class DemoBot implements AsyncDisposable {
  #child: Child | null = null;
  #isStopping = false;

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#child !== null) return;
    const ready = Promise.withResolvers<void>();
    const child = startChild([join(ROOT, "src/main.ts")], BOT_ENVIRONMENT, (line) => {
      if (line.includes('"event":"app.ready"')) ready.resolve();
      // Its log is JSON for machines; only what went wrong before it could log is for people.
      if (!line.startsWith("{")) say(`[bot] ${line}`);
    });
    this.#child = child;
    void child.ended.then((how) => {
      this.#child = null;
      ready.reject(new Error(`The bot did not start (${how}).`));
      if (this.#isStopping) return;
      say(`\nThe bot has ended (${how}). Press Enter to start it again, or run in another terminal:`);
      say(`  ${startCommand()}\nIts cards go on where they were.`);
    });
    await ready.promise;
    say(`The bot runs as process ${child.pid}.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#child?.[Symbol.asyncDispose]();
  }
}

async function startPlayground(): Promise<Child> {
  const require = createRequire(import.meta.url);
  const home = dirname(require.resolve("@microsoft/m365agentsplayground/package.json"));
  const ready = Promise.withResolvers<void>();
  const output: string[] = [];
  const child = startChild(
    [
      "--import",
      new URL("./loopback-only.ts", import.meta.url).href,
      join(home, "cli.js"),
      "start",
      "--port",
      String(PORTS.playground),
      "--disable-telemetry",
    ],
    {
      BOT_ENDPOINT: `http://${HOST}:${PORTS.bot}/api/messages`,
      DEFAULT_CHANNEL_ID: "msteams",
      TEAMSAPPTESTER_BROWSER: "none",
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: join(ROOT, ".m365agentsplayground.yml"),
    },
    (line) => {
      output.push(line);
      if (line.includes("Listening on")) ready.resolve();
    },
  );
  void child.ended.then((how) =>
    ready.reject(new Error(`The Agents Playground did not start (${how}).\n${output.join("\n")}`)),
  );
  await ready.promise;
  return child;
}

function explain(sandbox: Sandbox, pid: number): void {
  const track = (life: "slow" | "failing" | "late"): string =>
    `track ${sandbox.addOperation({ kind: "team", life, startsAtFirstCheck: true }).location}`;
  say(`
Open in a browser:  http://${HOST}:${PORTS.playground}

Paste into the chat, one at a time or the addresses together:
  ${track("slow")}
  ${track("failing")}
  ${track("late")}
(the first succeeds after some attempts, the second fails, the third is not visible at first)

Start others as at Graph, and track the Location of the answer. A word of the name says how it
goes: quick, slow, failing, late, endless, steps or partial.
  curl -i ${sandbox.url}/v1.0/teams -H 'Content-Type: application/json' -d '{"displayName":"Team slow"}'

To see it survive: kill -9 ${pid}, then press Enter here.
Ctrl+C ends everything.`);
}

function startCommand(): string {
  const variables = Object.entries(BOT_ENVIRONMENT).filter(
    // Empty ones stand against what this shell may have.
    ([name, value]) => value !== "" || (process.env[name] ?? "") !== "",
  );
  return `${variables.map(([name, value]) => `${name}=${value}`).join(" ")} npm start`;
}

/** Told before anything is started, with the variable that chooses another port. */
async function requireFree(name: string, port: number): Promise<void> {
  const variable = { bot: "PORT", sandbox: "SANDBOX_PORT", playground: "PLAYGROUND_PORT" }[name] ?? "PORT";
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: Error & { code?: string }) => {
      const why =
        error.code === "EADDRINUSE" ? "is in use by another program" : `can't be used (${error.code})`;
      reject(
        new PortError(
          `Port ${port}, for the ${name}, ${why}. Stop that program, or choose another port: ${variable}=${port + 10} npm run demo`,
        ),
      );
    });
    server.listen(port, HOST, () => resolve());
  });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

class PortError extends Error {
  override readonly name = "PortError";
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
