import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { OperationId } from "../../src/core/ids.ts";
import type { WatchRecord } from "../../src/flows/ports.ts";
import { insertClosed } from "../contracts/many-closed.ts";
import {
  aConversation,
  anAddress,
  aTrack,
  changed,
  DELIVERY_LEASE,
  ended,
  HOUR,
  MINUTE,
  nothingNew,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "../contracts/store-bench.ts";
import { findServer, makeEmpty } from "../support/a-database.ts";
import { openReady } from "../support/open-ready.ts";

const MILLION = 1_000_000;
const CLOSED_UNTIL = T0 - 30 * 24 * HOUR;
const CONVERSATIONS = 50;
const OPEN = 20;

const server = await findServer();
const url = server.found ? server.url : "";

type Plan = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Plan[];
};
type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** How many, and how many rows are much. The planner reads a table of some thousand as a whole sooner than a large one. */
const SIZES = [
  ["some thousand", 6_000, 3_000],
  ["a million", MILLION, 100_000],
] as const;

describe.skipIf(!server.found).for(SIZES)(
  `%s closed watches${server.found ? "" : ` (${server.reason})`}`,
  ([, count, much]) => {
    const stack = new AsyncDisposableStack();
    let bench: StoreBench;
    let client: pg.Client;
    let open: readonly WatchRecord[];
    let ids: readonly OperationId[];
    let large: ReadonlySet<string>;

    beforeAll(async () => {
      const place = stack.use(await makeEmpty(url));
      const database = stack.use(await openReady(place.config));
      bench = storeBench(database);
      // Without the time limit that the application has for a statement.
      client = new pg.Client({ connectionString: place.config.home === "server" ? place.config.url : "" });
      await client.connect();
      stack.defer(() => client.end());
      for (const table of ["watches", "operations"])
        await client.query(`alter table opwatch.${table} set unlogged`);
      // References are as they should be; looking at each of them takes as long as all the rest.
      await client.query("set session_replication_role = replica").catch(() => undefined);
      const closed = { closedUntil: CLOSED_UNTIL, perOperation: 4, conversations: 1_000 };
      await insertClosed({ db: drizzle({ client, casing: "snake_case" }) }, count, closed);
      await client.query("reset session_replication_role");
      const tracked: WatchRecord[] = [];
      for (let n = 0; n < CONVERSATIONS; n += 1) {
        const addresses = Array.from({ length: OPEN }, (_, i) => anAddress(n * OPEN + i));
        const made = await bench.store.track(aTrack(aConversation(`open ${n}`), { addresses }), T0);
        tracked.push(...made.map(({ watch }) => watch));
      }
      open = tracked;
      ids = open.map(({ operationId }) => operationId);
      await client.query("analyze");
      const { rows } = await client.query<{ name: string }>(
        "select relname as name from pg_class where relnamespace = 'opwatch'::regnamespace and reltuples > $1",
        [much],
      );
      large = new Set(rows.map(({ name }) => name));
    }, 600_000);
    afterAll(() => stack.disposeAsync());

    /** The statements of some work that read a table from end to end, as the planner says. */
    async function scansOf(work: () => Promise<unknown>): Promise<readonly string[]> {
      const statements = await statementsOf(work);
      expect(statements).not.toEqual([]);
      const found: string[] = [];
      for (const statement of statements) {
        const plan = await planOf(statement);
        if (readsAll(plan, large)) found.push(statement.text);
      }
      return found;
    }

    async function planOf({ text, values }: Statement): Promise<Plan> {
      const { rows } = await client.query<{ "QUERY PLAN": readonly [{ Plan: Plan }] }>(
        `explain (format json) ${text}`,
        [...values],
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      if (plan === undefined) throw new Error(`No plan for ${text}`);
      return plan;
    }

    const chat = aConversation("open 0");
    const works: readonly (readonly [what: string, work: () => Promise<unknown>])[] = [
      ["a new watch", () => bench.track(chat, T0, { addresses: [anAddress("new")] })],
      ["a watch that is there", () => bench.track(chat, T0, { addresses: [anAddress(0)] })],
      [
        "a watch of what ended long ago",
        () => bench.store.track(aTrack(chat, { addresses: [anAddress(1)] }), T0),
      ],
      ["list", () => bench.store.openWatches(chat.id)],
      ["status", () => bench.store.latestWatch(chat.id, "op-1")],
      ["a button", () => bench.store.refresh(first(open).id, T0)],
      ["one by its id", () => bench.store.apiWatch(TENANT, first(open).id)],
      ["a conversation's, for a pipeline", () => listed({ conversation: chat.id, isOpen: null })],
      [
        "a check, to its answer",
        async () => {
          const claimed = await bench.claim(ids.slice(0, 20), T0);
          const [a, b, ...rest] = claimed;
          if (a === undefined || b === undefined) throw new Error("Nothing was claimed.");
          const saved = [changed(a, T0), ended(b, T0), ...rest.map((each) => nothingNew(each, T0))];
          await bench.store.saveChecks(saved, [], T0);
        },
      ],
      [
        "a thousand checks, to their answers",
        async () => {
          const claimed = await bench.claim(ids, T0 + MINUTE);
          const saved = claimed.map((each) => changed(each, T0 + MINUTE));
          await bench.store.saveChecks(saved, [], T0 + MINUTE);
        },
      ],
      [
        "a look at a result",
        async () => {
          const [claimed] = await bench.claim(ids.slice(-1), T0 + HOUR);
          if (claimed === undefined) throw new Error("Nothing was claimed.");
          await bench.store.saveChecks([{ ...changed(claimed, T0 + HOUR), news: "result" }], [], T0 + HOUR);
        },
      ],
      [
        "a delivery, to its end",
        async () => {
          const [held] = await bench.store.claimConversations([chat.id], T0, DELIVERY_LEASE);
          const [watch] = await bench.store.undelivered(chat.id, 1);
          if (held === undefined || watch === undefined) throw new Error("Nothing is to be delivered.");
          await bench.store.takeDelivery(held, watch, T0 + DELIVERY_LEASE, T0);
          await bench.store.saveShown({ watch: watch.id, wanted: watch.wanted, activityId: "1", shown: "x" });
          const until = { ...held, leaseUntil: T0 + DELIVERY_LEASE };
          await bench.store.releaseConversation(until, { misses: 0, retryAt: null }, T0);
        },
      ],
      ["an event", () => bench.store.claimCallbacks([first(open).id], T0, MINUTE)],
      ["a stop", () => bench.store.stopWatches(chat.id, null, T0)],
      ["a removal", () => bench.store.forgetConversation(aConversation("open 1"), T0)],
    ];

    const listed = (filter: Parameters<StoreBench["store"]["apiWatches"]>[1]) =>
      bench.store.apiWatches(TENANT, filter, { before: null, limit: 50 });

    test("the planner's word is understood", async () => {
      expect(large).toContain("watches");
      expect(large).toContain("watches_closed");
      expect(large).not.toContain("watches_undelivered");
      expect(
        await scansOf(() => bench.run('select count(*) from "opwatch"."watches" where title is null')),
      ).toEqual([expect.stringContaining("watches")]);
      expect(
        await scansOf(() => bench.run(`select 1 from "opwatch"."watches" where id = '${first(open).id}'`)),
      ).toEqual([]);
    });

    test.for(works)("%s: no table is read from end to end", async ([, work]) => {
      expect(await scansOf(work)).toEqual([]);
    });

    test.for([
      ["the sweep", () => bench.store.sweep(T0 + MINUTE)],
      ["how much there is", () => bench.store.depths(T0)],
    ] as const)("%s: no table is read from end to end", async ([, work]) => {
      expect(await scansOf(work)).toEqual([]);
    });

    test("a tenant's list, for a pipeline: no table is read from end to end", async () => {
      expect(await scansOf(() => listed({ conversation: null, isOpen: null }))).toEqual([]);
    });

    test.skipIf(count < MILLION)(
      "a hundred thousand are retired in a run, without reading a table from end to end",
      async () => {
        const before = CLOSED_UNTIL - 500 * SECOND;
        const runs: number[] = [];
        expect(
          await scansOf(async () => {
            runs.push(await bench.store.retire(before));
          }),
        ).toEqual([]);
        runs.push(await bench.store.retire(before));
        expect(runs).toEqual([100_000, 100_000]);
        const { watches, operations } = await bench.counts();
        expect(watches).toBe(MILLION + open.length + 1 - 200_000);
        expect(operations).toBe((MILLION - 200_000) / 4 + open.length + 1);
        await client.query("delete from opwatch.watches where closed_at < $1", [new Date(before + 5)]);
        expect(await bench.store.retire(before + 10)).toBe(5);
      },
      300_000,
    );
  },
);

/** What is sent to the database about our own tables, each statement once. */
async function statementsOf(work: () => Promise<unknown>): Promise<readonly Statement[]> {
  const spy = vi.spyOn(pg.Client.prototype, "query");
  const calls: readonly (readonly unknown[])[] = spy.mock.calls;
  const statements = new Map<string, Statement>();
  try {
    await work();
    for (const [config, values] of calls) {
      const text: unknown =
        typeof config === "object" && config !== null ? Reflect.get(config, "text") : config;
      if (typeof text !== "string" || !/"opwatch"\."(?:watches|operations)"/u.test(text)) continue;
      statements.set(text, { text, values: Array.isArray(values) ? values : [] });
    }
  } finally {
    spy.mockRestore();
  }
  return [...statements.values()];
}

/** What stands above these has to wait for all that is below. */
const ALL_FIRST: ReadonlySet<string> = new Set(["Sort", "Aggregate", "Hash", "Materialize"]);

/**
 * @param large tables and indexes with much in them: an index of the few that are open may be read as a whole.
 * @param isCut somebody above stops as soon as there are enough.
 */
function readsAll(plan: Plan, large: ReadonlySet<string>, isCut = false): boolean {
  const { "Node Type": type, Plans: below = [] } = plan;
  if (type === "Seq Scan" && large.has(plan["Relation Name"] ?? "")) return true;
  const isWhole = plan["Index Cond"] === undefined && large.has(plan["Index Name"] ?? "");
  if (isWhole && !isCut) return true;
  const isCutBelow = type === "Limit" || (isCut && !ALL_FIRST.has(type));
  return below.some((each) => readsAll(each, large, isCutBelow));
}

function first<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error("There is none.");
  return item;
}
