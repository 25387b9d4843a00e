import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Person } from "../../src/core/access.ts";
import { conversationId, tenantId } from "../../src/core/ids.ts";
import { trackOperation, type TrackReply, type TrackSettings } from "../../src/flows/track-operation.ts";
import {
  aConversation,
  HOUR,
  OTHER_TENANT,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "../contracts/store-bench.ts";
import type { People } from "../../src/flows/people.ts";
import type { Conversation, Graph } from "../../src/flows/ports.ts";
import { aFakeGraph } from "../support/a-fake-graph.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
const aBench = async (): Promise<StoreBench> => storeBench(await shared.emptied());

const SETTINGS: TrackSettings = {
  graph: GLOBAL_GRAPH,
  servedTenants: null,
  access: "tenant",
  isLocal: false,
  lifetimeMs: 168 * HOUR,
};
/** More cards than that at once are a mistake, or an attack. */
const MAX_AT_ONCE = 20;
const CHAT = aConversation("chat");
const NO_ANSWER = { kind: "noAnswer", message: "nobody is asked" } as const;
const PEOPLE: People = {
  whoIs: () => Promise.resolve("member"),
  groupIdOf: () => Promise.resolve(null),
  find: () => Promise.resolve(null),
  hasChannel: () => Promise.resolve(null),
  openChat: () => Promise.resolve({ kind: "notInstalled" }),
};
/** Alex, as Entra and Graph know him. */
const ENTRA_ID = "8b081ef6-4792-4def-b2c9-c363a1bf41d5";

type Scene = {
  readonly settings?: Partial<TrackSettings>;
  readonly conversation?: Conversation;
  readonly people?: Partial<People>;
  /** Whether Graph says that Alex is a member; by default nobody asks it. */
  readonly isMember?: Graph["isMember"];
  readonly entraId?: string | null;
  readonly html?: string;
  readonly askedBy?: string;
};

function trackIn(bench: StoreBench, text: string, scene: Scene = {}): Promise<TrackReply> {
  const { conversation = CHAT, entraId = ENTRA_ID, html = "", askedBy = null } = scene;
  const nobodyAsks: Graph["isMember"] = () => Promise.reject(new Error("Graph was asked"));
  const graph = { ...aFakeGraph(() => NO_ANSWER), isMember: scene.isMember ?? nobodyAsks };
  return trackOperation(
    { store: bench.store, graph, people: { ...PEOPLE, ...scene.people }, now: () => T0 },
    { ...SETTINGS, ...scene.settings },
    {
      conversation,
      threadId: conversation.id,
      requester: { id: "29:a", name: "A" },
      entraId,
      notify: "auto",
      askedBy,
      text,
      html,
    },
  );
}

function track(
  bench: StoreBench,
  text: string,
  settings: Partial<TrackSettings> = {},
  conversation = CHAT,
): Promise<TrackReply> {
  return trackIn(bench, text, { settings, conversation });
}

const operation = (n: number): string => `/teams('t')/operations('op-${n}')`;
const list = (count: number): string => Array.from({ length: count }, (_, i) => operation(i)).join("\n");

test("the same message gives the same watches, another one others, once they are over", async () => {
  await using bench = await aBench();
  const idsOf = async (askedBy: string): Promise<readonly string[]> => {
    const reply = await trackIn(bench, list(2), { askedBy });
    return reply.kind === "tracked" ? reply.tracked.map(({ watch }) => watch.id) : [];
  };
  const first = await idsOf("one");
  expect(new Set(first).size).toBe(2);
  await bench.store.stopWatches(CHAT.id, null, T0);
  expect(await idsOf("one")).toEqual(first);
  expect((await idsOf("two")).some((id) => first.includes(id))).toBe(false);
});

test("what a person pastes is tracked for its lifetime", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `Location: https://graph.microsoft.com/v1.0${operation(1)}`);
  expect(reply).toMatchObject({ kind: "tracked", refused: [], tracked: [{ isNew: true }] });
  const [watch] = await bench.store.openWatches(CHAT.id);
  if (watch === undefined) throw new Error("Nothing is watched.");
  expect(watch).toMatchObject({ createdAt: T0, address: { operation: "op-1" } });
  expect((await bench.watch(watch.id)).expiresAt).toBe(T0 + 168 * HOUR);
});

