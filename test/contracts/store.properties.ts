import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConversationId, EpochMs, OperationId } from "../../src/core/ids.ts";
import type { ClaimedOperation, Conversation } from "../../src/flows/ports.ts";
import type { StoreHome } from "./store.contract.ts";
import {
  aConversation,
  anAddress,
  aTrack,
  changed,
  ended,
  HOUR,
  INTERVAL,
  LEASE,
  MINUTE,
  nothingNew,
  SECOND,
  storeBench,
  T0,
  type StoreBench,
} from "./store-bench.ts";

type Answered = "nothing" | "changed" | "succeeded" | "forbidden";

type Action =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "track" | "stop" | "refresh"; readonly operation: number; readonly conversation: number }
  | { readonly kind: "claim" | "lose"; readonly operation: number }
  | { readonly kind: "save"; readonly operation: number; readonly answered: Answered; readonly late: boolean }
  | { readonly kind: "forget"; readonly conversation: number }
  | { readonly kind: "sweep" };

const OPERATIONS = 2;
const CONVERSATIONS = 3;
const RUNS = 40;

const operation = fc.nat(OPERATIONS - 1);
const conversation = fc.nat(CONVERSATIONS - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("wait"), ms: aWait() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("track"), operation, conversation }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("claim"), operation }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("save"),
      operation,
      answered: fc.constantFrom<Answered>("nothing", "nothing", "changed", "succeeded", "forbidden"),
      /** By the claim before the last one, whose lease was lost. */
      late: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stop"), operation, conversation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("refresh"), operation, conversation }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose"), operation }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget"), conversation }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: "sweep" }) },
);

function aWait(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(0, 1, SECOND, INTERVAL - 1, INTERVAL, LEASE - 1, LEASE),
    fc.nat(2 * MINUTE),
  );
}

/** What must hold whatever people, checks, crashes and the sweep do, and in whichever order. */
export function storeProperties({ name, open }: StoreHome): void {
  describe(`whatever happens, on ${name}`, () => {
    test("the floor holds, no card is doubled and no open watch is left without checks", async () => {
      await using bench = storeBench(await open());
      let run = 0;
      let claims = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 50 }), async (actions) => {
          run += 1;
          const history = new History(bench, run);
          for (let n = 0; n < OPERATIONS; n += 1) {
            await history.act({ kind: "track", operation: n, conversation: n });
          }
          for (const each of actions) await history.act(each);
          await history.expectEveryOpenWatchToBeClaimable();
          await history.close();
          claims += history.claims;
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
      // A property that never came to a claim would hold for nothing.
      expect(claims).toBeGreaterThan(2 * RUNS);
    }, 60_000);
  });
}

class History {
  readonly #bench: StoreBench;
  readonly #addresses;
  readonly #conversations: readonly Conversation[];
  /** The operations' ids, as far as they were tracked. */
  readonly #ids = new Map<number, OperationId>();
  /** No claim before then: an interval after the last answer, or after the last moment of a lost request. */
  readonly #freeAt = new Map<number, EpochMs>();
  readonly #held = new Map<number, readonly ClaimedOperation[]>();
  /** Only the latest claim may save. */
  readonly #latest = new Map<number, number>();
  readonly #over = new Set<number>();
  #now = T0;
  claims = 0;

  constructor(bench: StoreBench, run: number) {
    this.#bench = bench;
    this.#addresses = Array.from({ length: OPERATIONS }, (_, i) => anAddress(`${run}-${i}`));
    this.#conversations = Array.from({ length: CONVERSATIONS }, (_, i) => aConversation(`${run}-${i}`));
  }

