import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { CLOUD_NAMES, CLOUDS, type CloudName } from "../../src/core/clouds.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { EN } from "../../src/teams/words/en.ts";
import { aCertificate } from "../support/a-certificate.ts";
import { makeEmbedded } from "../support/a-database.ts";
import { REGISTRATION } from "../support/a-registered-app.ts";
import { onLoopback } from "../support/on-loopback.ts";
import { aMessage, TENANT, type Place } from "../support/an-activity.ts";
import { aChannelIssuer, APP } from "../support/an-issuer.ts";
import { startFakeTeams, textOf, type FakeTeams } from "../support/fake-teams.ts";
import { postActivity } from "../support/post-activity.ts";

/** Whom Entra, or a machine's own endpoint, was asked to give a token to, and for what. */
type SignIn = {
  readonly as: "secret" | "certificate" | "managedIdentity";
  readonly clientId: string;
  readonly scope: string;
  readonly tenant?: string;
  readonly authorityHost?: string;
  readonly with?: string;
};

const network = vi.hoisted(() => ({ signIns: [] as SignIn[], trouble: null as string | null }));

// Nothing is asked over the network: the token that is given is the place of its sign-in in the list.
vi.mock("@azure/identity", () => {
  const give = (signIn: SignIn): Promise<object> => {
    if (network.trouble !== null) return Promise.reject(new Error(network.trouble));
    const place = network.signIns.push(signIn) - 1;
    return Promise.resolve({ token: `token-${place}`, expiresOnTimestamp: Date.now() + 3_600_000 });
  };
  type Options = { readonly authorityHost: string };
  const ofTenant = (as: SignIn["as"]): unknown =>
    function Credential(tenant: string, clientId: string, secret: string, options: Options): object {
      const signIn = { as, tenant, clientId, with: secret, ...options };
      return { getToken: (scope: string) => give({ ...signIn, scope }) };
    };
  return {
    ClientSecretCredential: ofTenant("secret"),
    ClientCertificateCredential: ofTenant("certificate"),
    ManagedIdentityCredential: function Credential(options: { readonly clientId: string }): object {
      return { getToken: (scope: string) => give({ as: "managedIdentity", ...options, scope }) };
    },
  };
});

const GRAPH_APP = "99998888-aaaa-2222-bbbb-3333cccc4444";
const CERTIFICATE = aCertificate("certificate", "key");

/** As Microsoft's pages have them: https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high */
const SIGN_IN: Readonly<Record<CloudName, { host: string; ofMany: string; channel: string }>> = {
  global: {
    host: "https://login.microsoftonline.com",
    ofMany: "botframework.com",
    channel: "https://api.botframework.com/.default",
  },
  usgov: {
    host: "https://login.microsoftonline.us",
    ofMany: "MicrosoftServices.onmicrosoft.us",
    channel: "https://api.botframework.us/.default",
  },
  "usgov-dod": {
    host: "https://login.microsoftonline.us",
    ofMany: "MicrosoftServices.onmicrosoft.us",
    channel: "https://api.botframework.us/.default",
  },
  china: {
    host: "https://login.partner.microsoftonline.cn",
    ofMany: "microsoftservices.partner.onmschina.cn",
    channel: "https://api.botframework.azure.cn/.default",
  },
};

let sandbox: Sandbox;
let teams: FakeTeams;
const shared = new AsyncDisposableStack();
beforeAll(async () => {
  sandbox = shared.use(await startSandbox({ speed: 20, minimumIntervalMs: 1_000 }));
  teams = shared.use(await startFakeTeams());
});
afterAll(() => shared.disposeAsync());

