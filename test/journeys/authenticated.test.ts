import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { TokenError } from "../../src/identity/token-source.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aClient } from "../api/a-client.ts";
import { within } from "../sandbox/a-sandbox.ts";
import { makeEmbedded } from "../support/a-database.ts";
import { aRegisteredApp, type RegisteredBench } from "../support/a-registered-app.ts";
import {
  aMessage,
  anInstallation,
  aPress,
  GROUP,
  PERSONAL,
  TENANT,
  type Place,
} from "../support/an-activity.ts";
import { APP, CHANNEL_ISSUER, ISSUED_TO } from "../support/an-issuer.ts";
import { isCard, startFakeTeams, textOf } from "../support/fake-teams.ts";
import { postActivity } from "../support/post-activity.ts";

const SECOND = "11111111-2222-4333-8444-555555555555";
const FOREIGN = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const NOTHING = { conversations: 0, operations: 0, watches: 0, jobs: 0 };
const HOUR_S = 3_600;

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const bearer = async (token: Promise<string>): Promise<string> => `Bearer ${await token}`;
const of = (place: Place, tenant: string): Place => ({ ...place, id: `${place.id}-${tenant}`, tenant });

/** The tokens that a side was shown, each once; null where it was shown none. */
function shownTo(requests: readonly { readonly authorization?: unknown }[]): readonly unknown[] {
  return [...new Set(requests.map(({ authorization }) => authorization ?? null))];
}

const graphsTokens = ({ graphRequests }: RegisteredBench): readonly unknown[] =>
  shownTo(graphRequests.map(({ headers }) => ({ authorization: headers["authorization"] })));

describe("a signed activity", () => {
  let bench: RegisteredBench;
  beforeAll(async () => {
    bench = await aRegisteredApp();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test("makes a card that follows its operation to the end", async () => {
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    await bench.say(GROUP, `track ${location}`);
    const end = await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
    const [card] = bench.teams.writes.filter(isCard);
    expect(card).toMatchObject({ method: "POST", conversation: GROUP.id });
    expect(end).toMatchObject({ activityId: card?.activityId });
  });

  test("Teams is shown the bot's token and no other, Graph its own and no other", async () => {
    await bench.say(GROUP, "list");
    expect(bench.teams.requests.map(({ method }) => method)).toEqual(
      expect.arrayContaining(["GET", "POST", "PUT"]),
    );
    expect(shownTo(bench.teams.requests)).toEqual([`Bearer bot-token-of-${TENANT}`]);
    expect(bench.graphRequests.length).toBeGreaterThan(0);
    expect(graphsTokens(bench)).toEqual([`Bearer graph-token-of-${TENANT}`]);
    expect(new Set(bench.botTokens.asked)).toEqual(new Set([TENANT]));
    expect(new Set(bench.graphTokens.asked)).toEqual(new Set([TENANT]));
    // Neither of them is in anything else that goes out.
    expect(JSON.stringify([bench.teams.writes, bench.events])).not.toMatch(/token-of|hunter2/u);
    expect(bench.graphRequests.map(({ url }) => url).join()).not.toMatch(/token-of|hunter2/u);
  });

  test.each<[string, (serviceUrl: string) => object]>([
    ["an installation", (url) => anInstallation(url, PERSONAL, "add")],
    ["a press on a button", (url) => aPress(url, GROUP, { verb: "refresh", watch: crypto.randomUUID() })],
    ["the same in an old client", (url) => aPress(url, GROUP, { verb: "stop", watch: "x", submit: true })],
  ])("of another kind, %s, is let in as well, and refused without a token", async (_what, made) => {
    const activity = made(bench.teams.serviceUrl);
    expect((await bench.post(activity)).status).toBe(200);
    expect((await bench.post(activity, null)).status).toBe(401);
    expect((await bench.post(activity, await bearer(bench.botFramework.forged()))).status).toBe(401);
  });

  test("without the bot's token nothing is sent, and the card is right when there is one again", async () => {
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "slow" });
    const place: Place = { kind: "groupChat", id: "19:tokenless@thread.v2" };
    const isHere = ({ conversation }: { readonly conversation: string }): boolean =>
      conversation === place.id;
    await bench.say(place, `track ${location}`);
    await bench.teams.when("card", (write) => isHere(write) && isCard(write));
    bench.botTokens.trouble = new TokenError("AADSTS7000222: The provided client secret keys are expired.");
    const delays = (count: number): Promise<void> =>
      vi.waitFor(
        () => {
          const delayed = bench.events.filter(({ event }) => event === "delivery.delayed");
          expect(delayed.length).toBeGreaterThanOrEqual(count);
        },
        { timeout: 60_000, interval: 50 },
      );
    await delays(1);
    const requests = bench.teams.requests.length;
    await delays(2);
    expect(bench.teams.requests).toHaveLength(requests);
    bench.botTokens.trouble = null;
    await bench.teams.when("end", (write) => isHere(write) && textOf(write).endsWith("succeeded"), 40_000);
    const cards = bench.teams.writes.filter((write) => isHere(write) && isCard(write));
    expect(new Set(cards.map(({ activityId }) => activityId)).size).toBe(1);
  });
});

