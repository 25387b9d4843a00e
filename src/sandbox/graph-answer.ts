export type GraphVersion = "v1.0" | "beta";

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
}

export interface GraphProblem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function graphError(
  problem: GraphProblem,
  request: Pick<GraphRequest, "requestId" | "headers" | "arrivedMs">,
): GraphAnswer {
  return {
    status: problem.status,
    headers: problem.headers ?? {},
    body: {
      error: {
        code: problem.code,
        message: problem.message,
        innerError: {
          // Graph gives the second, without a zone.
          date: new Date(request.arrivedMs).toISOString().slice(0, 19),
          "request-id": request.requestId,
          "client-request-id": headerOf(request.headers, "client-request-id") ?? request.requestId,
        },
      },
    },
  };
}

export function headerOf(headers: GraphRequest["headers"], name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.join(", ") ?? null);
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
