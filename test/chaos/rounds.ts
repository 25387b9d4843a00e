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

/** Somebody writes a new `track`. A message that is delivered again is not new, nor a pipeline's request: its key is old. */
export function isNewTrack(
  asked: WorldLog["asked"][number],
  conversation: string,
  operation: string,
): boolean {
  const isNew = asked.deed === "track" && asked.via === "chat" && asked.delivery === 1;
  return isNew && asked.conversation === conversation && asked.operations.includes(operation);
}

/**
 * How many times somebody had asked anew to track an operation that had ended: each time it is a watch
 * of its own, with a card and a ping of its own.
 */
export function roundOf(log: WorldLog, conversation: string, operation: string, at: number): number {
  const checks = log.checksOf.get(operation) ?? [];
  return log.asked.filter(
    (asked) =>
      isNewTrack(asked, conversation, operation) &&
      asked.at < at &&
      checks.some((check) => isEnd(check, asked.at)),
  ).length;
}
