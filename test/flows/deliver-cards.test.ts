import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Deliverer } from "../../src/flows/deliverer.ts";
import { createTeamsPauses } from "../../src/flows/teams-pauses.ts";
import type { TeamsResult } from "../../src/flows/ports.ts";
import { tenantId, type ConversationId, type OperationId } from "../../src/core/ids.ts";
import type { Result } from "../../src/core/operation.ts";
import {
  aConversation,
  anAddress,
  aSnapshot,
  aTrack,
  changed,
  ended,
  INTERVAL,
  MINUTE,
  nothingNew,
  SECOND,
} from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";
import type { PortWrite } from "../support/a-fake-teams-port.ts";
import { aDelivery, watchNow, type DeliveryBench } from "./a-delivery.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
const aBench = async (): Promise<DeliveryBench> => aDelivery(await shared.emptied());

const CHAT = aConversation("chat");
const OTHER = aConversation("other");

const THROTTLED: TeamsResult = { kind: "throttled", retryAfterMs: 10 * MINUTE };
const AWAY: TeamsResult = { kind: "unavailable", status: 503, reason: "503", isCertain: true };
const UNCLEAR: TeamsResult = { kind: "unavailable", status: null, reason: "timeout", isCertain: false };
const GONE: TeamsResult = { kind: "conversationGone", status: 403, code: "BotNotInConversationRoster" };
const NOT_FOUND: TeamsResult = { kind: "conversationGone", status: 404, code: "ConversationNotFound" };
const CARD_GONE: TeamsResult = { kind: "cardGone" };
const REJECTED: TeamsResult = { kind: "rejected", status: 400, code: "BadSyntax" };

describe("in a tenant with a long line of cards", () => {
  test("a new card is posted at once, also where another one waits in line, which keeps its turn", async () => {
    await using bench = await aBench();
    const chats = Array.from({ length: 200 }, (_, n) => aConversation(`busy-${n}`));
    const watches = [];
    for (const [n, chat] of chats.entries())
      watches.push(await bench.track(chat, { addresses: [anAddress(n)] }));
    await bench.goOn(20 * SECOND);
    expect(bench.teams.taken).toHaveLength(200);
    const ids = watches.map(({ operationId }) => operationId);
    bench.wait(INTERVAL);
    const claimed = await bench.rows.claim(ids, bench.now());
    await bench.save(claimed.map((each) => changed(each, bench.now())));
    await bench.rows.dropAlarms("deliveries");
    const nap = Promise.withResolvers<void>();
    let naps = 0;
    const deliverer = bench.aDeliverer({}, async (ms) => {
      naps += 1;
      await nap.promise;
      bench.wait(ms);
    });
    await deliverer.run(chats.map(({ id }) => id));
    const updates = () => bench.texts().filter((text) => text.startsWith("update")).length;
    await expect
      .poll(async () => updates() + naps + (await bench.rows.alarms("deliveries")).length)
      .toBe(chats.length);
    const alarms = (await bench.rows.alarms("deliveries")).toSorted((a, b) => a.at - b.at);
    const busy = chats.find(({ id }) => alarms.at(-1)?.key.startsWith(`${id} `)) ?? CHAT;
    await bench.track(busy, { addresses: [anAddress("new")] });
    bench.wait(500);
    await deliverer.run([busy.id]);
    await expect.poll(() => bench.texts()).toContain("post op-new: asking");
    expect(updates()).toBeLessThan(30);
    nap.resolve();
    await deliverer.drained();
    await bench.goOn(10 * SECOND);
    expect(updates()).toBe(200);
    const last = bench.teams.taken.at(-1);
    expect(last?.at).toBeGreaterThan(bench.now() - 10 * SECOND);
  });
});

