import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { ChildLines, endOf } from "./child-lines.ts";

export type DemoPorts = { readonly bot: number; readonly sandbox: number; readonly playground: number };

const ROOT = join(import.meta.dirname, "../../..");

/** `npm run demo` in a terminal of its own: what it prints, and Ctrl+C, which reaches every process in it. */
export class DemoProcess implements AsyncDisposable {
  readonly ports: DemoPorts;
  readonly lines: ChildLines;
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;

  constructor(ports: DemoPorts) {
    this.ports = ports;
    this.#child = spawn("npm", ["run", "demo"], {
      cwd: ROOT,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        PORT: String(ports.bot),
        SANDBOX_PORT: String(ports.sandbox),
        PLAYGROUND_PORT: String(ports.playground),
      },
    });
    this.gone = endOf(this.#child, "The demo");
    this.lines = new ChildLines(this.#child, this.gone);
  }

  pressEnter(): void {
    this.#child.stdin?.write("\n");
  }

  pressCtrlC(): void {
    this.#signal("SIGINT");
  }

  /** Whether any process that the demo has started is still there; all of them are in its process group. */
  get isAlive(): boolean {
    return this.#signal(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal("SIGKILL");
    await this.gone;
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      // ESRCH: nothing of it is left.
      return false;
    }
  }
}

/** Ports that are free now; others may take them before they are used, but hardly do. */
export async function freePorts(): Promise<DemoPorts> {
  const [bot, sandbox, playground] = await Promise.all([freePort(), freePort(), freePort()]);
  return { bot, sandbox, playground };
}

/** Takes the port on loopback until it is disposed; throws when it is not free. */
export async function occupy(port: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

async function freePort(): Promise<number> {
  await using taken = await occupy(0);
  return taken.port;
}
