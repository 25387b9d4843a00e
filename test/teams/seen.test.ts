import type { Activity, TurnContext } from "botbuilder";
import { beforeEach, describe, expect, test } from "vitest";

import { tenantId, type TenantId } from "../../src/core/ids.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { People } from "../../src/flows/people.ts";
import type { Conversation, Store } from "../../src/flows/ports.ts";
import { createSeen } from "../../src/teams/seen.ts";
import { MINUTE, START } from "../core/samples.ts";
import {
  ALEX,
  aMessage,
  anInstallation,
  anotherActivity,
  aPress,
  BOT,
  CHANNEL,
  GROUP,
  inTeam,
  PERSONAL,
  TENANT,
  type Place,
} from "../support/an-activity.ts";

const URL = "https://smba.trafficmanager.net/emea/";
const GROUP_ID = "57fb72d0-d811-46f4-8947-305e6072eaa5";
const TEAM = "19:4a95f7@thread.tacv2";
const RENEWED = 10 * MINUTE;

type Remembered = Conversation & { readonly at: number };

let now = START;
let remembered: Remembered[] = [];
let events: LogEvent[] = [];
let asked: string[] = [];
let groupId: string | null = GROUP_ID;
let fault: Error | null = null;

beforeEach(() => {
  now = START;
  [remembered, events, asked] = [[], [], []];
  groupId = GROUP_ID;
  fault = null;
});

/** Those parts of the ports that are needed; any other would throw. */
function only<Port>(methods: Partial<Port>): Port;
function only(methods: unknown): unknown {
  return methods;
}

function aSeen(servedTenants: readonly TenantId[] | null = null): (activity: object) => Promise<void> {
  const store = only<Store>({
    rememberConversation: (conversation, at) => {
      if (fault !== null) return Promise.reject(fault);
      remembered.push({ ...conversation, at });
      return Promise.resolve();
    },
  });
  const people = only<People>({
    groupIdOf: (conversation) => {
      asked.push(String(conversation.teamId));
      return Promise.resolve(groupId);
    },
  });
  const deps = { store, people, now: () => now, log: (event: LogEvent) => events.push(event) };
  const seen = createSeen(deps, servedTenants === null ? null : new Set(servedTenants));
  return (activity) => seen(only<TurnContext>({ activity: only<Activity>(activity) }));
}

const says = (place: Place, fields: Readonly<Record<string, unknown>> = {}): object =>
  aMessage(URL, place, "help", fields);

describe("a conversation is remembered", () => {
  test.each<[string, object]>([
    ["what somebody says", says(PERSONAL)],
    ["an installation", anInstallation(URL, PERSONAL, "add")],
    ["a press on a button", aPress(URL, PERSONAL, { verb: "refresh", watch: "x" })],
    ["a press in an old client", aPress(URL, PERSONAL, { verb: "refresh", watch: "x", submit: true })],
    ["a reaction", anotherActivity(URL, PERSONAL, { type: "messageReaction", reactionsAdded: [] })],
    [
      "new members",
      anotherActivity(URL, PERSONAL, { type: "conversationUpdate", membersAdded: [{ id: BOT.id }] }),
    ],
    [
      "members that leave, without the bot",
      anotherActivity(URL, PERSONAL, { type: "conversationUpdate", membersRemoved: [{ id: ALEX.id }] }),
    ],
    [
      "a channel's new name",
      anotherActivity(URL, PERSONAL, {
        type: "conversationUpdate",
        channelData: { tenant: { id: TENANT }, eventType: "channelRenamed" },
      }),
    ],
  ])("with %s", async (_, activity) => {
    await aSeen()(activity);
    expect(remembered).toMatchObject([
      {
        id: PERSONAL.id,
        tenantId: TENANT,
        kind: "personal",
        userId: ALEX.aadObjectId,
        reference: { serviceUrl: URL, botId: BOT.id, botName: BOT.name },
        at: START,
      },
    ]);
  });

  test("without its thread: a channel is the conversation", async () => {
    await aSeen()(says(CHANNEL));
    expect(remembered).toMatchObject([{ id: CHANNEL.id.split(";")[0], kind: "channel", userId: null }]);
  });

  test("once in ten minutes, and then again", async () => {
    const seen = aSeen();
    for (const later of [0, MINUTE, RENEWED - 1]) {
      now = START + later;
      await seen(says(PERSONAL));
    }
    expect(remembered).toHaveLength(1);
    now = START + RENEWED;
    await seen(says(PERSONAL));
    await seen(says(PERSONAL));
    expect(remembered.map(({ at }) => at)).toEqual([START, START + RENEWED]);
  });

  test("each on its own", async () => {
    const seen = aSeen();
    for (const place of [PERSONAL, GROUP, CHANNEL, PERSONAL, GROUP]) await seen(says(place));
    expect(remembered).toHaveLength(3);
  });

  test("at once when anything about it has changed", async () => {
    const seen = aSeen();
    await seen(says(PERSONAL));
    await seen(aMessage("https://smba.trafficmanager.net/amer/", PERSONAL, "help"));
    await seen(
      aMessage("https://smba.trafficmanager.net/amer/", PERSONAL, "help", {
        recipient: { ...BOT, name: "Opwatch 2" },
      }),
    );
    expect(remembered.map(({ reference }) => [reference.serviceUrl, reference.botName])).toEqual([
      [URL, "Opwatch"],
      ["https://smba.trafficmanager.net/amer/", "Opwatch"],
      ["https://smba.trafficmanager.net/amer/", "Opwatch 2"],
    ]);
  });

  test("by any of thousands, and by no process for ever", async () => {
    const seen = aSeen();
    for (let index = 0; index <= 10_000; index += 1) await seen(says({ ...PERSONAL, id: `a:${index}` }));
    expect(remembered).toHaveLength(10_001);
    // What is kept is bounded, so an early one may be written again, and is not lost.
    await seen(says({ ...PERSONAL, id: "a:0" }));
    expect(remembered.at(-1)?.id).toBe("a:0");
  });
});

