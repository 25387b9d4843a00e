import { expect, test } from "vitest";
import { signatureOf, aReceiver } from "../callbacks/a-receiver.ts";
import { aClient } from "../api/a-client.ts";
import { within } from "../sandbox/a-sandbox.ts";
import { ALEX, CHANNEL, GROUP, inTeam, PERSONAL } from "../support/an-activity.ts";
import { anApp } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";

const SECRET = "a secret of thirty-two characters";
const CALLBACKS = { CALLBACK_HOSTS: "127.0.0.1", CALLBACK_ALLOW_PRIVATE: "1", CALLBACK_SECRET: SECRET };
const TEAM = "19:4a95f7@thread.tacv2";
const GROUP_ID = "dbd8de4f-5d47-48da-87f1-594bed003375";
const CHANNEL_ID = CHANNEL.id.split(";")[0] ?? "";
const MEGAN = "aaaabbbb-1e1f-4938-9085-ce6d756a32d2";

test("a pipeline's operation: its card with title and link, changes in place, the end, the events", async () => {
  await using bench = await anApp({ env: CALLBACKS });
  await using receiver = await aReceiver();
  await bench.say(GROUP, "alias Provisioning");
  const client = aClient(bench.app.url);
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "slow" });
  const made = await client.request("POST", "/api/watches", {
    operation: `Location: ${location}`,
    to: { alias: "provisioning" },
    title: "Team for Aurora",
    link: "https://ci.contoso.com/runs/42",
    callbackUrl: `${receiver.url}/hook`,
    callbackOn: "change",
  });
  const path = made.headers.get("location") ?? "";
  expect(made.status).toBe(202);
  expect(path).toBe(`/api/watches/${String(within(made.body, "id"))}`);

  const end = await bench.teams.when("end", (write) => isCard(write) && textOf(write).includes("succeeded"));
  const cards = bench.teams.writes.filter(isCard);
  expect(cards[0]).toMatchObject({ method: "POST", conversation: GROUP.id });
  expect(cards.length).toBeGreaterThan(2);
  expect(new Set(cards.map(({ activityId }) => activityId)).size).toBe(1);
  for (const card of cards) {
    expect(JSON.stringify(card.activity)).toContain("Team for Aurora");
    expect(JSON.stringify(card.activity)).toContain("https://ci.contoso.com/runs/42");
  }

  const { body } = await client.until(
    path,
    (found) =>
      within(found, "card", "state") === "current" && within(found, "callback", "state") === "delivered",
  );
  expect(body).toMatchObject({
    status: "succeeded",
    graphStatus: "succeeded",
    isFinal: true,
    operationType: "createTeam",
    attemptsCount: 4,
    error: null,
    closeReason: "ended",
    card: { conversation: GROUP.id, activityId: end.activityId },
    callback: { attempts: 1, lastStatus: 204 },
  });
  expect(String(within(body, "targetResourceId"))).toMatch(/^[0-9a-f-]{36}$/u);
  const last = receiver.events.at(-1);
  expect(last?.body).toMatchObject({
    specversion: "1.0",
    type: "org.opwatch.watch.closed",
    source: path,
    data: { status: "succeeded", targetResourceId: within(body, "targetResourceId") },
  });
  expect(receiver.events.slice(0, -1).map((event) => within(event.body, "type"))).toContain(
    "org.opwatch.watch.changed",
  );
  for (const event of receiver.events) {
    expect(event.headers["webhook-signature"]).toBe(signatureOf(event, SECRET));
    expect(event.headers["webhook-id"]).toBe(within(event.body, "id"));
  }
  expect(new Set(receiver.events.map((event) => within(event.body, "id"))).size).toBe(receiver.events.length);
  expect(bench.sandbox.counts().early).toBe(0);
});

