import { ConfigError, readConfig } from "../config.ts";
import { useProxies } from "../proxies.ts";
import { printed, type Finding } from "./findings.ts";
import { lookAround } from "./look.ts";

/** `npm run doctor`: says what of the set-up is well, what is not, and what to do. Ends with 1 where something is wrong. */
async function main(): Promise<number> {
  const proxies = useProxies(process.env);
  if (proxies.length > 0)
    tell({ what: "Proxy", standing: "ok", text: `Requests to Microsoft go by ${proxies.join(", ")}.` });
  let isWell = true;
  for await (const finding of lookAround(readConfig(process.env), process.env)) {
    isWell &&= finding.standing !== "wrong";
    tell(finding);
  }
  return isWell ? 0 : 1;
}

function tell(finding: Finding): void {
  process.stdout.write(`${printed([finding])}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  const findings = error.problems.map((text): Finding => ({
    what: "Configuration",
    standing: "wrong",
    text,
  }));
  process.stdout.write(`${printed(findings)}\n`);
  process.exitCode = 1;
}
