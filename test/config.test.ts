import { dirname } from "node:path";
import { inspect } from "node:util";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { aCertificate } from "./support/a-certificate.ts";
import { ConfigError, readConfig, type Config, type Environment } from "../src/config.ts";

const BOT_ID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT_ID = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";
const GRAPH_ID = "99998888-aaaa-2222-bbbb-3333cccc4444";
const PASSWORD = "pa55~word-of-the-bot";
const FILE = aCertificate("certificate", "key");
const REGISTERED: Environment = { BOT_ID, BOT_TENANT_ID: TENANT_ID, BOT_PASSWORD: PASSWORD };
const MANY: Environment = { BOT_ID, BOT_PASSWORD: PASSWORD, BOT_TYPE: "MultiTenant" };
const MANAGED: Environment = { BOT_ID, BOT_TENANT_ID: TENANT_ID, BOT_TYPE: "UserAssignedMSI" };
const LOCAL: Environment = { OPWATCH_LOCAL: "1" };

/** All that are read. */
const NAMES = [
  "OPWATCH_LOCAL",
  "PORT",
  "HOST",
  "BOT_ID",
  "BOT_PASSWORD",
  "BOT_CERTIFICATE_PATH",
  "BOT_TYPE",
  "BOT_TENANT_ID",
  "ALLOWED_TENANTS",
  "GRAPH_CLOUD",
  "GRAPH_CLIENT_ID",
  "GRAPH_CLIENT_SECRET",
  "GRAPH_CERTIFICATE_PATH",
  "GRAPH_ENDPOINT",
  "GRAPH_REQUESTS_PER_SECOND",
  "GRAPH_REQUESTS_PER_SECOND_OF_ALL",
  "API_CLIENT_ID",
  "API_REQUESTS_PER_SECOND",
  "CALLBACK_HOSTS",
  "CALLBACK_SECRET",
  "CALLBACK_ALLOW_PRIVATE",
  "TRACK_ACCESS",
  "LOOK_AT_RESULTS",
  "DATABASE_URL",
  "DATABASE_BACKEND",
  "CHECK_INTERVAL_SECONDS",
  "DATA_DIR",
  "WATCH_LIFETIME_HOURS",
  "RETENTION_DAYS",
  "LOG_LEVEL",
];

function problemsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const registered = (env: Environment = {}): Config => readConfig({ ...REGISTERED, ...env });
const local = (env: Environment = {}): Config => readConfig({ ...LOCAL, ...env });

describe("the defaults", () => {
  test("of a registered bot", () => {
    const config = registered();
    expect(config).toMatchObject({
      host: "0.0.0.0",
      port: 3978,
      bot: { mode: "registered", registration: { appId: BOT_ID, type: "SingleTenant", tenantId: TENANT_ID } },
      graph: {
        origin: "https://graph.microsoft.com",
        authorityHost: "https://login.microsoftonline.com",
        cloud: "global",
        credential: { kind: "secret", clientId: BOT_ID },
        requestsPerSecond: 21,
        requestsOfAllPerSecond: 1_230,
      },
      api: {
        audience: BOT_ID,
        requestsPerSecond: 20,
        callbacks: { hosts: [], secret: null, allowPrivate: false },
      },
      retentionMs: 30 * 86_400_000,
      servedTenants: new Set([TENANT_ID]),
      trackAccess: "tenant",
      looksAtResults: false,
      checkIntervalMs: 31_000,
      watchLifetimeMs: 7 * 24 * 3_600_000,
      database: { home: "embedded", directory: ".opwatch" },
      logLevel: "info",
    });
    if (config.bot.mode !== "registered") throw new Error("It is not registered");
    for (const credential of [config.bot.registration.credential, config.graph.credential]) {
      if (credential?.kind !== "secret") throw new Error("It has no secret");
      expect(credential.clientId).toBe(BOT_ID);
      expect(credential.secret.reveal()).toBe(PASSWORD);
    }
  });

  test("of local mode: this machine only, without authentication", () => {
    expect(local()).toEqual({
      host: "127.0.0.1",
      port: 3978,
      bot: { mode: "local" },
      graph: {
        origin: "http://127.0.0.1:3979",
        authorityHost: "https://login.microsoftonline.com",
        cloud: "global",
        credential: null,
        requestsPerSecond: 21,
        requestsOfAllPerSecond: 1_230,
      },
      api: {
        audience: null,
        requestsPerSecond: 20,
        callbacks: { hosts: [], secret: null, allowPrivate: false },
      },
      retentionMs: 30 * 86_400_000,
      servedTenants: null,
      trackAccess: "tenant",
      looksAtResults: false,
      checkIntervalMs: 31_000,
      watchLifetimeMs: 7 * 24 * 3_600_000,
      database: { home: "embedded", directory: ".opwatch" },
      logLevel: "info",
    });
  });

  test("stand where a variable is blank, as the Toolkit leaves them", () => {
    const names = [
      "PORT",
      "HOST",
      "BOT_TYPE",
      "BOT_CERTIFICATE_PATH",
      "ALLOWED_TENANTS",
      "GRAPH_CLOUD",
      "GRAPH_CLIENT_ID",
      "GRAPH_CLIENT_SECRET",
      "DATA_DIR",
      "GRAPH_CERTIFICATE_PATH",
      "GRAPH_ENDPOINT",
      "GRAPH_REQUESTS_PER_SECOND",
      "GRAPH_REQUESTS_PER_SECOND_OF_ALL",
      "API_CLIENT_ID",
      "API_REQUESTS_PER_SECOND",
      "CALLBACK_HOSTS",
      "CALLBACK_SECRET",
      "CALLBACK_ALLOW_PRIVATE",
      "TRACK_ACCESS",
      "LOOK_AT_RESULTS",
      "CHECK_INTERVAL_SECONDS",
      "DATABASE_URL",
      "LOG_LEVEL",
      "DATABASE_BACKEND",
      "WATCH_LIFETIME_HOURS",
      "RETENTION_DAYS",
      "OPWATCH_LOCAL",
    ];
    for (const blank of ["", "  ", "\t"]) {
      const blanks = Object.fromEntries(names.map((name) => [name, blank]));
      expect(JSON.stringify(registered(blanks))).toBe(JSON.stringify(registered()));
      expect(registered(blanks).servedTenants).toEqual(new Set([TENANT_ID]));
      expect(readConfig({ ...MANY, ...blanks, BOT_TYPE: "MultiTenant" }).servedTenants).toBeNull();
    }
  });
});

