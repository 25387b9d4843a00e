import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";

type Claims = Readonly<Record<string, unknown>>;

/** What is answered in place of the truth, everywhere or only where a path ends with `at`. */
type Trouble = {
  readonly status?: number;
  readonly body?: string;
  readonly location?: string;
  readonly isSilent?: boolean;
  readonly at?: string;
};

/** Who signs tokens, and publishes the keys. */
export type Issuer = AsyncDisposable & {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: readonly string[];
  trouble: Trouble | null;
  /** The channels that the newest key names; null: it names none, as Entra's. */
  endorsements: readonly string[] | null;
  /** The newest key, as it is published. */
  publicKey(): JWK;
  /** A new key; the old one is not published any more, unless it is kept. */
  rotate(options?: { readonly keepsOld: boolean }): Promise<void>;
  /** A good token, with these claims laid over it; undefined takes one out. */
  token(claims?: Claims, header?: Claims): Promise<string>;
  /** The same, by a key that is not published, under the name of the one that is. */
  forged(claims?: Claims): Promise<string>;
};

export const APP = "00001111-aaaa-2222-bbbb-3333cccc4444";
export const ISSUED_TO = "5b1d7e90-6c24-4f3a-8e15-a0c9d2f47b68";
/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
export const CHANNEL_ISSUER = "https://api.botframework.com";

type Key = {
  readonly privateKey: Parameters<SignJWT["sign"]>[0];
  readonly kid: string;
  readonly jwk: JWK;
};

/** Entra, which signs its applications' tokens: good ones are of version 2. */
export function anIssuer(tenant: string): Promise<Issuer> {
  const claims = (url: string): Claims => ({
    iss: `${url}/${tenant}/v2.0`,
    aud: APP,
    tid: tenant,
    azp: ISSUED_TO,
    ver: "2.0",
    roles: ["Watches.Write"],
  });
  return aSigner(claims, null);
}

/** The Bot Framework, which signs the activities that come from a service URL. */
export async function aChannelIssuer(serviceUrl: string): Promise<Issuer & { readonly openIdUrl: string }> {
  const claims: Claims = { iss: CHANNEL_ISSUER, aud: APP, serviceurl: serviceUrl };
  const signer = await aSigner(() => claims, ["msteams", "webchat"]);
  return Object.assign(signer, { openIdUrl: `${signer.url}/v1/.well-known/openidconfiguration` });
}

/** As https://login.botframework.com/v1/.well-known/openidconfiguration has it. */
function openIdConfiguration(url: string): object {
  return {
    issuer: CHANNEL_ISSUER,
    authorization_endpoint: "https://invalid.botframework.com",
    jwks_uri: `${url}/v1/.well-known/keys`,
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
  };
}

async function aSigner(
  claimsOf: (url: string) => Claims,
  endorsements: readonly string[] | null,
): Promise<Issuer> {
  let count = 0;
  let key = await aKey(`key-${(count += 1)}`);
  let old: readonly object[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const trouble = issuer.trouble !== null && path.endsWith(issuer.trouble.at ?? "") ? issuer.trouble : null;
    if (trouble?.isSilent === true) return;
    const answer = path.endsWith("/openidconfiguration") ? openIdConfiguration(url) : published();
    const { status = 200, location } = trouble ?? {};
    response.writeHead(status, {
      "content-type": "application/json",
      ...(location === undefined ? {} : { location }),
    });
    response.end(trouble === null ? JSON.stringify(answer) : trouble.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  function published(): { readonly keys: readonly object[] } {
    const named = issuer.endorsements === null ? {} : { endorsements: issuer.endorsements };
    return { keys: [...old, { ...key.jwk, ...named }] };
  }

  function sign(claims: Claims, header: Claims, by: Key): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const times = { iat: seconds, nbf: seconds, exp: seconds + 3_600 };
    const all = { ...claimsOf(url), ...times, ...claims };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(given)
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: by.kid, ...header })
      .sign(by.privateKey);
  }

  const issuer: Issuer = {
    url,
    requests,
    trouble: null,
    endorsements,
    publicKey: () => key.jwk,
    async rotate({ keepsOld } = { keepsOld: false }) {
      old = keepsOld ? published().keys : [];
      key = await aKey(`key-${(count += 1)}`);
    },
    token: (claims = {}, header = {}) => sign(claims, header, key),
    forged: async (claims = {}) => sign(claims, {}, await aKey(key.kid)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return issuer;
}

async function aKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" } };
}