describe("where even new cards wait in line", () => {
  const chats = Array.from({ length: 60 }, (_, n) => aConversation(`busy-${n}`));

  /** The chat whose card waits longest, and when it is woken for it. */
  async function aWaitingChat(bench: DeliveryBench) {
    for (const [n, chat] of chats.entries()) await bench.track(chat, { addresses: [anAddress(n)] });
    await bench.ring();
    const alarms = (await bench.rows.alarms("deliveries")).toSorted((a, b) => a.at - b.at);
    const last = alarms.at(-1)?.key ?? "";
    const chat = chats.find(({ id }) => last.startsWith(`${id} `)) ?? CHAT;
    return { chat, alarms: alarms.filter(({ key }) => key.startsWith(`${chat.id} `)) };
  }

  test("who has its turn in a moment holds its conversation until then", async () => {
    await using bench = await aBench();
    const begunAt = bench.now();
    await aWaitingChat(bench);
    // No alarm is for half a second from the beginning: those cards are written, each when its turn came.
    const alarms = await bench.rows.alarms("deliveries");
    expect(Math.min(...alarms.map(({ at }) => at))).toBeGreaterThan(begunAt + 500);
    expect(bench.now()).toBeGreaterThan(begunAt);
    expect(bench.now()).toBeLessThan(begunAt + SECOND);
    expect(bench.teams.taken.length).toBeGreaterThan(15);
    expect(bench.teams.taken.length + alarms.length).toBe(60);
  });

  test("their conversation is woken at its turn", async () => {
    await using bench = await aBench();
    const { alarms } = await aWaitingChat(bench);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]?.at).toBeGreaterThan(bench.now());
    await bench.goOn(5 * SECOND);
    expect(bench.teams.taken).toHaveLength(60);
  });

  test("nobody begins to wait any more when the process ends: an alarm is for those", async () => {
    await using bench = await aBench();
    for (const [n, chat] of chats.entries()) await bench.track(chat, { addresses: [anAddress(n)] });
    await bench.rows.dropAlarms("deliveries");
    let naps = 0;
    const deliverer = bench.aDeliverer({}, () => {
      naps += 1;
      return Promise.resolve();
    });
    bench.teams.react = () => {
      deliverer.stop();
      return null;
    };
    await deliverer.run(chats.map(({ id }) => id));
    await deliverer.drained();
    expect(naps).toBe(0);
    const alarms = await bench.rows.alarms("deliveries");
    expect(alarms.length).toBeGreaterThan(40);
    expect(bench.teams.taken.length + alarms.length).toBe(60);
  });

  test("no write is begun any more then, neither a card's nor a message's: others go on at once", async () => {
    await using bench = await aBench();
    const tracked = aTrack(CHAT, { addresses: [1, 2].map(anAddress), notify: "always" });
    const ids = (await bench.store.track(tracked, bench.now())).map(({ watch }) => watch.operationId);
    await bench.ring();
    for (const id of ids) await bench.answer(id, "succeeded");
    const told = (): readonly string[] => bench.texts().slice(2);
    for (const last of [
      "update op-1: succeeded 1",
      "update op-2: succeeded 1",
      "ping Alex Wilber, op-1: succeeded 1",
      "ping Alex Wilber, op-2: succeeded 1",
    ]) {
      const ending = bench.aDeliverer();
      bench.teams.react = () => {
        ending.stop();
        return null;
      };
      await bench.rows.dropAlarms("deliveries");
      await ending.run([CHAT.id]);
      await ending.drained();
      expect(told().at(-1)).toBe(last);
      bench.wait(SECOND);
    }
    expect(told()).toHaveLength(4);
    expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
  });

  test("no more than half of all that are written to wait for a turn that is near", async () => {
    await using bench = await aBench();
    const crowds = Array.from({ length: 30 }, (_, tenant) => tenantId(`tenant-${tenant}`));
    const crowd = crowds.flatMap((tenant) =>
      Array.from({ length: 24 }, (_, n) => ({ ...aConversation(`${tenant}-${n}`), tenantId: tenant })),
    );
    for (const chat of crowd) await bench.track(chat);
    let waiting = 0;
    let most = 0;
    const woken = Promise.withResolvers<void>();
    const deliverer = bench.aDeliverer({}, async (ms) => {
      waiting += 1;
      most = Math.max(most, waiting);
      await woken.promise;
      bench.wait(ms);
      waiting -= 1;
    });
    await deliverer.run(crowd.map(({ id }) => id));
    await expect.poll(() => waiting).toBe(256);
    woken.resolve();
    await deliverer.drained();
    expect(most).toBe(256);
  });

  test("people there are answered, and a card that is new has its chance", async () => {
    await using bench = await aBench();
    const { chat } = await aWaitingChat(bench);
    bench.wait(250);
    expect(await bench.store.takeWrite(chat.id, bench.now())).toEqual({ kind: "taken" });
    await bench.track(chat, { addresses: [anAddress("new")] });
    await bench.goOn(SECOND);
    const posted = bench.teams.taken.filter(({ conversation }) => conversation === chat.id);
    expect(posted.map(({ kind }) => kind)).toContain("post");
  });
});

describe("news from a check", () => {
  async function told(deliverer: Deliverer): Promise<void> {
    deliverer.tell([CHAT.id]);
    await deliverer.drained();
  }

  async function someNews(bench: DeliveryBench): Promise<void> {
    const watch = await bench.track(CHAT);
    await bench.ring();
    await bench.answer(watch.operationId, "running");
    await bench.rows.dropAlarms();
  }

  test("is written by the process that heard of it, without an alarm", async () => {
    await using bench = await aBench();
    await someNews(bench);
    await told(bench.aDeliverer());
    expect(bench.texts()).toEqual(["post op-1: asking", "update op-1: running 1"]);
    expect(await bench.rows.alarms("deliveries")).toEqual([]);
  });

  test("is left to others by a process that ends", async () => {
    await using bench = await aBench();
    await someNews(bench);
    const deliverer = bench.aDeliverer();
    deliverer.stop();
    await told(deliverer);
    expect(bench.texts()).toEqual(["post op-1: asking"]);
    expect((await bench.rows.alarms("deliveries")).map(({ key }) => key)).toEqual([CHAT.id]);
    await bench.ring(bench.aDeliverer());
    expect(bench.texts()).toHaveLength(2);
  });

  test("is found by the sweep where the database was away in the moment of the telling", async () => {
    await using bench = await aBench();
    await someNews(bench);
    const away = (): Promise<never> => Promise.reject(new Error("database away"));
    await told(bench.aDeliverer({ claimConversations: away }));
    expect(bench.events.at(-1)).toMatchObject({ event: "delivery.untold", conversations: 1 });
    await bench.goOn(6 * SECOND);
    expect(bench.texts()).toEqual(["post op-1: asking", "update op-1: running 1"]);
  });

  test("for more conversations than there is room for wakes others for the rest", async () => {
    await using bench = await aBench();
    const chats = Array.from({ length: 600 }, (_, n) => aConversation(`many-${n}`));
    const tracks = chats.map((chat, n) => aTrack(chat, { addresses: [anAddress(n)] }));
    for (const track of tracks) await bench.store.track(track, bench.now());
    await bench.rows.dropAlarms();
    const hung = Promise.withResolvers<null>();
    bench.teams.react = () => hung.promise;
    const deliverer = bench.aDeliverer();
    deliverer.tell(chats.map(({ id }) => id));
    await expect.poll(() => bench.rows.alarms("deliveries")).toHaveLength(600 - 512);
    hung.resolve(null);
    await deliverer.drained();
  });

  test("that comes while other news are being claimed finds their room taken", async () => {
    await using bench = await aBench();
    const chats = Array.from({ length: 600 }, (_, n) => aConversation(`many-${n}`));
    const claimed: number[] = [];
    const woken: number[] = [];
    const deliverer = bench.aDeliverer({
      claimConversations: (ids) => {
        claimed.push(ids.length);
        return Promise.resolve([]);
      },
      wakeDeliveries: (ids) => {
        woken.push(ids.length);
        return Promise.resolve();
      },
    });
    const ids = chats.map(({ id }) => id);
    deliverer.tell(ids.slice(0, 300));
    deliverer.tell(ids.slice(300));
    await deliverer.drained();
    expect([claimed, woken]).toEqual([[300, 212], [88]]);
  });

  test("where nobody could be woken for it is found by the sweep", async () => {
    await using bench = await aBench();
    await someNews(bench);
    const away = (): Promise<never> => Promise.reject(new Error("database away"));
    const deliverer = bench.aDeliverer({ wakeDeliveries: away });
    deliverer.stop();
    await told(deliverer);
    expect(bench.events.at(-1)).toMatchObject({ event: "delivery.untold", conversations: 1 });
    await bench.goOn(6 * SECOND);
    expect(bench.texts()).toEqual(["post op-1: asking", "update op-1: running 1"]);
  });
});

