import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { conversationId } from "../../src/core/ids.ts";
import { lookUp, resolveDestination, type Destination, type Resolved } from "../../src/flows/destination.ts";
import type { Conversation } from "../../src/flows/ports.ts";
import { aConversation, OTHER_TENANT, T0, TENANT } from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";
import { anApi, CHAT, type ApiBench } from "./an-api.ts";

const GROUP_ID = "dbd8de4f-5d47-48da-87f1-594bed003375";
const TEAM_ID = conversationId("19:team@thread.tacv2");
const FOREIGN_GROUP = "aaaabbbb-5d47-48da-87f1-594bed003375";
const ALEX = "2804bc07-1e1f-4938-9085-ce6d756a32d2";
const GENERAL: Conversation = {
  ...aConversation("general"),
  id: TEAM_ID,
  kind: "channel",
  teamId: TEAM_ID,
  groupId: GROUP_ID,
};
const NEWS: Conversation = { ...GENERAL, id: conversationId("19:news@thread.tacv2") };
const FOREIGN_CHANNEL: Conversation = {
  ...GENERAL,
  id: conversationId("19:theirs@thread.tacv2"),
  tenantId: OTHER_TENANT,
  teamId: conversationId("19:their-team@thread.tacv2"),
  groupId: FOREIGN_GROUP,
};
const PERSONAL: Conversation = { ...CHAT, id: conversationId("a:alex"), kind: "personal", userId: ALEX };
const UNSEEN = "19:unseen@thread.tacv2";

let shared: SharedDatabase;
let bench: ApiBench;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
beforeEach(async () => {
  bench = await anApi(await shared.emptied());
});

async function remember(...conversations: readonly Conversation[]): Promise<void> {
  for (const [index, each] of conversations.entries()) {
    await bench.rows.store.rememberConversation(each, T0 + index);
  }
}

async function removed(conversation: Conversation): Promise<void> {
  await bench.rows.store.forgetConversation(conversation, T0 + 100);
}

function resolve(to: Destination, tenant: typeof TENANT | null = TENANT): Promise<Resolved> {
  const { people, graph } = bench;
  const { store } = bench.rows;
  const named = lookUp(store, tenant, to);
  return resolveDestination({ store, people, graph, now: () => T0 }, tenant, to, named);
}

function aLink(channel: string, group = GROUP_ID, tenant: string | null = TENANT): Destination {
  const end = tenant === null ? "" : `&tenantId=${tenant}`;
  const link = `https://teams.microsoft.com/l/channel/${encodeURIComponent(channel)}/General?groupId=${group}${end}`;
  return { kind: "link", link };
}

function none(why: string): unknown {
  return { kind: "none", why };
}

describe("a conversation by its id", () => {
  test("known, unknown, gone, another tenant's", async () => {
    await remember(CHAT, GENERAL, FOREIGN_CHANNEL);
    expect(await resolve({ kind: "conversation", id: CHAT.id })).toEqual({
      kind: "found",
      conversation: CHAT,
    });
    expect(await resolve({ kind: "conversation", id: "19:x@thread.v2" })).toEqual(
      none("unknownConversation"),
    );
    expect(await resolve({ kind: "conversation", id: FOREIGN_CHANNEL.id })).toEqual(
      none("unknownConversation"),
    );
    expect(await resolve({ kind: "conversation", id: FOREIGN_CHANNEL.id }, null)).toMatchObject({
      kind: "found",
    });
    await removed(CHAT);
    expect(await resolve({ kind: "conversation", id: CHAT.id })).toEqual(none("botRemoved"));
  });

  test("a channel's thread is its channel", async () => {
    await remember(NEWS);
    expect(await resolve({ kind: "conversation", id: `${NEWS.id};messageid=17` })).toMatchObject({
      conversation: { id: NEWS.id },
    });
  });
});

test("an alias is its tenant's; of no tenant any one", async () => {
  await remember(CHAT, FOREIGN_CHANNEL);
  await bench.rows.store.setAlias(FOREIGN_CHANNEL, "ops", T0);
  expect(await resolve({ kind: "alias", name: "ops" })).toEqual(none("unknownAlias"));
  expect(await resolve({ kind: "alias", name: "ops" }, null)).toMatchObject({ kind: "found" });
  await bench.rows.store.setAlias(CHAT, "ops", T0);
  expect(await resolve({ kind: "alias", name: "OPS" })).toEqual({ kind: "found", conversation: CHAT });
  await removed(CHAT);
  expect(await resolve({ kind: "alias", name: "ops" })).toEqual(none("botRemoved"));
});

