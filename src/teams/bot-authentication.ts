import { ConfigurationBotFrameworkAuthentication, type TurnContext } from "botbuilder";
import {
  AuthenticationError,
  BotFrameworkAuthentication,
  ClaimsIdentity,
  type AuthenticateRequestResult,
  type ConnectorClient,
  type ConnectorFactory,
  type UserTokenClient,
} from "botframework-connector";
import { BotCredentials } from "./bot-credentials.ts";
import type { Verifier } from "./verify-activity.ts";

type Activity = TurnContext["activity"];

/** Teams has a handful of service URLs. */
const MAX_CLIENTS = 100;

/** The Bot Framework's authentication as the adapter wants it: by our verifier, and with our tokens. */
export class BotAuthentication extends BotFrameworkAuthentication {
  readonly #verify: Verifier | null;
  readonly #inner: ConfigurationBotFrameworkAuthentication;
  readonly #audience: string;
  readonly #connectors: ConnectorFactory;
  #userTokens: Promise<UserTokenClient> | null = null;

  /** @param verify null in local mode: everybody is let in. */
  constructor(
    appId: string,
    audience: string,
    verify: Verifier | null,
    token: (() => Promise<string>) | null,
  ) {
    super();
    this.#verify = verify;
    this.#audience = audience;
    this.#inner = new ConfigurationBotFrameworkAuthentication(
      { MicrosoftAppId: appId },
      new BotCredentials(appId, token),
    );
    this.#connectors = onePerServiceUrl(this.#inner.createConnectorFactory(new ClaimsIdentity([], true)));
  }

  /** Rejects with an AuthenticationError, of status 401 or, where nobody can tell, 503. */
  override async authenticateRequest(
    activity: Activity,
    authorization: string,
  ): Promise<AuthenticateRequestResult> {
    const { channelId, serviceUrl } = activity;
    const verdict =
      this.#verify === null
        ? ({ kind: "good", claims: {} } as const)
        : await this.#verify(authorization, { channelId, serviceUrl });
    if (verdict.kind === "refused") throw new AuthenticationError("The activity's token was refused.", 401);
    if (verdict.kind === "unavailable") {
      throw new AuthenticationError("The keys that sign activities can't be had right now.", 503);
    }
    const claims = Object.entries(verdict.claims).map(([type, value]) => ({ type, value: String(value) }));
    return {
      audience: this.#audience,
      claimsIdentity: new ClaimsIdentity(claims, true),
      connectorFactory: this.#connectors,
    };
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(new AuthenticationError("Streaming connections are not accepted.", 401));
  }

  override createConnectorFactory(): ConnectorFactory {
    return this.#connectors;
  }

  /** For signing people in, which Opwatch does not do; the adapter wants one for each turn. */
  override createUserTokenClient(identity: ClaimsIdentity): Promise<UserTokenClient> {
    return (this.#userTokens ??= this.#inner.createUserTokenClient(identity));
  }
}

/** Making a client costs more than a request by it. */
function onePerServiceUrl(inner: ConnectorFactory): ConnectorFactory {
  const clients = new Map<string, Promise<ConnectorClient>>();
  return {
    create(serviceUrl, audience) {
      const known = clients.get(serviceUrl);
      if (known !== undefined) return known;
      if (clients.size >= MAX_CLIENTS) clients.clear();
      const made = inner.create(serviceUrl, audience);
      clients.set(serviceUrl, made);
      made.catch(() => clients.delete(serviceUrl));
      return made;
    },
  };
}
