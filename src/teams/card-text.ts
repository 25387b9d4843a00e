import type { CardView, Standing } from "../core/card-view.ts";
import { CLOUDS, type CloudName } from "../core/clouds.ts";
import { credentialProblemOf } from "../core/credential-problem.ts";
import { explanationOf } from "../core/explain.ts";
import type { EpochMs } from "../core/ids.ts";
import { printInstant } from "../core/instants.ts";
import { kindOf } from "../core/kinds.ts";
import { countSteps, type Step } from "../core/steps.ts";
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
  return isWorthShowing
    ? words.joins.qualified(words.kinds[kind], cut(operationType, 60))
    : words.kinds[kind];
}

/** "Create team — succeeded": the card's first line, the toast and the line in the chat list. */
export function titleOf(view: CardView, words: Words, cut: Cut = plain): string {
  return words.joins.title(headOf(view, words, cut), standingOf(view, words));
}

/** What it is called: by a pipeline, or by what it does. */
export function headOf(view: CardView, words: Words, cut: Cut = plain): string {
  return view.title === null ? nameOf(view, words, cut) : cut(view.title, 120);
}

/** "succeeded (1 part failed)". */
export function standingOf(view: CardView, words: Words): string {
  const more = qualifierOf(view, words);
  const standing = words.standings[view.standing];
  return more === null ? standing : words.joins.qualified(standing, more);
}

/** What the word for how it stands leaves out, and a reader must not miss. */
function qualifierOf(view: CardView, words: Words): string | null {
  if (isPartial(view)) return words.partsFailed(failedSteps(view).length);
  const isRunning = view.standing === "running" || view.standing === "waiting";
  return isRunning && view.isSlow ? words.slowShort : null;
}

/** It succeeded, and Graph says of a part of it that it did not. */
export function isPartial(view: CardView): boolean {
  return (view.standing === "succeeded" || view.standing === "ready") && failedSteps(view).length > 0;
}

function failedSteps({ steps }: CardView): readonly Step[] {
  return steps.filter(({ state }) => state === "failed");
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
  return view.standing === "failed" ? words.joins.reason(title, errorText(view, words, cut)) : title;
}

export function meaningOf(view: CardView, words: Words): string {
  // Not asked for the first time any more, when it tells since when there was no answer.
  if (view.standing === "asking" && view.trouble !== null) return "";
  const sentences: readonly (string | null)[] = [
    words.meanings[view.standing],
    view.standing === "forbidden" ? permissionOf(view, words) : null,
    isOver(view.standing) ? explained(view, words) : pace(view, words),
    view.standing === "succeeded" && view.isUnseen ? words.unseen : null,
  ];
  return words.joins.sentences(sentences.filter((sentence) => sentence !== null));
}

function permissionOf({ kind }: CardView, words: Words): string {
  const { application, rsc, isDocumented, page } = kindOf(kind).permissions;
  if (isDocumented) return words.permission(application.slice(0, 1), rsc.slice(0, 1), page);
  return application.length === 0
    ? words.permissionUnknown(page)
    : words.permissionUndocumented([...application, ...rsc], page);
}

/** What a known error means, and which parts failed although the whole did not. */
function explained(view: CardView, words: Words): string | null {
  const failed = failedSteps(view);
  const named = failed.slice(0, NAMED_STEPS).map(stepName);
  const parts = failed.length === 0 ? null : words.failedSteps(named, failed.length - named.length);
  if (view.standing !== "failed") return parts;
  const explanation = explanationOf(view.error?.code ?? null);
  const sentences = [explanation === null ? null : words.explanations[explanation], parts];
  const told = sentences.filter((sentence) => sentence !== null);
  return told.length === 0 ? null : words.joins.sentences(told);
}

/** How long it usually takes, while it runs. */
function pace({ standing, usual, isSlow }: CardView, words: Words): string | null {
  if (usual === null || (standing !== "running" && standing !== "waiting")) return null;
  return isSlow && usual.p95Ms !== null
    ? words.slow(words.duration(usual.p95Ms))
    : words.usual(words.duration(usual.medianMs));
}

const NAMED_STEPS = 5;

function stepName({ name }: Step): string {
  const text = plain(name, 60);
  return text === "" ? "—" : text;
}

/** "▰▰▰▰▱▱▱▱▱▱ 40 %", "Apps 1 of 2, channels 0 of 3"; of what has succeeded whole it says nothing. */
function progressOf(view: CardView, words: Words): string | null {
  const { percent, steps, standing } = view;
  if ((standing === "succeeded" || standing === "ready") && !isPartial(view)) return null;
  const counted = countSteps(steps)
    .filter(({ isTold }) => isTold)
    .map((count) => words.stepCount(count));
  // Full only when it is.
  const filled = Math.floor((percent ?? 0) / 10);
  const bar =
    percent === null
      ? []
      : [`${"▰".repeat(filled)}${"▱".repeat(10 - filled)} ${words.joins.percent(percent)}`];
  const parts = [...bar, ...counted];
  const text = words.joins.list(parts);
  return text === "" ? null : text.charAt(0).toLocaleUpperCase(words.locale) + text.slice(1);
}

export function troubleOf(view: CardView, words: Words, clock: Clock = localTime): string {
  const { trouble, standing } = view;
  // The sentences of these say it already.
  if (trouble === null || standing === "notYetFound" || isEnd(standing)) return "";
  const told = words.troubles[trouble.kind](clock(trouble.since));
  if (trouble.kind !== "noToken") return told;
  return words.joins.sentences([told, words.credentialProblems[credentialProblemOf(trouble.message ?? "")]]);
}

