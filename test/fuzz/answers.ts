import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import type { LookAnswer } from "../../src/core/answer.ts";
import { decide, decideLook, type Circumstances } from "../../src/core/decide.ts";
import { newOperation, type OperationState, type Outcome } from "../../src/core/operation.ts";
import { isBody } from "../../src/graph/decode-operation.ts";
import { readCheck, readLook, type ReplyItem } from "../../src/graph/read-answer.ts";
import { some, type Random, type Violation } from "./random.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const START = Date.UTC(2026, 10, 21, 12);
const INTERVAL = 31_000;

const BODIES = some([
  ...readdirSync(FIXTURES)
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFileSync(new URL(name, FIXTURES), "utf8")),
  '{"status":"running","percentageComplete":40,"type":"contentTypeCopy"}',
  '{"status":"failed","error":{"code":"x","message":{"lang":"en","value":"y"},"innerError":{"request-id":"z"}}}',
  '{"value":{"status":"succeeded","operationType":"createCommunity"}}',
  '{"status":"failed","numbers":[{"statusDetail":"x"}]}',
]);

/** Every word for an end; written down anew, so that nothing here learns it from what is tested. */
const ENDS: Readonly<Record<string, Outcome>> = {
  succeeded: "succeeded",
  completed: "succeeded",
  complete: "succeeded",
  failed: "failed",
  deletefailed: "failed",
  submissionfailed: "failed",
  skipped: "skipped",
};

const WORDS = some([
  ...Object.keys(ENDS),
  ..."notStarted inProgress running invalid unknownFutureValue unspecified Success done SUCCEEDED Failed constructor __proto__ toString".split(
    " ",
  ),
  "",
  " ",
  " succeeded",
  "succeeded\u0000",
  "suc\u0000ceeded",
  "ſucceeded",
  "skİpped",
]);
const VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e21,
  1e308,
  "",
  "x",
  "2015-06-19T12-01-03.45Z",
  "0001-01-01T00:00:00Z",
  "2020-06-15T22:28:16.3007846Z",
  "2026-11-21T04:00:00.000000-08:00",
  "+275760-09-13T00:00:00.000Z",
  [],
  {},
  [[]],
  "x".repeat(2_000),
  "\u0000",
  "\ud800",
  `${"x".repeat(999)}\u{1f600}`,
  '{"apps":[{"Reference":"a","Status":"Failed"}]}',
  '{"apps":[null,{"Reference":"\\ud800"}],"appIds":["a"]}',
  "/teams('a')",
  "createTeam",
];
const NAMES = some(
  "status error code message innerError value Value values operationType type attemptsCount createdDateTime targetResourceId targetResourceLocation resourceLocation percentageComplete statusDetail __proto__ Status".split(
    " ",
  ),
);
const STATUSES = some([
  ...Array.from({ length: 12 }, () => 200),
  ...Array.from({ length: 5 }, () => 404),
  202,
  202,
  204,
  201,
  299,
  0,
  100,
  302,
  400,
  400,
  401,
  403,
  409,
  410,
  410,
  424,
  429,
  429,
  500,
  502,
  503,
  503,
  504,
  -1,
  1e9,
  200.5,
]);
const RETRY_AFTERS: readonly [unknown, ...unknown[]] = [
  "0",
  "1",
  "30",
  "2.128",
  5,
  "-1",
  "1e9",
  "99999999999",
  "Sat, 21 Nov 2026 13:00:00 GMT",
  "soon",
  "",
  null,
  {},
  "9".repeat(400),
];
const KINDS = some(["team", "chat", "engagement", "site", "connection", "telephoneNumber", "other"] as const);

function mutated(value: unknown, random: Random, depth = 0): unknown {
  if (random.isOneIn(60)) return random.pick(VALUES);
  if (Array.isArray(value)) return value.map((item: unknown) => mutated(item, random, depth + 1));
  if (!isBody(value)) return value;
  const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    switch (random.below(25)) {
      case 0:
        return [];
      case 1:
        return [[random.pick(NAMES), field]];
      case 2:
        return [[name, random.pick(VALUES)]];
      case 3:
        return [[name, depth < 3 ? mutated(JSON.parse(random.pick(BODIES)), random, depth + 1) : field]];
      default:
        return [[name, mutated(field, random, depth + 1)]];
    }
  });
  if (random.isOneIn(3)) entries.push(["status", random.pick(WORDS)]);
  if (random.isOneIn(10)) entries.push([random.pick(NAMES), random.pick(VALUES)]);
  return Object.fromEntries(entries);
}

function damaged(text: string, random: Random): unknown {
  const at = random.below(text.length);
  const cut = random.isOneIn(2)
    ? text.slice(0, at)
    : text.slice(0, at) + String.fromCharCode(random.below(128)) + text.slice(at + 1);
  try {
    return JSON.parse(cut);
  } catch {
    return cut;
  }
}

function aBody(random: Random): unknown {
  const text = random.pick(BODIES);
  if (random.isOneIn(8)) return damaged(text, random);
  const parsed: unknown = JSON.parse(text);
  const body = mutated(parsed, random);
  if (random.isOneIn(12)) return { value: body };
  if (random.isOneIn(300))
    return Array.from({ length: 3_000 }, () => body).reduce<unknown>((inner) => ({ error: inner }), body);
  return body;
}

