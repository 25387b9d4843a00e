import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseWatchId, type EpochMs, type WatchId } from "../../src/core/ids.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { Callback, CallbackState } from "../../src/flows/ports.ts";
import {
  createCallbackSender,
  EVENT_LEASE_MS,
  waitAfter,
  type CallbackSender,
  type SendEvent,
} from "../../src/flows/send-callbacks.ts";
import { watchResource } from "../../src/api/watch-resource.ts";
import {
  aConversation,
  aSnapshot,
  changed,
  ended,
  HOUR,
  MINUTE,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";

const CHAT = aConversation("chat");
const URL_OF_HOOK = "https://hooks.contoso.com/opwatch";

let shared: SharedDatabase;
let rows: StoreBench;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());

type Sent = { readonly url: string; readonly id: string; readonly at: EpochMs; readonly status: string };

let at: EpochMs;
let sent: Sent[];
let events: LogEvent[];
let answer: (event: Sent) => number | null | Promise<number | null>;
let sender: CallbackSender;

function aSender(): CallbackSender {
  const send: SendEvent = async (url, event) => {
    const seen = { url, id: event.id, at: event.at, status: watchResource(event.watch).status };
    sent.push(seen);
    const status = await answer(seen);
    return { status, reason: String(status) };
  };
  return createCallbackSender({ store: rows.store, send, now: () => at, log: (event) => events.push(event) });
}

beforeEach(async () => {
  rows = storeBench(await shared.emptied());
  await rows.run("delete from pgboss.job where name = 'callbacks'");
  at = T0;
  sent = [];
  events = [];
  answer = () => 204;
  sender = aSender();
});

async function track(on: Callback["on"]): Promise<WatchId> {
  const extras = { title: null, link: null, caller: "CI", request: null, callback: { url: URL_OF_HOOK, on } };
  return (await rows.track(CHAT, at, { extras })).watch.id;
}

async function alarms(): Promise<readonly { id: WatchId; at: EpochMs }[]> {
  const { rows: found } = await rows.database.db.execute<{ id: string; at: number }>(
    sql`select data ->> 'id' as id, (extract(epoch from start_after) * 1000)::float8 as at
      from pgboss.job where state = 'created' and name = 'callbacks' order by start_after`,
  );
  return found.flatMap((row) => {
    const id = parseWatchId(row.id);
    return id === null ? [] : [{ id, at: Math.round(row.at) }];
  });
}

/** Every alarm that is due rings. */
async function ring(by = sender): Promise<void> {
  const due = (await alarms()).filter((alarm) => alarm.at <= at);
  await rows.run("delete from pgboss.job where name = 'callbacks' and start_after <= now()");
  await rows.database.db.execute(
    sql`delete from pgboss.job where name = 'callbacks' and start_after <= ${new Date(at).toISOString()}::timestamptz`,
  );
  await by.run(due.map(({ id }) => id));
  await by.drained();
}

/** Graph answers, and is asked an interval later. */
async function tell(id: WatchId, kind: "running" | "ended", attempts = 1): Promise<void> {
  const { operationId } = await rows.watch(id);
  at += MINUTE;
  const claimed = await rows.mustClaim(operationId, at);
  const snapshot = aSnapshot("running", { attempts });
  await rows.save(kind === "ended" ? ended(claimed, at) : changed(claimed, at, { snapshot }), at);
}

async function stateOf(id: WatchId): Promise<{ state: CallbackState | null; isPending: boolean }> {
  const found = await rows.store.apiWatch(TENANT, id);
  return { state: found?.callbackState ?? null, isPending: found?.isCallbackPending ?? false };
}

test("`end` is told of the end alone, once", async () => {
  const id = await track("end");
  await tell(id, "running");
  await ring();
  expect(sent).toEqual([]);
  await tell(id, "ended");
  await ring();
  expect(sent).toEqual([{ url: URL_OF_HOOK, id: `${id}/1`, at, status: "succeeded" }]);
  at += HOUR;
  await ring();
  await sender.run([id]);
  await sender.drained();
  expect(sent).toHaveLength(1);
  expect(await stateOf(id)).toEqual({
    state: { event: 1, attempts: 1, status: 204, lastTriedAt: at - HOUR, isGivenUp: false },
    isPending: false,
  });
  expect(events).toEqual([{ event: "callback.sent", watch: id, status: 204 }]);
});

