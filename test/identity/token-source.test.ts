import type * as Identity from "@azure/identity";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { tenantId } from "../../src/core/ids.ts";
import { CLOUDS } from "../../src/core/clouds.ts";
import {
  createTokenSource,
  NO_TOKEN,
  TokenError,
  type Credential,
  type TokenOptions,
  type TokenSource,
} from "../../src/identity/token-source.ts";

const TENANT = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
const OTHER = tenantId("11111111-2222-4333-8444-555555555555");
const CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444";
const SECRET: Credential = { kind: "secret", clientId: CLIENT, secret: "s3cret-value" };
const OPTIONS: TokenOptions = {
  scope: "https://graph.microsoft.com/.default",
  authorityHost: CLOUDS.global.authorityHost,
};
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Token = { readonly token: string; readonly expiresOnTimestamp: number };

/** What the credentials were made of and asked for; `answer` is what the network would say. */
const fake = vi.hoisted(() => ({
  made: [] as { readonly of: string; readonly args: readonly unknown[] }[],
  scopes: [] as unknown[],
  answer: (): Promise<Token | null> => Promise.resolve(null),
}));

// Made as the real ones are, with all that these check; only the network is not asked.
vi.mock("@azure/identity", async (importOriginal) => {
  const real = await importOriginal<typeof Identity>();
  const ask = (scope: unknown): Promise<Token> => {
    fake.scopes.push(scope);
    // What the library says of it: it never gives null itself, but its interface allows it.
    // eslint-disable-next-line typescript/no-unsafe-type-assertion
    return fake.answer() as Promise<Token>;
  };
  const made = (of: string, args: readonly unknown[]): void => void fake.made.push({ of, args });
  return {
    ...real,
    ClientSecretCredential: class extends real.ClientSecretCredential {
      constructor(...args: readonly [string, string, string, object]) {
        super(...args);
        made("secret", args);
      }
      override getToken = ask;
    },
    ClientCertificateCredential: class extends real.ClientCertificateCredential {
      constructor(...args: readonly [string, string, string, object]) {
        super(...args);
        made("certificate", args);
      }
      override getToken = ask;
    },
    ManagedIdentityCredential: class extends real.ManagedIdentityCredential {
      constructor(options: { readonly clientId: string }) {
        // The real one writes into its options.
        super({ ...options });
        made("managedIdentity", [options]);
      }
      override getToken = ask;
    },
  };
});

let failures: { readonly tenant: string; readonly error: TokenError }[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  [fake.made, fake.scopes, failures] = [[], [], []];
  let count = 0;
  fake.answer = () =>
    Promise.resolve({ token: `token-${(count += 1)}`, expiresOnTimestamp: Date.now() + HOUR });
});
afterEach(() => {
  vi.useRealTimers();
});

function aSource(credential: Credential = SECRET, options: Partial<TokenOptions> = {}): TokenSource {
  const onFailure = (tenant: string, error: TokenError): void => void failures.push({ tenant, error });
  return createTokenSource(credential, { ...OPTIONS, onFailure, ...options });
}

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (reason: unknown) => reason,
  );
}

test("local mode sends no token", async () => {
  expect(await NO_TOKEN.token(TENANT)).toBeNull();
  expect(() => {
    NO_TOKEN.discard(TENANT);
  }).not.toThrow();
});

describe("who signs in", () => {
  const authorityHost = CLOUDS.usgov.authorityHost;

  test.each<[Credential, readonly unknown[]]>([
    [SECRET, [TENANT, CLIENT, "s3cret-value", { authorityHost }]],
    [
      { kind: "certificate", clientId: CLIENT, path: "/run/secrets/opwatch.pem" },
      [TENANT, CLIENT, "/run/secrets/opwatch.pem", { authorityHost }],
    ],
    [{ kind: "managedIdentity", clientId: CLIENT }, [{ clientId: CLIENT }]],
  ])("$kind", async (credential, args) => {
    const scope = "https://api.botframework.us/.default";
    const tokens = aSource(credential, { authorityHost, scope });
    expect(fake.made).toEqual([]);
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(fake.made).toEqual([{ of: credential.kind, args }]);
    expect(fake.scopes).toEqual([scope]);
  });

  test("is somebody else in each tenant, with a token of its own", async () => {
    const tokens = aSource();
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(await tokens.token(OTHER)).toBe("token-2");
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(fake.made.map(({ args }) => args[0])).toEqual([TENANT, OTHER]);
  });

  test("is asked with the credential of before when a token is renewed", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    pass(2 * HOUR);
    await tokens.token(TENANT);
    expect(fake.made).toHaveLength(1);
    expect(fake.scopes).toHaveLength(2);
  });
});

