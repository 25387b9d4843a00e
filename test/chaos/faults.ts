import { Random, some } from "../fuzz/random.ts";
import type { Home } from "./log.ts";

/** What a TCP connection can suffer. */
export type LineTrouble =
  | { readonly kind: "slow"; readonly latencyMs: number }
  | { readonly kind: "trickle"; readonly bytesPerSecond: number }
  /** Open, and nothing comes through. */
  | { readonly kind: "halfOpen" }
  | { readonly kind: "reset" }
  | { readonly kind: "refuse" }
  /** Answers end after so many bytes. */
  | { readonly kind: "truncate"; readonly afterBytes: number };

/** How a server fails beside its network. */
export type ServerTrouble =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" }
  /** Half of the body, in a whole HTTP answer. */
  | { readonly kind: "halfBody" }
  /** The work is done, and the answer says otherwise or never comes. */
  | { readonly kind: "doneButFails"; readonly status: number | null };

type RetryAfterForm = "seconds" | "fraction" | "date";

export type Fault =
  | { readonly kind: "kill"; readonly replica: number; readonly forMs: number }
  /** Its machine is gone: the database never hears that its connections are over. */
  | { readonly kind: "vanish"; readonly replica: number; readonly forMs: number }
  | { readonly kind: "stop"; readonly replica: number; readonly forMs: number }
  /** The process stands still, as in a long collection of garbage or a moved machine. */
  | { readonly kind: "freeze"; readonly replica: number; readonly forMs: number }
  /** Started anew with its machine's clock wrong by so much. */
  | {
      readonly kind: "wrongClock";
      readonly replica: number;
      readonly forMs: number;
      readonly byMs: number;
    }
  | { readonly kind: "restartDatabase"; readonly forMs: number }
  | { readonly kind: "crashBackend"; readonly forMs: number }
  | { readonly kind: "terminateBackends"; readonly forMs: number }
  /** Of one replica to the database or Graph, or of all to Teams. */
  | {
      readonly kind: "line";
      readonly to: "database" | "graph" | "teams";
      readonly replica: number;
      readonly trouble: LineTrouble;
      readonly forMs: number;
    }
  /** Graph refuses whatever one tenant asks, and wants to be left alone. */
  | {
      readonly kind: "graphStorm";
      readonly tenant: number;
      readonly retryAfterS: number;
      readonly form: RetryAfterForm;
      readonly of: "batch" | "item";
      readonly forMs: number;
    }
  | {
      readonly kind: "graphFails";
      readonly trouble: ServerTrouble;
      readonly of: "batch" | "item";
      readonly share: number;
      readonly forMs: number;
    }
  /** One in so many conversations is throttled. */
  | {
      readonly kind: "teamsStorm";
      readonly oneIn: number;
      readonly retryAfterS: number;
      readonly forMs: number;
    }
  | {
      readonly kind: "teamsFails";
      readonly trouble: ServerTrouble;
      readonly share: number;
      readonly forMs: number;
    }
  /** Graph's dates are wrong by so much from now on. */
  | { readonly kind: "clockJump"; readonly byMs: number; readonly forMs: number }
  | { readonly kind: "deleteCard"; readonly forMs: number };

export type PlannedFault = { readonly atMs: number; readonly fault: Fault };

export type FaultPlan = {
  readonly seed: number;
  readonly home: Home;
  readonly replicas: number;
  readonly tenants: number;
  readonly forMs: number;
  /** Only faults of these kinds; empty: of all. */
  readonly only: readonly string[];
};

/** Between one fault and the next; they overlap. */
const EVERY_MS = 1_600;

/** The faults of a run: a function of its seed alone. */
export function planFaults(plan: FaultPlan): readonly PlannedFault[] {
  const random = new Random(plan.seed, 1);
  const faults: PlannedFault[] = [];
  let atMs = 2_000;
  while (atMs < plan.forMs) {
    const fault = aFault(random, plan, faults);
    // Everything is well again when the plan is over.
    const forMs = Math.min(fault.forMs, plan.forMs - atMs);
    faults.push({ atMs, fault: { ...fault, forMs } });
    atMs += EVERY_MS / 2 + random.below(EVERY_MS);
  }
  return faults;
}

const MOST_TRIES = 10_000;

type Make = (random: Random, plan: FaultPlan) => Fault;

