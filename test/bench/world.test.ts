import { expect, test } from "vitest";
import { bodyOf } from "./world/graph-body.ts";
import { KIND, Log, PHASE } from "./world/log.ts";
import { chatIn, chatName, locationOf, operationId, operationIn } from "./world/names.ts";
import { planOf } from "./world/plan.ts";
import { GRAPH_IN_TENANT, TEAMS_IN_CONVERSATION, Windows } from "./world/windows.ts";

test("names hold the number", () => {
  expect(operationIn(`GET /v1.0${locationOf(48_879)}`)).toBe(48_879);
  expect(operationIn("/teams('x')")).toBe(-1);
  expect(chatIn(`/v3/conversations/${encodeURIComponent(chatName(7, 123))}/activities`)).toEqual({
    tenant: 7,
    chat: 123,
  });
});

test("a body is what Graph would send", () => {
  const at = new Date("2026-11-21T12:00:00.123Z");
  const body: unknown = JSON.parse(bodyOf(3, PHASE.failed, at));
  expect(body).toMatchObject({
    id: operationId(3),
    status: "failed",
    lastActionDateTime: "2026-11-21T12:00:00.1230000Z",
    error: { code: "TeamUnavailable" },
  });
  expect(JSON.parse(bodyOf(3, PHASE.waiting, null))).toMatchObject({ status: "notStarted", error: null });
});

test("the same seed plans the same changes", () => {
  const wish = { operations: 100, changes: 20, ends: 30, from: 1_000, to: 2_000, seed: 4 };
  const plan = planOf(wish);
  expect(planOf(wish)).toEqual(plan);
  expect(planOf({ ...wish, seed: 5 })).not.toEqual(plan);
  const ends = plan.endsAt.filter((at) => at < Infinity);
  expect(ends).toHaveLength(30);
  expect(plan.runsAt.filter((at) => at < Infinity)).toHaveLength(20);
  expect(ends.every((at) => at >= 1_000 && at <= 2_000)).toBe(true);
  expect(plan.end.filter((phase) => phase >= PHASE.succeeded)).toHaveLength(30);
});

test("each of the windows holds", () => {
  const chat = new Windows(TEAMS_IN_CONVERSATION);
  for (let i = 0; i < 7; i += 1) {
    expect(chat.waitMs(i)).toBe(0);
    chat.count(i);
  }
  // The eighth of a second waits for the first to leave it, and the ninth of two for theirs.
  expect(chat.waitMs(500)).toBe(500);
  expect(chat.waitMs(1_000)).toBe(0);
  chat.count(1_000);
  expect(chat.waitMs(1_500)).toBe(500);
});

test("the long run is limited, too", () => {
  const tenant = new Windows(GRAPH_IN_TENANT);
  let passed = 0;
  for (let at = 0; at < 60_000; at += 34) {
    if (tenant.waitMs(at) > 0) continue;
    tenant.count(at);
    passed += 1;
  }
  expect(passed).toBe(1_494);
});

test("the log keeps what it is given, however much", () => {
  const log = new Log();
  const count = 70_000;
  for (let i = 0; i < count; i += 1) log.add({ kind: KIND.check, at: i, operation: i, phase: i % 4 });
  log.answered(69_999, 70_001);
  const columns = log.columns();
  expect(columns.length).toBe(count);
  expect(columns.at).toHaveLength(count);
  expect([columns.operation[69_999], columns.phase[69_999], columns.answeredAt[69_999]]).toEqual([
    69_999, 3, 70_001,
  ]);
  expect(columns.answeredAt[5]).toBeNaN();
});
