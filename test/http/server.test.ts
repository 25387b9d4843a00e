import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { NotReadyError, startHttpServer, type HttpDeps } from "../../src/http/server.ts";

const NOBODY: HttpDeps = {
  receive: () => Promise.reject(new Error("nobody")),
  api: () => Promise.reject(new Error("nobody")),
  ready: () => Promise.resolve(null),
  metrics: { contentType: "text/plain", text: () => Promise.resolve("") },
  refused: () => undefined,
  isLocal: true,
};

test("at the end a request in hand is answered, and its connection, kept alive, takes no other one", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<null>();
  const ready = (): Promise<null> => {
    asked.resolve();
    return answer.promise;
  };
  const server = await startHttpServer({ host: "127.0.0.1", port: 0 }, { ...NOBODY, ready });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const responded = Promise.withResolvers<IncomingMessage>();
    get({ port: server.port, path: "/readyz", agent }, responded.resolve);
    await asked.promise;
    const closed = server[Symbol.asyncDispose]();
    answer.resolve(null);
    const response = await responded.promise;
    response.resume();
    await once(response, "end");
    // Well before connections are cut, which is after five seconds.
    await expect(Promise.race([closed.then(() => "closed"), after(2_000)])).resolves.toBe("closed");
    expect(response.statusCode).toBe(200);
  } finally {
    agent.destroy();
  }
});

test("at the end a connection that never sent anything holds up nobody", async () => {
  const server = await startHttpServer({ host: "127.0.0.1", port: 0 }, NOBODY);
  const silent = connect(server.port, "127.0.0.1");
  await once(silent, "connect");
  const closed = server[Symbol.asyncDispose]();
  await expect(Promise.race([closed.then(() => "closed"), after(2_000)])).resolves.toBe("closed");
  silent.destroy();
});

test("why it is not ready is told where it is known", async () => {
  const faults = [new Error("of nobody's business"), new NotReadyError("The disk is full.")];
  const ready = (): Promise<null> => Promise.reject(faults.shift() ?? new Error("No more."));
  const server = await startHttpServer({ host: "127.0.0.1", port: 0 }, { ...NOBODY, ready });
  const ask = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${server.port}/readyz`)).json();
  expect(await ask()).toEqual({ status: "not ready", reason: "The database does not answer." });
  expect(await ask()).toEqual({ status: "not ready", reason: "The disk is full." });
  await server[Symbol.asyncDispose]();
});

function after(ms: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("still open"), ms).unref();
  });
}