test("a token that Teams refuses is thrown away, and the card is sent with the next one", async () => {
  await using bench = await aRegisteredApp();
  let refusals = 0;
  bench.teams.react = ({ activity }) => {
    if (!Array.isArray(activity["attachments"]) || refusals > 0) return null;
    refusals += 1;
    return { status: 401, code: "Unauthorized" };
  };
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
  await bench.say(GROUP, `track ${location}`);
  await bench.teams.when("card", isCard);
  expect(bench.botTokens.discarded).toEqual([TENANT]);
  expect(bench.graphTokens.discarded).toEqual([]);
});

describe("whoever is not Teams is refused", () => {
  const stack = new AsyncDisposableStack();
  let bench: RegisteredBench;
  let evil: Awaited<ReturnType<typeof startFakeTeams>>;
  beforeAll(async () => {
    bench = stack.use(await aRegisteredApp());
    evil = stack.use(await startFakeTeams());
  });
  afterAll(() => stack.disposeAsync());

  const track = (serviceUrl = bench.teams.serviceUrl): object =>
    aMessage(serviceUrl, PERSONAL, "track /teams('t')/operations('o')");

  test.each<[string, () => string | null | Promise<string>]>([
    ["no token", () => null],
    ["another scheme", () => "Basic Ym90Omh1bnRlcjI="],
    ["no JWT", () => "Bearer abc"],
    ["claims that are no JSON", () => "Bearer a.b.c"],
    ["a forged token", () => bearer(bench.botFramework.forged())],
    ["an expired token", () => bearer(bench.botFramework.token({ exp: inSeconds(-HOUR_S) }))],
    ["a token that is not yet valid", () => bearer(bench.botFramework.token({ nbf: inSeconds(HOUR_S) }))],
    ["a token for another audience", () => bearer(bench.botFramework.token({ aud: FOREIGN }))],
    ["a token of another issuer", () => bearer(bench.botFramework.token({ iss: "https://evil.example" }))],
    [
      "a token of another cloud's Bot Framework",
      () => bearer(bench.botFramework.token({ iss: "https://api.botframework.us" })),
    ],
    ["a token without a service URL", () => bearer(bench.botFramework.token({ serviceurl: undefined }))],
    ["a token of another service URL", () => bearer(bench.botFramework.token({ serviceurl: "http://x/" }))],
    ["a caller's good token, which is Entra's", () => bearer(bench.entra.token())],
    [
      "Entra's token, issued to the bot's own application",
      () =>
        bearer(
          bench.entra.token({
            iss: `https://sts.windows.net/${TENANT}/`,
            appid: APP,
            azp: undefined,
            ver: "1.0",
            serviceurl: bench.teams.serviceUrl,
          }),
        ),
    ],
    [
      "Entra's token that says it is the Bot Framework's",
      () => bearer(bench.entra.token({ iss: CHANNEL_ISSUER, serviceurl: bench.teams.serviceUrl })),
    ],
    ["the bot's own token", () => `Bearer bot-token-of-${TENANT}`],
  ])("with %s: 401", async (_what, authorization) => {
    expect(await bench.post(track(), await authorization())).toEqual({
      status: 401,
      text: JSON.stringify({ error: { message: "The activity's token was refused." } }),
    });
  });

  test("with another channel's good token: 401", async () => {
    const activity = { ...track(), channelId: "directline" };
    expect((await bench.post(activity)).status).toBe(401);
  });

  test("from a service URL that is not its token's: 401; with its token, but not Teams': 403", async () => {
    for (const url of [
      evil.serviceUrl,
      "https://evil.example/",
      `${bench.teams.serviceUrl}@evil.example/`,
      bench.teams.serviceUrl.replace("127.0.0.1", "localhost"),
      bench.teams.serviceUrl.replace("http:", "https:"),
      "file:///etc/passwd",
      "nonsense",
    ]) {
      expect({ url, ...(await bench.post(track(url))) }).toMatchObject({ url, status: 401 });
      const signed = await bearer(bench.botFramework.token({ serviceurl: url }));
      expect({ url, ...(await bench.post(track(url), signed)) }).toMatchObject({ url, status: 403 });
    }
  });

  test("nothing of it all was kept, sent or logged", async () => {
    expect(bench.teams.requests).toEqual([]);
    expect(evil.requests).toEqual([]);
    expect(bench.graphRequests).toEqual([]);
    expect([...bench.botTokens.asked, ...bench.graphTokens.asked]).toEqual([]);
    const refused = bench.events.filter(({ event }) => event === "http.refused");
    expect(refused.length).toBeGreaterThan(20);
    expect(new Set(refused.map((event) => JSON.stringify(event)))).toEqual(
      new Set([401, 403].map((status) => `{"event":"http.refused","status":${status},"reason":"activity"}`)),
    );
    expect(JSON.stringify(bench.events)).not.toMatch(/hunter2|track|Bearer|eyJ|evil/u);
    expect(await bench.left()).toEqual(NOTHING);
  });
});

