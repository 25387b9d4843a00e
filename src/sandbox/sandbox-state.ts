import type { Limits } from "./limits.ts";
import type { Operations } from "./operations.ts";

export interface SandboxCounts {
  /** Requests over HTTP or within the process, a batch counting once; those under `/_sandbox` are not counted. */
  readonly requests: number;
  /** Checks of operations that exist, alone or in a batch, refused ones included. */
  readonly checks: number;
  readonly batches: number;
  /** Checks refused because the one before was too short a time ago. */
  readonly early: number;
  /** Operations started with a POST. */
  readonly started: number;
  /** Answers, alone or in a batch, that said 404. */
  readonly notFound: number;
  /** Answers, alone or in a batch, that said 401. */
  readonly unauthorized: number;
  /** Requests, alone or in a batch, that carried a token: the sandbox must never be sent one. */
  readonly withAuthorization: number;
  /** Looks at a team, chat or community itself, also in vain. */
  readonly targetLooks: number;
  /** Requests, alone or in a batch, refused by Graph's limits. */
  readonly throttled: number;
}

export interface SandboxState {
  readonly operations: Operations;
  readonly counts: { -readonly [Name in keyof SandboxCounts]: number };
  /** Without a slash at the end. */
  readonly url: string;
  readonly speed: number;
  /** 0: checks may come as fast as they like. */
  readonly minimumIntervalMs: number;
  /** `null`: requests may come as fast as they like. */
  readonly limits: Limits | null;
}

export function zeroCounts(): SandboxState["counts"] {
  return {
    requests: 0,
    checks: 0,
    batches: 0,
    early: 0,
    started: 0,
    notFound: 0,
    unauthorized: 0,
    withAuthorization: 0,
    targetLooks: 0,
    throttled: 0,
  };
}