describe("what is set is read", () => {
  test.each<[Environment, Readonly<Record<string, unknown>>]>([
    [{ PORT: "8080" }, { port: 8_080 }],
    [{ PORT: " 0 " }, { port: 0 }],
    [{ PORT: "65535" }, { port: 65_535 }],
    [{ HOST: "::" }, { host: "::" }],
    [{ CHECK_INTERVAL_SECONDS: "31" }, { checkIntervalMs: 31_000 }],
    [{ CHECK_INTERVAL_SECONDS: "45.5" }, { checkIntervalMs: 45_500 }],
    [{ CHECK_INTERVAL_SECONDS: "3600" }, { checkIntervalMs: 3_600_000 }],
    [{ GRAPH_REQUESTS_PER_SECOND: "1" }, { graph: expect.objectContaining({ requestsPerSecond: 1 }) }],
    [{ GRAPH_REQUESTS_PER_SECOND: "19.5" }, { graph: expect.objectContaining({ requestsPerSecond: 19.5 }) }],
    [
      { GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1229" },
      { graph: expect.objectContaining({ requestsOfAllPerSecond: 1_229 }) },
    ],
    [{ GRAPH_REQUESTS_PER_SECOND: "22" }, { graph: expect.objectContaining({ requestsPerSecond: 22 }) }],
    [{ WATCH_LIFETIME_HOURS: "0.5" }, { watchLifetimeMs: 1_800_000 }],
    [{ DATA_DIR: "/var/lib/opwatch" }, { database: { home: "embedded", directory: "/var/lib/opwatch" } }],
    [{ TRACK_ACCESS: "tenant" }, { trackAccess: "tenant" }],
    [{ TRACK_ACCESS: " Members " }, { trackAccess: "members" }],
    [{ TRACK_ACCESS: "conversation" }, { trackAccess: "conversation" }],
    [{ LOOK_AT_RESULTS: "1" }, { looksAtResults: true }],
    [{ LOG_LEVEL: "DEBUG" }, { logLevel: "debug" }],
    [{ LOG_LEVEL: "silent" }, { logLevel: "silent" }],
  ])("%j", (env, expected) => {
    expect(registered(env)).toMatchObject(expected);
  });

  test.each([
    ["global", "https://graph.microsoft.com", "https://login.microsoftonline.com"],
    ["GLOBAL", "https://graph.microsoft.com", "https://login.microsoftonline.com"],
    // Its tenants are served by the global cloud.
    ["gcc", "https://graph.microsoft.com", "https://login.microsoftonline.com"],
    ["GCC", "https://graph.microsoft.com", "https://login.microsoftonline.com"],
    ["usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us"],
    ["usgov-dod", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"],
    ["China", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
  ])("GRAPH_CLOUD=%s", (GRAPH_CLOUD, origin, authorityHost) => {
    const name = GRAPH_CLOUD.toLowerCase();
    const cloud = name === "gcc" ? "global" : name;
    expect(registered({ GRAPH_CLOUD }).graph).toMatchObject({ cloud, origin, authorityHost });
  });

  test("a cloud's tokens come from that cloud, and the rest of the configuration is the same", () => {
    const { graph, ...rest } = registered({ GRAPH_CLOUD: "usgov" });
    const { graph: globalGraph, ...globalRest } = registered();
    expect(JSON.stringify(rest)).toBe(JSON.stringify(globalRest));
    expect(graph.credential).toMatchObject({ clientId: BOT_ID });
    expect(graph.authorityHost).not.toBe(globalGraph.authorityHost);
  });

  test("in local mode a cloud is one by its rules, and the sandbox answers for it", () => {
    expect(local({ GRAPH_CLOUD: "china" }).graph).toMatchObject({
      cloud: "china",
      origin: "http://127.0.0.1:3979",
    });
  });

  test.each([
    "postgres://user:pa55@db.example:5432/opwatch",
    "postgresql://localhost/opwatch?sslmode=require",
  ])("DATABASE_URL=%s", (DATABASE_URL) => {
    const { database } = registered({ DATABASE_URL, DATA_DIR: "ignored" });
    if (database.home !== "server") throw new Error("It is embedded");
    expect(database.url.reveal()).toBe(DATABASE_URL);
  });

  test("times are whole milliseconds", () => {
    const seconds = fc.integer({ min: 31_001, max: 3_600_000 }).map((ms) => ms / 1_000);
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 87_600 }), (interval, tenths) => {
        const { checkIntervalMs, watchLifetimeMs } = registered({
          CHECK_INTERVAL_SECONDS: String(interval),
          WATCH_LIFETIME_HOURS: String(tenths / 10),
        });
        expect(checkIntervalMs).toBe(Math.round(interval * 1_000));
        expect(watchLifetimeMs).toBe(tenths * 360_000);
      }),
    );
  });
});