test.each([
  ["with their id in Entra, by which their data are found", ENTRA_ID, { entraId: ENTRA_ID }],
  ["without it where Teams does not tell it", null, {}],
])("who asked is kept %s", async (_what, entraId, known) => {
  await using bench = await aBench();
  await trackIn(bench, operation(1), { entraId });
  const [watch] = await bench.store.openWatches(CHAT.id);
  expect(watch?.requester).toEqual({ id: "29:a", name: "A", ...known });
});

test("the same operation twice in one message is one watch", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `${operation(1)} /beta${operation(1)} /teams/t/operations/op-1`);
  expect(reply.kind === "tracked" && reply.tracked.length).toBe(1);
});

test("what is no operation is refused by name, the rest is tracked", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `${operation(1)} hello https://evil.example${operation(2)}`);
  expect(reply).toMatchObject({
    kind: "tracked",
    tracked: [{ isNew: true }],
    // Words around it are what a pasted response is full of.
    refused: [{ problem: "unknownHost" }],
  });
});

test("nothing but refusals writes nothing down", async () => {
  await using bench = await aBench();
  expect(await track(bench, "hello")).toMatchObject({ kind: "tracked", tracked: [] });
  expect(await track(bench, "  ")).toEqual({ kind: "nothing" });
  expect(await bench.counts()).toEqual({ operations: 0, watches: 0, conversations: 0, alarms: 0 });
});

test("as many at once as are allowed, and not one more", async () => {
  await using bench = await aBench();
  expect(await track(bench, list(MAX_AT_ONCE + 1))).toEqual({
    kind: "tooMany",
    count: MAX_AT_ONCE + 1,
    max: MAX_AT_ONCE,
  });
  expect((await bench.counts()).watches).toBe(0);
  expect(await track(bench, list(MAX_AT_ONCE))).toMatchObject({ kind: "tracked" });
  expect((await bench.counts()).watches).toBe(MAX_AT_ONCE);
});

test("another tenant's conversation is not served, and nothing of it is kept", async () => {
  await using bench = await aBench();
  const foreign = aConversation("foreign", OTHER_TENANT);
  expect(await track(bench, operation(1), { servedTenants: new Set([TENANT]) }, foreign)).toEqual({
    kind: "foreignTenant",
  });
  expect((await bench.counts()).conversations).toBe(0);
  const served = { servedTenants: new Set([tenantId(TENANT.toUpperCase())]) };
  expect(await track(bench, operation(1), served)).toMatchObject({ kind: "tracked" });
});

const BARE_ID = "c5a7f2b0-1111-4222-8333-94c1f0a8d7e6";
const NOTHING_KEPT = { operations: 0, watches: 0, conversations: 0, alarms: 0 };
const TEAM = "3f1c8a52-3b0e-4d67-9a41-5e2c6f0b9d13";
const CHANNEL: Conversation = {
  ...aConversation("channel"),
  kind: "channel",
  teamId: conversationId("19:general@thread.tacv2"),
};
const PERSONAL: Conversation = { ...aConversation("personal"), kind: "personal" };
const ofTeam = (id: string | null): Partial<People> => ({ groupIdOf: () => Promise.resolve(id) });

