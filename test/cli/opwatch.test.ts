import { describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import type { Life, LifeName } from "../../src/sandbox/life.ts";
import { GROUP } from "../support/an-activity.ts";
import { anApp } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";
import { opwatch, type Run } from "./run-opwatch.ts";

function aSandbox(): Promise<Sandbox> {
  return startSandbox({ speed: 40, minimumIntervalMs: 0 });
}

function direct(sandbox: Sandbox, operation: string, ...more: readonly string[]): Promise<Run> {
  const args = ["--direct", "--graph-endpoint", sandbox.url, "--interval-seconds", "0.1", ...more];
  return opwatch(["track", operation, ...args]);
}

function linesOf({ out }: Run): readonly string[] {
  return out.trimEnd().split("\n");
}

describe("--direct", () => {
  test.each<[life: LifeName | Life, code: number, last: RegExp]>([
    ["quick", 0, /Z {2}succeeded {2}.*target [\w-]+/u],
    ["failing", 1, /Z {2}failed {2}.*TeamUnavailable: The team was not found\./u],
  ])("%s ends with %d", async (life, code, last) => {
    await using sandbox = await aSandbox();
    const { location } = sandbox.addOperation({ kind: "team", life });
    const run = await direct(sandbox, location);
    expect(run).toMatchObject({ code, err: "" });
    expect(linesOf(run).at(-1)).toMatch(last);
    expect(new Set(linesOf(run).map((line) => line.slice(20))).size).toBe(linesOf(run).length);
  });

  test("what does not end in time ends with 2", async () => {
    await using sandbox = await aSandbox();
    const { location } = sandbox.addOperation({ kind: "team", life: "endless" });
    const run = await direct(sandbox, location, "--timeout", "0.02");
    expect(run).toMatchObject({ code: 2, err: "It has not ended within 0.02 minutes.\n" });
    expect(linesOf(run).at(-1)).toContain("running");
  });

  test("403 ends with 3", async () => {
    await using sandbox = await aSandbox();
    const { location } = sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, httpStatus: 403 }] });
    const run = await direct(sandbox, location, "--timeout", "1");
    expect(run.out).toContain("403");
    expect(run.code).toBe(3);
  });

  test("--json: a JSON object a line, for each change", async () => {
    await using sandbox = await aSandbox();
    const { location } = sandbox.addOperation({ kind: "team", life: "slow", startsAtFirstCheck: true });
    const run = await direct(sandbox, location, "--json");
    const objects = linesOf(run).map((line): unknown => JSON.parse(line));
    expect(objects.length).toBeGreaterThan(1);
    expect(objects.at(-1)).toMatchObject({ status: "succeeded", isFinal: true, attemptsCount: 4 });
    expect(run.code).toBe(0);
  });

  test("the location may come by standard input, within a whole response", async () => {
    await using sandbox = await aSandbox();
    const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
    const args = ["track", "-", "--direct", "--graph-endpoint", sandbox.url, "--interval-seconds", "0.1"];
    const input = `HTTP/1.1 202 Accepted\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    expect(await opwatch(args, { input })).toMatchObject({ code: 0 });
  });

  test.each([
    ["no location", "hello", /no operation's location/u],
    ["several", "/teams('a')/operations('b') /teams('c')/operations('d')", /2 operations/u],
    ["nothing", " ", /no operation's location/u],
  ])("%s ends with 3 and asks nothing", async (_what, operation, why) => {
    await using sandbox = await aSandbox();
    const run = await direct(sandbox, operation);
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toMatch(why);
    expect(sandbox.counts().requests).toBe(0);
  });
});

test("usage: asked for it is no mistake, else 3", async () => {
  const asked = await opwatch(["--help"]);
  expect(asked).toMatchObject({ code: 0, err: "" });
  expect(asked.out).toContain("Usage: opwatch track");
  const wrong = await opwatch(["track"]);
  expect(wrong).toMatchObject({ code: 3, out: "" });
  expect(wrong.err).toContain("See opwatch --help.");
});

test("without a scope no server but this machine's is asked", async () => {
  const run = await opwatch(["track", "x", "--to", "ops", "--server", "https://opwatch.invalid"]);
  expect(run.code).toBe(3);
  expect(run.err).toContain("--scope");
});

describe("with a bot in local mode", () => {
  test("--wait follows the operation to its end, and the card is there", async () => {
    await using bench = await anApp();
    await bench.say(GROUP, "alias provisioning");
    for (const [life, code] of [
      ["quick", 0],
      ["failing", 1],
    ] as const) {
      const { location } = bench.sandbox.addOperation({ kind: "team", life });
      const run = await opwatch(
        ["track", location, "--to", "provisioning", "--wait", "--title", `Team for ${life}`],
        { env: { OPWATCH_URL: bench.app.url } },
      );
      expect(run.code).toBe(code);
      expect(run.err).toMatch(/^Watching: \S+\/api\/watches\/\S+\n$/u);
      expect(linesOf(run).at(-1)).toContain(code === 0 ? "succeeded" : "failed");
      const card = await bench.teams.when(
        "card",
        (write) => isCard(write) && JSON.stringify(write.activity).includes(`Team for ${life}`),
      );
      expect(card.conversation).toBe(GROUP.id);
    }
  });

  test("without --wait it ends at once, and the bot goes on", async () => {
    await using bench = await anApp();
    await bench.say(GROUP, "alias provisioning");
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    const server = ["--server", bench.app.url];
    expect(await opwatch(["track", location, "--to", "provisioning", ...server])).toMatchObject({ code: 0 });
    await bench.teams.when("end", (write) => isCard(write) && textOf(write).includes("succeeded"));
    const late = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    const args = ["track", late.location, "--to", "provisioning", "--wait", "--timeout", "0.05", "--json"];
    const run = await opwatch([...args, ...server]);
    expect(run.code).toBe(2);
    expect(linesOf(run).every((line) => line.startsWith("{"))).toBe(true);
  });

  test("a refusal ends with 3, in the server's words", async () => {
    await using bench = await anApp();
    const run = await opwatch(["track", "/teams('a')/operations('b')", "--to", "nobody"], {
      env: { OPWATCH_URL: bench.app.url },
    });
    expect(run).toMatchObject({ code: 3, out: "" });
    expect(run.err).toMatch(/422.*alias/u);
  });
});