describe("a token is kept", () => {
  test("until five minutes before it expires", async () => {
    const tokens = aSource();
    expect(await tokens.token(TENANT)).toBe("token-1");
    pass(55 * MINUTE - 1);
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(fake.scopes).toHaveLength(1);
    pass(1);
    expect(await tokens.token(TENANT)).toBe("token-2");
    pass(54 * MINUTE);
    expect(await tokens.token(TENANT)).toBe("token-2");
    expect(fake.scopes).toHaveLength(2);
  });

  test("not at all where it lives for less", async () => {
    fake.answer = () => Promise.resolve({ token: "short", expiresOnTimestamp: Date.now() + 4 * MINUTE });
    const tokens = aSource();
    for (let n = 1; n <= 3; n += 1) {
      expect(await tokens.token(TENANT)).toBe("short");
      expect(fake.scopes).toHaveLength(n);
    }
  });

  test("for who comes while it is asked for, too: one request at a time", async () => {
    const { promise, resolve } = Promise.withResolvers<Token>();
    fake.answer = () => promise;
    const tokens = aSource();
    const waiting = Array.from({ length: 50 }, () => tokens.token(TENANT));
    await vi.waitFor(() => expect(fake.scopes).toHaveLength(1));
    waiting.push(tokens.token(TENANT));
    resolve({ token: "the one", expiresOnTimestamp: Date.now() + HOUR });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["the one"]));
    expect(fake.scopes).toHaveLength(1);
    expect(fake.made).toHaveLength(1);
  });

  test("and renewed by one request, however many come then", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    pass(56 * MINUTE);
    const renewed = await Promise.all(Array.from({ length: 50 }, () => tokens.token(TENANT)));
    expect(new Set(renewed)).toEqual(new Set(["token-2"]));
    expect(fake.scopes).toHaveLength(2);
  });

  test("while another tenant's is asked for", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    fake.answer = () => new Promise(() => undefined);
    void tokens.token(OTHER);
    expect(await tokens.token(TENANT)).toBe("token-1");
  });
});

describe("a token that was refused", () => {
  test("is thrown away, and the next one is from a credential that remembers none", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    await tokens.token(OTHER);
    tokens.discard(TENANT);
    expect(await tokens.token(TENANT)).toBe("token-3");
    expect(fake.made.map(({ args }) => args[0])).toEqual([TENANT, OTHER, TENANT]);
    // The other tenant's was not.
    expect(await tokens.token(OTHER)).toBe("token-2");
  });

  test("that was never had is nothing", () => {
    const tokens = aSource({ kind: "managedIdentity", clientId: CLIENT });
    expect(() => {
      tokens.discard(TENANT);
    }).not.toThrow();
    expect(fake.made).toEqual([]);
  });

  test("while it is renewed is not waited for", async () => {
    const { promise, resolve } = Promise.withResolvers<Token>();
    const soon = { token: "new", expiresOnTimestamp: Date.now() + HOUR };
    fake.answer = () => promise;
    const tokens = aSource();
    const old = tokens.token(TENANT);
    await vi.waitFor(() => expect(fake.scopes).toHaveLength(1));
    tokens.discard(TENANT);
    fake.answer = () => Promise.resolve(soon);
    expect(await tokens.token(TENANT)).toBe("new");
    resolve({ token: "old", expiresOnTimestamp: Date.now() + HOUR });
    expect(await old).toBe("old");
    expect(await tokens.token(TENANT)).toBe("new");
  });
});