// Teams answers concurrent ones with 412.
test("the cards of one conversation are written one after the other, and in their order", async () => {
  await using bench = await aBench();
  let writing = 0;
  let most = 0;
  bench.teams.react = async () => {
    writing += 1;
    most = Math.max(most, writing);
    // Another would have time to come in between.
    await bench.store.usual();
    writing -= 1;
    return null;
  };
  const tracked = aTrack(CHAT, { addresses: [1, 2, 3].map(anAddress) });
  const ids = (await bench.store.track(tracked, bench.now())).map(({ watch }) => watch.operationId);
  await bench.ring();
  bench.wait(MINUTE);
  const claimed = await bench.rows.claim(ids, bench.now());
  await bench.save(claimed.map((each) => changed(each, bench.now())));
  await bench.ring();
  expect(most).toBe(1);
  const numbers = ["op-1", "op-2", "op-3"];
  expect(bench.texts()).toEqual([
    ...numbers.map((each) => `post ${each}: asking`),
    ...numbers.map((each) => `update ${each}: running 1`),
  ]);
});

describe("a card", () => {
  test("is posted once, then changed in place, as the operation goes on to its end", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    await bench.answer(watch.operationId, "running");
    await bench.ring();
    await bench.answer(watch.operationId, "succeeded");
    await bench.ring();
    expect(bench.texts()).toEqual([
      "post op-1: asking",
      "update op-1: running 1",
      "update op-1: succeeded 1",
    ]);
    expect([...bench.teams.cards.values()]).toEqual(["op-1: succeeded 1"]);
    expect(bench.events.map(({ event }) => event)).toEqual(["card.posted", "card.updated", "card.updated"]);
  });

  test("is not written when it would look the same, whatever rings", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    await bench.answer(watch.operationId, "running");
    await bench.ring();
    await bench.rows.run("update opwatch.watches set wanted = wanted + 1");
    const deliverer = bench.aDeliverer();
    await deliverer.run([CHAT.id]);
    await deliverer.drained();
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts).toHaveLength(2);
    expect(await bench.store.undelivered(CHAT.id, 10)).toEqual([]);
  });

  test("shows the last of several changes, and those between are never shown", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.answer(watch.operationId, "waiting");
    await bench.answer(watch.operationId, "running", 2);
    await bench.answer(watch.operationId, "running", 3);
    await bench.ring();
    expect(bench.texts()).toEqual(["post op-1: running 3"]);
  });

  test("that changed while it was being written is written again", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    bench.teams.react = async () => {
      bench.teams.react = () => null;
      await bench.answer(watch.operationId, "running");
      return null;
    };
    await bench.ring();
    expect(bench.texts()).toEqual(["post op-1: asking", "update op-1: running 1"]);
  });

  test("lost between its write and the save is written again, and nothing newer is undone", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    await bench.answer(watch.operationId, "running");
    const dying = bench.aDeliverer({ saveShown: () => Promise.reject(new Error("killed")) });
    await bench.ring(dying);
    expect(bench.events.at(-1)?.event).toBe("delivery.failed");
    await bench.answer(watch.operationId, "succeeded");
    await bench.goOn(MINUTE);
    expect([...bench.teams.cards.values()]).toEqual(["op-1: succeeded 1"]);
    expect(bench.texts().at(-1)).toBe("update op-1: succeeded 1");
  });

  test("of two deliverers at once is written by one", async () => {
    await using bench = await aBench();
    const addresses = [1, 2, 3].map(anAddress);
    await bench.track(CHAT, { addresses });
    await bench.track(OTHER, { addresses });
    const deliverers = [bench.aDeliverer(), bench.aDeliverer(), bench.aDeliverer()];
    await Promise.all(
      deliverers.map(async (deliverer) => {
        await deliverer.run([CHAT.id, OTHER.id]);
        await deliverer.drained();
      }),
    );
    expect(bench.teams.taken).toHaveLength(6);
    expect(bench.teams.cards.size).toBe(6);
  });
});

describe("when Teams asks to wait", () => {
  test("nothing is written before, by nobody, also after a restart; other conversations go on", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    bench.teams.react = only(CHAT.id, THROTTLED);
    await bench.ring();
    const end = bench.now() + 10 * MINUTE;
    await bench.answer(watch.operationId, "running");
    await bench.track(CHAT, { addresses: [anAddress(2)] });
    await bench.track(OTHER);
    const restarted = bench.aDeliverer();
    await restarted.run([CHAT.id]);
    await restarted.drained();
    await bench.goOn(end - bench.now() - 1);
    expect(bench.teams.attempts.filter(({ conversation }) => conversation === CHAT.id)).toHaveLength(1);
    expect(bench.teams.cards.size).toBe(1);

    bench.teams.react = () => null;
    await bench.goOn(10 * SECOND);
    expect([...bench.teams.cards.values()].toSorted()).toEqual([
      "op-1: running 1",
      "op-1: running 1",
      "op-2: asking",
    ]);
    expect(Math.min(...written(bench, CHAT.id).map(({ at }) => at))).toBeGreaterThanOrEqual(end);
  });

  test("without a time, it waits longer and longer", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    bench.teams.react = () => ({ kind: "throttled", retryAfterMs: null });
    await bench.goOn(2 * MINUTE);
    const gaps = gapsOf(bench.teams.attempts);
    expect(gaps.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32].map((seconds) => seconds * SECOND));
  });

  test("for an absurd time, it waits a bounded one", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    bench.teams.react = () => ({ kind: "throttled", retryAfterMs: 1e15 });
    await bench.goOn(2 * MINUTE);
    expect(bench.teams.attempts).toHaveLength(1);
    expect(bench.events.map(({ event }) => event)).toEqual(["delivery.delayed"]);
    bench.teams.react = () => null;
    bench.wait(25 * 60 * MINUTE);
    await bench.goOn(MINUTE);
    expect(bench.teams.cards.size).toBe(1);
  });
});

