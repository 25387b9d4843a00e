import { errors, jwtVerify } from "jose";
import type { CloudName } from "../core/clouds.ts";
import { tenantId, type TenantId } from "../core/ids.ts";
import { createSigningKeys, type SigningKeys } from "../identity/signing-keys.ts";

export type Role = "Watches.Read" | "Watches.Write";

/** The application behind a request. */
export type Caller = {
  /** Null in local mode: every tenant of the machine's own. */
  readonly tenant: TenantId | null;
  /** Its client id. */
  readonly id: string;
  readonly name: string;
  readonly roles: ReadonlySet<string>;
};

export type CallerCheck = (authorization: string | null) => Promise<Caller | CallerProblem>;

export type CallerProblem = {
  readonly problem: "missing" | "invalid" | "wrongTenant" | "unavailable";
  readonly detail: string;
};

/** Entra's issuers and keys, by cloud; tokens of both versions: https://learn.microsoft.com/entra/identity-platform/access-tokens */
const ISSUERS: Readonly<Record<CloudName, { readonly v2: string; readonly v1: string }>> = {
  global: { v2: "https://login.microsoftonline.com", v1: "https://sts.windows.net" },
  usgov: { v2: "https://login.microsoftonline.us", v1: "https://sts.windows.net" },
  "usgov-dod": { v2: "https://login.microsoftonline.us", v1: "https://sts.windows.net" },
  china: { v2: "https://login.partner.microsoftonline.cn", v1: "https://sts.chinacloudapi.cn" },
};

export type CallerSettings = {
  readonly cloud: CloudName;
  /** The bot's application: the audience of the tokens. */
  readonly appId: string;
  /** Those that are served; null: every one that Entra signs for. */
  readonly tenants: ReadonlySet<TenantId> | null;
  /** Where the keys and issuers are, in place of Entra: for tests. */
  readonly authority?: string;
};

const CLOCK_TOLERANCE_SECONDS = 60;

/** Checks access tokens: signature by Entra's published keys (kept, renewed), issuer, audience, tenant, times. */
export function createCallerCheck(settings: CallerSettings): CallerCheck {
  const issuers = ISSUERS[settings.cloud];
  const authority = settings.authority ?? issuers.v2;
  const keys = createSigningKeys({
    keysAt: `${authority}/${onlyOf(settings.tenants) ?? "common"}/discovery/v2.0/keys`,
  });
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/iu.exec(authorization ?? "")?.[1];
    if (token === undefined) {
      return { problem: "missing", detail: "An access token is needed: Authorization: Bearer <token>." };
    }
    try {
      return callerOf(await verified(token, keys, settings), settings, { ...issuers, v2: authority });
    } catch (error) {
      return problemOf(error, settings.appId);
    }
  };
}

/** One tenant's own keys are the ones to trust where there is only one. */
function onlyOf(tenants: ReadonlySet<TenantId> | null): TenantId | null {
  const [first = null, second] = tenants ?? [];
  return second === undefined ? first : null;
}

type Claims = Readonly<Record<string, unknown>>;

async function verified(token: string, keys: SigningKeys, { appId }: CallerSettings): Promise<Claims> {
  const { payload } = await jwtVerify(token, keys.keyOf, {
    algorithms: ["RS256"],
    audience: [appId, `api://${appId}`],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ["exp", "iss", "aud", "tid"],
  });
  return payload;
}

function callerOf(
  claims: Claims,
  settings: CallerSettings,
  issuers: { readonly v1: string; readonly v2: string },
): Caller | CallerProblem {
  const tid = textOf(claims["tid"]);
  // The keys of `common` sign for every tenant: the issuer must be that of the tenant the token names.
  const isOfTenant = [`${issuers.v2}/${tid}/v2.0`, `${issuers.v1}/${tid}/`].includes(textOf(claims["iss"]));
  if (tid === "" || !isOfTenant)
    return { problem: "invalid", detail: "The token's issuer is not the tenant that it names." };
  const tenant = tenantId(tid);
  if (settings.tenants !== null && !settings.tenants.has(tenant)) {
    return {
      problem: "wrongTenant",
      detail: "The token is of another tenant than the one that is served here.",
    };
  }
  const id = textOf(claims["azp"]) || textOf(claims["appid"]);
  if (id === "") return { problem: "invalid", detail: "The token names no client application." };
  const roles: unknown = claims["roles"];
  return {
    tenant,
    id,
    name: textOf(claims["app_displayname"]) || "API",
    roles: new Set(Array.isArray(roles) ? roles.map(String) : []),
  };
}

function problemOf(error: unknown, appId: string): CallerProblem {
  if (error instanceof errors.JWTExpired) return { problem: "invalid", detail: "The token has expired." };
  if (error instanceof errors.JWTClaimValidationFailed) {
    const expected = error.claim === "aud" ? ` Its audience must be api://${appId}.` : "";
    return { problem: "invalid", detail: `The token's claim "${error.claim}" is wrong.${expected}` };
  }
  const isOfKeys = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSInvalid;
  if (isOfKeys) {
    return { problem: "unavailable", detail: "The keys that sign tokens can't be had right now." };
  }
  return { problem: "invalid", detail: "The token can't be verified." };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Local mode has no tokens; only loopback is served. */
export const LOCAL_CALLER: Caller = {
  tenant: null,
  id: "local",
  name: "API",
  roles: new Set<Role>(["Watches.Read", "Watches.Write"]),
};
