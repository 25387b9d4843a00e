import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machineOf } from "./machine.ts";
import type { Result } from "./result.ts";
import { run, type Outcome } from "./run.ts";
import { limited, scaled, SCENARIOS, type Scenario } from "./scenarios.ts";
import { SUBJECTS, type Subject } from "./subjects.ts";

export const DOCS = fileURLToPath(new URL("../../../docs/benchmark/", import.meta.url));
const LATENCY = { graphMs: 80, teamsMs: 120 };
const DEFAULT_INTERVAL = 31;

/**
 * `npm run bench -- compare`: Opwatch beside its peers, one process of each after the other, in the
 * same world with the same messages. What is there already is not measured again, so a long run can
 * be made in pieces.
 */
export async function compare(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      subjects: { type: "string" },
      scenarios: { type: "string" },
      interval: { type: "string", default: String(DEFAULT_INTERVAL) },
      scale: { type: "string", default: "1" },
      seconds: { type: "string" },
      seed: { type: "string", default: "1" },
      together: { type: "string" },
      out: { type: "string" },
      again: { type: "boolean", default: false },
    },
  });
  const intervalSeconds = Number(values.interval);
  const scale = Number(values.scale);
  const isWhole = intervalSeconds === DEFAULT_INTERVAL && scale === 1 && values.seconds === undefined;
  const out = values.out ?? (isWhole ? join(DOCS, "raw") : join(tmpdir(), "opwatch-compare"));
  await mkdir(out, { recursive: true });
  for (const scenario of chosen(SCENARIOS, values.scenarios)) {
    const made = scaled(scenario, scale);
    const fitted =
      values.seconds === undefined ? made : { ...made, window: Number(values.seconds) / intervalSeconds };
    const runs: (() => Promise<void>)[] = [];
    for (const subject of chosen(SUBJECTS, values.subjects)) {
      const file = join(out, `${scenario.name}--${subject.name}.json`);
      if (isPointless(subject, scenario) || (!values.again && (await isThere(file)))) continue;
      const how = { file, intervalSeconds, seed: Number(values.seed) };
      runs.push(() => measure(subject, limited(fitted, subject.most), how));
    }
    await inTurn(runs, Number(values.together ?? scenario.together));
  }
}

/** Some at a time. */
async function inTurn(runs: readonly (() => Promise<void>)[], together: number): Promise<void> {
  const left = [...runs];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: together }, lane));
}

/** A hundred processes at most are waited by; larger crowds would be another scenario. */
function isPointless(subject: Subject, { name, operations, only, fault }: Scenario): boolean {
  if (only !== null) return !only.includes(subject.name);
  return subject.most < Infinity && operations > 100 && fault !== "kill" && name !== "shared";
}

async function measure(
  subject: Subject,
  scenario: Scenario,
  how: { readonly file: string; readonly intervalSeconds: number; readonly seed: number },
): Promise<void> {
  const { intervalSeconds, seed } = how;
  const log = (line: string): void =>
    void process.stdout.write(`${scenario.name}, ${subject.name}: ${line}\n`);
  log("begins");
  const startedAt = new Date().toISOString();
  try {
    const outcome = await run(subject, scenario, { intervalSeconds, seed, latency: LATENCY, log });
    const result: Result = {
      subject: subject.name,
      scenario,
      startedAt,
      intervalSeconds,
      seed,
      latency: LATENCY,
      machine: await machineOf(),
      outcome,
    };
    await writeFile(how.file, `${JSON.stringify(result, null, 2)}\n`);
    log(summary(outcome));
  } catch (error) {
    log(`could not be measured: ${String(error)}`);
  }
}

function summary(outcome: Outcome): string {
  const { lateness, answerToCard, finals, lostFinals, cpuMs, memoryMb, checks, windowSeconds } = outcome;
  return (
    `late p50 ${lateness.p50} p99 ${lateness.p99} of ${lateness.count}; told to card p50 ${answerToCard.p50} p99 ${answerToCard.p99}; ` +
    `${lostFinals} of ${finals} ends lost; ${checks} checks; CPU ${(cpuMs / windowSeconds / 10).toFixed(0)} % ` +
    `(server ${((outcome.serverCpuMs ?? 0) / windowSeconds / 10).toFixed(0)} %, world ${(outcome.worldCpuMs / windowSeconds / 10).toFixed(0)} %, waited ${(outcome.waitedMs / windowSeconds / 10).toFixed(0)} %); ${memoryMb} MB; ` +
    `429: Graph ${outcome.graphRefused}${refusedFor(outcome)}, Teams ${outcome.teamsRefused}; ramp ${outcome.rampSeconds.toFixed(1)} s, ${outcome.cards} cards`
  );
}

/** Which of its limits were passed. */
function refusedFor({ graphRefusedFor }: Outcome): string {
  const passed = Object.entries(graphRefusedFor ?? {}).filter(([, count]) => count > 0);
  if (passed.length === 0) return "";
  return ` (${passed.map(([limit, count]) => `${limit} ${count}`).join(", ")})`;
}

function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: string | undefined,
): readonly Named[] {
  if (names === undefined) return all;
  return names.split(",").map((name) => {
    const found = all.find((each) => each.name === name);
    if (found === undefined)
      throw new Error(`There is no "${name}"; there are ${all.map((each) => each.name).join(", ")}.`);
    return found;
  });
}

async function isThere(file: string): Promise<boolean> {
  try {
    await readFile(file);
    return true;
  } catch {
    return false;
  }
}