describe("a channel", () => {
  test.each([GROUP_ID, GROUP_ID.toUpperCase(), TEAM_ID])("seen before, by the team %s", async (team) => {
    await remember(GENERAL, NEWS);
    expect(await resolve({ kind: "channel", team, channel: NEWS.id })).toEqual({
      kind: "found",
      conversation: NEWS,
    });
    expect(bench.people.asked).toEqual([]);
  });

  test("not seen before: it is the team's if Teams says so", async () => {
    await remember(GENERAL);
    bench.people.hasChannel = (_near, channel) => Promise.resolve(channel === UNSEEN);
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: UNSEEN })).toEqual({
      kind: "found",
      conversation: { ...GENERAL, id: UNSEEN },
    });
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: "19:x@thread.tacv2" })).toEqual(
      none("unknownChannel"),
    );
    // Resolving writes nothing.
    expect(await bench.rows.store.conversation(conversationId(UNSEEN))).toBeNull();
  });

  test("Teams does not say", async () => {
    await remember(GENERAL);
    bench.people.hasChannel = () => Promise.resolve(null);
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: UNSEEN })).toEqual(
      none("teamsUnavailable"),
    );
  });

  test("a team that nobody knows, or that is another tenant's", async () => {
    await remember(GENERAL, FOREIGN_CHANNEL);
    for (const team of [FOREIGN_GROUP, FOREIGN_CHANNEL.teamId ?? "", "19:x@thread.tacv2", ""]) {
      const to: Destination = { kind: "channel", team, channel: FOREIGN_CHANNEL.id };
      expect(await resolve(to)).toEqual(none("unknownTeam"));
    }
    expect(bench.people.asked).toEqual([]);
  });

  test("a channel of another tenant's team is none of ours, although the bot knows it", async () => {
    await remember(GENERAL, FOREIGN_CHANNEL);
    const to: Destination = { kind: "channel", team: GROUP_ID, channel: FOREIGN_CHANNEL.id };
    expect(await resolve(to)).toEqual(none("unknownChannel"));
    expect(await resolve(to, null)).toEqual(none("unknownChannel"));
  });

  test("neither is one of another team of the same tenant, nor a chat", async () => {
    const other = { ...NEWS, teamId: conversationId("19:other@thread.tacv2"), groupId: FOREIGN_GROUP };
    await remember(GENERAL, other, CHAT);
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: other.id })).toEqual(
      none("unknownChannel"),
    );
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: CHAT.id })).toEqual(
      none("unknownChannel"),
    );
  });

  test("the bot was removed from the team", async () => {
    await remember(GENERAL, NEWS);
    await removed(GENERAL);
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: NEWS.id })).toEqual(none("botRemoved"));
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: UNSEEN })).toEqual(none("botRemoved"));
  });

  test("the channel is gone and the team is there", async () => {
    await remember(GENERAL, NEWS);
    await removed(NEWS);
    expect(await resolve({ kind: "channel", team: GROUP_ID, channel: NEWS.id })).toEqual(none("botRemoved"));
  });
});

describe("a link to a channel", () => {
  test("as Teams copies it", async () => {
    await remember(GENERAL, NEWS);
    expect(await resolve(aLink(NEWS.id))).toEqual({ kind: "found", conversation: NEWS });
    expect(await resolve(aLink(NEWS.id, GROUP_ID, null))).toMatchObject({ kind: "found" });
    expect(await resolve(aLink(NEWS.id, GROUP_ID.toUpperCase(), TENANT.toUpperCase()))).toMatchObject({
      kind: "found",
    });
  });

  test("of another tenant, and what is none", async () => {
    await remember(GENERAL, NEWS, FOREIGN_CHANNEL);
    expect(await resolve(aLink(FOREIGN_CHANNEL.id, FOREIGN_GROUP, OTHER_TENANT))).toEqual(
      none("unknownTeam"),
    );
    expect(await resolve(aLink(FOREIGN_CHANNEL.id, FOREIGN_GROUP, TENANT))).toEqual(none("unknownTeam"));
    expect(await resolve(aLink(FOREIGN_CHANNEL.id, FOREIGN_GROUP, null))).toEqual(none("unknownTeam"));
    for (const link of [
      "",
      "x",
      "https://evil.example/l/channel/x?groupId=y",
      "https://teams.microsoft.com/l/team/x",
    ]) {
      expect(await resolve({ kind: "link", link })).toEqual(none("notALink"));
    }
  });
});

describe("a person", () => {
  test("who has a chat with the bot, by id and by name", async () => {
    await remember(CHAT, PERSONAL);
    bench.graph.userIdOf = (name) => (name === "alex@contoso.com" ? ALEX.toUpperCase() : null);
    for (const user of [ALEX, ALEX.toUpperCase(), "alex@contoso.com"]) {
      expect(await resolve({ kind: "user", user })).toEqual({ kind: "found", conversation: PERSONAL });
    }
    expect(await resolve({ kind: "user", user: "megan@contoso.com" })).toEqual(none("unknownUser"));
    expect(bench.people.asked).toEqual([]);
  });

  test("who has none gets one", async () => {
    await remember(CHAT);
    expect(await resolve({ kind: "user", user: ALEX })).toMatchObject({
      kind: "found",
      conversation: { kind: "personal", userId: ALEX, tenantId: TENANT, reference: CHAT.reference },
    });
    expect(bench.people.asked).toEqual([`chat with ${ALEX}`]);
  });

  test("who has none and can get none", async () => {
    await remember(CHAT);
    bench.people.openChat = () => Promise.resolve({ kind: "notInstalled" });
    expect(await resolve({ kind: "user", user: ALEX })).toEqual(none("notInstalled"));
    bench.people.openChat = () => Promise.resolve({ kind: "unavailable", reason: "503" });
    expect(await resolve({ kind: "user", user: ALEX })).toEqual(none("teamsUnavailable"));
  });

  test("where the bot is nowhere in the tenant, Teams can't be asked", async () => {
    await remember(FOREIGN_CHANNEL);
    expect(await resolve({ kind: "user", user: ALEX })).toEqual(none("notInstalled"));
    await remember(CHAT);
    await removed(CHAT);
    expect(await resolve({ kind: "user", user: ALEX })).toEqual(none("notInstalled"));
    expect(bench.people.asked).toEqual([]);
  });

  test("a person's chat in another tenant is not found", async () => {
    await remember(CHAT, { ...PERSONAL, tenantId: OTHER_TENANT });
    expect(await resolve({ kind: "user", user: ALEX })).toMatchObject({ kind: "found" });
    expect(bench.people.asked).toEqual([`chat with ${ALEX}`]);
  });

  test("one whose chat is gone is asked for again", async () => {
    await remember(CHAT, PERSONAL);
    await removed(PERSONAL);
    bench.people.openChat = () => Promise.resolve({ kind: "notInstalled" });
    expect(await resolve({ kind: "user", user: ALEX })).toEqual(none("notInstalled"));
  });
});