describe("callbacks", () => {
  const CALLBACK_SECRET = "a-secret-of-24-letters-x";
  const callbacks = (env: Environment): Config["api"]["callbacks"] =>
    registered({ CALLBACK_SECRET, ...env }).api.callbacks;

  test("go nowhere by default", () => {
    expect(registered().api.callbacks).toEqual({ hosts: [], secret: null, allowPrivate: false });
  });

  test.each<[string, readonly string[]]>([
    ["hooks.contoso.com", ["hooks.contoso.com"]],
    ["hooks.contoso.com,*.contoso.net", ["hooks.contoso.com", "*.contoso.net"]],
    [" hooks.contoso.com , *.contoso.net ,", ["hooks.contoso.com", "*.contoso.net"]],
    ["a.example b.example\n\tc.example", ["a.example", "b.example", "c.example"]],
    ["localhost", ["localhost"]],
    ["127.0.0.1", ["127.0.0.1"]],
    ["[::1]", ["[::1]"]],
    [",", []],
  ])("to the hosts of CALLBACK_HOSTS=%j", (CALLBACK_HOSTS, hosts) => {
    expect(callbacks({ CALLBACK_HOSTS }).hosts).toEqual(hosts);
  });

  test.each([
    "https://hooks.contoso.com",
    "hooks.contoso.com/path",
    "hooks.contoso.com:8443",
    "*",
    "*.",
    "**.contoso.com",
    "hooks.*.com",
    "*contoso.com",
    "user@hooks.contoso.com",
    "hooks_contoso!com",
    "hooks.contoso.com;evil.example",
    "::1",
    "[::1",
    "häcks.example",
  ])("never to what is no name of a host: %s", (host) => {
    const problems = problemsOf({ ...REGISTERED, CALLBACK_SECRET, CALLBACK_HOSTS: `ok.example,${host}` });
    expect(problems).toEqual([
      expect.stringMatching(/^CALLBACK_HOSTS holds ".*", which is no name of a host\. Example: \S/u),
    ]);
    expect(problems[0]).toContain(`"${host}"`);
  });

  test.each([".contoso.com", "*..", "a..b"])("nor to what only looks like one: %s", (CALLBACK_HOSTS) => {
    expect(problemsOf({ ...REGISTERED, CALLBACK_SECRET, CALLBACK_HOSTS })).toHaveLength(1);
  });

  test("each wrong host is told of", () => {
    const problems = problemsOf({ ...REGISTERED, CALLBACK_SECRET, CALLBACK_HOSTS: "a/b, c.example, d:1" });
    expect(problems.map((problem) => /"([^"]+)"/u.exec(problem)?.[1])).toEqual(["a/b", "d:1"]);
  });

  test("are signed with the secret as it was set", () => {
    expect(callbacks({ CALLBACK_HOSTS: "hooks.example" }).secret?.reveal()).toBe(CALLBACK_SECRET);
    expect(callbacks({ CALLBACK_SECRET: ` ${CALLBACK_SECRET} ` }).secret?.reveal()).toBe(CALLBACK_SECRET);
  });

  test("need no secret where none can be sent", () => {
    expect(problemsOf({ ...REGISTERED, CALLBACK_SECRET: "short" })).toEqual([]);
  });

  test("go to private addresses only when they may", () => {
    expect(callbacks({ CALLBACK_ALLOW_PRIVATE: "1" }).allowPrivate).toBe(true);
    expect(callbacks({}).allowPrivate).toBe(false);
  });

  test("are set up in local mode as everywhere", () => {
    const { api } = local({ CALLBACK_HOSTS: "127.0.0.1", CALLBACK_SECRET, CALLBACK_ALLOW_PRIVATE: "1" });
    expect(api.callbacks).toMatchObject({ hosts: ["127.0.0.1"], allowPrivate: true });
    expect(problemsOf({ ...LOCAL, CALLBACK_HOSTS: "127.0.0.1" })).toHaveLength(1);
  });
});

test.each([
  ["1", 1],
  ["2.5", 2.5],
  ["100000", 100_000],
])("API_REQUESTS_PER_SECOND=%s", (API_REQUESTS_PER_SECOND, requestsPerSecond) => {
  expect(registered({ API_REQUESTS_PER_SECOND }).api.requestsPerSecond).toBe(requestsPerSecond);
});

