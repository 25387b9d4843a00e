import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp, type App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import { aMessage, PERSONAL } from "../support/an-activity.ts";

const APP_ID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const TEAMS = "https://smba.trafficmanager.net/teams/";

let app: App;
let directory: string;
const events: LogEvent[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "opwatch-registered-"));
  const config = readConfig({
    BOT_ID: APP_ID,
    BOT_TENANT_ID: TENANT,
    BOT_PASSWORD: "hunter2",
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: directory,
  });
  app = await startApp(config, (event) => events.push(event));
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** A token as its holder would forge it: the claims are there, the signature is not. */
function aToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT", kid: "k" })}.${part(claims)}.${"x".repeat(64)}`;
}

async function post(authorization: string | null, serviceUrl = TEAMS): Promise<number> {
  const response = await fetch(`${app.url}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization === null ? {} : { authorization }) },
    body: JSON.stringify(aMessage(serviceUrl, PERSONAL, "help")),
  });
  return response.status;
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
])("with %s an activity gets 401", async (_what, authorization) => {
  expect(await post(authorization)).toBe(401);
});

test("a service URL that is not Teams' gets 403, loopback included", async () => {
  const channel = `Bearer ${aToken({ iss: "https://api.botframework.com", aud: APP_ID, exp: 4_000_000_000 })}`;
  expect(await post(channel, "https://evil.example/")).toBe(403);
  expect(await post(channel, "http://127.0.0.1:1/")).toBe(403);
  expect(await post(channel, "https://smba.trafficmanager.net.evil.example/")).toBe(403);
});

test("refused requests are logged by status and reason, with nothing of what they held", () => {
  expect(events.filter(({ event }) => event === "http.refused").length).toBeGreaterThanOrEqual(10);
  expect(JSON.stringify(events)).not.toMatch(/hunter2|help|Bearer|eyJ/u);
});
