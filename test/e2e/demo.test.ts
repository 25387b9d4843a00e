import { expect, test } from "vitest";
import { launchBrowser, openWindow } from "./support/browser.ts";
import { headingOf } from "./support/card-reading.ts";
import { DemoProcess, freePorts, occupy } from "./support/demo-process.ts";
import { attachPlayground } from "./support/playground.ts";

test("npm run demo: paste the first line, kill the bot, start it again, Ctrl+C ends everything", async () => {
  const ports = await freePorts();
  await using demo = new DemoProcess(ports);
  const url = await demo.lines.first(
    "the address",
    (line) => /^Open in a browser: +(\S+)$/.exec(line)?.[1] ?? null,
  );
  expect(url).toBe(`http://127.0.0.1:${ports.playground}`);
  await demo.lines.first("the way out", (line) => (line.includes("Ctrl+C") ? line : null));
  const tracks = demo.lines.all.flatMap((line) => /^ +(track \/teams\S+)$/.exec(line)?.[1] ?? []);
  expect(tracks).toHaveLength(3);

  await using playground = await attachPlayground(ports.playground);
  const { personal } = playground.conversations;
  await using browser = await aBrowser();
  await using window = await openWindow(browser.browser, playground);
  await window.open(personal);
  await window.type(tracks[0] ?? "");
  await window.seeCard("Create team — in progress");

  const pid = await demo.lines.first("the kill line", (line) => /kill -9 (\d+)/.exec(line)?.[1] ?? null);
  process.kill(Number(pid), "SIGKILL");
  const killedAt = demo.lines.all.length;
  await demo.lines.first("the offer to start again", (line) => (line.includes("Press Enter") ? line : null));
  demo.pressEnter();
  await demo.lines.first("the new bot", (line) => (/^The bot runs as process \d+/.test(line) ? line : null), {
    after: killedAt,
  });
  const succeeded = await playground.waitForMessage(
    personal,
    (message) => headingOf(message) === "Create team — succeeded",
    { what: "the end of the first operation", timeoutMs: 90_000 },
  );
  await window.seeCard("Create team — succeeded");
  expect(succeeded.updates).toBeGreaterThanOrEqual(2);

  const pressedAt = performance.now();
  demo.pressCtrlC();
  await demo.gone;
  expect(performance.now() - pressedAt).toBeLessThan(15_000);
  expect(demo.isAlive).toBe(false);
  for (const port of Object.values(ports)) await expectFree(port);
});

test("npm run demo says which port is taken and how to choose another, and leaves nothing behind", async () => {
  const ports = await freePorts();
  await using _taken = await occupy(ports.sandbox);
  await using demo = new DemoProcess(ports);
  expect(await demo.gone).toContain("exit code 1");
  const output = demo.lines.all.join("\n");
  expect(output).toContain(`Port ${ports.sandbox}, for the sandbox, is in use by another program.`);
  expect(output).toMatch(/SANDBOX_PORT=\d+ npm run demo/);
  expect(output).not.toMatch(/^\s+at /m);
  expect(demo.isAlive).toBe(false);
  await expectFree(ports.bot);
  await expectFree(ports.playground);
});

async function expectFree(port: number): Promise<void> {
  await using taken = await occupy(port);
  expect(taken.port).toBe(port);
}

async function aBrowser(): Promise<
  AsyncDisposable & { readonly browser: Awaited<ReturnType<typeof launchBrowser>> }
> {
  const browser = await launchBrowser();
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}
