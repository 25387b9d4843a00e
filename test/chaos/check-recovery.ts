import type { Violation } from "./check-invariants.ts";
import { outcomeOf } from "./check-cards.ts";
import type { Check, Write } from "./log.ts";
import type { Watch, WorldLog } from "./world-log.ts";

/** What a dead process held is taken over within that, and then asked for, and written. */
const TAKEN_OVER_MS = 20_000;
/** Who is asked for just before an end is asked for again an interval later; and one for all that comes on top. */
const INTERVALS = 2;

/** A watch whose card showed the end that is its operation's. */
export type Recovery = {
  readonly watch: Watch;
  /** When the card showed it. */
  readonly at: number;
  /** From the end at Graph, or the track where that is later. */
  readonly toCardMs: number;
  /** From the end of the faults, and of the pauses that were asked for in them, where that is later. Null: there were none. */
  readonly recoveryMs: number | null;
};

/** Without those whose end is that Graph does not know them: that is believed after many answers only. */
export function recoveriesOf(log: WorldLog): readonly Recovery[] {
  const { calmAt } = log;
  return log.watches.flatMap((watch) => {
    const outcome = outcomeOf(log, watch);
    const operation = log.operations.get(watch.operation);
    if (outcome.kind !== "shown" || operation === undefined || operation.end === "unavailable") return [];
    if (operation.endsAt === null) return [];
    const { at } = outcome;
    const dueAt = Math.max(operation.endsAt, watch.at);
    const recoveryMs =
      calmAt === null
        ? null
        : at - Math.max(dueAt, calmAt, pausedUntil(log, watch, operation.tenant, calmAt));
    return [{ watch, at, toCardMs: at - dueAt, recoveryMs }];
  });
}

/** Until when Graph wants to be left alone for the tenant, or Teams in the conversation, by what they said in the faults. */
function pausedUntil(log: WorldLog, { conversation }: Watch, tenant: string, calmAt: number): number {
  const refusals: readonly (Check | Write)[] = [
    ...log.checks.filter((check) => check.tenant === tenant),
    ...log.writes.filter((write) => write.conversation === conversation),
  ];
  return Math.max(
    0,
    ...refusals.map(({ at, retryAfterMs }) => (retryAfterMs === null || at > calmAt ? 0 : at + retryAfterMs)),
  );
}

/** When nothing fails any more, and nobody wants to be left alone, each end is shown soon. */
export function slowRecoveries(log: WorldLog, recoveries: readonly Recovery[]): readonly Violation[] {
  const limitMs = TAKEN_OVER_MS + INTERVALS * log.begin.intervalMs;
  return recoveries.flatMap(({ watch, at, recoveryMs }) =>
    recoveryMs === null || recoveryMs <= limitMs
      ? []
      : [
          {
            invariant: "slow recovery" as const,
            at,
            what: `Operation ${watch.operation} in ${watch.conversation}: its end was shown ${(recoveryMs / 1_000).toFixed(1)} s after it could be; ${limitMs / 1_000} s are allowed.`,
            evidence: [
              ...(log.checksOf.get(watch.operation) ?? []).filter((check) => check.at <= at).slice(-2),
              ...(log.cardsOf.get(`${watch.conversation} ${watch.operation}`) ?? [])
                .filter((write) => write.at <= at)
                .slice(-2),
            ],
          },
        ],
  );
}
