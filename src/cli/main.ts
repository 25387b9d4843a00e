import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { MISSES } from "../api/problem.ts";
import { CLOUDS, type GraphPlace } from "../core/clouds.ts";
import { findAddresses } from "../core/find-addresses.ts";
import { tenantId } from "../core/ids.ts";
import { createGraphClient } from "../graph/graph-client.ts";
import { createSignedInTokens, NO_TOKEN } from "../identity/token-source.ts";
import { exitCodeOf, lineOf, textOf, type Progress } from "./report.ts";
import { EXIT, isLoopback, readArguments, USAGE, type TrackCommand } from "./usage.ts";
import { NO_TENANT, waitDirectly } from "./wait-directly.ts";
import { RefusedError, trackOnServer } from "./wait-on-server.ts";

/** `opwatch track …`: for CI jobs. */
async function main(): Promise<number> {
  const command = readArguments(process.argv.slice(2), process.env);
  if (command === null) {
    process.stdout.write(USAGE);
    return EXIT.succeeded;
  }
  if (typeof command === "string") {
    process.stderr.write(`${command}\nSee opwatch --help.\n`);
    return EXIT.refused;
  }
  const operation = command.operation === "-" ? await text(process.stdin) : command.operation;
  try {
    const progress = command.direct
      ? await direct(command, operation)
      : await trackOnServer(serverDeps(command), command, operation);
    if (!command.wait && !command.direct) return EXIT.succeeded;
    const code = exitCodeOf(progress);
    if (code === EXIT.unfinished && !progress.isFinal) {
      const goesOn = command.direct ? "" : " The server goes on watching.";
      process.stderr.write(`It has not ended within ${command.timeoutMs / 60_000} minutes.${goesOn}\n`);
    }
    return code;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.refused;
  }
}

async function direct(command: TrackCommand, operation: string): Promise<Progress> {
  const { cloud, graphEndpoint, tenant, intervalMs, timeoutMs } = command;
  const { graphOrigin, authorityHost } = CLOUDS[cloud];
  const place: GraphPlace = { origin: graphEndpoint ?? graphOrigin, cloud };
  const { addresses, nearMisses } = findAddresses(operation, place);
  const [address] = addresses;
  if (address === undefined || addresses.length > 1) {
    const [miss] = nearMisses;
    throw new RefusedError(
      addresses.length > 1
        ? `These are ${addresses.length} operations; one at a time can be waited for.`
        : MISSES[miss?.problem ?? "notAnOperation"],
    );
  }
  const scope = `${graphOrigin}/.default`;
  const tokens = graphEndpoint === null ? createSignedInTokens(scope, tenant, authorityHost) : NO_TOKEN;
  const graph = createGraphClient({ origin: place.origin, tokens, fetch, now: Date.now });
  let isFirst = true;
  const tenantOfToken = tenant === null ? NO_TENANT : tenantId(tenant);
  return waitDirectly(
    {
      check: async (asked, deadline) => {
        const [answer] = await graph.check(tenantOfToken, asked.version, [asked], deadline);
        // Later ones are waited out, as any other silence.
        if (isFirst && answer?.kind === "noToken") throw new RefusedError(noToken(answer.message));
        isFirst = false;
        return answer ?? { kind: "noAnswer", message: "No answer was given." };
      },
      now: Date.now,
      sleep: (ms) => sleep(ms),
      tell: teller(command),
    },
    address,
    { intervalMs, timeoutMs },
  );
}

function serverDeps(command: TrackCommand): Parameters<typeof trackOnServer>[0] {
  const { server, scope, tenant, cloud } = command;
  const isLocal = server !== null && isLoopback(server) && scope === null;
  if (!isLocal && scope === null) {
    throw new RefusedError("Which scope? --scope api://<bot's application id>/.default, or OPWATCH_SCOPE.");
  }
  const tokens = scope === null ? NO_TOKEN : createSignedInTokens(scope, tenant, CLOUDS[cloud].authorityHost);
  return {
    fetch,
    token: async () => {
      try {
        return await tokens.token(NO_TENANT);
      } catch (error) {
        throw new RefusedError(noToken(error instanceof Error ? error.message : String(error)), {
          cause: error,
        });
      }
    },
    now: Date.now,
    sleep: (ms) => sleep(ms),
    tell: teller(command),
    note: (address) => void process.stderr.write(`Watching: ${address}\n`),
  };
}

/** The library names everything that it has tried; the first line and what to do are enough. */
function noToken(message: string): string {
  const [first = ""] = message.split("\n", 1);
  return `Nobody is signed in here who could be asked for a token. Run "az login", or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET. (${first})`;
}

function teller({ json }: TrackCommand): (progress: Progress) => void {
  let last: string | null = null;
  return (progress) => {
    const line = lineOf(progress, last, new Date());
    last = textOf(progress);
    if (line !== null) process.stdout.write(json ? `${JSON.stringify(progress)}\n` : `${line}\n`);
  };
}

// Those for whoever runs a server end with exit codes of their own.
const [, , name = ""] = process.argv;
if (name === "doctor") await import("../doctor/main.ts");
else if (["backup", "restore", "export", "forget"].includes(name)) await import("../admin/main.ts");
else process.exitCode = await main();
