import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";

type Claims = Readonly<Record<string, unknown>>;

/** Entra's part in a token: it signs them, and publishes the keys. */
export type Issuer = AsyncDisposable & {
  readonly url: string;
  /** How often the keys were asked for. */
  readonly requests: readonly string[];
  /** What the keys are answered with in place of them; null: with them. */
  trouble: { readonly status: number; readonly body: string } | null;
  /** A new key; the old one is not published any more. */
  rotate(): Promise<void>;
  /** A good token of version 2, with these claims laid over it; undefined takes one out. */
  token(claims?: Claims): Promise<string>;
  /** The same, by a key that is not published, under the name of the one that is. */
  forged(claims?: Claims): Promise<string>;
};

export const APP = "00001111-aaaa-2222-bbbb-3333cccc4444";
export const ISSUED_TO = "5b1d7e90-6c24-4f3a-8e15-a0c9d2f47b68";

type Key = { readonly privateKey: Parameters<SignJWT["sign"]>[0]; readonly jwk: JWK; readonly kid: string };

export async function anIssuer(tenant: string): Promise<Issuer> {
  let count = 0;
  let key = await aKey(`key-${(count += 1)}`);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const { trouble } = issuer;
    response.writeHead(trouble?.status ?? 200, { "content-type": "application/json" });
    response.end(trouble?.body ?? JSON.stringify({ keys: [key.jwk] }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  function sign(claims: Claims, by: Key): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const all = {
      iss: `${url}/${tenant}/v2.0`,
      aud: APP,
      tid: tenant,
      azp: ISSUED_TO,
      ver: "2.0",
      roles: ["Watches.Write"],
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3_600,
      ...claims,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(given)
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: by.kid })
      .sign(by.privateKey);
  }

  const issuer: Issuer = {
    url,
    requests,
    trouble: null,
    async rotate() {
      key = await aKey(`key-${(count += 1)}`);
    },
    token: (claims = {}) => sign(claims, key),
    forged: async (claims = {}) => sign(claims, await aKey(key.kid)),
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
