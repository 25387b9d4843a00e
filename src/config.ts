import type { TrackAccess } from "./core/access.ts";
import { CLOUD_NAMES, CLOUDS, type CloudName } from "./core/clouds.ts";
import { GUID, tenantId, type TenantId } from "./core/ids.ts";
import { OF_ALL_TENANTS } from "./core/slots.ts";
import { readDatabase, type DatabaseSettings } from "./config-database.ts";
import { ConfigError, GUID_EXAMPLE, Reader, type Environment } from "./config-reader.ts";
import { Secret } from "./secret.ts";
import type { DatabaseConfig } from "./store/database.ts";

export { ConfigError, type Environment } from "./config-reader.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

type BotRegistration = {
  readonly appId: string;
  readonly type: "SingleTenant" | "MultiTenant" | "UserAssignedMSI";
  /** Null for MultiTenant. */
  readonly tenantId: string | null;
  readonly credential: CredentialConfig;
};

/** How an application signs in. */
export type CredentialConfig =
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: Secret }
  | { readonly kind: "certificate"; readonly clientId: string; readonly path: string }
  | { readonly kind: "managedIdentity"; readonly clientId: string };

export type Config = {
  readonly host: string;
  readonly port: number;
  /** `local`: no authentication either way, loopback only. */
  readonly bot:
    { readonly mode: "local" } | { readonly mode: "registered"; readonly registration: BotRegistration };
  readonly graph: {
    readonly cloud: CloudName;
    readonly origin: string;
    readonly authorityHost: string;
    /** Null in local mode: no token is sent. */
    readonly credential: CredentialConfig | null;
    /** In one tenant. */
    readonly requestsPerSecond: number;
    /** In all of them. */
    readonly requestsOfAllPerSecond: number;
  };
  readonly api: {
    /** The application whose tokens are taken; null in local mode. */
    readonly audience: string | null;
    /** For each calling application. */
    readonly requestsPerSecond: number;
    readonly callbacks: {
      readonly hosts: readonly string[];
      readonly secret: Secret | null;
      readonly allowPrivate: boolean;
    };
  };
  /** Whose conversations are served; null: every tenant's. */
  readonly servedTenants: ReadonlySet<TenantId> | null;
  readonly trackAccess: TrackAccess;
  readonly looksAtResults: boolean;
  readonly checkIntervalMs: number;
  readonly watchLifetimeMs: number;
  /** How long what is over is kept. */
  readonly retentionMs: number;
  readonly database: DatabaseSettings;
  readonly logLevel: LogLevel;
};

