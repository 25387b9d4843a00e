import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { lifeNames } from "../../src/sandbox/life.ts";
import { aSandbox } from "./a-sandbox.ts";

const main = fileURLToPath(new URL("../../src/sandbox/main.ts", import.meta.url));

function runMain(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  return { child, exit: once(child, "exit"), stderr: text(child.stderr) };
}

describe("npm run sandbox", () => {
  test.each<NodeJS.Signals>(["SIGINT", "SIGTERM"])(
    "greets, serves, and ends cleanly on %s",
    async (signal) => {
      const { child, exit, stderr } = runMain("--port", "0", "--speed", "2");
      let greeting = "";
      for await (const chunk of child.stdout) {
        greeting += String(chunk);
        if (greeting.includes("/communities")) break;
      }
      const url = /^ {2}GRAPH_ENDPOINT=(http:\/\/127\.0\.0\.1:\d+)$/mu.exec(greeting)?.[1] ?? "";
      const tracks = [...greeting.matchAll(/^ {2}(\w+):\ntrack (\S+)$/gmu)];
      expect(tracks.map(([, life]) => life)).toEqual(lifeNames);
      const statuses = await Promise.all(
        tracks.map(async ([, , location]) => (await fetch(`${url}/v1.0${location ?? ""}`)).status),
      );
      expect(statuses).toEqual([200, 200, 200, 404, 200, 200, 200]);
      expect(greeting.match(/^ {2}curl -i http/gmu)).toHaveLength(3);
      child.kill(signal);
      expect(greeting).toContain("Graph's limits of requests are not kept (--real-limits keeps them).");
      expect(await exit).toEqual([0, null]);
      expect(await stderr).toBe("");
    },
  );

  test("names a busy port and exits with 1", async () => {
    await using bench = await aSandbox();
    const { port } = new URL(bench.sandbox.url);
    const { exit, stderr } = runMain("--port", port);
    expect(await exit).toEqual([1, null]);
    expect(await stderr).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program. Choose another one, for example: ` +
        `npm run sandbox -- --port ${Number(port) + 1} (0 takes any free port).\n`,
    );
  });

  test("says in one sentence which argument is wrong and exits with 2", async () => {
    const { exit, stderr } = runMain("--speed", "fast");
    expect(await exit).toEqual([2, null]);
    expect(await stderr).toBe(
      'The speed must be a number above 0, not "fast". ' +
        "Example: npm run sandbox -- --port 3979 --speed 1 --minimum-interval-seconds 30\n",
    );
  });
});
