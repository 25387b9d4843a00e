import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NO_TRACE } from "../../src/core/answer.ts";
import { operationId, tenantId, type EpochMs, type OperationId, type TenantId } from "../../src/core/ids.ts";
import { NO_LINE, takeRoom, type Line } from "../../src/core/line.ts";
import { newOperation } from "../../src/core/operation.ts";
import { NO_SLOTS, OF_ALL_TENANTS, paceOf, takeSlots, type Slots } from "../../src/core/slots.ts";
import { createChecker, type Checker } from "../../src/flows/check-operations.ts";
import type { ClaimedOperation } from "../../src/flows/ports.ts";
import { claimSizeOf, EARLY_MS, LEAD_MS, STALE_MS } from "../../src/store/places.ts";
import { anAddress } from "../contracts/store-bench.ts";
import { aSnapshot, INTERVAL, mostInASecond, SECOND, START } from "../core/samples.ts";
import { Random } from "../fuzz/random.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

const POLLING_MS = 500;
const ANSWER_MS = 50;

/** How long each party takes, in milliseconds, from and to. */
type Delays = Readonly<Record<"claim" | "question" | "timer", readonly [from: number, to: number]>>;

type CheckerDeps = Parameters<typeof createChecker>[0];

type Row = {
  readonly id: OperationId;
  readonly tenant: TenantId;
  dueAt: EpochMs;
  placeAt: EpochMs | null;
  isClaimed: boolean;
};

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.max(ms, 0));
  });

/** Replicas' checkers as they are, on what they share: rows, places and the line, as the store keeps them. */
class Replicas {
  readonly #rows: readonly Row[];
  readonly #pace;
  readonly #random: Random;
  readonly #delays: Delays;
  readonly #slots = new Map<TenantId, Slots>();
  #line: Line = NO_LINE;
  /** When Graph was asked in each tenant, once for each operation. */
  readonly askedAt = new Map<TenantId, EpochMs[]>();
  failures = 0;

