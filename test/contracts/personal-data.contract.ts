import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { conversationId } from "../../src/core/ids.ts";
import type { Conversation, WatchExtras } from "../../src/flows/ports.ts";
import { exportPerson, forgetPerson } from "../../src/store/personal-data.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  changed,
  DELIVERY_LEASE,
  ended,
  HOUR,
  MINUTE,
  only,
  OTHER_TENANT,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "./store-bench.ts";

type Person = { readonly id: string; readonly name: string; readonly entraId: string };

const MEGAN: Person = {
  id: "29:1MeganBowen",
  name: "Megan Bowen",
  entraId: "5d6059b6-368d-45f8-91e1-8e07d485f1d0",
};
const ALEX: Person = {
  id: "29:1AlexWilber",
  name: "Alex Wilber",
  entraId: "2804bc07-1e1f-4938-9085-ce6d756a32d2",
};

function chatOf({ name, entraId }: Person): Conversation {
  const id = conversationId(`a:1${name.replace(" ", "")}`);
  return { ...aConversation(name), id, kind: "personal", userId: entraId };
}

const OWN = chatOf(MEGAN);
const ALEXS = chatOf(ALEX);
const GROUP = aConversation("group");
const FOREIGN = aConversation("foreign", OTHER_TENANT);
/** What a person is looked up by: an id that the tables have in lower case, written in any. */
const BY_ENTRA = [MEGAN.entraId, MEGAN.entraId.toUpperCase()] as const;
const BY_ANY = [...BY_ENTRA, MEGAN.id] as const;