describe("the bot's registration", () => {
  test.each(["SingleTenant", "singletenant", " SINGLETENANT "])(
    "BOT_TYPE=%s belongs to one tenant",
    (BOT_TYPE) => {
      expect(registered({ BOT_TYPE }).bot).toMatchObject({
        registration: { type: "SingleTenant", tenantId: TENANT_ID },
      });
      expect(problemsOf({ ...REGISTERED, BOT_TYPE, BOT_TENANT_ID: "" })).toEqual([
        expect.stringMatching(/^BOT_TENANT_ID is missing.*Example: BOT_TENANT_ID=/u),
      ]);
    },
  );

  test("MultiTenant with a managed identity for Graph is refused: it would read one tenant's for all", () => {
    const env = {
      ...REGISTERED,
      BOT_TYPE: "MultiTenant",
      BOT_TENANT_ID: undefined,
      GRAPH_CLIENT_ID: "00001111-aaaa-2222-bbbb-3333cccc4444",
    };
    expect(problemsOf(env).join()).toMatch(/GRAPH_CLIENT_SECRET.*several tenants/u);
  });

  test("MultiTenant belongs to no tenant, whatever is named, and serves every one", () => {
    for (const BOT_TENANT_ID of [undefined, "", TENANT_ID]) {
      const config = readConfig({ ...MANY, BOT_TENANT_ID });
      expect(config.bot).toMatchObject({ registration: { type: "MultiTenant", tenantId: null } });
      expect(config.servedTenants).toBeNull();
    }
  });

  test("UserAssignedMSI has no password, and Graph is asked with the identity itself", () => {
    const config = readConfig(MANAGED);
    const credential = { kind: "managedIdentity", clientId: BOT_ID };
    expect(config.bot).toMatchObject({
      registration: { type: "UserAssignedMSI", tenantId: TENANT_ID, credential },
    });
    expect(config.graph.credential).toEqual(credential);
    expect(config.servedTenants).toEqual(new Set([TENANT_ID]));
    expect(problemsOf({ ...REGISTERED, BOT_TYPE: "UserAssignedMSI" })).toEqual([
      expect.stringMatching(/^BOT_PASSWORD is set/u),
    ]);
  });

  test.each([
    ["SingleTenant", REGISTERED],
    ["MultiTenant", MANY],
  ])("%s may sign in with a certificate, for Graph as well", (_type, env) => {
    const config = readConfig({ ...env, BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: ` ${FILE} ` });
    const credential = { kind: "certificate", clientId: BOT_ID, path: FILE };
    expect(config.bot).toMatchObject({ registration: { credential } });
    expect(config.graph.credential).toEqual(credential);
  });

  test("Graph's own application is another one than the bot's, each with its credential", () => {
    const config = registered({ GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CERTIFICATE_PATH: FILE });
    expect(config.bot).toMatchObject({ registration: { credential: { kind: "secret", clientId: BOT_ID } } });
    expect(config.graph.credential).toEqual({ kind: "certificate", clientId: GRAPH_ID, path: FILE });
  });
});

test("callers' tokens are for the bot's application, or for one that is named", () => {
  expect(registered().api.audience).toBe(BOT_ID);
  expect(readConfig({ ...MANAGED, API_CLIENT_ID: GRAPH_ID }).api.audience).toBe(GRAPH_ID);
  expect(local({ API_CLIENT_ID: GRAPH_ID }).api.audience).toBeNull();
});

describe("the tenants that are served", () => {
  const OTHER = "11111111-2222-4333-8444-555555555555";

  test.each<[string, Environment, readonly string[] | null]>([
    ["one, by a bot of one", REGISTERED, [TENANT_ID]],
    ["one, whatever its spelling", { ...REGISTERED, BOT_TENANT_ID: TENANT_ID.toUpperCase() }, [TENANT_ID]],
    ["one, that is named again", { ...REGISTERED, ALLOWED_TENANTS: TENANT_ID.toUpperCase() }, [TENANT_ID]],
    ["one, by a managed identity", MANAGED, [TENANT_ID]],
    ["all, by a bot of many", MANY, null],
    ["some, that are named", { ...MANY, ALLOWED_TENANTS: `${TENANT_ID},${OTHER}` }, [TENANT_ID, OTHER]],
    [
      "some, as people write lists",
      { ...MANY, ALLOWED_TENANTS: ` ${TENANT_ID} ,\n\t${OTHER.toUpperCase()}, ${OTHER},` },
      [TENANT_ID, OTHER],
    ],
    ["a single one, that is named", { ...MANY, ALLOWED_TENANTS: OTHER }, [OTHER]],
    ["all, in local mode", LOCAL, null],
  ])("%s", (_what, env, tenants) => {
    expect(readConfig(env).servedTenants).toEqual(tenants === null ? null : new Set(tenants));
  });

  test("each that is no tenant is told of", () => {
    const problems = problemsOf({ ...MANY, ALLOWED_TENANTS: `contoso.com;x ${TENANT_ID} *` });
    expect(problems.map((problem) => /"([^"]+)"/u.exec(problem)?.[1])).toEqual(["contoso.com;x", "*"]);
  });
});

describe("Graph's credential", () => {
  test.each<[Environment, object]>([
    [{ GRAPH_CLIENT_ID: GRAPH_ID }, { kind: "managedIdentity", clientId: GRAPH_ID }],
    [
      { GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CERTIFICATE_PATH: FILE },
      { kind: "certificate", clientId: GRAPH_ID, path: FILE },
    ],
    [
      { GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CLIENT_SECRET: "s3cret" },
      { kind: "secret", clientId: GRAPH_ID },
    ],
  ])("%j", (env, credential) => {
    expect(registered(env).graph.credential).toMatchObject(credential);
  });

  test("local mode has none, whatever is set", () => {
    expect(
      local({ ...REGISTERED, GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CLIENT_SECRET: "x" }).graph.credential,
    ).toBeNull();
  });
});

