import type { Life } from "../../src/sandbox/life.ts";
import type { OperationKind } from "../../src/sandbox/kinds.ts";
import type { Random } from "../fuzz/random.ts";
import type { End } from "./log.ts";

/** How an operation goes, and what is true of it at the end. */
export type PlannedLife = {
  readonly steps: Life;
  readonly end: End | null;
  /** After its start. */
  readonly endsMs: number | null;
};

type Step = Life[number];

/**
 * The life of an operation: ordinary ones, and those on which a watcher can trip (unknown statuses,
 * answers older than the one before, answers that are lost).
 */
export function aLife(random: Random, kind: OperationKind, intervalMs: number): PlannedLife {
  if (random.isOneIn(12)) return { steps: [{ afterMs: 0, status: "inProgress" }], end: null, endsMs: null };
  const steps: Step[] = [];
  let atMs = 0;
  /** @param intervals how long it lasts, in intervals between two checks. */
  const add = (step: Omit<Step, "afterMs">, intervals: number): void => {
    steps.push({ afterMs: atMs, ...step });
    atMs += Math.round(intervals * intervalMs);
  };
  // Unknown to Graph for a while, as after a 202.
  if (random.isOneIn(6)) atMs += Math.round(between(random, 0.5, 3) * intervalMs);
  if (!random.isOneIn(3)) add({ status: "notStarted", attemptsCount: 0 }, between(random, 0, 2));
  const attempts = 1 + random.below(5);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    add({ status: "inProgress", attemptsCount: attempt }, between(random, 0.25, 2));
    if (random.isOneIn(4)) add(oddity(random, attempt), between(random, 0.5, 1.75));
  }
  const end = endOf(random, kind);
  const endsMs = atMs;
  add({ ...lastStep(random, end), attemptsCount: attempts }, 0);
  return { steps, end, endsMs };
}

/** Between two ordinary answers of the same attempt. */
function oddity(random: Random, attempt: number): Omit<Step, "afterMs"> {
  return random.pick<Omit<Step, "afterMs">>([
    { status: "stalledByWizard", attemptsCount: attempt },
    { status: "unknownFutureValue", attemptsCount: attempt },
    { status: "invalid", attemptsCount: attempt },
    // Older than what was answered before.
    { status: "inProgress", attemptsCount: attempt - 1 },
    { status: "notStarted", attemptsCount: 0 },
    // An answer that says nothing.
    { body: "" },
    { body: '{"id":"cut' },
    { body: { id: "no status" } },
    { httpStatus: 500 },
    { httpStatus: 503, headers: { "Retry-After": "3" } },
    { httpStatus: 401 },
    { status: "inProgress", attemptsCount: attempt, httpStatus: 202 },
  ]);
}

function endOf(random: Random, kind: OperationKind): End {
  if (random.isOneIn(3)) return "failed";
  if (random.isOneIn(25)) return "unavailable";
  if (random.isOneIn(15)) return "forbidden";
  return kind === "engagement" && random.isOneIn(4) ? "skipped" : "succeeded";
}

function lastStep(random: Random, end: End): Omit<Step, "afterMs"> {
  switch (end) {
    case "succeeded":
      return { status: "succeeded", ...(random.isOneIn(4) ? { httpStatus: 202 } : {}) };
    case "skipped":
      return { status: "skipped" };
    case "failed":
      return {
        status: "failed",
        error: random.isOneIn(3) ? null : { code: "TeamUnavailable", message: "The team was not found." },
      };
    case "unavailable":
      return { httpStatus: random.pick([404, 410]) };
    case "forbidden":
      return { httpStatus: 403 };
  }
}

function between(random: Random, low: number, high: number): number {
  return low + (random.below(1_000) / 1_000) * (high - low);
}
