import type { Config, CredentialConfig } from "./config.ts";
import { credentialProblemOf } from "./core/credential-problem.ts";
import { describeFault, type Log } from "./flows/log-event.ts";
import { createTokenSource, NO_TOKEN, type Credential, type TokenSource } from "./identity/token-source.ts";
import { BOT_CLOUDS, type BotCloud } from "./teams/bot-clouds.ts";
import { EN } from "./teams/words/en.ts";

/** Whom Opwatch speaks with beside Graph, Teams and the database. Tests have their own, on loopback. */
export type Outside = {
  readonly botCloud: BotCloud;
  readonly botTokens: TokenSource;
  readonly graphTokens: TokenSource;
  /** Who signs the callers' tokens, in place of the cloud's Entra. */
  readonly entra: string | null;
};

export function outsideOf(config: Config, log: Log): Outside {
  const { cloud, origin, authorityHost, credential } = config.graph;
  const botCloud = BOT_CLOUDS[cloud];
  if (config.bot.mode === "local" || credential === null) {
    return { botCloud, botTokens: NO_TOKEN, graphTokens: NO_TOKEN, entra: null };
  }
  const graph = { scope: `${origin}/.default`, authorityHost, onFailure: toldOf("Graph", log) };
  const bot = {
    scope: `${botCloud.channelIssuer}/.default`,
    authorityHost: botCloud.login.host,
    onFailure: toldOf("Teams", log),
  };
  return {
    botCloud,
    botTokens: createTokenSource(revealed(config.bot.registration.credential), bot),
    graphTokens: createTokenSource(revealed(credential), graph),
    entra: null,
  };
}

/** A sentence for the operator: what is wrong with the credential, and what to do. */
function toldOf(side: "Graph" | "Teams", log: Log): (tenant: string, error: Error) => void {
  return (tenant, error) => {
    const problem = credentialProblemOf(error.message);
    log({
      event: "token.failed",
      side,
      tenant,
      problem,
      todo: EN.credentialProblems[problem],
      error: describeFault(error),
    });
  };
}

function revealed(credential: CredentialConfig): Credential {
  return credential.kind === "secret" ? { ...credential, secret: credential.secret.reveal() } : credential;
}
