import { describe, expect, test } from "vitest";

import { CLOUD_NAMES, CLOUDS, type CloudName } from "../../src/core/clouds.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";

const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/** With one of them set, the Bot Framework takes all others as they are: a missing one is undefined. */
const ALL_NAMES = [
  "OAuthUrl",
  "ToBotFromChannelOpenIdMetadataUrl",
  "ToBotFromChannelTokenIssuer",
  "ToBotFromEmulatorOpenIdMetadataUrl",
  "ToChannelFromBotLoginUrl",
  "ToChannelFromBotOAuthScope",
  "ValidateAuthority",
];

test("the global cloud is the Bot Framework's default", () => {
  expect(BOT_CLOUDS.global.settings(TENANT)).toEqual({});
  expect(BOT_CLOUDS.global.channelIssuer).toBe("https://api.botframework.com");
});

describe.each(["usgov", "usgov-dod", "china"] as const)("the cloud %s", (cloud) => {
  test.each([TENANT, null])("tells the Bot Framework everything, and nothing twice (tenant %s)", (tenant) => {
    expect(Object.keys(BOT_CLOUDS[cloud].settings(tenant)).toSorted()).toEqual(ALL_NAMES);
  });

  test("lets no address leave it: all are on hosts of its own", () => {
    const top = cloud === "china" ? /^https:\/\/[a-z.]+\.cn(?:\/|$)/u : /^https:\/\/[A-Za-z.]+\.us(?:\/|$)/u;
    const { ValidateAuthority, ...urls } = BOT_CLOUDS[cloud].settings(TENANT);
    expect(ValidateAuthority).toBe("true");
    for (const url of Object.values(urls)) expect(url).toMatch(top);
  });

  test("has one name for its channel, for those who write to it and those who hear from it", () => {
    const { channelIssuer, settings } = BOT_CLOUDS[cloud];
    expect(settings(TENANT)).toMatchObject({
      ToBotFromChannelTokenIssuer: channelIssuer,
      ToChannelFromBotOAuthScope: channelIssuer,
    });
  });
});

// https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
test.each<[CloudName, string, string, string]>([
  [
    "usgov",
    "https://tokengcch.botframework.azure.us/",
    "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us",
    "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
  ],
  [
    "usgov-dod",
    "https://apiDoD.botframework.azure.us",
    "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us",
    "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
  ],
  [
    "china",
    "https://token.botframework.azure.cn/",
    `https://login.partner.microsoftonline.cn/${TENANT}`,
    "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
  ],
])("%s is what Microsoft's page says", (cloud, OAuthUrl, ToChannelFromBotLoginUrl, metadata) => {
  expect(BOT_CLOUDS[cloud].settings(TENANT)).toMatchObject({
    OAuthUrl,
    ToChannelFromBotLoginUrl,
    ToBotFromChannelOpenIdMetadataUrl: metadata,
  });
});

test("in China a bot of many tenants signs in where Microsoft's own services do", () => {
  expect(BOT_CLOUDS.china.settings(null)).toMatchObject({
    ToChannelFromBotLoginUrl:
      "https://login.partner.microsoftonline.cn/microsoftservices.partner.onmschina.cn",
  });
});

test("every cloud of Graph is one of Teams, with its own hosts", () => {
  expect(Object.keys(BOT_CLOUDS).toSorted()).toEqual(CLOUD_NAMES.toSorted());
  expect(Object.keys(CLOUDS).toSorted()).toEqual(CLOUD_NAMES.toSorted());
  for (const cloud of CLOUD_NAMES) expect(BOT_CLOUDS[cloud].serviceHosts.length).toBeGreaterThan(0);
});

test("a pattern of a host is of a whole host, and no other cloud's", () => {
  for (const cloud of CLOUD_NAMES) {
    for (const { source } of BOT_CLOUDS[cloud].serviceHosts) {
      expect(source.startsWith("^")).toBe(true);
      expect(source.endsWith("$")).toBe(true);
    }
  }
});
