import type { Violation } from "./check-invariants.ts";
import type { Write } from "./log.ts";
import { isEnd, isNewTrack, roundOf, SAME_MOMENT_MS } from "./rounds.ts";
import { knownAt, mayBeForgotten, type WorldLog } from "./world-log.ts";

/** Teams' 404 is known to be spurious, so it is tried again a few times. */
const TRIES_OF_404 = 12;

/**
 * Nothing is written after a stop, but for one edit that says so. What was leaving in the same moment
 * can't be held back: Teams has no way to refuse a write because of something that happened elsewhere.
 */
export function writesAfterStop(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { deed, conversation, operations, at } of log.acknowledged) {
    if (deed !== "stop") continue;
    for (const operation of operations) {
      const own = log.writes.filter(
        ({ conversation: where, shown }) =>
          where === conversation && "operation" in shown && shown.operation === operation,
      );
      const saying = own.find((write) => saysStopped(write) && !mayBeForgotten(log, write));
      // Whoever stops all may track an operation afterwards, also one that was meant to be there before.
      const anewAt = log.asked.find(
        (asked) => isNewTrack(asked, conversation, operation) && asked.at > at,
      )?.at;
      const after = own.filter((write) => {
        const isSaid = saying !== undefined && write.sentAt > saying.at;
        const isAnew = anewAt !== undefined && write.sentAt > anewAt;
        return write.sentAt > at + SAME_MOMENT_MS && !isAnew && (isSaid || !saysStopped(write));
      });
      // It had ended before, and what was stopped was nothing any more.
      const wasOver = (log.checksOf.get(operation) ?? []).some((check) => isEnd(check, at));
      const [first] = after;
      if (first === undefined || wasOver) continue;
      violations.push({
        invariant: "after stop",
        at: first.sentAt,
        what: `Operation ${operation} in ${conversation} was stopped, and written ${after.length} times after that, first after ${(first.sentAt - at).toFixed(0)} ms.`,
        evidence: after.slice(0, 3),
      });
    }
  }
  return violations;
}

function saysStopped({ shown, method }: Write): boolean {
  return method === "PUT" && shown.kind === "card" && shown.standing === "no longer watched";
}

/** Nothing is written where the bot is no more. */
export function writesAfterRemoval(log: WorldLog): readonly Violation[] {
  const violations: Violation[] = [];
  const add = (conversation: string, why: string, after: readonly Write[]): void => {
    const [first] = after;
    if (first === undefined) return;
    violations.push({
      invariant: "after removal",
      at: first.sentAt,
      what: `${after.length} writes to ${conversation}, ${why}.`,
      evidence: after.slice(0, 3),
    });
  };
  for (const [conversation, { status }] of log.gone) {
    const writes = log.writes.filter((write) => write.conversation === conversation);
    const told = log.acknowledged.find(
      (each) => each.deed === "remove" && each.conversation === conversation,
    );
    if (told !== undefined) {
      const late = writes.filter(({ sentAt }) => sentAt > told.at + SAME_MOMENT_MS);
      add(conversation, "which the bot had heard it was taken out of", late);
      continue;
    }
    const refused = writes.filter((write) => write.status === status && write.deliveredAt !== null);
    if (status === 403) {
      const knows = Math.min(...refused.map((write) => knownAt(log, write.deliveredAt ?? 0, null)));
      add(
        conversation,
        "which Teams had refused with 403",
        writes.filter(({ sentAt }) => sentAt > knows),
      );
    } else {
      add(
        conversation,
        `which Teams had refused with 404 ${TRIES_OF_404} times`,
        refused.slice(TRIES_OF_404),
      );
    }
  }
  return violations;
}

/** One message for the end of a watch, at most. */
export function secondPings(log: WorldLog): readonly Violation[] {
  const pings = log.writes.filter(({ isTaken, shown }) => isTaken && shown.kind === "ping");
  const byCard = Map.groupBy(pings, ({ conversation, shown }) =>
    shown.kind === "ping" ? `${conversation} ${shown.operation}` : "",
  );
  return [...byCard].flatMap(([card, own]) => {
    const [conversation = "", operation = ""] = card.split(" ");
    const second = own.find(({ at }, index) => index > roundOf(log, conversation, operation, at));
    if (second === undefined) return [];
    return [
      {
        invariant: "second ping" as const,
        at: second.at,
        what: `${own.length} pings for operation ${operation} in ${conversation}.`,
        evidence: own.slice(0, 2),
      },
    ];
  });
}

/** In local mode no token goes anywhere. */
export function tokens(log: WorldLog): readonly Violation[] {
  const sent = [...log.checks, ...log.writes].filter(({ hasToken }) => hasToken);
  const [first] = sent;
  if (first === undefined) return [];
  const what = `${sent.length} requests carried an Authorization header.`;
  return [{ invariant: "token", at: first.at, what, evidence: [first] }];
}
