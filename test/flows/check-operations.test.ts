import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/core/answer.ts";
import type { ConversationId, EpochMs } from "../../src/core/ids.ts";
import { newOperation } from "../../src/core/operation.ts";
import type { Pace } from "../../src/core/slots.ts";
import { createChecker, type Checker, type CheckSettings } from "../../src/flows/check-operations.ts";
import { groupForRequests } from "../../src/flows/request-groups.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { Measure, Measurement } from "../../src/flows/meter.ts";
import type { Graph, Store } from "../../src/flows/ports.ts";
import {
  aConversation,
  addressOf,
  anAddress,
  aSnapshot,
  aTrack,
  INTERVAL,
  LEASE,
  MINUTE,
  OTHER_TENANT,
  SECOND,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";
import { NO_TRACE } from "../../src/core/answer.ts";
import { aFakeGraph, type FakeGraph } from "../support/a-fake-graph.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());

const CHAT = aConversation("chat");
const SETTINGS = {
  intervalMs: INTERVAL,
  requestTimeoutMs: LEASE - INTERVAL,
  batchSize: 20,
  claimSize: 200,
  perSecond: 1_000_000,
  graph: GLOBAL_GRAPH,
  looks: false,
  earlyMs: 0,
  lateMs: 150,
};
const RUNNING: Answer = {
  kind: "snapshot",
  snapshot: aSnapshot("running"),
  trace: NO_TRACE,
  retryAfterMs: null,
};
const SUCCEEDED: Answer = {
  kind: "snapshot",
  snapshot: aSnapshot("succeeded"),
  trace: NO_TRACE,
  retryAfterMs: null,
};
const THROTTLED: Answer = {
  kind: "refused",
  httpStatus: 429,
  code: "TooManyRequests",
  message: null,
  trace: NO_TRACE,
  retryAfterMs: 5 * MINUTE,
};

const away = (): Promise<never> => Promise.reject(new Error("database away"));

type CheckerChanges = {
  readonly store?: Partial<Store>;
  readonly graph?: Graph;
  readonly settings?: Partial<CheckSettings>;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly measure?: Measure;
  readonly tell?: (conversations: readonly ConversationId[]) => void;
};

type CheckBench = AsyncDisposable & {
  readonly rows: StoreBench;
  readonly graph: FakeGraph;
  readonly events: readonly LogEvent[];
  readonly wait: (ms: number) => void;
  now(): EpochMs;
  aChecker(changes?: CheckerChanges): Checker;
  /** Everything that waits for a check is offered to the checker, and it comes to rest. */
  check(checker?: Checker): Promise<void>;
};

async function aBench(answer: FakeGraph["answer"] = () => RUNNING, pace?: Pace): Promise<CheckBench> {
  const rows = storeBench(await shared.emptied(), pace);
  const graph = aFakeGraph(answer);
  const events: LogEvent[] = [];
  let at = T0;
  const now = (): EpochMs => at;
  const bench: CheckBench = {
    rows,
    graph,
    events,
    now,
    wait(ms) {
      at += ms;
    },
    aChecker: (changes = {}) =>
      createChecker(
        {
          measure: changes.measure ?? (() => undefined),
          store: { ...rows.store, ...changes.store },
          graph: changes.graph ?? graph,
          now,
          log: (event) => events.push(event),
          sleep:
            changes.sleep ??
            ((ms) => {
              at += ms;
              return Promise.resolve();
            }),
          tell: changes.tell ?? (() => undefined),
        },
        { ...SETTINGS, ...changes.settings },
      ),
    async check(checker = bench.aChecker()) {
      const { rows: operations } = await rows.database.db.execute<{ id: string }>(
        "select id from opwatch.operations order by graph_id",
      );
      // @ts-expect-error: the rows' ids are operation ids
      await checker.run(operations.map(({ id }) => id));
      await checker.drained();
    },
    [Symbol.asyncDispose]: () => rows[Symbol.asyncDispose](),
  };
  return bench;
}

describe("a check", () => {
  test("asks Graph, keeps what it said and sets the next alarm an interval later", async () => {
    await using bench = await aBench();
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.rows.dropAlarms();
    await bench.check();
    expect(bench.graph.requests).toEqual([{ tenant: TENANT, version: "v1.0", operations: ["op-1"] }]);
    expect(await bench.rows.store.watch(watch.id)).toMatchObject({
      state: { snapshot: { phase: "running" }, answeredAt: T0 },
    });
    const [alarm] = await bench.rows.alarms("checks");
    expect(alarm).toMatchObject({ key: watch.operationId, at: T0 + INTERVAL });
    expect(await bench.rows.store.undelivered(CHAT.id, 10)).toMatchObject([{ wanted: 2 }]);
    expect(bench.events).toEqual([{ event: "checks.done", asked: 1, ended: 0, ms: 0 }]);
  });

  test("of very many leaves time between the claims, so that nobody's place goes by meanwhile", async () => {
    await using bench = await aBench();
    const addresses = Array.from({ length: 450 }, (_, n) => anAddress(n));
    await bench.rows.track(CHAT, T0, { addresses });
    const seen: string[] = [];
    const checker = bench.aChecker({
      store: {
        claimChecks: (ids, ...rest) => {
          seen.push(`claims ${ids.length}`);
          setImmediate(() => seen.push("another's turn"));
          return bench.rows.store.claimChecks(ids, ...rest);
        },
      },
    });
    await bench.check(checker);
    expect(seen.filter((each) => each.startsWith("claims"))).toEqual([
      "claims 200",
      "claims 200",
      "claims 50",
    ]);
    expect(seen.slice(0, 4)).toEqual(["claims 200", "another's turn", "claims 200", "another's turn"]);
    expect(bench.graph.requests.flatMap(({ operations }) => operations)).toHaveLength(450);
  });

  test("of very many keeps to what Graph allows over all tenants", async () => {
    await using bench = await aBench();
    const addresses = Array.from({ length: 500 }, (_, n) => anAddress(n));
    await bench.rows.track(CHAT, T0, { addresses });
    const asked: EpochMs[] = [];
    bench.graph.answer = () => {
      asked.push(bench.now());
      return RUNNING;
    };
    const sleepers: { readonly end: EpochMs; readonly wake: () => void }[] = [];
    const checker = bench.aChecker({
      settings: { perSecond: 120 },
      sleep: (ms) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        sleepers.push({ end: bench.now() + ms, wake: resolve });
        return promise;
      },
    });
    // The clock goes on to the next who wakes, when there is nothing else to do.
    const clock = setInterval(() => {
      const next = Math.min(...sleepers.map(({ end }) => end));
      if (sleepers.length > 0) bench.wait(next - bench.now());
      const awake = sleepers.filter(({ end }) => end <= next);
      sleepers.splice(0, sleepers.length, ...sleepers.filter(({ end }) => end > next));
      for (const { wake } of awake) wake();
    }, 30);
    await bench.check(checker).finally(() => {
      clearInterval(clock);
    });
    const inSecondOf = (from: EpochMs): number =>
      asked.filter((at) => at >= from && at < from + SECOND).length;
    // Seven requests of twenty checks: as many as in 1.2 s (core/line).
    expect(Math.max(...asked.map(inSecondOf))).toBe(140);
    expect(Math.max(...asked) - T0).toBeLessThan(6 * SECOND);
    expect(bench.graph.requests.flatMap(({ operations }) => operations)).toHaveLength(500);
  });

  test("gives back what comes so late in the line of all tenants that its answer would come too late", async () => {
    await using bench = await aBench();
    const { operationId } = (await bench.rows.track(CHAT, T0)).watch;
    const asksMs = LEASE - INTERVAL;
    const measured: Measurement[] = [];
    const inLine = (waitMs: number): Checker =>
      bench.aChecker({
        measure: (it) => measured.push(it),
        store: { joinLine: (waiting) => Promise.resolve(waiting.map(({ at }) => at + waitMs)) },
      });
    await bench.check(inLine(0.6 * asksMs));
    expect(measured).toEqual([{ measured: "givenBack", because: "missed", count: 1 }]);
    expect(bench.graph.requests).toEqual([]);
    expect(await bench.rows.operation(operationId)).toMatchObject({ dueAt: T0 });
    await bench.check(inLine(0.4 * asksMs));
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("gives back what has no place in the line of all tenants, because the database is away", async () => {
    await using bench = await aBench();
    const { operationId } = (await bench.rows.track(CHAT, T0)).watch;
    await expect(bench.check(bench.aChecker({ store: { joinLine: away } }))).rejects.toThrow("database away");
    expect(bench.graph.requests).toEqual([]);
    expect(await bench.rows.operation(operationId)).toMatchObject({ dueAt: T0, freeAt: T0 });
    await bench.check();
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("waits in the line of all tenants behind another process that was quicker", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    await bench.rows.store.joinLine(
      [72, 72].map((count) => ({ at: T0, count })),
      60,
      T0,
    );
    const waits: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      waits.push(ms);
      bench.wait(ms);
      return Promise.resolve();
    };
    await bench.check(bench.aChecker({ settings: { perSecond: 60 }, sleep }));
    expect(waits).toEqual([500, 500, 500, 500, 300, 100]);
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("that brings news tells of it whoever writes cards, and one that brings none tells nobody", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    const told: (readonly ConversationId[])[] = [];
    const checker = bench.aChecker({ tell: (conversations) => told.push(conversations) });
    await bench.check(checker);
    expect(told).toEqual([[CHAT.id]]);
    await bench.rows.dropAlarms();
    bench.wait(INTERVAL);
    await bench.check(checker);
    expect(bench.graph.requests).toHaveLength(2);
    expect(told).toHaveLength(1);
    expect((await bench.rows.alarms()).map(({ queue }) => queue)).toEqual(["checks"]);
  });

  test("of an end closes the watch, and there is no other", async () => {
    await using bench = await aBench(() => SUCCEEDED);
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.check();
    bench.wait(10 * MINUTE);
    await bench.check();
    expect(bench.graph.requests).toHaveLength(1);
    expect((await bench.rows.store.watch(watch.id))?.closed?.reason).toBe("ended");
    expect(bench.events).toContainEqual({ event: "checks.done", asked: 1, ended: 1, ms: 0 });
  });

  test("the floor counts from the answer, not from the question", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    bench.graph.answer = () => {
      bench.wait(7 * SECOND);
      return RUNNING;
    };
    await bench.check();
    bench.graph.answer = () => RUNNING;
    bench.wait(INTERVAL - 1);
    await bench.check();
    expect(bench.graph.requests).toHaveLength(1);
    bench.wait(1);
    await bench.check();
    expect(bench.graph.requests).toHaveLength(2);
  });

  test("by two checkers at once is made by one", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0, { addresses: [1, 2, 3].map(anAddress) });
    await Promise.all([bench.check(), bench.check(), bench.check()]);
    const asked = bench.graph.requests.flatMap(({ operations }) => operations);
    expect(asked.toSorted()).toEqual(["op-1", "op-2", "op-3"]);
  });

  test("each answer goes to its own operation, also when one is missing", async () => {
    await using bench = await aBench();
    const tracked = await bench.rows.store.track(aTrack(CHAT, { addresses: [1, 2, 3].map(anAddress) }), T0);
    const graph: Graph = {
      ...bench.graph,
      check: (_tenant, _version, addresses) =>
        Promise.resolve(
          addresses
            .map(({ operation }): Answer => ({
              kind: "snapshot",
              snapshot: aSnapshot("running", { targetId: operation }),
              trace: NO_TRACE,
              retryAfterMs: null,
            }))
            .slice(0, 2),
        ),
    };
    await bench.check(bench.aChecker({ graph }));
    const after = await Promise.all(tracked.map(({ watch }) => bench.rows.store.watch(watch.id)));
    const seen = after.filter((watch) => watch?.state.snapshot !== null);
    expect(seen).toHaveLength(2);
    for (const watch of seen) expect(watch?.state.snapshot?.targetId).toBe(watch?.address.operation);
    const missing = after.find((watch) => watch?.state.snapshot === null);
    expect(missing?.state.trouble?.kind).toBe("noAnswer");
  });
});

