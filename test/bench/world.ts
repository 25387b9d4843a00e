import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The sandbox in a process of its own, so that its work is not counted as ours. */
export type World = AsyncDisposable & {
  readonly graphUrl: string;
  /** Makes operations that never end; their locations. */
  operations(count: number): Promise<readonly string[]>;
  counts(): Promise<Readonly<Record<string, number>>>;
};

export async function startWorld(): Promise<World> {
  const child = fork(fileURLToPath(new URL("./world-process.ts", import.meta.url)), { stdio: "inherit" });
  const url = await firstMessage(child);
  return {
    graphUrl: url,
    async operations(count) {
      const response = await fetch(`${url}/_sandbox/operations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind: "team", life: "endless", count }),
      });
      const body: unknown = await response.json();
      const locations: unknown =
        typeof body === "object" && body !== null && "locations" in body ? body.locations : [];
      return Array.isArray(locations) ? locations.map(String) : [];
    },
    async counts() {
      const counts: unknown = await (await fetch(`${url}/_sandbox/counts`)).json();
      const entries = typeof counts === "object" && counts !== null ? Object.entries(counts) : [];
      return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await new Promise((resolve) => {
        child.once("exit", resolve);
      });
    },
  };
}

function firstMessage(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(typeof message === "string" ? message : ""));
    child.once("exit", (code) => reject(new Error(`The sandbox ended with exit code ${code}.`)));
  });
}
