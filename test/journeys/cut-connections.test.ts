import pg from "pg";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { findServer, makeEmpty } from "../support/a-database.ts";
import { aMessage, GROUP } from "../support/an-activity.ts";
import { startFakeTeams, textOf } from "../support/fake-teams.ts";
import { postActivity } from "../support/post-activity.ts";

const search = await findServer();
const server = search.found ? search.url : null;

test.skipIf(server === null)(
  "connections to PostgreSQL that are cut again and again end neither the process nor a watch",
  async () => {
    await using place = await makeEmpty(server ?? "");
    await using teams = await startFakeTeams();
    await using sandbox = await startSandbox({ speed: 4, minimumIntervalMs: 1_000 });
    if (place.config.home !== "server") throw new Error("This is about a server.");
    await using bot = await aBotProcess({
      GRAPH_ENDPOINT: sandbox.url,
      CHECK_INTERVAL_SECONDS: "1.5",
      DATABASE_URL: place.config.url,
    });
    const { location } = sandbox.addOperation({ kind: "team", life: "slow", startsAtFirstCheck: true });
    const post = (text: string): Promise<Response> =>
      postActivity(bot.url, aMessage(teams.serviceUrl, GROUP, text));
    expect((await post(`track ${location}`)).status).toBe(200);

    const admin = new pg.Client({ connectionString: server ?? "" });
    await admin.connect();
    for (let i = 0; i < 20; i += 1) {
      // Enough at once that connections are cut while they are in use.
      const busy = Array.from({ length: 12 }, () => post("list"));
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
        place.name,
      ]);
      await Promise.all(busy);
    }
    await admin.end();
    await teams.when("true end", (write) => textOf(write) === "Create team — succeeded");
    expect((await fetch(`${bot.url}/readyz`)).status).toBe(200);
    expect(sandbox.counts().early).toBe(0);
  },
);
