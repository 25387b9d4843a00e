import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Fault, LineTrouble } from "./faults.ts";
import type { PlannedOperation } from "./load.ts";
import type { Entry } from "./log.ts";

/** Graph and Teams, in a process of their own, each behind a TCP proxy. */
export type World = AsyncDisposable & {
  readonly serviceUrl: string;
  /** One for each replica. */
  readonly graphPorts: readonly number[];
  /** Starts an operation; its location as Graph announces it. */
  add(operation: PlannedOperation): Promise<string>;
  tell(message: Exclude<ToWorld, { kind: "add" }>): void;
};

export type WorldSettings = {
  readonly seed: number;
  readonly tenants: readonly string[];
  readonly conversations: readonly { readonly id: string; readonly tenant: string }[];
  readonly replicas: number;
  readonly minimumIntervalMs: number;
};

export type ToWorld =
  | { readonly kind: "add"; readonly operation: PlannedOperation }
  | { readonly kind: "graphStorm"; readonly fault: Extract<Fault, { kind: "graphStorm" }> | null }
  | { readonly kind: "graphFails"; readonly fault: Extract<Fault, { kind: "graphFails" }> | null }
  | { readonly kind: "teamsStorm"; readonly fault: Extract<Fault, { kind: "teamsStorm" }> | null }
  | { readonly kind: "teamsFails"; readonly fault: Extract<Fault, { kind: "teamsFails" }> | null }
  | {
      readonly kind: "line";
      readonly to: "graph" | "teams";
      readonly replica: number;
      readonly trouble: LineTrouble | null;
    }
  | { readonly kind: "jump"; readonly byMs: number }
  | { readonly kind: "deleteCard" }
  | { readonly kind: "remove"; readonly conversation: string; readonly status: 403 | 404 };

export type FromWorld =
  | { readonly kind: "ready"; readonly serviceUrl: string; readonly graphPorts: readonly number[] }
  | { readonly kind: "added"; readonly id: string; readonly location: string }
  | { readonly kind: "entries"; readonly entries: readonly Entry[] };

export async function startWorld(settings: WorldSettings, log: (entry: Entry) => void): Promise<World> {
  const child = fork(fileURLToPath(new URL("./world-process.ts", import.meta.url)), { stdio: "inherit" });
  child.send(settings);
  const ready = Promise.withResolvers<Extract<FromWorld, { kind: "ready" }>>();
  const adding = new Map<string, (location: string) => void>();
  child.on("message", (message: FromWorld) => {
    switch (message.kind) {
      case "ready":
        ready.resolve(message);
        return;
      case "added":
        adding.get(message.id)?.(message.location);
        adding.delete(message.id);
        return;
      case "entries":
        for (const entry of message.entries) log(entry);
    }
  });
  child.once("exit", (code) => ready.reject(new Error(`The world ended with exit code ${code}.`)));
  const { serviceUrl, graphPorts } = await ready.promise;
  const send = (message: ToWorld): void => {
    if (child.connected) child.send(message);
  };
  return {
    serviceUrl,
    graphPorts,
    add: (operation) =>
      new Promise((resolve) => {
        adding.set(operation.id, resolve);
        send({ kind: "add", operation });
      }),
    tell: send,
    [Symbol.asyncDispose]: async () => {
      // As when the whole group was told to end.
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
