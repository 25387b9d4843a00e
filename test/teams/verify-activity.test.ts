import { createHmac, createPublicKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createVerifier, type Verdict, type Verifier } from "../../src/teams/verify-activity.ts";
import { aChannelIssuer, APP, CHANNEL_ISSUER } from "../support/an-issuer.ts";
import { heapGrowth } from "../support/heap.ts";

const TENANT = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";
const TEAMS = "https://smba.trafficmanager.net/emea/";
const SENT = { channelId: "msteams", serviceUrl: TEAMS };
const OPEN_ID = "/v1/.well-known/openidconfiguration";
const KEYS = "/v1/.well-known/keys";
const MINUTE = 60;
const HOUR = 3_600;

let issuer: Awaited<ReturnType<typeof aChannelIssuer>>;
beforeEach(async () => {
  issuer = await aChannelIssuer(TEAMS);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await issuer[Symbol.asyncDispose]();
});

function aVerifier(): Verifier {
  return createVerifier({ appId: APP, issuer: CHANNEL_ISSUER, openIdUrl: issuer.openIdUrl });
}

async function told(token: string, verify = aVerifier(), sent = SENT): Promise<Verdict["kind"]> {
  return (await verify(`Bearer ${token}`, sent)).kind;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The timers go on; only what the clock says is ours. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 1000) * 1000 });
}

function passSeconds(count: number): void {
  vi.setSystemTime(Date.now() + count * 1000);
}

function aPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** How often a signature was really looked at. */
function countChecks(): { readonly count: () => number } {
  const verify = vi.spyOn(crypto.subtle, "verify");
  return { count: () => verify.mock.calls.length };
}

describe("a good token", () => {
  test("says who sent the activity", async () => {
    expect(await aVerifier()(`Bearer ${await issuer.token()}`, SENT)).toMatchObject({
      kind: "good",
      claims: { iss: CHANNEL_ISSUER, aud: APP, serviceurl: TEAMS },
    });
    expect(issuer.requests).toEqual([OPEN_ID, KEYS]);
  });

  test.each([
    ["that has expired, but not for longer than a clock may be off", { exp: -5 * MINUTE + 1 }],
    ["that is not yet valid, but as good as", { nbf: 5 * MINUTE - 1 }],
    ["without a start", { nbf: undefined }],
  ])("%s", async (_what, { exp, nbf }: { exp?: number; nbf?: number | undefined }) => {
    stopClock();
    const start = nbf === undefined ? undefined : seconds() + nbf;
    const token = await issuer.token({ nbf: start, exp: seconds() + (exp ?? HOUR) });
    expect(await told(token)).toBe("good");
  });

  test.each([
    ["of many channels", ["webchat", "msteams", "directline"]],
    ["of all, as it names none", []],
    ["of all, as it has no endorsements", null],
  ])("by a key %s", async (_what, endorsements) => {
    issuer.endorsements = endorsements;
    expect(await told(await issuer.token())).toBe("good");
  });
});

describe("what is no token costs no request", () => {
  test.each([
    ["nothing", null],
    ["an empty header", ""],
    ["another scheme", "Basic YTpi"],
    ["a scheme that only looks like it", "bearer a.b.c"],
    ["no token", "Bearer "],
    ["no JWT", "Bearer abc"],
    ["two parts", "Bearer a.b"],
    ["three dots' worth of nothing", "Bearer .."],
    ["claims that are no JSON", "Bearer a.b.c"],
    ["claims that are null", `Bearer a.${aPart(null)}.c`],
    ["claims that are a list", `Bearer a.${aPart([])}.c`],
    ["an encrypted token's five parts", "Bearer a.b.c.d.e"],
    ["two tokens", "Bearer a.b.c, Bearer a.b.c"],
    ["a megabyte", `Bearer ${"a".repeat(1_000_000)}.b.c`],
  ])("%s", async (_what, authorization) => {
    expect(await aVerifier()(authorization, SENT)).toEqual({ kind: "refused" });
    expect(issuer.requests).toEqual([]);
  });

  test("nor is a good one what has something before or after it", async () => {
    const token = await issuer.token();
    const verify = aVerifier();
    for (const header of [
      token,
      ` Bearer ${token}`,
      `Bearer  ${token}`,
      `Bearer ${token} `,
      `Bearer ${token}.`,
      `Bearer ${token}\n`,
      `BearerX ${token}`,
    ]) {
      expect(await verify(header, SENT)).toEqual({ kind: "refused" });
    }
    expect(issuer.requests).toEqual([]);
  });
});

