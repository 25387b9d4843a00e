import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aMessage, PERSONAL } from "../support/an-activity.ts";
import { aBotProcess, MAIN, type BotProcess } from "../support/a-bot-process.ts";
import { makeEmbedded } from "../support/a-database.ts";
import { listen } from "../support/listen.ts";
import { isCard, startFakeTeams, textOf, type FakeTeams } from "../support/fake-teams.ts";
import { postActivity } from "../support/post-activity.ts";

type Moment =
  | "when the check is asked for"
  | "when the rows are written and the card is about to be posted"
  | "when the card is posted and its id not yet known"
  | "between the check and the card's edit"
  | "when the edit is taken and not yet saved"
  | "before the final edit";

const MOMENTS: readonly Moment[] = [
  "when the check is asked for",
  "when the rows are written and the card is about to be posted",
  "when the card is posted and its id not yet known",
  "between the check and the card's edit",
  "when the edit is taken and not yet saved",
  "before the final edit",
];

/** Where nothing is yet. */
async function aDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "opwatch-restart-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function say(bot: BotProcess, teams: FakeTeams, text: string): Promise<number> {
  return (await postActivity(bot.url, aMessage(teams.serviceUrl, PERSONAL, text))).status;
}

/** Kills once, at the moment that is named, and does not answer what was just asked. */
function killAt(
  moment: Moment,
  teams: FakeTeams,
  kill: () => void,
): { onCheck: () => void; killed: Promise<void> } {
  const { promise: killed, resolve } = Promise.withResolvers<void>();
  let isDone = false;
  const strike = (): void => {
    isDone = true;
    kill();
    resolve();
  };
  teams.react = (write) => {
    if (isDone) return null;
    const isEnd = textOf({ ...write, activityId: "", status: 0 }).includes("succeeded");
    const isPost = write.method === "POST";
    if (moment === "when the rows are written and the card is about to be posted" && isPost) {
      strike();
      return { status: 500, hangs: true };
    }
    if (moment === "when the card is posted and its id not yet known" && isPost) {
      strike();
      return { status: 500, isTaken: true, hangs: true };
    }
    if (moment === "between the check and the card's edit" && !isPost) {
      strike();
      return { status: 500, hangs: true };
    }
    if (moment === "when the edit is taken and not yet saved" && !isPost) {
      strike();
      return { status: 500, isTaken: true, hangs: true };
    }
    if (moment === "before the final edit" && isEnd) {
      strike();
      return { status: 500, hangs: true };
    }
    return null;
  };
  return {
    onCheck: () => {
      if (moment === "when the check is asked for" && !isDone) strike();
    },
    killed,
  };
}

describe("kill -9 and a new start", () => {
  test.each(MOMENTS)("%s: the card gets its true end", async (moment) => {
    await using place = await makeEmbedded();
    await using teams = await startFakeTeams();
    let onCheck = (): void => undefined;
    await using sandbox = await startSandbox({
      speed: 12,
      minimumIntervalMs: 1_000,
      onRequest: ({ url }) => {
        if (url.includes("$batch")) onCheck();
      },
    });
    const environment = {
      GRAPH_ENDPOINT: sandbox.url,
      CHECK_INTERVAL_SECONDS: "1.1",
      DATA_DIR: place.directory,
    };
    const { location } = sandbox.addOperation({ kind: "team", life: "slow", startsAtFirstCheck: true });

    await using first = await aBotProcess(environment);
    const plan = killAt(moment, teams, () => first.kill("SIGKILL"));
    onCheck = plan.onCheck;
    // Dead before it could answer, or not: the rows are there either way.
    await say(first, teams, `track ${location}`).catch(() => 0);
    await plan.killed;
    expect(await first.ended).toBe("SIGKILL");

    await using _second = await aBotProcess(environment);
    await teams.when("true end", (write) => textOf(write) === "Create team — succeeded");
    expect(sandbox.counts().early).toBe(0);
    const posts = teams.writes.filter((write) => write.method === "POST" && isCard(write));
    // Only the very first post can be doubled, when its id was lost with the process: Teams has no
    // key by which it could be told twice. The check is asked for at about the same time.
    const mayDouble =
      moment === "when the card is posted and its id not yet known" ||
      moment === "when the check is asked for";
    expect(posts.length).toBeLessThanOrEqual(mayDouble ? 2 : 1);
    expect(teams.writes.filter(isCard).at(-1)).toMatchObject({
      activity: { summary: "Create team — succeeded" },
    });
  });
});

