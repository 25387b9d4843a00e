import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { conversationId, type WatchId } from "../../src/core/ids.ts";
import type { CallbackState, Conversation, KeyedRequest, WatchExtras } from "../../src/flows/ports.ts";
import { aWatchId } from "../api/an-api-watch.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  ended,
  HOUR,
  MINUTE,
  OTHER_TENANT,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "./store-bench.ts";

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const FOREIGN = aConversation("foreign", OTHER_TENANT);
const ALEX = "2804bc07-1e1f-4938-9085-ce6d756a32d2";
const GROUP_ID = "dbd8de4f-5d47-48da-87f1-594bed003375";
const WEEK = 7 * 24 * HOUR;

function aChannel(name: string, fields: Partial<Conversation> = {}): Conversation {
  const teamId = conversationId("19:team@thread.tacv2");
  return { ...aConversation(name), kind: "channel", teamId, groupId: GROUP_ID, ...fields };
}

function extras(fields: Partial<WatchExtras> = {}): { readonly extras: WatchExtras } {
  return { extras: { title: null, link: null, caller: "CI", callback: null, request: null, ...fields } };
}

/** What the store does for the API: where to write, what was asked before, what there is, who is told. */
export function apiContract({ name, open }: StoreHome): void {
  const aStore = async (): Promise<StoreBench> => {
    const bench = storeBench(await open());
    await bench.run("delete from opwatch.requests");
    return bench;
  };

  describe(`conversations by name on ${name}`, () => {
    test("one is found with all that was told of it, and whether it is gone", async () => {
      await using bench = await aStore();
      expect(await bench.store.conversation(CHAT.id)).toBeNull();
      await bench.store.rememberConversation(CHAT, T0);
      expect(await bench.store.conversation(CHAT.id)).toEqual({ ...CHAT, isGone: false });
      await bench.store.forgetConversation(CHAT, T0);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: true });
      await bench.store.rememberConversation(CHAT, T0 + 1);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: false });
    });

    test("an alias is one conversation's in its tenant, whatever its case, and may be taken away", async () => {
      await using bench = await aStore();
      const { store } = bench;
      for (const each of [CHAT, OTHER, FOREIGN]) await store.rememberConversation(each, T0);
      expect(await store.setAlias(CHAT, "Provisioning", T0)).toBe(true);
      expect(await store.setAlias(CHAT, "provisioning", T0)).toBe(true);
      expect(await store.setAlias(OTHER, "PROVISIONING", T0)).toBe(false);
      expect(await store.setAlias(FOREIGN, "provisioning", T0)).toBe(true);
      expect(await store.setAlias(CHAT, "b", T0)).toBe(true);
      expect(await store.aliasesOf(CHAT)).toEqual(["b", "provisioning"]);
      expect(await store.conversationByAlias(TENANT, "proVisioning")).toMatchObject({ id: CHAT.id });
      expect(await store.conversationByAlias(OTHER_TENANT, "provisioning")).toMatchObject({ id: FOREIGN.id });
      expect(await store.conversationByAlias(null, "b")).toMatchObject({ id: CHAT.id });
      expect(await store.conversationByAlias(TENANT, "nobody")).toBeNull();
      expect(await store.removeAlias(OTHER, "provisioning")).toBe(false);
      expect(await store.removeAlias(CHAT, "PROVISIONING")).toBe(true);
      expect(await store.removeAlias(CHAT, "provisioning")).toBe(false);
      expect(await store.conversationByAlias(TENANT, "provisioning")).toBeNull();
      expect(await store.conversationByAlias(OTHER_TENANT, "provisioning")).toMatchObject({ id: FOREIGN.id });
      expect(await store.setAlias(OTHER, "provisioning", T0)).toBe(true);
    });

    test("of two that want an alias at the same time one gets it", async () => {
      await using bench = await aStore();
      for (const each of [CHAT, OTHER]) await bench.store.rememberConversation(each, T0);
      const got = await Promise.all([
        bench.store.setAlias(CHAT, "a", T0),
        bench.store.setAlias(OTHER, "a", T0),
      ]);
      expect(got.filter(Boolean)).toHaveLength(1);
    });

    test("an alias of a conversation that is gone leads to it, and says so", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.setAlias(CHAT, "a", T0);
      await bench.store.forgetConversation(CHAT, T0);
      expect(await bench.store.conversationByAlias(TENANT, "a")).toMatchObject({ id: CHAT.id, isGone: true });
    });

    test("a team is known by Graph's id and by Teams' own, in its tenant only; what is there goes first", async () => {
      await using bench = await aStore();
      const { store } = bench;
      const [general, news] = [aChannel("general"), aChannel("news")];
      await store.rememberConversation(general, T0);
      await store.rememberConversation(news, T0 + 1);
      for (const team of [GROUP_ID, GROUP_ID.toUpperCase(), "19:team@thread.tacv2"]) {
        expect(await store.conversationInTeam(TENANT, team)).toMatchObject({ id: news.id });
        expect(await store.conversationInTeam(null, team)).toMatchObject({ id: news.id });
        expect(await store.conversationInTeam(OTHER_TENANT, team)).toBeNull();
      }
      expect(await store.conversationInTeam(TENANT, "19:other@thread.tacv2")).toBeNull();
      await store.forgetConversation(news, T0 + 2);
      expect(await store.conversationInTeam(TENANT, GROUP_ID)).toMatchObject({
        id: general.id,
        isGone: false,
      });
      await store.forgetConversation(general, T0 + 3);
      expect(await store.conversationInTeam(TENANT, GROUP_ID)).toMatchObject({ isGone: true });
    });

    test("what an activity does not tell of a team is kept from the one before", async () => {
      await using bench = await aStore();
      const channel = aChannel("general");
      await bench.store.rememberConversation(channel, T0);
      await bench.store.rememberConversation({ ...channel, teamId: null, groupId: null }, T0 + 1);
      expect(await bench.store.conversation(channel.id)).toMatchObject({
        teamId: channel.teamId,
        groupId: GROUP_ID,
      });
    });

    test("a person's chat is found by their id, in their tenant only", async () => {
      await using bench = await aStore();
      const personal: Conversation = { ...aConversation("p"), kind: "personal", userId: ALEX };
      await bench.store.rememberConversation(personal, T0);
      expect(await bench.store.personalConversation(TENANT, ALEX.toUpperCase())).toMatchObject({
        id: personal.id,
      });
      expect(await bench.store.personalConversation(null, ALEX)).toMatchObject({ id: personal.id });
      expect(await bench.store.personalConversation(OTHER_TENANT, ALEX)).toBeNull();
      expect(await bench.store.personalConversation(TENANT, GROUP_ID)).toBeNull();
    });

    test("the one last heard of is the tenant's, and is there", async () => {
      await using bench = await aStore();
      expect(await bench.store.latestConversation(TENANT)).toBeNull();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.rememberConversation(OTHER, T0 + 1);
      await bench.store.rememberConversation(FOREIGN, T0 + 2);
      expect(await bench.store.latestConversation(TENANT)).toMatchObject({ id: OTHER.id });
      expect(await bench.store.latestConversation(null)).toMatchObject({ id: FOREIGN.id });
      await bench.store.forgetConversation(OTHER, T0 + 3);
      expect(await bench.store.latestConversation(TENANT)).toMatchObject({ id: CHAT.id });
      await bench.store.forgetConversation(CHAT, T0 + 3);
      expect(await bench.store.latestConversation(TENANT)).toBeNull();
    });

    test("whoever comes with a conversation of another tenant changes nothing", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.rememberConversation({ ...CHAT, tenantId: OTHER_TENANT, kind: "personal" }, T0 + 1);
      expect(await bench.store.conversation(CHAT.id)).toEqual({ ...CHAT, isGone: false });
      await expect(bench.track({ ...CHAT, tenantId: OTHER_TENANT }, T0)).rejects.toThrow("another tenant");
      expect(await bench.counts()).toMatchObject({ operations: 0, watches: 0 });
    });

    test("of many that are heard at once each is remembered, and a stranger among them changes nothing", async () => {
      await using bench = await aStore();
      const { store } = bench;
      await store.rememberConversation(OTHER, T0);
      const strange = { tenantId: OTHER_TENANT, kind: "personal" } as const;
      // Too long for an index, however well it is compressed.
      const spoiled = { ...CHAT, id: conversationId(randomBytes(8_000).toString("hex")) };
      const crowd = Array.from({ length: 30 }, (_, n) => aConversation(`crowd-${n}`));
      const kept = await Promise.allSettled([
        ...crowd.map((each) => store.rememberConversation(each, T0 + 1)),
        store.rememberConversation(CHAT, T0 + 1),
        store.rememberConversation({ ...CHAT, ...strange }, T0 + 1),
        store.rememberConversation({ ...OTHER, ...strange }, T0 + 1),
        store.rememberConversation({ ...OTHER, groupId: "group" }, T0 + 2),
        store.rememberConversation(spoiled, T0 + 1),
      ]);
      // What the database refuses is the fault of that one.
      expect(kept.map(({ status }) => status)).toEqual([...Array<string>(34).fill("fulfilled"), "rejected"]);
      for (const each of [...crowd, CHAT, { ...OTHER, groupId: "group" }]) {
        expect(await store.conversation(each.id)).toEqual({ ...each, isGone: false });
      }
    });
  });

  describe(`what is said of one conversation at the same moment, on ${name}`, () => {
    test("adds up, as when it is said one after the other", async () => {
      await using bench = await aStore();
      const channel = { ...CHAT, kind: "channel", teamId: conversationId("19:team") } as const;
      const heard = [
        { ...channel, groupId: "group" },
        { ...channel, teamId: null, reference: { ...CHAT.reference, locale: "de-DE" } },
        channel,
      ];
      await Promise.all(heard.map((each) => bench.store.rememberConversation(each, T0)));
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({
        teamId: channel.teamId,
        groupId: "group",
        reference: { locale: "de-DE" },
      });
    });

    test("does not bring a bot back that was removed since", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.forgetConversation(CHAT, T0 + 2);
      await bench.store.rememberConversation(CHAT, T0 + 1);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: true });
      await bench.store.rememberConversation(CHAT, T0 + 3);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: false });
    });

    test("brings it back where a late word from before the removal is written together with one from after it", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.forgetConversation(CHAT, T0 + 2);
      await Promise.all([1, 3].map((at) => bench.store.rememberConversation(CHAT, T0 + at)));
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: false });
    });
  });

  describe(`requests that come twice on ${name}`, () => {
    const request: KeyedRequest = { tenantId: TENANT, caller: "ci", key: "k", body: "b" };

    async function made(bench: StoreBench, of: KeyedRequest, now: number): Promise<WatchId> {
      return (await bench.track(CHAT, now, extras({ request: of }))).watch.id;
    }

    test("the first is new, the next one waits, and then gets what was made", async () => {
      await using bench = await aStore();
      const { store } = bench;
      expect(await store.beginRequest(request, T0)).toEqual({ kind: "new" });
      expect(await store.beginRequest(request, T0 + SECOND)).toEqual({ kind: "underWay" });
      const watch = await made(bench, request, T0 + SECOND);
      expect(await store.beginRequest(request, T0 + 2 * SECOND)).toEqual({ kind: "done", watch });
    });

    test("another body is another request, under way and afterwards", async () => {
      await using bench = await aStore();
      const { store } = bench;
      const other = { ...request, body: "c" };
      await store.beginRequest(request, T0);
      expect(await store.beginRequest(other, T0)).toEqual({ kind: "otherBody" });
      const watch = await made(bench, request, T0);
      expect(await store.beginRequest(other, T0)).toEqual({ kind: "otherBody" });
      expect(await store.beginRequest(request, T0)).toEqual({ kind: "done", watch });
      // What is done is not forgotten any more.
      await store.forgetRequest(request);
      expect(await store.beginRequest(request, T0)).toEqual({ kind: "done", watch });
    });

    test("a key is a caller's own, and a tenant's", async () => {
      await using bench = await aStore();
      for (const each of [request, { ...request, caller: "cd" }, { ...request, tenantId: OTHER_TENANT }]) {
        expect(await bench.store.beginRequest(each, T0)).toEqual({ kind: "new" });
      }
    });

    test("of many at the same time one is new", async () => {
      await using bench = await aStore();
      const begun = await Promise.all(
        Array.from({ length: 10 }, () => bench.store.beginRequest(request, T0)),
      );
      expect(begun.filter(({ kind }) => kind === "new")).toHaveLength(1);
      expect(begun.filter(({ kind }) => kind === "underWay")).toHaveLength(9);
    });

    test("many that come together get their own watches, and one that may not be is no other's fault", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(OTHER, T0);
      await bench.store.forgetConversation(OTHER, T0);
      const keys = Array.from({ length: 12 }, (_, n) => ({ ...request, key: `k${n}` }));
      for (const each of keys) await bench.store.beginRequest(each, T0);
      const tracked = await Promise.allSettled(
        keys.map((each, n) =>
          bench.track(n % 3 === 0 ? OTHER : CHAT, T0, {
            addresses: [anAddress(n % 4)],
            ...extras({ request: each }),
          }),
        ),
      );
      const begun = await Promise.all(keys.map((each) => bench.store.beginRequest(each, T0)));
      const expected = tracked.map((result) =>
        result.status === "fulfilled" ? { kind: "done", watch: result.value.watch.id } : { kind: "underWay" },
      );
      expect(begun).toEqual(expected);
      expect(tracked.map(({ status }) => status)).toEqual(
        keys.map((_, n) => (n % 3 === 0 ? "rejected" : "fulfilled")),
      );
      // Eight requests for four operations in one conversation.
      expect(await bench.counts()).toMatchObject({ operations: 4, watches: 4 });
    });

    test("what the database refuses of one of them is no other's fault", async () => {
      await using bench = await aStore();
      // Longer than an index takes; random, because it is compressed.
      const long = Array.from({ length: 400 }, () => randomUUID()).join("");
      const asked = [anAddress(1), { ...anAddress(2), key: long }, anAddress(3)];
      const tracked = await Promise.allSettled(
        asked.map((each) => bench.track(CHAT, T0, { addresses: [each] })),
      );
      expect(tracked.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      const ids = [CHAT.id, conversationId("19:\u0000@thread.v2"), CHAT.id];
      const found = await Promise.allSettled(ids.map((id) => bench.store.conversation(id)));
      expect(found.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    });

    test("one whose beginning a crash of the server took away is known by its watch all the same", async () => {
      await using bench = await aStore();
      await bench.store.beginRequest(request, T0);
      await bench.run("delete from opwatch.requests");
      const watch = await made(bench, request, T0);
      expect(await bench.store.beginRequest(request, T0 + SECOND)).toEqual({ kind: "done", watch });
    });

    test("one that has another body meanwhile is not made the other's", async () => {
      await using bench = await aStore();
      const later = { ...request, body: "another" };
      await bench.store.beginRequest(request, T0);
      await bench.store.beginRequest(later, T0 + 61 * SECOND);
      await made(bench, request, T0 + 62 * SECOND);
      expect(await bench.store.beginRequest(later, T0 + 63 * SECOND)).toEqual({ kind: "underWay" });
    });

    test("what came to nothing may be tried again, with another body too", async () => {
      await using bench = await aStore();
      await bench.store.beginRequest(request, T0);
      await bench.store.forgetRequest(request);
      expect(await bench.store.beginRequest({ ...request, body: "c" }, T0)).toEqual({ kind: "new" });
    });

    test("one that was taken for dead frees no key that another has begun since", async () => {
      await using bench = await aStore();
      await bench.store.beginRequest(request, T0);
      const later = { ...request, body: "another" };
      expect(await bench.store.beginRequest(later, T0 + 61 * SECOND)).toEqual({ kind: "new" });
      await bench.store.forgetRequest(request);
      expect(await bench.store.beginRequest(later, T0 + 62 * SECOND)).toEqual({ kind: "underWay" });
    });

    test("one whose process has died is free after twenty seconds, for one of those who come", async () => {
      await using bench = await aStore();
      await bench.store.beginRequest(request, T0);
      expect(await bench.store.beginRequest(request, T0 + 20 * SECOND)).toEqual({ kind: "underWay" });
      const later = T0 + 20 * SECOND + 1;
      const begun = await Promise.all([
        bench.store.beginRequest(request, later),
        bench.store.beginRequest(request, later),
      ]);
      expect(begun.map(({ kind }) => kind).toSorted()).toEqual(["new", "underWay"]);
    });

    test("a key is known for a week, asked for or swept", async () => {
      await using bench = await aStore();
      const { store } = bench;
      await store.beginRequest(request, T0);
      await made(bench, request, T0);
      await store.sweep(T0 + WEEK - 1);
      expect(await store.beginRequest(request, T0 + WEEK)).toMatchObject({ kind: "done" });
      expect(await store.beginRequest({ ...request, body: "c" }, T0 + WEEK + 1)).toEqual({ kind: "new" });
      await made(bench, { ...request, body: "c" }, T0 + WEEK + 1);
      await store.sweep(T0 + 2 * WEEK + 1);
      expect(await store.beginRequest(request, T0 + 2 * WEEK + 1)).toEqual({ kind: "new" });
    });
  });

  describe(`the API's watches on ${name}`, () => {
    test("one is told with all that the pipeline brought, in its tenant only", async () => {
      await using bench = await aStore();
      const callback = { url: "https://hooks.contoso.com/", on: "end" } as const;
      const { watch } = await bench.track(
        CHAT,
        T0,
        extras({ title: "T", link: "https://l.example/", callback }),
      );
      const found = await bench.store.apiWatch(TENANT, watch.id);
      expect(found).toMatchObject({
        watch: { id: watch.id, title: "T", link: "https://l.example/" },
        conversationKind: "groupChat",
        isConversationGone: false,
        isCardUpToDate: false,
        callback,
        callbackState: null,
        isCallbackPending: false,
      });
      expect(await bench.store.apiWatch(null, watch.id)).toEqual(found);
      expect(await bench.store.apiWatch(OTHER_TENANT, watch.id)).toBeNull();
      expect(await bench.store.apiWatch(TENANT, aWatchId(9))).toBeNull();
      await bench.store.forgetConversation(CHAT, T0);
      expect(await bench.store.apiWatch(TENANT, watch.id)).toMatchObject({ isConversationGone: true });
    });

    test("what is watched already keeps what it has and takes over what it has not", async () => {
      await using bench = await aStore();
      const first = { url: "https://hooks.contoso.com/1", on: "end" } as const;
      const { watch } = await bench.track(CHAT, T0, extras({ title: "First", callback: first }));
      const again = await bench.track(
        CHAT,
        T0,
        extras({
          title: "Second",
          link: "https://l.example/2",
          callback: { url: "https://hooks.contoso.com/2", on: "change" },
        }),
      );
      expect(again).toMatchObject({ isNew: false, watch: { id: watch.id } });
      expect(await bench.store.apiWatch(TENANT, watch.id)).toMatchObject({
        watch: { title: "First", link: "https://l.example/2" },
        callback: first,
      });
    });

    test("what a person tracked gets the pipeline's title, and its card is to show it", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      const { wanted } = await bench.watch(watch.id);
      await bench.store.saveShown({ watch: watch.id, wanted, activityId: "a", shown: "s" });
      await bench.track(CHAT, T0, extras({ title: "T" }));
      expect(await bench.store.apiWatch(TENANT, watch.id)).toMatchObject({
        watch: { title: "T" },
        isCardUpToDate: false,
      });
    });

    test("a pipeline does not bring back a conversation that is gone, and leaves no trace there", async () => {
      await using bench = await aStore();
      await bench.store.rememberConversation(CHAT, T0);
      await bench.store.forgetConversation(CHAT, T0);
      await expect(bench.track(CHAT, T0, extras())).rejects.toThrow(
        expect.objectContaining({ name: "ConversationGoneError" }),
      );
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: true });
      expect(await bench.counts()).toMatchObject({ operations: 0, watches: 0 });
      await bench.track(CHAT, T0);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: false });
    });

    test("they come newest first, page by page, and what is made meanwhile changes no later page", async () => {
      await using bench = await aStore();
      const made: WatchId[] = [];
      for (let n = 0; n < 7; n += 1) {
        const { watch } = await bench.track(n % 2 === 0 ? CHAT : OTHER, T0, { addresses: [anAddress(n)] });
        made.push(watch.id);
      }
      await bench.track(FOREIGN, T0, { addresses: [anAddress("foreign")] });
      const all = { conversation: null, isOpen: null };
      const seen: WatchId[] = [];
      let before: number | null = null;
      for (let pages = 0; pages < 10; pages += 1) {
        const page = await bench.store.apiWatches(TENANT, all, { before, limit: 3 });
        seen.push(...page.map(({ watch }) => watch.id));
        if (pages === 0) await bench.track(CHAT, T0, { addresses: [anAddress("late")] });
        before = page.at(-1)?.seq ?? null;
        if (page.length < 3) break;
      }
      expect(seen).toEqual(made.toReversed());
    });

    test("they can be told by conversation, and by whether they are open", async () => {
      await using bench = await aStore();
      const open1 = await bench.track(CHAT, T0, { addresses: [anAddress(1)] });
      const closed = await bench.track(CHAT, T0, { addresses: [anAddress(2)] });
      const open2 = await bench.track(OTHER, T0, { addresses: [anAddress(3)] });
      await bench.store.stopWatches(CHAT.id, [closed.watch.id], T0);
      const ids = async (
        conversation: Conversation | null,
        isOpen: boolean | null,
      ): Promise<readonly WatchId[]> => {
        const filter = { conversation: conversation?.id ?? null, isOpen };
        const found = await bench.store.apiWatches(TENANT, filter, { before: null, limit: 10 });
        return found.map(({ watch }) => watch.id);
      };
      expect(await ids(null, true)).toEqual([open2.watch.id, open1.watch.id]);
      expect(await ids(null, false)).toEqual([closed.watch.id]);
      expect(await ids(CHAT, null)).toEqual([closed.watch.id, open1.watch.id]);
      expect(await ids(CHAT, true)).toEqual([open1.watch.id]);
      expect(await ids(FOREIGN, null)).toEqual([]);
    });
  });

  describe(`events on ${name}`, () => {
    const callback = { url: "https://hooks.contoso.com/", on: "end" } as const;
    const tried: CallbackState = { event: 1, attempts: 1, status: 500, lastTriedAt: T0, isGivenUp: false };

    async function anEnded(bench: StoreBench): Promise<WatchId> {
      const { watch } = await bench.track(CHAT, T0, extras({ callback }));
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0), T0);
      return watch.id;
    }

    test("one is claimed once, with what the save must name, and again when the lease is over", async () => {
      await using bench = await aStore();
      const id = await anEnded(bench);
      const [due, ...more] = await bench.store.claimCallbacks([id], T0, 30 * SECOND);
      expect(due).toMatchObject({ watch: { id }, callback, wanted: 1, isCallbackPending: true });
      expect(more).toEqual([]);
      expect(await bench.store.claimCallbacks([id], T0 + 29 * SECOND, SECOND)).toEqual([]);
      expect(await bench.store.claimCallbacks([id], T0 + 30 * SECOND, SECOND)).toHaveLength(1);
    });

    test("of two who claim at the same time one gets it", async () => {
      await using bench = await aStore();
      const id = await anEnded(bench);
      const claims = await Promise.all([
        bench.store.claimCallbacks([id], T0, SECOND),
        bench.store.claimCallbacks([id], T0, SECOND),
      ]);
      expect(claims.flat()).toHaveLength(1);
    });

    test("what was not taken is due later, what was taken never again", async () => {
      await using bench = await aStore();
      const id = await anEnded(bench);
      await bench.store.claimCallbacks([id], T0, 30 * SECOND);
      await bench.store.saveCallback(id, 1, tried, T0 + MINUTE, T0);
      expect(await bench.store.apiWatch(TENANT, id)).toMatchObject({
        callbackState: tried,
        isCallbackPending: true,
      });
      expect(await bench.store.claimCallbacks([id], T0 + MINUTE - SECOND, SECOND)).toEqual([]);
      expect(await bench.store.claimCallbacks([id], T0 + MINUTE, SECOND)).toHaveLength(1);
      await bench.store.saveCallback(id, 1, { ...tried, status: 200 }, null, T0 + MINUTE);
      expect(await bench.store.apiWatch(TENANT, id)).toMatchObject({ isCallbackPending: false });
      expect(await bench.store.claimCallbacks([id], T0 + HOUR, SECOND)).toEqual([]);
      expect(await bench.store.sweep(T0 + HOUR)).toMatchObject({ rearmedCallbacks: 0 });
    });

    test("one whose alarm was lost gets another one, and not before its time", async () => {
      await using bench = await aStore();
      const id = await anEnded(bench);
      await bench.run("delete from pgboss.job where name = 'callbacks'");
      expect(await bench.store.sweep(T0 + 500)).toMatchObject({ rearmedCallbacks: 0 });
      expect(await bench.store.sweep(T0 + 5 * SECOND)).toMatchObject({ rearmedCallbacks: 1 });
      await bench.store.claimCallbacks([id], T0 + 5 * SECOND, SECOND);
      await bench.store.saveCallback(id, 1, tried, T0 + HOUR, T0 + 5 * SECOND);
      expect(await bench.store.sweep(T0 + MINUTE)).toMatchObject({ rearmedCallbacks: 0 });
      expect(await bench.store.sweep(T0 + HOUR + 5 * SECOND)).toMatchObject({ rearmedCallbacks: 1 });
    });

    test("watches that nobody is told of are never claimed", async () => {
      await using bench = await aStore();
      const { watch } = await bench.track(CHAT, T0);
      await bench.save(ended(await bench.mustClaim(watch.operationId, T0), T0), T0);
      expect(await bench.store.claimCallbacks([watch.id], T0 + HOUR, SECOND)).toEqual([]);
    });
  });
}
