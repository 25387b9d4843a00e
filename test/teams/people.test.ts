import { describe, expect, test } from "vitest";

import { conversationId } from "../../src/core/ids.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { People } from "../../src/flows/people.ts";
import type { Conversation } from "../../src/flows/ports.ts";
import { createPeople } from "../../src/teams/people.ts";
import { MINUTE, START } from "../core/samples.ts";
import { CHANNEL, GROUP, PERSONAL } from "./samples.ts";

const USER = "29:1AlexWilber";
const TEAM = conversationId("19:4a95f7@thread.tacv2");
const GROUP_ID = "57fb72d0-d811-46f4-8947-305e6072eaa5";
const IN_TEAM: Conversation = { ...CHANNEL, teamId: TEAM };

type Bench = {
  readonly people: People;
  readonly asked: readonly string[];
  readonly events: readonly LogEvent[];
  /** What Teams answers; an Error: it gives nothing. */
  member: unknown;
  team: unknown;
  now: number;
};

function aBench(answers: { readonly member?: unknown; readonly team?: unknown } = {}): Bench {
  const asked: string[] = [];
  const events: LogEvent[] = [];
  const given = (answer: unknown): Promise<unknown> =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  const people = createPeople({
    connector: {
      member: (of, userId) => {
        asked.push(`${of.id} ${userId}`);
        return given(bench.member);
      },
      team: (_of, teamId) => {
        asked.push(teamId);
        return given(bench.team);
      },
      channels: () => Promise.reject(new Error("not asked for here")),
      openChat: () => Promise.reject(new Error("not asked for here")),
    },
    now: () => bench.now,
    log: (event) => events.push(event),
  });
  const bench: Bench = { people, asked, events, member: {}, team: {}, now: START, ...answers };
  return bench;
}

describe("who somebody is", () => {
  test.each<[string, unknown, string]>([
    ["a user", { userRole: "user", tenantId: GROUP.tenantId }, "member"],
    ["a user without a role", { tenantId: GROUP.tenantId }, "member"],
    ["of whom Teams says nothing", {}, "unknown"],
    ["a user of the tenant in other letters", { tenantId: GROUP.tenantId.toUpperCase() }, "member"],
    ["a user in other letters", { userRole: "User", tenantId: GROUP.tenantId }, "member"],
    ["a team's owner", { userRole: "owner", tenantId: GROUP.tenantId }, "member"],
    ["a team's member", { userRole: "member", tenantId: GROUP.tenantId }, "member"],
    ["of an empty role", { userRole: "", tenantId: GROUP.tenantId }, "member"],
    ["of a role that nobody knows", { userRole: "federated", tenantId: GROUP.tenantId }, "guest"],
    ["a user with a blank in the role", { userRole: "user ", tenantId: GROUP.tenantId }, "guest"],
    ["a guest", { userRole: "guest", tenantId: GROUP.tenantId }, "guest"],
    [
      "a guest by name alone",
      { userRole: "user", userPrincipalName: "megan_fabrikam.example#EXT#@contoso.example" },
      "guest",
    ],
    ["a guest by name in small letters", { userPrincipalName: "m_f#ext#@contoso.example" }, "guest"],
    ["somebody with EXT in the name", { userPrincipalName: "next.ext@contoso.example" }, "member"],
    ["of another tenant", { tenantId: "aaaabbbb-0000-cccc-1111-dddd2222eeee" }, "foreign"],
    [
      "a guest who is at home elsewhere",
      { userRole: "guest", tenantId: "aaaabbbb-0000-cccc-1111-dddd2222eeee" },
      "foreign",
    ],
    ["of an empty tenant", { tenantId: "" }, "unknown"],
    ["with fields that are no text", { tenantId: 5, userPrincipalName: {}, userRole: 7 }, "unknown"],
    // https://learn.microsoft.com/microsoftteams/platform/apps-in-teams-meetings/build-apps-for-anonymous-user
    ["nobody that is known, in a meeting", { userRole: "anonymous", tenantId: GROUP.tenantId }, "guest"],
  ])("%s", async (_, member, person) => {
    expect(await aBench({ member }).people.whoIs(GROUP, USER)).toBe(person);
  });

  test("is asked once in ten minutes, for each person and each conversation", async () => {
    const bench = aBench();
    await bench.people.whoIs(GROUP, USER);
    bench.now += 10 * MINUTE;
    await bench.people.whoIs(GROUP, USER);
    expect(bench.asked).toEqual([`${GROUP.id} ${USER}`]);
    await bench.people.whoIs(GROUP, "29:1Megan");
    await bench.people.whoIs(PERSONAL, USER);
    expect(bench.asked).toHaveLength(3);
    bench.now += 1;
    await bench.people.whoIs(GROUP, USER);
    expect(bench.asked).toHaveLength(4);
  });

  test("is what it was for ten minutes, and then what Teams says", async () => {
    const bench = aBench({ member: { userRole: "guest" } });
    expect(await bench.people.whoIs(GROUP, USER)).toBe("guest");
    bench.member = { userRole: "user" };
    expect(await bench.people.whoIs(GROUP, USER)).toBe("guest");
    bench.now += 10 * MINUTE + 1;
    expect(await bench.people.whoIs(GROUP, USER)).toBe("member");
  });

  test("is not known when Teams does not say; that is not kept, and logged without the person", async () => {
    const bench = aBench({ member: new Error("ETIMEDOUT") });
    expect(await bench.people.whoIs(GROUP, USER)).toBe("unknown");
    expect(bench.events).toEqual([
      { event: "roster.failed", conversation: GROUP.id, error: "Error: ETIMEDOUT" },
    ]);
    bench.member = { userRole: "user" };
    expect(await bench.people.whoIs(GROUP, USER)).toBe("member");
    expect(bench.asked).toHaveLength(2);
  });

  test("of two persons or places is never mixed up", async () => {
    const bench = aBench({ member: { userRole: "guest" } });
    expect(await bench.people.whoIs(GROUP, USER)).toBe("guest");
    bench.member = { userRole: "user" };
    expect(await bench.people.whoIs(PERSONAL, USER)).toBe("member");
    expect(await bench.people.whoIs(GROUP, `${USER}2`)).toBe("member");
  });
});

