import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { START_OPTIONS } from "./start-options.ts";

export const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** The bot as its users run it: a process that can be killed. */
export type BotProcess = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
};

/** Rejects with what it printed when it ends before it is ready. */
export async function aBotProcess(
  environment: Readonly<Record<string, string>>,
  main = MAIN,
): Promise<BotProcess> {
  const child = spawn(process.execPath, [...START_OPTIONS, main], {
    env: { PATH: process.env["PATH"] ?? "", OPWATCH_LOCAL: "1", PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isReady = false;
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      output += chunk;
      if (isReady) return;
      const address = /"event":"app.ready","address":"([^"]+)"/u.exec(output)?.[1];
      if (address === undefined) return;
      isReady = true;
      ready.resolve(address);
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => {
      ready.reject(new Error(output));
      resolve(signal ?? code);
    });
  });
  const url = await ready.promise;
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
