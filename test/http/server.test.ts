import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { startHttpServer, type HttpDeps } from "../../src/http/server.ts";

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

function after(ms: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("still open"), ms).unref();
  });
}
