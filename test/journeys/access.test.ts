import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ALEX, CHANNEL, GROUP, inTeam, PERSONAL, type Place } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";

const FOREIGN = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const FROM_ALEX = { from: ALEX };

async function aBench(access?: string): Promise<AppBench> {
  return anApp(access === undefined ? {} : { env: { TRACK_ACCESS: access } });
}

/** That nothing of it was asked for or shown: an answer alone. */
async function expectRefused(bench: AppBench, place: Place, text: string | RegExp): Promise<void> {
  const answer = await bench.teams.when("refusal", (write) =>
    typeof text === "string" ? textOf(write).includes(text) : text.test(textOf(write)),
  );
  expect(answer.conversation).toBe(place.id);
  expect(bench.teams.writes.filter(isCard)).toEqual([]);
  expect(bench.sandbox.counts().checks).toBe(0);
}

describe("who may not track at all", () => {
  test.each([
    ["a guest", { userRole: "guest" }, "Guests can't track"],
    [
      "a guest by name",
      { userPrincipalName: "m_fabrikam.example#EXT#@contoso.example" },
      "Guests can't track",
    ],
    ["somebody of another tenant", { tenantId: FOREIGN }, "another organization"],
  ])("%s is refused, and told why", async (_, member, text) => {
    await using bench = await aBench();
    bench.teams.member = () => member;
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    await bench.say(GROUP, `track ${location}`);
    await expectRefused(bench, GROUP, text);
    expect(bench.teams.questions).toEqual([`/v3/conversations/${GROUP.id}/members/${ALEX.id}`]);
    // The one next to them may.
    bench.teams.member = (_roster, user) => (user === ALEX.id ? member : {});
    await bench.say(GROUP, `track ${location}`, { from: { id: "29:1Megan", name: "Megan Bowen" } });
    await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
  });

  test("a guest is refused in a channel by the team's roster", async () => {
    await using bench = await aBench();
    const team = "19:4a95f7@thread.tacv2";
    bench.teams.member = (roster) => (roster === team ? { userRole: "guest" } : {});
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    await bench.say(CHANNEL, `track ${location}`, inTeam({ id: team }));
    await expectRefused(bench, CHANNEL, "Guests can't track");
  });

  test("somebody is asked about once, however often they write", async () => {
    await using bench = await aBench();
    for (const _ of [1, 2, 3]) {
      const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
      await bench.say(PERSONAL, `track ${location}`);
    }
    await bench.teams.when("three cards", () => bench.teams.writes.filter(isCard).length >= 3);
    expect(bench.teams.questions).toHaveLength(1);
  });

  test("in local mode who is not in the roster may: there nobody can be asked", async () => {
    await using bench = await aBench();
    bench.teams.member = () => null;
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    await bench.say(PERSONAL, `track ${location}`);
    await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
    expect(bench.events.some(({ event }) => event === "roster.failed")).toBe(true);
    expect(JSON.stringify(bench.events)).not.toContain(ALEX.id);
  });

  test("what is wrong with an address is told to a guest as well, without a question", async () => {
    await using bench = await aBench();
    bench.teams.member = () => ({ userRole: "guest" });
    await bench.say(GROUP, "track /teams/{id}/operations/{op}");
    await bench.teams.when("answer", (write) => textOf(write).includes("placeholder"));
    expect(bench.teams.questions).toEqual([]);
  });
});