/** What the store opens, with the secret that is in it. */
export function databaseOf({ database }: Config): DatabaseConfig {
  return database.home === "embedded" ? database : { ...database, url: database.url.reveal() };
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1", "[::1]"]);
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const BOT_TYPES = ["SingleTenant", "UserAssignedMSI", "MultiTenant"] as const;
const TRACK_ACCESS = ["tenant", "members", "conversation"] as const;
/** `npm run sandbox` listens there. */
const SANDBOX = "http://127.0.0.1:3979";

/** The environment (README.md, “Configuration”) as a Config. Throws one {@link ConfigError} for all problems. */
export function readConfig(env: Environment): Config {
  const read = new Reader(env);
  const isLocal = read.flag("OPWATCH_LOCAL");
  const cloudName = readCloud(read);
  const cloud = CLOUDS[cloudName];
  const bot = isLocal ? null : readBot(read);
  const config: Config = {
    host: readHost(read, isLocal),
    port: read.number("PORT", 3978, { min: 0, max: 65_535, isWhole: true }),
    bot: bot === null ? { mode: "local" } : { mode: "registered", registration: bot },
    graph: {
      cloud: cloudName,
      origin: readEndpoint(read, isLocal) ?? cloud.graphOrigin,
      authorityHost: cloud.authorityHost,
      credential: bot === null ? null : readGraphCredential(read, bot),
      requestsPerSecond: readRequestsPerSecond(read, isLocal),
      requestsOfAllPerSecond: readRequestsOfAll(read, isLocal),
    },
    api: {
      audience: bot === null ? null : readAudience(read, bot),
      requestsPerSecond: read.number("API_REQUESTS_PER_SECOND", 20, { min: 1, max: 100_000 }),
      callbacks: readCallbacks(read),
    },
    servedTenants: readServedTenants(read, bot),
    trackAccess: read.choice("TRACK_ACCESS", TRACK_ACCESS, "tenant"),
    looksAtResults: read.flag("LOOK_AT_RESULTS"),
    checkIntervalMs: readInterval(read, isLocal),
    watchLifetimeMs: Math.round(
      read.number("WATCH_LIFETIME_HOURS", 168, { min: 0.001, max: 8_760 }) * 3_600_000,
    ),
    retentionMs: read.number("RETENTION_DAYS", 30, { min: 7, max: 3_650 }) * 86_400_000,
    database: readDatabase(read),
    logLevel: read.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return config;
}

function readHost(read: Reader, isLocal: boolean): string {
  const host = read.text("HOST") ?? (isLocal ? "127.0.0.1" : "0.0.0.0");
  if (isLocal && !LOOPBACK.has(host)) {
    read.wrong(
      "HOST",
      `is "${host}", but local mode has no authentication and listens on loopback only`,
      "HOST=127.0.0.1",
    );
  }
  return host;
}

function readBot(read: Reader): BotRegistration {
  const appId = read.guid(
    "BOT_ID",
    "it is the Application (client) id of the bot's registration (docs/deploy.md; `atk provision` writes it to env/.env.dev); " +
      "without it requests could not be authenticated (to try Opwatch on this machine set OPWATCH_LOCAL=1)",
  );
  const type = read.choice("BOT_TYPE", BOT_TYPES, "SingleTenant");
  const tenant =
    type === "MultiTenant" ? null : read.guid("BOT_TENANT_ID", `a ${type} bot belongs to one tenant`);
  return { appId, type, tenantId: tenant, credential: readBotCredential(read, appId, type) };
}

function readBotCredential(read: Reader, clientId: string, type: BotRegistration["type"]): CredentialConfig {
  const password = read.text("BOT_PASSWORD");
  const path = read.text("BOT_CERTIFICATE_PATH");
  if (type === "UserAssignedMSI") {
    for (const [name, value] of [
      ["BOT_PASSWORD", password],
      ["BOT_CERTIFICATE_PATH", path],
    ] as const) {
      if (value !== null) read.wrong(name, "is set, but a managed identity has none", `leave ${name} out`);
    }
    return { kind: "managedIdentity", clientId };
  }
  if (password !== null && path !== null) {
    read.wrong("BOT_PASSWORD", "is set, and so is BOT_CERTIFICATE_PATH", "leave one of the two out");
  }
  if (path !== null)
    return { kind: "certificate", clientId, path: read.certificate("BOT_CERTIFICATE_PATH", path) };
  if (password === null) {
    read.wrong(
      "BOT_PASSWORD",
      `is missing: a ${type} bot signs in with its client secret, or with the certificate of BOT_CERTIFICATE_PATH`,
      "BOT_PASSWORD=<client secret>",
    );
  }
  return { kind: "secret", clientId, secret: new Secret(password ?? "") };
}

/** A bot of one tenant serves that one; one of many serves all, or those that are named. */
function readServedTenants(read: Reader, bot: BotRegistration | null): ReadonlySet<TenantId> | null {
  const text = read.text("ALLOWED_TENANTS");
  const named = (text ?? "").split(/[\s,]+/u).filter((id) => id !== "");
  if (text !== null && named.length === 0) {
    // Taken for no list it would let every tenant in.
    read.wrong("ALLOWED_TENANTS", "names no tenant", `ALLOWED_TENANTS=${GUID_EXAMPLE}`);
  }
  for (const id of named) {
    if (!GUID.test(id)) {
      read.wrong("ALLOWED_TENANTS", `holds "${id}", which is no GUID`, `ALLOWED_TENANTS=${GUID_EXAMPLE}`);
    }
  }
  const allowed = new Set(named.map((id) => tenantId(id)));
  const own = bot?.tenantId ?? null;
  if (own === null) return allowed.size === 0 ? null : allowed;
  // What is no GUID, or is missing, was told already.
  const isComparable = named.length > 0 && [...named, own].every((id) => GUID.test(id));
  if (isComparable && !(allowed.size === 1 && allowed.has(tenantId(own)))) {
    read.wrong(
      "ALLOWED_TENANTS",
      "names other tenants than BOT_TENANT_ID, and a bot of one tenant can serve no other",
      "leave ALLOWED_TENANTS out",
    );
  }
  return new Set([tenantId(own)]);
}

/** Graph's own application if one is named, else the bot's. */
function readGraphCredential(read: Reader, bot: BotRegistration): CredentialConfig {
  const clientId = read.text("GRAPH_CLIENT_ID");
  const secret = read.text("GRAPH_CLIENT_SECRET");
  const path = read.text("GRAPH_CERTIFICATE_PATH");
  if (bot.type === "MultiTenant" && clientId !== null && secret === null && path === null) {
    // Its token is always of its own tenant: people of every tenant would read that one's operations.
    read.wrong(
      "GRAPH_CLIENT_SECRET",
      "and GRAPH_CERTIFICATE_PATH are missing, and a managed identity can't ask for several tenants",
      "GRAPH_CLIENT_SECRET=<client secret>",
    );
  }
  if (clientId === null) {
    if (secret !== null || path !== null) {
      read.wrong(
        "GRAPH_CLIENT_ID",
        "is missing, but a secret or certificate for it is set",
        `GRAPH_CLIENT_ID=${GUID_EXAMPLE}`,
      );
    }
    return bot.credential;
  }
  if (!GUID.test(clientId)) {
    read.wrong("GRAPH_CLIENT_ID", "is no GUID", `GRAPH_CLIENT_ID=${GUID_EXAMPLE}`);
  }
  if (secret !== null && path !== null) {
    read.wrong("GRAPH_CLIENT_SECRET", "is set, and so is GRAPH_CERTIFICATE_PATH", "leave one of the two out");
  }
  if (path !== null) {
    return { kind: "certificate", clientId, path: read.certificate("GRAPH_CERTIFICATE_PATH", path) };
  }
  if (secret !== null) return { kind: "secret", clientId, secret: new Secret(secret) };
  return { kind: "managedIdentity", clientId };
}

function readEndpoint(read: Reader, isLocal: boolean): string | null {
  const value = read.text("GRAPH_ENDPOINT");
  const example = `GRAPH_ENDPOINT=${SANDBOX}`;
  if (value === null) return isLocal ? SANDBOX : null;
  if (!isLocal) {
    read.wrong(
      "GRAPH_ENDPOINT",
      "is set, but another Graph root is for local mode only",
      "OPWATCH_LOCAL=1, or leave GRAPH_ENDPOINT out",
    );
    return null;
  }
  const shown = value.replace(/\/\/[^/@]*@/u, "//***@");
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    read.wrong("GRAPH_ENDPOINT", `is "${shown}", which is no http address`, example);
    return null;
  }
  if (!LOOPBACK.has(url.hostname)) {
    read.wrong("GRAPH_ENDPOINT", `is "${shown}", which is not on loopback`, example);
  } else if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    read.wrong("GRAPH_ENDPOINT", `is "${shown}", but it is a root, without a path`, example);
  }
  return url.origin;
}

