import { describe, expect, test } from "vitest";
import { countLife, type LifeTable } from "../../src/core/durations.ts";
import type { OperationId } from "../../src/core/ids.ts";
import type { Result } from "../../src/core/operation.ts";
import { paceOf } from "../../src/core/slots.ts";
import type { CheckedOperation, ClaimedOperation, Conversation } from "../../src/flows/ports.ts";
import { createStore } from "../../src/store/store.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  aSnapshot,
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
  type StoreBench,
} from "./store-bench.ts";

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const READY: Result = { standing: "ready", looks: 1, webUrl: "https://teams.microsoft.com/l/team/1" };
const TAKEN = { kind: "taken" } as const;
/** Teams' limits for one second, in a conversation and in a tenant. */
const ALLOWED = 7;
const ALLOWED_IN_TENANT = 50;

/** What checks teach beside an operation's state, what comes after its end, and what may be written. */
export function newsContract({ name, open }: StoreHome): void {
  const aStore = async (): Promise<StoreBench> => storeBench(await open());

  describe(`how long operations take, on ${name}`, () => {
    const TYPE = "team/createTeam";
    const lives = (type: string, lengths: readonly number[], succeeded = true): Map<string, LifeTable> => {
      const tables = new Map<string, LifeTable>();
      for (const toMs of lengths) countLife(tables, { type, fromMs: 0, toMs, succeeded });
      return tables;
    };
    const many = (count: number, ms: number): readonly number[] => Array<number>(count).fill(ms);

    test("nothing is usual before ten are known", async () => {
      await using bench = await aStore();
      expect(await bench.store.usual()).toEqual(new Map());
      await bench.store.saveLives(lives(TYPE, many(9, 40 * SECOND)));
      expect(await bench.store.usual()).toEqual(new Map());
    });

    test("the counts of many saves add up, type by type", async () => {
      await using bench = await aStore();
      const saves = [
        lives(TYPE, many(6, 40 * SECOND)),
        new Map([...lives("chat/createChat", many(10, 5 * SECOND)), ...lives("team/archiveTeam", [SECOND])]),
        lives(TYPE, many(4, HOUR)),
      ];
      for (const save of saves) await bench.store.saveLives(save);
      const usual = await bench.store.usual();
      expect([...usual.keys()].toSorted()).toEqual(["chat/createChat", TYPE]);
      const team = usual.get(TYPE);
      expect(team?.count).toBe(10);
      expectAbout(team?.medianMs, 40 * SECOND);
      expectAbout(team?.p95Ms ?? 0, HOUR);
      expectAbout(usual.get("chat/createChat")?.p95Ms ?? 0, 5 * SECOND);
    });

    test("those that still run count, too", async () => {
      await using bench = await aStore();
      await bench.store.saveLives(lives(TYPE, many(12, MINUTE)));
      await bench.store.saveLives(lives(TYPE, many(6, HOUR), false));
      expect((await bench.store.usual()).get(TYPE)).toMatchObject({ count: 12, p95Ms: null });
      await bench.store.saveLives(lives(TYPE, many(6, HOUR), false));
      expect((await bench.store.usual()).get(TYPE)).toMatchObject({ count: 12, p95Ms: null });
      await bench.store.saveLives(lives(TYPE, [HOUR], false));
      expect(await bench.store.usual()).toEqual(new Map());
    });

    test("are kept in the database, for every process", async () => {
      await using bench = await aStore();
      await bench.store.saveLives(lives(TYPE, many(10, MINUTE)));
      const another = storeBench(bench.database);
      expect((await another.store.usual()).get(TYPE)?.count).toBe(10);
    });

    test("saves of the same types at once lose no count", async () => {
      await using bench = await aStore();
      const types = [TYPE, "chat/createChat"];
      const saves = Array.from({ length: 20 }, (_, n) => {
        // In another order each time.
        const order = n % 2 === 0 ? types : types.toReversed();
        return new Map(order.flatMap((type) => [...lives(type, [(n % 5) * MINUTE])]));
      });
      await Promise.all(saves.map((save) => bench.store.saveLives(save)));
      const usual = await bench.store.usual();
      expect(types.map((type) => usual.get(type)?.count)).toEqual([20, 20]);
    });
  });

  describe(`after the end, on ${name}`, () => {
    /** It has succeeded, and its result is looked at an interval later. */
    const endedWithLook = (claimed: ClaimedOperation, at: number): CheckedOperation => ({
      ...ended(claimed, at),
      state: {
        ...claimed.state,
        outcome: "succeeded",
        result: { standing: "looking", looks: 0, webUrl: null },
      },
      dueAt: at + INTERVAL,
    });
    const looked = (claimed: ClaimedOperation, at: number, result: Result): CheckedOperation => ({
      ...nothingNew(claimed, at),
      state: { ...claimed.state, result },
      dueAt: result.standing === "looking" ? at + INTERVAL : null,
      news: result.standing === "looking" ? "nothing" : "result",
    });
    const end = async (bench: StoreBench, id: OperationId): Promise<void> => {
      await bench.save(endedWithLook(await bench.mustClaim(id, T0), T0), T0);
    };

    test("the watch closes at the end, and the operation stays live for the looks", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.dropAlarms();
      await end(bench, watch.operationId);
      expect((await bench.store.watch(watch.id))?.closed).toEqual({ reason: "ended", at: T0 });
      expect(await bench.operation(watch.operationId)).toMatchObject({ live: true, outcome: "succeeded" });
      expect(await bench.alarms("checks")).toMatchObject([{ key: watch.operationId, at: T0 + INTERVAL }]);
      expect(await bench.claim(watch.operationId, T0 + INTERVAL - 1)).toEqual([]);
      const claimed = await bench.mustClaim(watch.operationId, T0 + INTERVAL);
      expect(claimed.state).toMatchObject({ outcome: "succeeded", result: { standing: "looking" } });
    });

    test("a result reaches the watches that ended, and then there is nothing more to ask", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await end(bench, watch.operationId);
      await bench.store.saveShown({ watch: watch.id, wanted: 2, activityId: "1", shown: "x" });
      await bench.dropAlarms();
      const at = T0 + INTERVAL;
      const told = await bench.save(looked(await bench.mustClaim(watch.operationId, at), at, READY), at);
      expect(only(await bench.store.undelivered(CHAT.id, 10))).toMatchObject({
        id: watch.id,
        wanted: 3,
        closed: { reason: "ended", at: T0 },
        state: { outcome: "succeeded", result: READY },
      });
      expect(told).toEqual([CHAT.id]);
      expect(await bench.alarms()).toEqual([]);
      expect(await bench.operation(watch.operationId)).toMatchObject({ live: false });
      expect(await bench.claim(watch.operationId, T0 + HOUR)).toEqual([]);
      expect(await bench.store.sweep(T0 + HOUR)).toMatchObject({ rearmedChecks: 0 });
    });

    test("a look in vain tells nobody, and the next one follows", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await end(bench, watch.operationId);
      await bench.dropAlarms();
      const at = T0 + INTERVAL;
      const inVain: Result = { standing: "looking", looks: 1, webUrl: null };
      await bench.save(looked(await bench.mustClaim(watch.operationId, at), at, inVain), at);
      expect((await bench.watch(watch.id)).wanted).toBe(2);
      expect((await bench.alarms()).map(({ queue }) => queue)).toEqual(["checks"]);
      expect((await bench.mustClaim(watch.operationId, at + INTERVAL)).state.result).toEqual(inVain);
    });

    test("a result reaches no watch that was stopped, that expired, or whose card was lost", async () => {
      await using bench = await aStore();
      const places = ["stopped", "expired", "lost"].map((each) => aConversation(each));
      const [stopped, expired, lost] = await Promise.all(
        places.map((place) => bench.track(place, T0, { expiresAt: T0 + (place === places[1] ? 1 : HOUR) })),
      );
      if (!stopped || !expired || !lost) throw new Error("Not all were tracked.");
      const { watch } = await bench.track(CHAT, T0);
      await bench.store.stopWatches(places[0]?.id ?? CHAT.id, null, T0);
      await bench.store.closeWatch(lost.watch.id, "cardLost", T0);
      await bench.store.sweep(T0 + 1);
      const before = await Promise.all([stopped, expired, lost].map((each) => bench.watch(each.watch.id)));
      expect(before.map(({ closeReason }) => closeReason)).toEqual(["stopped", "expired", "cardLost"]);
      await end(bench, watch.operationId);
      const at = T0 + INTERVAL;
      await bench.dropAlarms();
      const told = await bench.save(looked(await bench.mustClaim(watch.operationId, at), at, READY), at);
      expect(await Promise.all([stopped, expired, lost].map((each) => bench.watch(each.watch.id)))).toEqual(
        before,
      );
      expect(told).toEqual([CHAT.id]);
    });

    test("nothing is written where the bot is no more", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const other = await bench.track(OTHER, T0);
      await end(bench, watch.operationId);
      await bench.store.forgetConversation(CHAT, T0 + SECOND);
      const at = T0 + INTERVAL;
      await bench.dropAlarms();
      const told = await bench.save(looked(await bench.mustClaim(watch.operationId, at), at, READY), at);
      expect(await bench.store.undelivered(CHAT.id, 10)).toEqual([]);
      expect(await bench.store.undelivered(OTHER.id, 10)).toMatchObject([{ id: other.watch.id }]);
      expect(told).toEqual([OTHER.id]);
    });

    test("a watch that was made after the end hears of the result, too, and starts no other look", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await end(bench, watch.operationId);
      const late = await bench.track(OTHER, T0 + SECOND);
      expect(late.watch.closed?.reason).toBe("ended");
      expect(await bench.claim(watch.operationId, T0 + 2 * SECOND)).toEqual([]);
      const at = T0 + INTERVAL;
      await bench.save(looked(await bench.mustClaim(watch.operationId, at), at, READY), at);
      expect((await bench.watch(late.watch.id)).wanted).toBe(2);
    });

    test("a look that is lost comes again, by the sweep", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await end(bench, watch.operationId);
      await bench.mustClaim(watch.operationId, T0 + INTERVAL);
      await bench.dropAlarms();
      const later = T0 + INTERVAL + LEASE + 5 * SECOND;
      expect(await bench.store.sweep(later)).toMatchObject({ rearmedChecks: 1 });
      expect(await bench.claim(watch.operationId, later)).toHaveLength(1);
    });
  });

  describe(`guesses on ${name}`, () => {
    const guess = { areGuesses: true };

    test("an operation that was made of a bare id is a guess", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, guess);
      expect(watch.state.isGuess).toBe(true);
      expect((await bench.mustClaim(watch.operationId, T0)).state.isGuess).toBe(true);
    });

    test("its whole address confirms it, and another guess does not take that back", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, guess);
      const whole = await bench.track(OTHER, T0 + 1);
      expect(whole.watch).toMatchObject({ operationId: watch.operationId, state: { isGuess: false } });
      expect((await bench.operation(watch.operationId)).state.isGuess).toBe(false);
      const again = await bench.track(aConversation("third"), T0 + 2, guess);
      expect(again.watch.state.isGuess).toBe(false);
      expect((await bench.mustClaim(watch.operationId, T0 + 2)).state.isGuess).toBe(false);
    });

    test("that was wrong is asked for anew, as a guess or by its address", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, guess);
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0, "notFound"), T0);
      const again = await bench.track(CHAT, T0 + MINUTE, guess);
      expect(again).toMatchObject({
        isNew: true,
        watch: { closed: null, state: { isGuess: true, outcome: null } },
      });
      const later = T0 + 2 * MINUTE;
      await bench.save(ended(await bench.mustClaim(watch.operationId, later), later, "notFound"), later);
      const whole = await bench.track(CHAT, T0 + 3 * MINUTE);
      expect(whole.watch).toMatchObject({ closed: null, state: { isGuess: false, outcome: null } });
      // The cards of before go on showing that it was not here.
      expect((await bench.store.watch(watch.id))?.state).toMatchObject({
        outcome: "notFound",
        isGuess: true,
      });
    });

    // What Graph does not know yet may well come: only a guess ends at the first "not found".
    test("confirmed while it is being asked for, it does not end by the answer to the guess", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, guess);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      const whole = await bench.track(OTHER, T0 + 1);
      await bench.save(ended(claimed, T0 + 2, "notFound"), T0 + 2);
      expect((await bench.store.watch(whole.watch.id))?.closed).toBeNull();
    });

    test("confirmed while it is being asked for, it stays confirmed", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0, guess);
      const claimed = await bench.mustClaim(watch.operationId, T0);
      await bench.track(OTHER, T0 + 1);
      await bench.save(changed(claimed, T0 + 2, { snapshot: aSnapshot("running") }), T0 + 2);
      expect((await bench.operation(watch.operationId)).state.isGuess).toBe(false);
    });
  });

  describe(`what may be written to Teams, on ${name}`, () => {
    const many = (count: number, tenant = CHAT.tenantId) =>
      Array.from({ length: count }, (_, n) => aConversation(`${tenant}-${n}`, tenant));

    test("deliveries and replies share their conversation's budget", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const read = { id: watch.id, wanted: 1 };
      let held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const deliver = async () => {
        const leaseUntil = held.leaseUntil + 1;
        const taken = await bench.store.takeDelivery(held, read, leaseUntil, T0);
        held = { ...held, leaseUntil };
        return taken;
      };
      expect(await deliver()).toEqual(TAKEN);
      expect(await bench.store.takeWrite(CHAT.id, T0)).toEqual(TAKEN);
      expect(await deliver()).toEqual(TAKEN);
      let replies = 0;
      while ((await bench.store.takeWrite(CHAT.id, T0)).kind === "taken") replies += 1;
      expect(replies).toBeLessThanOrEqual(ALLOWED - 3);
      const refused = [await deliver(), await bench.store.takeWrite(CHAT.id, T0)];
      for (const taken of refused) expect(taken).toMatchObject({ kind: "overBudget" });
      const wait = refused[1]?.kind === "overBudget" ? refused[1].waitMs : 0;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThan(SECOND);
      expect(await bench.store.takeWrite(CHAT.id, T0 + wait - 1)).toMatchObject({ kind: "overBudget" });
      expect(await bench.store.takeWrite(CHAT.id, T0 + wait)).toEqual(TAKEN);
    });

    test("of many at once as many are taken as one after the other would be", async () => {
      await using bench = await aStore();
      const foreign = aConversation("foreign", OTHER_TENANT);
      for (const each of [CHAT, foreign]) await bench.store.rememberConversation(each, T0);
      const taken = await Promise.all(Array.from({ length: 12 }, () => bench.store.takeWrite(CHAT.id, T0)));
      let inTurn = 0;
      while ((await bench.store.takeWrite(foreign.id, T0)).kind === "taken") inTurn += 1;
      expect(taken.filter(({ kind }) => kind === "taken")).toHaveLength(inTurn);
    });

    test("a flood in one conversation costs no more statements than one write", async () => {
      await using bench = await aStore();
      for (const each of [CHAT, OTHER]) await bench.store.rememberConversation(each, T0);
      const flood = Array.from({ length: 500 }, () => bench.store.takeWrite(CHAT.id, T0));
      const taken = await Promise.all([...flood, bench.store.takeWrite(OTHER.id, T0)]);
      expect(taken.at(-1)).toEqual(TAKEN);
      expect(taken.slice(0, -1).filter(({ kind }) => kind === "taken").length).toBeLessThanOrEqual(ALLOWED);
    });

    test("an answer and a card of one conversation that come together are both paid", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const read = { id: watch.id, wanted: 1 };
      const [card, answer] = await Promise.all([
        bench.store.takeDelivery(held, read, held.leaseUntil + 1, T0),
        bench.store.takeWrite(CHAT.id, T0),
      ]);
      expect([card, answer]).toEqual([TAKEN, TAKEN]);
      const both = await bench.conversation(CHAT);
      await bench.store.rememberConversation(OTHER, T0);
      for (let n = 0; n < 2; n += 1) await bench.store.takeWrite(OTHER.id, T0);
      const { shortUntil, longUntil } = await bench.conversation(OTHER);
      expect(both).toMatchObject({ shortUntil, longUntil, leaseUntil: held.leaseUntil + 1 });
    });

    test("a card whose watch has moved on costs nothing, keeps its lease, and the answer beside it is paid", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const [card, answer] = await Promise.all([
        bench.store.takeDelivery(held, { id: watch.id, wanted: 7 }, held.leaseUntil + 1, T0),
        bench.store.takeWrite(CHAT.id, T0),
      ]);
      expect([card, answer]).toEqual([{ kind: "changed" }, TAKEN]);
      await bench.store.rememberConversation(OTHER, T0);
      await bench.store.takeWrite(OTHER.id, T0);
      const { shortUntil, longUntil } = await bench.conversation(OTHER);
      expect(await bench.conversation(CHAT)).toMatchObject({
        shortUntil,
        longUntil,
        leaseUntil: held.leaseUntil + 1,
      });
    });

    test("who waited for a lock pays by the time when they have it", async () => {
      let at = T0;
      await using bench = await aStore();
      const store = createStore(bench.database, { pace: paceOf(1_000_000), leadMs: 0 }, () => at);
      await store.rememberConversation(CHAT, T0);
      const early = await Promise.all(Array.from({ length: 9 }, () => store.takeWrite(CHAT.id, T0)));
      const room = early.filter(({ kind }) => kind === "taken").length;
      at = T0 + 2 * SECOND;
      // Asked long ago, and made now: what was written in between counts.
      const late = await Promise.all(Array.from({ length: 9 }, () => store.takeWrite(CHAT.id, T0)));
      const more = late.filter(({ kind }) => kind === "taken").length;
      expect(more).toBeGreaterThan(0);
      expect(more).toBeLessThanOrEqual(room);
      const { shortUntil } = await bench.conversation(CHAT);
      expect(shortUntil).toBeGreaterThan(at);
      expect(await store.takeWrite(CHAT.id, T0)).toMatchObject({ kind: "overBudget" });
    });

    test("an alarm that rings into a pause is set again for its end", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.store.pauseConversation(CHAT.id, T0 + HOUR);
      await bench.dropAlarms("deliveries");
      expect(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE)).toEqual([]);
      expect(await bench.alarms("deliveries")).toEqual([
        { queue: "deliveries", key: laterKey(T0 + HOUR), at: T0 + HOUR },
      ]);
    });

    test("an alarm that is sooner is not held back by one that waits for a pause", async () => {
      await using bench = await aStore();
      await bench.track(CHAT, T0);
      await bench.dropAlarms("deliveries");
      await bench.store.pauseConversation(CHAT.id, T0 + HOUR);
      await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE);
      await bench.run("update opwatch.conversations set paused_until = null");
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.releaseConversation(held, { misses: 1, retryAt: T0 + SECOND }, T0);
      const alarms = await bench.alarms("deliveries");
      expect(alarms.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual([T0 + SECOND, T0 + HOUR]);
    });

    test("the conversations of a tenant share its budget; another tenant has its own", async () => {
      await using bench = await aStore();
      const own = many(ALLOWED_IN_TENANT + 5);
      const foreign = aConversation("foreign", OTHER_TENANT);
      for (const each of [...own, foreign]) await bench.store.rememberConversation(each, T0);
      const taken = await Promise.all(own.map(({ id }) => bench.store.takeWrite(id, T0)));
      const room = taken.filter(({ kind }) => kind === "taken").length;
      expect(room).toBeGreaterThan(0);
      expect(room).toBeLessThanOrEqual(ALLOWED_IN_TENANT);
      expect(await bench.store.takeWrite(foreign.id, T0)).toEqual(TAKEN);
      // What the tenant had no room for cost its conversation nothing.
      const refused = own.filter((_, n) => taken[n]?.kind === "overBudget");
      for (const each of refused) expect(await bench.conversation(each)).toMatchObject({ shortUntil: 0 });
      const again = await bench.store.takeWrite(only(refused.slice(0, 1)).id, T0 + SECOND);
      expect(again).toEqual(TAKEN);
    });

    test("a delivery that the tenant has no room for says how long to wait, and keeps its lease", async () => {
      await using bench = await aStore();
      for (const each of many(ALLOWED_IN_TENANT)) {
        await bench.store.rememberConversation(each, T0);
        await bench.store.takeWrite(each.id, T0);
      }
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      const leaseUntil = held.leaseUntil + 1;
      const taken = await bench.store.takeDelivery(held, { id: watch.id, wanted: 1 }, leaseUntil, T0);
      expect(taken).toMatchObject({ kind: "inLine" });
      const wait = taken.kind === "inLine" ? taken.waitMs : 0;
      const renewed = { ...held, leaseUntil };
      expect(
        await bench.store.takeDelivery(renewed, { id: watch.id, wanted: 1 }, leaseUntil + 1, T0 + wait),
      ).toEqual(TAKEN);
    });

    test("a card that is not there yet passes the line that those of its tenant stand in", async () => {
      await using bench = await aStore();
      for (const each of many(ALLOWED_IN_TENANT)) await lined(bench, each);
      const { watch, held, taken } = await lined(bench, CHAT);
      expect(taken).toMatchObject({ kind: "inLine" });
      const { placeAt } = await bench.conversation(CHAT);
      const leaseUntil = held.leaseUntil + 1;
      const later = T0 + SECOND;
      const post = { id: watch.id, wanted: 1, isPost: true };
      expect(await bench.store.takeDelivery({ ...held, leaseUntil }, post, leaseUntil + 1, later)).toEqual(
        TAKEN,
      );
      expect(placeAt).toBeGreaterThan(later);
      expect(await bench.conversation(CHAT)).toMatchObject({ placeAt });
    });

    /** Somebody wants to change a card there. */
    async function lined(bench: StoreBench, chat: Conversation) {
      const { watch } = await bench.track(chat, T0, { addresses: [anAddress(chat.id)] });
      const held = only(await bench.store.claimConversations([chat.id], T0, DELIVERY_LEASE));
      const taken = await bench.store.takeDelivery(
        held,
        { id: watch.id, wanted: 1 },
        held.leaseUntil + 1,
        T0,
      );
      return { watch, held, taken };
    }

    test("a conversation whose card waits in line is woken for it, or by a new card, and by nothing else", async () => {
      await using bench = await aStore();
      for (const each of many(ALLOWED_IN_TENANT)) await lined(bench, each);
      const { watch, held, taken } = await lined(bench, CHAT);
      await bench.store.saveShown({ watch: watch.id, wanted: 0, activityId: "1", shown: "x" });
      const at = T0 + (taken.kind === "inLine" ? taken.waitMs : 0);
      await bench.dropAlarms("deliveries");
      const renewed = { ...held, leaseUntil: held.leaseUntil + 1 };
      await bench.store.releaseConversation(renewed, { misses: 0, retryAt: null, placeAt: at }, T0);
      const atItsPlace = [{ queue: "deliveries", key: laterKey(at), at }];
      expect(await bench.alarms("deliveries")).toEqual(atItsPlace);
      await bench.store.sweep(T0 + 1);
      await bench.save(changed(await bench.mustClaim(watch.operationId, T0 + 1), T0 + 1), T0 + 1);
      expect(await alarmsOf(bench, CHAT)).toEqual(atItsPlace);
      await bench.track(CHAT, T0 + 2, { addresses: [anAddress("new")] });
      expect((await alarmsOf(bench, CHAT)).map(({ key }) => key).toSorted()).toEqual([CHAT.id, laterKey(at)]);
      expect(await bench.store.claimConversations([CHAT.id], T0 + 2, DELIVERY_LEASE)).toHaveLength(1);
      expect(await bench.store.takeWrite(CHAT.id, T0 + SECOND)).toEqual(TAKEN);
      const posts = await bench.store.undelivered(CHAT.id, 10, "posts");
      expect(posts.map(({ address }) => address.operation)).toEqual(["op-new"]);
    });

    test("a card that is tracked while another one's place is being written down is not forgotten", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.saveShown({ watch: watch.id, wanted: 0, activityId: "1", shown: "x" });
      await bench.track(CHAT, T0, { addresses: [anAddress("new")] });
      await bench.dropAlarms("deliveries");
      await bench.store.releaseConversation(held, { misses: 0, retryAt: null, placeAt: T0 + MINUTE }, T0);
      expect((await bench.alarms("deliveries")).map(({ key }) => key)).toEqual([CHAT.id]);
    });

    const laterKey = (at: number): string => `${CHAT.id} ${Math.ceil(at / SECOND)}`;
    const alarmsOf = async (bench: StoreBench, { id }: Conversation) =>
      (await bench.alarms("deliveries")).filter(({ key }) => key.startsWith(id));

    test("a busy tenant is written to at least 20 times a second, and never more than Teams allows", async () => {
      await using bench = await aStore();
      const places = many(40);
      for (const each of places) await bench.store.rememberConversation(each, T0);
      const at: number[] = [];
      for (let now = T0; now < T0 + 2 * SECOND; now += 200) {
        const taken = await Promise.all(places.map(({ id }) => bench.store.takeWrite(id, now)));
        at.push(...taken.filter(({ kind }) => kind === "taken").map(() => now));
      }
      const within = (from: number) => at.filter((each) => each >= from && each < from + SECOND).length;
      expect(Math.max(...at.map(within))).toBeLessThanOrEqual(ALLOWED_IN_TENANT);
      expect(at.length).toBeGreaterThanOrEqual(40);
    });

    test("nothing is taken during a pause, by neither", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const held = only(await bench.store.claimConversations([CHAT.id], T0, DELIVERY_LEASE));
      await bench.store.pauseConversation(CHAT.id, T0 + MINUTE);
      const leaseUntil = held.leaseUntil + 1;
      const paused = { kind: "overBudget", waitMs: MINUTE - SECOND };
      const now = T0 + SECOND;
      expect(await bench.store.takeWrite(CHAT.id, now)).toEqual(paused);
      const read = { id: watch.id, wanted: 1 };
      expect(await bench.store.takeDelivery(held, read, leaseUntil, now)).toEqual(paused);
      expect(await bench.store.takeWrite(CHAT.id, T0 + MINUTE)).toEqual(TAKEN);
    });

    test("a reply to a conversation that is not known may be written", async () => {
      await using bench = await aStore();
      expect(await bench.store.takeWrite(CHAT.id, T0)).toEqual(TAKEN);
    });
  });
}

/** Durations are kept in buckets that grow by a fifth. */
function expectAbout(actual: number | undefined, wanted: number): void {
  expect(actual).toBeGreaterThanOrEqual(wanted * 0.8);
  expect(actual).toBeLessThanOrEqual(wanted * 1.25);
}
