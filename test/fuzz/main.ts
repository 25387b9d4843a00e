/**
 * Millions of pastes and answers that nobody would think of: `node test/fuzz/main.ts [--seed N]
 * [--pastes 1000000] [--answers 100000] [--all]`. Stops with exit code 1 at the first thing that is
 * wrong, and prints its input and how to make it again; with `--all` it goes on, and prints the
 * first of each sort.
 */
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

import { checkAnswers, makeAnswers, type AnswerCounts } from "./answers.ts";
import { checkPaste, makePaste, type PasteCounts } from "./pastes.ts";
import { Random, type Violation } from "./random.ts";

type Task = {
  readonly seed: number;
  readonly pastes: number;
  readonly answers: number;
  readonly first: number;
  readonly step: number;
  readonly goesOn: boolean;
};
type Finding = Violation & { readonly case: string; readonly times: number };
type Report = { readonly findings: Finding[]; readonly pastes: PasteCounts; readonly answers: AnswerCounts };

/** What differs from one finding to the next of the same sort. */
function sortOf(what: string): string {
  return what.replace(/ \/\S* /u, " … ");
}

function run({ seed, pastes, answers, first, step, goesOn }: Task): Report {
  const findings = new Map<string, Finding>();
  const pasteCounts: PasteCounts = { addresses: 0, nearMisses: 0, bareIds: 0, characters: 0, readBack: 0 };
  const answerCounts: AnswerCounts = { answers: 0, ends: {} };
  const report = (): Report => ({
    findings: [...findings.values()],
    pastes: pasteCounts,
    answers: answerCounts,
  });
  /** Whether to stop. */
  const keep = (violation: Violation | null, name: string): boolean => {
    if (violation === null) return false;
    const sort = sortOf(violation.what);
    const known = findings.get(sort);
    const shorter = known === undefined || violation.input.length < known.input.length;
    const shown = shorter ? { ...violation, case: name } : known;
    findings.set(sort, { ...shown, times: (known?.times ?? 0) + 1 });
    return !goesOn;
  };
  for (let index = first; index < pastes; index += step) {
    const random = new Random(seed, index);
    if (keep(checkPaste(makePaste(random), random, pasteCounts), `paste ${index}`)) return report();
  }
  for (let index = first; index < answers; index += step) {
    if (keep(checkAnswers(makeAnswers(new Random(~seed, index)), answerCounts), `answers ${index}`))
      return report();
  }
  return report();
}

function inWorker(task: Task): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      pastes: { type: "string", default: "1000000" },
      answers: { type: "string", default: "100000" },
      all: { type: "boolean", default: false },
    },
  });
  const task = { seed: Number(values.seed), pastes: Number(values.pastes), answers: Number(values.answers) };
  print(`Seed ${task.seed}: ${task.pastes} pastes, ${task.answers} sequences of answers.`);
  const from = performance.now();
  const step = 2;
  const reports = await Promise.all(
    Array.from({ length: step }, (_, first) => inWorker({ ...task, first, step, goesOn: values.all })),
  );
  const seconds = (performance.now() - from) / 1_000;
  const sum = (count: (report: Report) => number): number =>
    reports.reduce((all, report) => all + count(report), 0);
  print(
    `${sum(({ pastes }) => pastes.characters)} characters held ${sum(({ pastes }) => pastes.addresses)} addresses, ` +
      `${sum(({ pastes }) => pastes.nearMisses)} near misses and ${sum(({ pastes }) => pastes.bareIds)} bare ids; ` +
      `${sum(({ pastes }) => pastes.readBack)} addresses were read back.`,
  );
  const outcomes = new Set(reports.flatMap(({ answers }) => Object.keys(answers.ends)));
  const ends = [...outcomes].map((outcome) => {
    const of = (report: Report): number => new Map(Object.entries(report.answers.ends)).get(outcome) ?? 0;
    return `${sum(of)} ${outcome}`;
  });
  print(`${sum(({ answers }) => answers.answers)} answers ended: ${ends.join(", ")}.`);
  const findings = reports.flatMap((report) => report.findings);
  for (const finding of findings) {
    print(
      `\nWrong: ${finding.what} (seed ${task.seed}, ${finding.case}, ${finding.times} times)\n${JSON.stringify(finding.input)}`,
    );
  }
  print(
    `${findings.length === 0 ? "Nothing is wrong" : "Something is wrong"}, after ${seconds.toFixed(1)} s.`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (isMainThread) {
  await main();
} else {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion, unicorn/require-post-message-target-origin
  parentPort?.postMessage(run(workerData as Task));
}
