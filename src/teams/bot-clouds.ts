import type { CloudName } from "../core/clouds.ts";

/** Where a cloud's Bot Framework is, and who speaks for it. */
export type BotCloud = {
  /** Who signs the tokens that come with Teams' activities; also whom the bot's own tokens are for. */
  readonly channelIssuer: string;
  /** Tells where the keys are that sign them. */
  readonly openIdUrl: string;
  /** Where the bot signs in, and in which tenant if it belongs to none. */
  readonly login: { readonly host: string; readonly tenant: string };
  /** Scheme and host of Teams' service URLs: only they get the bot's token. */
  readonly serviceOrigins: readonly RegExp[];
};

const GOV: Omit<BotCloud, "serviceOrigins"> = {
  channelIssuer: "https://api.botframework.us",
  openIdUrl: "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
  login: { host: "https://login.microsoftonline.us", tenant: "MicrosoftServices.onmicrosoft.us" },
};

/**
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication,
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high and
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-china-cloud
 */
export const BOT_CLOUDS: Readonly<Record<CloudName, BotCloud>> = {
  global: {
    channelIssuer: "https://api.botframework.com",
    openIdUrl: "https://login.botframework.com/v1/.well-known/openidconfiguration",
    login: { host: "https://login.microsoftonline.com", tenant: "botframework.com" },
    serviceOrigins: [
      /^https:\/\/smba\.trafficmanager\.net$/u,
      // GCC lives in the global cloud, with a host of its own: smba.infra.gcc.teams.microsoft.com.
      /^https:\/\/smba(?:\.[a-z0-9-]+)*\.teams\.microsoft\.com$/u,
    ],
  },
  usgov: {
    ...GOV,
    serviceOrigins: [/^https:\/\/smba(?:\.[a-z0-9-]+)*\.gov\.teams\.microsoft\.us$/u],
  },
  "usgov-dod": {
    ...GOV,
    serviceOrigins: [/^https:\/\/smba(?:\.[a-z0-9-]+)*\.dod\.teams\.microsoft\.us$/u],
  },
  china: {
    channelIssuer: "https://api.botframework.azure.cn",
    openIdUrl: "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
    login: {
      host: "https://login.partner.microsoftonline.cn",
      tenant: "microsoftservices.partner.onmschina.cn",
    },
    serviceOrigins: [/^https:\/\/frontend\.botapi\.msg\.infra\.teams\.microsoftonline\.cn$/u],
  },
};
