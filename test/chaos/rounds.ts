import type { Check } from "./log.ts";
import type { WorldLog } from "./world-log.ts";

/** What leaves in the same moment as something that happens elsewhere can't know of it. */
export const SAME_MOMENT_MS = 500;
const FINAL = /^(?:succeeded|completed|failed|skipped)$/iu;

/** Whether Opwatch had been told by then that the operation had ended. */
export function isEnd({ graphStatus, status, deliveredAt }: Check, before: number): boolean {
  const says = (graphStatus !== null && FINAL.test(graphStatus)) || [403, 404, 410].includes(status ?? 0);
  return says && deliveredAt !== null && deliveredAt <= before + SAME_MOMENT_MS;
}

/**
 * How many times somebody had asked anew to track an operation that had ended: each time it is a watch
 * of its own, with a card and a ping of its own. A message that is delivered again is not anew, and a
 * pipeline's request has a key by which it finds the first watch.
 */
export function roundOf(log: WorldLog, conversation: string, operation: string, at: number): number {
  const checks = log.checksOf.get(operation) ?? [];
  return log.asked.filter(
    (asked) =>
      asked.deed === "track" &&
      asked.via === "chat" &&
      asked.delivery === 1 &&
      asked.at < at &&
      asked.conversation === conversation &&
      asked.operations.includes(operation) &&
      checks.some((check) => isEnd(check, asked.at)),
  ).length;
}
