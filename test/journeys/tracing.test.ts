import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { operationId } from "../../src/core/ids.ts";
import { startTracing } from "../../src/tracing.ts";
import { aClient } from "../api/a-client.ts";
import { GROUP, PERSONAL } from "../support/an-activity.ts";
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

test("a pipeline's request is the first step of its operation's trace", async () => {
  await using collector = await aCollector();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  {
    await using bench = await anApp();
    await bench.say(GROUP, "alias here");
    const { location: operation } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    const asked = { operation, to: { alias: "here" } };
    expect(await aClient(bench.app.url).request("POST", "/api/watches", asked)).toMatchObject({
      status: 202,
    });
  }
  const sent = collector.bodies.join("\n");
  expect([...sent.matchAll(/"name":"track"/gu)]).toHaveLength(1);
  expect(new Set([...sent.matchAll(/"traceId":"([0-9a-f]{32})"/gu)].map(([, id]) => id)).size).toBe(1);
});

describe("Application Insights", () => {
  const KEY = "11111111-1111-1111-1111-111111111111";
  const CONNECTION = `InstrumentationKey=${KEY};IngestionEndpoint=https://insights.test/`;

  test("is sent the steps of an operation, and nothing else is sent anywhere", async () => {
    const requests: { readonly url: string; readonly body: string }[] = [];
    const client: NonNullable<Parameters<typeof startTracing>[1]> = {
      sendRequest: (request) => {
        requests.push({ url: request.url, body: typeof request.body === "string" ? request.body : "" });
        const bodyAsText = '{"itemsReceived":3,"itemsAccepted":3,"errors":[]}';
        return Promise.resolve({ request, status: 200, headers: request.headers, bodyAsText });
      },
    };
    const operation = operationId("0f8fad5b-d9cb-469f-a165-70867728950e");
    {
      await using tracing = await startTracing({ APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION }, client);
      const step = { measured: "step", operation, startAt: 1_000, endAt: 1_250, attributes: {} } as const;
      tracing.record({ ...step, name: "track" });
      tracing.record({ ...step, name: "check" });
    }
    const [request] = requests;
    expect(requests).toHaveLength(1);
    expect(request?.url).toMatch(/^https:\/\/insights\.test\/.*track$/u);
    expect(request?.body).toContain(`"iKey":"${KEY}"`);
    expect(request?.body).toContain('"name":"track"');
    expect(request?.body).toContain('"name":"check"');
    expect(request?.body).toContain('"ai.operation.id":"0f8fad5bd9cb469fa16570867728950e"');
    expect(request?.body).toContain('"duration":"00:00:00.250"');
  });

  test("with a connection string that is none is refused at the start", async () => {
    const tracing = startTracing({ APPLICATIONINSIGHTS_CONNECTION_STRING: "nonsense" });
    await expect(tracing).rejects.toThrow("APPLICATIONINSIGHTS_CONNECTION_STRING is no connection string");
  });
});

test("without an endpoint nothing is recorded, and nothing has to be closed", async () => {
  await using tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: " " });
  expect(() => {
    tracing.record({ measured: "database", ms: 1 });
  }).not.toThrow();
});