/** GCC's tenants are served by the global cloud: https://learn.microsoft.com/graph/deployments */
function readCloud(read: Reader): CloudName {
  const name = read.choice("GRAPH_CLOUD", [...CLOUD_NAMES, "gcc"], "global");
  return name === "gcc" ? "global" : name;
}

/** A managed identity can have no application roles, so callers are then those of another application. */
function readAudience(read: Reader, bot: BotRegistration): string {
  return read.text("API_CLIENT_ID") === null ? bot.appId : read.guid("API_CLIENT_ID", "");
}

function readCallbacks(read: Reader): Config["api"]["callbacks"] {
  const hosts = (read.text("CALLBACK_HOSTS") ?? "").split(/[\s,]+/u).filter((host) => host !== "");
  for (const host of hosts) {
    if (
      /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/iu.test(host) ||
      /^\[[0-9a-f:]+\]$/iu.test(host)
    )
      continue;
    read.wrong(
      "CALLBACK_HOSTS",
      `holds "${host}", which is no name of a host`,
      "CALLBACK_HOSTS=hooks.contoso.com,*.contoso.net",
    );
  }
  const secret = read.text("CALLBACK_SECRET");
  if (hosts.length > 0 && (secret === null || secret.length < 24)) {
    read.wrong(
      "CALLBACK_SECRET",
      "is missing or shorter than 24 characters, but events are signed with it",
      "CALLBACK_SECRET=<a random text of 32 characters>",
    );
  }
  if (secret?.startsWith("whsec_") === true && Buffer.from(secret.slice(6), "base64").length < 16) {
    read.wrong(
      "CALLBACK_SECRET",
      "begins with whsec_, and what follows is not base64 of 16 bytes or more",
      "CALLBACK_SECRET=<a random text of 32 characters>",
    );
  }
  return {
    hosts,
    secret: secret === null ? null : new Secret(secret),
    allowPrivate: read.flag("CALLBACK_ALLOW_PRIVATE"),
  };
}

/**
 * Graph allows 30 in a second, and 24.9 in the long run; a Graph of our own can be told otherwise. The faster, the
 * sooner a request has to leave; above 22, some second might hold more than 30, see core/slots.
 */
function readRequestsPerSecond(read: Reader, isLocal: boolean): number {
  const isOwnGraph = isLocal && read.text("GRAPH_ENDPOINT") !== null;
  return read.number("GRAPH_REQUESTS_PER_SECOND", 21, { min: 1, max: isOwnGraph ? 1_000_000 : 22 });
}

/** Who uses the application for something else as well leaves a part for that; more than in the long run would be refused. */
function readRequestsOfAll(read: Reader, isLocal: boolean): number {
  const isOwnGraph = isLocal && read.text("GRAPH_ENDPOINT") !== null;
  const max = isOwnGraph ? 1_000_000 : OF_ALL_TENANTS;
  return read.number("GRAPH_REQUESTS_PER_SECOND_OF_ALL", OF_ALL_TENANTS, { min: 50, max });
}

/** Graph wants more than 30 s between two checks of an operation; the sandbox can be told otherwise. */
function readInterval(read: Reader, isLocal: boolean): number {
  const isOwnGraph = isLocal && read.text("GRAPH_ENDPOINT") !== null;
  return Math.round(
    read.number("CHECK_INTERVAL_SECONDS", 31, { min: isOwnGraph ? 1 : 31, max: 3_600 }) * 1000,
  );
}
