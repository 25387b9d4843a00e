/** What happens in a run, as data. Times are multiples of the check interval. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly operations: number;
  readonly tenants: number;
  /** Chats that watch each operation. */
  readonly watchers: number;
  /** Operations in one `track`; each message comes from a chat of its own, but where all share one. */
  readonly perMessage: number;
  readonly oneChat: boolean;
  /** How many operations a second are tracked. */
  readonly perSecond: number;
  /** `paced`: no more messages under way than a subject takes well. `open`: they come, whatever it does. */
  readonly ramp: "paced" | "open";
  /** Whether the window begins when all cards are there, or when all messages were sent. */
  readonly begin: "cards" | "sent";
  /** How many operations begin to run, and how many others end, in the first part of the window. */
  readonly changes: number;
  readonly ends: number;
  readonly changesWithin: number;
  readonly window: number;
  /** How long after the window ends may still be shown. */
  readonly grace: number;
  readonly fault: null | "pause" | "kill";
  /** Whether Graph's limits for one application over all tenants hold; those of a tenant do always. */
  readonly limitsOfAll: boolean;
  /** How many subjects may be measured at the same time, each in a world of its own: one that is busy, none besides. */
  readonly together: number;
  /** The subjects that it is for; null: all. */
  readonly only: readonly string[] | null;
};

/** Graph and Teams tell tenant 0 to wait so long. */
export const PAUSE_SECONDS = 315;
/** When in the window the process is killed. */
export const KILL_AFTER = 0.25;

const STEADY = {
  tenants: 100,
  watchers: 1,
  perMessage: 5,
  oneChat: false,
  perSecond: 500,
  ramp: "paced",
  begin: "cards",
  changesWithin: 0.5,
  window: 1.5,
  grace: 1,
  fault: null,
  limitsOfAll: true,
  together: 1,
  only: null,
} as const;

function steady(operations: number): Scenario {
  const changing = Math.min(Math.round(operations / 4), 2_500);
  return {
    ...STEADY,
    name: `steady-${operations}`,
    title: `${operations.toLocaleString("en-US")} operations over 100 tenants`,
    operations,
    changes: changing,
    ends: changing,
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    ...steady(100),
    only: ["naive", "bullmq", "graphile-worker", "waiters", "opwatch-embedded", "opwatch-postgres"],
  },
  steady(1_000),
  steady(5_000),
  steady(20_000),
  steady(50_000),
  // The rate that Graph grants for a second, kept up. With its share for the long run nobody could be on time.
  {
    ...steady(46_500),
    name: "ceiling",
    title: "46,500 operations: 1,500 checks a second, with Graph's limits over all tenants lifted",
    limitsOfAll: false,
  },
  {
    ...STEADY,
    name: "bulk",
    title: "5,000 tracks in 10 s, over 100 tenants",
    operations: 5_000,
    perMessage: 1,
    ramp: "open",
    begin: "sent",
    changes: 1_250,
    ends: 1_250,
    window: 2,
  },
  {
    ...STEADY,
    name: "one-chat",
    title: "500 operations in one chat",
    operations: 500,
    tenants: 1,
    perMessage: 20,
    oneChat: true,
    perSecond: 100,
    begin: "sent",
    changes: 0,
    ends: 500,
    changesWithin: 1,
    window: 10,
    grace: 0.5,
    // Five minutes in which Teams' limits are all that happens.
    together: 5,
  },
  {
    ...STEADY,
    name: "shared",
    title: "20 chats watch each of 50 operations",
    operations: 50,
    tenants: 10,
    watchers: 20,
    perMessage: 1,
    perSecond: 5,
    changes: 25,
    ends: 25,
  },
  {
    ...STEADY,
    name: "pause",
    title: `one of 20 tenants is told to wait ${PAUSE_SECONDS} s, by Graph and by Teams`,
    operations: 1_000,
    tenants: 20,
    changes: 250,
    ends: 500,
    fault: "pause",
  },
  {
    ...STEADY,
    name: "kill",
    title: "1,000 operations, kill -9 and an immediate restart",
    operations: 1_000,
    changes: 0,
    ends: 500,
    changesWithin: 1,
    window: 2.5,
    grace: 1,
    fault: "kill",
  },
];

/** A smaller run of the same shape. */
export function scaled(scenario: Scenario, scale: number): Scenario {
  if (scale === 1) return scenario;
  const part = (count: number): number => Math.round(count * scale);
  return {
    ...scenario,
    operations: Math.max(part(scenario.operations), 1),
    changes: part(scenario.changes),
    ends: part(scenario.ends),
    perSecond: Math.max(part(scenario.perSecond), 5),
  };
}

/** The same with no more operations than `most`. */
export function limited(scenario: Scenario, most: number): Scenario {
  const cards = scenario.operations * scenario.watchers;
  return cards <= most ? scenario : { ...scaled(scenario, most / cards), perSecond: scenario.perSecond };
}

/** One message of a person: operations to be tracked in a chat. */
export type Message = {
  readonly tenant: number;
  readonly chat: number;
  readonly operations: readonly number[];
};

export function messagesOf(scenario: Scenario): readonly Message[] {
  const { operations, tenants, watchers, perMessage, oneChat } = scenario;
  const messages: Message[] = [];
  for (let first = 0; first < operations; first += perMessage) {
    const count = Math.min(perMessage, operations - first);
    const together = Array.from({ length: count }, (_, index) => first + index);
    const tenant = (first / perMessage) % tenants;
    for (let watcher = 0; watcher < watchers; watcher += 1) {
      messages.push({ tenant, chat: oneChat ? 0 : messages.length, operations: together });
    }
  }
  return messages;
}

/** The tenant of each operation. */
export function tenantsOf(scenario: Scenario): Int32Array {
  const tenants = new Int32Array(scenario.operations);
  for (const { tenant, operations } of messagesOf(scenario)) {
    for (const operation of operations) tenants[operation] = tenant;
  }
  return tenants;
}
