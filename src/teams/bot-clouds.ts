import type { CloudName } from "../core/clouds.ts";

/** What the Bot Framework is told of a cloud, by its own names; the global one is its default. */
export type BotCloud = {
  /** Who signs the tokens that come with Teams' activities. */
  readonly channelIssuer: string;
  readonly settings: (tenantId: string | null) => Readonly<Record<string, string>>;
  /** Hosts of Teams' service URLs: only they get the bot's token. */
  readonly serviceHosts: readonly RegExp[];
};

/** A host's parts: `smba.trafficmanager.net`, `smba.infra.gov.teams.microsoft.us`. */
const GLOBAL_HOSTS: readonly RegExp[] = [
  /^smba\.trafficmanager\.net$/u,
  // GCC lives in the global cloud, with a host of its own: smba.infra.gcc.teams.microsoft.com.
  /^smba(?:\.[a-z0-9-]+)*\.teams\.microsoft\.com$/u,
];
const GCC_HIGH_HOSTS: readonly RegExp[] = [/^smba(?:\.[a-z0-9-]+)*\.gov\.teams\.microsoft\.us$/u];
const DOD_HOSTS: readonly RegExp[] = [/^smba(?:\.[a-z0-9-]+)*\.dod\.teams\.microsoft\.us$/u];
const CHINA_HOSTS: readonly RegExp[] = [/^frontend\.botapi\.msg\.infra\.teams\.microsoftonline\.cn$/u];

const US_EMULATOR =
  "https://login.microsoftonline.us/cab8a31a-1906-4287-a0d8-4eef66b95f6e/v2.0/.well-known/openid-configuration";
const CHINA_EMULATOR =
  "https://login.partner.microsoftonline.cn/a55a4d5b-9241-49b1-b4ff-befa8db00269/v2.0/.well-known/openid-configuration";

/**
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high and
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-china-cloud. With one of these names
 * set, the Bot Framework wants all of them.
 */
function usSettings(oAuthUrl: string): Readonly<Record<string, string>> {
  return {
    OAuthUrl: oAuthUrl,
    ToChannelFromBotLoginUrl: "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us",
    ToChannelFromBotOAuthScope: "https://api.botframework.us",
    ToBotFromChannelTokenIssuer: "https://api.botframework.us",
    ToBotFromChannelOpenIdMetadataUrl:
      "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    ToBotFromEmulatorOpenIdMetadataUrl: US_EMULATOR,
    ValidateAuthority: "true",
  };
}

function chinaSettings(tenantId: string | null): Readonly<Record<string, string>> {
  const authority = tenantId ?? "microsoftservices.partner.onmschina.cn";
  return {
    OAuthUrl: "https://token.botframework.azure.cn/",
    ToChannelFromBotLoginUrl: `https://login.partner.microsoftonline.cn/${authority}`,
    ToChannelFromBotOAuthScope: "https://api.botframework.azure.cn",
    ToBotFromChannelTokenIssuer: "https://api.botframework.azure.cn",
    ToBotFromChannelOpenIdMetadataUrl:
      "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
    ToBotFromEmulatorOpenIdMetadataUrl: CHINA_EMULATOR,
    ValidateAuthority: "true",
  };
}

export const BOT_CLOUDS: Readonly<Record<CloudName, BotCloud>> = {
  global: {
    channelIssuer: "https://api.botframework.com",
    settings: () => ({}),
    serviceHosts: GLOBAL_HOSTS,
  },
  usgov: {
    channelIssuer: "https://api.botframework.us",
    settings: () => usSettings("https://tokengcch.botframework.azure.us/"),
    serviceHosts: GCC_HIGH_HOSTS,
  },
  "usgov-dod": {
    channelIssuer: "https://api.botframework.us",
    settings: () => usSettings("https://apiDoD.botframework.azure.us"),
    serviceHosts: DOD_HOSTS,
  },
  china: {
    channelIssuer: "https://api.botframework.azure.cn",
    settings: chinaSettings,
    serviceHosts: CHINA_HOSTS,
  },
};
