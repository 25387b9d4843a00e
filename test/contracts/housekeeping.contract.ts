import { describe, expect, test } from "vitest";
import type { EpochMs } from "../../src/core/ids.ts";
import type { CloseReason } from "../../src/core/watch.ts";
import type { Depths } from "../../src/flows/depths.ts";
import type { Conversation, WatchExtras, WatchRecord } from "../../src/flows/ports.ts";
import { insertClosed } from "./many-closed.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  DELIVERY_LEASE,
  ended,
  HOUR,
  MINUTE,
  nothingNew,
  OTHER_TENANT,
  only,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "./store-bench.ts";

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const FOREIGN = aConversation("foreign", OTHER_TENANT);
const CALLBACK = { url: "https://hooks.contoso.com/", on: "end" } as const;
const UNUSED: WatchExtras = { title: null, link: null, caller: "CI", callback: null, request: null };
/** What is over before then is retired. */
const BEFORE = T0 + HOUR;
const WEEK = 7 * 24 * HOUR;

/** What is deleted when, and how much there is. */
export function housekeepingContract({ name, open }: StoreHome): void {
  const aStore = async (): Promise<StoreBench> => {
    const bench = storeBench(await open());
    await bench.run("truncate opwatch.requests, opwatch.turns");
    await bench.run("delete from pgboss.job where name = 'callbacks'");
    return bench;
  };

  describe(`watches that are retired on ${name}`, () => {
    const cases: readonly (readonly [what: string, fate: Fate, make: Make])[] = [
      ["closed a millisecond before", "goes", (bench) => closed(bench, CHAT, BEFORE - 1)],
      ["closed at that very moment", "stays", (bench) => closed(bench, CHAT, BEFORE)],
      ["closed later", "stays", (bench) => closed(bench, CHAT, BEFORE + MINUTE)],
      ["open, however old", "stays", (bench) => tracked(bench, CHAT, T0, { expiresAt: T0 })],
      ["closed, with a card that is still to be written", "stays", (bench) => withCardDue(bench)],
      [
        "closed, with a card that can't be written any more",
        "goes",
        async (bench) => {
          const watch = await withCardDue(bench);
          await bench.run(`update opwatch.conversations set gone_at = seen_at where id = '${CHAT.id}'`);
          return watch;
        },
      ],
      ["closed, with an event that is still to be sent", "stays", (bench) => withEvent(bench, "due")],
      ["closed, with an event that was sent", "goes", (bench) => withEvent(bench, "sent")],
      ["closed, with an event that was given up", "goes", (bench) => withEvent(bench, "givenUp")],
      [
        "closed where the bot is gone",
        "goes",
        async (bench) => {
          const watch = await closed(bench, CHAT, T0);
          await bench.store.forgetConversation(CHAT, BEFORE + HOUR);
          return watch;
        },
      ],
      ...(["ended", "stopped", "expired", "removed", "cardLost"] as const).map(
        (reason) =>
          [reason, "goes", (bench: StoreBench) => closed(bench, CHAT, BEFORE - 1, { reason })] as const,
      ),
    ];

    test.for(cases)("one that is %s %s", async ([, fate, make]) => {
      await using bench = await aStore();
      const { id, operationId } = await make(bench);
      expect(await bench.store.retire(BEFORE)).toBe(fate === "goes" ? 1 : 0);
      expect((await bench.store.watch(id)) === null).toBe(fate === "goes");
      expect(await operationIds(bench)).toEqual(fate === "goes" ? [] : [operationId]);
      expect(await bench.store.retire(BEFORE)).toBe(0);
    });

    test("those that are open go on as if nothing had been retired beside them", async () => {
      await using bench = await aStore();
      await closed(bench, CHAT, T0);
      const { watch } = await bench.track(CHAT, T0 + SECOND);
      expect(await bench.store.retire(BEFORE)).toBe(1);
      expect(await bench.store.openWatches(CHAT.id)).toMatchObject([{ id: watch.id }]);
      const claimed = await bench.mustClaim(watch.operationId, BEFORE);
      await bench.save(ended(claimed, BEFORE), BEFORE);
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ closed: { reason: "ended" } }]);
    });

    test("what was retired can be tracked anew, and is asked for from the start", async () => {
      await using bench = await aStore();
      const old = await closed(bench, CHAT, T0);
      await bench.store.retire(BEFORE);
      const { watch, isNew } = await bench.track(CHAT, BEFORE);
      expect(isNew).toBe(true);
      expect(watch.operationId).not.toBe(old.operationId);
      expect(await bench.claim(watch.operationId, BEFORE)).toHaveLength(1);
    });

    test("alarms that ring for what is gone find nothing, and do no harm", async () => {
      await using bench = await aStore();
      const { id, operationId } = await closed(bench, CHAT, T0);
      await bench.store.retire(BEFORE);
      expect(await bench.claim(operationId, BEFORE)).toEqual([]);
      expect(await bench.store.claimCallbacks([id], BEFORE, MINUTE)).toEqual([]);
      expect(await bench.store.refresh(id, BEFORE)).toBeNull();
      const held = only(await bench.store.claimConversations([CHAT.id], BEFORE, DELIVERY_LEASE));
      await bench.dropAlarms();
      await bench.store.releaseConversation(held, { misses: 0, retryAt: null }, BEFORE);
      expect(await bench.alarms()).toEqual([]);
    });

    test("many go five thousand at a time, the oldest first, and their operations with them", async () => {
      await using bench = await aStore();
      await insertClosed(bench.database, 12_000, { closedUntil: T0, perOperation: 3, conversations: 7 });
      await bench.track(CHAT, T0);
      await using batches = await countingDeletes(bench);
      // A millisecond after each other: all but the last ten.
      expect(await bench.store.retire(T0 - 9)).toBe(11_990);
      expect(await batches.sizes()).toEqual([5_000, 5_000, 1_990]);
      const left = await bench.counts();
      // The last ten are of four operations, and one is open.
      expect({ watches: left.watches, operations: left.operations }).toEqual({ watches: 11, operations: 5 });
    });
  });

  describe(`operations whose watches are retired on ${name}`, () => {
    const cases: readonly (readonly [what: string, fate: Fate, make: Make])[] = [
      ["watched by nobody else", "goes", (bench) => closed(bench, CHAT, T0)],
      [
        "watched elsewhere until the same time",
        "goes",
        async (bench) => {
          await closed(bench, OTHER, T0);
          return closed(bench, CHAT, T0);
        },
      ],
      [
        "still watched elsewhere",
        "stays",
        async (bench) => {
          await bench.track(OTHER, T0);
          return closed(bench, CHAT, T0);
        },
      ],
      [
        "watched elsewhere until later",
        "stays",
        async (bench) => {
          await closed(bench, OTHER, BEFORE);
          return closed(bench, CHAT, T0);
        },
      ],
      [
        "still looked at for its result",
        "stays",
        async (bench) => {
          const watch = await tracked(bench, CHAT, T0);
          const claimed = await bench.mustClaim(watch.operationId, T0);
          await bench.save({ ...ended(claimed, T0), dueAt: BEFORE + HOUR }, T0);
          return watch;
        },
      ],
    ];

    test.for(cases)("one that is %s %s", async ([, fate, make]) => {
      await using bench = await aStore();
      const { id, operationId } = await make(bench);
      await bench.store.retire(BEFORE);
      expect(await bench.store.watch(id)).toBeNull();
      expect(await operationIds(bench)).toEqual(fate === "goes" ? [] : [operationId]);
    });

    test("goes when the last of them does", async () => {
      await using bench = await aStore();
      await closed(bench, OTHER, BEFORE);
      const { operationId } = await closed(bench, CHAT, T0);
      await bench.store.retire(BEFORE);
      expect(await operationIds(bench)).toEqual([operationId]);
      await bench.store.retire(BEFORE + 1);
      expect(await operationIds(bench)).toEqual([]);
    });

    test.for([
      ["at rest since a millisecond before", "goes", BEFORE - 1, false],
      ["at rest since that very moment", "stays", BEFORE, false],
      ["asked for", "stays", T0, true],
    ] as const)("one that lost its watches, %s, %s", async ([, fate, dueAt, live]) => {
      await using bench = await aStore();
      const { operationId } = await closed(bench, CHAT, T0);
      await bench.run("delete from opwatch.watches");
      const due = new Date(dueAt).toISOString();
      await bench.run(`update opwatch.operations set live = ${live}, due_at = '${due}'`);
      expect(await bench.store.retire(BEFORE)).toBe(0);
      expect(await operationIds(bench)).toEqual(fate === "goes" ? [] : [operationId]);
    });

    test("goes later when it was still looked at then", async () => {
      await using bench = await aStore();
      const { operationId } = await tracked(bench, CHAT, T0);
      await bench.save({ ...ended(await bench.mustClaim(operationId, T0), T0), dueAt: BEFORE }, T0);
      await bench.store.retire(BEFORE);
      const look = await bench.mustClaim(operationId, BEFORE);
      await bench.save({ ...nothingNew(look, BEFORE), dueAt: null }, BEFORE);
      await bench.store.retire(BEFORE + HOUR);
      expect(await operationIds(bench)).toEqual([]);
    });
  });

  describe(`conversations that are retired on ${name}`, () => {
    type Case = readonly [what: string, fate: Fate, make: (bench: StoreBench) => Promise<unknown>];
    const leave = (bench: StoreBench, at: EpochMs) => bench.store.forgetConversation(CHAT, at);
    const cases: readonly Case[] = [
      ["where the bot is gone a millisecond before", "goes", (bench) => leave(bench, BEFORE - 1)],
      ["where the bot is gone at that very moment", "stays", (bench) => leave(bench, BEFORE)],
      ["where the bot is", "stays", async () => undefined],
      [
        "where the bot was gone and is again",
        "stays",
        async (bench) => {
          await leave(bench, T0);
          await bench.store.welcomeBack(CHAT);
        },
      ],
      [
        "whose last watch goes with it",
        "goes",
        async (bench) => {
          await bench.track(CHAT, T0);
          await leave(bench, BEFORE - 1);
        },
      ],
      [
        "with a watch that closed later",
        "stays",
        async (bench) => {
          await leave(bench, T0);
          await closed(bench, CHAT, BEFORE);
          await bench.run(`update opwatch.conversations set gone_at = seen_at where id = '${CHAT.id}'`);
        },
      ],
      [
        "with an event that is still to be sent",
        "stays",
        async (bench) => {
          await withEvent(bench, "due");
          await leave(bench, T0 + SECOND);
        },
      ],
    ];

    test.for(cases)("one %s %s", async ([, fate, make]) => {
      await using bench = await aStore();
      const { store } = bench;
      for (const each of [CHAT, OTHER, FOREIGN]) await store.rememberConversation(each, T0);
      await store.setAlias(CHAT, "provisioning", T0);
      await store.setAlias(CHAT, "second", T0);
      await store.setAlias(OTHER, "others", T0);
      await store.setAlias(FOREIGN, "provisioning", T0);
      await make(bench);
      await store.retire(BEFORE);
      expect((await store.conversation(CHAT.id)) === null).toBe(fate === "goes");
      expect(await store.aliasesOf(CHAT)).toEqual(fate === "goes" ? [] : ["provisioning", "second"]);
      expect((await store.conversationByAlias(TENANT, "provisioning")) === null).toBe(fate === "goes");
      expect(await store.aliasesOf(OTHER)).toEqual(["others"]);
      expect(await store.aliasesOf(FOREIGN)).toEqual(["provisioning"]);
    });

    test("is greeted as a new one when the bot comes back", async () => {
      await using bench = await aStore();
      expect(await bench.store.greetOnce(CHAT, T0)).toBe(true);
      await bench.store.forgetConversation(CHAT, T0);
      await bench.store.retire(BEFORE);
      await bench.store.welcomeBack(CHAT);
      expect(await bench.store.greetOnce(CHAT, BEFORE)).toBe(true);
    });
  });

  test(`a watch goes after the request that made it, even after the shortest retention, on ${name}`, async () => {
    await using bench = await aStore();
    const request = { tenantId: TENANT, caller: "app", key: "key", body: "body" };
    await bench.store.beginRequest(request, T0);
    const { id } = await closed(bench, CHAT, T0, { extras: { ...UNUSED, request } });
    expect(await bench.store.beginRequest(request, T0 + WEEK)).toEqual({ kind: "done", watch: id });
    await bench.store.sweep(T0 + WEEK + 1);
    expect(await bench.store.retire(T0 + 1)).toBe(1);
    expect(await bench.store.beginRequest(request, T0 + WEEK + 1)).toEqual({ kind: "new" });
  });

  describe(`tracks while it is retired, on ${name}`, () => {
    test("each gives a watch that is there", async () => {
      await using bench = await aStore();
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      for (const n of numbers) await closed(bench, CHAT, T0, { addresses: [anAddress(n)] });
      const retired = bench.store.retire(BEFORE);
      const made = await Promise.all(
        numbers.map((n) => bench.track(OTHER, BEFORE, { addresses: [anAddress(n)] })),
      );
      expect(await retired).toBe(20);
      for (const { watch, isNew } of made) {
        expect(isNew).toBe(true);
        expect(await bench.store.watch(watch.id)).toMatchObject({ id: watch.id });
      }
    });
  });

  describe(`how much there is, on ${name}`, () => {
    const NOTHING: Depths = {
      openWatches: 0,
      liveOperations: 0,
      overdueOperations: 0,
      oldestDueMs: 0,
      lineMs: 0,
      waitingDeliveries: 0,
      waitingCallbacks: 0,
      jobs: ["checks", "deliveries", "callbacks"].map((queue) => ({ queue, count: 0 })),
    };

    test("nothing at first", async () => {
      await using bench = await aStore();
      expect(await bench.store.depths(T0)).toEqual(NOTHING);
    });

    test("watches and operations, as they come and go", async () => {
      await using bench = await aStore();
      const { store } = bench;
      const first = await bench.track(CHAT, T0);
      await bench.track(OTHER, T0);
      const lone = await bench.track(OTHER, T0, { addresses: [anAddress(2)] });
      await bench.dropAlarms();
      expect(await store.depths(T0)).toEqual({
        ...NOTHING,
        openWatches: 3,
        liveOperations: 2,
        waitingDeliveries: 3,
      });
      await store.stopWatches(OTHER.id, [lone.watch.id], T0);
      expect(await store.depths(T0)).toMatchObject({ openWatches: 2, liveOperations: 1 });
      await bench.save(ended(await bench.mustClaim(first.watch.operationId, T0), T0), T0);
      expect(await store.depths(T0)).toMatchObject({ openWatches: 0, liveOperations: 0 });
    });

    test.for([
      ["just due", 0, 0, 0],
      ["due for five seconds less a millisecond", 5 * SECOND - 1, 0, 0],
      ["due for five seconds", 5 * SECOND, 1, 5 * SECOND],
      ["due for an hour", HOUR, 1, HOUR],
    ] as const)("an operation that is %s", async ([, after, overdueOperations, oldestDueMs]) => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      expect(await bench.store.depths(T0 + after)).toMatchObject({ overdueOperations, oldestDueMs });
    });

    test("of several that are overdue the oldest counts", async () => {
      await using bench = await aStore();
      for (const n of [1, 2, 3]) await bench.track(CHAT, T0 + n * SECOND, { addresses: [anAddress(n)] });
      expect(await bench.store.depths(T0 + 7 * SECOND)).toMatchObject({
        overdueOperations: 2,
        oldestDueMs: 6 * SECOND,
      });
    });

    test("what was claimed, has ended or is watched by nobody is not overdue", async () => {
      await using bench = await aStore();
      const [claimed, over, stopped] = await Promise.all(
        [1, 2, 3].map((n) => bench.track(CHAT, T0, { addresses: [anAddress(n)] })),
      );
      if (claimed === undefined || over === undefined || stopped === undefined) throw new Error("Nothing.");
      await bench.mustClaim(claimed.watch.operationId, T0);
      await bench.save(ended(await bench.mustClaim(over.watch.operationId, T0), T0), T0);
      await bench.store.stopWatches(CHAT.id, [stopped.watch.id], T0);
      expect(await bench.store.depths(T0 + 30 * SECOND)).toMatchObject({
        overdueOperations: 0,
        oldestDueMs: 0,
      });
    });

    test("a paused tenant's are not overdue until five seconds after the pause; others' are", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      const until = T0 + MINUTE;
      await bench.store.saveChecks([], [{ tenantId: TENANT, until }], T0);
      const overdue = async (at: EpochMs): Promise<number> =>
        (await bench.store.depths(at)).overdueOperations;
      expect(await overdue(until - 1)).toBe(0);
      expect(await overdue(until + 5 * SECOND - 1)).toBe(0);
      expect(await overdue(until + 5 * SECOND)).toBe(1);
      await bench.track(FOREIGN, T0);
      expect(await overdue(until - 1)).toBe(1);
    });

    test("the time of a pause is no time for which something was overdue", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.store.saveChecks([], [{ tenantId: TENANT, until: T0 + MINUTE }], T0);
      const { oldestDueMs } = await bench.store.depths(T0 + MINUTE + 6 * SECOND);
      expect(oldestDueMs).toBe(6 * SECOND);
    });

    test("cards that are to be written: not those that are, nor where the bot is gone", async () => {
      await using bench = await aStore();
      const { store } = bench;
      const { watch } = await bench.track(CHAT, T0);
      await bench.track(OTHER, T0);
      await store.saveShown({ watch: watch.id, wanted: 1, activityId: "1", shown: "x" });
      expect(await store.depths(T0)).toMatchObject({ waitingDeliveries: 1 });
      // Left behind by a delivery that is under way: `forget` itself takes them back.
      await bench.run(`update opwatch.conversations set gone_at = seen_at where id = '${OTHER.id}'`);
      expect(await store.depths(T0)).toMatchObject({ waitingDeliveries: 0 });
    });

    test("events that are to be sent", async () => {
      await using bench = await aStore();
      await withEvent(bench, "due");
      await withEvent(bench, "sent", OTHER);
      expect(await bench.store.depths(T0 + MINUTE)).toMatchObject({ waitingCallbacks: 1 });
    });

    test("jobs by queue, those that wait for their time among them, and none of pg-boss's own", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.track(OTHER, T0 + HOUR, { addresses: [anAddress(2)] });
      await withEvent(bench, "due", FOREIGN);
      await bench.run("insert into pgboss.job (name) values ('__pgboss__own')").catch(() => undefined);
      expect((await bench.store.depths(T0)).jobs).toEqual([
        { queue: "checks", count: 3 },
        { queue: "deliveries", count: 3 },
        { queue: "callbacks", count: 1 },
      ]);
    });
  });
}