describe("a token that is signed well, but is of something else, is refused", () => {
  const entra = `https://sts.windows.net/${TENANT}/`;

  test.each([
    ["for another bot", { aud: "99998888-aaaa-2222-bbbb-3333cccc4444" }],
    ["for Graph", { aud: "https://graph.microsoft.com" }],
    ["for several, of which the bot is one", { aud: [APP, "other"] }],
    ["for the bot's API", { aud: `api://${APP}` }],
    ["for nobody", { aud: undefined }],
    ["by another issuer", { iss: "https://evil.example" }],
    ["by the Bot Framework of another cloud", { iss: "https://api.botframework.us" }],
    ["by an issuer that only begins like it", { iss: `${CHANNEL_ISSUER}.evil.example` }],
    ["by an issuer with a slash more", { iss: `${CHANNEL_ISSUER}/` }],
    ["by nobody", { iss: undefined }],
    // As anybody gets one who knows the application's secret, and as its emulator had them.
    ["by Entra, to the bot's own application", { iss: entra, appid: APP, ver: "1.0", tid: TENANT }],
    [
      "by Entra, to the bot's own application, of version 2",
      { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, azp: APP, ver: "2.0", tid: TENANT },
    ],
    [
      "by Entra, to the bot's own application, for Graph",
      { iss: entra, appid: APP, ver: "1.0", aud: "https://graph.microsoft.com" },
    ],
    [
      "by the tenant of the emulator",
      { iss: "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", appid: APP, ver: "1.0" },
    ],
    ["without an end", { exp: undefined }],
    ["with an end that is no number", { exp: "4000000000" }],
  ])("%s, before any key is asked for", async (_what, claims) => {
    expect(await told(await issuer.token(claims))).toBe("refused");
    expect(issuer.requests).toEqual([]);
  });

  test("expired for longer than a clock may be off, before any key is asked for", async () => {
    stopClock();
    expect(await told(await issuer.token({ exp: seconds() - 5 * MINUTE }))).toBe("refused");
    expect(await told(await issuer.token({ exp: 0 }))).toBe("refused");
    expect(issuer.requests).toEqual([]);
  });

  test("not yet valid", async () => {
    stopClock();
    const nbf = seconds() + 5 * MINUTE + 1;
    expect(await told(await issuer.token({ nbf, exp: nbf + HOUR }))).toBe("refused");
    expect(await told(await issuer.token({ nbf: "soon" }))).toBe("refused");
  });

  test.each([
    ["of another service URL", "https://smba.trafficmanager.net/amer/"],
    ["of the same without its slash", TEAMS.slice(0, -1)],
    ["of the same in capitals", TEAMS.toUpperCase()],
    ["of none", undefined],
    ["of an empty one", ""],
    ["of a list of them", [TEAMS]],
  ])("%s", async (_what, serviceurl) => {
    expect(await told(await issuer.token({ serviceurl }))).toBe("refused");
  });

  test("of a service URL under another claim's name", async () => {
    expect(await told(await issuer.token({ serviceurl: undefined, serviceUrl: TEAMS }))).toBe("refused");
  });

  test.each([
    ["another channel only", ["webchat"]],
    ["a channel whose name only begins like it", ["msteams2", "xmsteams"]],
    ["the channel in other letters", ["MSTEAMS"]],
  ])("by a key for %s", async (_what, endorsements) => {
    issuer.endorsements = endorsements;
    expect(await told(await issuer.token())).toBe("refused");
  });

  test("by a key for another channel, although there is a key for this one, too", async () => {
    issuer.endorsements = ["webchat"];
    const other = await issuer.token();
    await issuer.rotate({ keepsOld: true });
    issuer.endorsements = ["msteams"];
    const verify = aVerifier();
    expect(await told(await issuer.token(), verify)).toBe("good");
    expect(await told(other, verify)).toBe("refused");
    expect(await told(other, verify, { ...SENT, channelId: "webchat" })).toBe("good");
  });
});

