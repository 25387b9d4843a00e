import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const BIN = fileURLToPath(new URL("../../bin/opwatch.js", import.meta.url));

export type Run = { readonly code: number | null; readonly out: string; readonly err: string };

type More = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** After that it is killed, and its code is null. */
  readonly timeoutMs?: number;
};

/** The command line as a job runs it: a process of its own, with nothing of ours in its environment. */
export function opwatch(args: readonly string[], more: More = {}): Promise<Run> {
  return run(process.execPath, [BIN, ...args], more);
}

export function run(
  file: string,
  args: readonly string[],
  { env = {}, input = "", timeoutMs }: More = {},
): Promise<Run> {
  const child = spawn(file, args, {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: "pipe",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const printed = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (printed.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (printed.err += chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...printed }));
  });
}