describe("a bare id", () => {
  test("in a group chat is one of that chat's operations, and a guess", async () => {
    await using bench = await aBench();
    expect(await trackIn(bench, BARE_ID)).toMatchObject({
      kind: "tracked",
      refused: [],
      denied: [],
      tracked: [
        {
          isNew: true,
          watch: {
            address: {
              kind: "chat",
              version: "beta",
              owner: CHAT.id,
              operation: BARE_ID,
              path: `/chats('${CHAT.id}')/operations('${BARE_ID}')`,
            },
            state: { isGuess: true },
          },
        },
      ],
    });
    // Asked at once, so that a wrong one is told at once.
    const [watch] = await bench.store.openWatches(CHAT.id);
    expect(watch && (await bench.operation(watch.operationId))).toMatchObject({ live: true, dueAt: T0 });
  });

  test("in a channel is one of its team's operations", async () => {
    await using bench = await aBench();
    expect(await trackIn(bench, BARE_ID, { conversation: CHANNEL, people: ofTeam(TEAM) })).toMatchObject({
      kind: "tracked",
      tracked: [
        { watch: { address: { kind: "team", owner: TEAM, operation: BARE_ID }, state: { isGuess: true } } },
      ],
    });
  });

  test("in a channel whose team is not known is told to be none, and nothing is kept", async () => {
    await using bench = await aBench();
    const scene = { conversation: CHANNEL, people: ofTeam(null) };
    expect(await trackIn(bench, BARE_ID, scene)).toEqual({ kind: "bareId", text: BARE_ID });
    expect(await bench.counts()).toEqual(NOTHING_KEPT);
  });

  test("in a chat with the bot alone belongs to nothing, and nobody is asked", async () => {
    await using bench = await aBench();
    const people: Partial<People> = {
      groupIdOf: () => Promise.reject(new Error("asked")),
      whoIs: () => Promise.reject(new Error("asked")),
    };
    const scene = { conversation: PERSONAL, people };
    expect(await trackIn(bench, BARE_ID, scene)).toEqual({ kind: "bareId", text: BARE_ID });
    expect(await bench.counts()).toEqual(NOTHING_KEPT);
  });

  test("several at once are several operations", async () => {
    await using bench = await aBench();
    const reply = await trackIn(bench, `${BARE_ID}\n${TEAM}\n${BARE_ID}`);
    const ids = reply.kind === "tracked" ? reply.tracked.map(({ watch }) => watch.address.operation) : [];
    expect(ids).toEqual([BARE_ID, TEAM]);
  });

  test("beside a whole address is none: only the address is tracked, and is no guess", async () => {
    await using bench = await aBench();
    expect(await trackIn(bench, `${operation(1)} ${BARE_ID}`)).toMatchObject({
      kind: "tracked",
      tracked: [{ watch: { address: { operation: "op-1" }, state: { isGuess: false } } }],
    });
    expect((await bench.counts()).watches).toBe(1);
  });

  test("among words is none", async () => {
    await using bench = await aBench();
    expect(await trackIn(bench, `what about ${BARE_ID} please`)).toMatchObject({
      kind: "tracked",
      tracked: [],
      refused: [{ problem: "notAnOperation" }],
    });
  });

  test("of a guest is not tracked either", async () => {
    await using bench = await aBench();
    const people: Partial<People> = { whoIs: () => Promise.resolve("guest") };
    expect(await trackIn(bench, BARE_ID, { people })).toEqual({ kind: "guest" });
    expect(await bench.counts()).toEqual(NOTHING_KEPT);
  });

  test.for(["members", "conversation"] as const)(
    "belongs to the conversation where %s is asked for",
    async (access) => {
      await using bench = await aBench();
      // In a channel members are asked for at Graph: a shared one has others, too.
      const isMember = () => Promise.resolve(true);
      const scenes = [{}, { conversation: CHANNEL, people: ofTeam(TEAM), isMember }];
      for (const scene of scenes) {
        expect(await trackIn(bench, BARE_ID, { ...scene, settings: { access } })).toMatchObject({
          kind: "tracked",
          tracked: [{ isNew: true }],
          denied: [],
        });
      }
    },
  );
});

describe("a message with a link", () => {
  const link = `<p>see <a href="https://graph.microsoft.com/v1.0${operation(7).replaceAll("'", "&#39;")}">this one</a></p>`;

  test("whose label says nothing is read by where the link leads", async () => {
    await using bench = await aBench();
    expect(await trackIn(bench, "see this one", { html: link })).toMatchObject({
      kind: "tracked",
      tracked: [{ watch: { address: { operation: "op-7" }, state: { isGuess: false } } }],
    });
  });

  test("is read by its text where that has an address", async () => {
    await using bench = await aBench();
    const reply = await trackIn(bench, operation(1), { html: link });
    expect(reply).toMatchObject({ tracked: [{ watch: { address: { operation: "op-1" } } }] });
    expect((await bench.counts()).watches).toBe(1);
  });

  test("that leads elsewhere is answered by its text", async () => {
    await using bench = await aBench();
    const html = `<a href="https://example.com/">${BARE_ID}</a>`;
    expect(await trackIn(bench, BARE_ID, { html })).toMatchObject({
      tracked: [{ watch: { address: { kind: "chat", operation: BARE_ID } } }],
    });
    expect(await trackIn(bench, "hello you", { html })).toMatchObject({ tracked: [], refused: [{}] });
  });
});