describe("when Teams is away", () => {
  test("it tries again with growing waits of two minutes at most, and then catches up at once", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    bench.teams.react = () => AWAY;
    await bench.answer(watch.operationId, "succeeded");
    await bench.goOn(20 * MINUTE);
    const gaps = gapsOf(bench.teams.attempts.slice(1));
    expect(gaps.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 64].map((seconds) => seconds * SECOND));
    expect(gaps.slice(7).every((gap) => gap === 120 * SECOND)).toBe(true);

    bench.teams.react = () => null;
    await bench.goOn(2 * MINUTE);
    expect([...bench.teams.cards.values()]).toEqual(["op-1: succeeded 1"]);
    expect((await bench.rows.conversation(CHAT)).misses).toBe(0);
  });

  test("what one conversation waits for holds up no other", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    await bench.track(OTHER);
    bench.teams.react = only(CHAT.id, AWAY);
    await bench.ring();
    expect(written(bench, OTHER.id)).toHaveLength(1);
  });

  test("a write that hangs in one conversation holds up no other", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    await bench.track(OTHER);
    const { promise: answered, resolve: answer } = Promise.withResolvers<null>();
    bench.teams.react = ({ conversation }) => (conversation === CHAT.id ? answered : null);
    const deliverer = bench.aDeliverer();
    await deliverer.run([CHAT.id, OTHER.id]);
    await expect.poll(() => bench.teams.taken.length).toBe(1);
    answer(null);
    await deliverer.drained();
    expect(bench.teams.taken).toHaveLength(2);
  });
});

describe("a card that was deleted", () => {
  test("is posted anew once, after three misses; then its watch ends without a word", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    bench.teams.react = ({ kind }) => (kind === "update" ? CARD_GONE : null);
    await bench.answer(watch.operationId, "running");
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts.map(({ kind }) => kind)).toEqual([
      "post",
      "update",
      "update",
      "update",
      "post",
    ]);
    expect([...bench.teams.cards.values()]).toEqual(["op-1: asking", "op-1: running 1"]);

    await bench.answer(watch.operationId, "running", 2);
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts.slice(5).map(({ kind }) => kind)).toEqual(["update", "update", "update"]);
    expect((await watchNow(bench, watch)).closed?.reason).toBe("cardLost");
    await bench.goOn(10 * MINUTE);
    expect(bench.teams.attempts).toHaveLength(8);
    expect(bench.events.map(({ event }) => event)).toContain("card.lost");
  });

  test("a single miss is spurious: the card is changed a moment later", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    let misses = 2;
    bench.teams.react = () => ((misses -= 1) >= 0 ? CARD_GONE : null);
    await bench.answer(watch.operationId, "running");
    await bench.goOn(MINUTE);
    expect([...bench.teams.cards.values()]).toEqual(["op-1: running 1"]);
    expect((await bench.rows.watch(watch.id)).cardMisses).toBe(0);
  });

  test("does not hold up the other cards of its conversation for good", async () => {
    await using bench = await aBench();
    const lost = await bench.track(CHAT);
    await bench.ring();
    const other = await bench.track(CHAT, { addresses: [anAddress(2)] });
    bench.teams.react = ({ text }) => (text.startsWith("op-1") ? CARD_GONE : null);
    await bench.answer(lost.operationId, "running");
    await bench.goOn(MINUTE);
    expect((await watchNow(bench, other)).activityId).not.toBeNull();
  });

  test("of a stopped watch is not posted anew", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    bench.teams.react = ({ kind }) => (kind === "update" ? CARD_GONE : null);
    await bench.store.stopWatches(CHAT.id, [watch.id], bench.now());
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts.map(({ kind }) => kind)).toEqual(["post", "update", "update", "update"]);
  });
});

describe("a conversation that is gone", () => {
  test("is forgotten at the first word of it, and nothing is written there any more", async () => {
    await using bench = await aBench();
    const addresses = [1, 2, 3].map(anAddress);
    const watch = await bench.track(CHAT, { addresses });
    bench.teams.react = () => GONE;
    await bench.ring();
    expect(bench.teams.attempts).toHaveLength(1);
    expect((await watchNow(bench, watch)).closed?.reason).toBe("removed");
    bench.teams.react = () => null;
    await bench.goOn(10 * MINUTE);
    expect(bench.teams.attempts).toHaveLength(1);
    expect(bench.events).toContainEqual({
      event: "conversation.gone",
      conversation: CHAT.id,
      reason: "403 BotNotInConversationRoster",
    });
  });

  test("is forgotten at a 404 only when it stays: single ones are spurious", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    const answers = [NOT_FOUND, NOT_FOUND, NOT_FOUND];
    bench.teams.react = () => answers.shift() ?? null;
    await bench.ring();
    await bench.goOn(MINUTE);
    expect((await watchNow(bench, watch)).activityId).not.toBeNull();
    bench.teams.react = () => NOT_FOUND;
    await bench.answer(watch.operationId, "failed");
    await bench.goOn(MINUTE);
    expect((await bench.rows.conversation(CHAT)).goneAt).not.toBeNull();
  });

  test("also when a ping hears of it", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.ring();
    await bench.answer(watch.operationId, "failed");
    bench.teams.react = ({ kind }) => (kind === "ping" ? GONE : null);
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts.filter(({ kind }) => kind === "ping")).toHaveLength(1);
    expect((await bench.rows.conversation(CHAT)).goneAt).not.toBeNull();
  });

  test("forgotten during a write, gets nothing more", async () => {
    await using bench = await aBench();
    await bench.track(CHAT, { addresses: [1, 2, 3].map(anAddress) });
    bench.teams.react = async () => {
      await bench.store.forgetConversation(CHAT, bench.now());
      return null;
    };
    await bench.ring();
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts).toHaveLength(1);
  });
});