describe("what is wrong is told by name, with the reason and an example", () => {
  test.each<[string, Environment, RegExp]>([
    ["OPWATCH_LOCAL", { OPWATCH_LOCAL: "true" }, /is "true"/u],
    ["OPWATCH_LOCAL", { OPWATCH_LOCAL: "0" }, /is "0"/u],
    ["PORT", { PORT: "http" }, /is "http".*from 0 to 65535/u],
    ["PORT", { PORT: "65536" }, /is "65536"/u],
    ["PORT", { PORT: "80.5" }, /whole number/u],
    ["PORT", { PORT: "-1" }, /is "-1"/u],
    ["PORT", { PORT: "1e3" }, /is "1e3"/u],
    ["BOT_ID", { BOT_ID: undefined }, /is missing.*OPWATCH_LOCAL=1/u],
    ["BOT_ID", { BOT_ID: "my-bot" }, /is no GUID/u],
    ["BOT_TENANT_ID", { BOT_TENANT_ID: "contoso.onmicrosoft.com" }, /no GUID/u],
    ["BOT_ID", { BOT_ID: `${BOT_ID}0` }, /no GUID/u],
    ["BOT_ID", { BOT_ID: `{${BOT_ID}}` }, /no GUID/u],
    ["BOT_TENANT_ID", { BOT_TENANT_ID: undefined }, /is missing: a SingleTenant bot belongs to one tenant/u],
    [
      "BOT_TENANT_ID",
      { BOT_TENANT_ID: undefined, BOT_PASSWORD: undefined, BOT_TYPE: "UserAssignedMSI" },
      /is missing: a UserAssignedMSI bot belongs to one tenant/u,
    ],
    ["BOT_PASSWORD", { BOT_PASSWORD: undefined }, /is missing: a SingleTenant bot.*BOT_CERTIFICATE_PATH/u],
    [
      "BOT_PASSWORD",
      { BOT_PASSWORD: undefined, BOT_TYPE: "MultiTenant", BOT_TENANT_ID: undefined },
      /is missing: a MultiTenant bot.*BOT_CERTIFICATE_PATH/u,
    ],
    ["BOT_PASSWORD", { BOT_CERTIFICATE_PATH: FILE }, /is set, and so is BOT_CERTIFICATE_PATH.*leave one/u],
    ["BOT_PASSWORD", { BOT_TYPE: "UserAssignedMSI" }, /is set, but a managed identity has none.*leave/u],
    [
      "BOT_CERTIFICATE_PATH",
      { BOT_TYPE: "UserAssignedMSI", BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: FILE },
      /is set, but a managed identity has none/u,
    ],
    [
      "BOT_CERTIFICATE_PATH",
      { BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: "/nonexistent/bot.pem" },
      /is "\/nonexistent\/bot\.pem", which can't be read/u,
    ],
    [
      "GRAPH_CERTIFICATE_PATH",
      { GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CERTIFICATE_PATH: "/nonexistent/graph.pem" },
      /is "\/nonexistent\/graph\.pem", which can't be read/u,
    ],
    ["ALLOWED_TENANTS", { ALLOWED_TENANTS: GRAPH_ID }, /other tenants than BOT_TENANT_ID.*leave/u],
    [
      "ALLOWED_TENANTS",
      { ALLOWED_TENANTS: `${TENANT_ID}, ${GRAPH_ID}` },
      /a bot of one tenant can serve no other/u,
    ],
    [
      "ALLOWED_TENANTS",
      { BOT_TYPE: "UserAssignedMSI", BOT_PASSWORD: undefined, ALLOWED_TENANTS: GRAPH_ID },
      /other tenants than BOT_TENANT_ID/u,
    ],
    [
      "ALLOWED_TENANTS",
      { BOT_TYPE: "MultiTenant", BOT_TENANT_ID: undefined, ALLOWED_TENANTS: "contoso.onmicrosoft.com" },
      /holds "contoso\.onmicrosoft\.com", which is no GUID/u,
    ],
    ["BOT_TYPE", { BOT_TYPE: "Single" }, /is "Single".*SingleTenant, UserAssignedMSI, MultiTenant/u],
    ["GRAPH_CLOUD", { GRAPH_CLOUD: "germany" }, /is "germany".*global, usgov, usgov-dod, china, gcc/u],
    ["GRAPH_CLOUD", { GRAPH_CLOUD: "gcch" }, /is "gcch", which is none of/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "0" }, /is "0"; a number from 1 to 22/u],
    ["GRAPH_REQUESTS_PER_SECOND_OF_ALL", { GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1231" }, /from 50 to 1230/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "0.9" }, /from 1 to 22/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "22.1" }, /from 1 to 22/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "30" }, /is "30"/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "-5" }, /is "-5"/u],
    ["GRAPH_REQUESTS_PER_SECOND", { GRAPH_REQUESTS_PER_SECOND: "10/s" }, /is "10\/s"/u],
    ["TRACK_ACCESS", { TRACK_ACCESS: "everybody" }, /is "everybody".*none of tenant, members, conversation/u],
    ["TRACK_ACCESS", { TRACK_ACCESS: "member" }, /is "member"/u],
    ["TRACK_ACCESS", { TRACK_ACCESS: "tenant, members" }, /none of/u],
    ["LOOK_AT_RESULTS", { LOOK_AT_RESULTS: "0" }, /is "0".*LOOK_AT_RESULTS=1, or leave it out/u],
    ["LOOK_AT_RESULTS", { LOOK_AT_RESULTS: "true" }, /is "true"/u],
    ["LOOK_AT_RESULTS", { LOOK_AT_RESULTS: "yes" }, /is "yes"/u],
    ["GRAPH_CLOUD", { GRAPH_CLOUD: "constructor" }, /none of/u],
    ["GRAPH_CLIENT_ID", { GRAPH_CLIENT_ID: "x" }, /no GUID/u],
    ["GRAPH_CLIENT_ID", { GRAPH_CLIENT_SECRET: "s3cret" }, /is missing/u],
    ["GRAPH_CLIENT_ID", { GRAPH_CERTIFICATE_PATH: "/x" }, /is missing/u],
    [
      "GRAPH_CLIENT_SECRET",
      { GRAPH_CLIENT_ID: GRAPH_ID, GRAPH_CLIENT_SECRET: "s3cret", GRAPH_CERTIFICATE_PATH: FILE },
      /GRAPH_CERTIFICATE_PATH/u,
    ],
    ["GRAPH_ENDPOINT", { GRAPH_ENDPOINT: "http://127.0.0.1:3979" }, /local mode only.*OPWATCH_LOCAL=1/u],
    ["CHECK_INTERVAL_SECONDS", { CHECK_INTERVAL_SECONDS: "30" }, /from 31 to 3600/u],
    ["CHECK_INTERVAL_SECONDS", { CHECK_INTERVAL_SECONDS: "30.999" }, /from 31/u],
    ["CHECK_INTERVAL_SECONDS", { CHECK_INTERVAL_SECONDS: "3601" }, /to 3600/u],
    ["CHECK_INTERVAL_SECONDS", { CHECK_INTERVAL_SECONDS: "31s" }, /is "31s"/u],
    ["CHECK_INTERVAL_SECONDS", { CHECK_INTERVAL_SECONDS: "Infinity" }, /is "Infinity"/u],
    ["WATCH_LIFETIME_HOURS", { WATCH_LIFETIME_HOURS: "0" }, /is "0"/u],
    ["WATCH_LIFETIME_HOURS", { WATCH_LIFETIME_HOURS: "9000" }, /to 8760/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "0" }, /is "0"; a number from 1 to 100000/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "0.5" }, /from 1 to 100000/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "100001" }, /is "100001"/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "-1" }, /is "-1"/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "many" }, /is "many"/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "1e3" }, /is "1e3"/u],
    ["API_REQUESTS_PER_SECOND", { API_REQUESTS_PER_SECOND: "Infinity" }, /is "Infinity"/u],
    ["CALLBACK_ALLOW_PRIVATE", { CALLBACK_ALLOW_PRIVATE: "true" }, /is "true".*=1, or leave it out/u],
    ["CALLBACK_ALLOW_PRIVATE", { CALLBACK_ALLOW_PRIVATE: "0" }, /is "0"/u],
    ["CALLBACK_SECRET", { CALLBACK_HOSTS: "hooks.example" }, /missing or shorter than 24.*signed/u],
    [
      "CALLBACK_SECRET",
      { CALLBACK_HOSTS: "hooks.example", CALLBACK_SECRET: "x".repeat(23) },
      /shorter than 24/u,
    ],
    [
      "CALLBACK_SECRET",
      { CALLBACK_HOSTS: "hooks.example", CALLBACK_SECRET: `${"x".repeat(23)}   ` },
      /shorter than 24/u,
    ],
    ["API_CLIENT_ID", { API_CLIENT_ID: "api://opwatch" }, /no GUID/u],
    ["RETENTION_DAYS", { RETENTION_DAYS: "0" }, /is "0"; a number from \d+ to 3650/u],
    ["RETENTION_DAYS", { RETENTION_DAYS: "3651" }, /to 3650/u],
    [
      "DATABASE_BACKEND",
      { DATABASE_URL: "postgres://x", DATABASE_BACKEND: "mysql" },
      /is "mysql", which is none of postgres, citus, yugabytedb, cockroachdb/u,
    ],
    [
      "DATABASE_BACKEND",
      { DATABASE_BACKEND: "citus" },
      /says what answers at DATABASE_URL, and there is none/u,
    ],
    ["LOG_LEVEL", { LOG_LEVEL: "verbose" }, /is "verbose".*trace, debug, info/u],
    ["DATABASE_URL", { DATABASE_URL: "mysql://localhost/x" }, /no PostgreSQL address/u],
    ["DATABASE_URL", { DATABASE_URL: "localhost:5432" }, /no PostgreSQL address/u],
    ["DATABASE_URL", { DATABASE_URL: "postgres://[" }, /no PostgreSQL address/u],
    // Read as a host "opwatch" with a port, and a path or more that is the rest of the password.
    ["DATABASE_URL", { DATABASE_URL: "postgres://opwatch:12/ab@db.example/x" }, /password # \/ @ : \? are/u],
    ["DATABASE_URL", { DATABASE_URL: "postgres://opwatch:12?ab@db.example/x" }, /password # \/ @ : \? are/u],
    ["DATABASE_URL", { DATABASE_URL: "postgres://opwatch:12#ab@db.example/x" }, /password # \/ @ : \? are/u],
  ])("%s %j", (name, env, reason) => {
    const [problem = "", ...others] = problemsOf({ ...REGISTERED, ...env });
    expect(others).toEqual([]);
    expect(problem.startsWith(`${name} `)).toBe(true);
    expect(problem).toMatch(reason);
    expect(problem).toMatch(/\. Example: \S/u);
    expect(problem).not.toContain(PASSWORD);
    expect(problem).not.toContain("s3cret");
  });

  test("all of it at once, in one message", () => {
    const env = { PORT: "x", LOG_LEVEL: "x", DATABASE_URL: "x", CHECK_INTERVAL_SECONDS: "5", BOT_ID: "x" };
    const problems = problemsOf(env);
    expect(new Set(problems.map((problem) => problem.split(" ")[0]))).toEqual(
      new Set([
        "BOT_ID",
        "BOT_PASSWORD",
        "BOT_TENANT_ID",
        "CHECK_INTERVAL_SECONDS",
        "DATABASE_URL",
        "LOG_LEVEL",
        "PORT",
      ]),
    );
    const { message, name } = new ConfigError(problems);
    expect(name).toBe("ConfigError");
    for (const problem of problems) expect(message).toContain(`\n  - ${problem}`);
  });

  test.each(NAMES)("%s as a placeholder that nobody has filled", (name) => {
    const registration = name.startsWith("BOT_CERT") ? { BOT_PASSWORD: undefined } : {};
    const database = name === "DATABASE_BACKEND" ? { DATABASE_URL: "postgres://x" } : {};
    for (const placeholder of [`\${{${name}}}`, " ${{SECRET_BOT_PASSWORD}} ", "${{}}"]) {
      const problems = problemsOf({ ...REGISTERED, ...registration, ...database, [name]: placeholder });
      expect(problems).toContain(
        `${name} is still the placeholder ${placeholder.trim()}, which Teams Toolkit has not filled. ` +
          `Example: ${name}=<value>`,
      );
    }
  });

  test.each(["$BOT_ID", "{{BOT_ID}}", "${BOT_ID}", "x${{BOT_ID}}"])(
    "%s is no placeholder of the Toolkit's",
    (BOT_PASSWORD) => {
      expect(problemsOf({ ...REGISTERED, BOT_PASSWORD })).toEqual([]);
    },
  );

  test.each<[string, Environment]>([
    ["BOT_ID", { ...REGISTERED, BOT_ID: "${{BOT_ID}}" }],
    ["BOT_TENANT_ID", { ...REGISTERED, BOT_TENANT_ID: "${{TEAMS_APP_TENANT_ID}}" }],
    ["BOT_PASSWORD", { ...REGISTERED, BOT_PASSWORD: "${{SECRET_BOT_PASSWORD}}" }],
    ["GRAPH_ENDPOINT", { ...LOCAL, GRAPH_ENDPOINT: "${{GRAPH_ENDPOINT}}" }],
  ])("a placeholder in %s is told of in one sentence", (_name, env) => {
    expect(problemsOf(env)).toHaveLength(1);
  });

  test("an empty environment says what a bot needs, and how to try it without", () => {
    const problems = problemsOf({}).join("\n");
    for (const name of ["BOT_ID", "BOT_TENANT_ID", "BOT_PASSWORD", "OPWATCH_LOCAL=1"])
      expect(problems).toContain(name);
  });
});