describe("when something fails", () => {
  test("a save is logged, nothing is kept, and the check comes again after the claim ran out", async () => {
    await using bench = await aBench();
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.check(bench.aChecker({ store: { saveChecks: away } }));
    expect(bench.events).toEqual([{ event: "checks.failed", operations: 1, error: "Error: database away" }]);
    expect((await bench.rows.store.watch(watch.id))?.state.snapshot).toBeNull();
    bench.wait(LEASE - 1);
    await bench.check();
    expect(bench.graph.requests).toHaveLength(1);
    bench.wait(1);
    await bench.check();
    expect(bench.graph.requests).toHaveLength(2);
    expect((await bench.rows.store.watch(watch.id))?.state.snapshot?.phase).toBe("running");
  });

  test("a save with a pause in it, the pause is written down as soon as the database is back", async () => {
    await using bench = await aBench();
    const { watch } = await bench.rows.track(CHAT, T0);
    bench.graph.answer = () => THROTTLED;
    const heardAt = bench.now();
    let tries = 0;
    const store: Partial<Store> = {
      saveChecks: (...given) => {
        tries += 1;
        return tries < 9 ? away() : bench.rows.store.saveChecks(...given);
      },
    };
    await bench.check(bench.aChecker({ store }));
    expect(bench.now()).toBeLessThan(heardAt + MINUTE);
    expect(await bench.rows.store.mayAsk(TENANT, heardAt + 5 * MINUTE)).toBe(false);
    expect(await bench.rows.store.mayAsk(TENANT, heardAt + 6 * MINUTE)).toBe(true);
    expect((await bench.rows.store.watch(watch.id))?.state.snapshot).toBeNull();
  });

  test("a claim is told to the worker, which asks nobody", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    await expect(bench.check(bench.aChecker({ store: { claimChecks: away } }))).rejects.toThrow(
      "database away",
    );
    expect(bench.graph.requests).toEqual([]);
  });

  test("one group does not lose the others", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    const foreign = await bench.rows.track(aConversation("foreign", OTHER_TENANT), T0);
    bench.graph.answer = (_address, tenant) =>
      tenant === TENANT ? Promise.reject(new Error("bug")) : RUNNING;
    await bench.check();
    expect((await bench.rows.store.watch(foreign.watch.id))?.state.snapshot?.phase).toBe("running");
    expect(bench.events.map(({ event }) => event).toSorted()).toEqual(["checks.done", "checks.failed"]);
  });

  test("a tenant whose Graph hangs holds up no other", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    const foreign = await bench.rows.track(aConversation("foreign", OTHER_TENANT), T0);
    const { promise: hanging, resolve: answer } = Promise.withResolvers<Answer>();
    bench.graph.answer = (_address, tenant) => (tenant === TENANT ? hanging : RUNNING);
    const done = bench.check();
    await expect
      .poll(async () => (await bench.rows.store.watch(foreign.watch.id))?.state.snapshot?.phase)
      .toBe("running");
    answer(RUNNING);
    await done;
    expect(bench.events).toHaveLength(2);
  });
});