describe("what Teams rejects", () => {
  test("is not tried again, and the rest goes on", async () => {
    await using bench = await aBench();
    await bench.store.track(aTrack(CHAT, { addresses: [anAddress(1)] }), bench.now());
    await bench.store.track(aTrack(CHAT, { addresses: [anAddress(2)] }), bench.now() + 1);
    bench.teams.react = ({ text }) => (text.startsWith("op-1") ? REJECTED : null);
    await bench.goOn(10 * MINUTE);
    expect(bench.teams.attempts.map(({ text }) => text)).toEqual(["op-1: asking", "op-2: asking"]);
    expect(bench.events.map(({ event }) => event)).toContain("delivery.rejected");
  });

  test("does not keep the next change from being tried", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    bench.teams.react = () => REJECTED;
    await bench.ring();
    bench.teams.react = () => null;
    await bench.answer(watch.operationId, "running");
    await bench.ring();
    expect(bench.texts()).toEqual(["post op-1: running 1"]);
  });
});

describe("the final ping", () => {
  test("comes once, after the card shows the end", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.ring();
    await bench.answer(watch.operationId, "succeeded");
    await bench.ring();
    await bench.rows.run("update opwatch.watches set wanted = wanted + 1, shown = null");
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual([
      "post op-1: asking",
      "update op-1: succeeded 1",
      "ping Alex Wilber, op-1: succeeded 1",
      "update op-1: succeeded 1",
    ]);
  });

  test("comes after the cards of those that end with it, and each after its own", async () => {
    await using bench = await aBench();
    const tracked = await bench.store.track(
      aTrack(CHAT, { addresses: [1, 2, 3].map(anAddress), notify: "always" }),
      bench.now(),
    );
    await bench.ring();
    for (const { watch } of tracked) await bench.answer(watch.operationId, "succeeded");
    await bench.goOn(MINUTE);
    const numbers = ["op-1", "op-2", "op-3"];
    expect(bench.texts().slice(3)).toEqual([
      ...numbers.map((each) => `update ${each}: succeeded 1`),
      ...numbers.map((each) => `ping Alex Wilber, ${each}: succeeded 1`),
    ]);
  });

  test("does not wait for a card that is missing", async () => {
    await using bench = await aBench();
    const tracked = await bench.store.track(
      aTrack(CHAT, { addresses: [1, 2].map(anAddress), notify: "always" }),
      bench.now(),
    );
    await bench.ring();
    bench.teams.react = ({ kind, text }) => (kind === "update" && text.startsWith("op-2") ? CARD_GONE : null);
    for (const { watch } of tracked) await bench.answer(watch.operationId, "succeeded");
    await bench.ring();
    bench.wait(2 * SECOND);
    await bench.ring();
    expect(bench.texts().slice(2)).toEqual([
      "update op-1: succeeded 1",
      "ping Alex Wilber, op-1: succeeded 1",
    ]);
  });

  test("does not wait for a card that Teams never takes", async () => {
    await using bench = await aBench();
    const tracked = await bench.store.track(
      aTrack(CHAT, { addresses: [1, 2].map(anAddress), notify: "always" }),
      bench.now(),
    );
    const [first, second] = tracked.map(({ watch }) => watch.operationId);
    if (first === undefined || second === undefined) throw new Error("Nothing was tracked.");
    await bench.ring();
    bench.teams.react = ({ kind, text }) => (kind === "update" && text.startsWith("op-2") ? AWAY : null);
    await bench.answer(second, "succeeded");
    await bench.goOn(5 * MINUTE);
    await bench.answer(first, "succeeded");
    await bench.goOn(6 * MINUTE);
    const [card, ping] = bench.teams.taken.slice(2);
    expect([card?.text, ping?.text]).toEqual(["op-1: succeeded 1", "Alex Wilber, op-1: succeeded 1"]);
    expect((ping?.at ?? 0) - (card?.at ?? 0)).toBeLessThan(SECOND);
  });

  test("does not wait for cards that only go on", async () => {
    await using bench = await aBench();
    const tracked = aTrack(CHAT, { addresses: [1, 2, 3, 4].map(anAddress), notify: "always" });
    const ids = (await bench.store.track(tracked, bench.now())).map(({ watch }) => watch.operationId);
    await bench.goOn(MINUTE);
    const claimed = await bench.rows.claim(ids, bench.now());
    const isLast = ({ id }: (typeof claimed)[number]): boolean => id === ids.at(-1);
    await bench.save(claimed.map((each) => (isLast(each) ? ended : changed)(each, bench.now())));
    await bench.ring();
    expect(bench.texts().slice(4, 6)).toEqual([
      "update op-4: succeeded",
      "ping Alex Wilber, op-4: succeeded",
    ]);
  });

  test("does not come when it was not wanted", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "never" });
    await bench.answer(watch.operationId, "failed");
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1"]);
  });

  test.for([
    ["whose fate is unclear", UNCLEAR],
    ["that is rejected", REJECTED],
  ] as const)("%s is not sent again", async ([, result]) => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    bench.teams.react = ({ kind }) => (kind === "ping" ? result : null);
    await bench.goOn(10 * MINUTE);
    expect(bench.teams.attempts.filter(({ kind }) => kind === "ping")).toHaveLength(1);
    expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
  });

  test.for([
    ["throttled", { kind: "throttled", retryAfterMs: MINUTE } as const],
    ["away before it took anything", AWAY],
  ] as const)("is sent later when Teams was %s", async ([, result]) => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    bench.teams.react = ({ kind }) => (kind === "ping" ? result : null);
    await bench.ring();
    bench.teams.react = () => null;
    await bench.goOn(2 * MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1", "ping Alex Wilber, op-1: failed 1"]);
  });

  test("is still to come when the process dies between the card and the mark", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    await bench.ring(bench.aDeliverer({ markSent: () => Promise.reject(new Error("killed")) }));
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1", "ping Alex Wilber, op-1: failed 1"]);
  });

  test("is not marked before there is room for it: who dies then has lost nothing", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    let writes = 0;
    const dying = bench.aDeliverer({
      takeDelivery: (...args) =>
        (writes += 1) === 1 ? bench.store.takeDelivery(...args) : Promise.reject(new Error("killed")),
    });
    await bench.ring(dying);
    expect(bench.texts()).toEqual(["post op-1: failed 1"]);
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1", "ping Alex Wilber, op-1: failed 1"]);
  });

  test("comes also when who has marked it stands still, and another one takes all for delivered meanwhile", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    const still = bench.aDeliverer({
      markSent: async (...args) => {
        const isMarked = await bench.store.markSent(...args);
        bench.wait(2 * MINUTE);
        await bench.store.sweep(bench.now());
        await bench.ring(bench.aDeliverer());
        expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
        return isMarked;
      },
    });
    await bench.ring(still);
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1", "ping Alex Wilber, op-1: failed 1"]);
  });

  test("is not doubled when the process dies right after it", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await bench.answer(watch.operationId, "failed");
    let saves = 0;
    const dying = bench.aDeliverer({
      saveShown: (shown) =>
        (saves += 1) === 1 ? bench.store.saveShown(shown) : Promise.reject(new Error("killed")),
    });
    await bench.ring(dying);
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: failed 1", "ping Alex Wilber, op-1: failed 1"]);
  });
});

