import type { AccessToken, TokenCredential } from "@azure/identity";

/** Gives a tenant's token; null where none is sent (local mode). */
export type TokenSource = {
  token(tenant: string): Promise<string | null>;
  /** The tenant's token was refused: the next one is a new one. */
  discard(tenant: string): void;
};

export const NO_TOKEN: TokenSource = { token: () => Promise.resolve(null), discard: () => undefined };

/** How an application signs in; the certificate's file holds its private key, too (PEM). */
export type Credential =
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string }
  | { readonly kind: "certificate"; readonly clientId: string; readonly path: string }
  | { readonly kind: "managedIdentity"; readonly clientId: string };

/** There is no token; the cause is what the credential said. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

export type TokenOptions = {
  /** For example `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  readonly authorityHost: string;
  /** Told of every request for a token that failed. */
  readonly onFailure?: (tenant: string, error: TokenError) => void;
};

/** A token is renewed this long before it expires. */
const RENEWED_BEFORE_MS = 5 * 60_000;

/** After a failure the next request for a token waits this long; meanwhile the old one serves, or the failure. */
const RETRY_MS = 10_000;

type Held = {
  readonly credential: Promise<TokenCredential>;
  token: Promise<AccessToken> | null;
  good: AccessToken | null;
  renewAt: number;
};

/**
 * Application tokens by @azure/identity, kept until shortly before they expire, asked for once at a
 * time. A token is always of the tenant that is asked for.
 */
export function createTokenSource(credential: Credential, options: TokenOptions): TokenSource {
  const byTenant = new Map<string, Held>();

  async function ask(tenant: string, held: Held): Promise<AccessToken> {
    try {
      const token = await (await held.credential).getToken(options.scope);
      if (token === null) throw new Error("The credential gave no token.");
      held.renewAt = token.expiresOnTimestamp - RENEWED_BEFORE_MS;
      held.good = token;
      return token;
    } catch (cause) {
      held.renewAt = Date.now() + RETRY_MS;
      const message = cause instanceof Error ? cause.message : String(cause);
      const error = new TokenError(message, { cause });
      options.onFailure?.(tenant, error);
      if (held.good !== null && held.good.expiresOnTimestamp > Date.now()) return held.good;
      throw error;
    }
  }

  return {
    async token(tenant) {
      const held = byTenant.get(tenant) ?? {
        credential: makeCredential(credential, tenant, options.authorityHost),
        token: null,
        good: null,
        renewAt: 0,
      };
      byTenant.set(tenant, held);
      if (held.token === null || held.renewAt <= Date.now()) {
        // Who comes meanwhile waits for the same one.
        held.renewAt = Number.POSITIVE_INFINITY;
        held.token = ask(tenant, held);
      }
      return (await held.token).token;
    },
    discard: (tenant) => void byTenant.delete(tenant),
  };
}

/**
 * Whoever is signed in where a command line runs: a pipeline's identity, `az login`, the environment.
 * @param scope for example `https://graph.microsoft.com/.default`
 */
export function createSignedInTokens(
  scope: string,
  tenantId: string | null,
  authorityHost: string,
): TokenSource {
  const credential = import("@azure/identity").then(
    ({ DefaultAzureCredential }) =>
      new DefaultAzureCredential({ authorityHost, ...(tenantId === null ? {} : { tenantId }) }),
  );
  return {
    token: async () => (await (await credential).getToken(scope)).token,
    discard: () => undefined,
  };
}

/** Explicit credentials only: DefaultAzureCredential would take any that the environment holds. */
async function makeCredential(
  credential: Credential,
  tenant: string,
  authorityHost: string,
): Promise<TokenCredential> {
  // Loaded when first needed: local mode needs none, and it costs half a second of every start.
  const identity = await import("@azure/identity");
  switch (credential.kind) {
    case "secret":
      return new identity.ClientSecretCredential(tenant, credential.clientId, credential.secret, {
        authorityHost,
      });
    case "certificate":
      return new identity.ClientCertificateCredential(tenant, credential.clientId, credential.path, {
        authorityHost,
      });
    case "managedIdentity":
      return new identity.ManagedIdentityCredential({ clientId: credential.clientId });
  }
}
