import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { START_OPTIONS } from "../../support/start-options.ts";

/** A running process of a subject, and all that it starts: they end together. */
export type Started = {
  readonly pid: number;
  readonly url: string;
  readonly isRunning: () => boolean;
  /** The last lines that it printed. */
  readonly output: () => string;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

const READY_WITHIN_MS = 60_000;

/** With the memory setting of `npm start`, for all alike. Its output goes into a file, so that reading it costs nobody anything. */
export async function startProcess(program: string, env: Readonly<Record<string, string>>): Promise<Started> {
  const path = join(tmpdir(), `opwatch-bench-${randomUUID()}.log`);
  const file = openSync(path, "w");
  const child = spawn(process.execPath, [...START_OPTIONS, program], {
    env: {
      PATH: process.env["PATH"] ?? "",
      // For profiles: BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=…".
      NODE_OPTIONS: process.env["BENCH_NODE_OPTIONS"] ?? "",
      ...env,
    },
    stdio: ["ignore", file, file],
    // A group of its own, so that those it starts can be ended with it.
    detached: true,
  });
  closeSync(file);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const output = (): string => readFileSync(path, "utf8");
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isRunning()) signalGroup(child, signal);
    await ended;
  };
  const started = {
    pid: child.pid ?? 0,
    isRunning,
    output: () => output().slice(-2_000),
    kill: async () => {
      await end("SIGKILL");
      await rm(path, { force: true });
    },
  };
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const url = /"event":"app.ready","address":"([^"]+)"/u.exec(output())?.[1];
    if (url !== undefined) {
      const stop = async (): Promise<void> => {
        const timer = setTimeout(() => void end("SIGKILL"), 12_000);
        await end("SIGTERM");
        clearTimeout(timer);
        signalGroup(child, "SIGKILL");
        await rm(path, { force: true });
      };
      return { ...started, url, stop };
    }
    if (!isRunning() || performance.now() > deadline) {
      await end("SIGKILL");
      throw new Error(`${program} did not start:\n${started.output()}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left of it.
  }
}