describe("what was nearly an address", () => {
  test.for([
    ["placeholder", "/teams('{team-id}')/operations('{id}')"],
    ["otherCloud", `https://graph.microsoft.us/v1.0${operation(2)}`],
    ["signedInUser", "https://graph.microsoft.com/v1.0/me/onenote/operations/op-2"],
  ] as const)("is named beside what was found: %s", async ([problem, text]) => {
    await using bench = await aBench();
    expect(await track(bench, `${operation(1)}\n${text}`)).toMatchObject({
      kind: "tracked",
      tracked: [{ watch: { address: { operation: "op-1" } } }],
      refused: [{ problem }],
    });
  });

  test("is named beside what was denied", async () => {
    await using bench = await aBench();
    const text = `${operation(1)}\nhttps://graph.microsoft.us/v1.0${operation(2)}`;
    expect(await trackIn(bench, text, { settings: { access: "conversation" } })).toMatchObject({
      tracked: [],
      refused: [{ problem: "otherCloud" }],
      denied: [{ why: "otherConversation" }],
    });
  });
});

describe("who may track", () => {
  const who = (person: Person): Partial<People> => ({ whoIs: () => Promise.resolve(person) });

  test.for([
    ["guest", "guest", "guest"],
    ["foreign", "foreignTenant", "foreignTenant"],
    ["unknown", "unknownPerson", "tracked"],
    ["member", "tracked", "tracked"],
  ] as const)("a %s person: registered %s, local %s", async ([person, registered, local]) => {
    for (const [isLocal, wanted] of [
      [false, registered],
      [true, local],
    ] as const) {
      await using bench = await aBench();
      const reply = await trackIn(bench, operation(1), { people: who(person), settings: { isLocal } });
      expect(reply.kind).toBe(wanted);
      expect((await bench.counts()).conversations).toBe(wanted === "tracked" ? 1 : 0);
    }
  });

  test.for(["tenant", "members", "conversation"] as const)(
    "guests and strangers are refused whatever TRACK_ACCESS is: %s",
    async (access) => {
      await using bench = await aBench();
      for (const person of ["guest", "foreign"] as const) {
        const reply = await trackIn(bench, BARE_ID, { people: who(person), settings: { access } });
        expect(reply.kind).toBe(person === "guest" ? "guest" : "foreignTenant");
      }
      expect(await bench.counts()).toEqual(NOTHING_KEPT);
    },
  );

  test("nobody is asked who wrote what is no operation", async () => {
    await using bench = await aBench();
    const people: Partial<People> = { whoIs: () => Promise.reject(new Error("asked")) };
    expect((await trackIn(bench, "hello you", { people })).kind).toBe("tracked");
  });
});