test("a receiver in trouble gets the same event again, and where it stands can be seen", async () => {
  await using bench = await anApp({ env: CALLBACKS });
  await using receiver = await aReceiver();
  await bench.install(GROUP);
  const client = aClient(bench.app.url);
  let isUp = false;
  receiver.answer = () => (isUp ? 200 : 500);
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "failing" });
  const made = await client.request("POST", "/api/watches", {
    operation: location,
    to: { conversation: GROUP.id },
    callbackUrl: receiver.url,
  });
  const path = made.headers.get("location") ?? "";
  const pending = await client.until(path, (body) => Number(within(body, "callback", "attempts")) >= 2);
  expect(pending.body).toMatchObject({
    status: "failed",
    error: { code: "TeamUnavailable", message: "The team was not found." },
    callback: { state: "pending", lastStatus: 500 },
  });
  isUp = true;
  await client.until(path, (body) => within(body, "callback", "state") === "delivered");
  expect(new Set(receiver.events.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(receiver.events.length).toBeGreaterThanOrEqual(3);
});

test("GET makes no check, DELETE stops it and the card says so once", async () => {
  await using bench = await anApp();
  await bench.install(GROUP);
  const client = aClient(bench.app.url);
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
  const made = await client.request("POST", "/api/watches", {
    operation: location,
    to: { conversation: GROUP.id },
  });
  const path = made.headers.get("location") ?? "";
  await bench.teams.when("running card", (write) => textOf(write).includes("in progress"));
  const before = bench.sandbox.checksOf(location).length;
  for (let n = 0; n < 30; n += 1) await client.request("GET", path);
  expect(bench.sandbox.checksOf(location).length).toBeLessThanOrEqual(before + 1);
  for (const _ of [1, 2]) expect((await client.request("DELETE", path)).status).toBe(204);
  const stopped = (text: string): boolean => text.endsWith("no longer watched");
  await bench.teams.when("stop", (write) => isCard(write) && stopped(textOf(write)));
  await client.until(path, (body) => within(body, "card", "state") === "current");
  expect((await client.request("GET", path)).body).toMatchObject({ status: "stopped", isFinal: true });
  expect(bench.teams.writes.filter((write) => stopped(textOf(write)))).toHaveLength(1);
  const checks = bench.sandbox.checksOf(location).length;
  await new Promise((resolve) => {
    setTimeout(resolve, 2_500);
  });
  expect(bench.sandbox.checksOf(location).length).toBe(checks);
});

test("the same key makes one card, and the list has pages over HTTP", async () => {
  await using bench = await anApp();
  await bench.install(GROUP);
  const client = aClient(bench.app.url);
  const post = (n: number, key: string): ReturnType<typeof client.request> =>
    client.request(
      "POST",
      "/api/watches",
      { operation: `/teams('t${n}')/operations('o${n}')`, to: { conversation: GROUP.id } },
      { headers: { "idempotency-key": key } },
    );
  const [first, again] = [await post(1, "a"), await post(1, "a")];
  expect(within(again.body, "id")).toBe(within(first.body, "id"));
  expect((await post(2, "a")).status).toBe(422);
  for (const n of [2, 3, 4, 5]) expect((await post(n, `k${n}`)).status).toBe(202);
  const ids: unknown[] = [];
  let path: string | null = "/api/watches?top=2&state=open";
  while (path !== null) {
    const { body }: { body: unknown } = await client.request("GET", path);
    const value = within(body, "value");
    ids.push(...(Array.isArray(value) ? value : []).map((each: unknown) => within(each, "id")));
    const next = within(body, "nextLink");
    path = typeof next === "string" ? next : null;
  }
  expect(new Set(ids).size).toBe(5);
  expect(ids).toHaveLength(5);
});

