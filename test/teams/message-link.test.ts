import { describe, expect, test } from "vitest";

import type { Conversation } from "../../src/flows/ports.ts";
import { linkToCard } from "../../src/teams/message-link.ts";
import { aRecord, CHANNEL, GROUP, PERSONAL } from "./samples.ts";

function at(conversation: Conversation, serviceUrl: string): Conversation {
  return { ...conversation, reference: { ...conversation.reference, serviceUrl } };
}

describe("a link to a card", () => {
  test("in a group chat", () => {
    expect(linkToCard(GROUP, aRecord())).toBe(
      "https://teams.microsoft.com/l/message/19%3A2da4%40thread.v2/1700000000002?context=%7B%22contextType%22%3A%22chat%22%7D",
    );
  });

  test("in a channel names the tenant and the thread", () => {
    const record = aRecord({ threadId: "19:561f@thread.tacv2;messageid=1700000000001" });
    const link = new URL(linkToCard(CHANNEL, record) ?? "");
    expect(link.origin + link.pathname).toBe(
      "https://teams.microsoft.com/l/message/19%3A561f%40thread.tacv2/1700000000002",
    );
    expect(Object.fromEntries(link.searchParams)).toEqual({
      tenantId: CHANNEL.tenantId,
      parentMessageId: "1700000000001",
    });
  });

  test("in a channel, where the card began the thread", () => {
    const link = new URL(linkToCard(CHANNEL, aRecord({ threadId: CHANNEL.id })) ?? "");
    expect(link.searchParams.get("parentMessageId")).toBe("1700000000002");
  });

  test.each([
    ["https://smba.trafficmanager.net/amer/", "teams.microsoft.com"],
    ["https://smba.infra.gcc.teams.microsoft.com/teams", "teams.microsoft.com"],
    ["https://smba.infra.gov.teams.microsoft.us/teams", "gov.teams.microsoft.us"],
    ["https://smba.infra.dod.teams.microsoft.us/teams", "dod.teams.microsoft.us"],
  ])("by %s opens %s", (serviceUrl, client) => {
    expect(new URL(linkToCard(at(GROUP, serviceUrl), aRecord()) ?? "").hostname).toBe(client);
  });

  test("holds nothing that could end it in Markdown", () => {
    const odd = { ...GROUP, id: CHANNEL.id };
    expect(linkToCard(odd, aRecord({ activityId: "1] [x /?#&" }))).not.toMatch(/[\s\]]/u);
  });
});

describe("there is none", () => {
  test.each([
    ["in a personal chat", PERSONAL, aRecord()],
    ["before the card is posted", GROUP, aRecord({ activityId: null })],
    ["in local mode", at(GROUP, "http://127.0.0.1:56150/_connector"), aRecord()],
    [
      "where the client is not known",
      at(GROUP, "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams"),
      aRecord(),
    ],
    ["where the service's address is none", at(GROUP, "nowhere"), aRecord()],
  ])("%s", (_, conversation, record) => {
    expect(linkToCard(conversation, record)).toBeNull();
  });
});
