import { KIND, PHASE, REFUSED_FOR, type Columns } from "../world/log.ts";
import type { Plan } from "../world/plan.ts";
import type { Message } from "./scenarios.ts";

/** What came of a run, besides the world's log; all times on its clock. */
export type Marks = {
  readonly intervalMs: number;
  readonly windowStart: number;
  readonly windowEnd: number;
  /** The last moment that counts. */
  readonly end: number;
  readonly killedAt: number | null;
  /** Whose pauses are none of the subject's faults; null: nobody's. */
  readonly pausedTenant: number | null;
};

export type Sent = { readonly dueAt: number; readonly ackedAt: number; readonly status: number };

/** Milliseconds; null where there is nothing to measure, and `never` where it did not happen in the run. */
export type Quantiles = {
  readonly count: number;
  readonly p50: Measured;
  readonly p99: Measured;
  readonly worst: Measured;
};
export type Measured = number | "never" | null;

export type Figures = {
  /** From when a check was due (the last answer and the interval) until it came. */
  readonly lateness: Quantiles;
  /** Of those, the ones that had not come when the run was over. */
  readonly missedChecks: number;
  readonly checks: number;
  /** Checks that came within 30 s (at the interval of 31 s) of the one before. */
  readonly tooSoon: number;
  readonly graphRequests: number;
  readonly graphRefused: number;
  /** Of those, by the limit that was passed. Older results do not say. */
  readonly graphRefusedFor?: Readonly<Record<keyof typeof REFUSED_FOR, number>>;
  readonly posts: number;
  readonly edits: number;
  readonly messages: number;
  readonly teamsRefused: number;
  /** From a change at Graph to the card that shows it. */
  readonly changeToCard: Quantiles;
  /** Of that, from the answer that first told of it. */
  readonly answerToCard: Quantiles;
  readonly finals: number;
  readonly lostFinals: number;
  /** Cards that were posted more than once. */
  readonly doubled: number;
  /** From when a `track` was due to be sent until it was acknowledged, and until its first card was there. */
  readonly acknowledged: Quantiles;
  readonly firstCard: Quantiles;
  readonly refusedTracks: number;
  /** Requests in the tenant that was told to wait, after it was told. */
  readonly duringPause: number | null;
  /** From the kill until the last check that it made late by more than a second. */
  readonly recoveryMs: Measured;
};

export function figuresOf(
  log: Columns,
  plan: Plan,
  messages: readonly Message[],
  sent: readonly Sent[],
  marks: Marks,
): Figures {
  const { windowStart, windowEnd, pausedTenant } = marks;
  const checks = checksOf(log);
  const cards = cardsOf(log, marks.end);
  const isCounted = (message: Message): boolean => message.tenant !== pausedTenant;
  const inWindow = (kind: number, phase?: number): number => {
    let count = 0;
    for (let i = 0; i < log.length; i += 1) {
      const at = log.at[i] ?? 0;
      const isOne = log.kind[i] === kind && (phase === undefined || log.phase[i] === phase);
      if (isOne && at >= windowStart && at < windowEnd) count += 1;
    }
    return count;
  };
  const { late, missed } = latenessOf(log, checks, marks);
  const changes = changesOf(log, plan, messages.filter(isCounted), checks, cards);
  return {
    lateness: quantilesOf([...late, ...missed]),
    missedChecks: missed.length,
    checks: inWindow(KIND.check),
    tooSoon: tooSoonOf(log, checks, marks),
    graphRequests: inWindow(KIND.request),
    graphRefused: inWindow(KIND.refusedCheck),
    graphRefusedFor: {
      tenant: inWindow(KIND.refusedCheck, REFUSED_FOR.tenant),
      allTenants: inWindow(KIND.refusedCheck, REFUSED_FOR.allTenants),
      pause: inWindow(KIND.refusedCheck, REFUSED_FOR.pause),
    },
    posts: inWindow(KIND.cardPosted),
    edits: inWindow(KIND.cardEdited),
    messages: inWindow(KIND.message),
    teamsRefused: inWindow(KIND.refusedWrite),
    changeToCard: quantilesOf(changes.total),
    answerToCard: quantilesOf(changes.delivery),
    finals: changes.finals,
    lostFinals: changes.lost,
    doubled: [...cards.values()].filter((writes) => posts(log, writes) > 1).length,
    acknowledged: quantilesOf(sent.map(({ dueAt, ackedAt }) => ackedAt - dueAt)),
    firstCard: quantilesOf(firstCards(log, messages, sent, cards)),
    refusedTracks: sent.filter(({ status }) => status >= 300 || status === 0).length,
    duringPause: pausedTenant === null ? null : duringPause(log, pausedTenant),
    recoveryMs: marks.killedAt === null ? null : recoveryOf(log, plan, checks, marks.killedAt, marks),
  };
}