describe("TRACK_ACCESS", () => {
  const IN_TEAM = `/teams('${TEAM.toUpperCase()}')/operations('op-1')`;
  const IN_CHAT = `/beta/chats('${CHAT.id}')/operations('op-2')`;
  const ELSEWHERE = "/teams('99999999-3b0e-4d67-9a41-5e2c6f0b9d13')/operations('op-3')";
  const IN_OTHER_CHAT = "/beta/chats('19:other@thread.v2')/operations('op-4')";
  const OF_NOBODY = "/sites/contoso.sharepoint.com,1,2/operations/op-5";
  const ALL = [IN_TEAM, IN_CHAT, ELSEWHERE, IN_OTHER_CHAT, OF_NOBODY].join("\n");

  /** What became of each operation: "tracked", or why not. */
  function fatesOf(reply: TrackReply): Readonly<Record<string, string>> {
    if (reply.kind !== "tracked") throw new Error(`The reply is ${reply.kind}.`);
    const tracked = reply.tracked.map(({ watch }) => [watch.address.operation, "tracked"] as const);
    const denied = reply.denied.map(({ address, why }) => [address.operation, why] as const);
    return Object.fromEntries([...tracked, ...denied]);
  }

  test("tenant: whoever knows the address, and nobody is asked for a membership", async () => {
    await using bench = await aBench();
    expect(fatesOf(await trackIn(bench, ALL))).toEqual({
      "op-1": "tracked",
      "op-2": "tracked",
      "op-3": "tracked",
      "op-4": "tracked",
      "op-5": "tracked",
    });
  });

  test("conversation: only what belongs to this very chat", async () => {
    await using bench = await aBench();
    const scene: Scene = { settings: { access: "conversation" } };
    expect(fatesOf(await trackIn(bench, ALL, scene))).toEqual({
      "op-1": "otherConversation",
      "op-2": "tracked",
      "op-3": "otherConversation",
      "op-4": "otherConversation",
      "op-5": "otherConversation",
    });
    expect((await bench.counts()).watches).toBe(1);
  });

  test("conversation: only what belongs to this very channel's team, whatever the case of its id", async () => {
    await using bench = await aBench();
    const settings = { access: "conversation" } as const;
    const known: Scene = { settings, conversation: CHANNEL, people: ofTeam(TEAM) };
    expect(fatesOf(await trackIn(bench, ALL, known))).toMatchObject({
      "op-1": "tracked",
      "op-2": "otherConversation",
      "op-3": "otherConversation",
      "op-5": "otherConversation",
    });
    const unknown: Scene = { settings, conversation: aChannel("other"), people: ofTeam(null) };
    expect(fatesOf(await trackIn(bench, IN_TEAM, unknown))).toEqual({ "op-1": "otherConversation" });
  });

  test("conversation: nothing in a chat with the bot alone", async () => {
    await using bench = await aBench();
    const scene: Scene = { settings: { access: "conversation" }, conversation: PERSONAL };
    const fates = fatesOf(await trackIn(bench, ALL, scene));
    expect(new Set(Object.values(fates))).toEqual(new Set(["otherConversation"]));
    expect(await bench.counts()).toEqual(NOTHING_KEPT);
  });

  test("members: Graph says who is one, but of what is in this chat its members need not be asked for", async () => {
    await using bench = await aBench();
    const asked: string[] = [];
    const scene: Scene = {
      settings: { access: "members" },
      isMember: (tenant, owner, userId, deadline) => {
        asked.push([tenant, owner.kind, owner.id, userId, deadline > T0].join(" "));
        return Promise.resolve(owner.kind === "chat");
      },
    };
    expect(fatesOf(await trackIn(bench, ALL, scene))).toEqual({
      "op-1": "notMember",
      "op-2": "tracked",
      "op-3": "notMember",
      "op-4": "tracked",
      "op-5": "noMembers",
    });
    expect(asked).toHaveLength(3);
    expect(asked).toContain(`${TENANT} chat 19:other@thread.v2 ${ENTRA_ID} true`);
    expect((await bench.counts()).watches).toBe(2);
  });

  test("members: where Graph is silent, nothing is tracked", async () => {
    await using bench = await aBench();
    const scene: Scene = { settings: { access: "members" }, isMember: () => Promise.resolve(null) };
    expect(fatesOf(await trackIn(bench, `${IN_TEAM} ${IN_OTHER_CHAT}`, scene))).toEqual({
      "op-1": "membersUnknown",
      "op-4": "membersUnknown",
    });
    expect(await bench.counts()).toEqual(NOTHING_KEPT);
  });

  test("members: without an Entra id Graph is not asked, and only what is here is tracked", async () => {
    await using bench = await aBench();
    const scene: Scene = { settings: { access: "members" }, entraId: null };
    expect(fatesOf(await trackIn(bench, ALL, scene))).toEqual({
      "op-1": "membersUnknown",
      "op-2": "tracked",
      "op-3": "membersUnknown",
      "op-4": "membersUnknown",
      "op-5": "noMembers",
    });
  });

  test("members: in a channel of its own team Graph is asked, too: a shared one has others", async () => {
    await using bench = await aBench();
    const scene: Scene = { settings: { access: "members" }, conversation: CHANNEL, people: ofTeam(TEAM) };
    const [inIt, notInIt] = [true, false].map((is): Scene => ({
      ...scene,
      isMember: () => Promise.resolve(is),
    }));
    expect(fatesOf(await trackIn(bench, IN_TEAM, notInIt))).toEqual({ "op-1": "notMember" });
    expect(fatesOf(await trackIn(bench, IN_TEAM, inIt))).toEqual({ "op-1": "tracked" });
  });

  function aChannel(name: string): Conversation {
    return { ...CHANNEL, id: conversationId(`19:${name}@thread.tacv2`) };
  }
});
