import fc from "fast-check";

import type { CardView, Standing } from "../../src/core/card-view.ts";
import { KINDS, OTHER } from "../../src/core/kinds.ts";
import { conversationId, operationId, parseWatchId, tenantId, type WatchId } from "../../src/core/ids.ts";
import { newOperation } from "../../src/core/operation.ts";
import type { Conversation, WatchRecord } from "../../src/flows/ports.ts";
import { ADDRESS, START, TRACE, aWatch } from "../core/samples.ts";

function anId(text: string): WatchId {
  const id = parseWatchId(text);
  if (id === null) throw new Error(`${text} is no watch's id`);
  return id;
}

export const WATCH = anId("5b1d7e90-6c24-4f3a-8e15-a0c9d2f47b68");

export const STANDINGS: readonly Standing[] = [
  "asking",
  "waiting",
  "running",
  "unrecognised",
  "notYetFound",
  "notHere",
  "ready",
  "succeeded",
  "failed",
  "skipped",
  "unavailable",
  "notFound",
  "forbidden",
  "stopped",
  "expired",
];

export function aView(fields: Partial<CardView> = {}): CardView {
  return {
    standing: "running",
    kind: "team",
    operationType: "createTeam",
    status: "inProgress",
    attempts: 1,
    startedAt: START,
    trackedAt: START,
    changedAt: START + 60_000,
    requester: "Alex Wilber",
    title: null,
    link: null,
    targetId: "79afc64f-c76b-4edc-87f3-a47a1264695a",
    targetLocation: "/teams('79afc64f-c76b-4edc-87f3-a47a1264695a')",
    error: null,
    detail: null,
    operation: ADDRESS.operation,
    address: `/v1.0${ADDRESS.path}`,
    trouble: null,
    timeline: [{ at: START, phase: "running", status: "inProgress", attempts: 1 }],
    percent: null,
    steps: [],
    usual: null,
    isSlow: false,
    webUrl: null,
    isUnseen: false,
    evidence: { ...TRACE, at: START + 60_000 },
    isLive: true,
    ...fields,
  };
}

export const PERSONAL: Conversation = {
  id: conversationId("a:1personal"),
  tenantId: tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13"),
  kind: "personal",
  teamId: null,
  groupId: null,
  userId: null,
  reference: {
    serviceUrl: "https://smba.trafficmanager.net/emea/",
    botId: "28:11112222-6c24-4f3a-8e15-a0c9d2f47b68",
    botName: "Opwatch",
  },
};
export const GROUP: Conversation = {
  ...PERSONAL,
  id: conversationId("19:2da4@thread.v2"),
  kind: "groupChat",
};
export const CHANNEL: Conversation = {
  ...PERSONAL,
  id: conversationId("19:561f@thread.tacv2"),
  kind: "channel",
};

export function aRecord(fields: Partial<WatchRecord> = {}): WatchRecord {
  return {
    ...aWatch(),
    id: WATCH,
    operationId: operationId("3a6fdce1-c261-48bc-89de-1cfef658c0d5"),
    conversationId: PERSONAL.id,
    threadId: PERSONAL.id,
    address: ADDRESS,
    state: newOperation(START),
    activityId: "1700000000002",
    ...fields,
  };
}

/** What a service or a person could send to break out of a text. */
export const HOSTILE = [
  "**bold** _it_ ~~gone~~ `code`",
  "[click](https://evil.example)",
  "![pixel](https://evil.example/x.png)",
  "<at>Everyone</at>",
  "<a href='https://evil.example'>x</a>",
  "first\nsecond\r\n\r\n# third",
  "\u2028line\u2029paragraph\u0000nul\u0007bell",
  "| a | b |\n|---|---|",
  "\\*escaped\\* \\",
  "{{DATE(2026-11-21T12:00:00Z,SHORT)}}",
  "{{DATE(2026-11-21T12:00:00Z,COMPACT)}}",
  "{{{TIME(x)}}}",
  "${summary} ${$root.watch}",
  "$${x}",
  "\"quotes\" 'and' more",
  "__proto__",
  "constructor",
  "\u202egnp.exe",
  "漢字\u{1f600}",
  "\ud83d",
  "x".repeat(5_000),
  "\\".repeat(5_000),
  "`".repeat(1_000),
  "{".repeat(1_000),
  "",
  " ",
];

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(fc.constantFrom(...HOSTILE, "$", "{", "}", "(", ")", "[", "]", "\\", "`", "<", ">"), {
      maxLength: 8,
    })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 400 }),
);

