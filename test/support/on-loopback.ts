import type { BotCloud } from "../../src/teams/bot-clouds.ts";

/** A cloud's Bot Framework, but that its keys and its Teams are on loopback. */
export function onLoopback(cloud: BotCloud, openIdUrl: string, teams: string): BotCloud {
  const origin = new URL(teams).origin.replaceAll(".", "\\.");
  return { ...cloud, openIdUrl, serviceOrigins: [new RegExp(`^${origin}$`, "u")] };
}
