import type { Snapshot } from "./snapshot.ts";

/** What Microsoft's support asks for: how Graph named the request, and how we did. */
export type Trace = { readonly requestId: string | null; readonly clientRequestId: string | null };

export const NO_TRACE: Trace = { requestId: null, clientRequestId: null };

/** What came of one check, before anything is concluded from it. */
export type Answer =
  /** Any 2xx whose body has a status: only the body decides, never the HTTP code. */
  | {
      readonly kind: "snapshot";
      readonly snapshot: Snapshot;
      readonly trace: Trace;
      readonly retryAfterMs: number | null;
    }
  /** A 2xx without one: empty, not JSON, truncated, no `status`. */
  | {
      readonly kind: "unreadable";
      readonly httpStatus: number;
      readonly trace: Trace;
      readonly retryAfterMs: number | null;
    }
  | {
      readonly kind: "refused";
      readonly httpStatus: number;
      readonly code: string | null;
      readonly message: string | null;
      readonly trace: Trace;
      readonly retryAfterMs: number | null;
    }
  /** Nothing came back: a timeout, a reset, an item missing from a batch. */
  | { readonly kind: "noAnswer"; readonly message: string }
  /** No token could be had, so nothing was asked. */
  | { readonly kind: "noToken"; readonly message: string };

/** What came of a look at what an operation has made. */
export type LookAnswer =
  | { readonly kind: "there"; readonly webUrl: string | null }
  | { readonly kind: "notThere" }
  | { readonly kind: "forbidden" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number | null }
  | { readonly kind: "noAnswer" };