test("a conversation of the time before, when no token was sent, is shown none now", async () => {
  await using home = await makeEmbedded();
  await using elsewhere = await startFakeTeams();
  const DATA_DIR = home.directory;
  await using sandbox = await startSandbox({ speed: 20 });
  const { location } = sandbox.addOperation({ kind: "team", life: "endless" });
  const local = readConfig({ OPWATCH_LOCAL: "1", PORT: "0", GRAPH_ENDPOINT: sandbox.url, DATA_DIR });
  {
    await using app = await startApp(local, () => undefined);
    await postActivity(app.url, aMessage(elsewhere.serviceUrl, GROUP, `track ${location}`));
    await elsewhere.when("card", isCard);
  }
  const before = elsewhere.requests.length;
  expect(shownTo(elsewhere.requests)).toEqual([null]);
  await using bench = await aRegisteredApp({ DATA_DIR });
  // Graph knows no such operation there, so that its card would have to change.
  await vi.waitFor(
    () => expect(bench.events).toContainEqual(expect.objectContaining({ event: "delivery.rejected" })),
    { timeout: 60_000, interval: 50 },
  );
  expect(elsewhere.requests).toHaveLength(before);
  expect(bench.botTokens.asked).toEqual([]);
});

describe("another tenant's conversation", () => {
  test("is told so, and nothing of it is kept", async () => {
    await using bench = await aRegisteredApp();
    for (const place of [of(GROUP, FOREIGN), of(PERSONAL, FOREIGN)]) {
      await bench.say(place, "track /teams('t')/operations('o')");
      const reply = await bench.teams.when("reply", ({ conversation }) => conversation === place.id);
      expect(textOf(reply)).toMatch(/^I serve another organization/u);
      await bench.say(place, "alias Provisioning");
    }
    expect(bench.teams.writes.filter(isCard)).toEqual([]);
    expect(bench.graphTokens.asked).toEqual([]);
    expect(await bench.left()).toEqual(NOTHING);
  });

  test("is served by a bot of some tenants if it is one of them, with tokens of its own tenant", async () => {
    const env = { BOT_TYPE: "MultiTenant", BOT_TENANT_ID: undefined, ALLOWED_TENANTS: `${TENANT} ${SECOND}` };
    await using bench = await aRegisteredApp(env);
    bench.teams.member = (roster) => ({ tenantId: roster.endsWith(SECOND) ? SECOND : TENANT });
    for (const place of [of(GROUP, TENANT), of(GROUP, SECOND)]) {
      const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
      await bench.say(place, `track ${location}`);
      await bench.teams.when(
        "end",
        (write) => write.conversation === place.id && textOf(write).endsWith("succeeded"),
      );
    }
    const stranger = of(GROUP, FOREIGN);
    await bench.say(stranger, "track /teams('t')/operations('o')");
    const reply = await bench.teams.when("reply", ({ conversation }) => conversation === stranger.id);
    expect(textOf(reply)).toMatch(/^I serve another organization/u);

    expect(new Set(bench.graphTokens.asked)).toEqual(new Set([TENANT, SECOND]));
    expect(new Set(graphsTokens(bench))).toEqual(
      new Set([`Bearer graph-token-of-${TENANT}`, `Bearer graph-token-of-${SECOND}`]),
    );
    // A bot of no tenant signs in where the Bot Framework has its own.
    expect(shownTo(bench.teams.requests)).toEqual(["Bearer bot-token-of-botframework.com"]);
    expect(await bench.left()).toMatchObject({ conversations: 2, operations: 2, watches: 2 });
  });
});

