import { parseArgs } from "node:util";
import { CLOUD_NAMES, type CloudName } from "../core/clouds.ts";

/** What a CI job gets: 0 it succeeded, 1 it failed, 2 it has not ended, 3 usage or access. */
export const EXIT = { succeeded: 0, failed: 1, unfinished: 2, refused: 3 } as const;

export type TrackCommand = {
  readonly operation: string;
  readonly to: Readonly<Record<string, string>> | null;
  readonly wait: boolean;
  readonly direct: boolean;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly server: string | null;
  readonly scope: string | null;
  readonly cloud: CloudName;
  readonly tenant: string | null;
  readonly graphEndpoint: string | null;
  readonly intervalMs: number;
  readonly title: string | null;
  readonly link: string | null;
  readonly notify: string | null;
  readonly requester: string | null;
  readonly idempotencyKey: string | null;
};

export const USAGE = `Usage: opwatch track <location> (--to <where> | --direct) [options]

<location>   what Graph answered: the Location header, or a whole response; "-" reads it from standard input

  --to <alias>               post a card where "@Opwatch alias <name>" was written
  --to alias:<alias> | conversation:<id> | user:<object id or name> | link:<channel link>
  --server <url>             the Opwatch server, or OPWATCH_URL
  --scope <scope>            what a token is asked for: api://<bot's application id>/.default, or OPWATCH_SCOPE
  --title, --link, --requester, --notify auto|always|failure|never, --idempotency-key

  --direct                   ask Graph itself, without a server and without a card
  --tenant <id>              the tenant to sign in to
  --cloud ${CLOUD_NAMES.join("|")}

  --wait                     until it ends; a line for each change (--direct always waits)
  --timeout <minutes>        how long to wait at most; 120 by default
  --json                     one JSON object a line

For whoever runs a server, by the environment that it has:

  opwatch doctor             looks at the set-up, and says what to mend
  opwatch backup <file>      all watches, and all that belongs to them; opwatch restore <file> into an empty database
  opwatch export <user>      what is kept of a person; opwatch forget <user> deletes it

To try it with the sandbox (npm run sandbox): --direct --graph-endpoint http://127.0.0.1:3979 --interval-seconds 1

Exit code with --wait or --direct: 0 succeeded, 1 failed, 2 not ended (or nobody can tell), 3 usage or access.
Without: 0 when it is watched, else 3.
`;

const OPTIONS = {
  to: { type: "string" },
  server: { type: "string" },
  scope: { type: "string" },
  title: { type: "string" },
  link: { type: "string" },
  requester: { type: "string" },
  notify: { type: "string" },
  "idempotency-key": { type: "string" },
  direct: { type: "boolean", default: false },
  tenant: { type: "string" },
  cloud: { type: "string", default: "global" },
  "graph-endpoint": { type: "string" },
  "interval-seconds": { type: "string", default: "31" },
  wait: { type: "boolean", default: false },
  timeout: { type: "string", default: "120" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** A string says what is wrong; null asks for the usage. */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TrackCommand | string | null {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split("\n", 1)[0] ?? "";
  }
  const { values, positionals } = parsed;
  const [command, operation, ...more] = positionals;
  if (values.help || command === undefined || command === "help") return null;
  if (command !== "track") return `There is no command "${command}".`;
  if (operation === undefined || more.length > 0) return "track takes one location; put it in quotes.";
  const to = values.to === undefined ? null : destinationOf(values.to);
  if (values.direct === (to !== null)) return "One of --to and --direct is needed.";
  const cloud = CLOUD_NAMES.find((name) => name === values.cloud);
  if (cloud === undefined) return `--cloud is one of ${CLOUD_NAMES.join(", ")}.`;
  const minutes = Number(values.timeout);
  if (!(minutes > 0 && minutes <= 10_080)) return "--timeout is a number of minutes, up to 10080.";
  const graphEndpoint = values["graph-endpoint"] ?? null;
  const problem = endpointProblem(graphEndpoint, Number(values["interval-seconds"]));
  if (problem !== null) return problem;
  const server = values.server ?? env["OPWATCH_URL"] ?? null;
  if (to !== null && (server === null || !URL.canParse(server))) {
    return "Which server? --server https://opwatch.contoso.com, or OPWATCH_URL.";
  }
  if (to !== null && server !== null && !server.startsWith("https://") && !isLoopback(server)) {
    return "The server must be reached by https: a token is sent to it.";
  }
  return {
    operation,
    to,
    wait: values.wait,
    direct: values.direct,
    json: values.json,
    timeoutMs: minutes * 60_000,
    server,
    scope: values.scope ?? env["OPWATCH_SCOPE"] ?? null,
    cloud,
    tenant: values.tenant ?? null,
    graphEndpoint,
    intervalMs: Number(values["interval-seconds"]) * 1000,
    title: values.title ?? null,
    link: values.link ?? null,
    notify: values.notify ?? null,
    requester: values.requester ?? null,
    idempotencyKey: values["idempotency-key"] ?? null,
  };
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Another Graph is for trying things out, on this machine only, and it may be asked more often. */
function endpointProblem(endpoint: string | null, seconds: number): string | null {
  if (endpoint !== null && !(URL.canParse(endpoint) && LOOPBACK.has(new URL(endpoint).hostname))) {
    return "--graph-endpoint must be on loopback.";
  }
  const least = endpoint === null ? 31 : 0.05;
  return seconds >= least && seconds <= 3_600
    ? null
    : `--interval-seconds is a number from ${least} to 3600.`;
}

function destinationOf(to: string): Readonly<Record<string, string>> {
  const typed = /^(conversation|user|link|alias):(.+)$/su.exec(to);
  return typed === null ? { alias: to } : { [typed[1] ?? ""]: typed[2] ?? "" };
}

export function isLoopback(url: string): boolean {
  return LOOPBACK.has(new URL(url).hostname);
}