const anInstant = fc.integer({ min: Date.UTC(1990), max: Date.UTC(9999) });

const aTrouble = fc.record({
  kind: fc.constantFrom(
    "notFound" as const,
    "throttled" as const,
    "unauthorized" as const,
    "noToken" as const,
    "refused" as const,
    "unavailable" as const,
    "noAnswer" as const,
    "unreadable" as const,
  ),
  httpStatus: fc.option(fc.nat({ max: 999 })),
  code: fc.option(nastyText),
  message: fc.option(nastyText),
  requestId: fc.option(nastyText),
  clientRequestId: fc.option(nastyText),
  since: anInstant,
  misses: fc.nat(),
  until: fc.option(anInstant),
});

export const KINDS_NAMED = [...KINDS, OTHER].map(({ name }) => name);

const aStep = fc.record({
  group: fc.constantFrom("apps" as const, "channels" as const),
  // As long as `decodeSteps` lets a name be.
  name: nastyText.map((text) => text.slice(0, 100)),
  state: fc.constantFrom("waiting", "running", "done", "failed", "unknown"),
});

export const anyView: fc.Arbitrary<CardView> = fc.record({
  standing: fc.constantFrom(...STANDINGS),
  kind: fc.constantFrom(...KINDS_NAMED),
  operationType: fc.option(nastyText),
  status: fc.option(nastyText),
  attempts: fc.option(fc.nat()),
  startedAt: fc.option(anInstant),
  trackedAt: anInstant,
  changedAt: anInstant,
  requester: nastyText,
  // As the API takes them.
  title: fc.option(nastyText.map((text) => text.slice(0, 200))),
  link: fc.option(fc.stringMatching(/^https:\/\/ci\.example\/[\w/?&=%.$@:~*!(),;+-]{0,200}$/u)),
  targetId: fc.option(nastyText),
  targetLocation: fc.option(nastyText),
  error: fc.option(fc.record({ code: fc.option(nastyText), message: fc.option(nastyText) })),
  detail: fc.option(nastyText),
  operation: nastyText,
  address: nastyText,
  trouble: fc.option(aTrouble),
  timeline: fc.array(
    fc.record({
      at: anInstant,
      phase: fc.constantFrom("waiting" as const, "running" as const, "unrecognised" as const),
      status: nastyText,
      attempts: fc.option(fc.nat()),
    }),
    { maxLength: 12 },
  ),
  percent: fc.option(fc.integer({ min: 0, max: 100 })),
  steps: fc.array(aStep, { maxLength: 75 }),
  usual: fc.option(
    fc.record({
      count: fc.integer({ min: 10 }),
      medianMs: fc.nat(),
      p95Ms: fc.nat(),
    }),
  ),
  isSlow: fc.boolean(),
  // As `safeWebUrl` lets it through.
  webUrl: fc.option(fc.stringMatching(/^https:\/\/teams\.microsoft\.com\/[\w/?&=%.$@:~*!(),;+-]{0,200}$/u)),
  isUnseen: fc.boolean(),
  evidence: fc.option(
    fc.record({ requestId: fc.option(nastyText), clientRequestId: fc.option(nastyText), at: anInstant }),
  ),
  isLive: fc.boolean(),
});

/** The Markdown that a client would act on: what `plain` may let through is none of it. */
export function liveMarkdownIn(text: string): readonly string[] {
  const unescaped = text.replaceAll(/\\[\\`*_[\]()#~|]/gu, " ");
  return [
    ...(unescaped.match(/[\\`*_[\]()#~|<>]/gu) ?? []),
    ...(unescaped.match(/\{\{/gu) ?? []),
    ...(unescaped.match(/[\n\r\u2028\u2029\u0000]/gu) ?? []),
  ];
}
