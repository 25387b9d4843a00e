import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { START_OPTIONS } from "../../support/start-options.ts";
import { ChildLines, endOf } from "./child-lines.ts";
import { END_WITH_PARENT } from "./end-with-parent.ts";
import { isRecord, type JsonRecord, parseJson, textAt } from "./json.ts";

export type BotOptions = {
  readonly graphEndpoint: string;
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
};

const ROOT = join(import.meta.dirname, "../../..");
const STOP_TIMEOUT_MS = 15_000;

/** The bot as a process of its own: it can be killed, and started again on the same port and data. */
export class BotProcess implements AsyncDisposable {
  readonly #options: BotOptions;
  #run: Run;
  #port: string;

  private constructor(options: BotOptions, run: Run, port: string) {
    this.#options = options;
    this.#run = run;
    this.#port = port;
  }

  static async start(options: BotOptions): Promise<BotProcess> {
    const run = launch(options, "0");
    const port = await portOf(run);
    return new BotProcess(options, run, port);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}/api/messages`;
  }

  /** What it wrote last since it was last started. */
  lastLines(count: number): readonly string[] {
    return this.#run.lines.all.slice(-count);
  }

  /** `kill -9`, and waits until it is dead. */
  async kill(): Promise<void> {
    this.#run.child.kill("SIGKILL");
    await this.#run.gone;
  }

  /** SIGTERM, and waits until it has ended; it is killed when that takes too long. */
  async end(): Promise<void> {
    const { child, gone } = this.#run;
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    child.kill("SIGTERM");
    await gone;
    clearTimeout(timer);
  }

  /** Starts it again after `kill` or `end`; `env` is laid over the options'. */
  async startAgain(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#run = launch({ ...this.#options, env: { ...this.#options.env, ...env } }, this.#port);
    this.#port = await portOf(this.#run);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

type Run = { readonly child: ChildProcess; readonly lines: ChildLines; readonly gone: Promise<string> };

function launch({ graphEndpoint, dataDir, env }: BotOptions, port: string): Run {
  const program = ["--import", END_WITH_PARENT, join(ROOT, "src/main.ts")];
  const child = spawn(process.execPath, [...START_OPTIONS, ...program], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      OPWATCH_LOCAL: "1",
      PORT: port,
      GRAPH_ENDPOINT: graphEndpoint,
      DATA_DIR: dataDir,
      ...env,
    },
  });
  const gone = endOf(child, "The bot");
  return { child, lines: new ChildLines(child, gone), gone };
}

async function portOf({ lines }: Run): Promise<string> {
  return await lines.first("the bot's start", (line) => {
    const event = eventOf(line);
    const address =
      event !== null && textAt(event, "event") === "app.ready" ? textAt(event, "address") : null;
    return address === null ? null : new URL(address).port;
  });
}

function eventOf(line: string): JsonRecord | null {
  if (!line.startsWith("{")) return null;
  const event = parseJson(line);
  return isRecord(event) ? event : null;
}
