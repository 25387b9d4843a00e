import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { now } from "./clock.ts";
import { startProxy, type Proxy } from "./proxy.ts";

/** A server that answers each chunk with itself, doubled. */
let proxy: Proxy;
let server: ReturnType<typeof createServer>;
let accepted: Socket[];

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => socket.write(Buffer.concat([chunk, chunk])));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  proxy = await startProxy({
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
  });
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  server.close();
});

async function aClient(): Promise<{ readonly socket: Socket; readonly received: () => string }> {
  const socket = connect(proxy.port, "127.0.0.1");
  let text = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, "connect");
  return { socket, received: () => text };
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.once("close", () => resolve());
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await passed(5);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

test("a line without trouble passes on everything in order, and knows when it was sent", async () => {
  const before = now();
  const { socket, received } = await aClient();
  for (const word of ["a", "b", "c"]) {
    socket.write(word);
    await until(() => received().endsWith(word + word));
  }
  expect(received()).toBe("aabbcc");
  const port = accepted[0]?.remotePort ?? 0;
  expect(proxy.knows(port)).toBe(true);
  expect(proxy.sentAt(port)).toBeGreaterThan(before);
  expect(await proxy.delivered(port, 6)).not.toBeNull();
});

test("a half-open line holds everything back until it is well again", async () => {
  const { socket, received } = await aClient();
  proxy.trouble({ kind: "halfOpen" });
  socket.write("a");
  await passed(100);
  expect(received()).toBe("");
  proxy.trouble(null);
  await until(() => received() === "aa");
});

test("a slow line delivers late", async () => {
  const { socket, received } = await aClient();
  proxy.trouble({ kind: "slow", latencyMs: 80 });
  const before = now();
  socket.write("a");
  await until(() => received() === "aa");
  expect(now() - before).toBeGreaterThanOrEqual(150);
});

test("a truncated answer ends in the middle, and counts as not delivered", async () => {
  const { socket, received } = await aClient();
  proxy.trouble({ kind: "truncate", afterBytes: 3 });
  const closed = ended(socket);
  socket.write("abcd");
  await closed;
  expect(received()).toBe("abc");
  expect(await proxy.delivered(accepted[0]?.remotePort ?? 0, 8)).toBeNull();
});

test("a reset cuts what is open and lets in what comes after; refusing lets in nothing", async () => {
  const first = await aClient();
  const closed = ended(first.socket);
  proxy.trouble({ kind: "reset" });
  await closed;
  const second = await aClient();
  second.socket.write("a");
  await until(() => second.received() === "aa");
  proxy.trouble({ kind: "refuse" });
  const third = connect(proxy.port, "127.0.0.1");
  await ended(third);
  expect(second.received()).toBe("aa");
});

test("what its sender gave up is dropped, and the server hears of the end", async () => {
  const { socket } = await aClient();
  await until(() => accepted.length === 1);
  proxy.trouble({ kind: "halfOpen" });
  socket.write("a");
  const closed = ended(accepted[0] ?? socket);
  socket.destroy();
  await closed;
  expect(accepted[0]?.bytesRead).toBe(0);
});

test("an abandoned line stays open at the server's end", async () => {
  const { socket } = await aClient();
  await until(() => accepted.length === 1);
  let isClosed = false;
  accepted[0]?.once("close", () => {
    isClosed = true;
  });
  proxy.abandon();
  socket.destroy();
  await passed(100);
  expect(isClosed).toBe(false);
});
