import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conversationId, type WatchId } from "../../src/core/ids.ts";
import type { Conversation } from "../../src/flows/ports.ts";
import { forgetPerson } from "../../src/store/personal-data.ts";
import { FIRST_LOCK } from "../../src/store/sweep-store.ts";
import {
  aConversation,
  anAddress,
  ended,
  HOUR,
  storeBench,
  T0,
  type StoreBench,
} from "../contracts/store-bench.ts";
import { findServer, openIn, serverHome, type Home } from "../support/a-database.ts";

const CHAT = aConversation("chat");
const OTHER = aConversation("other");
const BEFORE = T0 + HOUR;
const GATE = 4_711;

const server = await findServer();
const url = server.found ? server.url : "";

/** Moments that come once in a million tracks, held still: see retire.ts. PGlite does one thing at a time. */
describe.skipIf(!server.found)(`on a server${server.found ? "" : ` (${server.reason})`}`, () => {
  let home: Home;
  beforeAll(async () => {
    home = await serverHome(url);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  test("an alarm for a conversation whose row somebody has locked just now is set again", async () => {
    await using scene = await aScene(home);
    const { bench, client } = scene;
    await bench.track(CHAT, T0);
    await bench.dropAlarms("deliveries");
    await client.query("begin");
    await client.query("select 1 from opwatch.conversations for update");
    expect(await bench.store.claimConversations([CHAT.id], T0, HOUR)).toEqual([]);
    await client.query("rollback");
    const [alarm] = await bench.alarms("deliveries");
    expect(alarm?.at).toBeGreaterThan(T0);
    expect(alarm?.at).toBeLessThan(T0 + 1_000);
  });

  test("a write to Teams waits for no claim that holds its tenant's places, and a claim does", async () => {
    await using scene = await aScene(home);
    const { bench, client, gate } = scene;
    const { watch: first } = await bench.track(CHAT, T0);
    const { watch: second } = await bench.track(OTHER, T0, { addresses: [anAddress(2)] });
    await bench.claim(first.operationId, T0);
    await client.query("begin");
    await client.query("select 1 from opwatch.places for no key update");
    expect(await bench.store.takeWrite(CHAT.id, T0)).toEqual({ kind: "taken" });
    const claiming = bench.claim(second.operationId, T0);
    await gate.waiting(1);
    await client.query("rollback");
    expect(await claiming).toHaveLength(1);
  });

  describe("retiring", () => {
    test("waits for nobody who holds a watch or a conversation, and takes them the next time", async () => {
      await using scene = await aScene(home);
      const { bench, client } = scene;
      await closedIn(bench, CHAT);
      await bench.store.forgetConversation(CHAT, T0);
      await client.query("begin");
      await client.query("select 1 from opwatch.watches for update");
      expect(await bench.store.retire(BEFORE)).toBe(0);
      await client.query("rollback");
      await client.query("begin");
      await client.query("select 1 from opwatch.conversations for update");
      expect(await bench.store.retire(BEFORE)).toBe(1);
      expect(await bench.store.conversation(CHAT.id)).toMatchObject({ isGone: true });
      await client.query("rollback");
      await bench.store.retire(BEFORE);
      expect(await bench.counts()).toMatchObject({ watches: 0, operations: 0, conversations: 0 });
    });

    test("by two at the same time takes each watch once", async () => {
      await using scene = await aScene(home);
      const { bench } = scene;
      for (let n = 0; n < 30; n += 1) await closedIn(bench, CHAT, n);
      const [a, b] = await Promise.all([bench.store.retire(BEFORE), bench.store.retire(BEFORE)]);
      expect(a + b).toBe(30);
      expect(await bench.counts()).toMatchObject({ watches: 0, operations: 0 });
    });

    test("waits for a track that wakes the operation, and leaves it then", async () => {
      await using scene = await aScene(home);
      const { bench } = scene;
      await closedIn(bench, CHAT);
      const { watch, retired } = await retireMeetsTrack(scene);
      expect(retired).toBe(1);
      expect(await bench.store.openWatches(OTHER.id)).toMatchObject([{ id: watch.id }]);
      expect(await bench.claim(watch.operationId, BEFORE)).toHaveLength(1);
    });

    test("waits for a track of an operation that has ended, and leaves it then", async () => {
      await using scene = await aScene(home);
      const { bench } = scene;
      const { watch: old } = await bench.track(CHAT, T0);
      await bench.save(ended(await bench.mustClaim(old.operationId, T0), T0), T0);
      await shown(bench, old.id);
      const { watch, retired } = await retireMeetsTrack(scene);
      expect(retired).toBe(1);
      expect(await bench.store.watch(watch.id)).toMatchObject({ closed: { reason: "ended" } });
    });

    test("takes the operation from under no track", async () => {
      await using scene = await aScene(home);
      const { bench, gate } = scene;
      await closedIn(bench, CHAT);
      await gate.after("insert on opwatch.operations");
      const tracked = bench.track(OTHER, BEFORE);
      tracked.catch(() => undefined);
      await gate.reached(1);
      expect(await bench.store.retire(BEFORE)).toBe(1);
      await gate.open();
      expect(await tracked).toMatchObject({ isNew: true });
    });

    test("by two replicas leaves no operation behind", async () => {
      await using scene = await aScene(home);
      const { bench, gate, client } = scene;
      const first = await closedIn(bench, CHAT);
      await closedIn(bench, OTHER);
      await gate.before("delete on opwatch.operations");
      await client.query("begin");
      await client.query("select 1 from opwatch.watches where id <> $1 for update", [first]);
      const one = bench.store.retire(BEFORE);
      await gate.reached(1);
      await client.query("rollback");
      const two = bench.store.retire(BEFORE);
      // At the gate, or for the lock of the one that stands there.
      await gate.waiting(2);
      await gate.open();
      expect([await one, await two]).toEqual([1, 1]);
      await bench.store.retire(BEFORE);
      expect(await bench.counts()).toMatchObject({ watches: 0, operations: 0 });
    });
  });

  describe("a sweep", () => {
    test("leaves to another replica what that one sweeps just now, and does the rest", async () => {
      await using scene = await aScene(home);
      const { bench, client } = scene;
      await bench.track(CHAT, T0);
      await bench.dropAlarms();
      const checks = FIRST_LOCK + 1;
      await client.query("select pg_advisory_lock($1)", [checks]);
      expect(await bench.store.sweep(BEFORE)).toMatchObject({ rearmedChecks: 0, rearmedDeliveries: 1 });
      await client.query("select pg_advisory_unlock($1)", [checks]);
      expect(await bench.store.sweep(BEFORE)).toMatchObject({ rearmedChecks: 1 });
    });

    test("that fails in one part does the others all the same, and says so", async () => {
      await using scene = await aScene(home);
      const { bench } = scene;
      await bench.track(CHAT, T0);
      await bench.dropAlarms();
      await bench.run("alter table opwatch.pauses rename to away");
      await expect(bench.store.sweep(BEFORE)).rejects.toThrow(/pauses/u);
      expect((await bench.alarms()).map(({ queue }) => queue)).toEqual(["deliveries"]);
      await bench.run("alter table opwatch.away rename to pauses");
      expect(await bench.store.sweep(BEFORE)).toMatchObject({ rearmedChecks: 1 });
    });
  });

  describe("forgetting", () => {
    test("a person waits for whoever tracks their operation elsewhere, and leaves it asked for", async () => {
      await using scene = await aScene(home);
      const { bench, gate } = scene;
      const userId = "5d6059b6-368d-45f8-91e1-8e07d485f1d0";
      const own: Conversation = { ...CHAT, id: conversationId("a:1Megan"), kind: "personal", userId };
      await bench.track(own, T0);
      await gate.before("insert on opwatch.watches");
      const tracked = bench.track(OTHER, T0);
      await gate.reached(1);
      const forgotten = forgetPerson(bench.database.db, userId);
      await gate.waiting(2);
      await gate.open();
      const { watch } = await tracked;
      // What they ask for there, too.
      expect(await forgotten).toEqual({ deleted: 1, unnamed: 1 });
      expect(await bench.claim(watch.operationId, BEFORE)).toHaveLength(1);
    });
  });
});

/** Retiring begins while a `track` is about to write its watch. */
async function retireMeetsTrack({ bench, gate }: Scene) {
  await gate.before("insert on opwatch.watches");
  const tracked = bench.track(OTHER, BEFORE);
  await gate.reached(1);
  const retired = bench.store.retire(BEFORE);
  await gate.waiting(2);
  await gate.open();
  const { watch } = await tracked;
  return { watch, retired: await retired };
}

type Gate = {
  /** Each such statement stops there, with its view of the rows already taken, until the gate is opened. */
  before(statement: string): Promise<void>;
  after(statement: string): Promise<void>;
  /** So many statements stand at the gate. */
  reached(count: number): Promise<void>;
  /** So many statements wait for any lock, the gate's included. */
  waiting(count: number): Promise<void>;
  open(): Promise<void>;
};

type Scene = AsyncDisposable & {
  readonly bench: StoreBench;
  readonly gate: Gate;
  readonly client: pg.Client;
};

async function aScene(home: Home): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const place = await home.make();
  const bench = stack.use(storeBench(await openIn(place)));
  if (place.config.home !== "server") throw new Error("Not on a server.");
  const { url: connectionString } = place.config;
  const connected = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    stack.defer(() => client.end());
    return client;
  };
  const [client, keeper] = [await connected(), await connected()];
  await keeper.query("select pg_advisory_lock($1)", [GATE]);
  await bench.run(`create function opwatch.gate() returns trigger language plpgsql as $$ begin
    perform pg_advisory_xact_lock_shared(${GATE}); return null; end $$`);
  const makeGate = (when: string) =>
    bench.run(`create trigger gate ${when} for each statement execute function opwatch.gate()`);
  const count = async (from: string): Promise<number> => {
    const { rows } = await keeper.query<{ count: number }>(`select count(*)::int as count from ${from}`);
    return rows[0]?.count ?? 0;
  };
  const until = async (many: number, from: string): Promise<void> => {
    await expect.poll(() => count(from), { timeout: 5_000, interval: 10 }).toBe(many);
  };
  const gate: Gate = {
    before: (statement) => makeGate(`before ${statement}`),
    after: (statement) => makeGate(`after ${statement}`),
    reached: (many) =>
      until(many, `pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted`),
    waiting: (many) =>
      until(many, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
    open: async () => void (await keeper.query("select pg_advisory_unlock($1)", [GATE])),
  };
  const opened = stack.move();
  return { bench, gate, client, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A watch that was stopped long ago. */
async function closedIn(bench: StoreBench, conversation: Conversation, n = 1): Promise<WatchId> {
  const { watch } = await bench.track(conversation, T0, { addresses: [anAddress(n)] });
  await bench.store.stopWatches(conversation.id, [watch.id], T0);
  await shown(bench, watch.id);
  return watch.id;
}

function shown(bench: StoreBench, watch: WatchId): Promise<void> {
  return bench.store.saveShown({ watch, wanted: 2, activityId: "1", shown: "x" });
}
