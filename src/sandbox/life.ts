export const lifeNames = ["quick", "slow", "failing", "late", "endless", "steps", "partial"] as const;
export type LifeName = (typeof lifeNames)[number];

/** The body that would be sent, made into something else: wrapped, cut short, … */
type Reshape = (body: Readonly<Record<string, unknown>>) => string | Readonly<Record<string, unknown>>;

/**
 * What an operation answers from `afterMs` sandbox milliseconds after its creation until the next step.
 * An `httpStatus` of 400 or more without a `body` answers with an error in Graph's shape.
 */
interface LifeStep {
  readonly afterMs: number;
  /** In the words of teamsAsyncOperation; the other kinds say it in theirs (`running`, `inprogress`, …). */
  readonly status?: string;
  readonly attemptsCount?: number;
  readonly error?: OperationError | null;
  readonly httpStatus?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the whole body: a string is sent as it is, an object as JSON. */
  readonly body?: string | Readonly<Record<string, unknown>> | Reshape;
  /** Laid over the fields of the body that would be sent, for example `{ targetResourceId: null }`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** 0 to 100, for the kinds that tell it. */
  readonly percentage?: number;
  /** The states of the apps and channels that `createTeam` installs and makes, in its own words. */
  readonly apps?: readonly string[];
  readonly channels?: readonly string[];
  /** The answer comes this many real milliseconds late. */
  readonly delayMs?: number;
}

interface OperationError {
  readonly code: string | null;
  readonly message: string | null;
}

/** Steps in the order of `afterMs`. Before the first one Graph does not know the operation (404). */
export type Life = readonly LifeStep[];

interface Envelope {
  readonly httpStatus: number;
  readonly headers: LifeHeaders;
  readonly delayMs?: number;
}

export type LifeAnswer =
  | { readonly kind: "notFound" }
  | (Envelope & { readonly kind: "error" })
  | (Envelope & { readonly kind: "raw"; readonly body: string | Readonly<Record<string, unknown>> })
  | (Envelope & {
      readonly kind: "operation";
      readonly status: string;
      readonly attemptsCount: number;
      readonly error: OperationError | null;
      readonly fields: Readonly<Record<string, unknown>> | null;
      readonly percentage: number;
      readonly apps: readonly string[];
      readonly channels: readonly string[];
      readonly reshape: Reshape | null;
      /** Age of the operation when this step began, in sandbox milliseconds. */
      readonly sinceMs: number;
    });

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
  steps: [
    {
      afterMs: 0,
      status: "notStarted",
      percentage: 0,
      apps: ["NotStarted", "NotStarted"],
      channels: ["NotStarted", "NotStarted", "NotStarted"],
    },
    {
      afterMs: 5_000,
      status: "inProgress",
      percentage: 40,
      apps: ["InProgress", "NotStarted"],
      channels: ["Succeeded", "InProgress", "NotStarted"],
    },
    {
      afterMs: 12_000,
      status: "inProgress",
      percentage: 80,
      apps: ["Succeeded", "InProgress"],
      channels: ["Succeeded", "Succeeded", "InProgress"],
    },
    {
      afterMs: 20_000,
      status: "succeeded",
      percentage: 100,
      apps: ["Succeeded", "Succeeded"],
      channels: ["Succeeded", "Succeeded", "Succeeded"],
    },
  ],
  // Graph has been seen to say `succeeded` over parts that are not.
  partial: [
    {
      afterMs: 0,
      status: "inProgress",
      apps: ["InProgress", "NotStarted"],
      channels: ["InProgress", "NotStarted", "NotStarted"],
    },
    {
      afterMs: 10_000,
      status: "succeeded",
      apps: ["Failed", "Succeeded"],
      channels: ["Succeeded", "Succeeded", "Succeeded"],
    },
  ],
};

export function isLifeName(value: unknown): value is LifeName {
  return lifeNames.some((name) => name === value);
}

export function lifeOf(life: LifeName | Life): Life {
  return typeof life === "string" ? lives[life] : life;
}

/** When in its life, in sandbox milliseconds, an operation has succeeded; `null`: it never does. */
export function successMsOf(life: Life): number | null {
  return life.find(({ status }) => status === "succeeded")?.afterMs ?? null;
}

/** `ageMs` is in sandbox milliseconds: the real age times the sandbox's speed. */
export function answerAt(life: LifeName | Life, ageMs: number): LifeAnswer {
  const step = lifeOf(life).findLast(({ afterMs }) => afterMs <= ageMs);
  if (step === undefined) return { kind: "notFound" };
  const { httpStatus = 200, headers = noHeaders, delayMs, body } = step;
  const envelope = { httpStatus, headers, ...(delayMs === undefined ? {} : { delayMs }) };
  if (body !== undefined && typeof body !== "function") return { kind: "raw", ...envelope, body };
  if (httpStatus >= 400 && body === undefined) return { kind: "error", ...envelope };
  return {
    kind: "operation",
    ...envelope,
    status: step.status ?? "inProgress",
    attemptsCount: step.attemptsCount ?? 1,
    error: step.error ?? null,
    fields: step.fields ?? null,
    percentage: step.percentage ?? (step.status === "succeeded" ? 100 : 0),
    apps: step.apps ?? [],
    channels: step.channels ?? [],
    reshape: body ?? null,
    sinceMs: step.afterMs,
  };
}