describe("a throttled tenant", () => {
  test("is left alone until Retry-After is over, also by another process; other tenants go on", async () => {
    await using bench = await aBench((_address, tenant) => (tenant === TENANT ? THROTTLED : RUNNING));
    await bench.rows.track(CHAT, T0);
    await bench.rows.track(aConversation("foreign", OTHER_TENANT), T0);
    await bench.check();
    await bench.rows.track(aConversation("third"), T0, { addresses: [anAddress(2)] });
    bench.wait(5 * MINUTE - 1);
    await bench.check(bench.aChecker());
    const own = bench.graph.requests.filter(({ tenant }) => tenant === TENANT);
    expect(own).toHaveLength(1);
    expect(bench.graph.requests.length).toBe(3);
    expect(bench.events).toContainEqual({
      event: "checks.paused",
      tenant: TENANT,
      // Clocks differ by a little.
      untilMs: T0 + 5 * MINUTE + 250,
    });
    bench.wait(INTERVAL + 1);
    await bench.check();
    expect(bench.graph.requests.filter(({ tenant }) => tenant === TENANT)).toHaveLength(2);
  });
});

describe("grouping for requests", () => {
  const VERSIONS = ["v1.0", "beta"] as const;
  const OUTCOMES = [null, "succeeded"] as const;
  const operation = fc.record({
    tenant: fc.constantFrom(TENANT, OTHER_TENANT),
    version: fc.constantFrom(...VERSIONS),
    outcome: fc.constantFrom(...OUTCOMES),
    /** Its place in line; some are past. */
    sendAt: fc.constantFrom(T0 - SECOND, T0 - 1, T0, T0 + 125, T0 + 250),
  });

  test("one tenant, version, purpose and place each, full but never overfull, nothing lost, in order", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), fc.integer({ min: 1, max: 20 }), (given, size) => {
        const operations = given.map(({ tenant, version, outcome, sendAt }, n) => ({
          n,
          tenantId: tenant,
          address: addressOf(`/${version}/teams('t')/operations('op-${n}')`),
          state: { ...newOperation(T0), outcome },
          sendAt,
        }));
        const groups = groupForRequests(operations, size, T0);
        const keyOf = ({ tenantId, address, state, sendAt }: (typeof operations)[number]): string =>
          [tenantId, address.version, state.outcome === null ? "check" : "look", Math.max(sendAt, T0)].join(
            " ",
          );
        const groupKey = ({ tenantId, version, kind, sendAt }: (typeof groups)[number]): string =>
          [tenantId, version, kind, sendAt].join(" ");
        for (const group of groups) {
          expect(group.operations.length).toBeGreaterThan(0);
          expect(group.operations.length).toBeLessThanOrEqual(size);
          for (const each of group.operations) expect(keyOf(each)).toBe(groupKey(group));
        }
        for (const key of new Set(operations.map(keyOf))) {
          const grouped = groups.filter((group) => groupKey(group) === key);
          const wanted = operations.filter((each) => keyOf(each) === key);
          expect(grouped.flatMap((group) => group.operations)).toEqual(wanted);
          expect(grouped).toHaveLength(Math.ceil(wanted.length / size));
        }
      }),
    );
  });

  test("a batch of due operations makes requests of twenty at most", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0, { addresses: Array.from({ length: 45 }, (_, i) => anAddress(i)) });
    await bench.check();
    const sizes = bench.graph.requests.map(({ operations }) => operations.length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([5, 20, 20]);
  });
});

