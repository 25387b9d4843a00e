import { describe, expect, test } from "vitest";

import { CLOUD_NAMES, CLOUDS, type CloudName } from "../../src/core/clouds.ts";
import { BOT_CLOUDS, type BotCloud } from "../../src/teams/bot-clouds.ts";

const GOV: Omit<BotCloud, "serviceOrigins"> = {
  channelIssuer: "https://api.botframework.us",
  openIdUrl: "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
  login: { host: "https://login.microsoftonline.us", tenant: "MicrosoftServices.onmicrosoft.us" },
};

/**
 * ToBotFromChannelTokenIssuer and ToChannelFromBotOAuthScope, ToBotFromChannelOpenIdMetadataUrl, and
 * ToChannelFromBotLoginUrl in its two parts:
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-china-cloud
 */
test.each<[CloudName, Omit<BotCloud, "serviceOrigins">]>([
  [
    "global",
    {
      channelIssuer: "https://api.botframework.com",
      openIdUrl: "https://login.botframework.com/v1/.well-known/openidconfiguration",
      login: { host: "https://login.microsoftonline.com", tenant: "botframework.com" },
    },
  ],
  ["usgov", GOV],
  ["usgov-dod", GOV],
  [
    "china",
    {
      channelIssuer: "https://api.botframework.azure.cn",
      openIdUrl: "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
      login: {
        host: "https://login.partner.microsoftonline.cn",
        tenant: "microsoftservices.partner.onmschina.cn",
      },
    },
  ],
])("%s is what Microsoft's pages say", (cloud, expected) => {
  const { serviceOrigins: _, ...told } = BOT_CLOUDS[cloud];
  expect(told).toEqual(expected);
});

// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
test.each<[CloudName, readonly string[]]>([
  ["global", ["https://smba.trafficmanager.net", "https://smba.infra.gcc.teams.microsoft.com"]],
  ["usgov", ["https://smba.infra.gov.teams.microsoft.us"]],
  ["usgov-dod", ["https://smba.infra.dod.teams.microsoft.us"]],
  ["china", ["https://frontend.botapi.msg.infra.teams.microsoftonline.cn"]],
])("the service URLs of Teams in %s are its own, and none of another cloud", (cloud, origins) => {
  const takenBy = (origin: string): readonly CloudName[] =>
    CLOUD_NAMES.filter((name) => BOT_CLOUDS[name].serviceOrigins.some((allowed) => allowed.test(origin)));
  for (const origin of origins) expect(takenBy(origin)).toEqual([cloud]);
});

describe.each(CLOUD_NAMES)("the cloud %s", (cloud) => {
  const { channelIssuer, openIdUrl, login, serviceOrigins } = BOT_CLOUDS[cloud];

  test("lets no address leave it: all are on hosts of its own, over https", () => {
    const top = { global: "com", usgov: "us", "usgov-dod": "us", china: "cn" }[cloud];
    for (const url of [channelIssuer, openIdUrl, login.host]) {
      expect(url).toMatch(new RegExp(`^https://[a-z.]+\\.${top}(?:/|$)`, "u"));
    }
    expect(login.tenant).toMatch(new RegExp(`^[A-Za-z.]+\\.${top}$`, "u"));
  });

  test("has one name for its channel, without a path: tokens' issuer is compared with it", () => {
    expect(new URL(channelIssuer).origin).toBe(channelIssuer);
    expect(new URL(login.host).origin).toBe(login.host);
  });

  test("has service URLs, each a pattern of a whole origin over https", () => {
    expect(serviceOrigins.length).toBeGreaterThan(0);
    for (const { source, flags } of serviceOrigins) {
      expect(source.startsWith("^https:\\/\\/")).toBe(true);
      expect(source.endsWith("$")).toBe(true);
      // With `g` or `y` a pattern would keep a place between two tests; with `m` an end would be a line's.
      expect(flags).toBe("u");
    }
  });
});

test("every cloud of Graph is one of Teams", () => {
  expect(Object.keys(BOT_CLOUDS).toSorted()).toEqual(CLOUD_NAMES.toSorted());
  expect(Object.keys(CLOUDS).toSorted()).toEqual(CLOUD_NAMES.toSorted());
});