/** As often as they are in the list. */
const OF_EVERY_HOME: readonly Make[] = [
  kill,
  kill,
  kill,
  (random, plan) => ({
    kind: "stop",
    replica: random.below(plan.replicas),
    forMs: between(random, 200, 2_000),
  }),
  (random, plan) => ({
    kind: "freeze",
    replica: random.below(plan.replicas),
    forMs: between(random, 500, random.isOneIn(5) ? 25_000 : 8_000),
  }),
  (random, plan) => line(random, plan, "graph"),
  (random, plan) => line(random, plan, "graph"),
  (random, plan) => line(random, plan, "teams"),
  (random, plan) => line(random, plan, "teams"),
  (random, plan) => ({
    kind: "graphStorm",
    tenant: random.below(plan.tenants),
    retryAfterS: between(random, 5, 30),
    form: random.pick(["seconds", "fraction", "date"]),
    of: random.pick(["batch", "item"]),
    forMs: between(random, 500, 3_000),
  }),
  graphFails,
  graphFails,
  (random) => ({
    kind: "teamsStorm",
    oneIn: random.pick([1, 2, 4]),
    retryAfterS: between(random, 2, 35),
    forMs: between(random, 500, 3_000),
  }),
  teamsFails,
  teamsFails,
  (random) => ({
    kind: "clockJump",
    byMs: random.pick([-1, 1]) * random.pick([1_500, 60_000, 3_600_000, 40 * 86_400_000]),
    forMs: 0,
  }),
  () => ({ kind: "deleteCard", forMs: 0 }),
  () => ({ kind: "deleteCard", forMs: 0 }),
];

const OF_A_SERVER: readonly Make[] = [
  (random) => ({ kind: "restartDatabase", forMs: between(random, 100, 6_000) }),
  (random) => ({ kind: "restartDatabase", forMs: between(random, 100, 6_000) }),
  (random, plan) => ({
    kind: "vanish",
    replica: random.below(plan.replicas),
    forMs: between(random, 200, 3_000),
  }),
  (random, plan) => ({
    kind: "vanish",
    replica: random.below(plan.replicas),
    forMs: between(random, 200, 3_000),
  }),
  () => ({ kind: "crashBackend", forMs: 0 }),
  () => ({ kind: "terminateBackends", forMs: 0 }),
  () => ({ kind: "terminateBackends", forMs: 0 }),
  (random, plan) => line(random, plan, "database"),
  (random, plan) => line(random, plan, "database"),
  (random, plan) => ({
    kind: "wrongClock",
    replica: random.below(plan.replicas),
    byMs: random.pick([-1, 1]) * random.pick([200, 2_000, 90_000, 86_400_000]),
    forMs: between(random, 200, 1_000),
  }),
];

/** Each leaves its connections at the database, which has room for so many only. */
const MOST_VANISH = 2;

function aFault(random: Random, plan: FaultPlan, before: readonly PlannedFault[]): Fault {
  const vanished = before.filter(({ fault }) => fault.kind === "vanish").length;
  const makes = some(plan.home === "postgres" ? [...OF_EVERY_HOME, ...OF_A_SERVER] : OF_EVERY_HOME);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const fault = random.pick(makes)(random, plan);
    if (fault.kind === "vanish" && vanished >= MOST_VANISH) continue;
    if (plan.only.length === 0 || plan.only.includes(fault.kind)) return fault;
  }
  throw new Error(`No fault is of the kind ${plan.only.join(" or ")}.`);
}

function kill(random: Random, plan: FaultPlan): Fault {
  return { kind: "kill", replica: random.below(plan.replicas), forMs: between(random, 0, 3_000) };
}

function line(random: Random, plan: FaultPlan, to: "database" | "graph" | "teams"): Fault {
  const trouble = random.pick<LineTrouble>([
    { kind: "slow", latencyMs: between(random, 100, 1_500) },
    { kind: "trickle", bytesPerSecond: between(random, 2_000, 20_000) },
    { kind: "halfOpen" },
    { kind: "reset" },
    { kind: "refuse" },
    { kind: "truncate", afterBytes: between(random, 1, 400) },
  ]);
  const isLong = trouble.kind === "halfOpen" && random.isOneIn(3);
  const forMs = trouble.kind === "reset" ? 0 : between(random, 500, isLong ? 14_000 : 4_000);
  return { kind: "line", to, replica: random.below(plan.replicas), trouble, forMs };
}

function graphFails(random: Random): Fault {
  const trouble = random.pick<ServerTrouble>([
    { kind: "status", status: random.pick([500, 502, 503, 504]) },
    { kind: "status", status: random.pick([500, 502, 503, 504, 401, 400]) },
    { kind: "hang" },
    { kind: "reset" },
    { kind: "halfBody" },
  ]);
  const of = trouble.kind === "status" ? random.pick<"batch" | "item">(["batch", "item"]) : "batch";
  const share = random.pick([0.3, 0.6, 1]);
  return { kind: "graphFails", trouble, of, share, forMs: between(random, 500, 4_000) };
}

function teamsFails(random: Random): Fault {
  const trouble = random.pick<ServerTrouble>([
    { kind: "status", status: random.pick([500, 502, 503, 504, 412]) },
    { kind: "hang" },
    { kind: "reset" },
    { kind: "halfBody" },
    { kind: "doneButFails", status: random.pick([500, 502, 504]) },
    { kind: "doneButFails", status: null },
  ]);
  return {
    kind: "teamsFails",
    trouble,
    share: random.pick([0.3, 0.6, 1]),
    forMs: between(random, 300, 2_500),
  };
}

function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1);
}
