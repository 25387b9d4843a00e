import type { Check } from "./log.ts";
import type { Violation } from "./check-invariants.ts";
import { knownAt, type WorldLog } from "./world-log.ts";

/** More than the interval lies between two checks of one operation, whoever asks. */
export function earlyChecks(log: WorldLog): readonly Violation[] {
  return gapsOf(log).flatMap(({ gapMs, before, after }) =>
    gapMs > log.begin.minimumIntervalMs
      ? []
      : [
          {
            invariant: "early check" as const,
            at: after.at,
            what: `Operation ${after.operation} was asked for again after ${gapMs.toFixed(0)} ms.`,
            evidence: [before, after],
          },
        ],
  );
}

export function gapsOf(
  log: WorldLog,
): readonly { readonly gapMs: number; readonly before: Check; readonly after: Check }[] {
  return [...log.checksOf.values()].flatMap((checks) =>
    checks.slice(1).map((after, index) => {
      const before = checks[index] ?? after;
      return { gapMs: after.at - before.at, before, after };
    }),
  );
}

/** Nobody asks for a tenant's operations before a `Retry-After` is over that Opwatch knows of. */
export function graphRetryAfter(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [tenant, checks] of Map.groupBy(log.checks, (check) => check.tenant)) {
    let reportedUntil = 0;
    for (const refusal of checks) {
      const { status, retryAfterMs, deliveredAt, replica } = refusal;
      const isPause = status === 429 || status === 503;
      if (!isPause || retryAfterMs === null || deliveredAt === null) continue;
      const until = refusal.at + retryAfterMs;
      const from = knownAt(log, deliveredAt, replica);
      if (until <= reportedUntil || from >= until) continue;
      const early = checks.filter(({ sentAt }) => sentAt > Math.max(from, reportedUntil) && sentAt < until);
      const [first] = early;
      if (first === undefined) continue;
      reportedUntil = until;
      violations.push({
        invariant: "before Retry-After",
        at: first.sentAt,
        what:
          `Graph asked to be left alone for tenant ${tenant.slice(0, 8)} for ${(retryAfterMs / 1_000).toFixed(1)} s ` +
          `and was asked ${early.length} times before that was over, first after ${((first.sentAt - refusal.at) / 1_000).toFixed(1)} s.`,
        evidence: [refusal, first],
      });
    }
  }
  return violations;
}

const TENANT_PER_SECOND = 30;

/** Graph's limits: 30 requests a second for a tenant, one for a chat. */
export function graphQuota(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [tenant, checks] of Map.groupBy(log.checks, (check) => check.tenant)) {
    violations.push(
      ...tooMany(log, checks, TENANT_PER_SECOND, 1_000).map((run) =>
        breach(`Graph was asked ${run.length} times in a second for tenant ${tenant.slice(0, 8)}.`, run),
      ),
    );
  }
  const ofChats = log.checks.filter(({ chat }) => chat !== null);
  for (const [chat, checks] of Map.groupBy(ofChats, (check) => check.chat)) {
    violations.push(
      ...tooMany(log, checks, 1, 1_000).map((run) =>
        breach(`Graph was asked ${run.length} times in a second for chat ${chat ?? ""}.`, run),
      ),
    );
  }
  return violations;
}

function breach(what: string, run: readonly Check[]): Violation {
  return { invariant: "quota of Graph", at: run[0]?.sentAt ?? 0, what, evidence: run.slice(0, 3) };
}

/** Runs of more than `limit` in any window, one for each breach; at times when that can be told. */
export function tooMany<Each extends { readonly sentAt: number }>(
  log: WorldLog,
  all: readonly Each[],
  limit: number,
  windowMs: number,
): readonly (readonly Each[])[] {
  const sorted = all.toSorted((a, b) => a.sentAt - b.sentAt);
  const runs: (readonly Each[])[] = [];
  let start = 0;
  let reported = 0;
  for (const [index, { sentAt }] of sorted.entries()) {
    while ((sorted[start]?.sentAt ?? 0) <= sentAt - windowMs) start += 1;
    if (index - start + 1 <= limit || start < reported) continue;
    const run = sorted.slice(start, index + 1);
    if (!isFairTime(log, run[0]?.sentAt ?? sentAt, sentAt)) continue;
    runs.push(run);
    reported = index + 1;
  }
  return runs;
}

/** So long before a process of the world stood still, others may have, and hurried after that. */
const AROUND_LAG_MS = 500;

/** Not while a replica's clock is wrong, or this machine had more to do than it could. */
function isFairTime(log: WorldLog, from: number, until: number): boolean {
  const isStill = log.lags.some(
    ({ at, ms }) => at >= from - AROUND_LAG_MS && at - ms <= until + AROUND_LAG_MS,
  );
  return !isStill && !hasWrongClock(log, until);
}

function hasWrongClock({ replicas }: WorldLog, at: number): boolean {
  return replicas.some(({ what, detail, at: from, replica }, index) => {
    if (what !== "started" || detail === "" || from > at) return false;
    const next = replicas
      .slice(index + 1)
      .find((each) => each.replica === replica && each.what === "started");
    return next === undefined || next.at > at;
  });
}