describe("a pipeline", () => {
  let bench: RegisteredBench;
  beforeAll(async () => {
    bench = await aRegisteredApp({ API_REQUESTS_PER_SECOND: "1000" });
    await bench.say(GROUP, "help");
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const watch = (): object => ({
    operation: bench.sandbox.addOperation({ kind: "team", life: "quick" }).location,
    to: { conversation: GROUP.id },
  });
  const post = (authorization: string | null): ReturnType<ReturnType<typeof aClient>["request"]> =>
    aClient(bench.app.url).request("POST", "/api/watches", watch(), {
      headers: authorization === null ? {} : { authorization },
    });

  test("with Entra's token and its role makes a watch, and sees it end", async () => {
    const authorization = await bearer(bench.entra.token());
    const made = await post(authorization);
    expect(made.status).toBe(202);
    await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
    const read = await bearer(bench.entra.token({ roles: ["Watches.Read"] }));
    const { status, body } = await aClient(bench.app.url).request(
      "GET",
      made.headers.get("location") ?? "",
      undefined,
      { headers: { authorization: read } },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: within(made.body, "id") });
    expect(bench.events).toContainEqual(
      expect.objectContaining({ event: "api", method: "POST", status: 202, caller: ISSUED_TO }),
    );
  });

  test("with a token of version 1 as well", async () => {
    const iss = `https://sts.windows.net/${TENANT}/`;
    const claims = { iss, aud: `api://${APP}`, ver: "1.0", azp: undefined, appid: ISSUED_TO };
    expect((await post(await bearer(bench.entra.token(claims)))).status).toBe(202);
  });

  test.each<[string, () => null | Promise<string>, number, string]>([
    ["no token", () => null, 401, "unauthenticated"],
    ["a forged one", () => bearer(bench.entra.forged()), 401, "unauthenticated"],
    ["an expired one", () => bearer(bench.entra.token({ exp: inSeconds(-HOUR_S) })), 401, "unauthenticated"],
    [
      "one for Graph",
      () => bearer(bench.entra.token({ aud: "https://graph.microsoft.com" })),
      401,
      "unauthenticated",
    ],
    [
      "one of another issuer",
      () => bearer(bench.entra.token({ iss: "https://evil.example" })),
      401,
      "unauthenticated",
    ],
    ["the Bot Framework's good one", () => bearer(bench.botFramework.token()), 401, "unauthenticated"],
    [
      "the Bot Framework's that says it is Entra's",
      () =>
        bearer(
          bench.botFramework.token({
            iss: `${bench.entra.url}/${TENANT}/v2.0`,
            tid: TENANT,
            azp: ISSUED_TO,
            roles: ["Watches.Write"],
          }),
        ),
      401,
      "unauthenticated",
    ],
    [
      "one of another tenant",
      () => bearer(bench.entra.token({ tid: FOREIGN, iss: `${bench.entra.url}/${FOREIGN}/v2.0` })),
      403,
      "wrong-tenant",
    ],
    ["one without a role", () => bearer(bench.entra.token({ roles: [] })), 403, "missing-role"],
    [
      "one that may only read",
      () => bearer(bench.entra.token({ roles: ["Watches.Read"] })),
      403,
      "missing-role",
    ],
    [
      "a person's, whose scope is no role",
      () => bearer(bench.entra.token({ roles: undefined, scp: "Watches.Write" })),
      403,
      "missing-role",
    ],
  ])("with %s makes none", async (_what, authorization, status, problem) => {
    const answer = await post(await authorization());
    expect(answer).toMatchObject({ status, body: { type: `urn:opwatch:problem:${problem}` } });
  });

  test("only those that were let in left something", async () => {
    await bench.teams.when(
      "second end",
      () => bench.teams.writes.filter((write) => textOf(write).endsWith("succeeded")).length >= 2,
    );
    expect(await bench.left()).toMatchObject({ conversations: 1, operations: 2, watches: 2 });
  });
});
