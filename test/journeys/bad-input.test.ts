import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BOT, PERSONAL, aMessage } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";

let bench: AppBench;
beforeAll(async () => {
  bench = await anApp();
});
afterAll(() => bench[Symbol.asyncDispose]());

function raw(body: Buffer | string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${bench.app.url}/api/messages`, { method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

test.each([
  ["{}"],
  ['{"type":5}'],
  ["[]"],
  ["null"],
  ['"text"'],
  ['{"type":"message"}'],
  [JSON.stringify({ ...aMessage("http://127.0.0.1:1", PERSONAL, "help"), conversation: "x" })],
  [JSON.stringify({ ...aMessage("http://127.0.0.1:1", PERSONAL, "help"), entities: ["x"] })],
  [JSON.stringify({ ...aMessage("http://127.0.0.1:1", PERSONAL, "help"), text: 5 })],
])("the body %s gets 400", async (body) => {
  expect((await bench.post(body)).status).toBe(400);
});

test.each(["{", "", "\u0000", "{'a':1}"])(
  "what is no JSON (%j) gets 400 and repeats nothing of it",
  async (body) => {
    const answer = await bench.post(body);
    expect(answer.status).toBe(400);
  },
);

test.each([
  "https://evil.example/",
  "http://10.0.0.1/",
  "https://smba.trafficmanager.net/teams/",
  "file:///etc/passwd",
  "nonsense",
])("in local mode the service URL %s is refused", async (serviceUrl) => {
  expect((await bench.post(aMessage(serviceUrl, PERSONAL, "help"))).status).toBe(403);
});

test("compressed bodies are refused, malformed ones too, and the bot lives on", async () => {
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  expect(await raw(gzipSync("x".repeat(10_000_000)), headers)).toBe(415);
  expect(await raw("not gzip at all", headers)).toBe(415);
  expect((await fetch(`${bench.app.url}/healthz`)).status).toBe(200);
});

test("a web page's simple request is refused: only JSON is taken", async () => {
  expect(
    await raw(JSON.stringify(aMessage(bench.teams.serviceUrl, PERSONAL, "help")), {
      "content-type": "text/plain",
    }),
  ).toBe(415);
});

test("a body over the limit gets 413", async () => {
  expect((await bench.post(JSON.stringify({ text: "x".repeat(300_000) }))).status).toBe(413);
});

test("an activity without a tenant is taken and answered with nothing", async () => {
  const activity = {
    ...aMessage(bench.teams.serviceUrl, PERSONAL, "help"),
    conversation: { id: "a:no-tenant" },
    channelData: {},
  };
  const before = bench.teams.writes.length;
  expect((await bench.post(activity)).status).toBe(200);
  expect(bench.teams.writes).toHaveLength(before);
});

/** What fetch would not send: the bytes as they are. */
function rawRequest(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(bench.app.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.once("close", () => resolve(answer));
    socket.once("error", reject);
    socket.write(text);
  });
}

test.each([
  ["a host that is none", "GET /healthz HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n", "400"],
  ["an empty host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "400"],
  ["a slash for a host", "GET /healthz HTTP/1.1\r\nHost: /\r\nConnection: close\r\n\r\n", "400"],
  ["an address that is none", "GET http://[/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400"],
  [
    "a name that leads here",
    "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "403",
  ],
])("a request with %s is refused, and the bot lives on", async (_what, text, status) => {
  expect(await rawRequest(text)).toContain(`HTTP/1.1 ${status}`);
  expect((await fetch(`${bench.app.url}/healthz`)).status).toBe(200);
});

test("a connection that asks for an upgrade is closed", async () => {
  const upgrade = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  expect(await rawRequest(upgrade)).toBe("");
});

test("a thousand mentions do not hold up the bot", async () => {
  const entities = Array.from({ length: 1_100 }, (_, i) => ({
    type: "mention",
    text: i % 2 === 0 ? " " : "a",
    mentioned: BOT,
  }));
  const start = performance.now();
  await bench.post({ ...aMessage(bench.teams.serviceUrl, PERSONAL, "a".repeat(30_000)), entities });
  expect(performance.now() - start).toBeLessThan(3_000);
});

test("health, readiness and unknown addresses", async () => {
  expect((await fetch(`${bench.app.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${bench.app.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${bench.app.url}/nothing`)).status).toBe(404);
  expect((await fetch(`${bench.app.url}/api/messages`)).status).toBe(405);
});