/** What is kept of a person, and how it goes. */
export function personalDataContract({ name, open }: StoreHome): void {
  describe(`what is kept of a person on ${name}`, () => {
    test.for(BY_ANY)("of %s all that they asked for is told, and nothing of others'", async (user) => {
      await using bench = await aWorld(open);
      const { watches } = await exportPerson(bench.database.db, user);
      expect(watches.map((row) => ({ ...row }))).toMatchObject([
        { conversation_id: OWN.id, requester: MEGAN, operation: "/teams('team-1')/operations('op-1')" },
        { conversation_id: OWN.id, requester: MEGAN, title: "Megan's own", close_reason: "stopped" },
        { conversation_id: GROUP.id, requester: MEGAN, state: { outcome: null } },
        { conversation_id: FOREIGN.id, requester: MEGAN },
      ]);
      expect(JSON.stringify(watches)).not.toMatch(new RegExp(`Alex|${ALEX.entraId}`, "u"));
    });

    test.for(BY_ENTRA)("of %s their own chat is told, and no other", async (user) => {
      await using bench = await aWorld(open);
      await bench.store.setAlias(OWN, "megans", T0);
      await bench.store.setAlias(GROUP, "groups", T0);
      const { conversations, aliases } = await exportPerson(bench.database.db, user);
      expect(conversations).toMatchObject([{ id: OWN.id, user_id: MEGAN.entraId, reference: OWN.reference }]);
      expect(aliases).toMatchObject([{ name: "megans", conversation_id: OWN.id }]);
    });

    test("by Teams' id their own chat is told, too", async () => {
      await using bench = await aWorld(open);
      const { conversations } = await exportPerson(bench.database.db, MEGAN.id);
      expect(conversations).toMatchObject([{ id: OWN.id }]);
    });

    test("what a pipeline has sent into their own chat is theirs, asked for by nobody", async () => {
      await using bench = await aWorld(open);
      await byPipeline(bench, OWN, 9);
      const { watches } = await exportPerson(bench.database.db, MEGAN.entraId);
      expect(watches.at(-1)).toMatchObject({ requester: { id: null, name: "CI" }, title: "From CI" });
    });

    test("of anybody else nothing is known, and nothing is changed", async () => {
      await using bench = await aWorld(open);
      const before = await rowsOf(bench);
      const others = ["", "29:1", "%", "' or true --", MEGAN.name, MEGAN.id.toUpperCase(), OWN.id];
      for (const user of others) {
        expect(await exportPerson(bench.database.db, user)).toEqual({
          conversations: [],
          aliases: [],
          watches: [],
        });
        expect(await forgetPerson(bench.database.db, user)).toEqual({ deleted: 0, unnamed: 0 });
      }
      expect(await rowsOf(bench)).toEqual(before);
    });
  });

  describe(`a person that is forgotten on ${name}`, () => {
    test.for(BY_ENTRA)("%s: their name and their ids are nowhere", async (user) => {
      await using bench = await aWorld(open);
      expect(await traces(bench)).not.toEqual([]);
      expect(await forgetPerson(bench.database.db, user)).toEqual({ deleted: 2, unnamed: 2 });
      expect(await traces(bench)).toEqual([]);
      expect(await exportPerson(bench.database.db, user)).toEqual({
        conversations: [],
        aliases: [],
        watches: [],
      });
      expect(await forgetPerson(bench.database.db, user)).toEqual({ deleted: 0, unnamed: 0 });
    });

    test("by Teams' id, too", async () => {
      await using bench = await aWorld(open);
      await forgetPerson(bench.database.db, MEGAN.id);
      expect(await traces(bench)).toEqual([]);
    });

    test("by the id in Entra, also where only Teams' id was known", async () => {
      await using bench = await aWorld(open);
      const { id, name: called } = MEGAN;
      await bench.track(ALEXS, T0, { addresses: [anAddress(6)], requester: { id, name: called } });
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await traces(bench)).toEqual([]);
    });

    test("their own chat goes with its watches, its aliases and what nobody else watches", async () => {
      await using bench = await aWorld(open);
      await byPipeline(bench, OWN, 9);
      await bench.store.setAlias(OWN, "mine", T0);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await bench.store.conversation(OWN.id)).toBeNull();
      expect(await bench.store.conversationByAlias(TENANT, "mine")).toBeNull();
      expect(await graphIds(bench)).toEqual(["op-1", "op-3", "op-4"]);
      const names = await bench.database.db.execute<{ name: string }>("select name from opwatch.aliases");
      expect(names.rows).toEqual([{ name: "alexs" }]);
    });

    test("what they asked for elsewhere stays, asked for by nobody", async () => {
      await using bench = await aWorld(open);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      const nobody = { id: null, name: "—" };
      expect(await bench.store.openWatches(GROUP.id)).toMatchObject([
        { address: anAddress(3), requester: nobody },
        { address: anAddress(1), requester: ALEX },
      ]);
      expect(await bench.store.openWatches(FOREIGN.id)).toMatchObject([{ requester: nobody }]);
    });

    test("the open cards that named them are written anew, and no others", async () => {
      await using bench = await aWorld(open);
      const shown = { activityId: "1", shown: "x", wanted: 1 };
      for (const { id } of [GROUP, FOREIGN, ALEXS]) {
        for (const watch of await bench.store.openWatches(id)) {
          await bench.store.saveShown({ ...shown, watch: watch.id });
        }
      }
      const [over] = await bench.store.openWatches(FOREIGN.id);
      await bench.run(`update opwatch.watches set closed_at = created_at where id = '${over?.id}'`);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await bench.store.undelivered(GROUP.id, 10)).toMatchObject([{ address: anAddress(3) }]);
      for (const { id } of [FOREIGN, ALEXS]) expect(await bench.store.undelivered(id, 10)).toEqual([]);
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + MINUTE)).toMatchObject({ rearmedDeliveries: 1 });
    });

    test("all that is others' stays as it is, to the last column", async () => {
      await using bench = await aWorld(open);
      const isOthers = ({ row }: Row): boolean => !/megan|5d6059b6|op-2/iu.test(JSON.stringify(row));
      const before = (await rowsOf(bench)).filter(isOthers);
      expect(before.length).toBeGreaterThan(8);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await rowsOf(bench)).toEqual(expect.arrayContaining(before));
    });

    test("what others watch goes on to its end", async () => {
      await using bench = await aWorld(open);
      const [shared] = await bench.store.openWatches(OWN.id);
      if (shared === undefined) throw new Error("Nothing is shared.");
      await forgetPerson(bench.database.db, MEGAN.entraId);
      await bench.dropAlarms();
      expect(await bench.store.sweep(T0 + MINUTE)).toMatchObject({ rearmedChecks: 3 });
      const claimed = await bench.mustClaim(shared.operationId, T0 + MINUTE);
      await bench.save(ended(claimed, T0 + MINUTE), T0 + MINUTE);
      const told = await bench.store.undelivered(GROUP.id, 10);
      expect(told).toMatchObject([{ closed: { reason: "ended" }, requester: ALEX }, {}]);
    });

    test("a result that others still wait for is looked at", async () => {
      await using bench = await aWorld(open);
      const [shared] = await bench.store.openWatches(OWN.id);
      if (shared === undefined) throw new Error("Nothing is shared.");
      const claimed = await bench.mustClaim(shared.operationId, T0 + SECOND);
      await bench.save({ ...ended(claimed, T0 + SECOND), dueAt: T0 + HOUR }, T0 + SECOND);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await bench.claim(shared.operationId, T0 + HOUR)).toHaveLength(1);
    });

    test("what was under way for them ends in silence", async () => {
      await using bench = await aWorld(open);
      const { store } = bench;
      const lone = await bench.track(OWN, T0, { addresses: [anAddress(5)], requester: MEGAN });
      const claimed = await bench.mustClaim(lone.watch.operationId, T0);
      const held = only(await store.claimConversations([OWN.id], T0, DELIVERY_LEASE));
      await forgetPerson(bench.database.db, MEGAN.entraId);
      await bench.save(changed(claimed, T0), T0);
      await store.saveShown({ watch: lone.watch.id, wanted: 1, activityId: "1", shown: "x" });
      await bench.dropAlarms();
      await store.releaseConversation(held, { misses: 0, retryAt: null }, T0);
      expect(await bench.alarms()).toEqual([]);
      expect(await store.takeDelivery(held, { id: lone.watch.id, wanted: 1 }, T0, T0)).toEqual({
        kind: "lost",
      });
      expect(await bench.claim(lone.watch.operationId, T0 + HOUR)).toEqual([]);
      expect(await traces(bench)).toEqual([]);
    });

    test("who writes again is somebody new", async () => {
      await using bench = await aWorld(open);
      await forgetPerson(bench.database.db, MEGAN.entraId);
      expect(await bench.store.greetOnce(OWN, T0 + HOUR)).toBe(true);
      const again = await bench.track(OWN, T0 + HOUR, { addresses: [anAddress(2)], requester: MEGAN });
      expect(again.isNew).toBe(true);
      expect(await bench.claim(again.watch.operationId, T0 + HOUR)).toHaveLength(1);
    });
  });
}

