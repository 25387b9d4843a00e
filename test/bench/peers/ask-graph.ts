const GRAPH = process.env["GRAPH_ENDPOINT"] ?? "";

/** From the environment, as for Opwatch. */
export const INTERVAL_MS = 1_000 * Number(process.env["CHECK_INTERVAL_SECONDS"] ?? 31);

export type Answer =
  | { readonly kind: "status"; readonly status: string }
  | { readonly kind: "refused"; readonly status: number; readonly retryAfterMs: number };

/** One GET, as people write it. */
export async function askGraph(location: string): Promise<Answer> {
  const response = await fetch(`${GRAPH}/v1.0${location}`);
  if (!response.ok) {
    await response.arrayBuffer();
    const retryAfter = Number(response.headers.get("retry-after") ?? 0);
    return { kind: "refused", status: response.status, retryAfterMs: 1_000 * retryAfter };
  }
  const body: unknown = await response.json();
  const status: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "status") : null;
  return { kind: "status", status: String(status) };
}

export function isEnd(status: string): boolean {
  return status === "succeeded" || status === "failed" || status === "skipped";
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