const ID = "7f8a1c52-3b0e-4d67-9a41-000000000001";

describe("the process", () => {
  test("ends on SIGTERM with exit code 0, and says so in JSON lines alone", async () => {
    await using directory = await aDirectory();
    await using sandbox = await startSandbox();
    await using bot = await aBotProcess({ GRAPH_ENDPOINT: sandbox.url, DATA_DIR: directory.path });
    bot.kill("SIGTERM");
    expect(await bot.ended).toBe(0);
    const lines = bot.output().trim().split("\n");
    const events = lines.map((line): unknown => JSON.parse(line));
    expect(events).toMatchObject([
      { event: "app.configured" },
      { event: "app.ready" },
      { event: "app.stopping" },
      { event: "app.stopped" },
    ]);
  });

  test("ends at once while it is being loaded, also where it would not hear that without a handler", async () => {
    // What takes long to load, and hears the signal meanwhile.
    const slow = `process.kill(process.pid, "SIGTERM"); await new Promise((go) => setTimeout(go, 60_000)); export {};`;
    const hooks = `import { registerHooks } from "node:module";
      registerHooks({
        load: (url, context, next) => url.endsWith("/src/run.ts")
          ? { format: "module", source: ${JSON.stringify(slow)}, shortCircuit: true }
          : next(url, context),
      });`;
    const preload = ["--import", `data:text/javascript,${encodeURIComponent(hooks)}`];
    const child = spawn(process.execPath, [...preload, MAIN], { stdio: "ignore" });
    // With a code of its own, and not by the signal.
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test.each([
    ["SIGINT", "SIGTERM"],
    ["SIGTERM", "SIGTERM"],
  ] as const)("with a check in hand ends at once when %s is followed by %s", async (first, second) => {
    await using place = await makeEmbedded();
    await using teams = await startFakeTeams();
    const asked = Promise.withResolvers<void>();
    using graph = await listen(async () => {
      asked.resolve();
      // No answer: the check takes its ten seconds.
      await new Promise(() => undefined);
    });
    const origin = `http://127.0.0.1:${graph.port}`;
    await using bot = await aBotProcess({ GRAPH_ENDPOINT: origin, DATA_DIR: place.directory });
    await say(bot, teams, `track ${origin}/v1.0/teams('${ID}')/operations('${ID}')`);
    await asked.promise;
    bot.kill(first);
    await vi.waitFor(() => expect(bot.output()).toContain("app.stopping"));
    bot.kill(second);
    expect(await bot.ended).toBe(1);
    expect(bot.output()).not.toContain("app.stopped");
  });

  test("a second process on the same data directory is refused, and the first goes on", async () => {
    await using place = await makeEmbedded();
    const environment = { GRAPH_ENDPOINT: "http://127.0.0.1:9", DATA_DIR: place.directory };
    await using first = await aBotProcess(environment);
    await expect(aBotProcess(environment)).rejects.toThrow(/in use by another Opwatch process/u);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test("a busy port is told with its number and what to do", async () => {
    await using directory = await aDirectory();
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    await expect(
      aBotProcess({ GRAPH_ENDPOINT: "http://127.0.0.1:9", DATA_DIR: directory.path, PORT: String(port) }),
    ).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use by another program`);
    taken.close();
  });

  test("a database that is down is told without its password", async () => {
    const start = aBotProcess({
      GRAPH_ENDPOINT: "http://127.0.0.1:9",
      DATABASE_URL: "postgres://me:hunter2@127.0.0.1:1/opwatch",
    });
    const message = await start.then(String, String);
    expect(message).toContain("DATABASE_URL");
    expect(message).not.toContain("hunter2");
  });

  test("without BOT_ID it does not start, unless in local mode", async () => {
    await expect(aBotProcess({ OPWATCH_LOCAL: "" })).rejects.toThrow(/BOT_ID is missing/u);
  });
});
