import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWK,
  type JWSHeaderParameters,
} from "jose";

/** The published keys that sign an issuer's tokens. */
export type SigningKeys = {
  /** A token's key; rejects with one of jose's errors when there is none, with another when none can be had. */
  keyOf(this: void, header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey>;
  /** A key as it is published, with what jose does not know of it. */
  published(kid: string | undefined): JWK | undefined;
};

/** Where they are; or the OpenID configuration that says it. */
export type KeysPlace = { readonly keysAt: string } | { readonly openIdAt: string };

const DAY_MS = 24 * 3_600_000;
/** While no new ones can be had the old ones serve, but not for ever: one may have been withdrawn. */
const OLDEST_MS = 3 * DAY_MS;
const KEYS_WITHIN_MS = 5_000;
/** For a key that is not known they are looked for again, but no more often than this. */
const NEW_KEY_AFTER_MS = 30_000;
/** When they can't be had: at once at first, then from a second on to a minute. */
const FREE_TRIES = 3;
const LONGEST_WAIT_MS = 60_000;

type Found = {
  readonly place: string;
  readonly placeAt: number;
  readonly keys: JSONWebKeySet;
  readonly set: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
};

/**
 * They are asked for once a day, and for a key that nobody knows. jose's own remote set is not used:
 * where the keys can't be had it asks for every token that comes, and forgets the old ones.
 */
export function createSigningKeys(where: KeysPlace): SigningKeys {
  let found: Found | null = null;
  let finding: Promise<Found> | null = null;
  let failures = 0;
  let triesFrom = 0;

  async function currentPlace(): Promise<Pick<Found, "place" | "placeAt">> {
    if (found !== null && found.placeAt + DAY_MS > Date.now()) return found;
    try {
      return { place: await placeOfKeys(where), placeAt: Date.now() };
    } catch (error) {
      // An old one is better than none.
      if (found === null) throw error;
      return found;
    }
  }

  async function find(): Promise<Found> {
    try {
      const place = await currentPlace();
      const keys = await keysAt(place.place);
      found = { ...place, keys, set: createLocalJWKSet(keys), at: Date.now() };
      failures = 0;
      return found;
    } catch (error) {
      failures += 1;
      const waitMs =
        failures < FREE_TRIES ? 0 : Math.min(1_000 * 2 ** (failures - FREE_TRIES), LONGEST_WAIT_MS);
      triesFrom = Date.now() + waitMs;
      throw error;
    }
  }

  /** Those that are there, if they are younger than `maxAgeMs` or no others can be had. */
  async function current(maxAgeMs: number): Promise<Found> {
    if (found !== null && found.at + maxAgeMs > Date.now()) return found;
    try {
      if (finding === null && triesFrom > Date.now()) {
        throw new Error("The keys could not be had a moment ago.");
      }
      finding ??= find().finally(() => {
        finding = null;
      });
      return await finding;
    } catch (error) {
      if (found === null || found.at + OLDEST_MS < Date.now()) throw error;
      return found;
    }
  }

  return {
    async keyOf(header, token) {
      const known = await current(DAY_MS);
      try {
        return await known.set(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return (await current(NEW_KEY_AFTER_MS)).set(header, token);
      }
    },
    published: (kid) => found?.keys.keys.find((key) => key.kid === kid),
  };
}

async function placeOfKeys(where: KeysPlace): Promise<string> {
  if ("keysAt" in where) return where.keysAt;
  const place: unknown = fieldOf(await jsonAt(where.openIdAt), "jwks_uri");
  if (typeof place !== "string") throw new Error("The OpenID configuration names no keys.");
  return place;
}

async function keysAt(place: string): Promise<JSONWebKeySet> {
  const set = await jsonAt(place);
  if (!isKeySet(set)) throw new Error("What is at the place of the keys is no set of keys.");
  return set;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  const keys = fieldOf(value, "keys");
  return Array.isArray(keys) && keys.every((key) => typeof key === "object" && key !== null);
}

async function jsonAt(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(KEYS_WITHIN_MS), redirect: "error" });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
  return body;
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, name) : null;
}
