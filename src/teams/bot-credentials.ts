import { ServiceClientCredentialsFactory, type ServiceClientCredentials } from "botframework-connector";

/**
 * The bot's tokens, for the Bot Framework's clients. Its own credentials would not do: they know no
 * certificate outside the global cloud, take any identity that the environment holds in place of a
 * managed one, and pass proxies by.
 */
export class BotCredentials extends ServiceClientCredentialsFactory {
  readonly #appId: string;
  readonly #token: (() => Promise<string>) | null;

  /** @param token null in local mode: nobody is authenticated, either way. */
  constructor(appId: string, token: (() => Promise<string>) | null) {
    super();
    this.#appId = appId;
    this.#token = token;
  }

  override isValidAppId(appId: string): Promise<boolean> {
    return Promise.resolve(appId === this.#appId);
  }

  override isAuthenticationDisabled(): Promise<boolean> {
    return Promise.resolve(this.#token === null);
  }

  override createCredentials(): Promise<ServiceClientCredentials> {
    const token = this.#token;
    return Promise.resolve({
      signRequest: async (request) => {
        if (token !== null) request.headers.set("authorization", `Bearer ${await token()}`);
        return request;
      },
    });
  }
}