describe("TRACK_ACCESS=members", () => {
  test.each(["team", "chat"] as const)("a member of the %s may, in whatever place", async (kind) => {
    await using bench = await aBench("members");
    const members = [randomUUID(), ALEX.aadObjectId];
    const { location } = bench.sandbox.addOperation({ kind, life: "quick", members });
    await bench.say(PERSONAL, `track ${location}`, FROM_ALEX);
    await bench.teams.when("end", (write) => textOf(write).endsWith(" — succeeded"));
  });

  test.each(["team", "chat"] as const)("who is no member of the %s is told so", async (kind) => {
    await using bench = await aBench("members");
    const { location } = bench.sandbox.addOperation({ kind, life: "quick", members: [randomUUID()] });
    await bench.say(PERSONAL, `track ${location}`, FROM_ALEX);
    await expectRefused(bench, PERSONAL, "only members of the team or chat");
  });

  test("whom Teams gives no id in Entra can't be looked up", async () => {
    await using bench = await aBench("members");
    const { location } = bench.sandbox.addOperation({
      kind: "team",
      life: "quick",
      members: [ALEX.aadObjectId],
    });
    await bench.say(PERSONAL, `track ${location}`, { from: { id: ALEX.id, name: ALEX.name } });
    await expectRefused(bench, PERSONAL, "TeamMember.Read.All");
    expect(bench.sandbox.counts().requests).toBe(0);
  });

  test("an operation of no team or chat has no members", async () => {
    await using bench = await aBench("members");
    const { location } = bench.sandbox.addOperation({ kind: "site", life: "quick" });
    await bench.say(PERSONAL, `track ${location}`, FROM_ALEX);
    await expectRefused(bench, PERSONAL, "belongs to no team or chat");
  });

  test("in the chat itself nobody is looked up: who writes there is there", async () => {
    await using bench = await aBench("members");
    const { location } = bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: GROUP.id });
    await bench.say(GROUP, `track ${location}`, FROM_ALEX);
    await bench.teams.when("end", (write) => textOf(write) === "Create chat — succeeded");
  });

  test("of several only the allowed ones are tracked, and the other one is told of", async () => {
    await using bench = await aBench("members");
    const mine = bench.sandbox.addOperation({ kind: "team", life: "quick", members: [ALEX.aadObjectId] });
    const other = bench.sandbox.addOperation({ kind: "team", life: "quick", members: [] });
    await bench.say(PERSONAL, `track ${mine.location} ${other.location}`, FROM_ALEX);
    await bench.teams.when("refusal", (write) => textOf(write).includes("only members"));
    await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
    expect(bench.sandbox.checksOf(other.location)).toEqual([]);
  });
});

describe("TRACK_ACCESS=conversation", () => {
  test("an operation is tracked in its own chat, and nowhere else", async () => {
    await using bench = await aBench("conversation");
    const { location } = bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: GROUP.id });
    await bench.say(PERSONAL, `track ${location}`, FROM_ALEX);
    await expectRefused(bench, PERSONAL, "can only be tracked in the chat or team");
    await bench.say(GROUP, `track ${location}`, FROM_ALEX);
    await bench.teams.when("end", (write) => textOf(write) === "Create chat — succeeded");
    expect(bench.teams.writes.filter(isCard).every(({ conversation }) => conversation === GROUP.id)).toBe(
      true,
    );
  });

  test("an operation is tracked in a channel of its own team, and in no other team's", async () => {
    await using bench = await aBench("conversation");
    const aadGroupId = randomUUID();
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick", owner: aadGroupId });
    const elsewhere = inTeam({ id: "19:other@thread.tacv2", aadGroupId: randomUUID() });
    await bench.say(CHANNEL, `track ${location}`, elsewhere);
    await expectRefused(bench, CHANNEL, "can only be tracked in the chat or team");
    bench.teams.team = () => ({ aadGroupId: aadGroupId.toUpperCase() });
    const here: Place = { ...CHANNEL, id: "19:here@thread.tacv2;messageid=1700000000001" };
    await bench.say(here, `track ${location}`, inTeam({ id: "19:own@thread.tacv2" }));
    await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
  });

  test("an operation of no team or chat is tracked nowhere", async () => {
    await using bench = await aBench("conversation");
    const { location } = bench.sandbox.addOperation({ kind: "engagement", life: "quick" });
    await bench.say(GROUP, `track ${location}`, FROM_ALEX);
    await expectRefused(bench, GROUP, "can only be tracked in the chat or team");
  });
});

test("by default whoever knows an address may track it, and Graph is asked about nobody", async () => {
  await using bench = await aBench();
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick", members: [] });
  await bench.say(PERSONAL, `track ${location}`, FROM_ALEX);
  await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
});