type Answered = { readonly item: ReplyItem; readonly gapMs: number };
export type AnswerCase = {
  readonly kind: (typeof KINDS)[number];
  readonly isGuess: boolean;
  readonly looks: boolean;
  readonly answered: readonly Answered[];
};

/** A short sequence of what Graph could answer, and more than that. */
export function makeAnswers(random: Random): AnswerCase {
  const one = random.pick(STATUSES);
  const isSteady = random.isOneIn(3);
  const length = isSteady ? random.below(25) + 1 : random.below(6) + 1;
  return {
    kind: random.pick(KINDS),
    isGuess: random.isOneIn(4),
    looks: random.isOneIn(2),
    answered: Array.from({ length }, () => ({
      gapMs: random.below(random.isOneIn(4) ? 3_600_000 : 40_000),
      item: {
        kind: "item",
        status: isSteady ? one : random.pick(STATUSES),
        headers: {
          ...(random.isOneIn(4)
            ? { [random.pick(["Retry-After", "retry-after"])]: random.pick(RETRY_AFTERS) }
            : {}),
          ...(random.isOneIn(4) ? { "request-id": random.pick(VALUES) } : {}),
        },
        body: aBody(random),
        clientRequestId: random.isOneIn(2) ? "c" : null,
      },
    })),
  };
}

/** The end that a body tells of by its own word. */
function endOf({ status, body }: ReplyItem): Outcome | null {
  if (!(status >= 200 && status <= 299) || !isBody(body)) return null;
  const wrapped = body["value"];
  const own = body["status"] === undefined && isBody(wrapped) ? wrapped : body;
  const word = own["status"];
  if (typeof word !== "string") return null;
  return (
    Object.entries(ENDS).find(([end]) => end === word.replaceAll("\u0000", "").toLowerCase())?.[1] ?? null
  );
}

/** Whether the documented rules allow that end at the last of these answers. */
function isAllowed(outcome: Outcome, told: readonly ReplyItem[], before: OperationState): boolean {
  const last = told.at(-1);
  if (last === undefined) return false;
  const isMissing = ({ status }: ReplyItem): boolean => status === 404 || status === 410;
  const missing = told.filter(isMissing).length;
  switch (outcome) {
    case "succeeded":
    case "failed":
    case "skipped":
      return endOf(last) === outcome;
    case "forbidden":
      return last.status === 403;
    case "unavailable":
      return before.snapshot !== null && isMissing(last) && missing >= 3;
    case "notFound":
      return (
        before.snapshot === null &&
        (before.isGuess ? isMissing(last) || last.status === 400 : isMissing(last) && missing >= 20)
      );
  }
}

/** JSON has no -0; nor does it matter. */
function withoutMinusZero(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (!isBody(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withoutMinusZero(field)]));
}

/** In JSON: a NUL or half a character, and not a text about one. */
const UNFIT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/iu;

export type AnswerCounts = { answers: number; ends: Partial<Record<Outcome, number>> };

/** The first thing that is wrong with what is made of these answers, or null. */
export function checkAnswers(given: AnswerCase, counts: AnswerCounts): Violation | null {
  const wrong = (what: string): Violation => ({ what, input: JSON.stringify(given) });
  const circumstances: Circumstances = {
    intervalMs: INTERVAL,
    spread: 0.5,
    kind: given.kind,
    usual: new Map([["team/createTeam", { count: 10, medianMs: 60_000, p95Ms: 300_000 }]]),
    looks: given.looks,
  };
  let state = newOperation(START, given.isGuess);
  let now = START;
  const told: ReplyItem[] = [];
  try {
    for (const { item, gapMs } of given.answered) {
      now += gapMs;
      told.push(item);
      const before = state;
      const decision = decide(before, readCheck(given.kind, item, now), now, circumstances);
      ({ state } = decision);
      counts.answers += 1;
      if (before.outcome !== null) {
        if (state !== before || decision.visibleChange) return wrong("an end did not stay as it was");
        const look: LookAnswer = readLook(item, now);
        const looked = decideLook(state, look, now, circumstances);
        const { outcome, snapshot } = looked.state;
        if (outcome !== before.outcome || snapshot !== before.snapshot)
          return wrong("a look changed the end");
        continue;
      }
      const { outcome } = state;
      if (outcome !== null) {
        counts.ends[outcome] = (counts.ends[outcome] ?? 0) + 1;
        if (!isAllowed(outcome, told, before)) return wrong(`${outcome} was not told`);
      } else if (endOf(item) !== null) {
        return wrong("an end that was told is none");
      }
      const { next } = decision;
      if (next.kind === "end" ? outcome === null : !Number.isSafeInteger(next.at))
        return wrong("there is no next time");
      if (next.kind !== "end" && (next.at < now + INTERVAL || next.at > now + 86_400_000 + INTERVAL)) {
        return wrong(`the next check is at ${next.at - now} ms`);
      }
      if (decision.pauseUntil !== null && !Number.isSafeInteger(decision.pauseUntil))
        return wrong("the pause has no end");
      const stored = JSON.stringify(state);
      const copy: unknown = JSON.parse(stored);
      if (!isDeepStrictEqual(copy, withoutMinusZero(state)))
        return wrong("the state does not survive its being stored");
      if (UNFIT.test(stored)) return wrong("the state is not fit for the database");
      if (stored.length > 60_000) return wrong("the state is too long");
    }
    return null;
  } catch (error) {
    return wrong(`it throws ${String(error)}`);
  }
}
