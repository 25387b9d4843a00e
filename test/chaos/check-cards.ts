import type { Violation } from "./check-invariants.ts";
import type { Check, End } from "./log.ts";
import { roundOf } from "./rounds.ts";
import { mayBeForgotten, type CardWrite, type Watch, type WorldLog } from "./world-log.ts";

/** In the cards' words. Of what Graph no longer knows it may never have known anything for us. */
const STANDINGS: Readonly<Record<End, readonly string[]>> = {
  succeeded: ["succeeded", "ready"],
  failed: ["failed"],
  skipped: ["skipped"],
  unavailable: ["no longer available", "not found"],
  forbidden: ["access denied"],
};
const ENDS = new Set(Object.values(STANDINGS).flat());

/** Cards that were deleted so often are not made again. */
const DELETIONS = 2;

export type Excuse = "stopped" | "bot removed" | "without an end" | "card deleted twice";

export type Outcome =
  /** `at`: when it was shown first. */
  | { readonly kind: "shown"; readonly at: number }
  /** Nobody waits for its end: it has none, it was stopped, or there is nobody left to tell. */
  | { readonly kind: "excused"; readonly because: Excuse }
  | { readonly kind: "missing"; readonly why: string };

/** Whether a watch shows what it is to show at the end. */
export function outcomeOf(log: WorldLog, { conversation, operation }: Watch): Outcome {
  const known = log.operations.get(operation);
  const writes = log.cardsOf.get(`${conversation} ${operation}`) ?? [];
  const isStopped = log.asked.some(
    (asked) =>
      asked.deed === "stop" && asked.conversation === conversation && asked.operations.includes(operation),
  );
  const deletions = new Set(writes.map(({ activity }) => activity).filter((id) => log.deletedAt.has(id)));
  if (isStopped) return { kind: "excused", because: "stopped" };
  if (known === undefined || log.gone.has(conversation)) return { kind: "excused", because: "bot removed" };
  const right = known.end === null ? null : STANDINGS[known.end];
  const lasts = [...Map.groupBy(writes, ({ activity }) => activity).values()].flatMap(
    (own) => own.at(-1) ?? [],
  );
  const isRight = ({ shown }: CardWrite): boolean =>
    right === null ? shown.status !== null && !ENDS.has(shown.standing) : right.includes(shown.standing);
  const shown = writes.find(isRight);
  if (shown !== undefined && lasts.some(isRight)) {
    return right === null ? { kind: "excused", because: "without an end" } : { kind: "shown", at: shown.at };
  }
  if (deletions.size >= DELETIONS) return { kind: "excused", because: "card deleted twice" };
  const said = lasts.map((last) => `"${last.shown.standing}"`).join(", ");
  return {
    kind: "missing",
    why: `${known.end ?? "still running"}; ${lasts.length === 0 ? "it has no card" : `its card says ${said}`}`,
  };
}

/** Once `track` is acknowledged, the true end reaches the card. */
export function lostWatches(log: WorldLog): readonly Violation[] {
  return log.watches.flatMap((watch) => {
    const outcome = outcomeOf(log, watch);
    if (outcome.kind !== "missing") return [];
    const writes = log.cardsOf.get(`${watch.conversation} ${watch.operation}`) ?? [];
    const checks = log.checksOf.get(watch.operation) ?? [];
    return [
      {
        invariant: "lost" as const,
        at: watch.at,
        what: `Operation ${watch.operation} in ${watch.conversation}: ${outcome.why}.`,
        evidence: [...checks.slice(-2), ...writes.slice(-2)],
      },
    ];
  });
}

export type Posts = { readonly doubled: number; readonly violations: readonly Violation[] };

/** A card is posted once; again only when nobody could know of the first post, or somebody deleted it. */
export function cardPosts(log: WorldLog): Posts {
  let doubled = 0;
  const violations: Violation[] = [];
  for (const writes of log.cardsOf.values()) {
    /** Those of the present watch. */
    let earlier: CardWrite[] = [];
    let replaced = 0;
    let rounds = 0;
    for (const post of writes.filter(({ method }) => method === "POST")) {
      const last = earlier.at(-1);
      if (last === undefined) {
        earlier = [post];
        continue;
      }
      const isEdited = earlier.some(({ activity }) =>
        (log.editsOf.get(activity) ?? []).some(({ method, at }) => method === "PUT" && at < post.at),
      );
      const isDeleted = earlier.some(({ activity }) => (log.deletedAt.get(activity) ?? Infinity) < post.at);
      if (!isEdited && earlier.every((each) => mayBeForgotten(log, each))) doubled += 1;
      else if (isDeleted && replaced === 0) replaced += 1;
      else if (isDeleted && mayBeForgotten(log, last)) doubled += 1;
      else if (rounds < roundOf(log, post.conversation, post.shown.operation, post.at)) {
        rounds += 1;
        replaced = 0;
        earlier = [];
      } else {
        violations.push({
          invariant: "posted again",
          at: post.at,
          what: `The card of operation ${post.shown.operation} was posted again in ${post.conversation}, and its first post was known.`,
          evidence: [last, ...writes.filter(({ at }) => at < post.at).slice(-1), post],
        });
      }
      earlier.push(post);
    }
  }
  return { doubled, violations };
}

