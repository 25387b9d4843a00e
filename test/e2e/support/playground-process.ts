import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_WITH_PARENT } from "./end-with-parent.ts";

export type PlaygroundOptions = {
  /** For example `http://127.0.0.1:3978/api/messages`. */
  readonly botEndpoint: string;
  /** A free one is taken when it is left out. */
  readonly port?: number;
  /** The repository's `.m365agentsplayground.yml` when it is left out. */
  readonly configPath?: string;
};

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;

/** The Playground as a child process that has begun to listen. */
export class PlaygroundProcess implements AsyncDisposable {
  readonly port: number;
  /** Settles when the child is gone, with a sentence that says how. */
  readonly gone: Promise<string>;
  readonly #started: Started;

  private constructor(started: Started, port: number) {
    this.#started = started;
    this.port = port;
    this.gone = started.gone;
  }

  static async start(options: PlaygroundOptions): Promise<PlaygroundProcess> {
    const configPath = options.configPath ?? join(import.meta.dirname, "../../../.m365agentsplayground.yml");
    if (!existsSync(configPath)) {
      // Otherwise the Playground would quietly invent people and chats of its own.
      throw new Error(`${configPath} does not exist; pass configPath to startPlayground.`);
    }
    const started = new Started(options, configPath);
    try {
      const port = await started.listening();
      if (options.port !== undefined && port !== options.port) {
        // The Playground takes another port without a word when the wanted one is taken.
        throw new Error(`Port ${options.port} is taken; the Playground went to ${port}.`);
      }
      return new PlaygroundProcess(started, port);
    } catch (cause) {
      const output = started.output();
      await started.stop();
      throw new Error(`The Agents Playground did not start. Its output:\n${output}`, { cause });
    }
  }

  /** What the Playground wrote: its standard output, and the log file that it writes when there is no terminal. */
  output(): string {
    return this.#started.output();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.stop();
  }
}

class Started {
  readonly gone: Promise<string>;
  readonly #directory = mkdtempSync(join(tmpdir(), "opwatch-playground-"));
  readonly #child: ChildProcess;
  readonly #port: Promise<number>;
  #written = "";

  constructor(options: PlaygroundOptions, configPath: string) {
    const cli = createRequire(import.meta.url).resolve("@microsoft/m365agentsplayground/cli.js");
    const flags = ["--app-endpoint", options.botEndpoint, "--channel-id", "msteams", "--disable-telemetry"];
    this.#child = spawn(
      process.execPath,
      ["--import", END_WITH_PARENT, cli, "start", ...flags, "--port", String(options.port ?? 0)],
      // In its own directory, for it writes devTools/ to where it is; in its own group, to be killed with all it starts.
      {
        cwd: this.#directory,
        detached: process.platform !== "win32",
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: this.#environment(configPath),
      },
    );
    this.gone = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        resolve(`The Playground ended with ${signal ?? `exit code ${code}`}.`);
      });
      this.#child.once("error", (error) => {
        resolve(`The Playground could not be started: ${error.message}`);
      });
    });
    this.#port = new Promise((resolve) => {
      const listen = (chunk: Buffer): void => {
        this.#written += chunk.toString();
        const port = /^Listening on (\d+)$/m.exec(this.#written)?.[1];
        if (port !== undefined) resolve(Number(port));
      };
      this.#child.stdout?.on("data", listen);
      this.#child.stderr?.on("data", listen);
    });
  }

  async listening(): Promise<number> {
    const port = await this.#soon(this.#port);
    // A bad configuration ends the Playground just after it has said that it listens.
    const answer = await this.#soon(fetch(`http://127.0.0.1:${port}/_debug/ping`));
    if (!answer.ok) throw new Error(`/_debug/ping answered ${answer.status}.`);
    await answer.text();
    return port;
  }

  output(): string {
    const log = join(this.#directory, "playground.log");
    return `${this.#written}${existsSync(log) ? readFileSync(log, "utf8") : ""}`;
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => {
      this.#signal("SIGKILL");
    }, STOP_TIMEOUT_MS);
    this.#signal("SIGTERM");
    await this.gone;
    clearTimeout(timer);
    // Whatever it may have started goes with it.
    this.#signal("SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #environment(configPath: string): NodeJS.ProcessEnv {
    // Its calls to the bot would go through a proxy even on the loopback.
    const proxies = /^(?:https?_proxy|all_proxy)$/i;
    const own = Object.entries(process.env).filter(
      ([name]) => !proxies.test(name) && !/^(?:TEAMSAPPTESTER|M365_AGENTS|AUTH)_/.test(name),
    );
    return {
      ...Object.fromEntries(own),
      TEAMSAPPTESTER_BROWSER: "none",
      DEFAULT_CHANNEL_ID: "msteams",
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: configPath,
      M365_AGENTS_PLAYGROUND_LOGFILE: join(this.#directory, "playground.log"),
    };
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // ESRCH: nothing of it is left.
    }
  }

  async #soon<T>(wanted: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error(`It did not answer within ${START_TIMEOUT_MS} ms.`));
    }, START_TIMEOUT_MS);
    const gone = this.gone.then((how) => {
      throw new Error(how);
    });
    try {
      return await Promise.race([wanted, gone, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
