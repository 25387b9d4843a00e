/**
 * Hosts that get the bot's token. Teams' global service URLs of every cloud:
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 */
const TEAMS_HOSTS: readonly RegExp[] = [
  /^smba\.trafficmanager\.net$/u,
  /^smba(?:\.[a-z0-9-]+)*\.teams\.microsoft\.com$/u,
  /^smba(?:\.[a-z0-9-]+)*\.teams\.microsoft\.us$/u,
  /^frontend\.botapi\.msg\.infra\.teams\.microsoftonline\.cn$/u,
];
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** In local mode only loopback, else only Teams' own hosts, over https. */
export function isAllowedServiceUrl(serviceUrl: string, isLocal: boolean): boolean {
  if (!URL.canParse(serviceUrl)) return false;
  const { protocol, hostname, username, password } = new URL(serviceUrl);
  if (username !== "" || password !== "") return false;
  if (isLocal) return /^https?:$/u.test(protocol) && LOOPBACK.has(hostname);
  return protocol === "https:" && TEAMS_HOSTS.some((host) => host.test(hostname));
}