describe("the notice that it takes longer than usual", () => {
  /** The next answer says that it still runs, and by then it is slow. */
  const becomeSlow = async (bench: DeliveryBench, id: OperationId): Promise<void> => {
    bench.wait(INTERVAL);
    const claimed = await bench.rows.mustClaim(id, bench.now());
    const usual = { count: 20, medianMs: 30 * SECOND, p95Ms: 40 * SECOND };
    const state = { snapshot: aSnapshot("running"), usual, isSlow: true };
    await bench.save([changed(claimed, bench.now(), state)]);
  };
  const NOTICE = "notice Alex Wilber, op-1: running 1";

  test.for(["auto", "always"] as const)("comes once, after the card says so (notify: %s)", async (notify) => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify });
    await bench.ring();
    await becomeSlow(bench, watch.operationId);
    await bench.ring();
    await bench.answer(watch.operationId, "running", 2);
    await bench.rows.run("update opwatch.watches set wanted = wanted + 1, shown = null");
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual([
      "post op-1: asking",
      "update op-1: running 1",
      NOTICE,
      "update op-1: running 2",
    ]);
  });

  test.for(["never", "failure"] as const)(
    "does not come to who did not want it (notify: %s)",
    async (notify) => {
      await using bench = await aBench();
      const watch = await bench.track(CHAT, { notify });
      await becomeSlow(bench, watch.operationId);
      await bench.goOn(MINUTE);
      expect(bench.texts()).toEqual(["post op-1: running 1"]);
    },
  );

  test("takes nothing from the final ping, and each comes once", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    await becomeSlow(bench, watch.operationId);
    await bench.ring();
    await bench.answer(watch.operationId, "succeeded");
    await bench.ring();
    await bench.rows.run("update opwatch.watches set wanted = wanted + 1, shown = null");
    await bench.goOn(MINUTE);
    expect(bench.texts().filter((text) => !text.startsWith("update"))).toEqual([
      "post op-1: running 1",
      NOTICE,
      "ping Alex Wilber, op-1: succeeded 1",
    ]);
  });

  test("is not sent any more when it has ended before", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    bench.teams.react = () => AWAY;
    await becomeSlow(bench, watch.operationId);
    await bench.ring();
    await bench.answer(watch.operationId, "succeeded");
    bench.teams.react = () => null;
    await bench.goOn(3 * MINUTE);
    expect(bench.texts()).toEqual(["post op-1: succeeded 1", "ping Alex Wilber, op-1: succeeded 1"]);
  });

  test.for([
    ["whose fate is unclear", UNCLEAR],
    ["that is rejected", REJECTED],
  ] as const)("%s is not sent again", async ([, result]) => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await becomeSlow(bench, watch.operationId);
    bench.teams.react = ({ kind }) => (kind === "notice" ? result : null);
    await bench.goOn(10 * MINUTE);
    expect(bench.teams.attempts.filter(({ kind }) => kind === "notice")).toHaveLength(1);
  });

  test("is sent later when Teams was away before it took anything", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await becomeSlow(bench, watch.operationId);
    bench.teams.react = ({ kind }) => (kind === "notice" ? AWAY : null);
    await bench.ring();
    bench.teams.react = () => null;
    await bench.goOn(2 * MINUTE);
    expect(bench.texts()).toEqual(["post op-1: running 1", NOTICE]);
  });

  test("after a stop does not come", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.ring();
    await becomeSlow(bench, watch.operationId);
    await bench.store.stopWatches(CHAT.id, [watch.id], bench.now());
    await bench.goOn(MINUTE);
    expect(bench.texts().filter((text) => text.startsWith("notice"))).toEqual([]);
  });
});

describe("the result that was seen after the end", () => {
  test("changes the card in place, with no other ping", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT, { notify: "always" });
    bench.wait(INTERVAL);
    const claimed = await bench.rows.mustClaim(watch.operationId, bench.now());
    const snapshot = aSnapshot("succeeded");
    const looking: Result = { standing: "looking", looks: 0, webUrl: null };
    const end = ended(claimed, bench.now());
    const after = { ...claimed.state, snapshot, outcome: "succeeded", result: looking } as const;
    await bench.rows.save({ ...end, state: after, dueAt: bench.now() + INTERVAL }, bench.now());
    await bench.goOn(INTERVAL);
    const again = await bench.rows.mustClaim(watch.operationId, bench.now());
    const result: Result = { standing: "ready", looks: 1, webUrl: "https://teams.microsoft.com/l/team/1" };
    const seen = { ...nothingNew(again, bench.now()), state: { ...again.state, result } };
    await bench.rows.save({ ...seen, dueAt: null, news: "result" }, bench.now());
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual([
      "post op-1: succeeded 1",
      "ping Alex Wilber, op-1: succeeded 1",
      "update op-1: ready 1",
    ]);
  });
});

