import { armChecks } from "../../src/store/jobs.ts";
import { describe, expect, test } from "vitest";
import { spend, UNUSED_BUDGET } from "../../src/core/budget.ts";
import type { ConversationId } from "../../src/core/ids.ts";
import type { Conversation } from "../../src/flows/ports.ts";
import type { Database } from "../../src/store/database.ts";
import {
  aConversation,
  addressOf,
  anAddress,
  aSnapshot,
  aTrack,
  changed,
  DELIVERY_LEASE,
  ended,
  HOUR,
  INTERVAL,
  LEASE,
  MINUTE,
  nothingNew,
  only,
  OTHER_TENANT,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "./store-bench.ts";

export type StoreHome = {
  readonly name: string;
  /** A migrated, empty database of the test's own. */
  readonly open: () => Promise<Database>;
};

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const TAKEN = { kind: "taken" } as const;

function aChannel(name: string, teamId: ConversationId): Conversation {
  return { ...aConversation(name), kind: "channel", teamId };
}

/** What every home of the store keeps to. Time is an argument everywhere: no test waits. */
export function storeContract({ name, open }: StoreHome): void {
  const aStore = async (): Promise<StoreBench> => storeBench(await open());

  describe(`tracking on ${name}`, () => {
    test("makes the operation, the watch, its check and its delivery in one go", async () => {
      await using bench = await aStore();
      const { watch, isNew } = await bench.track(CHAT, T0);
      expect(isNew).toBe(true);
      expect(watch).toMatchObject({
        conversationId: CHAT.id,
        threadId: CHAT.id,
        requester: { name: "Alex Wilber" },
        createdAt: T0,
        closed: null,
        activityId: null,
        address: anAddress(),
        state: { trackedAt: T0, snapshot: null, outcome: null, answeredAt: null },
      });
      expect(await bench.operation(watch.operationId)).toMatchObject({
        live: true,
        dueAt: T0,
        tenantId: TENANT,
      });
      const alarms = await bench.alarms();
      expect(alarms.map(({ queue, key }) => [queue, key])).toEqual([
        ["checks", watch.operationId],
        ["deliveries", CHAT.id],
      ]);
      expect(alarms.every(({ at }) => at <= T0)).toBe(true);
    });

    test("the same again is the watch that is there, with one alarm", async () => {
      await using bench = await aStore();
      const first = await bench.track(CHAT, T0);
      const again = await bench.track(CHAT, T0 + SECOND);
      expect(again).toMatchObject({ isNew: false, watch: { id: first.watch.id } });
      expect(await bench.counts()).toEqual({ operations: 1, watches: 1, conversations: 1, alarms: 2 });
    });

    test("a message that comes again after the operation's end makes no second card", async () => {
      await using bench = await aStore();
      const message = { askedBy: "message-1", addresses: [1, 2].map(anAddress) };
      const first = await bench.store.track(aTrack(CHAT, message), T0);
      const [one] = first;
      if (one === undefined) throw new Error("Nothing was tracked.");
      const at = T0 + SECOND;
      await bench.save(ended(await bench.mustClaim(one.watch.operationId, T0), at), at);
      await bench.dropAlarms();
      const again = await bench.store.track(aTrack(CHAT, message), T0 + MINUTE);
      expect(again.map(({ watch }) => watch.id)).toEqual(first.map(({ watch }) => watch.id));
      expect(again[0]?.watch.closed).toEqual({ reason: "ended", at });
      expect(await bench.alarms("deliveries")).toEqual([]);
      // Another message is another wish.
      const wish = { askedBy: "message-2" };
      const anew = await bench.track(CHAT, T0 + MINUTE, wish);
      expect(anew.watch.id).not.toBe(one.watch.id);
    });

    test("a message's id is its thread's and its tenant's own", async () => {
      await using bench = await aStore();
      const ids = new Set<string>();
      const threads = ["19:a@thread.v2;messageid=1", "19:a@thread.v2;messageid=2", "19:b@thread.v2"];
      const tenants = [TENANT, OTHER_TENANT];
      for (const [index, tenant] of tenants.entries()) {
        for (const [n, threadId] of threads.entries()) {
          const place = aConversation(`${index}-${n}`, tenant);
          ids.add((await bench.track(place, T0, { askedBy: "message-1", threadId })).watch.id);
        }
      }
      expect(ids.size).toBe(threads.length * tenants.length);
    });

    test("one message that is worked on twice at once makes one watch", async () => {
      await using bench = await aStore();
      const message = { askedBy: "message-1" };
      const both = await Promise.all([0, 1].map(() => bench.track(CHAT, T0, message)));
      expect(new Set(both.map(({ watch }) => watch.id)).size).toBe(1);
      expect(await bench.counts()).toMatchObject({ watches: 1 });
    });

    test("another conversation has its own watch and shares the operation", async () => {
      await using bench = await aStore();
      const first = await bench.track(CHAT, T0);
      const second = await bench.track(OTHER, T0 + SECOND);
      expect(second.isNew).toBe(true);
      expect(second.watch.id).not.toBe(first.watch.id);
      expect(second.watch.operationId).toBe(first.watch.operationId);
      expect(await bench.alarms("checks")).toHaveLength(1);
      expect(await bench.alarms("deliveries")).toHaveLength(2);
    });

    test("another spelling is the same operation; another tenant is another one", async () => {
      await using bench = await aStore();
      const team = "3f1c8a52-3b0e-4d67-9a41-5e2c6f0b9d13";
      const spellings = [
        `/v1.0/teams('${team}')/operations('op-1')`,
        `/beta/teams/${team.toUpperCase()}/operations/op-1`,
      ];
      const [one, two] = await Promise.all(
        spellings.map((text, i) => bench.track(aConversation(`c${i}`), T0, { addresses: [addressOf(text)] })),
      );
      expect(two?.watch.operationId).toBe(one?.watch.operationId);
      const foreign = await bench.track(aConversation("foreign", OTHER_TENANT), T0);
      expect(foreign.watch.operationId).not.toBe(one?.watch.operationId);
    });

    test("of several addresses gives a watch for each, in their order", async () => {
      await using bench = await aStore();
      const addresses = [3, 1, 2].map(anAddress);
      const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
      expect(tracked.map(({ watch }) => watch.address.operation)).toEqual(["op-3", "op-1", "op-2"]);
      expect(await bench.alarms("deliveries")).toHaveLength(1);
    });

    test("an operation that has ended gives a closed watch with the end, and no check", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(
        ended(await bench.mustClaim(watch.operationId, T0), T0 + SECOND, "failed"),
        T0 + SECOND,
      );
      await bench.dropAlarms();
      const late = await bench.track(OTHER, T0 + HOUR);
      expect(late).toMatchObject({
        isNew: true,
        watch: { closed: { reason: "ended", at: T0 + HOUR }, state: { outcome: "failed" } },
      });
      expect((await bench.alarms()).map(({ queue, key }) => [queue, key])).toEqual([
        ["deliveries", OTHER.id],
      ]);
      expect(await bench.claim(watch.operationId, T0 + 2 * HOUR)).toEqual([]);
    });

    test.for(["unavailable", "notFound", "forbidden"] as const)(
      "an operation that ended as %s is asked for afresh",
      async (outcome) => {
        await using bench = await aStore();
        const { watch } = await bench.track(CHAT, T0);
        await bench.save(
          ended(await bench.mustClaim(watch.operationId, T0), T0 + SECOND, outcome),
          T0 + SECOND,
        );
        await bench.dropAlarms();
        const again = await bench.track(CHAT, T0 + HOUR);
        expect(again).toMatchObject({
          isNew: true,
          watch: {
            operationId: watch.operationId,
            closed: null,
            state: { outcome: null, trackedAt: T0 + HOUR, answeredAt: null },
          },
        });
        expect(await bench.alarms("checks")).toHaveLength(1);
        expect(await bench.claim(watch.operationId, T0 + HOUR)).toHaveLength(1);
      },
    );

    test("asked for afresh elsewhere, an end that is not delivered yet is still delivered as it was", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, { notify: "always" });
      await bench.save(
        ended(await bench.mustClaim(watch.operationId, T0), T0 + SECOND, "forbidden"),
        T0 + SECOND,
      );
      await bench.track(OTHER, T0 + MINUTE);
      const told = only(await bench.store.undelivered(CHAT.id, 10));
      expect(told).toMatchObject({ closed: { reason: "ended" }, state: { outcome: "forbidden" } });
    });

    test("by many conversations at once makes one operation and one alarm", async () => {
      await using bench = await aStore();
      const names = ["a", "b", "c", "d", "a", "b", "c", "d"];
      const tracked = await Promise.all(names.map((each) => bench.track(aConversation(each), T0)));
      expect(tracked.filter(({ isNew }) => isNew)).toHaveLength(4);
      expect(await bench.counts()).toEqual({ operations: 1, watches: 4, conversations: 4, alarms: 5 });
    });

    test("a transaction that fails leaves neither rows nor alarms", async () => {
      await using bench = await aStore();
      await using _ = await refusing(bench, "opwatch.watches", "new.thread_id = 'bad'");
      const addresses = [anAddress(1), anAddress(2)];
      await expect(bench.track(CHAT, T0, { addresses, threadId: "bad" })).rejects.toThrow("Failed query");
      expect(await bench.counts()).toEqual({ operations: 0, watches: 0, conversations: 0, alarms: 0 });
      // The control: without the trigger's condition the same is taken, so nothing was left locked.
      await bench.store.track(aTrack(CHAT, { addresses }), T0);
      expect(await bench.counts()).toEqual({ operations: 2, watches: 2, conversations: 1, alarms: 3 });
    });

    test("a conversation without its reference is refused whole", async () => {
      await using bench = await aStore();
      const broken: unknown = { ...CHAT, reference: null };
      // @ts-expect-error: what a decoder of activities must never let through
      await expect(bench.track(broken, T0)).rejects.toThrow("Failed query");
      expect(await bench.counts()).toEqual({ operations: 0, watches: 0, conversations: 0, alarms: 0 });
    });
  });

  describe(`claiming checks on ${name}`, () => {
    test("gives the operation as it is known, once", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      expect(claimed).toMatchObject({ tenantId: TENANT, address: anAddress(), state: watch.state });
      expect(await bench.claim(watch.operationId, T0)).toEqual([]);
    });

    test("takes only what is due", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      expect(await bench.claim(watch.operationId, T0 + INTERVAL - 1)).toEqual([]);
      expect(await bench.claim(watch.operationId, T0 + INTERVAL)).toHaveLength(1);
    });

    test("of two at once exactly one wins each operation", async () => {
      await using bench = await aStore();
      const addresses = Array.from({ length: 20 }, (_, i) => anAddress(i));
      const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
      const ids = tracked.map(({ watch }) => watch.operationId);
      const claims = await Promise.all([
        bench.claim(ids, T0),
        bench.claim(ids.toReversed(), T0),
        bench.claim(ids, T0),
      ]);
      expect(
        claims
          .flat()
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(ids.toSorted());
    });

    test("an alarm that rang a moment too early is set again for the right time", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.dropAlarms();
      expect(await bench.claim(watch.operationId, T0 + INTERVAL - 400)).toEqual([]);
      expect(await bench.alarms()).toEqual([{ queue: "checks", key: watch.operationId, at: T0 + INTERVAL }]);
    });

    test("an alarm for which somebody else was quicker is not set again", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms();
      const claimed = await bench.mustClaim(watch.operationId, T0);
      expect(await bench.claim(watch.operationId, T0)).toEqual([]);
      expect(await bench.alarms("checks")).toEqual([]);
      await bench.save(nothingNew(claimed, T0), T0);
      expect(await bench.claim(watch.operationId, T0 + 10 * SECOND)).toEqual([]);
      expect(await bench.alarms("checks")).toEqual([
        { queue: "checks", key: watch.operationId, at: T0 + INTERVAL },
      ]);
    });

    test("an operation that is locked is looked at again a moment later", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms();
      const all = await Promise.all([1, 2, 3].map(() => bench.claim(watch.operationId, T0)));
      expect(all.flat()).toHaveLength(1);
      for (const { at } of await bench.alarms("checks")) expect(at).toBe(T0 + 250);
    });

    test("nothing of a paused tenant, and its alarm waits for the pause's end; others go on", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const foreign = await bench.track(aConversation("foreign", OTHER_TENANT), T0);
      const until = T0 + 10 * MINUTE;
      await bench.store.saveChecks([], [{ tenantId: TENANT, until }], T0);
      await bench.dropAlarms();
      const claimed = await bench.claim([watch.operationId, foreign.watch.operationId], T0 + SECOND);
      expect(claimed.map(({ id }) => id)).toEqual([foreign.watch.operationId]);
      const alarm = only(await bench.alarms());
      expect(alarm.key).toBe(watch.operationId);
      expect(alarm.at).toBeGreaterThanOrEqual(until);
      expect(alarm.at).toBeLessThanOrEqual(until + INTERVAL);
      // It is due then and not before, so that the sweep does not take its alarm for lost.
      expect(await bench.operation(watch.operationId)).toMatchObject({ dueAt: alarm.at });
      expect(await bench.claim(watch.operationId, alarm.at - 1)).toEqual([]);
      expect(await bench.claim(watch.operationId, alarm.at)).toHaveLength(1);
    });

    test("a shorter pause does not end a longer one", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const pause = (minutes: number) =>
        bench.store.saveChecks([], [{ tenantId: TENANT, until: T0 + minutes * MINUTE }], T0);
      await pause(5);
      await pause(1);
      expect(await bench.claim(watch.operationId, T0 + 2 * MINUTE)).toEqual([]);
      await pause(7);
      expect(await bench.claim(watch.operationId, T0 + 6 * MINUTE)).toEqual([]);
      expect(await bench.claim(watch.operationId, T0 + 7 * MINUTE + INTERVAL)).toHaveLength(1);
    });

    test("unknown ids and an empty list are nothing", async () => {
      await using bench = await aStore();
      expect(await bench.claim([], T0)).toEqual([]);
      const { watch } = await bench.track(CHAT, T0);
      await bench.run("delete from opwatch.watches");
      await bench.run("delete from opwatch.operations");
      expect(await bench.claim(watch.operationId, T0)).toEqual([]);
      await bench.store.saveChecks([], [], T0);
    });
  });

  describe(`the floor between two checks on ${name}`, () => {
    test("holds when another conversation tracks the operation", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0 + SECOND), T0 + SECOND);
      await bench.track(OTHER, T0 + 2 * SECOND);
      await expectNextClaimAt(bench, T0 + SECOND + INTERVAL);
    });

    test("holds when Refresh is pressed", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const checked = nothingNew(await bench.mustClaim(watch.operationId, T0), T0);
      await bench.save({ ...checked, dueAt: T0 + HOUR }, T0);
      const plan = await bench.store.refresh(watch.id, T0 + SECOND);
      expect(plan?.nextCheckAt).toBe(T0 + INTERVAL);
      await expectNextClaimAt(bench, T0 + INTERVAL);
    });

    test("holds while a check is under way, when Refresh is pressed", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.mustClaim(watch.operationId, T0);
      await bench.store.refresh(watch.id, T0 + SECOND);
      await expectNextClaimAt(bench, T0 + LEASE);
    });

    test("holds when it is stopped and tracked again, even during a check", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.mustClaim(watch.operationId, T0);
      await bench.store.stopWatches(CHAT.id, [watch.id], T0 + SECOND);
      await bench.track(CHAT, T0 + 2 * SECOND);
      await bench.dropAlarms();
      await expectNextClaimAt(bench, T0 + LEASE);
    });

    test("holds when it is stopped, answered and tracked again", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      await bench.store.stopWatches(CHAT.id, [watch.id], T0 + SECOND);
      await bench.save(nothingNew(claimed, T0 + 5 * SECOND), T0 + 5 * SECOND);
      await bench.track(CHAT, T0 + 6 * SECOND);
      expect((await bench.alarms("checks")).map(({ at }) => at)).toContain(T0 + 5 * SECOND + INTERVAL);
      await expectNextClaimAt(bench, T0 + 5 * SECOND + INTERVAL);
    });

    test("holds when an end is revised", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0, "forbidden"), T0);
      await bench.track(CHAT, T0 + SECOND);
      await expectNextClaimAt(bench, T0 + INTERVAL);
    });

    test("holds when the conversation is forgotten and comes back", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.store.forgetConversation(CHAT, T0 + SECOND);
      await bench.track(CHAT, T0 + 2 * SECOND);
      await expectNextClaimAt(bench, T0 + INTERVAL);
    });

    test("holds after a claim whose answer was lost, and the sweep sets its alarm again", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.mustClaim(watch.operationId, T0);
      await bench.dropAlarms();
      expect(await bench.claim(watch.operationId, T0 + LEASE - 1)).toEqual([]);
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + LEASE + 5 * SECOND)).toMatchObject({ rearmedChecks: 1 });
      expect(await bench.alarms("checks")).toHaveLength(1);
      expect(await bench.claim(watch.operationId, T0 + LEASE + 5 * SECOND)).toHaveLength(1);
    });
  });

  describe(`saving checks on ${name}`, () => {
    test("a change is kept, is wanted on every open card and is told of their conversations", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const other = await bench.track(OTHER, T0);
      await bench.dropAlarms();
      const saved = changed(await bench.mustClaim(watch.operationId, T0), T0 + SECOND);
      const told = await bench.save(saved, T0 + SECOND);
      expect(await bench.store.watch(watch.id)).toMatchObject({
        state: { snapshot: { phase: "running" }, answeredAt: T0 + SECOND, changedAt: T0 + SECOND },
      });
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect((await bench.watch(other.watch.id)).wanted).toBe(2);
      // Whoever saved writes to them itself.
      expect(await bench.alarms()).toEqual([
        { queue: "checks", key: watch.operationId, at: T0 + SECOND + INTERVAL },
      ]);
      expect(told.toSorted()).toEqual([CHAT.id, OTHER.id].toSorted());
    });

    test("what was saved and not told, because the process died, is found by the sweep", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.store.saveShown({ watch: watch.id, wanted: 1, activityId: "1", shown: "x" });
      await bench.dropAlarms();
      await bench.save(changed(await bench.mustClaim(watch.operationId, T0), T0), T0);
      expect(await bench.store.sweep(T0)).toMatchObject({ rearmedDeliveries: 1 });
      expect((await bench.alarms("deliveries")).map(({ key }) => key)).toEqual([CHAT.id]);
    });

    test("a conversation that is paused is woken when the pause is over, and told of nobody", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.track(OTHER, T0);
      await bench.store.pauseConversation(CHAT.id, T0 + MINUTE);
      await bench.dropAlarms();
      const told = await bench.save(changed(await bench.mustClaim(watch.operationId, T0), T0), T0);
      expect(told).toEqual([OTHER.id]);
      const alarms = await bench.alarms("deliveries");
      expect(alarms.map(({ at }) => at)).toEqual([T0 + MINUTE]);
      expect(alarms[0]?.key).toContain(CHAT.id);
    });

    test("nothing new moves the time of the answer and wakes nobody", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(changed(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.dropAlarms();
      const later = T0 + INTERVAL;
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, later), later), later);
      expect(await bench.store.watch(watch.id)).toMatchObject({
        state: { snapshot: { phase: "running" }, changedAt: T0, answeredAt: later },
      });
      expect(await bench.alarms()).toEqual([
        { queue: "checks", key: watch.operationId, at: later + INTERVAL },
      ]);
      expect((await bench.watch(watch.id)).wanted).toBe(2);
    });

    test("a card's alarm that is set twice is one", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.dropAlarms();
      await bench.store.wakeDeliveries([CHAT.id], T0);
      await bench.store.wakeDeliveries([CHAT.id, CHAT.id], T0 + SECOND);
      expect(await bench.alarms("deliveries")).toHaveLength(1);
    });

    test("operations that are due together share an alarm", async () => {
      await using bench = await aStore();
      const addresses = Array.from({ length: 60 }, (_, n) => anAddress(n));
      const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
      const ids = tracked.map(({ watch }) => watch.operationId);
      await bench.dropAlarms();
      const claimed = await bench.claim(ids, T0);
      const saved = claimed.map((each, n) => ({ ...nothingNew(each, T0), dueAt: T0 + INTERVAL + n }));
      await bench.store.saveChecks(saved, [], T0);
      const { rows } = await bench.database.db.execute<{ count: number }>(
        "select jsonb_array_length(data->'ids') as count from pgboss.job where name = 'checks' order by start_after",
      );
      expect(rows).toEqual([{ count: 50 }, { count: 10 }]);
      const alarms = await bench.alarms("checks");
      expect(alarms.map(({ key }) => key).toSorted()).toEqual(ids.toSorted());
      // Each rings when all that it is for are due.
      expect([...new Set(alarms.map(({ at }) => at))]).toEqual([T0 + INTERVAL + 49, T0 + INTERVAL + 59]);
    });

    test("an end closes every open watch, wants it shown, and no check comes any more", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const stopped = await bench.track(OTHER, T0);
      await bench.store.stopWatches(OTHER.id, [stopped.watch.id], T0);
      await bench.dropAlarms();
      const told = await bench.save(
        ended(await bench.mustClaim(watch.operationId, T0), T0 + SECOND),
        T0 + SECOND,
      );
      expect(await bench.store.watch(watch.id)).toMatchObject({
        closed: { reason: "ended", at: T0 + SECOND },
        state: { outcome: "succeeded" },
      });
      expect(await bench.store.watch(stopped.watch.id)).toMatchObject({
        closed: { reason: "stopped", at: T0 },
      });
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect(told).toEqual([CHAT.id]);
      expect(await bench.alarms()).toEqual([]);
      expect(await bench.claim(watch.operationId, T0 + HOUR)).toEqual([]);
    });

    test("by a claim that was lost and taken again changes nothing", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const old = await bench.mustClaim(watch.operationId, T0);
      const young = await bench.mustClaim(watch.operationId, T0 + LEASE);
      expect(young.claim).not.toBe(old.claim);
      const before = await bench.operation(watch.operationId);
      await bench.dropAlarms();
      await bench.save(ended(old, T0 + LEASE + SECOND), T0 + LEASE + SECOND);
      expect(await bench.operation(watch.operationId)).toEqual(before);
      expect(await bench.watch(watch.id)).toMatchObject({ closedAt: null, wanted: 1 });
      expect(await bench.alarms()).toEqual([]);
      // The control: the younger claim saves the same.
      await bench.save(ended(young, T0 + LEASE + SECOND), T0 + LEASE + SECOND);
      expect(await bench.watch(watch.id)).toMatchObject({ closeReason: "ended", wanted: 2 });
    });

    test("in one batch, each by its own claim, with the pause", async () => {
      await using bench = await aStore();
      const addresses = [1, 2, 3, 4].map(anAddress);
      const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
      const ids = tracked.map(({ watch }) => watch.operationId);
      const claimed = new Map((await bench.claim(ids, T0)).map((each) => [each.id, each]));
      await bench.dropAlarms();
      const [a, b, c, d] = ids.map((id) => claimed.get(id) ?? only([]));
      if (!a || !b || !c || !d) throw new Error("Not all were claimed.");
      await bench.store.saveChecks(
        [changed(a, T0), nothingNew(b, T0), ended(c, T0), ended({ ...d, claim: d.claim - 1 }, T0)],
        [{ tenantId: TENANT, until: T0 + 2 * MINUTE }],
        T0,
      );
      const after = await bench.store.openWatches(CHAT.id);
      const phases = new Map(
        after.map(({ address, state }) => [address.operation, state.snapshot?.phase ?? null]),
      );
      expect(phases).toEqual(
        new Map([
          ["op-1", "running"],
          ["op-2", null],
          ["op-4", null],
        ]),
      );
      expect((await bench.alarms("checks")).map(({ key }) => key).toSorted()).toEqual(
        [a.id, b.id].toSorted(),
      );
      expect(await bench.claim(ids, T0 + 2 * MINUTE - 1)).toEqual([]);
      expect(await bench.claim(ids, T0 + 2 * MINUTE + INTERVAL)).toHaveLength(3);
    });

    test("that fails leaves rows and alarms as they were", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      await bench.dropAlarms();
      const before = [await bench.operation(watch.operationId), await bench.watch(watch.id)];
      await using _ = await refusing(bench, "opwatch.pauses", "true");
      const save = bench.store.saveChecks([changed(claimed, T0)], [{ tenantId: TENANT, until: T0 + 1 }], T0);
      await expect(save).rejects.toThrow("Failed query");
      expect([await bench.operation(watch.operationId), await bench.watch(watch.id)]).toEqual(before);
      expect(await bench.alarms()).toEqual([]);
    });

    test("keeps text that databases find hard", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const detail = `'); drop table x; -- "\\ \u2028 🚀 ${"ä".repeat(500)}`;
      const snapshot = aSnapshot("running", { detail });
      await bench.save(changed(await bench.mustClaim(watch.operationId, T0), T0, { snapshot }), T0);
      expect((await bench.store.watch(watch.id))?.state.snapshot).toEqual(snapshot);
    });

    // One such answer must not keep a whole batch from being saved, again and again.
    test.for([
      ["a NUL", "a\u0000b"],
      ["half a surrogate pair, as cutting a text leaves it", "a\ud83d"],
    ] as const)(
      "an answer with %s, which PostgreSQL cannot hold, does not lose the batch",
      async ([, message]) => {
        await using bench = await aStore();
        const addresses = [1, 2].map(anAddress);
        const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
        const ids = tracked.map(({ watch }) => watch.operationId);
        const claimed = await bench.claim(ids, T0);
        const texts = [message, "fine"];
        const checked = claimed.map((each, i) => {
          const snapshot = aSnapshot("failed", { error: { code: "X", message: texts[i] ?? "" } });
          return {
            ...ended(each, T0, "failed"),
            state: { ...each.state, snapshot, outcome: "failed" as const },
          };
        });
        await bench.store.saveChecks(checked, [], T0);
        const closed = await Promise.all(tracked.map(({ watch }) => bench.store.watch(watch.id)));
        expect(closed.map((watch) => watch?.closed?.reason)).toEqual(["ended", "ended"]);
      },
    );
  });

  describe(`stopping on ${name}`, () => {
    test("closes this conversation's watches only", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const other = await bench.track(OTHER, T0);
      const ids = [watch.id, other.watch.id];
      const stopped = await bench.store.stopWatches(CHAT.id, ids, T0 + SECOND);
      expect(stopped.map(({ id, closed }) => [id, closed?.reason])).toEqual([[watch.id, "stopped"]]);
      expect((await bench.store.watch(other.watch.id))?.closed).toBeNull();
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect(await bench.store.stopWatches(CHAT.id, ids, T0 + 2 * SECOND)).toEqual([]);
      expect(await bench.store.stopWatches(CHAT.id, [], T0)).toEqual([]);
    });

    test("of all closes whatever is open in this conversation, and nothing elsewhere", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0, { addresses: [1, 2, 3].map(anAddress) });
      const other = await bench.track(OTHER, T0);
      const stopped = await bench.store.stopWatches(CHAT.id, null, T0 + SECOND);
      expect(stopped).toHaveLength(3);
      expect(await bench.store.openWatches(CHAT.id)).toEqual([]);
      expect((await bench.store.watch(other.watch.id))?.closed).toBeNull();
      expect(await bench.store.stopWatches(CHAT.id, null, T0 + SECOND)).toEqual([]);
    });

    test("one of two leaves the operation checked; the last one lets it rest", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const other = await bench.track(OTHER, T0);
      await bench.store.stopWatches(CHAT.id, [watch.id], T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.store.stopWatches(OTHER.id, [other.watch.id], T0 + SECOND);
      expect(await bench.claim(watch.operationId, T0 + HOUR)).toEqual([]);
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + HOUR)).toMatchObject({ rearmedChecks: 0 });
    });

    test("during a check: the answer is kept, but neither card nor alarm follows", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      await bench.store.stopWatches(CHAT.id, [watch.id], T0 + SECOND);
      await bench.dropAlarms();
      await bench.save(changed(claimed, T0 + 2 * SECOND), T0 + 2 * SECOND);
      expect(await bench.watch(watch.id)).toMatchObject({ closeReason: "stopped", wanted: 2 });
      expect(await bench.alarms()).toEqual([]);
      expect((await bench.operation(watch.operationId)).state.snapshot?.phase).toBe("running");
    });

    test("against an end saved at the same moment: one of both closes it, once", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      await Promise.all([
        bench.store.stopWatches(CHAT.id, [watch.id], T0),
        bench.save(ended(claimed, T0), T0),
      ]);
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect(await bench.operation(watch.operationId)).toMatchObject({ live: false, outcome: "succeeded" });
    });

    test("tracked at the same moment elsewhere, the operation is not left to rest", async () => {
      await using bench = await aStore();
      for (let round = 0; round < 5; round += 1) {
        const addresses = [anAddress(round)];
        const { watch } = await bench.track(CHAT, T0, { addresses });
        const [, other] = await Promise.all([
          bench.store.stopWatches(CHAT.id, [watch.id], T0),
          bench.track(OTHER, T0, { addresses }),
        ]);
        expect(other.isNew).toBe(true);
        expect(await bench.claim(watch.operationId, T0)).toHaveLength(1);
      }
    });

    // On a server these lock the same rows in different orders: the database breaks some of them up,
    // and each has to try again.
    test("checks, stops and tracks of the same operations at once all come to an end", async () => {
      await using bench = await aStore();
      for (let round = 0; round < 4; round += 1) {
        const addresses = Array.from({ length: 60 }, (_, i) => anAddress(`${round}-${i}`));
        const tracked = await bench.store.track(aTrack(CHAT, { addresses }), T0);
        const ids = tracked.map(({ watch }) => watch.operationId);
        const claimed = await bench.claim(ids, T0);
        const first = claimed.slice(0, 40).map((each) => changed(each, T0));
        const second = claimed.slice(20).map((each) => changed(each, T0));
        await Promise.all([
          bench.store.saveChecks(first, [], T0),
          bench.store.saveChecks(second.toReversed(), [], T0),
          bench.store.stopWatches(
            CHAT.id,
            tracked.slice(10, 50).map(({ watch }) => watch.id),
            T0,
          ),
          bench.store.track(aTrack(OTHER, { addresses: addresses.slice(0, 20).toReversed() }), T0),
          bench.claim(ids.toReversed(), T0 + LEASE),
          bench.store.sweep(T0),
        ]);
      }
      expect(await bench.store.openWatches(CHAT.id)).toHaveLength(80);
      expect(await bench.store.openWatches(OTHER.id)).toHaveLength(80);
    });
  });

  describe(`a conversation that is gone, on ${name}`, () => {
    test("its watches close as removed, with nothing left to deliver and no check", async () => {
      await using bench = await aStore();
      const live = await bench.track(CHAT, T0);
      const over = await bench.track(CHAT, T0, { addresses: [anAddress(2)] });
      await bench.save(ended(await bench.mustClaim(over.watch.operationId, T0), T0), T0);
      await bench.store.forgetConversation(CHAT, T0 + SECOND);
      expect((await bench.store.watch(live.watch.id))?.closed).toEqual({
        reason: "removed",
        at: T0 + SECOND,
      });
      expect((await bench.store.watch(over.watch.id))?.closed).toEqual({ reason: "ended", at: T0 });
      expect(await bench.store.undelivered(CHAT.id, 10)).toEqual([]);
      expect(await bench.claim(live.watch.operationId, T0 + HOUR)).toEqual([]);
      expect(await bench.store.claimConversations([CHAT.id], T0 + HOUR, DELIVERY_LEASE)).toEqual([]);
      expect(await bench.store.sweep(T0 + HOUR)).toEqual({
        expired: 0,
        rearmedChecks: 0,
        rearmedDeliveries: 0,
        rearmedCallbacks: 0,
      });
    });

    test("is for the tenant alone whose it is", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.store.forgetConversation({ id: CHAT.id, tenantId: OTHER_TENANT }, T0);
      expect((await bench.store.watch(watch.id))?.closed).toBeNull();
    });

    test("takes the lease along, so that a bot that is back is not kept waiting", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.forgetConversation(CHAT, T0);
      await bench.store.welcomeBack(CHAT);
      await bench.track(CHAT, T0 + SECOND);
      expect(await bench.store.claimConversations([CHAT.id], T0 + SECOND, DELIVERY_LEASE)).toHaveLength(1);
    });

    test("leaves others their watch of the same operation", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.track(OTHER, T0);
      await bench.store.forgetConversation(CHAT, T0);
      expect(await bench.claim(watch.operationId, T0)).toHaveLength(1);
    });

    test("a team takes all of its channels along, and nothing else", async () => {
      await using bench = await aStore();
      const team = aConversation("team").id;
      const general = aChannel("team", team);
      const channels = [general, aChannel("releases", team), aChannel("incidents", team)];
      const others = [CHAT, aChannel("elsewhere", aConversation("other-team").id)];
      const shared = await bench.track(CHAT, T0);
      const own = await Promise.all(
        channels.map((channel, i) =>
          bench.store.track(aTrack(channel, { addresses: [anAddress(), anAddress(i + 2)] }), T0),
        ),
      );
      const kept = await bench.track(others[1] ?? CHAT, T0, { addresses: [anAddress(9)] });
      const over = await bench.track(channels[1] ?? CHAT, T0, { addresses: [anAddress(8)] });
      await bench.save(ended(await bench.mustClaim(over.watch.operationId, T0), T0), T0);
      await bench.dropAlarms();

      await bench.store.forgetConversation({ id: team, tenantId: TENANT }, T0 + SECOND);

      for (const channel of channels) {
        expect(await bench.conversation(channel)).toMatchObject({ goneAt: T0 + SECOND });
        expect(await bench.store.openWatches(channel.id)).toEqual([]);
        expect(await bench.store.undelivered(channel.id, 10)).toEqual([]);
      }
      for (const { watch } of own.flat()) {
        expect((await bench.store.watch(watch.id))?.closed).toEqual({ reason: "removed", at: T0 + SECOND });
      }
      expect((await bench.store.watch(over.watch.id))?.closed).toEqual({ reason: "ended", at: T0 });
      const all = [...channels, ...others].map(({ id }) => id);
      const writable = await bench.store.claimConversations(all, T0 + HOUR, DELIVERY_LEASE);
      expect(writable.map(({ id }) => id).toSorted()).toEqual(others.map(({ id }) => id).toSorted());
      for (const { watch } of [shared, kept]) {
        expect((await bench.store.watch(watch.id))?.closed).toBeNull();
        expect(await bench.operation(watch.operationId)).toMatchObject({ live: true });
        expect(await bench.claim(watch.operationId, T0 + HOUR)).toHaveLength(1);
      }
      for (const { watch } of own.flatMap((tracked) => tracked.slice(1))) {
        expect(await bench.operation(watch.operationId)).toMatchObject({ live: false });
      }
    });

    test("a channel that is gone leaves its team the others", async () => {
      await using bench = await aStore();
      const team = aConversation("team").id;
      const general = aChannel("team", team);
      const gone = aChannel("gone", team);
      const other = aChannel("other", team);
      for (const channel of [general, gone, other]) await bench.track(channel, T0);
      await bench.store.forgetConversation(gone, T0 + SECOND);
      expect(await bench.store.openWatches(gone.id)).toEqual([]);
      for (const channel of [general, other]) {
        expect(await bench.store.openWatches(channel.id)).toHaveLength(1);
        expect(await bench.conversation(channel)).toMatchObject({ goneAt: null });
      }
    });

    test("a team where nothing was said in General takes its channels along, too", async () => {
      await using bench = await aStore();
      const team = aConversation("team").id;
      const channel = aChannel("releases", team);
      const { watch } = await bench.track(channel, T0);
      await bench.store.forgetConversation({ id: team, tenantId: TENANT }, T0 + SECOND);
      expect((await bench.store.watch(watch.id))?.closed).toMatchObject({ reason: "removed" });
      expect(await bench.counts()).toMatchObject({ conversations: 1 });
    });

    test("a channel of a team that was left comes back alone with what is tracked next", async () => {
      await using bench = await aStore();
      const team = aConversation("team").id;
      const [back, away] = [aChannel("back", team), aChannel("away", team)];
      for (const channel of [back, away]) {
        await bench.track(channel, T0);
        expect(await bench.store.greetOnce(channel, T0)).toBe(true);
      }
      await bench.store.forgetConversation({ id: team, tenantId: TENANT }, T0 + SECOND);
      expect((await bench.track(back, T0 + MINUTE)).isNew).toBe(true);
      expect(await bench.store.greetOnce(back, T0 + MINUTE)).toBe(true);
      const claimed = await bench.store.claimConversations([back.id, away.id], T0 + MINUTE, DELIVERY_LEASE);
      expect(claimed).toMatchObject([{ id: back.id, kind: "channel", teamId: team }]);
    });

    test("the team of a channel is learned when it is heard of", async () => {
      await using bench = await aStore();
      const team = aConversation("team").id;
      const channel = aChannel("releases", team);
      await bench.track({ ...channel, teamId: null }, T0);
      await bench.store.rememberConversation(channel, T0 + SECOND);
      await bench.store.forgetConversation({ id: team, tenantId: TENANT }, T0 + MINUTE);
      expect(await bench.store.openWatches(channel.id)).toEqual([]);
    });

    test("whoever writes to it loses it before the next write", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.forgetConversation(CHAT, T0);
      const read = { id: watch.id, wanted: 1 };
      expect(await bench.store.takeDelivery(held, read, T0 + MINUTE, T0)).toEqual({ kind: "lost" });
    });

    test("comes back with what is tracked next", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.store.forgetConversation(CHAT, T0 + SECOND);
      const again = await bench.track(CHAT, T0 + MINUTE);
      expect(again.isNew).toBe(true);
      const claimed = await bench.store.claimConversations([CHAT.id], T0 + MINUTE, DELIVERY_LEASE);
      expect(claimed.map(({ id }) => id)).toEqual([CHAT.id]);
      const due = await bench.store.undelivered(CHAT.id, 10);
      expect(due.map(({ id }) => id)).toEqual([again.watch.id]);
    });

    test("one that is not known is nothing", async () => {
      await using bench = await aStore();
      await bench.store.forgetConversation(CHAT, T0);
      expect(await bench.counts()).toMatchObject({ conversations: 0 });
    });

    test("is greeted once, at the first of several greetings at once, and again when it comes back", async () => {
      await using bench = await aStore();
      const greetings = await Promise.all([1, 2, 3].map((n) => bench.store.greetOnce(CHAT, T0 + n)));
      expect(greetings.filter(Boolean)).toHaveLength(1);
      expect(await bench.store.greetOnce(CHAT, T0 + HOUR)).toBe(false);
      await bench.store.forgetConversation(CHAT, T0 + HOUR);
      expect(await bench.store.greetOnce(CHAT, T0 + 2 * HOUR)).toBe(true);
      expect(await bench.store.greetOnce(CHAT, T0 + 2 * HOUR)).toBe(false);
    });

    test("is remembered with its last reference", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      const reference = { ...CHAT.reference, serviceUrl: "https://smba.trafficmanager.net/amer/" };
      await bench.store.rememberConversation({ ...CHAT, reference }, T0 + SECOND);
      expect(await bench.conversation(CHAT)).toMatchObject({ reference, seenAt: T0 + SECOND, goneAt: null });
    });
  });

  describe(`delivering on ${name}`, () => {
    test("one holder at a time, until its lease is over", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      const claim = (now: number) => bench.store.claimConversations([CHAT.id, OTHER.id], now, DELIVERY_LEASE);
      const claims = await Promise.all([claim(T0), claim(T0), claim(T0)]);
      expect(claims.flat()).toEqual([{ ...CHAT, misses: 0, leaseUntil: T0 + DELIVERY_LEASE }]);
      expect(await claim(T0 + DELIVERY_LEASE - 1)).toEqual([]);
      expect(await claim(T0 + DELIVERY_LEASE)).toHaveLength(1);
    });

    test("nobody holds a conversation during its pause", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const retryAt = T0 + 10 * MINUTE;
      await bench.store.releaseConversation(held, { misses: 3, retryAt }, T0);
      expect(await bench.store.claimConversations([CHAT.id], retryAt - 1, DELIVERY_LEASE)).toEqual([]);
      await bench.track(CHAT, T0 + SECOND, { addresses: [anAddress(2)] });
      expect(await bench.store.claimConversations([CHAT.id], retryAt - 1, DELIVERY_LEASE)).toEqual([]);
      expect(await bench.store.claimConversations([CHAT.id], retryAt, DELIVERY_LEASE)).toMatchObject([
        { misses: 3 },
      ]);
    });

    test("a write renews the lease and spends the budget; the old proof is worth nothing then", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const read = { id: watch.id, wanted: 1 };
      expect(await bench.store.takeDelivery(held, read, T0 + MINUTE, T0)).toEqual(TAKEN);
      expect(await bench.store.takeDelivery(held, read, T0 + 2 * MINUTE, T0)).toEqual({ kind: "lost" });
      const spent = spend(UNUSED_BUDGET, T0);
      if (!spent.ok) throw new Error("An unused budget has no room.");
      expect(await bench.conversation(CHAT)).toMatchObject({ ...spent.budget, leaseUntil: T0 + MINUTE });
    });

    test("after the lease went to another, nothing may be written, and the release takes nothing away", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const first = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const later = T0 + DELIVERY_LEASE;
      const second = only(await bench.store.claimConversations([CHAT.id], later, DELIVERY_LEASE));
      const read = { id: watch.id, wanted: 1 };
      expect(await bench.store.takeDelivery(first, read, later + MINUTE, later)).toEqual({ kind: "lost" });
      await bench.store.releaseConversation(first, { misses: 9, retryAt: later + HOUR }, later);
      expect(await bench.conversation(CHAT)).toMatchObject({
        misses: 0,
        pausedUntil: null,
        leaseUntil: second.leaseUntil,
      });
      expect(await bench.store.takeDelivery(second, read, later + MINUTE, later)).toEqual(TAKEN);
    });

    test("a watch that was stopped since it was read is not written", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.stopWatches(CHAT.id, [watch.id], T0);
      const read = { id: watch.id, wanted: 1 };
      expect(await bench.store.takeDelivery(held, read, T0 + MINUTE, T0)).toEqual({ kind: "changed" });
      // Nothing was spent on it, but whoever looked holds the conversation still.
      expect(await bench.conversation(CHAT)).toMatchObject({ ...UNUSED_BUDGET, leaseUntil: T0 + MINUTE });
    });

    test("what changed during a write stays undelivered", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const due = only(await bench.store.undelivered(CHAT.id, 10));
      await bench.save(changed(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.store.saveShown({ watch: watch.id, wanted: due.wanted, activityId: "1", shown: "old" });
      const left = only(await bench.store.undelivered(CHAT.id, 10));
      expect(left).toMatchObject({ activityId: "1", shown: "old", wanted: due.wanted + 1 });
      await bench.store.saveShown({ watch: watch.id, wanted: left.wanted, activityId: "1", shown: "new" });
      expect(await bench.store.undelivered(CHAT.id, 10)).toEqual([]);
    });

    test("the oldest come first, as many as are asked for", async () => {
      await using bench = await aStore();
      for (const n of [1, 2, 3]) await bench.track(CHAT, T0 + n, { addresses: [anAddress(n)] });
      const due = await bench.store.undelivered(CHAT.id, 2);
      expect(due.map(({ address }) => address.operation)).toEqual(["op-1", "op-2"]);
    });

    test("ends come before all else, then the cards that were written least", async () => {
      await using bench = await aStore();
      const often = await bench.track(CHAT, T0, { addresses: [anAddress("often")] });
      await bench.track(CHAT, T0 + 1, { addresses: [anAddress("never")] });
      const over = await bench.track(CHAT, T0 + 2, { addresses: [anAddress("over")] });
      await bench.save(changed(await bench.mustClaim(often.watch.operationId, T0), T0), T0);
      await bench.store.saveShown({ watch: often.watch.id, wanted: 1, activityId: "1", shown: "x" });
      const last = T0 + MINUTE;
      await bench.save(ended(await bench.mustClaim(over.watch.operationId, last), last), last);
      const due = await bench.store.undelivered(CHAT.id, 10);
      expect(due.map(({ address }) => address.operation)).toEqual(["op-over", "op-never", "op-often"]);
    });

    test("a release wakes the next delivery if anything became undelivered meanwhile", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.saveShown({ watch: watch.id, wanted: 1, activityId: "1", shown: "x" });
      await bench.dropAlarms("deliveries");
      await bench.store.releaseConversation(held, { misses: 0, retryAt: null }, T0);
      expect(await bench.alarms("deliveries")).toEqual([]);

      const again = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.stopWatches(CHAT.id, [watch.id], T0);
      await bench.dropAlarms("deliveries");
      await bench.store.releaseConversation(again, { misses: 0, retryAt: null }, T0);
      expect((await bench.alarms("deliveries")).map(({ key }) => key)).toEqual([CHAT.id]);
    });

    test("a release takes away no pause that Teams asked for meanwhile, and shortens none", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const until = T0 + 10 * MINUTE;
      await bench.store.pauseConversation(CHAT.id, until);
      await bench.store.releaseConversation(held, { misses: 0, retryAt: null }, T0);
      expect(await bench.conversation(CHAT)).toMatchObject({ pausedUntil: until, leaseUntil: null });
      expect(await bench.store.claimConversations([CHAT.id], T0 + MINUTE, DELIVERY_LEASE)).toEqual([]);
      const again = only(await bench.store.claimConversations([CHAT.id], until, DELIVERY_LEASE));
      await bench.store.pauseConversation(CHAT.id, until + HOUR);
      await bench.store.releaseConversation(again, { misses: 1, retryAt: until + MINUTE }, until);
      expect(await bench.conversation(CHAT)).toMatchObject({ pausedUntil: until + HOUR });
    });

    test("a release into a pause wakes the next delivery at its end", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.dropAlarms();
      await bench.store.releaseConversation(held, { misses: 1, retryAt: T0 + MINUTE }, T0);
      expect((await bench.alarms("deliveries")).map(({ at }) => at)).toEqual([T0 + MINUTE]);
    });

    test.for([
      ["ping", "isPinged", "isNoticed"],
      ["notice", "isNoticed", "isPinged"],
    ] as const)(
      "the %s is marked once, also by several at once, and again only when it surely was not sent",
      async ([message, mark, otherMark]) => {
        await using bench = await aStore();
        const { watch } = await bench.track(CHAT, T0);
        const marked = (n: number) => bench.store.markSent(watch.id, message, T0 + n);
        const marks = await Promise.all([1, 2, 3].map(marked));
        expect(marks.filter(Boolean)).toHaveLength(1);
        expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([
          { [mark]: true, [otherMark]: false },
        ]);
        await bench.store.unmarkSent(watch.id, message, T0 + 3);
        expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ [mark]: false }]);
        expect(await marked(4)).toBe(true);
        // What was given up and arrives late takes nothing back of it.
        await bench.store.unmarkSent(watch.id, message, T0 + 3);
        expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ [mark]: true }]);
      },
    );

    test("the ping is marked beside the notice, and taking one mark back leaves the other", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const marks = (["notice", "ping", "ping"] as const).map((each) =>
        bench.store.markSent(watch.id, each, T0),
      );
      expect(await Promise.all(marks)).toEqual([true, true, false]);
      await bench.store.unmarkSent(watch.id, "ping", T0);
      expect(await bench.store.markSent(watch.id, "notice", T0)).toBe(false);
    });

    test("who saves late what it showed changes nothing of what somebody else has shown since", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.run("update opwatch.watches set wanted = 3");
      const shown = (wanted: number, text: string) =>
        bench.store.saveShown({ watch: watch.id, wanted, activityId: text, shown: text });
      await shown(3, "new");
      await shown(2, "old");
      expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
      await bench.run("update opwatch.watches set wanted = 4");
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ activityId: "new", shown: "new" }]);
    });

    test("misses of a card are counted until it is shown again; it is replaced as if never posted", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.store.saveShown({ watch: watch.id, wanted: 0, activityId: "1", shown: "x" });
      await bench.store.saveCardMiss(watch.id, 2);
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ cardMisses: 2, isReplaced: false }]);
      await bench.store.saveShown({ watch: watch.id, wanted: 0, activityId: "1", shown: "x" });
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ cardMisses: 0 }]);
      await bench.store.saveCardMiss(watch.id, 2);
      await bench.store.replaceCard(watch.id, "another one");
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([{ activityId: "1" }]);
      await bench.store.replaceCard(watch.id, "1");
      expect(await bench.store.undelivered(CHAT.id, 1)).toMatchObject([
        { activityId: null, shown: null, cardMisses: 0, isReplaced: true },
      ]);
    });

    test("a lost card closes its watch, lets the operation rest and leaves nothing to deliver", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.store.closeWatch(watch.id, "cardLost", T0 + SECOND);
      expect((await bench.store.watch(watch.id))?.closed).toEqual({ reason: "cardLost", at: T0 + SECOND });
      expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
      expect(await bench.claim(watch.operationId, T0 + HOUR)).toEqual([]);
    });

    test("a lost card of a watch that had ended keeps its end", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.store.closeWatch(watch.id, "cardLost", T0 + SECOND);
      expect((await bench.store.watch(watch.id))?.closed).toEqual({ reason: "ended", at: T0 });
      expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
    });

    test("a process that is alone frees what its predecessor held", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE);
      await bench.store.freeLeases();
      expect(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE)).toHaveLength(1);
    });
  });

  describe(`the sweep on ${name}`, () => {
    test("ends what has outlived its lifetime, says so on the card, and lets the operation rest", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, { expiresAt: T0 + HOUR });
      await bench.dropAlarms();
      expect((await bench.store.sweep(T0 + HOUR - 1)).expired).toBe(0);
      expect((await bench.store.sweep(T0 + HOUR)).expired).toBe(1);
      expect((await bench.store.watch(watch.id))?.closed).toEqual({ reason: "expired", at: T0 + HOUR });
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect((await bench.alarms("deliveries")).map(({ key }) => key)).toEqual([CHAT.id]);
      expect(await bench.claim(watch.operationId, T0 + 2 * HOUR)).toEqual([]);
      expect((await bench.store.sweep(T0 + 2 * HOUR)).expired).toBe(0);
    });

    test("sets lost alarms again, once, and leaves those that are not late alone", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + 3 * SECOND - 1)).toMatchObject({ rearmedChecks: 0 });
      expect(await bench.store.sweep(T0 + 3 * SECOND)).toMatchObject({ rearmedChecks: 1 });
      await bench.store.sweep(T0 + 10 * SECOND);
      expect((await bench.alarms()).map(({ queue, key }) => [queue, key])).toEqual([
        ["checks", watch.operationId],
        ["deliveries", CHAT.id],
      ]);
    });

    test("sets no alarm again that only waits until those before it are heard", async () => {
      await using bench = await aStore();
      const now = Date.now();
      const { db, boss } = bench.database;
      const old = await bench.track(CHAT, now - MINUTE);
      const waiting = await bench.track(aConversation("other"), now - 50 * SECOND, {
        addresses: [anAddress("waiting")],
      });
      await bench.dropAlarms();
      const alarm = [{ id: waiting.watch.operationId, at: now - 50 * SECOND }];
      await db.transaction((tx) => armChecks(boss, tx, alarm, now));
      expect(await bench.store.sweep(now)).toMatchObject({ rearmedChecks: 1 });
      const both = [old.watch.operationId, waiting.watch.operationId];
      expect((await bench.alarms("checks")).map(({ key }) => key).toSorted()).toEqual(both.toSorted());
      // The control: with nothing before them, both are lost.
      await bench.dropAlarms();
      expect(await bench.store.sweep(now)).toMatchObject({ rearmedChecks: 2 });
    });

    test("wakes no delivery that is held or paused, nor one that has nothing to say", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms();
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      expect((await bench.store.sweep(T0 + SECOND)).rearmedDeliveries).toBe(0);
      expect((await bench.store.sweep(T0 + DELIVERY_LEASE)).rearmedDeliveries).toBe(1);
      await bench.store.releaseConversation(held, { misses: 1, retryAt: T0 + HOUR }, T0);
      expect((await bench.store.sweep(T0 + HOUR - 1)).rearmedDeliveries).toBe(0);
      expect((await bench.store.sweep(T0 + HOUR)).rearmedDeliveries).toBe(1);
      await bench.store.saveShown({ watch: watch.id, wanted: 1, activityId: "1", shown: "x" });
      expect((await bench.store.sweep(T0 + HOUR)).rearmedDeliveries).toBe(0);
    });

    test("leaves what rests, has ended or is gone alone", async () => {
      await using bench = await aStore();
      const gone = aConversation("gone");
      const rested = await bench.track(CHAT, T0, { addresses: [anAddress(1)] });
      const over = await bench.track(OTHER, T0, { addresses: [anAddress(2)] });
      await bench.track(gone, T0, { addresses: [anAddress(3)] });
      await bench.store.stopWatches(CHAT.id, [rested.watch.id], T0);
      await bench.save(ended(await bench.mustClaim(over.watch.operationId, T0), T0), T0);
      await bench.store.forgetConversation(gone, T0);
      for (const { watch } of [rested, over]) {
        await bench.store.saveShown({ watch: watch.id, wanted: 2, activityId: "1", shown: "x" });
      }
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + HOUR)).toEqual({
        expired: 0,
        rearmedChecks: 0,
        rearmedDeliveries: 0,
        rearmedCallbacks: 0,
      });
      expect(await bench.alarms()).toEqual([]);
    });
  });

  describe(`looking things up on ${name}`, () => {
    test("lists the open watches of a conversation, oldest first", async () => {
      await using bench = await aStore();
      const tracked = [];
      for (const n of [1, 2, 3]) tracked.push(await bench.track(CHAT, T0 + n, { addresses: [anAddress(n)] }));
      await bench.track(OTHER, T0);
      await bench.store.stopWatches(CHAT.id, [tracked[1]?.watch.id ?? only([])], T0 + MINUTE);
      const listed = await bench.store.openWatches(CHAT.id);
      expect(listed.map(({ address }) => address.operation)).toEqual(["op-1", "op-3"]);
    });

    test("finds the newest watch by key and by Graph's id, closed ones too, in its own conversation", async () => {
      await using bench = await aStore();
      const old = await bench.track(CHAT, T0);
      await bench.store.stopWatches(CHAT.id, [old.watch.id], T0 + SECOND);
      expect((await bench.store.latestWatch(CHAT.id, "op-1"))?.id).toBe(old.watch.id);
      const young = await bench.track(CHAT, T0 + MINUTE);
      expect((await bench.store.latestWatch(CHAT.id, "op-1"))?.id).toBe(young.watch.id);
      expect((await bench.store.latestWatch(CHAT.id, anAddress().key))?.id).toBe(young.watch.id);
      expect(await bench.store.latestWatch(OTHER.id, "op-1")).toBeNull();
      expect(await bench.store.latestWatch(CHAT.id, "op-2")).toBeNull();
    });

    test("a watch that is not there is null, for refresh too", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.run("delete from opwatch.watches");
      expect(await bench.store.watch(watch.id)).toBeNull();
      expect(await bench.store.refresh(watch.id, T0)).toBeNull();
    });

    test("Refresh brings a far alarm near, and leaves a near one", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const checked = nothingNew(await bench.mustClaim(watch.operationId, T0), T0);
      await bench.dropAlarms();
      await bench.save({ ...checked, dueAt: T0 + 5 * MINUTE }, T0);
      expect(only(await bench.alarms("checks")).at).toBe(T0 + 5 * MINUTE);

      const early = await bench.store.refresh(watch.id, T0 + SECOND);
      expect(early).toMatchObject({ nextCheckAt: T0 + INTERVAL, watch: { id: watch.id } });
      const alarms = [T0 + INTERVAL, T0 + 5 * MINUTE];
      expect((await bench.alarms("checks")).map(({ at }) => at)).toEqual(alarms);

      const late = await bench.store.refresh(watch.id, T0 + 2 * SECOND);
      expect(late?.nextCheckAt).toBe(T0 + INTERVAL);
      expect((await bench.alarms("checks")).map(({ at }) => at)).toEqual(alarms);
    });

    test("Refresh after the floor is over asks at once, also when the alarm was lost", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const checked = nothingNew(await bench.mustClaim(watch.operationId, T0), T0);
      await bench.save({ ...checked, dueAt: T0 + 5 * MINUTE }, T0);
      await bench.dropAlarms();
      const now = T0 + MINUTE;
      expect((await bench.store.refresh(watch.id, now))?.nextCheckAt).toBe(now);
      expect(only(await bench.alarms("checks")).at).toBeLessThanOrEqual(now);
      expect(await bench.claim(watch.operationId, now)).toHaveLength(1);
    });

    test("Refresh of an operation that rests or has ended sets no alarm", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0), T0);
      await bench.dropAlarms();
      await bench.store.refresh(watch.id, T0 + HOUR);
      expect(await bench.alarms()).toEqual([]);
    });

    test("instants come back to the millisecond, whatever the session's time zone", async () => {
      await using bench = await aStore();
      await bench.run("set time zone 'Asia/Kolkata'");
      const now = T0 + 123;
      const { watch } = await bench.track(CHAT, now, { expiresAt: now + HOUR });
      expect((await bench.store.watch(watch.id))?.createdAt).toBe(now);
      expect(await bench.operation(watch.operationId)).toMatchObject({ dueAt: now, freeAt: now });
      await bench.run("reset time zone");
    });
  });
}

/** Makes the database refuse an insert, so that a transaction fails half-way. */
async function refusing(bench: StoreBench, table: string, when: string): Promise<AsyncDisposable> {
  await bench.run(`create function opwatch.refuse() returns trigger language plpgsql
    as $$ begin raise exception 'refused'; end $$`);
  await bench.run(`create trigger refuse before insert on ${table}
    for each row when (${when}) execute function opwatch.refuse()`);
  return { [Symbol.asyncDispose]: () => bench.run("drop function opwatch.refuse() cascade") };
}

async function expectNextClaimAt(bench: StoreBench, at: number): Promise<void> {
  const watched = await bench.store.openWatches(CHAT.id);
  const id = watched[0]?.operationId ?? only([]);
  expect(await bench.claim(id, at - 1)).toEqual([]);
  expect(await bench.claim(id, at)).toHaveLength(1);
}
