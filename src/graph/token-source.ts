import type { TokenCredential } from "@azure/identity";
import type { TenantId } from "../core/ids.ts";

/** Gives the token for a tenant's checks; null where none is sent (local mode). */
export type TokenSource = {
  token(tenant: TenantId): Promise<string | null>;
  /** Graph refused the tenant's token: the next one is a new one. */
  discard(tenant: TenantId): void;
};

export const NO_TOKEN: TokenSource = { token: () => Promise.resolve(null), discard: () => undefined };

export type GraphCredential =
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string }
  | { readonly kind: "certificate"; readonly clientId: string; readonly path: string }
  | { readonly kind: "managedIdentity"; readonly clientId: string };

/**
 * Application tokens by @azure/identity, which caches and renews them. A token is always of the
 * tenant that is asked for, and its scope is the configured Graph root.
 */
export function createTokenSource(
  credential: GraphCredential,
  cloud: { readonly graphOrigin: string; readonly authorityHost: string },
): TokenSource {
  const byTenant = new Map<TenantId, Promise<TokenCredential>>();
  return {
    async token(tenant) {
      const made = byTenant.get(tenant) ?? makeCredential(credential, tenant, cloud.authorityHost);
      byTenant.set(tenant, made);
      made.catch(() => byTenant.delete(tenant));
      const token = await (await made).getToken(`${cloud.graphOrigin}/.default`);
      if (token === null) throw new Error("The credential gave no token.");
      return token.token;
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

/** Explicit credentials only: DefaultAzureCredential would also take what was set for the bot. */
async function makeCredential(
  credential: GraphCredential,
  tenant: TenantId,
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
