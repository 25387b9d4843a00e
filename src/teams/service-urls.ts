import type { CloudName } from "../core/clouds.ts";
import { BOT_CLOUDS } from "./bot-clouds.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether the bot's token may go there: to Teams' own hosts of the configured cloud, over https; in local mode to loopback only. */
export function isAllowedServiceUrl(serviceUrl: string, cloud: CloudName, isLocal: boolean): boolean {
  if (!URL.canParse(serviceUrl)) return false;
  const { protocol, hostname, username, password } = new URL(serviceUrl);
  if (username !== "" || password !== "") return false;
  if (isLocal) return /^https?:$/u.test(protocol) && LOOPBACK.has(hostname);
  return protocol === "https:" && BOT_CLOUDS[cloud].serviceHosts.some((host) => host.test(hostname));
}