describe("a stop", () => {
  test("before the first card means that there is none", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    await bench.store.stopWatches(CHAT.id, [watch.id], bench.now());
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts).toEqual([]);
    expect(await bench.store.undelivered(CHAT.id, 1)).toEqual([]);
  });

  test("is said on the card once, and nothing is written after it", async () => {
    await using bench = await aBench();
    const watch = await bench.track(CHAT);
    const other = await bench.track(OTHER);
    await bench.ring();
    await bench.store.stopWatches(CHAT.id, [watch.id], bench.now());
    await bench.ring();
    await bench.answer(other.operationId, "running");
    await bench.answer(other.operationId, "failed");
    await bench.goOn(MINUTE);
    const own = written(bench, CHAT.id);
    expect(own.map(({ text }) => text)).toEqual(["op-1: asking", "op-1: stopped"]);
  });

  test("while other cards of the conversation are written means that its card is not posted", async () => {
    await using bench = await aBench();
    await bench.store.track(aTrack(CHAT, { addresses: [anAddress(1)] }), bench.now());
    const [second] = await bench.store.track(aTrack(CHAT, { addresses: [anAddress(2)] }), bench.now() + 1);
    bench.teams.react = async ({ text }) => {
      if (second !== undefined && text.startsWith("op-1")) {
        await bench.store.stopWatches(CHAT.id, [second.watch.id], bench.now());
      }
      return null;
    };
    await bench.goOn(MINUTE);
    expect(bench.texts()).toEqual(["post op-1: asking"]);
  });
});

describe("within Teams' limits", () => {
  const WINDOWS = [
    { ms: SECOND, writes: 7 },
    { ms: 2 * SECOND, writes: 8 },
    { ms: 30 * SECOND, writes: 60 },
  ];

  test("many cards of one conversation are all written, and no window is overfull", async () => {
    await using bench = await aBench();
    for (const from of [0, 20, 40, 60]) {
      const addresses = Array.from({ length: 20 }, (_, i) => anAddress(from + i));
      await bench.track(CHAT, { addresses });
    }
    await bench.goOn(3 * MINUTE);
    expect(bench.teams.cards.size).toBe(80);
    for (const { ms, writes } of WINDOWS)
      expect(mostWithin(bench.teams.attempts, ms)).toBeLessThanOrEqual(writes);
    // The control: the limits were near, so the windows had something to keep.
    expect(mostWithin(bench.teams.attempts, SECOND)).toBeGreaterThan(3);
  });

  test("thirty cards take less than twenty seconds", async () => {
    await using bench = await aBench();
    for (const from of [0, 15]) {
      await bench.track(CHAT, { addresses: Array.from({ length: 15 }, (_, i) => anAddress(from + i)) });
    }
    const startedAt = bench.now();
    await bench.goOn(MINUTE);
    expect(bench.teams.cards.size).toBe(30);
    expect(Math.max(...bench.teams.attempts.map(({ at }) => at)) - startedAt).toBeLessThan(20 * SECOND);
  });

  test("also when the deliverer changes in the middle", async () => {
    await using bench = await aBench();
    await bench.track(CHAT, { addresses: Array.from({ length: 12 }, (_, i) => anAddress(i)) });
    for (let i = 0; i < 100; i += 1) {
      const restarted = bench.aDeliverer();
      await restarted.run([CHAT.id]);
      await restarted.drained();
      bench.wait(100);
    }
    expect(bench.teams.cards.size).toBe(12);
    for (const { ms, writes } of WINDOWS)
      expect(mostWithin(bench.teams.attempts, ms)).toBeLessThanOrEqual(writes);
  });
});

describe("a pause that Teams asks for", () => {
  test("holds also when the database is away in the moment when it is heard", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    bench.teams.react = () => ({ kind: "throttled", retryAfterMs: 35 * SECOND });
    const heardAt = bench.now();
    let tries = 0;
    const away = new Error("the database is away");
    const deliverer = bench.aDeliverer({
      releaseConversation: () => Promise.reject(away),
      pauseConversation: (...args) =>
        (tries += 1) < 20 ? Promise.reject(away) : bench.store.pauseConversation(...args),
    });
    await bench.ring(deliverer);
    bench.teams.react = () => null;
    await bench.goOn(2 * MINUTE);
    expect(bench.texts()).toEqual(["post op-1: asking"]);
    expect(bench.teams.taken[0]?.at).toBeGreaterThanOrEqual(heardAt + 35 * SECOND);
  });

  test("holds in this process also from when the database is back until it is written down there", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    bench.teams.react = () => ({ kind: "throttled", retryAfterMs: 35 * SECOND });
    const heardAt = bench.now();
    const away = new Error("the database is away");
    const claims: { readonly ids: readonly ConversationId[]; readonly afterMs: number }[] = [];
    const deliverer: Deliverer = bench.aDeliverer({
      claimConversations: (ids, ...more) => {
        if (ids.length > 0) claims.push({ ids, afterMs: bench.now() - heardAt });
        return bench.store.claimConversations(ids, ...more);
      },
      releaseConversation: () => Promise.reject(away),
      pauseConversation: async (...args) => {
        if (bench.now() < heardAt + 20 * SECOND) throw away;
        // It is back, the lease is over, and an alarm is heard first.
        await deliverer.run([CHAT.id]);
        await bench.store.pauseConversation(...args);
      },
    });
    await bench.ring(deliverer);
    expect(claims).toEqual([{ ids: [CHAT.id], afterMs: 0 }]);
    bench.teams.react = () => null;
    await bench.goOn(2 * MINUTE);
    expect(bench.texts()).toEqual(["post op-1: asking"]);
    expect(bench.teams.taken[0]?.at).toBeGreaterThanOrEqual(heardAt + 35 * SECOND);
  });
});

