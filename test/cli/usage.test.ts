import { describe, expect, test } from "vitest";
import { exitCodeOf, lineOf, textOf, type Progress } from "../../src/cli/report.ts";
import { EXIT, isLoopback, readArguments, USAGE } from "../../src/cli/usage.ts";

const SERVER = ["--server", "https://opwatch.contoso.com"];

describe("arguments", () => {
  test.each([[[]], [["help"]], [["--help"]], [["-h"]], [["track", "x", "--help"]]])(
    "%j asks for the usage",
    (args) => {
      expect(readArguments(args, {})).toBeNull();
    },
  );

  test.each<[args: readonly string[], expected: object]>([
    [["track", "x", "--direct"], { operation: "x", direct: true, to: null, server: null, cloud: "global" }],
    [["track", "x", "--direct"], { timeoutMs: 7_200_000, intervalMs: 31_000, json: false, wait: false }],
    [["track", "-", "--direct", "--json"], { operation: "-", json: true }],
    [["track", "x", "--to", "ops", ...SERVER], { to: { alias: "ops" }, server: SERVER[1], wait: false }],
    [["track", "--to", "ops", "--wait", ...SERVER, "x"], { operation: "x", wait: true }],
    [["track", "x", "--to", "alias:ops", ...SERVER], { to: { alias: "ops" } }],
    [["track", "x", "--to", "user:a@b.c", ...SERVER], { to: { user: "a@b.c" } }],
    [
      ["track", "x", "--to", "conversation:19:x@thread.v2", ...SERVER],
      { to: { conversation: "19:x@thread.v2" } },
    ],
    [
      ["track", "x", "--to", "link:https://teams.microsoft.com/l/x", ...SERVER],
      { to: { link: "https://teams.microsoft.com/l/x" } },
    ],
    [["track", "x", "--to", "a:b", ...SERVER], { to: { alias: "a:b" } }],
    [["track", "x", "--direct", "--timeout", "0.5"], { timeoutMs: 30_000 }],
    [["track", "x", "--direct", "--cloud", "china", "--tenant", "t"], { cloud: "china", tenant: "t" }],
    [
      ["track", "x", "--direct", "--graph-endpoint", "http://127.0.0.1:1", "--interval-seconds", "0.1"],
      { intervalMs: 100, graphEndpoint: "http://127.0.0.1:1" },
    ],
    [
      [
        "track",
        "x",
        "--to",
        "o",
        ...SERVER,
        "--title",
        "T",
        "--link",
        "L",
        "--notify",
        "N",
        "--requester",
        "R",
        "--idempotency-key",
        "K",
        "--scope",
        "S",
      ],
      { title: "T", link: "L", notify: "N", requester: "R", idempotencyKey: "K", scope: "S" },
    ],
  ])("%j", (args, expected) => {
    expect(readArguments(args, {})).toMatchObject(expected);
  });

  test("the server and the scope may be in the environment; what is written goes first", () => {
    const env = { OPWATCH_URL: "https://env.contoso.com", OPWATCH_SCOPE: "api://env/.default" };
    expect(readArguments(["track", "x", "--to", "o"], env)).toMatchObject({
      server: env.OPWATCH_URL,
      scope: env.OPWATCH_SCOPE,
    });
    expect(readArguments(["track", "x", "--to", "o", ...SERVER, "--scope", "s"], env)).toMatchObject({
      server: SERVER[1],
      scope: "s",
    });
  });

  test.each<[args: readonly string[], problem: RegExp]>([
    [["watch", "x"], /no command "watch"/u],
    [["track"], /one location/u],
    [["track", "x", "y", "--direct"], /in quotes/u],
    [["track", "x"], /--to and --direct/u],
    [["track", "x", "--to", "o", "--direct"], /--to and --direct/u],
    [["track", "x", "--to", "o"], /Which server/u],
    [["track", "x", "--to", "o", "--server", "opwatch"], /Which server/u],
    [["track", "x", "--to", "o", "--server", "ftp://opwatch.contoso.com"], /server/u],
    [["track", "x", "--direct", "--cloud", "mars"], /--cloud is one of global/u],
    [["track", "x", "--direct", "--timeout", "0"], /minutes/u],
    [["track", "x", "--direct", "--timeout", "-1"], /timeout/u],
    [["track", "x", "--direct", "--timeout", "soon"], /minutes/u],
    [["track", "x", "--direct", "--timeout", "10081"], /minutes/u],
    [["track", "x", "--direct", "--graph-endpoint", "https://evil.example"], /loopback/u],
    [["track", "x", "--direct", "--graph-endpoint", "x"], /loopback/u],
    [["track", "x", "--direct", "--interval-seconds", "5"], /from 31/u],
    [["track", "x", "--direct", "--interval-seconds", "x"], /from 31/u],
    [
      ["track", "x", "--direct", "--graph-endpoint", "http://[::1]:1", "--interval-seconds", "0"],
      /from 0\.05/u,
    ],
    [["track", "x", "--direct", "--what"], /--what/u],
    [["track", "x", "--direct", "--tenant"], /--tenant/u],
  ])("%j is told what is wrong", (args, problem) => {
    const told = readArguments(args, {});
    expect(told).toMatch(problem);
    expect(told).not.toContain("\n");
  });

  test("the usage names every option that people need, and every exit code", () => {
    for (const option of [
      "--to",
      "--server",
      "--scope",
      "--direct",
      "--wait",
      "--timeout",
      "--json",
      "--cloud",
    ]) {
      expect(USAGE).toContain(option);
    }
    for (const code of Object.values(EXIT))
      expect(USAGE).toMatch(new RegExp(`Exit code with --wait or --direct:.*\\b${code}\\b`, "u"));
  });

  test("loopback", () => {
    expect(["http://127.0.0.1:1", "http://localhost", "http://[::1]:1"].every(isLoopback)).toBe(true);
    expect(["http://127.0.0.1.evil.example", "https://opwatch.contoso.com"].some(isLoopback)).toBe(false);
  });
});

