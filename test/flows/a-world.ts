import { sql } from "drizzle-orm";
import type { Address } from "../../src/core/address.ts";
import { operationId, type EpochMs } from "../../src/core/ids.ts";
import { paceOf } from "../../src/core/slots.ts";
import { createChecker, type Checker } from "../../src/flows/check-operations.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type { Store } from "../../src/flows/ports.ts";
import { BATCH_SIZE, createGraphClient } from "../../src/graph/graph-client.ts";
import { NO_TOKEN } from "../../src/identity/token-source.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import type { Database } from "../../src/store/database.ts";
import { claimSizeOf, EARLY_MS, STALE_MS } from "../../src/store/places.ts";
import {
  aConversation,
  addressOf,
  aTrack,
  INTERVAL,
  MINUTE,
  SECOND,
  storeBench,
  T0,
} from "../contracts/store-bench.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

/** Requests a second in one tenant that are planned with. */
export const PER_SECOND = 24;
/** pg-boss looks for alarms that often, so one rings up to that late. */
const POLL_MS = 500;
const SWEEP_MS = 5 * SECOND;
const HOUSEKEEPING_MS = MINUTE;
/** A request is up to that long on its way. */
const LONGEST_WAY_MS = 60;
const AT_ONCE = 1_000;

type Member = { readonly group: "chat" | "team" | "own"; readonly location: string };

/**
 * The checks as they run in production — the checker over the store's rows, the client, and Graph
 * with its real limits — with one clock for all of them, which the test moves.
 */
export type World = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly members: readonly Member[];
  readonly events: readonly LogEvent[];
  readonly now: () => EpochMs;
  /** Time goes on: alarms ring when they are found, what waits for its place goes on when it is there. */
  goOn(ms: number): Promise<void>;
  /** The process stands still, or is suspended, and goes on as if nothing had happened. */
  stall(ms: number): Promise<void>;
  /** The process is gone with all that it had claimed and not saved; another one takes over. */
  kill(): void;
  checksOf(group: Member["group"]): readonly number[];
};

/** `isOutside`: a request that has left; it arrives whatever becomes of the process. */
type Sleeper = { readonly at: EpochMs; readonly wake: () => void; readonly isOutside: boolean };

type Sizes = Readonly<Record<Member["group"], number>>;