  async act(step: Action): Promise<void> {
    const { store } = this.#bench;
    switch (step.kind) {
      case "wait":
        this.#now += step.ms;
        return;
      case "track":
        return this.#track(step.operation, step.conversation);
      case "claim":
        return this.#claim(step.operation);
      case "save":
        return this.#save(step.operation, step.answered, step.late);
      case "stop":
      case "refresh": {
        const watch = await this.#openWatch(step.operation, step.conversation);
        if (watch === undefined) return;
        if (step.kind === "refresh") await store.refresh(watch.id, this.#now);
        else await store.stopWatches(this.#place(step.conversation).id, [watch.id], this.#now);
        return;
      }
      case "lose":
        this.#held.delete(step.operation);
        return;
      case "forget":
        await store.forgetConversation(this.#place(step.conversation), this.#now);
        return;
      case "sweep":
        await store.sweep(this.#now);
    }
  }

  async #track(n: number, place: number): Promise<void> {
    const address = this.#addresses[n] ?? anAddress();
    const input = aTrack(this.#place(place), { addresses: [address], expiresAt: T0 + 1_000 * HOUR });
    const [tracked] = await this.#bench.store.track(input, this.#now);
    if (tracked === undefined) throw new Error("Nothing was tracked.");
    this.#ids.set(n, tracked.watch.operationId);
    mustHold(
      "a watch is open as long as its operation has not ended",
      (tracked.watch.closed === null) === !this.#over.has(n),
    );
    const open = await this.#bench.store.openWatches(this.#place(place).id);
    const operations = open.map(({ operationId }) => operationId);
    mustHold(
      "one open watch of an operation in a conversation",
      new Set(operations).size === operations.length,
    );
  }

  async #claim(n: number): Promise<void> {
    const id = this.#ids.get(n);
    if (id === undefined) return;
    const [claimed] = await this.#bench.claim(id, this.#now);
    if (claimed === undefined) return;
    this.claims += 1;
    mustHold("an interval between two checks", this.#now >= (this.#freeAt.get(n) ?? 0));
    mustHold("no check without a watch", (await this.#watchers(id)) > 0);
    mustHold("no check after the end", !this.#over.has(n));
    this.#freeAt.set(n, this.#now + LEASE);
    this.#latest.set(n, claimed.claim);
    this.#held.set(n, [...(this.#held.get(n) ?? []), claimed]);
  }

  async #save(n: number, answered: Answered, late: boolean): Promise<void> {
    const held = this.#held.get(n) ?? [];
    const claimed = held.at(late ? -2 : -1);
    if (claimed === undefined) return;
    const checked = {
      nothing: () => nothingNew(claimed, this.#now),
      changed: () => changed(claimed, this.#now),
      succeeded: () => ended(claimed, this.#now, "succeeded"),
      forbidden: () => ended(claimed, this.#now, "forbidden"),
    }[answered]();
    const before = await this.#bench.operation(claimed.id);
    await this.#bench.save(checked, this.#now);
    this.#held.set(
      n,
      held.filter((each) => each !== claimed),
    );
    if (claimed.claim !== this.#latest.get(n)) {
      mustHold(
        "an old claim saves nothing",
        isDeepStrictEqual(await this.#bench.operation(claimed.id), before),
      );
      return;
    }
    this.#freeAt.set(n, this.#now + INTERVAL);
    if (answered === "succeeded") this.#over.add(n);
  }

  /** Every alarm is lost, and the sweep comes once: then each open watch has its check. */
  async expectEveryOpenWatchToBeClaimable(): Promise<void> {
    this.#now += HOUR;
    await this.#bench.dropAlarms();
    await this.#bench.store.sweep(this.#now);
    const alarms = new Set((await this.#bench.alarms("checks")).map(({ key }) => key));
    const watched = [];
    for (const id of this.#ids.values()) if ((await this.#watchers(id)) > 0) watched.push(id);
    mustHold(
      "an alarm for every open watch",
      watched.every((id) => alarms.has(id)),
    );
    const claimed = await this.#bench.claim(watched, this.#now);
    mustHold("a check for every open watch", claimed.length === watched.length);
  }

  /** Nothing of this run is left for the sweeps of the next. */
  async close(): Promise<void> {
    for (const each of this.#conversations) await this.#bench.store.forgetConversation(each, this.#now);
  }

  #place(n: number): Conversation {
    const place = this.#conversations[n];
    if (place === undefined) throw new Error(`There is no conversation ${n}.`);
    return place;
  }

  async #openWatch(n: number, place: number) {
    const open = await this.#open(this.#place(place).id);
    return open.find(({ operationId }) => operationId === this.#ids.get(n));
  }

  #open(id: ConversationId) {
    return this.#bench.store.openWatches(id);
  }

  async #watchers(id: OperationId): Promise<number> {
    const open = await Promise.all(this.#conversations.map((each) => this.#open(each.id)));
    return open.flat().filter(({ operationId }) => operationId === id).length;
  }
}

function mustHold(what: string, holds: boolean): void {
  if (!holds) throw new Error(`Broken: ${what}.`);
}