/** What a card showed never becomes older. */
export function backwardEdits(log: WorldLog): readonly Violation[] {
  return pairs(log).flatMap(([before, after]) =>
    isOlder(after, before)
      ? [
          {
            invariant: "backward edit" as const,
            at: after.at,
            what: `The card ${after.activity} went from ${stateOf(before)} back to ${stateOf(after)}.`,
            evidence: [before, after],
          },
        ]
      : [],
  );
}

function stateOf({ shown }: CardWrite): string {
  return `"${shown.standing}" (${shown.status ?? "no status"}, attempts ${shown.attempts ?? "unknown"})`;
}

/** As Graph's states follow each other; those in between can be of any order. */
function rankOf({ shown }: CardWrite): number {
  if (ENDS.has(shown.standing)) return 3;
  if (shown.status === null) return 0;
  return shown.status.toLowerCase() === "notstarted" ? 1 : 2;
}

function isOlder(after: CardWrite, before: CardWrite): boolean {
  const [rank, rankBefore] = [rankOf(after), rankOf(before)];
  if (before.shown.standing === "no longer watched") return after.shown.standing !== "no longer watched";
  if (rankBefore === 3) return rank < 3 && after.shown.standing !== "no longer watched";
  const [attempts, attemptsBefore] = [after.shown.attempts ?? 0, before.shown.attempts ?? 0];
  if (attempts !== attemptsBefore) return attempts < attemptsBefore;
  return rank < rankBefore;
}

/** A card is written only when it would look different, as far as Opwatch can know what it shows. */
export function sameAgain(log: WorldLog): readonly Violation[] {
  return pairs(log).flatMap(([before, after]) =>
    before.shown.print === after.shown.print && !mayBeForgotten(log, before)
      ? [
          {
            invariant: "same again" as const,
            at: after.at,
            what: `The card ${after.activity} was written again and looks the same: ${stateOf(after)}.`,
            evidence: [before, after],
          },
        ]
      : [],
  );
}

/** Each write of a card with the one after it. */
function pairs(log: WorldLog): readonly (readonly [CardWrite, CardWrite])[] {
  return [...log.editsOf.values()].flatMap((writes) =>
    writes.slice(1).map((after, index) => [writes[index] ?? after, after] as const),
  );
}

const FINAL_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["succeeded", ["succeeded", "completed"]],
  ["failed", ["failed"]],
  ["skipped", ["skipped"]],
]);

/** No card shows an end, or anything else, that Graph had not said before. */
export function untrueCards(log: WorldLog): readonly Violation[] {
  return [...log.editsOf.values()].flat().flatMap((write) => {
    const { standing, status, attempts, operation } = write.shown;
    const told = (log.checksOf.get(operation) ?? []).filter(
      ({ deliveredAt }) => deliveredAt !== null && deliveredAt <= write.at,
    );
    const isEndTrue = !ENDS.has(standing) || saysEnd(told, standing);
    const isStatusTrue =
      status === null ||
      told.some((check) => check.graphStatus === status && (check.attempts ?? attempts) === attempts);
    if (isEndTrue && isStatusTrue) return [];
    return [
      {
        invariant: "untrue" as const,
        at: write.at,
        what: `The card ${write.activity} of operation ${operation} shows ${stateOf(write)}, and Graph had not said that.`,
        evidence: [...told.slice(-3), write],
      },
    ];
  });
}

function saysEnd(told: readonly Check[], standing: string): boolean {
  const words = FINAL_WORDS.get(standing === "ready" ? "succeeded" : standing);
  if (words !== undefined) {
    return told.some(({ graphStatus }) => graphStatus !== null && words.includes(graphStatus.toLowerCase()));
  }
  if (standing === "access denied") return told.some(({ status }) => status === 403);
  return told.filter(({ status }) => status === 404 || status === 410).length >= 3;
}