/** Where Graph was asked, and whose tokens it was shown; everybody else is on loopback. */
const shownToGraph: (string | null)[] = [];
beforeEach(() => {
  [network.signIns, network.trouble] = [[], null];
  shownToGraph.length = 0;
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (input: string | URL, init?: RequestInit) => {
    const { origin, hostname } = new URL(input);
    if (hostname === "127.0.0.1") return real(input, init);
    if (!CLOUD_NAMES.some((name) => CLOUDS[name].graphOrigin === origin)) {
      throw new Error(`${origin} was asked.`);
    }
    shownToGraph.push(`${origin} ${new Headers(init?.headers).get("authorization")}`);
    return sandbox.fetch(input, init);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

type Talk = {
  readonly place: Place;
  /** What the bot answers, to a good token if no other is given. */
  readonly say: (text: string, token?: string) => Promise<number>;
  /** Has an operation tracked, and waits for its end. */
  readonly track: () => Promise<void>;
};

let places = 0;

/** A bot that is configured so, in a chat of its own; and what it logged. */
async function inApp(
  cloud: CloudName,
  env: Readonly<Record<string, string | undefined>>,
  work: (talk: Talk) => Promise<unknown>,
): Promise<readonly LogEvent[]> {
  await using home = await makeEmbedded();
  await using issuer = await aChannelIssuer(teams.serviceUrl);
  const events: LogEvent[] = [];
  const given = { ...REGISTRATION, DATA_DIR: home.directory, GRAPH_CLOUD: cloud, ...env };
  const botCloud = onLoopback(BOT_CLOUDS[cloud], issuer.openIdUrl, teams.serviceUrl);
  await using app = await startApp(
    { ...readConfig(given), checkIntervalMs: 1_100 },
    (event) => void events.push(event),
    { botCloud },
  );
  places += 1;
  const place: Place = { kind: "groupChat", id: `19:${places}@thread.v2` };
  const talk: Talk = {
    place,
    async say(text, token) {
      const shown = token ?? (await issuer.token({ iss: botCloud.channelIssuer }));
      const message = aMessage(teams.serviceUrl, place, text);
      return (await postActivity(app.url, message, { authorization: `Bearer ${shown}` })).status;
    },
    async track() {
      const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
      expect(await talk.say(`track ${location}`)).toBe(200);
      await teams.when(
        "end",
        (write) => write.conversation === place.id && textOf(write) === "Create team — succeeded",
      );
    },
  };
  await work(talk);
  return events;
}

/** Which sign-ins Teams was shown the tokens of. */
function shownToTeams(from: number): readonly unknown[] {
  const shown = new Set(teams.requests.slice(from).map(({ authorization }) => authorization));
  return [...shown].map((each) => network.signIns[Number(/^Bearer token-(\d+)$/u.exec(each ?? "")?.[1])]);
}

describe.each(CLOUD_NAMES)("in the cloud %s", (cloud) => {
  const { host, ofMany, channel } = SIGN_IN[cloud];
  const { graphOrigin, authorityHost } = CLOUDS[cloud];
  const bot: SignIn = {
    as: "secret",
    tenant: TENANT,
    clientId: APP,
    with: REGISTRATION.BOT_PASSWORD,
    authorityHost: host,
    scope: channel,
  };

  test("a bot of one tenant signs in there for its channel, and for Graph; each sees its own token", async () => {
    const from = teams.requests.length;
    await inApp(cloud, {}, ({ track }) => track());
    const graph = { ...bot, authorityHost, scope: `${graphOrigin}/.default` };
    expect(network.signIns).toEqual([bot, graph]);
    expect(shownToTeams(from)).toEqual([bot]);
    expect(new Set(shownToGraph)).toEqual(new Set([`${graphOrigin} Bearer token-1`]));
  });

  test("a bot of many tenants signs in where the Bot Framework has its own, also with a certificate", async () => {
    const from = teams.requests.length;
    const registration = { BOT_TYPE: "MultiTenant", BOT_TENANT_ID: undefined };
    const certificate = { BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: CERTIFICATE };
    await inApp(cloud, { ...registration, ...certificate }, ({ say }) => say("help"));
    const signIn = { ...bot, tenant: ofMany, as: "certificate", with: CERTIFICATE };
    expect(shownToTeams(from)).toEqual([signIn]);
    expect(network.signIns).toEqual([signIn]);
  });

  test("a managed identity is asked for its own channel's token", async () => {
    const from = teams.requests.length;
    const env = { BOT_TYPE: "UserAssignedMSI", BOT_PASSWORD: undefined };
    await inApp(cloud, env, ({ say }) => say("help"));
    const signIn = { as: "managedIdentity", clientId: APP, scope: channel };
    expect(shownToTeams(from)).toEqual([signIn]);
    expect(network.signIns).toEqual([signIn]);
  });
});

test("Graph's own application signs in for Graph, and never for Teams", async () => {
  const from = teams.requests.length;
  const env = { GRAPH_CLIENT_ID: GRAPH_APP, GRAPH_CLIENT_SECRET: "hunter3-of-graph" };
  const events = await inApp("global", env, ({ track }) => track());
  expect(network.signIns).toMatchObject([
    { clientId: APP, with: REGISTRATION.BOT_PASSWORD, scope: SIGN_IN.global.channel },
    { clientId: GRAPH_APP, with: "hunter3-of-graph", scope: "https://graph.microsoft.com/.default" },
  ]);
  expect(shownToTeams(from)).toMatchObject([{ clientId: APP }]);
  expect(new Set(shownToGraph)).toEqual(new Set(["https://graph.microsoft.com Bearer token-1"]));
  expect(JSON.stringify(events)).not.toMatch(/hunter|token-\d/u);
});

test("nobody signs in before a token is needed, and who is refused needs none", async () => {
  await inApp("global", {}, async ({ say }) => {
    expect(await say("help", "a.b.c")).toBe(401);
  });
  expect(network.signIns).toEqual([]);
});

test("what is wrong with the secret is told to the operator: for which side, and what to do", async () => {
  network.trouble = "AADSTS7000222: The provided client secret keys for app are expired.";
  const from = teams.requests.length;
  const events = await inApp("global", {}, ({ say }) => say("help"));
  expect(events.find(({ event }) => event === "token.failed")).toEqual({
    event: "token.failed",
    side: "Teams",
    tenant: TENANT,
    problem: "secretExpired",
    todo: EN.credentialProblems.secretExpired,
    error: `TokenError: ${network.trouble} <- Error: ${network.trouble}`,
  });
  expect(teams.requests).toHaveLength(from);
  expect(JSON.stringify(events)).not.toContain("hunter");
});