// Which key it was cannot be told then.
test("a token that names no key is none of a channel that the only key does not sign for", async () => {
  issuer.endorsements = ["webchat"];
  expect(await told(await issuer.token({}, { kid: undefined }))).toBe("refused");
});

describe("a token that the Bot Framework has not signed is refused", () => {
  test("forged under a published key's name", async () => {
    const verify = aVerifier();
    expect(await told(await issuer.forged(), verify)).toBe("refused");
    expect(await told(await issuer.token(), verify)).toBe("good");
  });

  test("alg: none, whatever its spelling", async () => {
    const [, claims = ""] = (await issuer.token()).split(".");
    for (const alg of ["none", "None", "NONE", "nOnE", "", null]) {
      for (const signature of ["", "AAAA"]) {
        const token = `${aPart({ alg, typ: "JWT", kid: "key-1" })}.${claims}.${signature}`;
        expect(await told(token)).toBe("refused");
      }
    }
  });

  test.each(["HS256", "HS384", "HS512"])("%s, with the public key for a secret", async (alg) => {
    const [, claims = ""] = (await issuer.token()).split(".");
    const jwk = issuer.publicKey();
    const pem = String(createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }));
    const published = await (await fetch(issuer.url + KEYS)).text();
    for (const secret of [published, JSON.stringify(jwk), jwk.n ?? "", pem, pem.trim()]) {
      for (const header of [
        { alg, typ: "JWT", kid: jwk.kid },
        { alg, typ: "JWT" },
      ]) {
        const start = `${aPart(header)}.${claims}`;
        const signature = createHmac(`sha${alg.slice(2)}`, secret)
          .update(start)
          .digest("base64url");
        expect(await told(`${start}.${signature}`)).toBe("refused");
      }
    }
  });

  test("claims that were changed after the signing, a cut signature, one of another token", async () => {
    const [header = "", claims = "", signature = ""] = (await issuer.token()).split(".");
    const [, , another = ""] = (await issuer.token({ jti: "another" })).split(".");
    const changed = aPart({ ...Object(JSON.parse(Buffer.from(claims, "base64url").toString())), x: 1 });
    for (const token of [
      `${header}.${changed}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -8)}`,
      `${header}.${claims}.${another}`,
      `${aPart({ alg: "RS256", kid: "key-1" })}.${claims}.${signature}`,
    ]) {
      expect(await told(token)).toBe("refused");
    }
  });

  test("keys that the token brings along or points to are not used", async () => {
    await using evil = await aChannelIssuer(TEAMS);
    const place = evil.url + KEYS;
    const along = { jku: place, x5u: place, jwk: evil.publicKey() };
    expect(await told(await evil.token({}, along))).toBe("refused");
    expect(await told(await evil.token({}, { ...along, kid: "evil" }))).toBe("refused");
    expect(evil.requests).toEqual([]);
  });

  // Whatever is wrong with a token is the token's fault: `unavailable` would let it be sent again and again.
  test("with a header of any kind", async () => {
    const [, claims = "", signature = ""] = (await issuer.token()).split(".");
    const verify = aVerifier();
    for (const header of [
      null,
      [],
      "text",
      {},
      { alg: 5 },
      { alg: ["RS256"] },
      { alg: "RS256", crit: ["exp"] },
      { alg: "RS256", crit: ["b64"], b64: false, kid: "key-1" },
      { alg: "RS256", kid: 5 },
      { alg: "RS256", kid: null },
      { alg: "RS256", kid: { toString: "key-1" } },
      { alg: "RS256", kid: "__proto__" },
      { alg: "RS256", typ: 5, kid: "key-1" },
      { alg: "RS256", zip: "DEF", kid: "key-1" },
      ...["RS1", "rs256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "dir", "RSA-OAEP"].map((alg) => ({
        alg,
        kid: "key-1",
      })),
    ]) {
      expect({ header, kind: await told(`${aPart(header)}.${claims}.${signature}`, verify) }).toEqual({
        header,
        kind: "refused",
      });
    }
    for (const junk of ["bm9qc29u", "_", "-", "AAAA", "e30"]) {
      expect(await told(`${junk}.${claims}.${signature}`, verify)).toBe("refused");
    }
    expect(await told(await issuer.token(), verify)).toBe("good");
  });
});

