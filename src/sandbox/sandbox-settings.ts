import { parseArgs } from "node:util";

export interface SandboxSettings {
  readonly port: number;
  readonly speed: number;
  readonly minimumIntervalMs: number;
  readonly realLimits: boolean;
}

export const sandboxUsage = "npm run sandbox -- --port 3979 --speed 1 --minimum-interval-seconds 30";

/** Arguments go before the environment; a string is one sentence that says what is wrong. */
export function readSandboxSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SandboxSettings | string {
  const given = argumentsOf(args);
  if (typeof given === "string") return given;
  const port = given.port ?? env["SANDBOX_PORT"] ?? "3979";
  const speed = given.speed ?? env["SANDBOX_SPEED"] ?? "1";
  const seconds = given["minimum-interval-seconds"] ?? env["SANDBOX_MINIMUM_INTERVAL_SECONDS"] ?? "30";
  if (!/^\d{1,5}$/u.test(port) || Number(port) > 65_535) {
    return `The port must be a whole number from 0 to 65535, not "${port}".`;
  }
  if (!isDecimal(speed) || Number(speed) === 0) {
    return `The speed must be a number above 0, not "${speed}".`;
  }
  if (!isDecimal(seconds)) {
    return `The minimum interval must be a number of seconds, 0 or more, not "${seconds}".`;
  }
  const limits = env["SANDBOX_REAL_LIMITS"] ?? "0";
  if (limits !== "0" && limits !== "1") return `SANDBOX_REAL_LIMITS must be 0 or 1, not "${limits}".`;
  return {
    port: Number(port),
    speed: Number(speed),
    minimumIntervalMs: Number(seconds) * 1_000,
    realLimits: given["real-limits"] === true || limits === "1",
  };
}

interface Arguments {
  readonly port?: string;
  readonly speed?: string;
  readonly "minimum-interval-seconds"?: string;
  readonly "real-limits"?: boolean;
}

function argumentsOf(args: readonly string[]): Arguments | string {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        speed: { type: "string" },
        "minimum-interval-seconds": { type: "string" },
        "real-limits": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    // Node's text goes on with advice about "--" and "=" that would mislead here.
    const [sentence = ""] = String(error instanceof Error ? error.message : error).split(/\.\s|\n/u, 1);
    return sentence.endsWith(".") ? sentence : `${sentence}.`;
  }
}

// Number() would also take "", "0x10" and "1e99".
function isDecimal(text: string): boolean {
  return /^\d{1,9}(?:\.\d{1,9})?$/u.test(text);
}