describe("a channel's team at Graph, by which pipelines name it", () => {
  test("is what the activity says, without a question", async () => {
    await aSeen()(says(CHANNEL, inTeam({ id: TEAM, aadGroupId: GROUP_ID.toUpperCase() })));
    expect(remembered).toMatchObject([{ teamId: TEAM, groupId: GROUP_ID }]);
    expect(asked).toEqual([]);
  });

  test("is asked for where it does not, once in ten minutes", async () => {
    const seen = aSeen();
    await seen(says(CHANNEL, inTeam({ id: TEAM })));
    await seen(says(CHANNEL, inTeam({ id: TEAM })));
    expect(remembered).toMatchObject([{ teamId: TEAM, groupId: GROUP_ID }]);
    expect(asked).toEqual([TEAM]);
  });

  test("may stay unknown, and the conversation is remembered all the same", async () => {
    groupId = null;
    await aSeen()(says(CHANNEL, inTeam({ id: TEAM })));
    expect(remembered).toMatchObject([{ teamId: TEAM, groupId: null }]);
  });

  test("is not asked for where there is no team", async () => {
    const seen = aSeen();
    for (const place of [PERSONAL, GROUP, CHANNEL]) await seen(says(place));
    expect(asked).toEqual([]);
  });
});

const LEAVING: readonly (readonly [string, object])[] = [
  ["it is uninstalled", anInstallation(URL, GROUP, "remove")],
  [
    "it is removed",
    anotherActivity(URL, GROUP, {
      type: "conversationUpdate",
      membersRemoved: [{ id: ALEX.id }, { id: BOT.id }],
    }),
  ],
  ...["channelDeleted", "teamDeleted"].map(
    (eventType) =>
      [
        eventType,
        anotherActivity(URL, GROUP, {
          type: "conversationUpdate",
          channelData: { tenant: { id: TENANT }, eventType },
        }),
      ] as const,
  ),
];

describe("a conversation that the bot leaves", () => {
  test.each(LEAVING)("is not remembered when %s", async (_, activity) => {
    await aSeen()(activity);
    expect(remembered).toEqual([]);
    expect(asked).toEqual([]);
  });

  test.each(LEAVING.slice(0, 2))(
    "is remembered again with its first word, however soon, after %s",
    async (_, activity) => {
      const seen = aSeen();
      await seen(says(GROUP));
      await seen(activity);
      now += MINUTE;
      // Its row says by now that it is gone.
      await seen(says(GROUP));
      expect(remembered.map(({ at }) => at)).toEqual([START, START + MINUTE]);
    },
  );
});

describe("nothing is remembered", () => {
  test.each([
    ["one is", ["aaaabbbb-0000-cccc-1111-dddd2222eeee"]],
    ["some are", ["11111111-2222-4333-8444-555555555555", "aaaabbbb-0000-cccc-1111-dddd2222eeee"]],
  ])("of a tenant that is not served, where %s", async (_, served) => {
    const seen = aSeen(served.map(tenantId));
    await seen(says(PERSONAL));
    expect(remembered).toEqual([]);
    await seen(says({ ...PERSONAL, tenant: "AAAABBBB-0000-CCCC-1111-DDDD2222EEEE" }));
    expect(remembered).toHaveLength(1);
  });

  test.each<[string, object]>([
    ["nothing", {}],
    [
      "no tenant",
      anotherActivity(URL, PERSONAL, { type: "message", conversation: { id: "a:1" }, channelData: {} }),
    ],
    ["no service URL", anotherActivity("", PERSONAL, { type: "message" })],
    ["no sender", anotherActivity(URL, PERSONAL, { type: "message", from: null })],
  ])("of an activity that names %s", async (_, activity) => {
    await aSeen()(activity);
    expect(remembered).toEqual([]);
    expect(events).toEqual([]);
  });
});

test("with the database away the turn goes on, it is logged, and the next activity tries again", async () => {
  const seen = aSeen();
  fault = new Error("ECONNREFUSED");
  await seen(says(PERSONAL));
  expect(events).toEqual([{ event: "command.failed", name: "remember", error: "Error: ECONNREFUSED" }]);
  expect(JSON.stringify(events)).not.toContain(ALEX.name);
  fault = null;
  await seen(says(PERSONAL));
  expect(remembered).toHaveLength(1);
});