describe("keys", () => {
  test("are asked for once, however many come at the same time", async () => {
    const verify = aVerifier();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => issuer.token({ jti: String(n) })));
    const verdicts = await Promise.all(tokens.map((token) => told(token, verify)));
    expect(new Set(verdicts)).toEqual(new Set(["good"]));
    expect(issuer.requests).toEqual([OPEN_ID, KEYS]);
  });

  test("a new one is found, and what the old one signed is refused from then on", async () => {
    stopClock();
    const verify = aVerifier();
    const [old, unseen] = [await issuer.token(), await issuer.token({ jti: "unseen" })];
    expect(await told(old, verify)).toBe("good");
    await issuer.rotate();
    passSeconds(31);
    expect(await told(await issuer.token(), verify)).toBe("good");
    expect(await told(unseen, verify)).toBe("refused");
    expect(issuer.requests).toEqual([OPEN_ID, KEYS, KEYS]);
    // What was found to be good stays so for five minutes.
    passSeconds(5 * MINUTE);
    expect(await told(old, verify)).toBe("refused");
  });

  test("unknown ones do not make it ask again and again", async () => {
    stopClock();
    const verify = aVerifier();
    const unknown = async (n: number): Promise<string> => issuer.token({}, { kid: `unknown-${n}` });
    for (let n = 0; n < 20; n += 1) expect(await told(await unknown(n), verify)).toBe("refused");
    expect(issuer.requests).toEqual([OPEN_ID, KEYS]);
    passSeconds(31);
    for (let n = 0; n < 20; n += 1) expect(await told(await unknown(n), verify)).toBe("refused");
    expect(issuer.requests).toEqual([OPEN_ID, KEYS, KEYS]);
  });

  test("after a day they are asked for again, and where they are", async () => {
    stopClock();
    const verify = aVerifier();
    const ages = { exp: seconds() + 100 * HOUR };
    expect(await told(await issuer.token({ ...ages, jti: "1" }), verify)).toBe("good");
    passSeconds(23 * HOUR);
    expect(await told(await issuer.token({ ...ages, jti: "2" }), verify)).toBe("good");
    expect(issuer.requests).toEqual([OPEN_ID, KEYS]);
    passSeconds(2 * HOUR);
    expect(await told(await issuer.token({ ...ages, jti: "3" }), verify)).toBe("good");
    expect(issuer.requests).toEqual([OPEN_ID, KEYS, OPEN_ID, KEYS]);
  });

  const TROUBLES = [
    ["an error", { status: 503, body: "" }],
    ["a page", { status: 200, body: "<html>We'll be back</html>" }],
    ["other JSON", { status: 200, body: "{}" }],
    ["no object", { status: 200, body: "null" }],
    ["nothing at all", { status: 200, body: "" }],
    ["a way to somewhere else", { status: 302, body: "", location: "/elsewhere" }],
  ] as const;

  test.each(TROUBLES)(
    "while they are answered with %s nobody can tell, and then all is well again",
    async (_what, trouble) => {
      stopClock();
      const [token, forged] = [await issuer.token(), await issuer.forged()];
      const verify = aVerifier();
      for (const at of [OPEN_ID, KEYS]) {
        issuer.trouble = { ...trouble, at };
        expect(await told(token, verify)).toBe("unavailable");
        expect(await told(forged, verify)).toBe("unavailable");
        // What can be told without them is told.
        expect(await told("a.b.c", verify)).toBe("refused");
      }
      issuer.trouble = null;
      passSeconds(3);
      expect(await told(token, verify)).toBe("good");
      expect(await told(forged, verify)).toBe("refused");
      expect(issuer.requests).not.toContain("/elsewhere");
    },
  );

  test("while nobody is there, either", async () => {
    const token = await issuer.token();
    const verify = aVerifier();
    await issuer[Symbol.asyncDispose]();
    expect(await told(token, verify)).toBe("unavailable");
  });

  test("who is silent is waited for no longer than five seconds", async () => {
    const limits: number[] = [];
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      limits.push(ms);
      return timeout(50);
    });
    const [token, verify] = [await issuer.token(), aVerifier()];
    for (const at of [OPEN_ID, KEYS]) {
      issuer.trouble = { isSilent: true, at };
      expect(await told(token, verify)).toBe("unavailable");
    }
    expect(limits).toEqual([5_000, 5_000, 5_000]);
  });

  // Who knows the bot's id, which is no secret, has it ask the Bot Framework as often as they like.
  test.each([OPEN_ID, KEYS])("while %s is down it is not asked for every token that comes", async (at) => {
    // On a slow machine the tokens alone take seconds, after which it may be asked again.
    stopClock();
    const verify = aVerifier();
    issuer.trouble = { status: 503, body: "", at };
    for (let n = 0; n < 20; n += 1) await told(await issuer.forged(), verify);
    expect(issuer.requests.filter((path) => path === at).length).toBeLessThan(5);
  });

  test("a day later, where they can't be had, the old ones are good enough for a while", async () => {
    stopClock();
    const verify = aVerifier();
    const exp = seconds() + 100 * HOUR;
    expect(await told(await issuer.token({ exp }), verify)).toBe("good");
    passSeconds(25 * HOUR);
    issuer.trouble = { status: 503, body: "", at: KEYS };
    expect(await told(await issuer.token({ exp }), verify)).toBe("good");
  });

  test.each(TROUBLES)(
    "a day later, where their place is answered with %s, the old place is good enough",
    async (_what, trouble) => {
      stopClock();
      const verify = aVerifier();
      expect(await told(await issuer.token(), verify)).toBe("good");
      passSeconds(25 * HOUR);
      issuer.trouble = { ...trouble, at: OPEN_ID };
      expect(await told(await issuer.token(), verify)).toBe("good");
      expect(await told(await issuer.forged(), verify)).toBe("refused");
    },
  );
});

