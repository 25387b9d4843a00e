import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { addressIn, type Address } from "../../src/core/address.ts";
import type { EpochMs, OperationId } from "../../src/core/ids.ts";
import { paceOf, type Pace } from "../../src/core/slots.ts";
import type { ClaimedOperation, Store } from "../../src/flows/ports.ts";
import { armChecks } from "../../src/store/jobs.ts";
import { EARLY_MS } from "../../src/store/places.ts";
import { sharedLine } from "../../src/store/shared-line.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  aTrack,
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

/** One request in each slot of 125 ms, so that places are easy to tell. */
const SLOT = 125;
const SLOW: Pace = { slotMs: SLOT, perSlot: 1 };
/** So many slots begin within the time for which a claim may wait, the present one among them. */
const NEAR = Math.floor(EARLY_MS / SLOT) + 1;
/** The pace that is planned with, and what Graph allows in any second. */
const PLANNED = paceOf(24);
const ALLOWED = 30;

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const FOREIGN = aConversation("foreign", OTHER_TENANT);

/** Who may ask Graph when, so that a tenant, a team and a chat stay within their limits. */
export function placesContract({ name, open }: StoreHome): void {
  const aStore = async (pace: Pace = SLOW): Promise<StoreBench> => storeBench(await open(), pace);

  describe(`places in line on ${name}`, () => {
    test("a place that is near is claimed; who has a later one waits for it, with an alarm in time", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      await bench.dropAlarms("checks");
      const claimed = await bench.claim(ids, T0);
      // Each slot that begins within the time for which a claim may wait.
      expect(placesOf(claimed)).toEqual(slots(0, NEAR));
      for (const { id, sendAt, claim } of claimed) {
        expect(await bench.operation(id)).toMatchObject({
          dueAt: T0 + LEASE,
          freeAt: T0 + LEASE,
          slotAt: sendAt,
          claim,
        });
      }
      const waiting = await waitingOf(bench, ids, claimed);
      expect(waiting.map(({ dueAt }) => dueAt)).toEqual(slots(NEAR, NEAR + 3));
      for (const { dueAt, slotAt, freeAt, claim } of waiting) {
        expect({ slotAt, freeAt, claim }).toEqual({ slotAt: dueAt, freeAt: T0, claim: 0 });
      }
      expect(await bench.alarms("checks")).toEqual(
        waiting.map(({ id, dueAt }) => ({ queue: "checks", key: id, at: dueAt - EARLY_MS })),
      );
    });

    test("who waits is claimed when its place is near, not before, and pays for it once", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      const claimed = await bench.claim(ids, T0);
      const [first, second] = await waitingOf(bench, ids, claimed);
      if (first === undefined || second === undefined) throw new Error("Nobody waits.");
      const near = first.dueAt - EARLY_MS;
      expect(await bench.claim(first.id, near - 1)).toEqual([]);
      const again = only(await bench.claim([first.id, second.id], near));
      expect(again).toMatchObject({ id: first.id, sendAt: first.dueAt, claim: 1 });
      // A newcomer comes right behind those who wait: no place was taken twice.
      const late = await bench.track(OTHER, near, { addresses: [anAddress("late")] });
      expect(await bench.claim(late.watch.operationId, near)).toEqual([]);
      expect((await bench.operation(late.watch.operationId)).slotAt).toBe(T0 + (NEAR + 3) * SLOT);
    });

    test("those who were due first come first", async () => {
      await using bench = await aStore();
      const old = await trackMany(bench, 6, T0, "old");
      const young = await trackMany(bench, 6, T0 + SECOND, "young");
      await bench.claim([...young, ...old], T0 + 2 * SECOND);
      const placeOf = async (id: OperationId): Promise<EpochMs> => (await bench.operation(id)).slotAt ?? 0;
      const places = await Promise.all([old, young].map((group) => Promise.all(group.map(placeOf))));
      expect(Math.max(...(places[0] ?? []))).toBeLessThan(Math.min(...(places[1] ?? [])));
    });

    test("a place that is long past is lost: those that were missed together are not asked together", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, 2 * NEAR + 2, T0);
      const claimed = await bench.claim(ids, T0);
      const waiting = await waitingOf(bench, ids, claimed);
      const later = T0 + 10 * SECOND;
      const caughtUp = await bench.claim(
        waiting.map(({ id }) => id),
        later,
      );
      expect(placesOf(caughtUp)).toEqual(slots(0, NEAR, later));
      const still = await waitingOf(bench, ids, [...claimed, ...caughtUp]);
      expect(still.map(({ slotAt }) => slotAt)).toEqual(slots(NEAR, NEAR + 2, later));
    });

    test("a place that nobody has claimed in time is for whoever is there, and for nobody else then", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 40, T0);
      const claimed = await bench.claim(ids, T0);
      const waiting = await waitingOf(bench, ids, claimed);
      // All who wait come late: half of them have missed their place, and the others' are not claimed yet.
      const now = T0 + (NEAR + 20) * SLOT;
      const missed = waiting.slice(0, 10).map(({ id }) => id);
      const caughtUp = await bench.claim(missed, now);
      // As many slots begin within the time at which places are claimed at the latest.
      expect(placesOf(caughtUp)).toEqual(slots(0, 3, now));
      const rest = await waitingOf(bench, missed, caughtUp);
      expect(rest.map(({ dueAt }) => dueAt)).toEqual(slots(NEAR + 40, NEAR + 47));
      // Who comes for such a place finds it taken, and has another.
      const owners = waiting.slice(20, 24).map(({ id }) => id);
      const again = await bench.claim(owners, now);
      expect(placesOf(again)).toEqual(slots(3, 4, now));
      const others = await waitingOf(bench, owners, again);
      expect(others.map(({ dueAt }) => dueAt)).toEqual(slots(NEAR + 47, NEAR + 50));
    });

    test("a place that is just past is kept, and asked for at once", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 1, T0);
      const claimed = await bench.claim(ids, T0);
      const waiting = only(await waitingOf(bench, ids, claimed));
      const now = waiting.dueAt + 40;
      expect(only(await bench.claim(waiting.id, now)).sendAt).toBe(now);
    });

    // Alarms are found by polling, and a database or a process may hang for a moment.
    test.for([300, 700, 950])("after a hiccup of %d ms no second has more than Graph allows", async (ms) => {
      await using bench = await aStore(PLANNED);
      const ids = await trackMany(bench, 120, T0);
      const sent: number[] = [];
      const run = async (now: number): Promise<void> => {
        sent.push(...(await bench.claim(ids, now)).map(({ sendAt }) => sendAt));
      };
      await run(T0);
      await run(T0 + 500);
      for (let now = T0 + 1_000 + EARLY_MS + ms; now < T0 + 8 * SECOND; now += 250) await run(now);
      expect(sent).toHaveLength(120);
      expect(mostWithin(sent, SECOND)).toBeLessThanOrEqual(ALLOWED);
    });

    test("however many claim at once, no slot has more than its room", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, 40, T0);
      const parts = [0, 1, 2, 3].map((n) => ids.filter((_, i) => i % 4 === n || i % 8 === 0));
      const claims = await Promise.all(parts.map((part) => bench.claim(part, T0)));
      const claimed = claims.flat();
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
      // Whom somebody else had locked just then is offered again a moment later.
      const rest = await bench.claim(ids, T0 + SLOT / 2);
      const places = await Promise.all(ids.map(async (id) => (await bench.operation(id)).slotAt ?? 0));
      expect(mostWithin(places, SLOT)).toBe(1);
      expect(new Set(places).size).toBe(40);
      expect(Math.max(...places)).toBeLessThanOrEqual(T0 + 41 * SLOT);
      expect(claimed.length + rest.length).toBeGreaterThan(0);
    });

    test("two processes that claim again and again keep to one pace together", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, 30, T0);
      const sent: number[] = [];
      for (let now = T0; now < T0 + 6 * SECOND; now += 500) {
        const both = await Promise.all([bench.claim(ids, now), bench.claim(ids.toReversed(), now + 20)]);
        sent.push(...both.flat().map(({ sendAt }) => sendAt));
      }
      expect(sent).toHaveLength(30);
      expect(mostWithin(sent, SECOND)).toBeLessThanOrEqual(9);
    });

    test("another tenant is not slowed", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, 30, T0);
      const foreign = await bench.track(FOREIGN, T0);
      const claimed = await bench.claim([...ids, foreign.watch.operationId], T0);
      const own = claimed.filter(({ tenantId }) => tenantId === TENANT);
      expect(own).toHaveLength(NEAR);
      expect(only(claimed.filter(({ tenantId }) => tenantId === OTHER_TENANT)).sendAt).toBe(T0);
    });

    test("Refresh does not lose a place in line, nor its alarm", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      await bench.dropAlarms("checks");
      const last = (await waitingOf(bench, ids, await bench.claim(ids, T0))).at(-1) ?? only([]);
      const before = await bench.alarms("checks");
      const watch = (await bench.store.openWatches(CHAT.id)).find((each) => each.operationId === last.id);
      const plan = await bench.store.refresh(watch?.id ?? only([]), T0 + 10);
      expect(plan?.nextCheckAt).toBe(last.dueAt);
      expect(await bench.operation(last.id)).toMatchObject({ dueAt: last.dueAt, slotAt: last.dueAt });
      expect(await bench.alarms("checks")).toEqual(before);
      expect(only(await bench.claim(last.id, last.dueAt - EARLY_MS)).sendAt).toBe(last.dueAt);
    });

    test("Refresh of one that waits during a pause says when it is really asked for", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      const last = (await waitingOf(bench, ids, await bench.claim(ids, T0))).at(-1) ?? only([]);
      const until = T0 + 10 * MINUTE;
      await bench.store.saveChecks([], [{ tenantId: TENANT, until }], T0);
      const watch = (await bench.store.openWatches(CHAT.id)).find((each) => each.operationId === last.id);
      const plan = await bench.store.refresh(watch?.id ?? only([]), T0 + 10);
      expect(plan?.nextCheckAt).toBeGreaterThanOrEqual(until);
    });

    test("a Refresh goes to the end of the line like everybody else", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(OTHER, T0, { addresses: [anAddress("refreshed")] });
      const checked = nothingNew(await bench.mustClaim(watch.operationId, T0), T0);
      await bench.save({ ...checked, dueAt: T0 + HOUR }, T0);
      const now = T0 + INTERVAL;
      await bench.claim(await trackMany(bench, NEAR + 5, now), now);
      await bench.store.refresh(watch.id, now);
      expect(await bench.claim(watch.operationId, now)).toEqual([]);
      expect(await bench.operation(watch.operationId)).toMatchObject({ dueAt: now + (NEAR + 5) * SLOT });
    });

    test("a pause holds for those who wait in line, too; after it places are taken anew", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      const claimed = await bench.claim(ids, T0);
      const waiting = (await waitingOf(bench, ids, claimed)).map(({ id }) => id);
      const until = T0 + MINUTE;
      await bench.store.saveChecks([], [{ tenantId: TENANT, until }], T0);
      await bench.dropAlarms("checks");
      expect(await bench.claim(waiting, T0 + SECOND)).toEqual([]);
      const alarms = await bench.alarms("checks");
      expect(alarms.map(({ key }) => key).toSorted()).toEqual(waiting.toSorted());
      for (const { at } of alarms) {
        expect(at).toBeGreaterThanOrEqual(until);
        expect(at).toBeLessThanOrEqual(until + INTERVAL);
      }
      expect(await bench.claim(waiting, until - 1)).toEqual([]);
      const all = until + INTERVAL;
      expect(placesOf(await bench.claim(waiting, all))).toEqual(slots(0, 3, all));
    });

    test("a clock that was set back stops nothing", async () => {
      await using bench = await aStore();
      await bench.claim(await trackMany(bench, NEAR + 3, T0 + HOUR), T0 + HOUR);
      const { watch } = await bench.track(OTHER, T0, { addresses: [anAddress("now")] });
      expect((await bench.mustClaim(watch.operationId, T0)).sendAt).toBe(T0);
    });

    test("who has stopped in line is claimed no more", async () => {
      await using bench = await aStore();
      const ids = await trackMany(bench, NEAR + 3, T0);
      const last = (await waitingOf(bench, ids, await bench.claim(ids, T0))).at(-1) ?? only([]);
      await bench.store.stopWatches(CHAT.id, null, T0 + 1);
      expect(await bench.claim(last.id, last.dueAt)).toEqual([]);
    });
  });

  describe(`the longest line, as it is told, on ${name}`, () => {
    const lineOf = async (bench: StoreBench, now: EpochMs): Promise<number> =>
      (await bench.store.depths(now)).lineMs;

    test("is what a new check would wait, in the tenant where that is longest", async () => {
      await using bench = await aStore();
      expect(await lineOf(bench, T0)).toBe(0);
      await bench.claim(await trackMany(bench, NEAR + 3, T0), T0);
      await bench.track(FOREIGN, T0);
      expect(await lineOf(bench, T0)).toBe((NEAR + 3) * SLOT);
      const { watch } = await bench.track(OTHER, T0, { addresses: [anAddress("now")] });
      expect(await bench.claim(watch.operationId, T0)).toEqual([]);
      expect((await bench.operation(watch.operationId)).slotAt).toBe(T0 + (NEAR + 3) * SLOT);
      expect(await lineOf(bench, T0 + 2 * SECOND)).toBe(0);
    });

    test("counts no slots with room, as between the requests to one chat", async () => {
      await using bench = await aStore();
      const addresses = [1, 2, 3, 4].map((n) => addressIn("chat", "19:one@thread.v2", `op-${n}`));
      await bench.claim(await trackAll(bench, addresses), T0);
      expect(await lineOf(bench, T0)).toBe(SLOT);
    });

    test("believes no slots of another pace, or of a clock that was set back", async () => {
      await using bench = await aStore();
      await bench.claim(await trackMany(bench, NEAR + 3, T0 + HOUR), T0 + HOUR);
      expect(await lineOf(bench, T0)).toBe(0);
    });
  });

  describe(`claims ahead of time on ${name}`, () => {
    const LEAD = 600;
    const anEarlyStore = async (pace = paceOf(1_000_000)): Promise<StoreBench> =>
      storeBench(await open(), pace, LEAD);

    test("an alarm rings so long before, and who is claimed then is asked for when it is due", async () => {
      await using bench = await anEarlyStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms("checks");
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      const due = T0 + INTERVAL;
      expect(only(await bench.alarms("checks")).at).toBe(due - LEAD);
      expect(await bench.claim(watch.operationId, due - LEAD - 1)).toEqual([]);
      const claimed = await bench.mustClaim(watch.operationId, due - LEAD);
      expect(claimed.dueAt).toBe(due);
      expect(claimed.sendAt).toBeGreaterThanOrEqual(due);
      // Rounded up to a slot.
      expect(claimed.sendAt).toBeLessThan(due + SLOT);
      expect(await bench.operation(watch.operationId)).toMatchObject({ freeAt: due - LEAD + LEASE });
    });

    test("what is given back before it was due is not due any sooner", async () => {
      await using bench = await anEarlyStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(nothingNew(await bench.mustClaim(watch.operationId, T0), T0), T0);
      const due = T0 + INTERVAL;
      const early = due - 500;
      const claimed = await bench.mustClaim(watch.operationId, early);
      await bench.store.giveBack([claimed], early, INTERVAL, "missed");
      expect(await bench.operation(watch.operationId)).toMatchObject({
        dueAt: due,
        freeAt: due,
        slotAt: null,
      });
      expect((await bench.mustClaim(watch.operationId, early)).sendAt).toBeGreaterThanOrEqual(due);
    });

    test("nobody gets a place before being due, however many are claimed together", async () => {
      await using bench = await anEarlyStore(SLOW);
      const ids = await trackMany(bench, 4, T0);
      const first = await bench.claim(ids, T0);
      const saved = first.map((each, n) => ({ ...nothingNew(each, T0), dueAt: T0 + INTERVAL + n * 200 }));
      await bench.store.saveChecks(saved, [], T0);
      const again = await bench.claim(ids, T0 + INTERVAL);
      expect(again).toHaveLength(4);
      for (const { sendAt, dueAt } of again) expect(sendAt).toBeGreaterThanOrEqual(dueAt);
      expect(mostWithin(placesOf(again), SLOT)).toBe(1);
    });
  });

  describe(`alarms on ${name}`, () => {
    test("of those that have rung the one that is due longest is heard first, whichever was set first", async () => {
      await using bench = await aStore();
      const { db, boss } = bench.database;
      const now = Date.now();
      const made = await trackMany(bench, 3, T0);
      await bench.dropAlarms();
      for (const [index, agoMs] of [20 * SECOND, MINUTE, 40 * SECOND].entries()) {
        const id = made[index] ?? only([]);
        await db.transaction((tx) => armChecks(boss, tx, [{ id, at: now - agoMs }], now));
      }
      const heard: unknown[] = [];
      for (let n = 0; n < 3; n += 1) heard.push(...(await boss.fetch("checks")).map(({ data }) => data));
      expect(heard).toEqual([made[1], made[2], made[0]].map((id) => ({ ids: [id] })));
    });
  });

  describe(`the line of all tenants on ${name}`, () => {
    const MOST = 1_200;

    test("is joined by many at once, and what has no room leaves after the others", async () => {
      await using bench = await aStore();
      const join = (count: number, at: number): Promise<readonly number[]> =>
        bench.store.joinLine([{ at, count }], 1_000, at);
      const all = await Promise.all(Array.from({ length: 15 }, () => join(MOST / 10, T0)));
      expect(all.flat().toSorted((a, b) => a - b)).toEqual([
        ...Array.from({ length: 10 }, () => T0),
        ...Array.from({ length: 5 }, () => T0 + MOST),
      ]);
      expect(await join(1, T0 + MINUTE)).toEqual([T0 + MINUTE]);
    });

    test("is one for all processes", async () => {
      await using bench = await aStore();
      const other = sharedLine(bench.database.db);
      const join = (store: Pick<Store, "joinLine">, at: number): Promise<readonly number[]> =>
        store.joinLine([{ at, count: MOST / 2 }], 1_000, T0);
      expect(await join(bench.store, T0)).toEqual([T0]);
      expect(await join(other, T0)).toEqual([T0]);
      expect(await join(bench.store, T0 + 100)).toEqual([T0 + MOST]);
      expect(await join(other, T0 + 200)).toEqual([T0 + MOST]);
      expect(await join(other, T0 + 300)).toEqual([T0 + 2 * MOST]);
    });

    test("is joined by two processes at once, and nobody's place is lost", async () => {
      await using bench = await aStore();
      const other = sharedLine(bench.database.db);
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? bench.store : other).joinLine([{ at: T0, count: MOST / 10 }], 1_000, T0),
        ),
      );
      expect(all.flat().toSorted((a, b) => a - b)).toEqual([
        ...Array.from({ length: 10 }, () => T0),
        ...Array.from({ length: 10 }, () => T0 + MOST),
      ]);
    });

    test.each(["null", "[]", "{}", '{"from":1}', '{"from":1,"used":{}}', '{"from":1,"used":["5"]}'])(
      "goes on where somebody has written %s there",
      async (cells) => {
        await using bench = await aStore();
        const join = (): Promise<readonly number[]> =>
          sharedLine(bench.database.db).joinLine([{ at: T0, count: MOST }], 1_000, T0);
        await join();
        await bench.database.db.execute(sql`update opwatch.lines set cells = ${cells}::jsonb`);
        expect(await join()).toEqual([T0]);
        expect(await join()).toEqual([T0 + MOST]);
      },
    );

    test("is not believed where a clock was set back", async () => {
      await using bench = await aStore();
      await bench.store.joinLine([{ at: T0 + HOUR, count: MOST }], 1_000, T0 + HOUR);
      expect(await bench.store.joinLine([{ at: T0, count: MOST }], 1_000, T0)).toEqual([T0]);
    });
  });

  describe(`the limits of a team and of a chat on ${name}`, () => {
    const FAST = paceOf(1_000_000);

    test.for([
      ["chat", 1_800],
      ["team", 450],
    ] as const)(
      "operations of one %s are asked for %d ms apart, claimed together or one by one",
      async ([kind, spacing]) => {
        await using bench = await aStore(FAST);
        const ids = await trackAll(
          bench,
          Array.from({ length: 6 }, (_, n) => addressIn(kind, "19:one@thread.v2", `op-${n}`)),
        );
        await bench.claim(ids.slice(0, 3), T0);
        for (const [n, id] of ids.slice(3).entries()) await bench.claim(id, T0 + n * 100);
        const places = await Promise.all(ids.map(async (id) => (await bench.operation(id)).slotAt ?? 0));
        const sorted = places.toSorted((a, b) => a - b);
        expect(sorted[0]).toBe(T0);
        const gaps = sorted.slice(1).map((at, i) => at - (sorted[i] ?? 0));
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(spacing);
        // Rounded up to a slot, and no more.
        expect(Math.max(...gaps)).toBeLessThan(spacing + FAST.slotMs);
      },
    );

    test("a check counts for the next one of the same chat, also after it was answered", async () => {
      await using bench = await aStore(FAST);
      const addresses = [1, 2].map((n) => addressIn("chat", "19:one@thread.v2", `op-${n}`));
      const [first, second] = await trackAll(bench, addresses);
      if (first === undefined || second === undefined) throw new Error("Nothing was tracked.");
      await bench.save(nothingNew(await bench.mustClaim(first, T0), T0 + 100), T0 + 100);
      expect(await bench.claim(second, T0 + 200)).toEqual([]);
      expect((await bench.operation(second)).dueAt).toBe(T0 + Math.ceil(1_800 / FAST.slotMs) * FAST.slotMs);
    });

    test("a busy chat holds up neither another chat, nor a team, nor what belongs to nobody", async () => {
      await using bench = await aStore(FAST);
      const busy = Array.from({ length: 20 }, (_, n) => addressIn("chat", "19:busy@thread.v2", `op-${n}`));
      await bench.claim(await trackAll(bench, busy), T0);
      const others: readonly Address[] = [
        addressIn("chat", "19:calm@thread.v2", "op-1"),
        addressIn("team", "a-team", "op-1"),
        { ...addressIn("team", "none", "op-1"), kind: "site", owner: null, key: "site/x/op-1" },
      ];
      const claimed = await bench.claim(await trackAll(bench, others), T0);
      expect(claimed.map(({ sendAt }) => sendAt)).toEqual([T0, T0, T0]);
    });

    test("a chat of the same id in another tenant is another one", async () => {
      await using bench = await aStore(FAST);
      const addresses = [addressIn("chat", "19:one@thread.v2", "op-1")];
      const [own] = await trackAll(bench, addresses);
      const foreign = await bench.track(FOREIGN, T0, { addresses });
      const claimed = await bench.claim([own ?? only([]), foreign.watch.operationId], T0);
      expect(claimed.map(({ sendAt }) => sendAt)).toEqual([T0, T0]);
    });
  });
}

