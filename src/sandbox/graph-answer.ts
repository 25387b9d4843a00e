export type GraphVersion = "v1.0" | "beta";

export function isGraphVersion(version: string): version is GraphVersion {
  return version === "v1.0" || version === "beta";
}

/** One request as Graph sees it, whether it came alone or in a batch. */
export interface GraphRequest {
  readonly method: string;
  readonly version: GraphVersion;
  /** Without the version, as it was sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `undefined`: none was sent. */
  readonly body: unknown;
  readonly requestId: string;
  readonly arrivedMs: number;
}

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as it is, `null` as nothing. */
  readonly body: Readonly<Record<string, unknown>> | string | null;
  /** Real milliseconds that it is kept back. */
  readonly delayMs?: number;
}

/** What an answer repeats of its request. */
export type AnswerTo = Pick<GraphRequest, "requestId" | "headers" | "arrivedMs">;

export interface GraphProblem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function graphError(problem: GraphProblem, request: AnswerTo): GraphAnswer {
  return {
    status: problem.status,
    headers: problem.headers ?? {},
    body: {
      error: {
        code: problem.code,
        message: problem.message,
        innerError: {
          date: graphDate(request.arrivedMs),
          "request-id": request.requestId,
          "client-request-id": headerOf(request.headers, "client-request-id") ?? request.requestId,
        },
      },
    },
  };
}

/** Graph's refusal of what goes beyond its limits, which is made unlike its other errors. */
export function tooManyRequests(waitSeconds: number, request: AnswerTo): GraphAnswer {
  return {
    status: 429,
    headers: { "Retry-After": String(waitSeconds) },
    body: {
      error: {
        code: "TooManyRequests",
        innerError: {
          code: "429",
          date: graphDate(request.arrivedMs),
          message: "Please retry after",
          "request-id": request.requestId,
          status: "429",
        },
        message: "Please retry again later.",
      },
    },
  };
}

/** An answer with the headers that tell whose it is; its own come before them. */
export function withRequestIds(answer: GraphAnswer, request: AnswerTo): GraphAnswer {
  const clientRequestId = headerOf(request.headers, "client-request-id");
  const ids = {
    "request-id": request.requestId,
    ...(clientRequestId === null ? {} : { "client-request-id": clientRequestId }),
  };
  return { ...answer, headers: { ...ids, ...answer.headers } };
}

/** Graph gives the second, without a zone. */
function graphDate(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}

export function headerOf(headers: GraphRequest["headers"], name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.join(", ") ?? null);
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