  constructor(seed: number, perSecond: number, tenants: number, operations: number, delays: Delays) {
    this.#random = new Random(seed, 1);
    this.#pace = paceOf(perSecond);
    this.#delays = delays;
    this.#rows = Array.from({ length: operations }, (_, n) => ({
      id: operationId(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`),
      tenant: tenantId(`tenant-${n % tenants}`),
      dueAt: START + this.#random.below(INTERVAL),
      placeAt: null,
      isClaimed: false,
    }));
  }

  #takes(what: keyof Delays): Promise<void> {
    return sleep(this.#ms(what));
  }

  #ms(what: keyof Delays): number {
    const [from, to] = this.#delays[what];
    return from + this.#random.below(to - from + 1);
  }

  /** Wakes a checker for what is due, as alarms do: half a second apart, and for a part of it each. */
  async run(checker: Checker, until: EpochMs): Promise<void> {
    await sleep(this.#random.below(POLLING_MS));
    while (Date.now() < until) {
      const due = this.#rows
        .filter((row) => !row.isClaimed && this.#ringsAt(row) <= Date.now())
        .toSorted((a, b) => a.dueAt - b.dueAt)
        .filter(() => this.#random.below(10) < 7);
      if (due.length > 0) await checker.run(due.map(({ id }) => id));
      await sleep(POLLING_MS);
    }
  }

  #ringsAt({ dueAt, placeAt }: Row): EpochMs {
    return placeAt === dueAt ? dueAt - EARLY_MS : dueAt - LEAD_MS.server;
  }

  aChecker(): Checker {
    return createChecker(
      {
        store: this.#aStore(),
        graph: this.#aGraph(),
        now: () => Date.now(),
        log: ({ event }) => void (event === "checks.failed" && (this.failures += 1)),
        measure: () => undefined,
        sleep: (ms) => sleep(ms + this.#ms("timer")),
        tell: () => undefined,
      },
      {
        intervalMs: INTERVAL,
        requestTimeoutMs: 10 * SECOND,
        batchSize: 20,
        claimSize: claimSizeOf("server", OF_ALL_TENANTS),
        perSecond: OF_ALL_TENANTS,
        graph: GLOBAL_GRAPH,
        looks: false,
        earlyMs: EARLY_MS,
        lateMs: STALE_MS,
      },
    );
  }

  #aGraph(): CheckerDeps["graph"] {
    return {
      check: async (tenant, _version, addresses) => {
        const asked = this.askedAt.get(tenant) ?? [];
        asked.push(...addresses.map(() => Date.now()));
        this.askedAt.set(tenant, asked);
        await sleep(ANSWER_MS);
        const snapshot = aSnapshot("running");
        return addresses.map(() => ({ kind: "snapshot", snapshot, trace: NO_TRACE, retryAfterMs: null }));
      },
      look: () => Promise.reject(new Error("Nothing has ended.")),
    };
  }

  #aStore(): CheckerDeps["store"] {
    const rowOf = (id: OperationId): Row => this.#rows[Number(id.slice(-12))] ?? fail();
    return {
      claimChecks: async (ids, at, _lease, _interval, placesFrom = at) => {
        const ms = this.#ms("claim");
        await sleep(ms / 2);
        const claimed = this.#claim(ids.map(rowOf), at, placesFrom);
        await sleep(ms / 2);
        return claimed;
      },
      joinLine: async (waiting, perSecond, at) => {
        const taken = takeRoom(this.#line, perSecond, waiting, at);
        this.#line = taken.line;
        await this.#takes("question");
        return taken.at;
      },
      mayAsk: async () => {
        await this.#takes("question");
        return true;
      },
      giveBack: async (claims) => {
        await this.#takes("claim");
        for (const { id } of claims) Object.assign(rowOf(id), { isClaimed: false, placeAt: null });
      },
      saveChecks: async (checked) => {
        await this.#takes("claim");
        for (const { id, dueAt } of checked) {
          Object.assign(rowOf(id), { isClaimed: false, placeAt: null, dueAt: dueAt ?? Infinity });
        }
        return [];
      },
      usual: () => Promise.resolve(new Map()),
      saveLives: () => Promise.resolve(),
    };
  }

  /** As `claimPlaces` in store/places. */
  #claim(rows: readonly Row[], at: EpochMs, placesFrom: EpochMs): readonly ClaimedOperation[] {
    const due = rows.filter((row) => !row.isClaimed && this.#ringsAt(row) <= at);
    const claimed: ClaimedOperation[] = [];
    for (const [tenant, own] of Map.groupBy(due, (row) => row.tenant)) {
      const requests = own.map(({ dueAt, placeAt }) => ({
        kind: "site",
        owner: null,
        dueAt: Math.max(dueAt, placesFrom),
        placeAt: placeAt === dueAt && placeAt >= at - STALE_MS ? placeAt : undefined,
      }));
      const before = this.#slots.get(tenant) ?? NO_SLOTS;
      const taken = takeSlots(before, this.#pace, requests, new Map(), at, at + EARLY_MS);
      this.#slots.set(tenant, taken.slots);
      for (const [index, row] of own.entries()) {
        const sendAt = taken.at[index] ?? fail();
        const { id, dueAt } = row;
        row.placeAt = sendAt;
        if (sendAt > at + EARLY_MS) {
          row.dueAt = sendAt;
          continue;
        }
        row.isClaimed = true;
        const state = newOperation(START);
        claimed.push({ id, tenantId: tenant, address: anAddress(id), state, claim: 1, sendAt, dueAt });
      }
    }
    return claimed;
  }
}

function fail(): never {
  throw new Error("There is no such row.");
}

describe("two replicas whose tenants have more to ask than they may", () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  const FOR_MS = 40 * SECOND;

  async function asked(seed: number, perSecond: number, delays: Delays) {
    const replicas = new Replicas(seed, perSecond, 2, 2_000, delays);
    const running = [1, 2].map(() => replicas.run(replicas.aChecker(), START + FOR_MS));
    await vi.advanceTimersByTimeAsync(FOR_MS + 5 * SECOND);
    await Promise.all(running);
    expect(replicas.failures).toBe(0);
    return [...replicas.askedAt.values()];
  }

  test.each([
    [1, 21],
    [2, 21],
    [3, 16],
    [4, 7.9],
  ])("seed %i: no second has more than 30 requests to one, at %i a second", async (seed, perSecond) => {
    const tenants = await asked(seed, perSecond, { claim: [50, 300], question: [10, 60], timer: [0, 100] });
    expect(tenants).toHaveLength(2);
    for (const moments of tenants) {
      expect(mostInASecond(moments)).toBeLessThanOrEqual(30);
      // The control: they were full.
      expect(moments.length).toBeGreaterThan((0.9 * perSecond * FOR_MS) / SECOND);
    }
  });

  test("whose claims take most of a second ask nearly as much all the same", async () => {
    const tenants = await asked(5, 21, { claim: [500, 900], question: [50, 150], timer: [0, 60] });
    for (const moments of tenants) expect(moments.length).toBeGreaterThan((0.8 * 21 * FOR_MS) / SECOND);
  });
});
