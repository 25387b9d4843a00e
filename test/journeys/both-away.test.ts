import pg from "pg";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aBotProcess } from "../support/a-bot-process.ts";
import { findServer, makeEmpty } from "../support/a-database.ts";
import { aMessage, GROUP } from "../support/an-activity.ts";
import { isCard, startFakeTeams, textOf } from "../support/fake-teams.ts";
import { postActivity } from "../support/post-activity.ts";

const search = await findServer();
const server = search.found ? search.url : null;

test.skipIf(server === null)(
  "what could neither be done nor be told, with the database and Teams away, is to be sent again, and is done then",
  async () => {
    await using place = await makeEmpty(server ?? "");
    await using teams = await startFakeTeams();
    await using sandbox = await startSandbox();
    if (place.config.home !== "server") throw new Error("This is about a server.");
    await using bot = await aBotProcess({ GRAPH_ENDPOINT: sandbox.url, DATABASE_URL: place.config.url });
    const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
    const aTrackMessage = () => aMessage(teams.serviceUrl, GROUP, `track ${location}`);
    const post = async (message: object): Promise<number> => (await postActivity(bot.url, message)).status;
    const admin = new pg.Client({ connectionString: place.config.url });
    await admin.connect();
    // What was begun is not to stand in the way of what comes again.
    const rename = (from: string, to: string) => admin.query(`alter table opwatch.${from} rename to ${to}`);

    await rename("operations", "away");
    // Whoever can be told need not send it again.
    expect(await post(aTrackMessage())).toBe(200);
    expect(teams.writes.map(textOf)).toEqual([expect.stringContaining("Something went wrong")]);
    teams.react = () => ({ status: 503 });
    const message = aTrackMessage();
    expect(await post(message)).toBe(503);
    await rename("away", "operations");
    await admin.end();
    teams.react = () => null;
    expect(await post(message)).toBe(200);
    await teams.when("the card", (write) => isCard(write) && write.status < 300);
  },
);