/** What a card shows of an operation, line by line; the same as `status` answers. */
export function factsOf(view: CardView, words: Words, clock: Clock = localTime): readonly Fact[] {
  const { facts } = words;
  const progress = progressOf(view, words);
  // Where Graph gave no error, its detail is the reason, and stands there.
  const isReason = isFailure(view) && view.error === null;
  const lines: readonly (Fact | null)[] = [
    isFailure(view) ? { title: facts.error, value: errorText(view, words, plain) } : null,
    view.detail === null || isReason ? null : { title: facts.detail, value: plain(view.detail) },
    progress === null ? null : { title: facts.progress, value: progress },
    view.targetId === null ? null : { title: facts.target, value: plain(abbreviated(view.targetId)) },
    view.status === null ? null : { title: facts.status, value: plain(view.status, 60) },
    view.attempts === null ? null : { title: facts.attempts, value: String(view.attempts) },
    view.title === null ? null : { title: facts.kind, value: nameOf(view, words) },
    view.startedAt === null
      ? { title: facts.tracked, value: clock(view.trackedAt) }
      : { title: facts.started, value: clock(view.startedAt) },
    view.changedAt - (view.startedAt ?? view.trackedAt) < 1_000
      ? null
      : { title: facts.changed, value: clock(view.changedAt) },
    { title: facts.requester, value: plain(view.requester, 100) },
    { title: facts.operation, value: plain(abbreviated(view.operation)) },
  ];
  const told = lines.filter((line) => line !== null);
  // What is written from left to right keeps its own order of words and points.
  return words.direction === "ltr"
    ? told
    : told.map(({ title, value }) => ({ title, value: `\u2068${value}\u2069` }));
}

/**
 * What Microsoft's support asks for, a line each, ready to be copied. In Graph's own terms, whatever
 * the reader's language.
 */
export function supportOf(view: CardView, cloud: CloudName, max = MAX_SUPPORT_VALUE): readonly string[] {
  const { trouble, evidence, error } = view;
  const answered =
    trouble === null || trouble.httpStatus === null
      ? null
      : [trouble.httpStatus, trouble.code, trouble.message].filter((part) => part !== null).join(" · ");
  const refused = trouble !== null && trouble.requestId !== null ? trouble : null;
  const trace = refused ?? evidence;
  const answeredAt = refused === null ? (evidence?.at ?? null) : null;
  const lines: readonly (readonly [string, string | null])[] = [
    ["cloud", cloud],
    ["operation", view.operation],
    ["operationType", view.operationType],
    ["status", view.status],
    ["attemptsCount", view.attempts === null ? null : String(view.attempts)],
    [
      "error",
      error === null ? null : [error.code, error.message].filter((part) => part !== null).join(" · "),
    ],
    ["answer", answered],
    ["targetResourceId", view.targetId],
    ["targetResourceLocation", view.targetLocation],
    view.startedAt === null
      ? ["tracked", printInstant(view.trackedAt)]
      : ["started", printInstant(view.startedAt)],
    ["changed", printInstant(view.changedAt)],
    ["request-id", trace?.requestId ?? null],
    ["client-request-id", trace?.clientRequestId ?? null],
    ["answered", answeredAt === null ? null : printInstant(answeredAt)],
  ];
  const told = lines.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [`${name}: ${plain(value, max)}`],
  );
  return [`GET ${CLOUDS[cloud].graphOrigin}${plain(view.address, 2 * max)}`, ...told];
}

const MAX_SUPPORT_VALUE = 512;

/** The parts of a bigger operation, for the details. */
export function stepsOf(view: CardView, words: Words): readonly Fact[] {
  const shown = view.steps.slice(0, LISTED_STEPS).map((step) => ({
    title: words.stepGroups[step.group],
    // `com.microsoft.teamspace.tab.vsts` has no other place to break on a narrow card.
    value: `${STEP_GLYPHS[step.state]} ${stepName(step).replace(/[.-]/gu, "$&\u200b")}`,
  }));
  const more = view.steps.length - shown.length;
  return more === 0 ? shown : [...shown, { title: "", value: words.more(more) }];
}

const LISTED_STEPS = 30;

const STEP_GLYPHS: Readonly<Record<CardView["steps"][number]["state"], string>> = {
  waiting: "○",
  running: "●",
  done: "✓",
  failed: "✗",
  unknown: "·",
};

export function timelineOf(view: CardView, words: Words): readonly Fact[] {
  return view.timeline.map(({ at, status, attempts }) => ({
    title: localTime(at),
    value: attempts === null ? plain(status, 60) : `${plain(status, 60)} · ${words.attempt(attempts)}`,
  }));
}

function isFailure(view: CardView): boolean {
  return view.standing === "failed" || view.error !== null;
}

function errorText({ error, detail }: CardView, words: Words, cut: Cut): string {
  if (error === null) return detail === null ? words.facts.noMessage : cut(detail, 400);
  const { code, message } = error;
  if (code === null) return cut(message ?? words.facts.noMessage, 400);
  return message === null ? cut(code, 100) : `${cut(code, 100)} — ${cut(message, 400)}`;
}

/** A long id has no place to break, and would push the table over the card's edge; the details have it whole. */
export function abbreviated(id: string): string {
  return id.length > 40 ? `${id.slice(0, 16)}…${id.slice(-6)}` : id;
}

function isEnd(standing: Standing): boolean {
  return ENDS_WITHOUT_A_WORD.has(standing);
}

const ENDS_WITHOUT_A_WORD: ReadonlySet<Standing> = new Set([
  "unavailable",
  "notFound",
  "notHere",
  "forbidden",
]);

function isOver(standing: Standing): boolean {
  return standing === "succeeded" || standing === "ready" || standing === "failed" || standing === "skipped";
}
