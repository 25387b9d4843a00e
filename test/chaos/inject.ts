import { now } from "./clock.ts";
import type { Fault } from "./faults.ts";
import type { Entry } from "./log.ts";
import type { Cluster } from "./postgres.ts";
import type { Proxy } from "./proxy.ts";
import type { Replicas } from "./replicas.ts";
import type { World } from "./world.ts";

type Parties = {
  readonly world: World;
  readonly replicas: Replicas;
  /** Null on the embedded database. */
  readonly cluster: Cluster | null;
  readonly databaseLines: readonly Proxy[];
  readonly log: (entry: Entry) => void;
};

/** Makes faults happen and end. The last of two of one kind holds until its own end. */
export type Injector = {
  inject(fault: Fault): void;
  /** Resolves when nothing is being started or stopped any more. */
  settled(): Promise<void>;
};

export function createInjector(parties: Parties): Injector {
  const { world, replicas, cluster, databaseLines, log } = parties;
  const last = new Map<string, number>();
  let database: Promise<void> = Promise.resolve();
  let count = 0;

  /** Begins now and ends after a while, unless another one of the same kind has begun by then. */
  function during(key: string, forMs: number, begin: () => void, end: () => void): void {
    const mine = (count += 1);
    last.set(key, mine);
    begin();
    setTimeout(() => {
      if (last.get(key) === mine) end();
    }, forMs);
  }

  /** One thing at a time is done to the database; its end is noted when it is there. */
  function toDatabase(fault: Fault, work: (of: Cluster) => Promise<unknown>): void {
    if (cluster === null) return;
    const at = now();
    database = database.then(async () => {
      const from = now();
      await work(cluster).catch(() => undefined);
      log({ kind: "fault", at: Math.max(at, from), until: now(), fault });
    });
  }

  function toLine(fault: Extract<Fault, { kind: "line" }>): void {
    const { to, replica, trouble, forMs } = fault;
    const set = (next: typeof trouble | null): void => {
      if (to === "database") databaseLines[replica]?.trouble(next);
      else world.tell({ kind: "line", to, replica, trouble: next });
    };
    const key = to === "teams" ? "line teams" : `line ${to} ${replica}`;
    during(
      key,
      forMs,
      () => set(trouble),
      () => set(null),
    );
  }

  return {
    inject(fault) {
      switch (fault.kind) {
        case "restartDatabase":
          toDatabase(fault, async (of) => {
            await of.stopHard();
            await sleep(fault.forMs);
            await of.start();
          });
          return;
        case "crashBackend":
          toDatabase(fault, (of) => of.crashBackend());
          return;
        case "terminateBackends":
          toDatabase(fault, (of) => of.terminateBackends());
          return;
        case "kill":
          replicas.kill(fault.replica, fault.forMs, "SIGKILL");
          break;
        case "vanish":
          if (replicas.kill(fault.replica, fault.forMs, "SIGKILL")) databaseLines[fault.replica]?.abandon();
          break;
        case "stop":
          replicas.kill(fault.replica, fault.forMs, "SIGTERM");
          break;
        case "wrongClock":
          replicas.kill(fault.replica, fault.forMs, "SIGKILL", { CHAOS_CLOCK_MS: String(fault.byMs) });
          break;
        case "freeze":
          replicas.freeze(fault.replica, fault.forMs);
          break;
        case "line":
          toLine(fault);
          break;
        case "graphStorm":
          during(
            "graphStorm",
            fault.forMs,
            () => world.tell({ kind: "graphStorm", fault }),
            () => world.tell({ kind: "graphStorm", fault: null }),
          );
          break;
        case "graphFails":
          during(
            "graphFails",
            fault.forMs,
            () => world.tell({ kind: "graphFails", fault }),
            () => world.tell({ kind: "graphFails", fault: null }),
          );
          break;
        case "teamsStorm":
          during(
            "teamsStorm",
            fault.forMs,
            () => world.tell({ kind: "teamsStorm", fault }),
            () => world.tell({ kind: "teamsStorm", fault: null }),
          );
          break;
        case "teamsFails":
          during(
            "teamsFails",
            fault.forMs,
            () => world.tell({ kind: "teamsFails", fault }),
            () => world.tell({ kind: "teamsFails", fault: null }),
          );
          break;
        case "clockJump":
          world.tell({ kind: "jump", byMs: fault.byMs });
          break;
        case "deleteCard":
          world.tell({ kind: "deleteCard" });
      }
      log({ kind: "fault", at: now(), until: now() + fault.forMs, fault });
    },
    settled: () => database,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