test("`change` is told of each change and of the end, each by an id of its own", async () => {
  const id = await track("change");
  for (const [kind, attempts] of [
    ["running", 1],
    ["running", 2],
    ["ended", 2],
  ] as const) {
    await tell(id, kind, attempts);
    await ring();
  }
  expect(sent.map((event) => event.id)).toEqual([`${id}/1`, `${id}/2`, `${id}/3`]);
  expect(sent.map(({ status }) => status)).toEqual(["running", "running", "succeeded"]);
});

test("what nobody asked to be told of is not told", async () => {
  const extras = { title: null, link: null, caller: "CI", request: null, callback: null };
  const { watch } = await rows.track(CHAT, at, { extras });
  await tell(watch.id, "ended");
  expect(await alarms()).toEqual([]);
});

test("what has ended before it was asked for is told at once", async () => {
  const first = await rows.track(CHAT, at);
  await tell(first.watch.id, "ended");
  const id = await track("end");
  await ring();
  expect(sent.map((event) => event.id)).toEqual([`${id}/1`]);
});

test("a stop, an expiry and a removal are ends as well", async () => {
  const id = await track("end");
  await rows.store.stopWatches(CHAT.id, [id], at);
  at += 6 * SECOND;
  await rows.store.sweep(at);
  await ring();
  expect(sent.map(({ status }) => status)).toEqual(["stopped"]);
  const expiring = await rows.track(CHAT, at, {
    expiresAt: at + HOUR,
    extras: {
      title: null,
      link: null,
      caller: "CI",
      request: null,
      callback: { url: URL_OF_HOOK, on: "end" },
    },
  });
  at += HOUR;
  await rows.store.sweep(at);
  at += 6 * SECOND;
  await rows.store.sweep(at);
  await ring();
  expect(sent.at(-1)).toMatchObject({ id: `${expiring.watch.id}/1`, status: "expired" });
  await track("end");
  await rows.store.forgetConversation(CHAT, at);
  at += 6 * SECOND;
  await rows.store.sweep(at);
  await ring();
  expect(sent).toHaveLength(3);
});

test("what is not taken is sent again with the same id, ever later, until it is", async () => {
  const id = await track("end");
  await tell(id, "ended");
  let tries = 0;
  answer = () => ((tries += 1) < 5 ? 500 : 200);
  const waits: number[] = [];
  let last = at;
  for (let n = 0; n < 5; n += 1) {
    await ring();
    waits.push(at - last);
    last = at;
    at = (await alarms())[0]?.at ?? at;
  }
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000]);
  expect(new Set(sent.map((event) => event.id))).toEqual(new Set([`${id}/1`]));
  expect(sent).toHaveLength(5);
  expect((await stateOf(id)).isPending).toBe(false);
  expect(events.map(({ event }) => event)).toEqual([
    ...Array.from({ length: 4 }, () => "callback.delayed"),
    "callback.sent",
  ]);
});

test("before its time it is not sent again, whoever asks", async () => {
  const id = await track("end");
  await tell(id, "ended");
  answer = () => 500;
  await ring();
  await sender.run([id]);
  await sender.drained();
  expect(sent).toHaveLength(1);
  expect(await stateOf(id)).toEqual({
    state: { event: 1, attempts: 1, status: 500, lastTriedAt: at, isGivenUp: false },
    isPending: true,
  });
});

test("the waits double up to an hour", () => {
  const waits = Array.from({ length: 34 }, (_, n) => waitAfter(n + 1));
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(waits.at(-1)).toBe(HOUR);
  expect(waitAfter(1_000)).toBe(HOUR);
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeGreaterThan(20 * HOUR);
  expect(total).toBeLessThan(28 * HOUR);
});