describe("the same good token again", () => {
  test("costs neither a request nor a look at its signature", async () => {
    const [token, verify, checks] = [await issuer.token(), aVerifier(), countChecks()];
    for (let n = 0; n < 50; n += 1) expect(await told(token, verify)).toBe("good");
    expect(checks.count()).toBe(1);
    expect(issuer.requests).toEqual([OPEN_ID, KEYS]);
  });

  test("is looked at anew after five minutes", async () => {
    stopClock();
    const [token, verify, checks] = [await issuer.token(), aVerifier(), countChecks()];
    await told(token, verify);
    passSeconds(5 * MINUTE - 1);
    expect(await told(token, verify)).toBe("good");
    expect(checks.count()).toBe(1);
    passSeconds(1);
    expect(await told(token, verify)).toBe("good");
    expect(checks.count()).toBe(2);
  });

  test("is not good for longer than the token itself", async () => {
    stopClock();
    const verify = aVerifier();
    const token = await issuer.token({ exp: seconds() + MINUTE });
    const late = await issuer.token({ exp: seconds() - 4 * MINUTE });
    const checks = countChecks();
    expect(await told(token, verify)).toBe("good");
    expect(await told(late, verify)).toBe("good");
    passSeconds(MINUTE);
    // From here on it is good only as clocks may be off, and that is reckoned each time.
    expect(await told(token, verify)).toBe("good");
    expect(checks.count()).toBe(3);
    expect(await told(late, verify)).toBe("refused");
    passSeconds(5 * MINUTE);
    expect(await told(token, verify)).toBe("refused");
  });

  test.each([
    ["another service URL", { ...SENT, serviceUrl: "https://smba.trafficmanager.net/amer/" }],
    ["another channel", { ...SENT, channelId: "directline" }],
    ["both, in each other's place", { channelId: TEAMS, serviceUrl: "msteams" }],
    ["a channel that runs into the service URL", { channelId: `msteams","${TEAMS}`, serviceUrl: "" }],
  ])("is refused for %s", async (_what, sent) => {
    const [token, verify] = [await issuer.token(), aVerifier()];
    expect(await told(token, verify)).toBe("good");
    expect(await told(token, verify, sent)).toBe("refused");
    expect(await told(token, verify)).toBe("good");
  });

  test("with another signature is another token", async () => {
    const [token, verify] = [await issuer.token(), aVerifier()];
    expect(await told(token, verify)).toBe("good");
    const [header = "", claims = ""] = token.split(".");
    expect(await told(`${header}.${claims}.${"A".repeat(342)}`, verify)).toBe("refused");
  });

  test("what was refused is not kept: it may be a clock that was wrong", async () => {
    stopClock();
    const verify = aVerifier();
    const nbf = seconds() + 10 * MINUTE;
    const token = await issuer.token({ nbf, exp: nbf + HOUR });
    expect(await told(token, verify)).toBe("refused");
    passSeconds(10 * MINUTE);
    expect(await told(token, verify)).toBe("good");
  });
});

