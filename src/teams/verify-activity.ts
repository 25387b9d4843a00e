import { createHash } from "node:crypto";
import { errors, jwtVerify, type JWTPayload } from "jose";
import { createSigningKeys, type SigningKeys } from "../identity/signing-keys.ts";

export type VerifierSettings = {
  readonly appId: string;
  readonly issuer: string;
  readonly openIdUrl: string;
};

/** What an activity says of itself, that its token must confirm. */
type Sent = { readonly channelId: string; readonly serviceUrl: string };

/** `unavailable`: the keys could not be had, so nobody can tell. */
export type Verdict =
  | { readonly kind: "good"; readonly claims: JWTPayload }
  | { readonly kind: "refused" }
  | { readonly kind: "unavailable" };

export type Verifier = (authorization: string | null, sent: Sent) => Promise<Verdict>;

const CLOCK_TOLERANCE_SECONDS = 5 * 60;
/** A good token is verified anew this often; Teams' are valid for an hour. */
const KEPT_MS = 5 * 60_000;
const MAX_KEPT = 1_000;

/**
 * The Bot Framework's requirements for a request to a bot, all of them:
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 *
 * The SDK's own check is not used: it also takes Entra's tokens as those of its emulator, whose
 * audience and service URL it does not look at, and keeps a little of every token that it refuses.
 */
export function createVerifier(settings: VerifierSettings): Verifier {
  const keys = createSigningKeys({ openIdAt: settings.openIdUrl });
  const kept = new Map<string, { readonly claims: JWTPayload; readonly until: number }>();

  async function verify(token: string, sent: Sent): Promise<Verdict> {
    if (!isWorthVerifying(token, settings)) return REFUSED;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.keyOf, {
        algorithms: ["RS256", "RS384", "RS512"],
        issuer: settings.issuer,
        audience: settings.appId,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["exp", "iss", "aud", "serviceurl"],
      });
      const isOfService = payload["serviceurl"] === sent.serviceUrl;
      const isEndorsed = endorses(keys.published(protectedHeader.kid), sent.channelId);
      return isOfService && isEndorsed ? { kind: "good", claims: payload } : REFUSED;
    } catch (error) {
      return isOfToken(error) ? REFUSED : { kind: "unavailable" };
    }
  }

  return async (authorization, sent) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/u.exec(authorization ?? "")?.[1];
    if (token === undefined) return REFUSED;
    const key = createHash("sha256")
      .update(JSON.stringify([token, sent.channelId, sent.serviceUrl]))
      .digest("base64");
    const known = kept.get(key);
    if (known !== undefined && known.until > Date.now()) return { kind: "good", claims: known.claims };
    const verdict = await verify(token, sent);
    if (verdict.kind === "good") {
      if (kept.size >= MAX_KEPT) kept.clear();
      const endsAt = (verdict.claims.exp ?? 0) * 1000;
      kept.set(key, { claims: verdict.claims, until: Math.min(Date.now() + KEPT_MS, endsAt) });
    }
    return verdict;
  };
}

const REFUSED: Verdict = { kind: "refused" };

/** A key speaks for the channels that it names; one that names none speaks for all. */
function endorses(key: ReturnType<SigningKeys["published"]>, channelId: string): boolean {
  if (key === undefined) return false;
  const channels: unknown = Reflect.get(key, "endorsements");
  return !Array.isArray(channels) || channels.length === 0 || channels.includes(channelId);
}

/** Read without verification, so that junk costs neither a signature's check nor a look for its key. */
function isWorthVerifying(token: string, { issuer, appId }: VerifierSettings): boolean {
  const [, payload = ""] = token.split(".");
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return false;
    const expiry: unknown = Reflect.get(claims, "exp");
    const isFresh = typeof expiry === "number" && expiry + CLOCK_TOLERANCE_SECONDS > Date.now() / 1000;
    return isFresh && Reflect.get(claims, "iss") === issuer && Reflect.get(claims, "aud") === appId;
  } catch {
    return false;
  }
}

/** What jose says of a token; of keys that could not be had others are thrown. */
function isOfToken(error: unknown): boolean {
  return error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid);
}