test("after a day it is given up, and said so", async () => {
  const id = await track("end");
  await tell(id, "ended");
  answer = () => null;
  for (let n = 0; n < 40; n += 1) {
    await ring();
    at = (await alarms())[0]?.at ?? at;
  }
  expect(sent).toHaveLength(34);
  expect(await stateOf(id)).toMatchObject({
    state: { event: 1, attempts: 34, status: null, isGivenUp: true },
    isPending: false,
  });
  expect(events.at(-1)).toEqual({ event: "callback.givenUp", watch: id, attempts: 34 });
  at += 24 * HOUR;
  await rows.store.sweep(at);
  await ring();
  expect(sent).toHaveLength(34);
});

test("a new event after one that was given up gets a day of its own", async () => {
  const id = await track("change");
  await tell(id, "running");
  answer = () => null;
  for (let n = 0; n < 40; n += 1) {
    await ring();
    at = (await alarms())[0]?.at ?? at;
  }
  await tell(id, "ended");
  await ring();
  expect(await stateOf(id)).toMatchObject({
    state: { event: 2, attempts: 1, isGivenUp: false },
    isPending: true,
  });
  answer = () => 200;
  at = (await alarms())[0]?.at ?? at;
  await ring();
  expect(sent.at(-1)).toMatchObject({ id: `${id}/2`, status: "succeeded" });
});

test("what changes while it is sent is an event of its own", async () => {
  const id = await track("change");
  await tell(id, "running");
  answer = async () => {
    answer = () => 200;
    await tell(id, "ended");
    return 200;
  };
  await ring();
  expect((await stateOf(id)).isPending).toBe(true);
  await ring();
  expect(sent.map((event) => [event.id, event.status])).toEqual([
    [`${id}/1`, "running"],
    [`${id}/2`, "succeeded"],
  ]);
  expect((await stateOf(id)).isPending).toBe(false);
});

test("a change during the wait is told at once, and one event stands for both", async () => {
  const id = await track("change");
  await tell(id, "running");
  answer = () => 503;
  await ring();
  answer = () => 200;
  await tell(id, "running", 2);
  await ring();
  expect(sent.map((event) => event.id)).toEqual([`${id}/1`, `${id}/2`]);
  at += HOUR;
  await ring();
  expect(sent).toHaveLength(2);
});

test("two processes do not send the same event", async () => {
  const id = await track("end");
  await tell(id, "ended");
  const other = aSender();
  await Promise.all([sender.run([id]), other.run([id])]);
  await Promise.all([sender.drained(), other.drained()]);
  expect(sent).toHaveLength(1);
});

test("a process that dies with an event leaves it to the next one", async () => {
  const id = await track("end");
  await tell(id, "ended");
  await rows.run("delete from pgboss.job where name = 'callbacks'");
  // Claimed, and never heard of again.
  expect(await rows.store.claimCallbacks([id], at, EVENT_LEASE_MS)).toHaveLength(1);
  at += EVENT_LEASE_MS;
  await rows.store.sweep(at);
  expect(await alarms()).toEqual([]);
  // With the five seconds to the next sweep these are 20 at most.
  at += 3 * SECOND;
  expect(EVENT_LEASE_MS + 8 * SECOND).toBeLessThanOrEqual(20 * SECOND);
  expect(await rows.store.sweep(at)).toMatchObject({ rearmedCallbacks: 1 });
  await ring();
  expect(sent.map((event) => event.id)).toEqual([`${id}/1`]);
});

test("a failure of the database is logged and costs nothing", async () => {
  const id = await track("end");
  await tell(id, "ended");
  const failing = createCallbackSender({
    store: { ...rows.store, saveCallback: () => Promise.reject(new Error("no database")) },
    send: () => Promise.resolve({ status: 200, reason: "200" }),
    now: () => at,
    log: (event) => events.push(event),
  });
  await ring(failing);
  expect(events).toEqual([{ event: "callback.failed", watch: id, error: "Error: no database" }]);
  at += MINUTE;
  await rows.store.sweep(at);
  await ring();
  expect(sent).toHaveLength(1);
});