describe("where there is no token", () => {
  const cause = new Error("AADSTS7000222: The provided client secret keys are expired.");

  test("who asks gets a TokenError with what the credential said, and its cause", async () => {
    fake.answer = () => Promise.reject(cause);
    const error = await reasonOf(aSource().token(TENANT));
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ name: "TokenError", message: cause.message, cause });
  });

  test.each([
    ["null for a token", () => Promise.resolve(null), "The credential gave no token."],
    ["what is no error", () => Promise.reject<Token>("no luck"), "no luck"],
  ])("it is so with %s", async (_what, answer, message) => {
    fake.answer = answer;
    expect(await reasonOf(aSource().token(TENANT))).toMatchObject({ name: "TokenError", message });
  });

  test("it is told once for each request that failed, however many waited for it", async () => {
    fake.answer = () => Promise.reject(cause);
    const tokens = aSource();
    const reasons = await Promise.all(Array.from({ length: 20 }, () => reasonOf(tokens.token(TENANT))));
    expect(new Set(reasons).size).toBe(1);
    expect(failures).toEqual([{ tenant: TENANT, error: reasons[0] }]);
    // For a while the failure is the answer; nobody asks again at each check.
    expect(await reasonOf(tokens.token(TENANT))).toBe(reasons[0]);
    await reasonOf(tokens.token(OTHER));
    expect(failures.map(({ tenant }) => tenant)).toEqual([TENANT, OTHER]);
    expect(fake.scopes).toHaveLength(2);
  });

  test("nobody needs to listen", async () => {
    fake.answer = () => Promise.reject(cause);
    expect(await reasonOf(createTokenSource(SECRET, OPTIONS).token(TENANT))).toBeInstanceOf(TokenError);
  });

  test("who asks ten seconds later tries again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const works = fake.answer;
    fake.answer = () => Promise.reject(cause);
    const tokens = aSource();
    await reasonOf(tokens.token(TENANT));
    fake.answer = works;
    vi.setSystemTime(Date.now() + 10_000);
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(failures).toHaveLength(1);
    vi.useRealTimers();
  });

  test("the old one is given as long as it is valid", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    pass(56 * MINUTE);
    fake.answer = () => Promise.reject(cause);
    expect(await tokens.token(TENANT)).toBe("token-1");
    expect(failures).toHaveLength(1);
    pass(4 * MINUTE);
    expect(await reasonOf(tokens.token(TENANT))).toBeInstanceOf(TokenError);
  });

  test("but not one that was refused", async () => {
    const tokens = aSource();
    await tokens.token(TENANT);
    tokens.discard(TENANT);
    fake.answer = () => Promise.reject(cause);
    expect(await reasonOf(tokens.token(TENANT))).toBeInstanceOf(TokenError);
  });

  test("a request that fails takes nothing from the one that was made after it", async () => {
    const { promise, reject } = Promise.withResolvers<Token>();
    const works = fake.answer;
    fake.answer = () => promise;
    const tokens = aSource();
    const old = reasonOf(tokens.token(TENANT));
    await vi.waitFor(() => expect(fake.scopes).toHaveLength(1));
    tokens.discard(TENANT);
    fake.answer = works;
    expect(await tokens.token(TENANT)).toBe("token-1");
    reject(cause);
    await old;
    expect(await tokens.token(TENANT)).toBe("token-1");
  });

  test("the other tenants' go on", async () => {
    const tokens = aSource();
    await tokens.token(OTHER);
    fake.answer = () => Promise.reject(cause);
    await reasonOf(tokens.token(TENANT));
    expect(await tokens.token(OTHER)).toBe("token-1");
  });
});

// What the library checks before anything is asked over the network.
describe("a credential that can't work", () => {
  test.each<Credential>([
    { kind: "secret", clientId: CLIENT, secret: "s3cret-value" },
    { kind: "certificate", clientId: CLIENT, path: "/nonexistent/s3cret-value.pem" },
  ])("of kind $kind rejects, as a promise, and without its secret", async (credential) => {
    const error = await reasonOf(aSource(credential).token(tenantId("not a tenant!")));
    expect(error).toBeInstanceOf(TokenError);
    expect(String(error)).toMatch(/tenant/iu);
    expect(String(error)).not.toContain("s3cret-value");
    expect(failures).toEqual([{ tenant: "not a tenant!", error }]);
    expect(fake.scopes).toEqual([]);
  });
});

test("every cloud has its own Graph and authority, over https, without a path", () => {
  for (const { graphOrigin, authorityHost } of Object.values(CLOUDS)) {
    expect(new URL(graphOrigin).origin).toBe(graphOrigin);
    expect(new URL(authorityHost).origin).toBe(authorityHost);
    expect(graphOrigin.startsWith("https://")).toBe(true);
    expect(authorityHost.startsWith("https://")).toBe(true);
  }
  expect(new Set(Object.values(CLOUDS).map(({ graphOrigin }) => graphOrigin)).size).toBe(4);
});
