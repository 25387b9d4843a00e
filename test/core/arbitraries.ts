import fc from "fast-check";

import type { Answer, Trace } from "../../src/core/answer.ts";
import { phaseOf, type Snapshot } from "../../src/core/snapshot.ts";
import type { Step as OperationStep } from "../../src/core/steps.ts";
import { DAY, HOUR, INTERVAL, START, type Step } from "./samples.ts";

const STATUSES = [
  "notStarted",
  "inProgress",
  "running",
  "succeeded",
  "completed",
  "failed",
  "skipped",
  "invalid",
  "unknownFutureValue",
  "deletePending",
] as const;

const retryAfter = fc.option(
  fc.oneof(fc.integer({ min: 0, max: 10 * 60_000 }), fc.integer({ min: 0, max: 400 * DAY })),
);

const trace: fc.Arbitrary<Trace> = fc.record({
  requestId: fc.option(fc.string()),
  clientRequestId: fc.option(fc.string()),
});

const step: fc.Arbitrary<OperationStep> = fc.record({
  group: fc.constantFrom("apps" as const, "channels" as const),
  name: fc.string(),
  state: fc.constantFrom("waiting" as const, "running" as const, "done" as const, "failed" as const),
});

const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    status: fc.oneof(fc.constantFrom(...STATUSES), fc.string({ minLength: 1 })),
    operationType: fc.option(fc.constantFrom("createTeam", "cloneTeam", "unknownFutureValue")),
    attempts: fc.option(fc.nat({ max: 4 })),
    createdAt: fc.option(fc.constant(START)),
    targetId: fc.option(fc.constantFrom("a", "b")),
    targetLocation: fc.constant(null),
    error: fc.option(fc.record({ code: fc.option(fc.string()), message: fc.option(fc.string()) })),
    detail: fc.constant(null),
    percent: fc.option(fc.nat({ max: 100 })),
    steps: fc.array(step, { maxLength: 4 }),
  })
  .map((fields) => ({ ...fields, phase: phaseOf(fields.status) }));

/** An answer of any kind, and more often than not one that is no end. */
export const anAnswer: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("snapshot" as const),
      snapshot,
      trace,
      retryAfterMs: retryAfter,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("refused" as const),
      httpStatus: fc.oneof(
        fc.constantFrom(0, 302, 400, 401, 404, 409, 410, 424, 429, 500, 502, 503, 504),
        fc.nat({ max: 999 }),
      ),
      code: fc.option(fc.string()),
      message: fc.option(fc.string()),
      trace,
      retryAfterMs: retryAfter,
    }),
  },
  fc.record({
    kind: fc.constant("unreadable" as const),
    httpStatus: fc.constantFrom(200, 202, 204),
    trace,
    retryAfterMs: retryAfter,
  }),
  fc.record({ kind: fc.constantFrom("noAnswer" as const, "noToken" as const), message: fc.string() }),
);

/** Answers, and the times at which they came: in order, some together, some hours apart. */
export const someSteps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      answer: anAnswer,
      gap: fc.oneof(fc.nat({ max: 2 * INTERVAL }), fc.nat({ max: 3 * HOUR }), fc.constant(INTERVAL)),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    let at = START;
    return steps.map(({ answer, gap }) => {
      at += gap;
      return { answer, at };
    });
  });