/** Megan and Alex watch the same and different things, in chats of their own, together and in another tenant. */
async function aWorld(open: StoreHome["open"]): Promise<StoreBench> {
  const bench = storeBench(await open());
  const { store } = bench;
  await bench.run("truncate opwatch.requests, opwatch.turns");
  for (const each of [OWN, ALEXS]) await store.greetOnce(each, T0);
  await store.setAlias(ALEXS, "alexs", T0);
  const track = (conversation: Conversation, requester: Person, n: number, extras?: WatchExtras) =>
    bench.track(conversation, T0, {
      requester,
      addresses: [anAddress(n)],
      ...(extras === undefined ? {} : { extras }),
    });
  await track(OWN, MEGAN, 1);
  const over = await track(OWN, MEGAN, 2, {
    title: "Megan's own",
    link: null,
    caller: "CI",
    callback: { url: "https://hooks.contoso.com/", on: "end" },
    request: null,
  });
  await store.stopWatches(OWN.id, [over.watch.id], T0 + SECOND);
  await track(GROUP, MEGAN, 3);
  await track(FOREIGN, MEGAN, 4);
  await track(GROUP, ALEX, 1);
  await track(ALEXS, ALEX, 3);
  return bench;
}

async function byPipeline(bench: StoreBench, conversation: Conversation, n: number): Promise<void> {
  const extras = { title: "From CI", link: null, caller: "CI", callback: null, request: null };
  await bench.track(conversation, T0, {
    requester: { id: null, name: "CI" },
    addresses: [anAddress(n)],
    extras,
  });
}

type Row = { readonly table: string; readonly row: object };

/** Every row of every table of ours, and of the jobs. */
async function rowsOf({ database: { db } }: StoreBench): Promise<readonly Row[]> {
  const tables = await db.execute<{ table: string }>(
    sql`select table_name as table from information_schema.tables
      where table_schema = 'opwatch' and table_type = 'BASE TABLE' order by table_name`,
  );
  expect(tables.rows).toHaveLength(11);
  const all: Row[] = [];
  for (const { table } of tables.rows) {
    const { rows } = await db.execute<{ row: object }>(
      sql`select to_jsonb(t) as row from opwatch.${sql.identifier(table)} t order by to_jsonb(t)::text`,
    );
    all.push(...rows.map(({ row }) => ({ table, row })));
  }
  return all;
}

/** The rows that still name Megan, or lead to her. */
async function traces(bench: StoreBench): Promise<readonly Row[]> {
  const jobs = await bench.database.db.execute<{ row: object }>(
    "select to_jsonb(j) as row from pgboss.job j",
  );
  const all = [...(await rowsOf(bench)), ...jobs.rows.map(({ row }) => ({ table: "job", row }))];
  const known = [MEGAN.id, MEGAN.name, MEGAN.entraId];
  return all.filter(({ row }) => {
    const text = JSON.stringify(row).toLowerCase();
    return known.some((each) => text.includes(each.toLowerCase()));
  });
}

async function graphIds({ database: { db } }: StoreBench): Promise<readonly string[]> {
  const { rows } = await db.execute<{ id: string }>(
    "select graph_id as id from opwatch.operations order by id",
  );
  return rows.map(({ id }) => id).toSorted();
}
