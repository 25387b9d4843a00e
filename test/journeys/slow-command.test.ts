import { setTimeout as sleep } from "node:timers/promises";
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

/** teams-ai would say "typing" after one second, and after each one more. */
const HELD_MS = 2_500;

test.skipIf(server === null)(
  "a command that takes long writes its answer, and nothing before it",
  async () => {
    await using place = await makeEmpty(server ?? "");
    await using teams = await startFakeTeams();
    await using sandbox = await startSandbox();
    if (place.config.home !== "server") throw new Error("This is about a server.");
    await using bot = await aBotProcess({ GRAPH_ENDPOINT: sandbox.url, DATABASE_URL: place.config.url });
    const admin = new pg.Client({ connectionString: place.config.url });
    await admin.connect();
    await admin.query("begin; lock table opwatch.watches in access exclusive mode");
    const posted = postActivity(bot.url, aMessage(teams.serviceUrl, GROUP, "list"));
    await sleep(HELD_MS);
    const early = teams.writes.length;
    await admin.query("commit");
    await admin.end();
    expect((await posted).status).toBe(200);
    expect(early).toBe(0);
    expect(teams.writes.map(textOf)).toEqual([expect.stringContaining("watching nothing here")]);
  },
);