function trackMany(
  bench: StoreBench,
  count: number,
  now: EpochMs,
  word = "n",
): Promise<readonly OperationId[]> {
  return trackAll(
    bench,
    Array.from({ length: count }, (_, n) => anAddress(`${word}-${n}`)),
    now,
  );
}

async function trackAll(
  bench: StoreBench,
  addresses: readonly Address[],
  now = T0,
): Promise<readonly OperationId[]> {
  const tracked = await bench.store.track(aTrack(CHAT, { addresses }), now);
  return tracked.map(({ watch }) => watch.operationId);
}

function placesOf(claimed: readonly ClaimedOperation[]): readonly EpochMs[] {
  return claimed.map(({ sendAt }) => sendAt).toSorted((a, b) => a - b);
}

function slots(from: number, to: number, start = T0): readonly EpochMs[] {
  return Array.from({ length: to - from }, (_, i) => start + (from + i) * SLOT);
}

/** The rows of those that were not claimed, by their places. */
async function waitingOf(
  bench: StoreBench,
  ids: readonly OperationId[],
  claimed: readonly ClaimedOperation[],
) {
  const isClaimed = new Set(claimed.map(({ id }) => id));
  const rows = await Promise.all(ids.filter((id) => !isClaimed.has(id)).map((id) => bench.operation(id)));
  return rows.toSorted((a, b) => a.dueAt - b.dueAt);
}

function mostWithin(instants: readonly EpochMs[], ms: number): number {
  const counts = instants.map((from) => instants.filter((at) => at >= from && at < from + ms).length);
  return Math.max(...counts);
}
