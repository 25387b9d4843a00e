import { describe, expect, test } from "vitest";

import { belongsTo, mayServe, type Place } from "../../src/core/access.ts";
import { parseAddress, type Address } from "../../src/core/address.ts";
import { conversationId, tenantId } from "../../src/core/ids.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

const OURS = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
const ANOTHER = tenantId("00001111-aaaa-2222-bbbb-3333cccc4444");

test("a bot of one tenant serves that one only", () => {
  expect(mayServe(OURS, new Set([OURS]))).toBe(true);
  expect(mayServe(ANOTHER, new Set([OURS]))).toBe(false);
});

test("a bot of some tenants serves each of them, and no other", () => {
  const some = new Set([OURS, ANOTHER]);
  expect(mayServe(OURS, some)).toBe(true);
  expect(mayServe(ANOTHER, some)).toBe(true);
  expect(mayServe(tenantId("11111111-2222-4333-8444-555555555555"), some)).toBe(false);
  expect(mayServe(tenantId(""), some)).toBe(false);
});

test("a bot of no tenant serves none", () => {
  expect(mayServe(OURS, new Set())).toBe(false);
});

test("a bot of every tenant serves each", () => {
  expect(mayServe(OURS, null)).toBe(true);
  expect(mayServe(ANOTHER, null)).toBe(true);
});

test("the case of a tenant's id makes no difference", () => {
  expect(mayServe(tenantId(OURS.toUpperCase()), new Set([OURS]))).toBe(true);
});

describe("an operation is one of the conversation's own", () => {
  const TEAM = "dbd8de4f-5d47-48da-87f1-594bed003375";
  const CHAT = "19:c253a29b5f694b55a6baad8e83510af7@thread.v2";
  const place = (kind: Place["kind"], id: string, groupId: string | null = null): Place => ({
    kind,
    id: conversationId(id),
    groupId,
  });

  function addressOf(text: string): Address {
    const result = parseAddress(text, GLOBAL_GRAPH);
    if (!result.ok) throw new Error(result.problem);
    return result.address;
  }

  const ofTeam = addressOf(`/teams('${TEAM}')/operations('x')`);
  const ofChat = addressOf(`/chats('${CHAT}')/operations('x')`);

  test.each<[string, Address, Place, boolean]>([
    ["a chat's, in it", ofChat, place("groupChat", CHAT), true],
    [
      "a chat's, by its encoded location",
      addressOf(`/chats('${encodeURIComponent(CHAT)}')/operations('x')`),
      place("groupChat", CHAT),
      true,
    ],
    [
      "a chat's, by a person's path",
      addressOf(`/me/chats/${CHAT}/operations/x`),
      place("groupChat", CHAT),
      true,
    ],
    ["a chat's, in another", ofChat, place("groupChat", "19:other@thread.v2"), false],
    ["a chat's, in one that differs by case", ofChat, place("groupChat", CHAT.toUpperCase()), false],
    ["a chat's, in a channel of that id", ofChat, place("channel", CHAT, CHAT), false],
    ["a chat's, in private", ofChat, place("personal", CHAT), false],
    ["a team's, in its channel", ofTeam, place("channel", "19:a@thread.tacv2", TEAM), true],
    [
      "a team's, whatever the case of its id",
      ofTeam,
      place("channel", "19:a@thread.tacv2", TEAM.toUpperCase()),
      true,
    ],
    [
      "a team's, by its group",
      addressOf(`/groups/${TEAM}/team/operations/x`),
      place("channel", "19:a@thread.tacv2", TEAM),
      true,
    ],
    [
      "a team's, in another's channel",
      ofTeam,
      place("channel", "19:a@thread.tacv2", "00001111-aaaa-2222-bbbb-3333cccc4444"),
      false,
    ],
    ["a team's, in a channel whose team is not known", ofTeam, place("channel", "19:a@thread.tacv2"), false],
    ["a team's, in a chat", ofTeam, place("groupChat", TEAM, TEAM), false],
    ["a team's, in private", ofTeam, place("personal", TEAM, TEAM), false],
    [
      "a community's",
      addressOf("/employeeExperience/engagementAsyncOperations/x"),
      place("channel", "x", "x"),
      false,
    ],
    ["a site's", addressOf("/sites/root/operations/x"), place("groupChat", "root"), false],
    ["another", addressOf("/security/a/operations/x"), place("groupChat", "a", "a"), false],
  ])("%s: %s", (_, address, where, isOwn) => {
    expect(belongsTo(address, where)).toBe(isOwn);
  });
});
