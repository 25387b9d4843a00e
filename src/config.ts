import type { TrackAccess } from "./core/access.ts";
import { CLOUD_NAMES, CLOUDS, type CloudName } from "./core/clouds.ts";
import { Secret } from "./secret.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

type BotRegistration = {
  readonly appId: string;
  readonly type: "SingleTenant" | "MultiTenant" | "UserAssignedMSI";
  /** Null for MultiTenant: every tenant is served. */
  readonly tenantId: string | null;
  /** Null for UserAssignedMSI. */
  readonly password: Secret | null;
};

export type GraphCredentialConfig =
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
    readonly credential: GraphCredentialConfig | null;
    /** In one tenant. */
    readonly requestsPerSecond: number;
  };
  readonly api: {
    /** For each calling application. */
    readonly requestsPerSecond: number;
    readonly callbacks: {
      readonly hosts: readonly string[];
      readonly secret: Secret | null;
      readonly allowPrivate: boolean;
    };
  };
  readonly trackAccess: TrackAccess;
  readonly looksAtResults: boolean;
  readonly checkIntervalMs: number;
  readonly watchLifetimeMs: number;
  readonly database:
    | { readonly home: "embedded"; readonly directory: string }
    | { readonly home: "server"; readonly url: Secret };
  readonly logLevel: LogLevel;
};

/** Everything that is wrong with the environment, in one message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Opwatch can't start with this configuration:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const GUID_EXAMPLE = "00001111-aaaa-2222-bbbb-3333cccc4444";
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
    },
    api: {
      requestsPerSecond: read.number("API_REQUESTS_PER_SECOND", 20, { min: 1, max: 100_000 }),
      callbacks: readCallbacks(read),
    },
    trackAccess: read.choice("TRACK_ACCESS", TRACK_ACCESS, "tenant"),
    looksAtResults: read.flag("LOOK_AT_RESULTS"),
    checkIntervalMs: readInterval(read, isLocal),
    watchLifetimeMs: Math.round(
      read.number("WATCH_LIFETIME_HOURS", 168, { min: 0.001, max: 8_760 }) * 3_600_000,
    ),
    database: readDatabase(read),
    logLevel: read.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return config;
}

class Reader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Null when it is not set; blank counts as not set, as Teams Toolkit leaves variables blank. */
  text(name: string): string | null {
    const value = this.#env[name]?.trim() ?? "";
    return value === "" ? null : value;
  }

  flag(name: string): boolean {
    const value = this.text(name);
    if (value !== null && value !== "1") this.wrong(name, `is "${value}"`, `${name}=1, or leave it out`);
    return value === "1";
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], byDefault: Choice): Choice {
    const value = this.text(name);
    if (value === null) return byDefault;
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (found === undefined) {
      this.wrong(name, `is "${value}", which is none of ${choices.join(", ")}`, `${name}=${byDefault}`);
    }
    return found ?? byDefault;
  }

  number(
    name: string,
    byDefault: number,
    bounds: { readonly min: number; readonly max: number; readonly isWhole?: boolean },
  ): number {
    const value = this.text(name);
    if (value === null) return byDefault;
    const { min, max, isWhole = false } = bounds;
    const number = /^\d+(?:\.\d+)?$/u.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max) || (isWhole && !Number.isInteger(number))) {
      const kind = isWhole ? "a whole number" : "a number";
      this.wrong(name, `is "${value}"; ${kind} from ${min} to ${max} is needed`, `${name}=${byDefault}`);
      return byDefault;
    }
    return number;
  }

  guid(name: string, why: string): string {
    const value = this.text(name);
    if (value === null) this.wrong(name, `is missing: ${why}`, `${name}=${GUID_EXAMPLE}`);
    else if (!GUID.test(value))
      this.wrong(name, `is "${value}", which is no GUID`, `${name}=${GUID_EXAMPLE}`);
    return value ?? "";
  }

  wrong(name: string, what: string, example: string): void {
    this.problems.push(`${name} ${what}. Example: ${example}`);
  }
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
    "it is the bot's application id, which `teamsapp provision` writes to env/.env.dev; " +
      "without it requests could not be authenticated (to try Opwatch on this machine set OPWATCH_LOCAL=1)",
  );
  const type = read.choice("BOT_TYPE", BOT_TYPES, "SingleTenant");
  const tenantId =
    type === "MultiTenant" ? null : read.guid("BOT_TENANT_ID", `a ${type} bot belongs to one tenant`);
  const password = read.text("BOT_PASSWORD");
  if (type === "UserAssignedMSI") {
    if (password !== null) {
      read.wrong("BOT_PASSWORD", "is set, but a managed identity has none", "leave BOT_PASSWORD out");
    }
    return { appId, type, tenantId, password: null };
  }
  if (password === null) {
    read.wrong(
      "BOT_PASSWORD",
      `is missing: a ${type} bot signs in with its client secret`,
      "BOT_PASSWORD=<client secret>",
    );
  }
  return { appId, type, tenantId, password: new Secret(password ?? "") };
}

/** Graph's own application if one is named, else the bot's. */
function readGraphCredential(read: Reader, bot: BotRegistration): GraphCredentialConfig {
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
    return bot.password === null
      ? { kind: "managedIdentity", clientId: bot.appId }
      : { kind: "secret", clientId: bot.appId, secret: bot.password };
  }
  if (!GUID.test(clientId)) {
    read.wrong("GRAPH_CLIENT_ID", `is "${clientId}", which is no GUID`, `GRAPH_CLIENT_ID=${GUID_EXAMPLE}`);
  }
  if (secret !== null && path !== null) {
    read.wrong("GRAPH_CLIENT_SECRET", "is set, and so is GRAPH_CERTIFICATE_PATH", "leave one of the two out");
  }
  if (path !== null) return { kind: "certificate", clientId, path };
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
  return {
    hosts,
    secret: secret === null ? null : new Secret(secret),
    allowPrivate: read.flag("CALLBACK_ALLOW_PRIVATE"),
  };
}

/** Graph allows 30 in a second, and 24.9 in the long run; a Graph of our own can be told otherwise. */
function readRequestsPerSecond(read: Reader, isLocal: boolean): number {
  const isOwnGraph = isLocal && read.text("GRAPH_ENDPOINT") !== null;
  return read.number("GRAPH_REQUESTS_PER_SECOND", 24, { min: 1, max: isOwnGraph ? 1_000_000 : 24 });
}

/** Graph wants more than 30 s between two checks of an operation; the sandbox can be told otherwise. */
function readInterval(read: Reader, isLocal: boolean): number {
  const isOwnGraph = isLocal && read.text("GRAPH_ENDPOINT") !== null;
  return Math.round(
    read.number("CHECK_INTERVAL_SECONDS", 31, { min: isOwnGraph ? 1 : 31, max: 3_600 }) * 1000,
  );
}

function readDatabase(read: Reader): Config["database"] {
  const url = read.text("DATABASE_URL");
  if (url === null) return { home: "embedded", directory: read.text("DATA_DIR") ?? ".opwatch" };
  if (!/^postgres(?:ql)?:\/\//u.test(url) || !URL.canParse(url)) {
    // Its value may hold a password, so it is not repeated.
    read.wrong(
      "DATABASE_URL",
      "is no PostgreSQL address",
      "DATABASE_URL=postgres://user:password@127.0.0.1:5432/opwatch",
    );
  }
  return { home: "server", url: new Secret(url) };
}
