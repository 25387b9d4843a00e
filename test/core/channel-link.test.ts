import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseChannelLink } from "../../src/core/channel-link.ts";

const GROUP = "fe4a8eba-2a31-4737-8e33-e5fae6fee194";
const TENANT = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";
const CHANNEL = "19:abc123@thread.tacv2";
const QUERY = `groupId=${GROUP}&tenantId=${TENANT}`;
const LINK = `https://teams.microsoft.com/l/channel/${encodeURIComponent(CHANNEL)}/General?${QUERY}`;

describe("a channel's link", () => {
  test.each<[string, string]>([
    ["as Teams copies it", LINK],
    ["with spaces around", ` ${LINK}\n`],
    ["of the new client", LINK.replace("teams.microsoft.com", "teams.cloud.microsoft")],
    ["of the US government", LINK.replace("teams.microsoft.com", "gov.teams.microsoft.us")],
    ["of the DoD", LINK.replace("teams.microsoft.com", "dod.teams.microsoft.us")],
    ["of China", LINK.replace("teams.microsoft.com", "teams.microsoftonline.cn")],
    ["with a name in another script", LINK.replace("General", "%E6%BC%A2")],
    ["without a name", LINK.replace("/General", "")],
    ["that is not encoded", LINK.replace(encodeURIComponent(CHANNEL), CHANNEL)],
    [
      "in capitals",
      LINK.replace("https://teams.microsoft.com/l/channel", "HTTPS://Teams.Microsoft.com/L/Channel"),
    ],
    [
      "with its parameters in another order and case",
      LINK.replace(QUERY, `TENANTID=${TENANT}&ngc=true&GroupID=${GROUP.toUpperCase()}`),
    ],
  ])("%s", (_, text) => {
    expect(parseChannelLink(text)).toEqual({ channel: CHANNEL, group: GROUP, tenant: TENANT });
  });

  test("may say nothing of the tenant", () => {
    expect(parseChannelLink(LINK.replace(`&tenantId=${TENANT}`, ""))?.tenant).toBeNull();
  });

  test.each([
    "",
    "General",
    LINK.replace("https", "http"),
    LINK.replace("teams.microsoft.com", "teams.microsoft.com.evil.example"),
    LINK.replace("teams.microsoft.com", "evil.example"),
    LINK.replace("teams.microsoft.com", "user@teams.microsoft.com"),
    LINK.replace("/channel/", "/team/"),
    LINK.replace("groupId", "group"),
    LINK.replace(GROUP, ""),
    LINK.replace(`?${QUERY}`, ""),
    LINK.replace("19%3A", "%zz"),
    LINK.replace("19%3A", "19%3A%00"),
    LINK.replace(GROUP, `${GROUP}%00`),
    LINK.replace(TENANT, `${TENANT}%0a`),
    `${LINK}#x`,
    `see ${LINK}`,
    `${LINK} ${LINK}`,
  ])("%j is none", (text) => {
    expect(parseChannelLink(text)).toBeNull();
  });

  test("nothing makes it throw", () => {
    const part = fc.constantFrom(
      LINK,
      "https://teams.microsoft.com/l/channel/",
      "/",
      "?",
      "&",
      "=",
      "%",
      "groupId=",
      "\ud800",
      " ",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        expect(() => parseChannelLink(parts.join(""))).not.toThrow();
      }),
    );
  });
});