describe("one sentence for one fault", () => {
  const certificate = (path: string): Environment => ({
    ...REGISTERED,
    BOT_PASSWORD: undefined,
    BOT_CERTIFICATE_PATH: path,
  });

  test.each<[string, Environment]>([
    ["no GUID", { ...REGISTERED, ALLOWED_TENANTS: `contoso.com,${TENANT_ID}` }],
    [
      "with no BOT_TENANT_ID to be held against",
      { ...REGISTERED, BOT_TENANT_ID: "", ALLOWED_TENANTS: TENANT_ID },
    ],
  ])("what is wrong with ALLOWED_TENANTS is told in one sentence: %s", (_what, env) => {
    expect(problemsOf(env)).toHaveLength(1);
  });

  test("a list of tenants that names none lets nobody in by mistake", () => {
    expect(problemsOf({ ...MANY, ALLOWED_TENANTS: " , " })).toHaveLength(1);
  });

  test.each([
    ["no certificate", aCertificate("key")],
    ["no private key", aCertificate("certificate")],
    ["no certificate and no private key", aCertificate()],
  ])("a file with %s is told", (lack, path) => {
    expect(problemsOf(certificate(path))).toEqual([
      `BOT_CERTIFICATE_PATH is "${path}", which holds ${lack}: both belong into one PEM file. ` +
        "Example: cat opwatch.crt opwatch.key > opwatch.pem, and BOT_CERTIFICATE_PATH=/run/secrets/opwatch.pem",
    ]);
  });

  test("an example's placeholder is told as one", () => {
    const left = "BOT_PASSWORD is still the placeholder of its example.";
    expect(problemsOf({ ...REGISTERED, BOT_PASSWORD: "<client secret>" })).toEqual([
      expect.stringContaining(left),
    ]);
  });

  test("a directory is no certificate", () => {
    expect(problemsOf(certificate(dirname(FILE)))).toHaveLength(1);
  });
});

