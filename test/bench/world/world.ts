import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Columns } from "./log.ts";
import type { Plan, Wish } from "./plan.ts";

type Pause = { readonly tenant: number; readonly from: number; readonly until: number };

export type Order =
  | { readonly order: "people"; readonly tenantOf: Int32Array }
  | { readonly order: "begin"; readonly wish: Wish; readonly pause: Pause | null }
  | { readonly order: "count" }
  | { readonly order: "collect" };

export type Report =
  | { readonly report: "ready"; readonly graphUrl: string; readonly teamsUrl: string; readonly at: number }
  | { readonly report: "done" }
  | { readonly report: "count"; readonly posted: number; readonly ended: number }
  | { readonly report: "collected"; readonly columns: Columns; readonly plan: Plan };

export type World = AsyncDisposable & {
  readonly pid: number;
  readonly graphUrl: string;
  readonly teamsUrl: string;
  people(tenantOf: Int32Array): Promise<void>;
  begin(wish: Wish, pause: Pause | null): Promise<void>;
  /** Cards that are there, and cards that have shown an end. */
  count(): Promise<{ readonly posted: number; readonly ended: number }>;
  collect(): Promise<{ readonly columns: Columns; readonly plan: Plan }>;
};

export async function startWorld(settings: {
  readonly graphMs: number;
  readonly teamsMs: number;
  readonly limitsOfAll: boolean;
}): Promise<World> {
  const child = fork(
    fileURLToPath(new URL("./process.ts", import.meta.url)),
    [String(settings.graphMs), String(settings.teamsMs), String(settings.limitsOfAll)],
    { stdio: "inherit", serialization: "advanced" },
  );
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`The world ended with exit code ${code}.`)));
  });
  ended.catch(() => undefined);

  async function next<Name extends Report["report"]>(name: Name): Promise<Extract<Report, { report: Name }>> {
    const { promise, resolve } = Promise.withResolvers<Report>();
    child.once("message", (message: Report) => resolve(message));
    const message = await Promise.race([promise, ended]);
    if (!isNamed(message, name)) throw new Error(`The world reported ${message.report} instead of ${name}.`);
    return message;
  }

  async function order<Name extends Report["report"]>(
    given: Order,
    name: Name,
  ): Promise<Extract<Report, { report: Name }>> {
    const answer = next(name);
    child.send(given);
    return answer;
  }

  const { graphUrl, teamsUrl } = await next("ready");
  return {
    pid: child.pid ?? 0,
    graphUrl,
    teamsUrl,
    people: async (tenantOf) => void (await order({ order: "people", tenantOf }, "done")),
    begin: async (wish, pause) => void (await order({ order: "begin", wish, pause }, "done")),
    count: () => order({ order: "count" }, "count"),
    collect: () => order({ order: "collect" }, "collected"),
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}

function isNamed<Name extends Report["report"]>(
  message: Report,
  name: Name,
): message is Extract<Report, { report: Name }> {
  return message.report === name;
}