type Fate = "goes" | "stays";
type Make = (bench: StoreBench) => Promise<WatchRecord>;
type Fields = Parameters<StoreBench["track"]>[2];

async function tracked(
  bench: StoreBench,
  conversation: Conversation,
  at: EpochMs,
  fields: Fields = {},
): Promise<WatchRecord> {
  const { watch } = await bench.track(conversation, at, fields);
  // Its card is shown; what is still to be shown is no matter here.
  await bench.store.saveShown({ watch: watch.id, wanted: 99, activityId: "1", shown: "x" });
  return watch;
}

async function closed(
  bench: StoreBench,
  conversation: Conversation,
  at: EpochMs,
  { reason = "stopped", ...fields }: NonNullable<Fields> & { readonly reason?: CloseReason } = {},
): Promise<WatchRecord> {
  const watch = await tracked(bench, conversation, at, fields);
  if (reason === "ended") {
    await bench.save(ended(await bench.mustClaim(watch.operationId, at), at), at);
  } else {
    await bench.store.closeWatch(watch.id, reason, at);
  }
  // Its card has been written.
  await bench.run(`update opwatch.watches set delivered = wanted where id = '${watch.id}'`);
  return watch;
}

/** A watch that was closed long ago, with somebody to tell of it. */
async function withEvent(
  bench: StoreBench,
  how: "due" | "sent" | "givenUp",
  conversation = CHAT,
): Promise<WatchRecord> {
  const watch = await closed(bench, conversation, T0, { extras: { ...UNUSED, callback: CALLBACK } });
  if (how === "due") return watch;
  const isGivenUp = how === "givenUp";
  const state = { event: 1, attempts: 1, status: isGivenUp ? 500 : 200, lastTriedAt: T0, isGivenUp };
  await bench.store.saveCallback(watch.id, 1, state, null, T0);
  return watch;
}