describe("who is asked for by name", () => {
  const ENTRA_ID = "2804bc07-1e1f-4938-9085-ce6d756a32d2";

  test.each([
    [
      "with their id in Entra, by which their data are found",
      { aadObjectId: ENTRA_ID },
      { name: "Alex Wilber", entraId: ENTRA_ID },
    ],
    ["with that id in one spelling", { aadObjectId: ENTRA_ID.toUpperCase() }, { entraId: ENTRA_ID }],
    ["without a name, under the one that was asked for", { name: "" }, { name: "alexw@contoso.com" }],
  ])("is found %s", async (_what, told, found) => {
    const { people } = aBench({ member: { id: USER, name: "Alex Wilber", ...told } });
    expect(await people.find(GROUP, "alexw@contoso.com")).toMatchObject({ id: USER, ...found });
  });

  test.each([undefined, "", 5, null])("has no id in Entra when Teams gives %j", async (aadObjectId) => {
    const { people } = aBench({ member: { id: USER, name: "Alex Wilber", aadObjectId } });
    expect(await people.find(GROUP, USER)).toEqual({ id: USER, name: "Alex Wilber" });
  });

  test.each([
    ["is nobody of an empty id", { id: "" }, null],
    ["is nobody when Teams tells nothing", null, null],
    ["is nobody whom Teams does not know", Object.assign(new Error("404"), { statusCode: 404 }), null],
    ["can't be told while Teams does not answer", new Error("ETIMEDOUT"), "unavailable"],
  ])("%s", async (_what, member, found) => {
    expect(await aBench({ member }).people.find(GROUP, USER)).toBe(found);
  });
});

describe("a channel's team at Graph", () => {
  test("is what the activity told, without a question", async () => {
    const bench = aBench();
    expect(await bench.people.groupIdOf({ ...IN_TEAM, groupId: GROUP_ID })).toBe(GROUP_ID);
    expect(bench.asked).toEqual([]);
  });

  test("is what Teams tells of the team, once in ten minutes for all of its channels", async () => {
    const bench = aBench({ team: { id: TEAM, aadGroupId: GROUP_ID } });
    expect(await bench.people.groupIdOf(IN_TEAM)).toBe(GROUP_ID);
    expect(await bench.people.groupIdOf({ ...IN_TEAM, id: conversationId("19:other@thread.tacv2") })).toBe(
      GROUP_ID,
    );
    expect(bench.asked).toEqual([TEAM]);
    bench.now += 10 * MINUTE + 1;
    await bench.people.groupIdOf(IN_TEAM);
    expect(bench.asked).toHaveLength(2);
  });

  test.each([PERSONAL, GROUP, CHANNEL])("is none where there is no team", async (conversation) => {
    const bench = aBench({ team: { aadGroupId: GROUP_ID } });
    expect(await bench.people.groupIdOf(conversation)).toBeNull();
    expect(bench.asked).toEqual([]);
  });

  test.each([
    ["no id", {}],
    ["an empty one", { aadGroupId: "" }],
    ["one that is no text", { aadGroupId: 5 }],
    ["nothing at all", null],
    ["an error", new Error("403")],
  ])("is none where Teams gives %s, and asked for again", async (_, team) => {
    const bench = aBench({ team });
    expect(await bench.people.groupIdOf(IN_TEAM)).toBeNull();
    bench.team = { aadGroupId: GROUP_ID };
    expect(await bench.people.groupIdOf(IN_TEAM)).toBe(GROUP_ID);
  });
});