describe("a pause that an answer to a person heard of, and that is not written down yet", () => {
  const aPause = async (bench: DeliveryBench) => {
    const isBack = Promise.withResolvers<void>();
    const pauses = createTeamsPauses({
      store: {
        pauseConversation: async (...args) => {
          await isBack.promise;
          await bench.store.pauseConversation(...args);
        },
      },
      now: bench.now,
      sleep: () => Promise.resolve(),
    });
    await bench.track(CHAT);
    return { pauses, isBack, until: bench.now() + 35 * SECOND };
  };

  test("keeps its conversation from being written to", async () => {
    await using bench = await aBench();
    const { pauses, isBack, until } = await aPause(bench);
    const kept = pauses.pause(CHAT.id, until);
    const deliverer = bench.aDeliverer({}, undefined, pauses);
    await bench.ring(deliverer);
    expect(bench.teams.attempts).toEqual([]);
    isBack.resolve();
    await kept;
    await bench.goOn(MINUTE);
    expect(bench.teams.taken.map(({ at }) => at >= until)).toEqual([true]);
  });

  test("holds also for the write that waits for its room meanwhile", async () => {
    await using bench = await aBench();
    const { pauses, isBack, until } = await aPause(bench);
    const kept: Promise<void>[] = [];
    const deliverer = bench.aDeliverer(
      {
        takeDelivery: async (...args) => {
          const taken = await bench.store.takeDelivery(...args);
          kept.push(pauses.pause(CHAT.id, until));
          return taken;
        },
      },
      undefined,
      pauses,
    );
    await bench.ring(deliverer);
    expect(bench.teams.attempts).toEqual([]);
    isBack.resolve();
    await Promise.all(kept);
    await bench.goOn(MINUTE);
    expect(bench.teams.taken.map(({ at }) => at >= until)).toEqual([true]);
  });
});

describe("a pause that a card hears of", () => {
  const asked: TeamsResult = { kind: "throttled", retryAfterMs: 35 * SECOND };

  test("is known to answers at once, however long the database takes to note it", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    bench.teams.react = () => asked;
    const isBack = Promise.withResolvers<void>();
    const pauses = createTeamsPauses({
      store: { pauseConversation: () => isBack.promise },
      now: bench.now,
      sleep: () => Promise.resolve(),
    });
    const deliverer = bench.aDeliverer({}, undefined, pauses);
    await deliverer.run([CHAT.id]);
    await expect.poll(() => pauses.leftMs(CHAT.id)).toBeGreaterThanOrEqual(35 * SECOND);
    isBack.resolve();
    await deliverer.drained();
    expect(pauses.leftMs(CHAT.id)).toBe(0);
  });

  test("is written down also by who has lost the conversation meanwhile", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    const heardAt = bench.now();
    bench.teams.react = async () => {
      await bench.rows.run("update opwatch.conversations set lease_until = null");
      return asked;
    };
    await bench.ring();
    bench.teams.react = () => null;
    await bench.goOn(MINUTE);
    expect(bench.teams.taken.map(({ at }) => at >= heardAt + 35 * SECOND)).toEqual([true]);
  });
});

describe("a lease that was lost", () => {
  test("stops the writing; the other one goes on and no card is doubled", async () => {
    await using bench = await aBench();
    await bench.track(CHAT, { addresses: [1, 2, 3].map(anAddress) });
    const another = bench.aDeliverer();
    bench.teams.react = async () => {
      bench.teams.react = () => null;
      // This write takes so long that somebody else takes the conversation over.
      await bench.rows.run("update opwatch.conversations set lease_until = null");
      return null;
    };
    const slow = bench.aDeliverer();
    await slow.run([CHAT.id]);
    await slow.drained();
    await another.run([CHAT.id]);
    await another.drained();
    await bench.goOn(MINUTE);
    expect(bench.teams.cards.size).toBe(3);
    expect(bench.teams.attempts).toHaveLength(3);
  });

  test("or nearly so, when a process that stood still goes on, keeps it from the write; another one makes it", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    const another = bench.aDeliverer();
    let takes = 0;
    const still = bench.aDeliverer({
      takeDelivery: async (...args) => {
        const taken = await bench.store.takeDelivery(...args);
        takes += 1;
        if (takes === 1) {
          bench.wait(25 * SECOND);
          await another.run([CHAT.id]);
          await another.drained();
        }
        return taken;
      },
    });
    await still.run([CHAT.id]);
    await still.drained();
    expect(takes).toBe(2);
    expect(bench.teams.attempts).toHaveLength(1);
    await bench.goOn(MINUTE);
    expect(bench.teams.attempts).toHaveLength(1);
  });

  test("is held for longer where the database answers late, so that cards are written all the same", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    const slow = bench.aDeliverer({
      takeDelivery: async (...args) => {
        const taken = await bench.store.takeDelivery(...args);
        bench.wait(14 * SECOND);
        return taken;
      },
    });
    await slow.run([CHAT.id]);
    await slow.drained();
    expect(bench.teams.cards.size).toBe(1);
    expect((await bench.rows.conversation(CHAT)).leaseUntil).toBeNull();
  });

  test("runs out by itself after a crash, and the sweep brings the delivery back", async () => {
    await using bench = await aBench();
    await bench.track(CHAT);
    await bench.store.claimConversations([CHAT.id], bench.now(), 20 * SECOND);
    await bench.rows.dropAlarms();
    await bench.goOn(19 * SECOND);
    expect(bench.teams.attempts).toEqual([]);
    await bench.goOn(10 * SECOND);
    expect(bench.teams.cards.size).toBe(1);
  });
});

function only(conversation: string, result: TeamsResult) {
  return (write: PortWrite): TeamsResult | null => (write.conversation === conversation ? result : null);
}

function written(bench: DeliveryBench, conversation: string): readonly PortWrite[] {
  return bench.teams.taken.filter((write) => write.conversation === conversation);
}

function gapsOf(writes: readonly PortWrite[]): readonly number[] {
  return writes.slice(1).map(({ at }, i) => at - (writes[i]?.at ?? 0));
}

function mostWithin(writes: readonly PortWrite[], ms: number): number {
  const counts = writes.map(
    ({ at }) => writes.filter((other) => other.at >= at && other.at < at + ms).length,
  );
  return Math.max(...counts);
}
