import { describe, expect, test } from "vitest";
import { readSandboxSettings } from "../../src/sandbox/sandbox-settings.ts";

describe("the settings of the sandbox", () => {
  test("have defaults, take the environment, and arguments before it", () => {
    const realLimits = false;
    expect(readSandboxSettings([], {})).toEqual({
      port: 3979,
      speed: 1,
      minimumIntervalMs: 30_000,
      realLimits,
    });
    const env = { SANDBOX_PORT: "0", SANDBOX_SPEED: "2.5", SANDBOX_MINIMUM_INTERVAL_SECONDS: "0.5" };
    expect(readSandboxSettings([], env)).toEqual({ port: 0, speed: 2.5, minimumIntervalMs: 500, realLimits });
    expect(
      readSandboxSettings(["--port", "65535", "--speed=10", "--minimum-interval-seconds", "0"], env),
    ).toEqual({ port: 65_535, speed: 10, minimumIntervalMs: 0, realLimits });
  });

  test("keep Graph's limits when told to", () => {
    expect(readSandboxSettings(["--real-limits"], {})).toMatchObject({ realLimits: true });
    expect(readSandboxSettings([], { SANDBOX_REAL_LIMITS: "1" })).toMatchObject({ realLimits: true });
    expect(readSandboxSettings([], { SANDBOX_REAL_LIMITS: "0" })).toMatchObject({ realLimits: false });
    expect(readSandboxSettings([], { SANDBOX_REAL_LIMITS: "yes" })).toBe(
      'SANDBOX_REAL_LIMITS must be 0 or 1, not "yes".',
    );
  });

  test.each<[readonly string[], string]>([
    [["--port", "65536"], 'The port must be a whole number from 0 to 65535, not "65536".'],
    [["--port", "3979a"], "The port must be"],
    [["--port="], "The port must be"],
    [["--speed", "0"], 'The speed must be a number above 0, not "0".'],
    [["--speed", "fast"], "The speed must be"],
    [["--minimum-interval-seconds=-1"], "The minimum interval must be a number of seconds"],
    [["--minimum-interval-seconds", "1e99"], "The minimum interval must be"],
    [["--prot", "1"], "Unknown option '--prot'."],
    [["--port", "--speed", "3"], "Option '--port' argument is ambiguous."],
    [["3979"], "Unexpected argument '3979'."],
    [["--port"], "Option '--port <value>' argument missing."],
  ])("refuse %j", (args, message) => {
    expect(readSandboxSettings(args, {})).toContain(message);
  });
});
