import type { BotCloud } from "./bot-clouds.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Whether the bot's token may go there: to Teams' own hosts of its cloud, over https.
 * @param cloud null in local mode, which has no token and speaks to loopback only.
 */
export function isAllowedServiceUrl(serviceUrl: string, cloud: BotCloud | null): boolean {
  if (!URL.canParse(serviceUrl)) return false;
  const { protocol, hostname, origin, username, password } = new URL(serviceUrl);
  if (username !== "" || password !== "") return false;
  if (cloud === null) return /^https?:$/u.test(protocol) && LOOPBACK.has(hostname);
  return cloud.serviceOrigins.some((allowed) => allowed.test(origin));
}
