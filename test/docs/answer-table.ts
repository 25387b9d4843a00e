import { parseAddress } from "../../src/core/address.ts";
import { viewOf } from "../../src/core/card-view.ts";
import { decide, type Decision } from "../../src/core/decide.ts";
import { newOperation, type OperationState } from "../../src/core/operation.ts";
import { readCheck, type Reply } from "../../src/graph/read-answer.ts";
import { titleOf, troubleOf } from "../../src/teams/card-text.ts";
import { EN } from "../../src/teams/words/en.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

/**
 * The table of answers in docs/operations.md: the left side is said here, the right side is what the
 * code makes of it.
 */
type Row = {
  readonly when: string;
  readonly replies: readonly Reply[];
  /** Tracked by its bare id. */
  readonly isGuess?: boolean;
};

const INTERVAL = 31_000;
const START = Date.UTC(2026, 10, 21, 12);

const RUNNING = body({ status: "inProgress", attemptsCount: 1 });

const ROWS: readonly Row[] = [
  { when: "`notStarted`", replies: [body({ status: "notStarted" })] },
  { when: "`inProgress`, `running`", replies: [body({ status: "running" })] },
  { when: "`succeeded`, `completed`", replies: [RUNNING, body({ status: "succeeded" })] },
  {
    when: "`failed` with an `error`",
    replies: [
      body({ status: "failed", error: { code: "TeamUnavailable", message: "The team was not found." } }),
    ],
  },
  { when: "`failed` with `error: null`", replies: [body({ status: "failed", error: null })] },
  { when: "`skipped`", replies: [body({ status: "skipped" })] },
  { when: "a status in other capitals (`Succeeded`)", replies: [body({ status: "Succeeded" })] },
  {
    when: "`invalid`, `unspecified`, `unknownFutureValue`: members of the enumerations that mean no state",
    replies: [body({ status: "invalid" })],
  },
  { when: "a status that nobody documented", replies: [body({ status: "pausedForReview" })] },
  { when: "HTTP 202 with a final body", replies: [{ ...body({ status: "succeeded" }), status: 202 }] },
  { when: 'a body wrapped in `{"value": {…}}`', replies: [item(200, { value: { status: "inProgress" } })] },
  {
    when: "an older answer than the last: fewer attempts, an earlier status, less progress",
    replies: [RUNNING, body({ status: "notStarted", attemptsCount: 1 })],
  },
  {
    when: "dates that can't be read, or of the year 1",
    replies: [body({ status: "running", createdDateTime: "0001-01-01T00:00:00Z" })],
  },
  { when: "2xx without a body, once", replies: [RUNNING, item(200, undefined)] },
  {
    when: "2xx with no JSON, half a JSON, or no `status`: three in a row",
    replies: [RUNNING, ...times(3, item(200, "PGh0bWw+"))],
  },
  { when: "400, 500, 502, 503, 504, once", replies: [RUNNING, item(502, {})] },
  { when: "the same three times in a row", replies: [RUNNING, ...times(3, item(502, {}))] },
  { when: "the same for half an hour", replies: [RUNNING, ...times(40, item(502, {}))] },
  { when: "401, twice in a row (with a new token)", replies: [RUNNING, ...times(2, item(401, {}))] },
  {
    when: "403",
    replies: [item(403, { error: { code: "Forbidden", message: "Missing role permissions" } })],
  },
  { when: "404, never a good answer before", replies: [item(404, {})] },
  { when: "404 twenty times, never a good answer before", replies: times(20, item(404, {})) },
  { when: "404 or 400 for a bare id", replies: [item(404, {})], isGuess: true },
  { when: "404 or 410 after a good answer, once", replies: [RUNNING, item(404, {})] },
  {
    when: "404 or 410 after a good answer, three times in a row",
    replies: [RUNNING, ...times(3, item(410, {}))],
  },
  { when: "429 or 503 with `Retry-After: 120`", replies: [RUNNING, item(429, {}, { "Retry-After": "120" })] },
  { when: "429 with `Retry-After: 2.128`", replies: [RUNNING, item(429, {}, { "Retry-After": "2.128" })] },
  {
    when: "429 with a date in `Retry-After`, ten minutes ahead",
    replies: [
      RUNNING,
      item(429, {}, { "Retry-After": new Date(START + 2 * INTERVAL + 600_000).toUTCString() }),
    ],
  },
  { when: "429 without `Retry-After`, the first time", replies: [RUNNING, item(429, {})] },
  {
    when: "429 without `Retry-After`, the third time in a row",
    replies: [RUNNING, ...times(3, item(429, {}))],
  },
  {
    when: "nothing: a timeout, a reset, an item missing from the batch; three in a row",
    replies: [RUNNING, ...times(3, { kind: "noAnswer" as const, message: "timeout" })],
  },
  {
    when: "no token could be had, twice in a row",
    replies: [RUNNING, ...times(2, { kind: "noToken" as const, message: "expired secret" })],
  },
];

export function answerTable(): string {
  const rows = ROWS.map(
    ({ when, replies, isGuess }) => `| ${when} | ${conclusionOf(replies, isGuess ?? false)} |`,
  );
  return ["| Graph answers | the card says | then |", "| --- | --- | --- |", ...rows].join("\n");
}

function conclusionOf(replies: readonly Reply[], isGuess: boolean): string {
  let state: OperationState = newOperation(START, isGuess);
  let at = START;
  let decision: Decision | null = null;
  for (const reply of replies) {
    at = decision?.next.kind === "check" ? decision.next.at : at + INTERVAL;
    decision = decide(state, readCheck("team", reply, at), at, {
      intervalMs: INTERVAL,
      spread: 0,
      kind: "team",
      usual: new Map(),
      looks: false,
    });
    ({ state } = decision);
  }
  if (decision === null) throw new Error("A row needs an answer.");
  return `${saidOf(state)} | ${nextOf(decision, at)}`;
}

function saidOf(state: OperationState): string {
  const watch = {
    title: null,
    link: null,
    requester: { id: "29:a", name: "A" },
    notify: "auto",
    createdAt: START,
    closed: null,
  } as const;
  const view = viewOf(ADDRESS, state, watch);
  const standing = titleOf(view, EN).split(" — ")[1] ?? "";
  const trouble = troubleOf(view, EN, () => "…");
  return trouble === "" ? `“${standing}”` : `“${standing}”, and: ${trouble}`;
}

function nextOf({ next, pauseUntil }: Decision, at: number): string {
  if (next.kind === "end") return "that is the end";
  const wait = EN.duration(next.at - at);
  return pauseUntil === null
    ? `asked again after ${wait}`
    : `the whole tenant waits; asked again after ${wait}`;
}

const ADDRESS = (() => {
  const result = parseAddress("/teams('t')/operations('o')", GLOBAL_GRAPH);
  if (!result.ok) throw new Error("The sample is no address.");
  return result.address;
})();

function body(fields: Readonly<Record<string, unknown>>): Extract<Reply, { kind: "item" }> {
  return item(200, {
    operationType: "createTeam",
    createdDateTime: new Date(START).toISOString(),
    ...fields,
  });
}

function item(
  status: number,
  content: unknown,
  headers: Readonly<Record<string, unknown>> = {},
): Extract<Reply, { kind: "item" }> {
  return { kind: "item", status, headers, body: content, clientRequestId: null };
}

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}