type Entries = readonly (readonly number[])[];

/** The log's entries of checks by operation, refused ones included, as they came. */
function checksOf(log: Columns): Entries {
  const byOperation: number[][] = [];
  for (let i = 0; i < log.length; i += 1) {
    if (log.kind[i] !== KIND.check && log.kind[i] !== KIND.refusedCheck) continue;
    const operation = log.operation[i] ?? -1;
    if (operation !== -1) (byOperation[operation] ??= []).push(i);
  }
  return byOperation;
}

function cardsOf(log: Columns, end: number): ReadonlyMap<string, readonly number[]> {
  const byCard = new Map<string, number[]>();
  for (let i = 0; i < log.length; i += 1) {
    const isCard = log.kind[i] === KIND.cardPosted || log.kind[i] === KIND.cardEdited;
    if (!isCard || (log.at[i] ?? 0) > end) continue;
    const key = `${log.operation[i]} ${log.chat[i]}`;
    const writes = byCard.get(key);
    if (writes === undefined) byCard.set(key, [i]);
    else writes.push(i);
  }
  return byCard;
}

type Lateness = { readonly late: readonly number[]; readonly missed: readonly number[] };

/** Every check that fell due in the window counts; one that never came is late by at least the rest of the run. */
function latenessOf(log: Columns, checks: Entries, marks: Marks): Lateness {
  const { intervalMs, windowStart, windowEnd, end } = marks;
  const late: number[] = [];
  const missed: number[] = [];
  for (const entries of checks) {
    for (const [index, entry] of (entries ?? []).entries()) {
      // After a refusal Graph says when the next one is due; and after an end there is none.
      if (log.kind[entry] !== KIND.check || (log.phase[entry] ?? 0) >= PHASE.succeeded) continue;
      if (log.tenant[entry] === marks.pausedTenant) continue;
      const due = (log.answeredAt[entry] ?? Number.NaN) + intervalMs;
      if (!(due >= windowStart && due < windowEnd)) continue;
      const next = entries[index + 1];
      const at = next === undefined ? Infinity : (log.at[next] ?? Infinity);
      if (at <= end) late.push(Math.max(at - due, 0));
      else missed.push(end - due);
    }
  }
  return { late, missed };
}

function tooSoonOf(log: Columns, checks: Entries, { intervalMs, windowStart, windowEnd }: Marks): number {
  let count = 0;
  for (const entries of checks) {
    for (const [index, entry] of (entries ?? []).entries()) {
      const before = entries[index - 1];
      const at = log.at[entry] ?? 0;
      if (before === undefined || at < windowStart || at >= windowEnd) continue;
      if (at - (log.at[before] ?? 0) < (intervalMs * 30) / 31) count += 1;
    }
  }
  return count;
}

type Changes = {
  readonly total: number[];
  readonly delivery: number[];
  finals: number;
  lost: number;
};

