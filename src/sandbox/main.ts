import { lifeNames } from "./life.ts";
import { PortBusyError } from "./port-busy-error.ts";
import { readSandboxSettings, sandboxUsage, type SandboxSettings } from "./sandbox-settings.ts";
import { startSandbox, type Sandbox } from "./server.ts";

const settings = readSandboxSettings(process.argv.slice(2), process.env);
if (typeof settings === "string") {
  process.stderr.write(`${settings} Example: ${sandboxUsage}\n`);
  process.exitCode = 2;
} else {
  await run(settings);
}

async function run(chosen: SandboxSettings): Promise<void> {
  try {
    const sandbox = await startSandbox(chosen);
    const close = (): void => void sandbox.close();
    process.once("SIGINT", close).once("SIGTERM", close);
    process.stdout.write(greeting(sandbox, chosen));
  } catch (error) {
    if (!(error instanceof PortBusyError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function greeting(sandbox: Sandbox, { speed, minimumIntervalMs, realLimits }: SandboxSettings): string {
  const json = "-H 'Content-Type: application/json'";
  const tracks = lifeNames.map((life) => {
    const { location } = sandbox.addOperation({ kind: "team", life, startsAtFirstCheck: true });
    return `  ${life}:\ntrack ${location}`;
  });
  return `The sandbox answers as Microsoft Graph at ${sandbox.url} (loopback only, Ctrl+C ends it).
Speed ${speed}; more than ${minimumIntervalMs / 1_000} s must lie between two checks of one operation.
Graph's limits of requests ${realLimits ? "are kept" : "are not kept (--real-limits keeps them)"}.

Point the bot at it:
  GRAPH_ENDPOINT=${sandbox.url}

Operations that begin with their first check, one for each life, to paste into the chat:
${tracks.join("\n")}

Start others, and paste the Location of the answer (a life's name in the name or in x-sandbox-life):
  curl -i ${sandbox.url}/v1.0/teams ${json} -d '{"displayName":"Team slow"}'
  curl -i ${sandbox.url}/beta/chats ${json} -H 'x-sandbox-life: late' -d '{"chatType":"oneOnOne","installedApps":[{}]}'
  curl -i ${sandbox.url}/v1.0/employeeExperience/communities ${json} -d '{"displayName":"Community failing"}'
`;
}