test("a Retry-After holds for everybody who asks, a Refresh included", async () => {
  const WAIT: Answer = { ...THROTTLED, httpStatus: 502, code: "BadGateway", retryAfterMs: 10 * MINUTE };
  await using bench = await aBench(() => WAIT);
  const { watch } = await bench.rows.track(CHAT, T0);
  await bench.check();
  bench.wait(MINUTE);
  const plan = await bench.rows.store.refresh(watch.id, bench.now());
  expect(plan?.nextCheckAt).toBe(T0 + 10 * MINUTE);
  await bench.check();
  expect(bench.graph.requests).toHaveLength(1);
  bench.wait(9 * MINUTE + SECOND);
  await bench.check();
  expect(bench.graph.requests).toHaveLength(2);
});

describe("a place in line", () => {
  /** One request in each 125 ms. */
  const SLOW: Pace = { slotMs: 125, perSlot: 1 };
  const addresses = [1, 2, 3, 4].map(anAddress);

  test("is waited for, and nothing is asked before", async () => {
    await using bench = await aBench(() => RUNNING, SLOW);
    await bench.rows.track(CHAT, T0, { addresses });
    const asked: EpochMs[] = [];
    bench.graph.answer = () => {
      asked.push(bench.now());
      return RUNNING;
    };
    const sleep = async (ms: number): Promise<void> => {
      const end = bench.now() + ms;
      // Who waits longer comes later, after all that the others still do.
      for (let waited = 0; waited < ms; waited += 10) {
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
      }
      bench.wait(Math.max(end - bench.now(), 0));
    };
    await bench.check(bench.aChecker({ sleep }));
    expect(asked).toEqual([0, 125, 250, 375].map((ms) => T0 + ms));
    expect(bench.graph.requests.map(({ operations }) => operations.length)).toEqual([1, 1, 1, 1]);
  });

  // All of them would leave together.
  test("that is past when the claim comes back after seconds is not used", async () => {
    await using bench = await aBench(() => RUNNING, SLOW);
    await bench.rows.track(CHAT, T0, { addresses });
    const slow = bench.aChecker({
      store: slowClaims(bench, () => 4 * SECOND),
    });
    await bench.check(slow);
    expect(bench.graph.requests).toEqual([]);
    await bench.check(bench.aChecker());
    expect(bench.graph.requests.length).toBeGreaterThan(0);
  });

  // Places move by a second at most, so each one of such a claim is past.
  test("is found ahead where every claim takes longer than places may move", async () => {
    await using bench = await aBench(() => RUNNING, SLOW);
    await bench.rows.track(CHAT, T0);
    let takesMs = 0;
    const slow = bench.aChecker({
      settings: { earlyMs: SECOND },
      sleep: (ms) => {
        bench.wait(ms);
        return Promise.resolve();
      },
      store: slowClaims(bench, () => takesMs),
    });
    // A process's first claims are made ahead in any case.
    for (let round = 0; round < 8; round += 1) {
      await bench.check(slow);
      bench.wait(2 * INTERVAL);
    }
    const { length: before } = bench.graph.requests;
    takesMs = 1_300;
    const end = bench.now() + 20 * SECOND;
    while (bench.now() < end && bench.graph.requests.length === before) {
      const [next] = (await bench.rows.alarms("checks")).map(({ at }) => at).toSorted((a, b) => a - b);
      bench.wait(Math.max((next ?? end) - bench.now(), 0));
      await bench.rows.dropAlarms("checks");
      await bench.check(slow);
    }
    expect(bench.graph.requests.length).toBeGreaterThan(before);
  });

  test("is found at once again where claims are quick again, also after those that found only places far ahead", async () => {
    await using bench = await aBench(() => RUNNING, SLOW);
    await bench.rows.track(CHAT, T0);
    let takesMs = 3 * SECOND;
    const from: number[] = [];
    const quick = slowClaims(bench, () => takesMs);
    const checker = bench.aChecker({
      settings: { earlyMs: SECOND },
      store: {
        claimChecks: (ids, at, leaseMs, intervalMs, placesFrom = at) => {
          from.push(placesFrom - at);
          return quick.claimChecks?.(ids, at, leaseMs, intervalMs, placesFrom) ?? Promise.resolve([]);
        },
      },
    });
    await bench.check(checker);
    takesMs = 20;
    for (let round = 0; round < 3; round += 1) await bench.check(checker);
    const [, ...later] = from;
    // Twice the longest, and half of it from claim to claim.
    expect(later).toEqual([4_000, 2_000, 1_000]);
  });

  test("is asked about in time where the database's answer is slow", async () => {
    await using bench = await aBench();
    await bench.rows.track(CHAT, T0);
    const slow = bench.aChecker({
      settings: { earlyMs: SECOND },
      sleep: (ms) => {
        bench.wait(ms);
        return Promise.resolve();
      },
      store: {
        // As on a server, where claims are made ahead.
        claimChecks: async (...given) =>
          (await bench.rows.store.claimChecks(...given)).map((each) => ({
            ...each,
            sendAt: each.sendAt + 600,
          })),
        mayAsk: async (...given) => {
          bench.wait(300);
          return bench.rows.store.mayAsk(...given);
        },
      },
    });
    await bench.check(slow);
    expect(bench.graph.requests).toEqual([]);
    bench.wait(SECOND);
    await bench.check(slow);
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("that is missed is counted, and is due since when it was", async () => {
    const measured: Measurement[] = [];
    await using bench = await aBench(() => RUNNING, SLOW);
    const { operationId } = (await bench.rows.track(CHAT, T0)).watch;
    const slow = bench.aChecker({
      measure: (it) => measured.push(it),
      store: slowClaims(bench, () => 4 * SECOND),
    });
    await bench.check(slow);
    expect(measured).toContainEqual({ measured: "givenBack", because: "missed", count: 1 });
    expect(await bench.rows.operation(operationId)).toMatchObject({ dueAt: T0, freeAt: T0 + 4 * SECOND });
  });

  // Graph may refuse one while others of the same tenant wait for their places.
  test("that comes within a pause is not used", async () => {
    await using bench = await aBench(() => THROTTLED, SLOW);
    await bench.rows.track(CHAT, T0, { addresses });
    const { promise: isPaused, resolve: paused } = Promise.withResolvers<void>();
    const checker = bench.aChecker({
      sleep: async (ms) => {
        await isPaused;
        bench.wait(ms);
      },
      store: {
        saveChecks: async (...given) => {
          const told = await bench.rows.store.saveChecks(...given);
          paused();
          return told;
        },
      },
    });
    await bench.check(checker);
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("that comes while a pause is still being saved is not used", async () => {
    await using bench = await aBench(() => THROTTLED, SLOW);
    await bench.rows.track(CHAT, T0, { addresses });
    const { promise: isHeard, resolve: heard } = Promise.withResolvers<void>();
    const { promise: isGivenBack, resolve: givenBack } = Promise.withResolvers<void>();
    const checker = bench.aChecker({
      sleep: async (ms) => {
        await isHeard;
        bench.wait(ms);
      },
      store: {
        saveChecks: async (...given) => {
          heard();
          // As behind the locks of a process that is gone.
          await isGivenBack;
          return bench.rows.store.saveChecks(...given);
        },
        giveBack: async (...given) => {
          await bench.rows.store.giveBack(...given);
          givenBack();
        },
      },
    });
    await bench.check(checker);
    expect(bench.graph.requests).toHaveLength(1);
  });
});

/** Time goes by until a claim comes back. */
function slowClaims({ rows, wait }: CheckBench, takesMs: () => number): Partial<Store> {
  return {
    claimChecks: async (...given) => {
      const claimed = await rows.store.claimChecks(...given);
      wait(takesMs());
      return claimed;
    },
  };
}

describe("after the end", () => {
  const TARGET = "/teams('made')";
  const MADE: Answer = {
    ...SUCCEEDED,
    snapshot: aSnapshot("succeeded", { operationType: "createTeam", targetLocation: TARGET }),
  };
  const WEB_URL = "https://teams.microsoft.com/l/team/made";
  /** Waits before each of the looks, in intervals. */
  const WAITS = [1, 4, 20];
  const looking = { settings: { looks: true } };

  test("the result is looked at when that is due, and told where it can be opened", async () => {
    await using bench = await aBench(() => MADE);
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.check(bench.aChecker(looking));
    expect(await bench.rows.store.watch(watch.id)).toMatchObject({
      closed: { reason: "ended", at: T0 },
      state: { outcome: "succeeded", result: { standing: "looking", looks: 0 } },
    });
    bench.graph.seen = () => ({ kind: "there", webUrl: WEB_URL });
    bench.wait(INTERVAL - 1);
    await bench.check(bench.aChecker(looking));
    expect(bench.graph.looks).toEqual([]);
    await bench.rows.dropAlarms();
    const { wanted } = await bench.rows.watch(watch.id);
    bench.wait(1);
    const told: (readonly ConversationId[])[] = [];
    await bench.check(bench.aChecker({ ...looking, tell: (conversations) => told.push(conversations) }));
    expect(told).toEqual([[CHAT.id]]);
    expect(bench.graph.looks).toEqual([TARGET]);
    expect(bench.graph.requests).toHaveLength(1);
    expect(await bench.rows.store.undelivered(CHAT.id, 10)).toMatchObject([
      {
        id: watch.id,
        wanted: wanted + 1,
        state: { result: { standing: "ready", looks: 1, webUrl: WEB_URL } },
      },
    ]);
    expect(await bench.rows.alarms()).toEqual([]);
    expect(bench.events.filter(({ event }) => event === "checks.done")).toMatchObject([
      { ended: 1 },
      { ended: 0 },
    ]);
    bench.wait(60 * MINUTE);
    await bench.check(bench.aChecker(looking));
    expect(bench.graph.looks).toHaveLength(1);
  });

  test("three spaced looks in vain are all, and the card says so once", async () => {
    await using bench = await aBench(() => MADE);
    const { watch } = await bench.rows.track(CHAT, T0);
    await bench.check(bench.aChecker(looking));
    const { wanted } = await bench.rows.watch(watch.id);
    for (const [n, intervals] of WAITS.entries()) {
      bench.wait(intervals * INTERVAL - 1);
      await bench.check(bench.aChecker(looking));
      expect(bench.graph.looks).toHaveLength(n);
      bench.wait(1);
      await bench.check(bench.aChecker(looking));
      expect(bench.graph.looks).toHaveLength(n + 1);
      expect((await bench.rows.watch(watch.id)).wanted).toBe(n < 2 ? wanted : wanted + 1);
    }
    expect((await bench.rows.store.watch(watch.id))?.state.result).toMatchObject({
      standing: "unseen",
      looks: 3,
    });
    bench.wait(60 * MINUTE);
    await bench.check(bench.aChecker(looking));
    expect(bench.graph.looks).toHaveLength(3);
  });

  test("a look that is forbidden is the last one, and the end stays what it is", async () => {
    await using bench = await aBench(() => MADE);
    const { watch } = await bench.rows.track(CHAT, T0);
    bench.graph.seen = () => ({ kind: "forbidden" });
    await bench.check(bench.aChecker(looking));
    const { wanted } = await bench.rows.watch(watch.id);
    for (let n = 0; n < 30; n += 1) {
      bench.wait(INTERVAL);
      await bench.check(bench.aChecker(looking));
    }
    expect(bench.graph.looks).toHaveLength(1);
    expect(await bench.rows.store.watch(watch.id)).toMatchObject({
      closed: { reason: "ended" },
      state: { outcome: "succeeded", result: { standing: "unknown" } },
    });
    expect((await bench.rows.watch(watch.id)).wanted).toBe(wanted);
  });

  test.for([
    "https://evil.example/v1.0/teams('made')",
    "https://graph.microsoft.us/v1.0/teams('made')",
    "//evil.example/teams",
    "/teams/../users",
  ])("nothing is asked at %s", async (targetLocation) => {
    const snapshot = aSnapshot("succeeded", { operationType: "createTeam", targetLocation });
    await using bench = await aBench(() => ({ ...SUCCEEDED, snapshot }));
    await bench.rows.track(CHAT, T0);
    await bench.check(bench.aChecker(looking));
    for (const intervals of WAITS) {
      bench.wait(intervals * INTERVAL);
      await bench.check(bench.aChecker(looking));
    }
    expect(bench.graph.looks).toEqual([]);
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("a look that is throttled pauses its tenant, and comes again after that", async () => {
    await using bench = await aBench(() => MADE);
    await bench.rows.track(CHAT, T0);
    const checker = bench.aChecker(looking);
    await bench.check(checker);
    bench.graph.seen = () => ({ kind: "throttled", retryAfterMs: 10 * MINUTE });
    bench.wait(INTERVAL);
    await bench.check(checker);
    const until = bench.now() + 10 * MINUTE + 250;
    expect(bench.events).toContainEqual({ event: "checks.paused", tenant: TENANT, untilMs: until });
    await bench.rows.track(aConversation("third"), bench.now(), { addresses: [anAddress(2)] });
    bench.wait(10 * MINUTE - 1);
    await bench.check(checker);
    expect(bench.graph.looks).toHaveLength(1);
    expect(bench.graph.requests).toHaveLength(1);
    bench.graph.seen = () => ({ kind: "there", webUrl: null });
    bench.wait(INTERVAL + 1);
    await bench.check(checker);
    expect(bench.graph.looks).toHaveLength(2);
    expect(bench.graph.requests).toHaveLength(2);
  });

  test.for([
    ["that are switched off", MADE, {}],
    [
      "at what was there before",
      { ...MADE, snapshot: aSnapshot("succeeded", { operationType: "archiveTeam", targetLocation: TARGET }) },
      looking,
    ],
    ["at what Graph does not name", SUCCEEDED, looking],
    ["at what has failed", { ...MADE, snapshot: aSnapshot("failed", { targetLocation: TARGET }) }, looking],
  ] as const)("there are no looks %s", async ([, answer, changes]) => {
    await using bench = await aBench(() => answer);
    const { watch } = await bench.rows.track(CHAT, T0);
    const checker = bench.aChecker(changes);
    await bench.check(checker);
    expect(await bench.rows.operation(watch.operationId)).toMatchObject({ live: false });
    bench.wait(60 * MINUTE);
    await bench.check(checker);
    expect(bench.graph.looks).toEqual([]);
    expect(bench.graph.requests).toHaveLength(1);
  });

  test("looks and checks that are due together are asked for apart", async () => {
    await using bench = await aBench(() => MADE);
    await bench.rows.track(CHAT, T0);
    const checker = bench.aChecker(looking);
    await bench.check(checker);
    bench.graph.answer = () => RUNNING;
    bench.wait(INTERVAL);
    const other = await bench.rows.track(CHAT, bench.now(), { addresses: [anAddress(2)] });
    await bench.check(checker);
    expect(bench.graph.looks).toEqual([TARGET]);
    expect(bench.graph.requests.at(-1)?.operations).toEqual(["op-2"]);
    expect((await bench.rows.store.watch(other.watch.id))?.state.snapshot?.phase).toBe("running");
  });
});

describe("what operations usually take", () => {
  const TOOK = 40 * SECOND;
  const at = (phase: "running" | "succeeded", createdAt: EpochMs): Answer => ({
    ...RUNNING,
    snapshot: aSnapshot(phase, { createdAt }),
  });

  /** Ten operations of the type run, and succeed 40 s after they began. */
  async function learned(bench: CheckBench, checker: Checker): Promise<void> {
    const addresses = Array.from({ length: 10 }, (_, n) => anAddress(`past-${n}`));
    await bench.rows.track(CHAT, bench.now(), { addresses });
    const startedAt = bench.now() - (TOOK - INTERVAL);
    bench.graph.answer = () => at("running", startedAt);
    await bench.check(checker);
    bench.wait(INTERVAL);
    bench.graph.answer = () => at("succeeded", startedAt);
    await bench.check(checker);
    await bench.rows.dropAlarms();
  }

  test("is known once it was read, and kept with the operation", async () => {
    await using bench = await aBench();
    const checker = bench.aChecker();
    await learned(bench, checker);
    const { watch } = await bench.rows.track(CHAT, bench.now());
    bench.graph.answer = () => at("running", bench.now());
    await bench.check(checker);
    expect((await bench.rows.store.watch(watch.id))?.state.usual).toBeNull();
    await checker.learn();
    bench.wait(INTERVAL);
    bench.graph.answer = () => at("running", bench.now() - INTERVAL);
    await bench.check(checker);
    const state = (await bench.rows.store.watch(watch.id))?.state;
    expect(state).toMatchObject({ usual: { count: 10 }, isSlow: false });
    expect(state?.usual?.medianMs).toBeGreaterThanOrEqual(TOOK);
    expect(state?.usual?.medianMs).toBeLessThanOrEqual(1.25 * TOOK);
  });

  test("one that takes longer becomes slow, once, and its card is told", async () => {
    await using bench = await aBench();
    const checker = bench.aChecker();
    await learned(bench, checker);
    await checker.learn();
    const startedAt = bench.now();
    const { watch } = await bench.rows.track(CHAT, startedAt);
    bench.graph.answer = () => at("running", startedAt);
    await bench.check(checker);
    const { wanted } = await bench.rows.watch(watch.id);
    const seen = [];
    for (let n = 0; n < 4; n += 1) {
      bench.wait(INTERVAL);
      await bench.check(checker);
      const { state } = (await bench.rows.store.watch(watch.id)) ?? {};
      seen.push([state?.isSlow, (await bench.rows.watch(watch.id)).wanted - wanted]);
    }
    expect(seen).toEqual([
      [false, 0],
      [true, 1],
      [true, 1],
      [true, 1],
    ]);
  });

  test("an operation that was first seen at its end teaches nothing", async () => {
    await using bench = await aBench();
    const addresses = Array.from({ length: 20 }, (_, n) => anAddress(n));
    await bench.rows.track(CHAT, T0, { addresses });
    bench.graph.answer = () => at("succeeded", T0 - MINUTE);
    const checker = bench.aChecker();
    await bench.check(checker);
    await checker.learn();
    expect(await bench.rows.store.usual()).toEqual(new Map());
  });
});
