import { NO_TRACE } from "../../src/core/answer.ts";
import { decide } from "../../src/core/decide.ts";
import type { EpochMs, OperationId } from "../../src/core/ids.ts";
import type { Phase } from "../../src/core/snapshot.ts";
import { createDeliverer, type Deliverer } from "../../src/flows/deliverer.ts";
import { turn } from "../../src/flows/gather.ts";
import { createTeamsPauses, type TeamsPauses } from "../../src/flows/teams-pauses.ts";
import type { LogEvent } from "../../src/flows/log-event.ts";
import type {
  CheckedOperation,
  Conversation,
  Store,
  TrackInput,
  WatchRecord,
} from "../../src/flows/ports.ts";
import { conversationId } from "../../src/core/ids.ts";
import type { Database } from "../../src/store/database.ts";
import { aSnapshot, INTERVAL, only, storeBench, T0, type StoreBench } from "../contracts/store-bench.ts";
import { aFakeTeamsPort, type FakeTeamsPort } from "../support/a-fake-teams-port.ts";

/** The deliveries over a real store, with Teams in memory and a clock that the test moves. */
export type DeliveryBench = AsyncDisposable & {
  readonly rows: StoreBench;
  readonly store: Store;
  readonly teams: FakeTeamsPort;
  readonly events: readonly LogEvent[];
  readonly now: () => EpochMs;
  wait(ms: number): void;
  track(conversation: Conversation, fields?: Partial<TrackInput>): Promise<WatchRecord>;
  /** What a check brought, with an alarm for whoever is told of it. */
  save(checked: readonly CheckedOperation[]): Promise<void>;
  /** Graph answers, an interval later. */
  answer(id: OperationId, phase: Phase, attempts?: number): Promise<void>;
  /** Another deliverer over the same rows, as another process or one after a restart has. */
  aDeliverer(
    changes?: Partial<Store>,
    sleep?: (ms: number) => Promise<unknown>,
    pauses?: TeamsPauses,
  ): Deliverer;
  /** Every alarm that is due rings, as long as any is. */
  ring(deliverer?: Deliverer): Promise<void>;
  /** Time goes on from alarm to alarm, with a sweep when there is none, until `ms` have passed. */
  goOn(ms: number): Promise<void>;
  texts(): readonly string[];
};

const SWEEP_MS = 5_000;

export function aDelivery(database: Database): DeliveryBench {
  const rows = storeBench(database);
  const { store } = rows;
  const events: LogEvent[] = [];
  let at = T0;
  const now = (): EpochMs => at;
  const teams = aFakeTeamsPort(now);
  const sleepWithAll = async (ms: number): Promise<void> => {
    const until = at + ms;
    // Others that sleep now do it at the same time.
    await turn();
    at = Math.max(at, until);
  };
  const aDeliverer = (
    changes: Partial<Store> = {},
    sleep = sleepWithAll,
    pauses: TeamsPauses | null = null,
  ): Deliverer =>
    createDeliverer({
      store: { ...store, ...changes },
      pauses: pauses ?? createTeamsPauses({ store: { ...store, ...changes }, now, sleep }),
      teams,
      now,
      log: (event) => events.push(event),
      sleep,
    });
  const first = aDeliverer();

  async function due(until: EpochMs): Promise<readonly string[]> {
    const alarms = await rows.alarms("deliveries");
    return alarms.filter((alarm) => alarm.at <= until).map(({ key }) => key);
  }

  const bench: DeliveryBench = {
    rows,
    store,
    teams,
    events,
    now,
    wait(ms) {
      at += ms;
    },
    track: async (conversation, fields) => (await rows.track(conversation, at, fields)).watch,
    save: async (checked) => store.wakeDeliveries(await store.saveChecks(checked, [], at), at),
    async answer(id, phase, attempts = 1) {
      at += INTERVAL;
      const claimed = await rows.mustClaim(id, at);
      const answer = {
        kind: "snapshot",
        snapshot: aSnapshot(phase, { attempts }),
        trace: NO_TRACE,
        retryAfterMs: null,
      } as const;
      const { state, next, visibleChange } = decide(claimed.state, answer, at, {
        intervalMs: INTERVAL,
        spread: 0,
        kind: "team",
        usual: new Map(),
        looks: false,
      });
      const isEnd = next.kind === "end";
      await bench.save([
        {
          id,
          claim: claimed.claim,
          state,
          answeredAt: at,
          dueAt: isEnd ? null : next.at,
          freeAt: at + INTERVAL,
          news: isEnd ? "ended" : visibleChange ? "changed" : "nothing",
        },
      ]);
    },
    aDeliverer,
    async ring(deliverer = first) {
      // A turn that is near is waited for, and meanwhile others become due.
      const until = at;
      for (let rounds = 0; rounds < 50; rounds += 1) {
        const keys = await due(until);
        if (keys.length === 0) return;
        for (const key of keys) await rows.dropAlarm("deliveries", key);
        const ids = new Set(keys.map((key) => conversationId(key.replace(/ \d+$/u, ""))));
        await deliverer.run([...ids]);
        await deliverer.drained();
      }
      throw new Error("The deliveries set alarms for now without end.");
    },
    async goOn(ms) {
      const end = at + ms;
      while (at < end) {
        await bench.ring();
        const [next] = (await rows.alarms("deliveries")).map((alarm) => alarm.at).toSorted((a, b) => a - b);
        at = Math.min(end, next ?? end, at + SWEEP_MS);
        if (next !== at) await store.sweep(at);
      }
      await bench.ring();
    },
    texts: () => teams.taken.map(({ kind, text }) => `${kind} ${text}`),
    [Symbol.asyncDispose]: () => rows[Symbol.asyncDispose](),
  };
  return bench;
}

/** The watch as the rows have it now. */
export async function watchNow(bench: DeliveryBench, { id }: WatchRecord): Promise<WatchRecord> {
  const found = await bench.store.watch(id);
  return only(found === null ? [] : [found]);
}
