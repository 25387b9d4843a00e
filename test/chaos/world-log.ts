import type { Check, Entry, Write } from "./log.ts";

export type CardWrite = Write & { readonly shown: Extract<Write["shown"], { kind: "card" }> };
type Operation = Extract<Entry, { kind: "operation" }>;

/** A conversation that follows an operation, from the moment when that was acknowledged. */
export type Watch = { readonly conversation: string; readonly operation: string; readonly at: number };

/** When something was wrong with a part of Opwatch itself. */
type Trouble = {
  readonly part: "process" | "database";
  /** Null: all of them. */
  readonly replica: number | null;
  readonly from: number;
  readonly until: number;
  /** What it had not written down is lost for good. */
  readonly isDeadly: boolean;
};

/** The world's log, sorted and found by what it is about. */
export type WorldLog = {
  readonly begin: Extract<Entry, { kind: "begin" }>;
  readonly startedAt: number;
  readonly calmAt: number | null;
  readonly endAt: number;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly checks: readonly Check[];
  readonly checksOf: ReadonlyMap<string, readonly Check[]>;
  readonly writes: readonly Write[];
  /** Those that Teams took, by conversation and operation. */
  readonly cardsOf: ReadonlyMap<string, readonly CardWrite[]>;
  /** Those that Teams took, by message. */
  readonly editsOf: ReadonlyMap<string, readonly CardWrite[]>;
  readonly watches: readonly Watch[];
  readonly acknowledged: readonly Extract<Entry, { kind: "acknowledged" }>[];
  readonly asked: readonly Extract<Entry, { kind: "asked" }>[];
  readonly gone: ReadonlyMap<string, Extract<Entry, { kind: "gone" }>>;
  readonly deletedAt: ReadonlyMap<string, number>;
  readonly faults: readonly Extract<Entry, { kind: "fault" }>[];
  readonly replicas: readonly Extract<Entry, { kind: "replica" }>[];
  readonly lags: readonly Extract<Entry, { kind: "lag" }>[];
  readonly troubles: readonly Trouble[];
};

/** After the database is back: for connections to break, and to be made anew. */
const AFTER_DATABASE_MS = 3_000;

const OF_THE_DATABASE: ReadonlySet<string> = new Set([
  "restartDatabase",
  "crashBackend",
  "terminateBackends",
]);

export function readLog(entries: readonly Entry[]): WorldLog {
  const sorted = entries.toSorted((a, b) => a.at - b.at);
  const of = <Kind extends Entry["kind"]>(kind: Kind): readonly Extract<Entry, { kind: Kind }>[] =>
    sorted.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
  const [begin] = of("begin");
  if (begin === undefined) throw new Error("The log has no beginning.");
  const writes = of("write");
  const taken = writes.filter((write) => write.isTaken).filter(isCard);
  const checks = of("check");
  const acknowledged = of("acknowledged");
  const endAt = sorted.at(-1)?.at ?? begin.at;
  return {
    begin,
    startedAt: begin.at,
    calmAt: of("calm")[0]?.at ?? null,
    endAt,
    operations: new Map(of("operation").map((operation) => [operation.id, operation])),
    checks,
    checksOf: Map.groupBy(checks, ({ operation }) => operation),
    writes,
    cardsOf: Map.groupBy(taken, ({ conversation, shown }) => `${conversation} ${shown.operation}`),
    editsOf: Map.groupBy(taken, ({ activity }) => activity),
    watches: watchesOf(acknowledged),
    acknowledged,
    asked: of("asked"),
    gone: new Map(of("gone").map((gone) => [gone.conversation, gone])),
    deletedAt: new Map(of("deleted").map(({ activity, at }) => [activity, at])),
    faults: of("fault"),
    replicas: of("replica"),
    lags: of("lag"),
    troubles: troublesOf(of("fault"), of("replica"), endAt),
  };
}

function isCard(write: Write): write is CardWrite {
  return write.shown.kind === "card";
}

function watchesOf(acknowledged: WorldLog["acknowledged"]): readonly Watch[] {
  const watches = new Map<string, Watch>();
  for (const { deed, conversation, operations, at } of acknowledged) {
    if (deed !== "track") continue;
    for (const operation of operations) {
      const key = `${conversation} ${operation}`;
      if (!watches.has(key)) watches.set(key, { conversation, operation, at });
    }
  }
  return [...watches.values()];
}

function troublesOf(
  faults: WorldLog["faults"],
  replicas: WorldLog["replicas"],
  endAt: number,
): readonly Trouble[] {
  const troubles: Trouble[] = [];
  for (const { at: from, until, fault } of faults) {
    const { kind } = fault;
    if (kind === "freeze") {
      troubles.push({ part: "process", replica: fault.replica, from, until, isDeadly: false });
    } else if (OF_THE_DATABASE.has(kind) || (kind === "line" && fault.to === "database")) {
      const replica = kind === "line" ? fault.replica : null;
      const well = until + AFTER_DATABASE_MS;
      troubles.push({ part: "database", replica, from, until: well, isDeadly: false });
    }
  }
  for (const [index, { what, replica, at }] of replicas.entries()) {
    if (what !== "killed" && what !== "ended") continue;
    const next = replicas.slice(index).find((each) => each.replica === replica && each.what === "ready");
    troubles.push({ part: "process", replica, from: at, until: next?.at ?? endAt, isDeadly: true });
  }
  return troubles.toSorted((a, b) => a.from - b.from);
}

/** Opwatch needs as long, on a machine that has much else to do, to write down what it was told. */
const WRITING_DOWN_MS = 2_000;

/**
 * When Opwatch knows for certain what one of its processes was told: later where the database was away
 * then, and never where the process died.
 * @param replica null: nobody knows which one was told.
 */
export function knownAt({ troubles }: WorldLog, toldAt: number, replica: number | null): number {
  let at = toldAt + WRITING_DOWN_MS;
  for (const trouble of troubles) {
    const isOther = replica !== null && trouble.replica !== null && trouble.replica !== replica;
    if (isOther || trouble.from > at || trouble.until < toldAt) continue;
    if (trouble.isDeadly) return Number.POSITIVE_INFINITY;
    at = Math.max(at, trouble.until + WRITING_DOWN_MS);
  }
  return at;
}

/** Whether Opwatch may not know of a write: its answer was cut or said otherwise, or could not be written down. */
export function mayBeForgotten(log: WorldLog, { at, status, deliveredAt }: Write): boolean {
  if (deliveredAt === null || status === null || status >= 300) return true;
  return log.troubles.some(({ from, until }) => from <= deliveredAt + WRITING_DOWN_MS && until >= at);
}
