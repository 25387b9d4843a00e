import { aCertificate } from "../support/a-certificate.ts";
import { ConfigError, readConfig, type Environment } from "../../src/config.ts";

const BOT_ID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const BOT = { BOT_ID, BOT_TENANT_ID: TENANT, BOT_PASSWORD: "hush" };
const LOCAL = { OPWATCH_LOCAL: "1" };
const NOWHERE = "/nowhere/opwatch.pem";

/** Everything that can be wrong with the settings, at least once. */
const WRONG: readonly Environment[] = [
  {},
  { ...BOT, BOT_ID: "opwatch" },
  { ...BOT, BOT_ID: "${{BOT_ID}}" },
  { ...BOT, OPWATCH_LOCAL: "yes" },
  { ...BOT, LOG_LEVEL: "loud" },
  { ...BOT, PORT: "http" },
  { ...BOT, WATCH_LIFETIME_HOURS: "0" },
  { ...BOT, BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: NOWHERE },
  { ...BOT, BOT_CERTIFICATE_PATH: NOWHERE },
  { ...BOT, BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: "-----BEGIN PRIVATE KEY-----" },
  { ...BOT, BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: aCertificate() },
  { ...BOT, BOT_PASSWORD: "<client secret>" },
  { ...BOT, CALLBACK_SECRET: "whsec_short" },
  { ...BOT, BOT_TYPE: "UserAssignedMSI" },
  { ...BOT, ALLOWED_TENANTS: "contoso.com" },
  { ...BOT, BOT_TYPE: "MultiTenant", ALLOWED_TENANTS: "," },
  { ...BOT, ALLOWED_TENANTS: BOT_ID },
  { ...BOT, BOT_TYPE: "MultiTenant", GRAPH_CLIENT_ID: TENANT },
  { ...BOT, GRAPH_CLIENT_SECRET: "hush" },
  { ...BOT, GRAPH_CLIENT_ID: "opwatch" },
  { ...BOT, GRAPH_CLIENT_ID: TENANT, GRAPH_CLIENT_SECRET: "hush", GRAPH_CERTIFICATE_PATH: NOWHERE },
  { ...BOT, GRAPH_ENDPOINT: "http://127.0.0.1:3979" },
  { ...LOCAL, GRAPH_ENDPOINT: "127.0.0.1" },
  { ...LOCAL, GRAPH_ENDPOINT: "https://graph.microsoft.com" },
  { ...LOCAL, GRAPH_ENDPOINT: "http://127.0.0.1:3979/v1.0" },
  { ...LOCAL, HOST: "0.0.0.0" },
  { ...BOT, CALLBACK_HOSTS: "https://hooks.contoso.com" },
  { ...BOT, CALLBACK_HOSTS: "hooks.contoso.com", CALLBACK_SECRET: "short" },
  { ...BOT, DATABASE_BACKEND: "citus" },
  { ...BOT, DATABASE_URL: "mysql://127.0.0.1/opwatch" },
];

/** What the configuration says of each of them: the lines of one message. */
export function settingsProblems(): readonly string[] {
  return WRONG.flatMap((env) => {
    try {
      readConfig(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    throw new Error(`Nothing is wrong with ${JSON.stringify(env)}.`);
  });
}
