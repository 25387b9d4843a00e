import { expect, test } from "vitest";
import { aSandbox, headerOf, within } from "./a-sandbox.ts";

const guid = /^[\da-f-]{36}$/u;

test.each([
  "/v1.0/teams('t')/operations('o')",
  "/v1.0/teams/t/operations/unknown",
  "/v1.0/teams/t",
  "/v1.0/teams/t/members",
  "/v2.0/teams",
  "/_sandbox/counts",
  "/_sandbox/unknown",
])("%s is answered with a request id, and with the client's own if it sent one", async (path) => {
  await using bench = await aSandbox();
  bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "t", id: "o" });
  const answer = await bench.get(path, { "client-request-id": "mine" });
  expect(headerOf(answer, "request-id")).toMatch(guid);
  expect(headerOf(answer, "client-request-id")).toBe("mine");
  expect((await bench.get(path)).headers.get("client-request-id")).toBeNull();
});

test("each item of a batch has an id of its own, also in its error", async () => {
  await using bench = await aSandbox();
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
  const answer = await bench.batch(
    "v1.0",
    { id: "1", method: "GET", url: location },
    { id: "2", method: "GET", url: "/teams/t/operations/o", headers: { "Client-Request-Id": "mine" } },
  );
  const [second, first] = [0, 1].map((at) => within(answer.body, "responses", at));
  expect(within(first, "headers", "request-id")).toMatch(guid);
  expect(within(first, "headers")).not.toHaveProperty("client-request-id");
  expect(within(second, "headers")).toMatchObject({ "client-request-id": "mine" });
  const ids = [first, second].map((item) => within(item, "headers", "request-id"));
  expect(within(second, "body", "error", "innerError")).toMatchObject({
    "request-id": ids[1],
    "client-request-id": "mine",
  });
  expect(new Set([...ids, headerOf(answer, "request-id")]).size).toBe(3);
});

test("a step of a life may answer with another request id", async () => {
  await using bench = await aSandbox();
  const { path } = bench.sandbox.addOperation({
    kind: "team",
    life: [{ afterMs: 0, headers: { "request-id": "chosen" } }],
  });
  expect(headerOf(await bench.get(path), "request-id")).toBe("chosen");
});