/** A watch that was closed long ago, and Teams has not taken its card yet. */
async function withCardDue(bench: StoreBench): Promise<WatchRecord> {
  const { watch } = await bench.track(CHAT, T0);
  await bench.store.stopWatches(CHAT.id, [watch.id], T0);
  return watch;
}

async function operationIds(bench: StoreBench): Promise<readonly string[]> {
  const { rows } = await bench.database.db.execute<{ id: string }>("select id from opwatch.operations");
  return rows.map(({ id }) => id);
}

/** How many watches each statement has deleted. */
async function countingDeletes(
  bench: StoreBench,
): Promise<AsyncDisposable & { sizes(): Promise<readonly number[]> }> {
  await bench.run("create table opwatch.deletes (number serial, size int)");
  await bench.run(`create function opwatch.count_deletes() returns trigger language plpgsql as $$ begin
    insert into opwatch.deletes (size) select count(*) from gone; return null; end $$`);
  await bench.run(`create trigger count_deletes after delete on opwatch.watches
    referencing old table as gone for each statement execute function opwatch.count_deletes()`);
  return {
    async sizes() {
      const { rows } = await bench.database.db.execute<{ size: number }>(
        "select size from opwatch.deletes order by number",
      );
      return rows.map(({ size }) => size);
    },
    async [Symbol.asyncDispose]() {
      await bench.run("drop function opwatch.count_deletes() cascade");
      await bench.run("drop table opwatch.deletes");
    },
  };
}