export async function aWorld(database: Database, sizes: Sizes): Promise<World> {
  let at = T0;
  const now = (): EpochMs => at;
  const rows = storeBench(database, paceOf(PER_SECOND));
  const sandbox = await startSandbox({ now, realLimits: true });
  const events: LogEvent[] = [];
  const sleepers: Sleeper[] = [];
  let generation = 0;
  let checker = aChecker();
  let polledAt = T0;
  let sweptAt = T0;
  let keptAt = T0;
  const random = aRandom();

  function aChecker(): Checker {
    generation += 1;
    const own = generation;
    const isDead = (): boolean => own !== generation;
    const sleep = async (ms: number, isOutside = false): Promise<void> => {
      await new Promise<void>((resolve) => {
        const wake = (): void => (isDead() && !isOutside ? undefined : resolve());
        sleepers.push({ at: at + ms, wake, isOutside });
      });
    };
    const graph = createGraphClient({
      origin: sandbox.url,
      tokens: NO_TOKEN,
      fetch: async (input, init) => {
        await sleep(Math.floor(random() * LONGEST_WAY_MS), true);
        return sandbox.fetch(input, init);
      },
      now,
    });
    const store: Store = {
      ...rows.store,
      saveChecks: (...given) => (isDead() ? new Promise(() => undefined) : rows.store.saveChecks(...given)),
    };
    return createChecker(
      {
        measure: () => undefined,
        store,
        graph,
        now,
        sleep: (ms) => sleep(ms),
        tell: () => undefined,
        log: (event) => events.push(event),
      },
      {
        intervalMs: INTERVAL,
        requestTimeoutMs: 10 * SECOND,
        batchSize: BATCH_SIZE,
        claimSize: claimSizeOf("embedded", Infinity),
        // The line of all tenants is waited for before a claim, and here nobody else's time would pass meanwhile.
        perSecond: Infinity,
        graph: GLOBAL_GRAPH,
        looks: false,
        earlyMs: EARLY_MS,
        lateMs: STALE_MS,
      },
    );
  }

  /** Up to `end`, from one who wakes up to the next. */
  async function moveTo(end: EpochMs, mayWake: (sleeper: Sleeper) => boolean = () => true): Promise<void> {
    for (;;) {
      await settled();
      const waiting = sleepers.filter(mayWake);
      at = Math.max(Math.min(...waiting.map((each) => each.at), end), at);
      const awake = waiting.filter((each) => each.at <= at);
      if (awake.length === 0) return;
      for (const each of awake) sleepers.splice(sleepers.indexOf(each), 1);
      for (const each of awake) each.wake();
    }
  }

  async function ring(): Promise<void> {
    for (;;) {
      const { rows: rung } = await database.db.execute<{ ids: string[] }>(sql`
        delete from pgboss.job where name = 'checks' and id in (
          select id from pgboss.job where name = 'checks' and state = 'created'
            and start_after <= ${new Date(at).toISOString()}::timestamptz
          order by created_on, id limit ${AT_ONCE})
        returning data->'ids' as ids`);
      if (rung.length > 0) await checker.run(rung.flatMap(({ ids }) => ids.map(operationId)));
      if (rung.length < AT_ONCE) return;
    }
  }

  const members = planned(sandbox, sizes);
  const world: World = {
    sandbox,
    members: members.map(({ group, location }) => ({ group, location })),
    events,
    now,
    async goOn(ms) {
      const end = at + ms;
      while (at < end) {
        await moveTo(Math.min(end, polledAt + POLL_MS));
        if (at < polledAt + POLL_MS) return;
        polledAt = at;
        await ring();
        if (at < sweptAt + SWEEP_MS) continue;
        sweptAt = at;
        await rows.store.sweep(at);
        await database.vacuum();
        if (at < keptAt + HOUSEKEEPING_MS) continue;
        keptAt = at;
        await database.checkpoint();
      }
    },
    stall: (ms) => moveTo(at + ms, ({ isOutside }) => isOutside),
    kill() {
      checker = aChecker();
    },
    checksOf: (group) =>
      members.filter((each) => each.group === group).map(({ location }) => sandbox.checksOf(location).length),
    [Symbol.asyncDispose]: async () => {
      generation += 1;
      await settled();
      await sandbox.close();
    },
  };

  // All within three seconds, as a script would do it.
  const addresses = shuffled(
    members.map(({ address }) => address),
    random,
  );
  const parts = 6;
  for (let n = 0; n < parts; n += 1) {
    const part = addresses.filter((_, i) => i % parts === n);
    await rows.store.track(aTrack(aConversation(`c${n}`), { addresses: part }), at);
    await world.goOn(POLL_MS);
  }
  return world;
}

type Planned = Member & { readonly address: Address };

function planned(sandbox: Sandbox, sizes: Sizes): readonly Planned[] {
  const add = (group: Member["group"], n: number): Planned => {
    const kind = group === "chat" ? "chat" : "team";
    const owner = group === "chat" ? "19:busy@thread.v2" : group === "team" ? "busy-team" : `team-${n}`;
    const { location, path } = sandbox.addOperation({ kind, life: "endless", owner, id: `op-${n}` });
    return { group, location, address: addressOf(path) };
  };
  return (["chat", "team", "own"] as const).flatMap((group) =>
    Array.from({ length: sizes[group] }, (_, n) => add(group, n)),
  );
}

/** All that needs no time is done. */
async function settled(): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** The same in every run. */
function aRandom(): () => number {
  let seed = 7;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, by: random() }))
    .toSorted((a, b) => a.by - b.by)
    .map(({ item }) => item);
}
