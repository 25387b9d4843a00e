import type { Measured } from "./figures.ts";
import type { Result } from "./result.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { SUBJECTS } from "./subjects.ts";

type Column = readonly [title: string, cell: (result: Result) => string];

const STEADY: readonly Column[] = [
  ["check late, p50", ({ outcome }) => duration(outcome.lateness.p50)],
  ["p99", ({ outcome }) => duration(outcome.lateness.p99)],
  ["answer to card, p50", ({ outcome }) => duration(outcome.answerToCard.p50)],
  ["p99", ({ outcome }) => duration(outcome.answerToCard.p99)],
  ["change to card, p99", ({ outcome }) => duration(outcome.changeToCard.p99)],
  ["requests to Graph", perOperationMinute(({ outcome }) => outcome.graphRequests)],
  ["of it refused", perOperationMinute(({ outcome }) => outcome.graphRefused)],
  ["writes to Teams", perOperationMinute(({ outcome }) => outcome.posts + outcome.edits + outcome.messages)],
  ["CPU, ms", perOperationMinute(cpuMs)],
  ["of it the server's", perOperationMinute(({ outcome }) => outcome.serverCpuMs ?? 0)],
  ["memory", ({ outcome }) => `${outcome.memoryMb} MB`],
  ["ends lost", lost],
];

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  bulk: [
    ["acknowledged, p50", ({ outcome }) => duration(outcome.acknowledged.p50)],
    ["p99", ({ outcome }) => duration(outcome.acknowledged.p99)],
    ["refused or lost", ({ outcome }) => String(outcome.refusedTracks)],
    ["first card, p50", ({ outcome }) => duration(outcome.firstCard.p50)],
    ["p99", ({ outcome }) => duration(outcome.firstCard.p99)],
    ["check late, p99", ({ outcome }) => duration(outcome.lateness.p99)],
    ["CPU for a track", (result) => `${(result.outcome.rampCpuMs / cards(result)).toFixed(1)} ms`],
    ["ends lost", lost],
  ],
  "one-chat": [
    ["ends shown", ({ outcome }) => `${outcome.finals - outcome.lostFinals} of ${outcome.finals}`],
    ["change to card, p50", ({ outcome }) => duration(outcome.changeToCard.p50)],
    ["writes", ({ outcome }) => String(outcome.posts + outcome.edits + outcome.messages)],
    ["refused by Teams", ({ outcome }) => String(outcome.teamsRefused)],
    ["cards posted twice", ({ outcome }) => String(outcome.doubled)],
    ["check late, p99", ({ outcome }) => duration(outcome.lateness.p99)],
  ],
  shared: [
    ["checks of an operation in a minute", perOperationMinute(({ outcome }) => outcome.checks)],
    ["within 30 s of another", ({ outcome }) => String(outcome.tooSoon)],
    ["answer to card, p99", ({ outcome }) => duration(outcome.answerToCard.p99)],
    ["CPU, ms", perOperationMinute(cpuMs)],
    ["ends lost", lost],
  ],
  pause: [
    ["others' checks late, p99", ({ outcome }) => duration(outcome.lateness.p99)],
    ["others' answer to card, p99", ({ outcome }) => duration(outcome.answerToCard.p99)],
    ["others' ends lost", lost],
    ["requests in the pause", ({ outcome }) => String(outcome.duringPause ?? 0)],
  ],
  kill: [
    ["ends lost", lost],
    ["recovered after", ({ outcome }) => duration(outcome.recoveryMs)],
    ["checks that never came", ({ outcome }) => String(outcome.missedChecks)],
    ["cards posted twice", ({ outcome }) => String(outcome.doubled)],
    ["change to card, p99", ({ outcome }) => duration(outcome.changeToCard.p99)],
  ],
};

/** All results as Markdown, one table for each scenario that was run. */
export function tablesOf(results: readonly Result[]): string {
  return SCENARIOS.flatMap((scenario) => {
    const rows = results.filter((result) => result.scenario.name === scenario.name);
    return rows.length === 0 ? [] : [tableOf(scenario, rows)];
  }).join("\n\n");
}

function tableOf(scenario: Scenario, rows: readonly Result[]): string {
  const columns = COLUMNS[scenario.name] ?? STEADY;
  const lines = SUBJECTS.flatMap((subject) => {
    const result = rows.find((row) => row.subject === subject.name);
    if (result === undefined) return [];
    const note = noteOf(result, scenario);
    const cells = columns.map(([, cell]) => cell(result));
    return [`| ${subject.title}${note} | ${cells.join(" | ")} |`];
  });
  const head = ["", ...columns.map(([title]) => title)];
  return [
    `### ${capital(scenario.title)}`,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => " --- ").join("|")}|`,
    ...lines,
  ].join("\n");
}

function noteOf({ scenario, outcome }: Result, planned: Scenario): string {
  const { operations, watchers } = scenario;
  const wanted = operations * watchers;
  return [
    operations === planned.operations ? "" : ` (${operations.toLocaleString("en-US")} operations)`,
    scenario.begin === "sent" || outcome.cards >= wanted
      ? ""
      : ` (began with ${outcome.cards.toLocaleString("en-US")} cards)`,
    outcome.hasDied ? " (died)" : "",
  ].join("");
}

function perOperationMinute(value: (result: Result) => number): (result: Result) => string {
  return (result) => {
    const minutes = result.outcome.windowSeconds / 60;
    return significant(value(result) / result.scenario.operations / minutes);
  };
}

export function cpuMs({ outcome }: Result): number {
  return outcome.cpuMs + (outcome.serverCpuMs ?? 0);
}

function cards({ scenario }: Result): number {
  return scenario.operations * scenario.watchers;
}

function lost({ outcome }: Result): string {
  return `${outcome.lostFinals.toLocaleString("en-US")} of ${outcome.finals.toLocaleString("en-US")}`;
}

function duration(value: Measured): string {
  if (value === null) return "—";
  if (value === "never") return "never";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10_000
    ? `${Math.round(value).toLocaleString("en-US")} ms`
    : `${(value / 1_000).toFixed(1)} s`;
}

function significant(value: number): string {
  return value === 0 ? "0" : value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