describe("local mode", () => {
  test.each(["127.0.0.1", "localhost", "::1"])("listens on %s", (HOST) => {
    expect(local({ HOST }).host).toBe(HOST);
  });

  test.each(["0.0.0.0", "::", "192.168.0.2", "example.com", "127.0.0.1.example.com"])(
    "never on %s",
    (HOST) => {
      expect(problemsOf({ ...LOCAL, HOST })).toEqual([expect.stringMatching(/^HOST is ".*loopback only/u)]);
    },
  );

  test.each([
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["http://127.0.0.1:4000/", "http://127.0.0.1:4000"],
    ["http://LOCALHOST:4000", "http://localhost:4000"],
    ["http://[::1]:4000", "http://[::1]:4000"],
    ["https://localhost", "https://localhost"],
  ])("asks the Graph at %s", (GRAPH_ENDPOINT, origin) => {
    expect(local({ GRAPH_ENDPOINT }).graph.origin).toBe(origin);
  });

  test.each([
    ["https://graph.microsoft.com", /not on loopback/u],
    ["http://192.168.0.2:3979", /not on loopback/u],
    ["http://127.0.0.1.example.com", /not on loopback/u],
    ["http://127.0.0.1@example.com", /not on loopback/u],
    ["http://0.0.0.0:3979", /not on loopback/u],
    ["http://127.0.0.1:3979/v1.0", /without a path/u],
    ["http://127.0.0.1:3979/?x=1", /without a path/u],
    ["http://127.0.0.1:3979/#x", /without a path/u],
    ["127.0.0.1:3979", /no http address/u],
    ["localhost:3979", /no http address/u],
    ["ftp://127.0.0.1", /no http address/u],
    ["file:///etc/passwd", /no http address/u],
  ])("never the one at %s", (GRAPH_ENDPOINT, reason) => {
    expect(problemsOf({ ...LOCAL, GRAPH_ENDPOINT })).toEqual([expect.stringMatching(reason)]);
  });

  test("keeps Graph's interval, unless it is told where its own Graph is", () => {
    const GRAPH_ENDPOINT = "http://127.0.0.1:4000";
    expect(problemsOf({ ...LOCAL, CHECK_INTERVAL_SECONDS: "2" })).toHaveLength(1);
    expect(local({ GRAPH_ENDPOINT }).checkIntervalMs).toBe(31_000);
    for (const [seconds, ms] of [
      ["1", 1_000],
      ["1.5", 1_500],
      ["2.25", 2_250],
    ] as const) {
      expect(local({ GRAPH_ENDPOINT, CHECK_INTERVAL_SECONDS: seconds }).checkIntervalMs).toBe(ms);
    }
    for (const seconds of ["0", "0.5", "0.999", "-1"]) {
      expect(problemsOf({ ...LOCAL, GRAPH_ENDPOINT, CHECK_INTERVAL_SECONDS: seconds })).toHaveLength(1);
    }
  });

  test("keeps Graph's limit of requests, unless it is told where its own Graph is", () => {
    const GRAPH_ENDPOINT = "http://127.0.0.1:4000";
    expect(problemsOf({ ...LOCAL, GRAPH_REQUESTS_PER_SECOND: "1000" })).toEqual([
      expect.stringMatching(/^GRAPH_REQUESTS_PER_SECOND is "1000"; a number from 1 to 22 is needed/u),
    ]);
    expect(local({ GRAPH_ENDPOINT }).graph.requestsPerSecond).toBe(21);
    const own = (GRAPH_REQUESTS_PER_SECOND: string) => ({ GRAPH_ENDPOINT, GRAPH_REQUESTS_PER_SECOND });
    expect(local(own("1000000")).graph.requestsPerSecond).toBe(1_000_000);
    expect(local(own("2.5")).graph.requestsPerSecond).toBe(2.5);
    for (const wrong of ["0", "0.99", "1000001", "Infinity", "1e3"]) {
      expect(problemsOf({ ...LOCAL, ...own(wrong) })).toEqual([expect.stringMatching(/from 1 to 1000000/u)]);
    }
  });

  test("needs no registration", () => {
    expect(local({ BOT_ID: "not a GUID" }).bot).toEqual({ mode: "local" });
  });
});

describe("secrets", () => {
  const secrets: Environment = {
    BOT_PASSWORD: "hush-bot",
    GRAPH_CLIENT_SECRET: "hush-graph",
    DATABASE_URL: "postgres://user:hush-database@db.example/opwatch",
    CALLBACK_SECRET: "hush-callback-of-24-letters",
  };
  const env = { ...REGISTERED, GRAPH_CLIENT_ID: GRAPH_ID, ...secrets };

  test("are in no dump of the configuration", () => {
    const config = readConfig(env);
    const dumps = [
      JSON.stringify(config),
      inspect(config, { depth: 10, showHidden: true }),
      String(config.database.home === "server" && config.database.url),
    ];
    for (const dump of dumps) expect(dump).not.toContain("hush");
  });

  test("are in no message about what is wrong", () => {
    const wrong = [
      { ...env, PORT: "x" },
      { ...env, GRAPH_CLIENT_ID: undefined },
      { ...env, GRAPH_CERTIFICATE_PATH: "/x" },
      { ...env, BOT_TYPE: "UserAssignedMSI" },
      { ...env, BOT_TYPE: "UserAssignedMSI", BOT_CERTIFICATE_PATH: "/x" },
      { ...env, BOT_CERTIFICATE_PATH: "/x" },
      { ...env, BOT_TENANT_ID: "${{TEAMS_APP_TENANT_ID}}" },
      { ...env, ALLOWED_TENANTS: "x" },
      { ...env, CALLBACK_HOSTS: "a/b" },
      { ...env, CALLBACK_HOSTS: "hooks.example", CALLBACK_SECRET: "hush-short" },
      { ...env, BOT_ID: undefined, BOT_TENANT_ID: undefined },
      { ...env, DATABASE_URL: "mysql://user:hush-database@db.example/opwatch" },
      { ...env, DATABASE_URL: "postgres://user:hush-database@[/opwatch" },
    ];
    for (const each of wrong) {
      const problems = problemsOf(each);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join("\n")).not.toContain("hush");
    }
  });

  test("a private key in the place of its path is not repeated", () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nhush-key\n-----END PRIVATE KEY-----";
    const problems = problemsOf({ ...env, BOT_PASSWORD: undefined, BOT_CERTIFICATE_PATH: pem });
    expect(problems).toEqual([expect.stringMatching(/^BOT_CERTIFICATE_PATH .*\. Example: \S/u)]);
    expect(problems.join()).not.toContain("hush-key");
  });
});

test("no environment makes it throw anything but a ConfigError", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "",
      "1",
      "31",
      BOT_ID,
      "http://127.0.0.1",
      "http://[",
      "postgres://x",
      "__proto__",
      "UserAssignedMSI",
      "MultiTenant",
      "${{X}}",
      `${BOT_ID},${TENANT_ID}`,
      FILE,
    ),
    fc.webUrl(),
    fc.double().map(String),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...NAMES), value), (env) => {
      const problems = problemsOf(env);
      for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+ .*\. Example: /su);
      const config = problems.length === 0 ? readConfig(env) : readConfig(LOCAL);
      const isLocal = config.bot.mode === "local";
      const own = config.bot.mode === "local" ? null : config.bot.registration.tenantId;
      const served = [...(config.servedTenants ?? [])].join();
      expect(own === null || served === own.toLowerCase()).toBe(true);
      expect(config.checkIntervalMs).toBeGreaterThanOrEqual(isLocal ? 1_000 : 31_000);
      expect(config.graph.requestsPerSecond).toBeGreaterThanOrEqual(1);
      expect(config.graph.requestsPerSecond).toBeLessThanOrEqual(isLocal ? 1_000_000 : 24);
      expect(config.api.requestsPerSecond).toBeGreaterThanOrEqual(1);
      const { hosts, secret } = config.api.callbacks;
      expect(hosts.length === 0 || (secret?.reveal().length ?? 0) >= 24).toBe(true);
      expect(!isLocal || ["127.0.0.1", "localhost", "::1", "[::1]"].includes(config.host)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
