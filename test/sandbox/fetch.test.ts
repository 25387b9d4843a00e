import { describe, expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aSandbox, startMs } from "./a-sandbox.ts";

const json = { "Content-Type": "application/json" };

describe("the sandbox within the process", () => {
  test("answers as over HTTP", async () => {
    await using bench = await aSandbox({ minimumIntervalMs: 0 });
    const { sandbox } = bench;
    const { path } = sandbox.addOperation({ kind: "team", life: "slow" });
    const own = await sandbox.fetch(sandbox.url + path);
    const http = await bench.get(path);
    expect(own.status).toBe(http.status);
    expect(await own.json()).toEqual(http.body);
    for (const name of ["content-type", "content-length"]) {
      expect(own.headers.get(name)).toBe(http.headers.get(name));
    }
    expect(sandbox.counts()).toMatchObject({ requests: 2, checks: 2 });
  });

  test("takes all that fetch takes, whatever the host", async () => {
    await using sandbox = await startSandbox();
    const body = JSON.stringify({ displayName: "Team" });
    const url = "https://graph.microsoft.com/v1.0/teams";
    const answers = [
      await sandbox.fetch(url, { method: "post", headers: json, body }),
      await sandbox.fetch(new URL(url), {
        method: "POST",
        headers: new Headers(json),
        body: Buffer.from(body),
      }),
      await sandbox.fetch(new Request(url, { method: "POST", headers: json, body })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(await answers[0]?.text()).toBe("");
    expect((await sandbox.fetch(url, { method: "POST", body: "{" })).status).toBe(400);
    const control = await sandbox.fetch(`${sandbox.url}/_sandbox/counts`);
    expect(await control.json()).toMatchObject({ requests: 4, started: 3 });
  });

  test("answers a batch, shows requests and survives a fault", async () => {
    const seen: string[] = [];
    await using sandbox = await startSandbox({
      onRequest: ({ method, url }) => seen.push(`${method} ${url}`),
    });
    const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
    const { path } = sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, httpStatus: 42 }] });
    const requests = [{ id: "1", method: "GET", url: location }];
    const body = JSON.stringify({ requests });
    const batch = await sandbox.fetch(`${sandbox.url}/v1.0/$batch`, { method: "POST", headers: json, body });
    expect(await batch.json()).toMatchObject({ responses: [{ id: "1", status: 200 }] });
    expect((await sandbox.fetch(sandbox.url + path)).status).toBe(500);
    expect(seen).toEqual(["POST /v1.0/$batch", `GET ${path}`]);
  });

  test("gives up waiting when it is told to", async () => {
    const asleep = Promise.withResolvers<void>();
    await using sandbox = await startSandbox({
      sleep: async () => {
        asleep.resolve();
        return new Promise(() => {});
      },
    });
    const { path } = sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, delayMs: 1 }] });
    const abort = new AbortController();
    const waiting = sandbox.fetch(sandbox.url + path, { signal: abort.signal });
    await asleep.promise;
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(sandbox.fetch(sandbox.url, { signal: abort.signal })).rejects.toThrow("enough");
    expect(sandbox.counts().requests).toBe(1);
  });

  test("carries 2,000 operations through 100,000 checks with moved time in some seconds", async () => {
    let nowMs = startMs;
    const clock = { now: () => nowMs, minimumIntervalMs: 0, recordChecks: false };
    await using sandbox = await startSandbox({ ...clock, realLimits: true });
    const locations = sandbox.addMany(2_000, { kind: "team", life: "slow" });
    const beganMs = performance.now();
    for (let from = 0; from < 100_000; from += 20) {
      const requests = locations
        .slice(from % 2_000, (from % 2_000) + 20)
        .map((url, at) => ({ id: String(at), method: "GET", url }));
      const body = JSON.stringify({ requests });
      const answer = await sandbox.fetch(`${sandbox.url}/v1.0/$batch`, {
        method: "POST",
        headers: json,
        body,
      });
      await answer.json();
      // Two batches in one second would be more than 30 requests.
      nowMs += 1_000;
    }
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    expect(sandbox.counts()).toMatchObject({ batches: 5_000, checks: 100_000, throttled: 0 });
  });
});