test("into a channel: a new thread of its own, or the one that is named; also where nobody has written yet", async () => {
  await using bench = await anApp();
  const client = aClient(bench.app.url);
  const place = inTeam({ id: TEAM, aadGroupId: GROUP_ID });
  await bench.say(CHANNEL, "help", place);
  const unseen = "19:never-seen@thread.tacv2";
  bench.teams.channels = (team) => (team === TEAM ? [TEAM, CHANNEL_ID, unseen] : null);
  let n = 0;
  const post = async (to: object, more: object = {}): Promise<string> => {
    n += 1;
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    const body = { operation: location, to, title: `Number ${n}`, ...more };
    const { status, text } = await client.request("POST", "/api/watches", body);
    expect({ status, text }).toMatchObject({ status: 202 });
    const title = `Number ${n}`;
    const card = await bench.teams.when(
      title,
      (write) => isCard(write) && JSON.stringify(write.activity).includes(title),
    );
    return card.conversation;
  };
  expect(await post({ team: GROUP_ID, channel: CHANNEL_ID })).toBe(CHANNEL_ID);
  expect(await post({ team: TEAM, channel: CHANNEL_ID })).toBe(CHANNEL_ID);
  const thread = "1700000000001";
  expect(await post({ team: GROUP_ID, channel: CHANNEL_ID }, { thread })).toBe(
    `${CHANNEL_ID};messageid=${thread}`,
  );
  const link = `https://teams.microsoft.com/l/channel/${encodeURIComponent(unseen)}/News?groupId=${GROUP_ID}`;
  expect(await post({ link })).toBe(unseen);
  expect(await post({ conversation: unseen })).toBe(unseen);
  const other = { team: GROUP_ID, channel: "19:elsewhere@thread.tacv2" };
  const refused = await client.request("POST", "/api/watches", {
    operation: "/teams('t')/operations('o')",
    to: other,
  });
  expect(refused).toMatchObject({ status: 422, body: { type: "urn:opwatch:problem:unknown-channel" } });
});

test("a channel that was made after the list was last asked for", async () => {
  await using bench = await anApp();
  const client = aClient(bench.app.url);
  await bench.say(CHANNEL, "help", inTeam({ id: TEAM, aadGroupId: GROUP_ID }));
  const [old, made] = ["19:old@thread.tacv2", "19:just-made@thread.tacv2"];
  bench.teams.channels = () => [TEAM, old];
  const post = (channel: string): ReturnType<typeof client.request> =>
    client.request("POST", "/api/watches", {
      operation: "/teams('t')/operations('o')",
      to: { team: GROUP_ID, channel },
    });
  expect((await post(old)).status).toBe(202);
  // A pipeline that makes a channel writes into it right away.
  bench.teams.channels = () => [TEAM, old, made];
  expect((await post(made)).status).toBe(202);
});

test("to a person: the chat that there is, one that is made, or how to install", async () => {
  await using bench = await anApp();
  const client = aClient(bench.app.url);
  await bench.say(GROUP, "help");
  const post = async (user: string): Promise<{ status: number; body: unknown }> => {
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    return client.request("POST", "/api/watches", { operation: location, to: { user } });
  };
  expect(await post(MEGAN)).toMatchObject({
    status: 202,
    body: { card: { conversation: `a:1chat-with-${MEGAN}`, conversationType: "personal" } },
  });
  await bench.teams.when("card", (write) => isCard(write) && write.conversation === `a:1chat-with-${MEGAN}`);
  expect(bench.teams.chatRequests).toEqual([expect.objectContaining({ isGroup: false })]);
  // From here on it is known.
  expect((await post(MEGAN)).status).toBe(202);
  expect(bench.teams.chatRequests).toHaveLength(1);

  bench.teams.chat = () => 403;
  const refused = await post(ALEX.aadObjectId);
  expect(refused).toMatchObject({ status: 409, body: { type: "urn:opwatch:problem:not-installed" } });
  expect(within(refused.body, "detail")).toMatch(/installed/u);
  bench.teams.chat = () => 503;
  expect(await post(ALEX.aadObjectId)).toMatchObject({
    status: 503,
    body: { type: "urn:opwatch:problem:teams-unavailable" },
  });
  // That Teams refuses a chat says nothing of where it was asked.
  expect((await client.request("GET", "/api/watches?top=1")).status).toBe(200);
  await bench.say(PERSONAL, "help");
  expect(await post(ALEX.aadObjectId)).toMatchObject({
    status: 202,
    body: { card: { conversation: PERSONAL.id } },
  });
});

