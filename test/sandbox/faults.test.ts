import { describe, expect, test } from "vitest";
import type { Life } from "../../src/sandbox/life.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { aSandbox, headerOf, type Answer } from "./a-sandbox.ts";

type LifeStep = Life[number];

async function answerOf(step: Omit<LifeStep, "afterMs">): Promise<Answer> {
  await using bench = await aSandbox();
  const { path } = bench.sandbox.addOperation({ kind: "team", id: "O", life: [{ afterMs: 0, ...step }] });
  const answer = await bench.get(path);
  return answer;
}

describe("a step of a life can answer with", () => {
  test("a body that is wrapped", async () => {
    const answer = await answerOf({ status: "succeeded", body: (body) => ({ value: body }) });
    expect(answer).toMatchObject({ status: 200, body: { value: { id: "O", status: "succeeded" } } });
  });

  test("nothing", async () => {
    const answer = await answerOf({ body: "" });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(headerOf(answer, "content-length")).toBe("0");
  });

  test("JSON that is cut short", async () => {
    const answer = await answerOf({ body: (body) => JSON.stringify(body).slice(0, 40) });
    expect(answer).toMatchObject({ status: 200, body: null });
    expect(answer.text).toHaveLength(40);
    expect(answer.text.startsWith('{"@odata.context":')).toBe(true);
  });

  test("HTML", async () => {
    const html = "<html><body>Service unavailable</body></html>";
    const answer = await answerOf({ body: html, headers: { "Content-Type": "text/html" } });
    expect(answer).toMatchObject({ status: 200, text: html });
    expect(headerOf(answer, "content-type")).toBe("text/html");
  });

  test("202 and a body that is final", async () => {
    expect(await answerOf({ httpStatus: 202, status: "succeeded" })).toMatchObject({
      status: 202,
      body: { id: "O", status: "succeeded", error: null },
    });
    expect(await answerOf({ httpStatus: 202, body: { status: "failed" } })).toMatchObject({
      status: 202,
      body: { status: "failed" },
    });
  });

  test("an error and the body of an operation", async () => {
    expect(await answerOf({ httpStatus: 503, status: "failed", body: (body) => body })).toMatchObject({
      status: 503,
      body: { id: "O", status: "failed" },
    });
  });
});

describe("an answer that comes late", () => {
  test("is kept back by its step's time and the latency together", async () => {
    const slept: number[] = [];
    await using bench = await aSandbox({
      latencyMs: 7,
      sleep: async (ms) => void slept.push(ms),
    });
    const life = [{ afterMs: 0, delayMs: 5_000 }, { afterMs: 40_000, httpStatus: 503, delayMs: 100 }, { afterMs: 80_000 }]; // prettier-ignore
    const { path } = bench.sandbox.addOperation({ kind: "team", life });
    expect((await bench.get(path)).status).toBe(200);
    bench.pass(40);
    expect((await bench.get(path)).status).toBe(503);
    bench.pass(40);
    expect((await bench.get(path)).status).toBe(200);
    expect(slept).toEqual([5_007, 107, 7]);
  });

  test("keeps back a whole batch, as long as its slowest item", async () => {
    const slept: number[] = [];
    await using bench = await aSandbox({ sleep: async (ms) => void slept.push(ms) });
    const items = [30, 2_000, 0].map((delayMs, at) => {
      const { location } = bench.sandbox.addOperation({
        kind: "team",
        life: [{ afterMs: 0, body: "", delayMs }],
      });
      return { id: String(at), method: "GET", url: location };
    });
    expect((await bench.batch("v1.0", ...items)).status).toBe(200);
    expect(slept).toEqual([2_000]);
  });

  test("waits in real time when nothing else is given", async () => {
    await using sandbox = await startSandbox();
    const { path } = sandbox.addOperation({ kind: "team", life: [{ afterMs: 0, delayMs: 20 }] });
    const beganMs = performance.now();
    await sandbox.fetch(sandbox.url + path);
    expect(performance.now() - beganMs).toBeGreaterThan(18);
  });
});
