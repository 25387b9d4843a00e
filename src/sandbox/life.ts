export const lifeNames = ["quick", "slow", "failing", "late", "endless"] as const;
export type LifeName = (typeof lifeNames)[number];

/**
 * What an operation answers from `afterMs` sandbox milliseconds after its creation until the next step.
 * An `httpStatus` of 400 or more without a `body` answers with an error in Graph's shape.
 */
interface LifeStep {
  readonly afterMs: number;
  /** In the words of teamsAsyncOperation; an Engage operation says `running` for `inProgress`. */
  readonly status?: string;
  readonly attemptsCount?: number;
  readonly error?: OperationError | null;
  readonly httpStatus?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the whole body: a string is sent as it is, an object as JSON. */
  readonly body?: string | Readonly<Record<string, unknown>>;
  /** Laid over the fields of the body that would be sent, for example `{ targetResourceId: null }`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

interface OperationError {
  readonly code: string | null;
  readonly message: string | null;
}

/** Steps in the order of `afterMs`. Before the first one Graph does not know the operation (404). */
export type Life = readonly LifeStep[];

export type LifeAnswer =
  | { readonly kind: "notFound" }
  | { readonly kind: "error"; readonly httpStatus: number; readonly headers: LifeHeaders }
  | {
      readonly kind: "raw";
      readonly httpStatus: number;
      readonly headers: LifeHeaders;
      readonly body: string | Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "operation";
      readonly httpStatus: number;
      readonly headers: LifeHeaders;
      readonly status: string;
      readonly attemptsCount: number;
      readonly error: OperationError | null;
      readonly fields: Readonly<Record<string, unknown>> | null;
      /** Age of the operation when this step began, in sandbox milliseconds. */
      readonly sinceMs: number;
    };

type LifeHeaders = Readonly<Record<string, string>>;

const noHeaders: LifeHeaders = {};

const lives: Readonly<Record<LifeName, Life>> = {
  quick: [
    { afterMs: 0, status: "notStarted" },
    { afterMs: 4_000, status: "succeeded" },
  ],
  slow: [
    { afterMs: 0, status: "notStarted" },
    { afterMs: 3_000, status: "inProgress", attemptsCount: 1 },
    { afterMs: 10_000, status: "inProgress", attemptsCount: 2 },
    { afterMs: 18_000, status: "inProgress", attemptsCount: 3 },
    { afterMs: 25_000, status: "inProgress", attemptsCount: 4 },
    { afterMs: 40_000, status: "succeeded", attemptsCount: 4 },
  ],
  failing: [
    { afterMs: 0, status: "inProgress" },
    {
      afterMs: 8_000,
      status: "failed",
      // The only error of an operation in Graph's documentation.
      error: { code: "TeamUnavailable", message: "The team was not found." },
    },
  ],
  // Graph may not know an operation for a while after the 202 that announced it. One check more than
  // 30 s after the first still meets the 404, so that the error has to be survived twice.
  late: [
    { afterMs: 35_000, status: "inProgress" },
    { afterMs: 60_000, status: "succeeded" },
  ],
  endless: [{ afterMs: 0, status: "inProgress" }],
};

export function isLifeName(value: unknown): value is LifeName {
  return lifeNames.some((name) => name === value);
}

export function lifeOf(life: LifeName | Life): Life {
  return typeof life === "string" ? lives[life] : life;
}

/** `ageMs` is in sandbox milliseconds: the real age times the sandbox's speed. */
export function answerAt(life: LifeName | Life, ageMs: number): LifeAnswer {
  const step = lifeOf(life).findLast(({ afterMs }) => afterMs <= ageMs);
  if (step === undefined) return { kind: "notFound" };
  const { httpStatus = 200, headers = noHeaders, body } = step;
  if (body !== undefined) return { kind: "raw", httpStatus, headers, body };
  if (httpStatus >= 400) return { kind: "error", httpStatus, headers };
  return {
    kind: "operation",
    httpStatus,
    headers,
    status: step.status ?? "inProgress",
    attemptsCount: step.attemptsCount ?? 1,
    error: step.error ?? null,
    fields: step.fields ?? null,
    sinceMs: step.afterMs,
  };
}