test("the requester is mentioned at the end; somebody who is not there is refused", async () => {
  await using bench = await anApp();
  const client = aClient(bench.app.url);
  await bench.install(GROUP);
  bench.teams.member = (_roster, user) =>
    user === "megan@contoso.com" ? { id: "29:1Megan", name: "Megan Bowen" } : null;
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
  const body = { operation: location, to: { conversation: GROUP.id }, notify: "always" };
  const refused = await client.request("POST", "/api/watches", { ...body, requester: "nobody@contoso.com" });
  expect(refused).toMatchObject({ status: 422, body: { type: "urn:opwatch:problem:unknown-requester" } });
  const made = await client.request("POST", "/api/watches", { ...body, requester: "megan@contoso.com" });
  expect(made.body).toMatchObject({ requester: "Megan Bowen" });
  const ping = await bench.teams.when("ping", (write) => !isCard(write) && textOf(write).includes("Megan"));
  expect(JSON.stringify(ping.activity["entities"])).toContain('"id":"29:1Megan"');
});

test("without a requester the end of what was to be told is told to nobody by name", async () => {
  await using bench = await anApp();
  const client = aClient(bench.app.url);
  await bench.install(GROUP);
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "failing" });
  await client.request("POST", "/api/watches", { operation: location, to: { conversation: GROUP.id } });
  const ping = await bench.teams.when("ping", (write) => !isCard(write) && /failed/u.test(textOf(write)));
  expect(ping.activity["entities"]).toBeUndefined();
  expect(textOf(ping)).not.toContain("<at>");
});

test("the bot is removed meanwhile: the watch ends without a word, and nothing new is taken", async () => {
  await using bench = await anApp({ env: CALLBACKS });
  await using receiver = await aReceiver();
  const client = aClient(bench.app.url);
  await bench.say(GROUP, "alias ops");
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
  const body = { operation: location, to: { alias: "ops" }, callbackUrl: receiver.url };
  const path = (await client.request("POST", "/api/watches", body)).headers.get("location") ?? "";
  await bench.teams.when("card", isCard);
  await bench.install(GROUP, "remove");
  expect((await client.request("GET", path)).body).toMatchObject({
    isFinal: true,
    closeReason: "removed",
    card: { state: "unreachable" },
  });
  for (const to of [{ alias: "ops" }, { conversation: GROUP.id }]) {
    expect(await client.request("POST", "/api/watches", { ...body, to })).toMatchObject({
      status: 409,
      body: { type: "urn:opwatch:problem:bot-removed" },
    });
  }
  const [event] = await receiver.count(1);
  expect(within(event?.body, "data", "closeReason")).toBe("removed");
  // It is added again: the alias still leads there.
  await bench.install(GROUP);
  expect((await client.request("POST", "/api/watches", body)).status).toBe(202);
});

test.each([403, 404])(
  "the conversation answers %d: it is marked gone, and the next request is told",
  async (status) => {
    await using bench = await anApp();
    const client = aClient(bench.app.url);
    await bench.install(GROUP);
    const code = status === 403 ? "BotNotInConversationRoster" : "ConversationNotFound";
    bench.teams.react = () => ({ status, code });
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    const body = { operation: location, to: { conversation: GROUP.id } };
    const path = (await client.request("POST", "/api/watches", body)).headers.get("location") ?? "";
    await client.until(path, (found) => within(found, "card", "state") === "unreachable");
    expect(await client.request("POST", "/api/watches", body)).toMatchObject({
      status: 409,
      body: { type: "urn:opwatch:problem:bot-removed" },
    });
  },
);

test("an alias that another conversation has is not taken from it", async () => {
  await using bench = await anApp();
  await bench.say(GROUP, "alias ops");
  await bench.say(PERSONAL, "alias ops");
  await bench.teams.when("refusal", (write) => /already/u.test(textOf(write)));
  const made = await aClient(bench.app.url).request("POST", "/api/watches", {
    operation: "/teams('t')/operations('o')",
    to: { alias: "ops" },
  });
  expect(made.body).toMatchObject({ card: { conversation: GROUP.id } });
});