describe("memory", () => {
  const COUNT = 10_000;
  /** Less than a hundred bytes for each: not even a hash of it and its place in a map. */
  const BOUND = 1_000_000;

  test.each<[string, (n: number) => string]>([
    ["are no tokens", (n) => `${n}.${"x".repeat(300)}.x`],
    [
      "are of other issuers",
      (n) => `${aPart({ alg: "RS256" })}.${aPart({ iss: `https://sts.windows.net/${n}/` })}.x`,
    ],
    [
      "look as good ones do",
      (n) => {
        const claims = { iss: CHANNEL_ISSUER, aud: APP, serviceurl: TEAMS, exp: 4_000_000_000, jti: n };
        return `${aPart({ alg: "RS256", kid: "key-1" })}.${aPart(claims)}.${"x".repeat(342)}`;
      },
    ],
    [
      "are of unknown keys",
      (n) => {
        const claims = { iss: CHANNEL_ISSUER, aud: APP, serviceurl: TEAMS, exp: 4_000_000_000 };
        return `${aPart({ alg: "RS256", kid: `key-of-${n}` })}.${aPart(claims)}.${"x".repeat(342)}`;
      },
    ],
  ])("ten thousand that %s leave nothing behind", async (_what, junk) => {
    const verify = aVerifier();
    const good = await issuer.token();
    expect(await told(good, verify)).toBe("good");
    const send = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 1) {
        if ((await told(junk(n), verify)) !== "refused") throw new Error(`${n} was let in.`);
      }
    };
    // What is made once, and code that is compiled, is none of theirs.
    await send(0, 500);
    expect(await heapGrowth(() => send(500, 500 + COUNT))).toBeLessThan(BOUND);
    const checks = countChecks();
    expect(await told(good, verify)).toBe("good");
    expect(checks.count()).toBe(0);
  });

  test("of good ones it keeps a thousand at most", async () => {
    const verify = aVerifier();
    const tokens = await Promise.all(
      Array.from({ length: 1_001 }, (_, n) => issuer.token({ jti: String(n) })),
    );
    for (const token of tokens.slice(0, 1_000)) await told(token, verify);
    const checks = countChecks();
    for (const token of tokens.slice(0, 1_000)) await told(token, verify);
    expect(checks.count()).toBe(0);
    expect(await told(tokens[1_000] ?? "", verify)).toBe("good");
    expect(await told(tokens[0] ?? "", verify)).toBe("good");
    expect(checks.count()).toBe(2);
  });
});
