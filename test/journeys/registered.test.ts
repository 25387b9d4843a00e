import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp, type App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { makeEmbedded } from "../support/a-database.ts";
import { aMessage, PERSONAL } from "../support/an-activity.ts";
import { aChannelIssuer, APP as APP_ID } from "../support/an-issuer.ts";
import { postActivity } from "../support/post-activity.ts";

const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const TEAMS = "https://smba.trafficmanager.net/teams/";

const stack = new AsyncDisposableStack();
let app: App;
let botFramework: Awaited<ReturnType<typeof aChannelIssuer>>;
const events: LogEvent[] = [];

beforeAll(async () => {
  const home = stack.use(await makeEmbedded());
  const config = readConfig({
    BOT_ID: APP_ID,
    BOT_TENANT_ID: TENANT,
    BOT_PASSWORD: "hunter2",
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: home.directory,
  });
  botFramework = stack.use(await aChannelIssuer(TEAMS));
  // The cloud as it is, but for where its keys are: nobody is asked over the network.
  const botCloud = { ...BOT_CLOUDS.global, openIdUrl: botFramework.openIdUrl };
  app = stack.use(await startApp(config, (event) => events.push(event), { botCloud }));
});
afterAll(() => stack.disposeAsync());

/** A token as its holder would forge it: the claims are there, the signature is not. */
function aToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT", kid: "k" })}.${part(claims)}.${"x".repeat(64)}`;
}

async function post(authorization: string | null, serviceUrl = TEAMS): Promise<number> {
  const headers = authorization === null ? {} : { authorization };
  return (await postActivity(app.url, aMessage(serviceUrl, PERSONAL, "help"), headers)).status;
}

test.each([
  ["no token", null],
  ["no bearer", "Basic abc"],
  ["no JWT", "Bearer abc"],
  [
    "an Entra token issued to the bot's own application",
    `Bearer ${aToken({ iss: `https://sts.windows.net/${TENANT}/`, appid: APP_ID, ver: "1.0", aud: "https://graph.microsoft.com" })}`,
  ],
  ["a token of another issuer", `Bearer ${aToken({ iss: "https://evil.example", aud: APP_ID })}`],
  ["a token without an issuer", `Bearer ${aToken({ aud: APP_ID })}`],
  [
    "a token for another audience",
    `Bearer ${aToken({ iss: "https://api.botframework.com", aud: "other", exp: 4_000_000_000 })}`,
  ],
  [
    "an expired token",
    `Bearer ${aToken({ iss: "https://api.botframework.com", aud: APP_ID, exp: 1_700_000_000 })}`,
  ],
  ["claims that are no JSON", "Bearer a.b.c"],
  [
    "a forged token",
    `Bearer ${aToken({ iss: "https://api.botframework.com", aud: APP_ID, exp: 4_000_000_000, serviceurl: TEAMS })}`,
  ],
])("with %s an activity gets 401", async (_what, authorization) => {
  expect(await post(authorization)).toBe(401);
});

test("a service URL that is not Teams' gets 403, loopback included", async () => {
  for (const serviceurl of [
    "https://evil.example/",
    "http://127.0.0.1:1/",
    "https://smba.trafficmanager.net.evil.example/",
  ]) {
    expect(await post(`Bearer ${await botFramework.token({ serviceurl })}`, serviceurl)).toBe(403);
    expect(await post(`Bearer ${await botFramework.token()}`, serviceurl)).toBe(401);
  }
});

test("refused requests are logged by status and reason, with nothing of what they held", () => {
  expect(events.filter(({ event }) => event === "http.refused").length).toBeGreaterThanOrEqual(10);
  expect(JSON.stringify(events)).not.toMatch(/hunter2|help|Bearer|eyJ/u);
});