function changesOf(
  log: Columns,
  plan: Plan,
  messages: readonly Message[],
  checks: Entries,
  cards: ReadonlyMap<string, readonly number[]>,
): Changes {
  const changes: Changes = { total: [], delivery: [], finals: 0, lost: 0 };
  for (const { chat, operations } of messages) {
    for (const operation of operations) {
      const runsAt = plan.runsAt[operation] ?? Infinity;
      const endsAt = plan.endsAt[operation] ?? Infinity;
      const isEnd = endsAt < Infinity;
      const at = isEnd ? endsAt : runsAt;
      if (at === Infinity) continue;
      const phase = isEnd ? (plan.end[operation] ?? 0) : PHASE.running;
      const told = checks[operation]?.find(
        (entry) => log.kind[entry] === KIND.check && (log.phase[entry] ?? 0) >= PHASE.running,
      );
      const writes = cards.get(`${operation} ${chat}`) ?? [];
      const shown = writes.find((entry) => (log.at[entry] ?? 0) >= at && log.phase[entry] === phase);
      const shownAt = shown === undefined ? Infinity : (log.at[shown] ?? Infinity);
      const toldAt = told === undefined ? Infinity : (log.answeredAt[told] ?? Infinity);
      changes.total.push(shownAt - at);
      if (toldAt < Infinity) changes.delivery.push(Math.max(shownAt - toldAt, 0));
      if (!isEnd) continue;
      changes.finals += 1;
      // The end has to stand there at last, and not under something older that came after it.
      const last = writes.at(-1);
      if (last === undefined || log.phase[last] !== phase) changes.lost += 1;
    }
  }
  return changes;
}

function firstCards(
  log: Columns,
  messages: readonly Message[],
  sent: readonly Sent[],
  cards: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  return messages.flatMap(({ chat, operations }, index) =>
    operations.map((operation) => {
      const first = cards.get(`${operation} ${chat}`)?.[0];
      const dueAt = sent[index]?.dueAt ?? Number.NaN;
      return first === undefined ? Infinity : (log.at[first] ?? Infinity) - dueAt;
    }),
  );
}

function posts(log: Columns, writes: readonly number[]): number {
  return writes.filter((entry) => log.kind[entry] === KIND.cardPosted).length;
}

/** Who was under way already when the first refusal came back did not know better. */
const UNDER_WAY_MS = 1_000;

function duringPause(log: Columns, tenant: number): number {
  let count = 0;
  for (const refusal of [KIND.refusedCheck, KIND.refusedWrite]) {
    let first = Infinity;
    for (let i = 0; i < log.length; i += 1) {
      if (log.kind[i] !== refusal || log.tenant[i] !== tenant) continue;
      const at = log.at[i] ?? 0;
      first = Math.min(first, at);
      if (at > first + UNDER_WAY_MS) count += 1;
    }
  }
  return count;
}

/** Later than this is no ordinary lateness. */
const OVERDUE_MS = 1_000;

function recoveryOf(log: Columns, plan: Plan, checks: Entries, killedAt: number, marks: Marks): Measured {
  let last = killedAt;
  for (const [operation, entries] of checks.entries()) {
    const before = entries?.findLast((entry) => (log.answeredAt[entry] ?? Infinity) < killedAt);
    if (entries === undefined || before === undefined) continue;
    // Whose end had been told before the kill is not asked for again.
    if ((plan.endsAt[operation] ?? Infinity) <= (log.at[before] ?? 0)) continue;
    const due = Math.max((log.answeredAt[before] ?? 0) + marks.intervalMs, killedAt);
    const next = entries.find((entry) => (log.at[entry] ?? 0) > killedAt && log.kind[entry] === KIND.check);
    const at = next === undefined ? Infinity : (log.at[next] ?? Infinity);
    if (at > marks.end && due + OVERDUE_MS < marks.end) return "never";
    if (at > due + OVERDUE_MS) last = Math.max(last, Math.min(at, marks.end));
  }
  return Math.round(last - killedAt);
}

/** @param values Infinity: it did not happen. */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted(ascending);
  return {
    count: sorted.length,
    p50: measured(sorted, 0.5),
    p99: measured(sorted, 0.99),
    worst: measured(sorted, 1),
  };
}

function measured(sorted: readonly number[], q: number): Measured {
  const value = sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)];
  if (value === undefined) return null;
  return value === Infinity ? "never" : Math.round(value * 10) / 10;
}

function ascending(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
