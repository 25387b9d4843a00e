import type { Violation } from "./check-invariants.ts";
import { tooMany } from "./check-graph.ts";
import { TROUBLE } from "./people.ts";
import { knownAt, type WorldLog } from "./world-log.ts";

/** Nobody writes to a conversation before a `Retry-After` is over that Opwatch knows of. */
export function teamsRetryAfter(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [conversation, writes] of Map.groupBy(log.writes, (write) => write.conversation)) {
    let reportedUntil = 0;
    for (const refusal of writes) {
      const { status, retryAfterMs, deliveredAt } = refusal;
      if (status !== 429 || retryAfterMs === null || deliveredAt === null) continue;
      const until = refusal.at + retryAfterMs;
      const from = knownAt(log, deliveredAt, null);
      if (until <= reportedUntil || from >= until) continue;
      const early = writes.filter(
        ({ sentAt, shown }) =>
          sentAt > Math.max(from, reportedUntil) &&
          sentAt < until &&
          // With the database away nobody can know of a pause, and the word that it is away is worth more.
          !(shown.kind === "reply" && shown.text.startsWith(TROUBLE)),
      );
      const [first] = early;
      if (first === undefined) continue;
      reportedUntil = until;
      violations.push({
        invariant: "before Retry-After",
        at: first.sentAt,
        what:
          `Teams asked to be left alone in ${conversation} for ${(retryAfterMs / 1_000).toFixed(1)} s ` +
          `and was written to ${early.length} times before that was over, first after ${((first.sentAt - refusal.at) / 1_000).toFixed(1)} s.`,
        evidence: [refusal, first],
      });
    }
  }
  return violations;
}

/** Teams' limits for one bot in one conversation. */
const WINDOWS = [
  { limit: 7, windowMs: 1_000 },
  { limit: 8, windowMs: 2_000 },
  { limit: 60, windowMs: 30_000 },
  { limit: 1_800, windowMs: 3_600_000 },
] as const;

export function teamsQuota(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [conversation, writes] of Map.groupBy(log.writes, (write) => write.conversation)) {
    for (const { limit, windowMs } of WINDOWS) {
      for (const run of tooMany(log, writes, limit, windowMs)) {
        violations.push({
          invariant: "quota of Teams",
          at: run[0]?.sentAt ?? 0,
          what: `${run.length} writes to ${conversation} within ${windowMs / 1_000} s; Teams allows ${limit}.`,
          evidence: run.slice(0, 3),
        });
      }
    }
  }
  return violations;
}