const RUNNING: Progress = {
  status: "running",
  graphStatus: "inProgress",
  isFinal: false,
  attemptsCount: 2,
  percentageComplete: 40,
  targetResourceId: "t",
  error: null,
  trouble: null,
};

describe("lines", () => {
  const now = new Date("2026-11-21T12:00:00.123Z");

  test("a line tells the time and all that is known, once", () => {
    const line = lineOf(RUNNING, null, now);
    expect(line).toBe("2026-11-21T12:00:00Z  running  (Graph: inProgress)  attempt 2  40 %");
    expect(lineOf(RUNNING, textOf(RUNNING), now)).toBeNull();
    expect(lineOf({ ...RUNNING, attemptsCount: 3 }, textOf(RUNNING), now)).not.toBeNull();
  });

  test("the end tells its target, or its error", () => {
    const ended = { ...RUNNING, attemptsCount: null, percentageComplete: null, isFinal: true };
    expect(textOf({ ...ended, status: "succeeded", graphStatus: "succeeded" })).toBe("succeeded  target t");
    const error = { code: "TeamUnavailable", message: "The team was not found." };
    expect(textOf({ ...ended, status: "failed", graphStatus: "failed", error })).toBe(
      "failed  TeamUnavailable: The team was not found.",
    );
    expect(
      textOf({ ...ended, status: "failed", graphStatus: null, error: { code: null, message: null } }),
    ).not.toContain("null");
  });

  test.each([
    ["succeeded", true, 0],
    ["skipped", true, 0],
    ["failed", true, 1],
    ["unavailable", true, 2],
    ["notFound", true, 2],
    ["stopped", true, 2],
    ["expired", true, 2],
    ["forbidden", true, 3],
    ["running", false, 2],
    ["unknown", false, 2],
    ["notStarted", false, 2],
  ])("%s (final: %s) ends with %d", (status, isFinal, code) => {
    expect(exitCodeOf({ status, isFinal })).toBe(code);
  });
});
