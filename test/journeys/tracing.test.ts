import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { startTracing } from "../../src/tracing.ts";
import { PERSONAL } from "../support/an-activity.ts";
import { anApp } from "../support/an-app.ts";
import { textOf } from "../support/fake-teams.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Takes what is sent to an OpenTelemetry endpoint. */
async function aCollector(): Promise<
  AsyncDisposable & { readonly url: string; readonly bodies: readonly string[] }
> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    bodies,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

test("a command, the check that brings the end and both writes of the card are steps of one trace", async () => {
  await using collector = await aCollector();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  {
    await using bench = await anApp();
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    await bench.say(PERSONAL, `track ${location}`);
    await bench.teams.when("end", (write) => textOf(write).includes("succeeded"));
  }
  const sent = collector.bodies.join("\n");
  const names = [...sent.matchAll(/"name":"(track|check|deliver)"/gu)].map(([, name]) => name);
  expect(names.filter((name) => name === "track")).toHaveLength(1);
  expect(names.filter((name) => name === "check").length).toBeGreaterThan(0);
  expect(names.filter((name) => name === "deliver").length).toBeGreaterThan(1);
  expect(new Set([...sent.matchAll(/"traceId":"([0-9a-f]{32})"/gu)].map(([, id]) => id)).size).toBe(1);
  // Ids of ours alone: no names, no texts, no addresses.
  expect(sent).not.toMatch(/Alex|teams\(|personal|29:/u);
});

test("without an endpoint nothing is recorded, and nothing has to be closed", async () => {
  await using tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: " " });
  expect(() => {
    tracing.record({ measured: "database", ms: 1 });
  }).not.toThrow();
});
