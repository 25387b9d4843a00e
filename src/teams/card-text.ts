import type { CardView, Standing } from "../core/card-view.ts";
import type { EpochMs } from "../core/ids.ts";
import { localTime, plain, shortened } from "./plain-text.ts";
import type { Words } from "./words/words.ts";

export type Fact = { readonly title: string; readonly value: string };
type Clock = (at: EpochMs) => string;
/** How a text from outside is made fit for its place. */
type Cut = (text: string, max: number) => string;

/** "Create team": what the operation does. */
export function nameOf(view: CardView, words: Words, cut: Cut = plain): string {
  const { operationType, kind } = view;
  const known =
    operationType === null || !Object.hasOwn(words.operationTypes, operationType)
      ? undefined
      : words.operationTypes[operationType];
  if (known !== undefined) return known;
  const isWorthShowing = operationType !== null && operationType !== "unknownFutureValue";
  return isWorthShowing ? `${words.kinds[kind]} (${cut(operationType, 60)})` : words.kinds[kind];
}

/** "Create team — succeeded": the card's first line, the toast and the line in the chat list. */
export function titleOf(view: CardView, words: Words, cut: Cut = plain): string {
  return `${nameOf(view, words, cut)} — ${words.standings[view.standing]}`;
}

/** The title and, of a failure, why: for toasts and the chat list, without any markup. */
export function summaryOf(view: CardView, words: Words): string {
  return withReason(view, words, shortened);
}

/** The same for a message or a card, escaped. */
export function headlineOf(view: CardView, words: Words): string {
  return withReason(view, words, plain);
}

function withReason(view: CardView, words: Words, cut: Cut): string {
  const title = titleOf(view, words, cut);
  return view.standing === "failed" ? `${title}: ${errorText(view, words, cut)}` : title;
}

export function meaningOf(view: CardView, words: Words): string {
  // Not asked for the first time any more, when it tells since when there was no answer.
  if (view.standing === "asking" && view.trouble !== null) return "";
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
    isFailure(view) ? { title: facts.error, value: errorText(view, words, plain) } : null,
    view.detail === null ? null : { title: facts.detail, value: plain(view.detail) },
    view.targetId === null ? null : { title: facts.target, value: plain(abbreviated(view.targetId)) },
    view.status === null ? null : { title: facts.status, value: plain(view.status, 60) },
    view.attempts === null ? null : { title: facts.attempts, value: String(view.attempts) },
    { title: facts.started, value: clock(view.startedAt) },
    view.changedAt - view.startedAt < 1_000 ? null : { title: facts.changed, value: clock(view.changedAt) },
    { title: facts.requester, value: plain(view.requester, 100) },
    { title: facts.operation, value: plain(abbreviated(view.operation)) },
  ];
  return lines.filter((line) => line !== null);
}

/** For support: where the operation is, and what Graph said when it refused. */
export function detailsOf(view: CardView, words: Words): readonly Fact[] {
  const { facts } = words;
  const { trouble } = view;
  const lines: readonly (Fact | null)[] = [
    { title: facts.operationId, value: plain(view.operation, 512) },
    { title: facts.address, value: plain(view.address, 1_200) },
    view.targetId === null ? null : { title: facts.targetId, value: plain(view.targetId, 512) },
    view.targetLocation === null
      ? null
      : { title: facts.targetAddress, value: plain(view.targetLocation, 600) },
    trouble === null || trouble.httpStatus === null
      ? null
      : {
          title: facts.httpStatus,
          value: [trouble.httpStatus, trouble.code, trouble.message]
            .filter((part) => part !== null)
            .map((part) => plain(String(part), 500))
            .join(" · "),
        },
    trouble === null || trouble.requestId === null
      ? null
      : { title: facts.requestId, value: plain(trouble.requestId, 100) },
  ];
  return lines.filter((line) => line !== null).filter(({ value }) => value !== "");
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

function errorText({ error }: CardView, words: Words, cut: Cut): string {
  if (error === null) return words.facts.noMessage;
  const { code, message } = error;
  if (code === null) return cut(message ?? words.facts.noMessage, 400);
  return message === null ? cut(code, 100) : `${cut(code, 100)} — ${cut(message, 400)}`;
}

/** A long id has no place to break, and would push the table over the card's edge; the details have it whole. */
export function abbreviated(id: string): string {
  return id.length > 40 ? `${id.slice(0, 16)}…${id.slice(-6)}` : id;
}

function isEnd(standing: Standing): boolean {
  return standing === "unavailable" || standing === "notFound" || standing === "forbidden";
}
