import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createCallerCheck,
  LOCAL_CALLER,
  type Caller,
  type CallerCheck,
  type CallerProblem,
} from "../../src/api/callers.ts";
import { tenantId } from "../../src/core/ids.ts";
import { TENANT } from "../support/an-activity.ts";
import { anIssuer, APP, ISSUED_TO, type Issuer } from "../support/an-issuer.ts";

const OTHER = "11111111-2222-4333-8444-555555555555";
const HOUR_S = 3_600;

let issuer: Issuer;
beforeEach(async () => {
  issuer = await anIssuer(TENANT);
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer[Symbol.asyncDispose]();
});

function aCheck(tenants: readonly string[] | null = [TENANT]): CallerCheck {
  return createCallerCheck({
    cloud: "global",
    appId: APP,
    tenants: tenants === null ? null : new Set(tenants.map(tenantId)),
    authority: issuer.url,
  });
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

async function told(token: string, check = aCheck()): Promise<Caller | CallerProblem> {
  return check(`Bearer ${token}`);
}

function aPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("good tokens", () => {
  test("one of version 2 names its application, its tenant and its roles", async () => {
    const token = await issuer.token({ app_displayname: "Contoso CI", roles: ["Watches.Read"] });
    expect(await told(token)).toEqual({
      tenant: TENANT,
      id: ISSUED_TO,
      name: "Contoso CI",
      roles: new Set(["Watches.Read"]),
    });
  });

  test("one of version 1 has another issuer, another audience and appid", async () => {
    const claims = {
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: `api://${APP}`,
      ver: "1.0",
      azp: undefined,
      appid: ISSUED_TO,
    };
    expect(await told(await issuer.token(claims))).toMatchObject({
      tenant: TENANT,
      id: ISSUED_TO,
      name: "API",
    });
  });

  test.each(["Bearer", "bearer", "BEARER"])("the scheme may be written %s", async (scheme) => {
    expect(await aCheck()(`${scheme} ${await issuer.token()}`)).toMatchObject({ id: ISSUED_TO });
  });

  test("a clock that is half a minute off does no harm", async () => {
    expect(await told(await issuer.token({ nbf: inSeconds(30) }))).toMatchObject({ id: ISSUED_TO });
    expect(await told(await issuer.token({ exp: inSeconds(-30) }))).toMatchObject({ id: ISSUED_TO });
  });

  test("without roles there are none, and the claim may be anything", async () => {
    expect(await told(await issuer.token({ roles: undefined }))).toMatchObject({ roles: new Set() });
    expect(await told(await issuer.token({ roles: "Watches.Write" }))).toMatchObject({ roles: new Set() });
  });

  test("in local mode there is one caller, of no tenant", () => {
    expect(LOCAL_CALLER).toMatchObject({ tenant: null, id: "local" });
  });
});

describe("bad tokens", () => {
  test.each([
    ["nothing", null],
    ["nothing at all", ""],
    ["another scheme", "Basic YTpi"],
    ["no token", "Bearer "],
    ["no JWT", "Bearer abc"],
    ["two parts", "Bearer a.b"],
    ["an encrypted token's five parts", "Bearer a.b.c.d.e"],
  ])("%s is missing", async (_what, authorization) => {
    expect(await aCheck()(authorization)).toMatchObject({ problem: "missing" });
    expect(issuer.requests).toEqual([]);
  });

  test("a key that is not published", async () => {
    expect(await told(await issuer.forged())).toMatchObject({ problem: "invalid" });
  });

  test.each([
    ["another audience", { aud: "https://graph.microsoft.com" }, /api:\/\/00001111/u],
    ["no audience", { aud: undefined }, /aud/u],
    ["the issuer of another tenant", { iss: `https://login.microsoftonline.com/${OTHER}/v2.0` }, /issuer/u],
    ["another issuer", { iss: "https://evil.example/v2.0" }, /issuer/u],
    ["no issuer", { iss: undefined }, /iss/u],
    ["no tenant", { tid: undefined }, /tid/u],
    ["a tenant that is no text", { tid: 5 }, /issuer/u],
    ["no end", { exp: undefined }, /exp/u],
    ["no client", { azp: undefined }, /client application/u],
  ])("%s", async (_what, claims, detail) => {
    const answer = await told(await issuer.token(claims));
    expect(answer).toMatchObject({ problem: "invalid" });
    expect("detail" in answer && answer.detail).toMatch(detail);
  });

  test("expired", async () => {
    expect(await told(await issuer.token({ exp: inSeconds(-120) }))).toEqual({
      problem: "invalid",
      detail: "The token has expired.",
    });
  });

  test("not yet valid", async () => {
    const answer = await told(await issuer.token({ nbf: inSeconds(HOUR_S), exp: inSeconds(2 * HOUR_S) }));
    expect(answer).toMatchObject({ problem: "invalid" });
    expect("detail" in answer && answer.detail).toContain("nbf");
  });

  test("alg: none", async () => {
    const [, claims = ""] = (await issuer.token()).split(".");
    for (const alg of ["none", "None", "NONE"]) {
      const unsigned = `${aPart({ alg, typ: "JWT" })}.${claims}.`;
      expect(await aCheck()(`Bearer ${unsigned}`)).toMatchObject({ problem: "missing" });
      const token = `${aPart({ alg, typ: "JWT" })}.${claims}.AAAA`;
      expect(await told(token)).toMatchObject({ problem: "invalid" });
    }
  });

  test("the public key taken for a secret of HS256", async () => {
    const [, claims = ""] = (await issuer.token()).split(".");
    const keys = await (await fetch(`${issuer.url}/${TENANT}/discovery/v2.0/keys`)).text();
    const start = `${aPart({ alg: "HS256", typ: "JWT", kid: "key-1" })}.${claims}`;
    const signature = createHmac("sha256", keys).update(start).digest("base64url");
    expect(await told(`${start}.${signature}`)).toMatchObject({ problem: "invalid" });
  });

  test("claims that were changed after the signing, a cut signature, claims that are no JSON", async () => {
    const [header = "", claims = "", signature = ""] = (await issuer.token()).split(".");
    const read: unknown = JSON.parse(Buffer.from(claims, "base64url").toString());
    const more = aPart({ ...Object(read), roles: ["Watches.Write", "More"] });
    for (const token of [
      `${header}.${more}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -8)}`,
      `${header}.bm9qc29u.${signature}`,
      `bm9qc29u.${claims}.${signature}`,
    ]) {
      expect(await told(token)).toMatchObject({ problem: "invalid" });
    }
  });

  test("keys that the token brings along or points to are not used", async () => {
    const [, claims = ""] = (await issuer.token()).split(".");
    const jku = "https://evil.example/keys";
    const header = aPart({ alg: "RS256", typ: "JWT", kid: "evil", jku, x5u: jku });
    expect(await told(`${header}.${claims}.AAAA`)).toMatchObject({ problem: "invalid" });
    expect(issuer.requests).toHaveLength(1);
  });

  test("another tenant, signed as well as ours", async () => {
    const claims = { tid: OTHER, iss: `${issuer.url}/${OTHER}/v2.0` };
    expect(await told(await issuer.token(claims))).toMatchObject({ problem: "wrongTenant" });
  });
});

describe("every tenant", () => {
  test("each comes with its own issuer, and is told apart", async () => {
    const check = aCheck(null);
    expect(await told(await issuer.token(), check)).toMatchObject({ tenant: TENANT });
    const claims = { tid: OTHER, iss: `${issuer.url}/${OTHER}/v2.0` };
    expect(await told(await issuer.token(claims), check)).toMatchObject({ tenant: OTHER });
    expect(issuer.requests).toEqual(["/common/discovery/v2.0/keys"]);
  });

  test.each([
    ["of version 2", () => `${issuer.url}/${TENANT}/v2.0`],
    ["of version 1", () => `https://sts.windows.net/${TENANT}/`],
    ["with a template for a tenant", () => `${issuer.url}/{tenantid}/v2.0`],
    ["of everybody", () => `${issuer.url}/common/v2.0`],
  ])("a token of a tenant with another's issuer %s is none", async (_what, issuerOf) => {
    const token = await issuer.token({ tid: OTHER, iss: issuerOf() });
    expect(await told(token, aCheck(null))).toMatchObject({ problem: "invalid" });
  });
});

describe("some tenants", () => {
  const THIRD = "22222222-3333-4444-8555-666666666666";
  const of = (tenant: string) => ({ tid: tenant, iss: `${issuer.url}/${tenant}/v2.0` });

  test("each is let in with its own issuer, and no other is", async () => {
    const check = aCheck([TENANT, OTHER.toUpperCase()]);
    expect(await told(await issuer.token(), check)).toMatchObject({ tenant: TENANT });
    expect(await told(await issuer.token(of(OTHER)), check)).toMatchObject({ tenant: OTHER });
    expect(await told(await issuer.token(of(THIRD)), check)).toMatchObject({ problem: "wrongTenant" });
    const mixed = { ...of(OTHER), iss: of(TENANT).iss };
    expect(await told(await issuer.token(mixed), check)).toMatchObject({ problem: "invalid" });
    expect(issuer.requests).toEqual(["/common/discovery/v2.0/keys"]);
  });

  test("with none nobody is let in", async () => {
    expect(await told(await issuer.token(), aCheck([]))).toMatchObject({ problem: "wrongTenant" });
  });
});

describe("keys", () => {
  test("they are asked for once, however many come at the same time", async () => {
    const check = aCheck();
    const token = await issuer.token();
    await Promise.all(Array.from({ length: 20 }, () => told(token, check)));
    await told(token, check);
    expect(issuer.requests).toEqual([`/${TENANT}/discovery/v2.0/keys`]);
  });

  test("a new key is taken over, and the old one is none any more", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const check = aCheck();
    const old = await issuer.token();
    expect(await told(old, check)).toMatchObject({ id: ISSUED_TO });
    await issuer.rotate();
    vi.setSystemTime(Date.now() + 31_000);
    expect(await told(await issuer.token(), check)).toMatchObject({ id: ISSUED_TO });
    expect(await told(old, check)).toMatchObject({ problem: "invalid" });
    expect(issuer.requests).toHaveLength(2);
  });

  test("unknown keys do not make it ask again and again", async () => {
    const check = aCheck();
    await told(await issuer.token(), check);
    const [, claims = ""] = (await issuer.token()).split(".");
    for (let n = 0; n < 20; n += 1) {
      const token = `${aPart({ alg: "RS256", kid: `unknown-${n}` })}.${claims}.AAAA`;
      expect(await told(token, check)).toMatchObject({ problem: "invalid" });
    }
    expect(issuer.requests).toHaveLength(1);
  });

  test("after a day they are asked for again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const check = aCheck();
    await told(await issuer.token(), check);
    vi.setSystemTime(Date.now() + 25 * HOUR_S * 1000);
    expect(await told(await issuer.token(), check)).toMatchObject({ id: ISSUED_TO });
    expect(issuer.requests).toHaveLength(2);
  });

  test("while nobody gives them nobody is let in, and it is not the caller's fault", async () => {
    const token = await issuer.token();
    const check = aCheck();
    await issuer[Symbol.asyncDispose]();
    expect(await told(token, check)).toMatchObject({ problem: "unavailable" });
  });

  test.each([
    ["an error", { status: 503, body: "" }],
    ["a page", { status: 200, body: "<html>We'll be back</html>" }],
    ["other JSON", { status: 200, body: "{}" }],
  ])("the same where they are answered with %s, and then they are there again", async (_what, trouble) => {
    const token = await issuer.token();
    const check = aCheck();
    issuer.trouble = trouble;
    expect(await told(token, check)).toMatchObject({ problem: "unavailable" });
    issuer.trouble = null;
    expect(await told(token, check)).toMatchObject({ id: ISSUED_TO });
  });
});

test("the issuers of version 1 are those of each cloud", async () => {
  for (const [cloud, host] of [
    ["global", "https://sts.windows.net"],
    ["usgov", "https://sts.windows.net"],
    ["usgov-dod", "https://sts.windows.net"],
    ["china", "https://sts.chinacloudapi.cn"],
  ] as const) {
    const tenants = new Set([tenantId(TENANT)]);
    const check = createCallerCheck({ cloud, appId: APP, tenants, authority: issuer.url });
    expect(await told(await issuer.token({ iss: `${host}/${TENANT}/` }), check)).toMatchObject({
      id: ISSUED_TO,
    });
  }
});
