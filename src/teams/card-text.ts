import type { CardView, Standing } from "../core/card-view.ts";
import type { EpochMs } from "../core/ids.ts";
import { localTime, plain } from "./plain-text.ts";
import type { Words } from "./words/words.ts";

export type Fact = { readonly title: string; readonly value: string };
type Clock = (at: EpochMs) => string;

/** "Create team": what the operation does. */
export function nameOf(view: CardView, words: Words): string {
  const { operationType, kind } = view;
  const known =
    operationType === null || !Object.hasOwn(words.operationTypes, operationType)
      ? undefined
      : words.operationTypes[operationType];
  if (known !== undefined) return known;
  const isWorthShowing = operationType !== null && operationType !== "unknownFutureValue";
  return isWorthShowing ? `${words.kinds[kind]} (${plain(operationType, 60)})` : words.kinds[kind];
}

/** "Create team — succeeded": the card's first line, the toast and the line in the chat list. */
export function titleOf(view: CardView, words: Words): string {
  return `${nameOf(view, words)} — ${words.standings[view.standing]}`;
}

/** The title and, of a failure, why. */
export function summaryOf(view: CardView, words: Words): string {
  const reason = view.standing === "failed" ? errorText(view, words) : null;
  return reason === null ? titleOf(view, words) : `${titleOf(view, words)}: ${reason}`;
}

export function meaningOf(view: CardView, words: Words): string {
  const meaning = words.meanings[view.standing];
  return view.standing === "forbidden" ? `${meaning} ${words.permissions[view.kind]}` : meaning;
}

export function troubleOf(view: CardView, words: Words, clock: Clock = localTime): string {
  const { trouble, standing } = view;
  // The sentences of these say it already.
  if (trouble === null || standing === "notYetFound" || isEnd(standing)) return "";
  return words.troubles[trouble.kind](clock(trouble.since));
}

/** What a card shows of an operation, line by line; the same as `status` answers. */
export function factsOf(view: CardView, words: Words, clock: Clock = localTime): readonly Fact[] {
  const { facts } = words;
  const lines: readonly (Fact | null)[] = [
    { title: facts.status, value: view.status === null ? facts.noStatus : plain(view.status, 60) },
    view.attempts === null ? null : { title: facts.attempts, value: String(view.attempts) },
    isFailure(view) ? { title: facts.error, value: errorText(view, words) } : null,
    view.detail === null ? null : { title: facts.detail, value: plain(view.detail) },
    view.targetId === null ? null : { title: facts.target, value: plain(view.targetId, 200) },
    { title: facts.started, value: clock(view.startedAt) },
    { title: facts.changed, value: clock(view.changedAt) },
    { title: facts.requester, value: plain(view.requester, 100) },
    { title: facts.operation, value: plain(view.operation, 200) },
  ];
  return lines.filter((line) => line !== null);
}

/** For support: where the operation is, and what Graph said when it refused. */
export function detailsOf(view: CardView, words: Words): readonly Fact[] {
  const { facts } = words;
  const { trouble } = view;
  const lines: readonly (Fact | null)[] = [
    { title: facts.address, value: plain(view.address, 400) },
    view.targetLocation === null ? null : { title: facts.target, value: plain(view.targetLocation, 400) },
    trouble === null
      ? null
      : {
          title: facts.httpStatus,
          value: [trouble.httpStatus, trouble.code, trouble.message]
            .filter((part) => part !== null)
            .map((part) => plain(String(part), 200))
            .join(" · "),
        },
    trouble === null || trouble.requestId === null
      ? null
      : { title: facts.requestId, value: plain(trouble.requestId, 100) },
  ];
  return lines.filter((line) => line !== null && line.value !== "").filter((line) => line !== null);
}

export function timelineOf(view: CardView, words: Words): readonly Fact[] {
  return view.timeline.map(({ at, status, attempts }) => ({
    title: localTime(at),
    value: attempts === null ? plain(status, 60) : `${plain(status, 60)} · ${words.attempt(attempts)}`,
  }));
}

function isFailure(view: CardView): boolean {
  return view.standing === "failed" || view.error !== null;
}

function errorText({ error }: CardView, words: Words): string {
  if (error === null) return words.facts.noMessage;
  const { code, message } = error;
  if (code === null) return plain(message ?? words.facts.noMessage, 400);
  return message === null ? plain(code, 100) : `${plain(code, 100)} — ${plain(message, 400)}`;
}

function isEnd(standing: Standing): boolean {
  return standing === "unavailable" || standing === "notFound" || standing === "forbidden";
}
