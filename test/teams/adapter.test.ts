import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { CLOUD_NAMES, type CloudName } from "../../src/core/clouds.ts";
import { createAdapter, type BotAdapter } from "../../src/teams/adapter.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { aMessage, PERSONAL } from "../support/an-activity.ts";
import { aChannelIssuer, APP } from "../support/an-issuer.ts";
import { startFakeTeams, type FakeTeams } from "../support/fake-teams.ts";

const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const EVIL = "https://evil.example/";

const CLOUDS: Readonly<Record<CloudName, { readonly issuer: string; readonly service: string }>> = {
  global: {
    issuer: "https://api.botframework.com",
    service: "https://smba.trafficmanager.net/emea/",
  },
  usgov: {
    issuer: "https://api.botframework.us",
    service: "https://smba.infra.gov.teams.microsoft.us/teams",
  },
  "usgov-dod": {
    issuer: "https://api.botframework.us",
    service: "https://smba.infra.dod.teams.microsoft.us/teams",
  },
  china: {
    issuer: "https://api.botframework.azure.cn",
    service: "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams",
  },
};

let signer: Awaited<ReturnType<typeof aChannelIssuer>>;
let teams: FakeTeams;
beforeAll(async () => {
  signer = await aChannelIssuer("");
  teams = await startFakeTeams();
});
afterAll(async () => {
  await signer[Symbol.asyncDispose]();
  await teams[Symbol.asyncDispose]();
});

function anAdapter(name: CloudName, token = () => Promise.resolve("the-bots-token")): BotAdapter {
  const cloud = { ...BOT_CLOUDS[name], openIdUrl: signer.openIdUrl };
  return createAdapter({ kind: "registered", cloud, appId: APP, token }, () => undefined);
}

/** What an activity from there gets, in perfect order but for who signs for it. */
async function answerTo(
  adapter: BotAdapter,
  iss: string,
  serviceUrl: string,
): Promise<{ readonly status: number; readonly isLetIn: boolean }> {
  let isLetIn = false;
  const token = await signer.token({ iss, serviceurl: serviceUrl });
  const { status } = await adapter.receive(`Bearer ${token}`, aMessage(serviceUrl, PERSONAL, "help"), () => {
    isLetIn = true;
    return Promise.resolve("done" as const);
  });
  return { status, isLetIn };
}

describe.each(CLOUD_NAMES)("in the cloud %s", (cloud) => {
  const { issuer, service } = CLOUDS[cloud];

  test("its own channel's activities are let in", async () => {
    expect(await answerTo(anAdapter(cloud), issuer, service)).toEqual({ status: 200, isLetIn: true });
  });

  test("only its own channel's tokens are worth a look", async () => {
    const adapter = anAdapter(cloud);
    const others = new Set(
      CLOUD_NAMES.map((name) => CLOUDS[name].issuer).filter((other) => other !== issuer),
    );
    for (const other of [
      ...others,
      "",
      `https://sts.windows.net/${TENANT}/`,
      `https://login.microsoftonline.com/${TENANT}/v2.0`,
      `${issuer}/`,
      `${issuer}.evil`,
      issuer.toUpperCase(),
    ]) {
      expect(await answerTo(adapter, other, EVIL)).toEqual({ status: 401, isLetIn: false });
      expect(await answerTo(adapter, other, service)).toEqual({ status: 401, isLetIn: false });
    }
    // Its own gets as far as to the service URL.
    expect(await answerTo(adapter, issuer, EVIL)).toEqual({ status: 403, isLetIn: false });
  });

  test("another cloud's service URL is refused", async () => {
    const adapter = anAdapter(cloud);
    for (const name of CLOUD_NAMES.filter((each) => each !== cloud)) {
      expect(await answerTo(adapter, issuer, CLOUDS[name].service)).toEqual({ status: 403, isLetIn: false });
    }
  });
});

test("while nobody can tell who signs, an activity gets 503, and Teams may send it again", async () => {
  const adapter = anAdapter("global");
  const { issuer, service } = CLOUDS.global;
  signer.trouble = { status: 500, at: "/keys" };
  expect(await answerTo(adapter, issuer, service)).toEqual({ status: 503, isLetIn: false });
  signer.trouble = null;
  expect(await answerTo(adapter, issuer, service)).toEqual({ status: 200, isLetIn: true });
});

test("what is refused is told without a word of the token or the body", async () => {
  const adapter = anAdapter("global");
  const token = await signer.forged({ serviceurl: CLOUDS.global.service });
  const refused = await adapter.receive(
    `Bearer ${token}`,
    aMessage(CLOUDS.global.service, PERSONAL, "help"),
    () => Promise.reject(new Error("It was let in.")),
  );
  expect(refused).toEqual({
    status: 401,
    body: { error: { message: "The activity's token was refused." } },
  });
});

async function write(adapter: BotAdapter): Promise<string | null | undefined> {
  const { conversations } = await adapter.connect(teams.serviceUrl);
  await conversations.sendToConversation(PERSONAL.id, { type: "message", text: "hello" });
  return teams.requests.at(-1)?.authorization;
}

describe("who writes to Teams", () => {
  test("brings the bot's token, and asks for it each time: it may have been renewed", async () => {
    let count = 0;
    const adapter = anAdapter("global", () => Promise.resolve(`token-${(count += 1)}`));
    expect(await write(adapter)).toBe("Bearer token-1");
    expect(await write(adapter)).toBe("Bearer token-2");
  });

  test("writes nothing where there is no token, and the reason comes out as it is", async () => {
    const fault = new Error("AADSTS7000222: the secret has expired.");
    const adapter = anAdapter("global", () => Promise.reject(fault));
    const before = teams.requests.length;
    await expect(write(adapter)).rejects.toBe(fault);
    expect(teams.requests).toHaveLength(before);
  });

  test("brings none in local mode", async () => {
    expect(await write(createAdapter({ kind: "local" }, () => undefined))).toBeNull();
  });

  test("has one client for each service URL: making one costs more than a request", async () => {
    const adapter = anAdapter("global");
    const client = await adapter.connect(teams.serviceUrl);
    expect(await adapter.connect(teams.serviceUrl)).toBe(client);
    expect(await adapter.connect("http://127.0.0.1:1")).not.toBe(client);
  });
});
