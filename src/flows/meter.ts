import type { OperationKind } from "../core/address.ts";
import type { EpochMs, OperationId } from "../core/ids.ts";

/** What is counted beside what is logged. Durations are in milliseconds. */
export type Measurement =
  /** One step on an operation's way: a command, a check that brought something, a card that was written. */
  | ({ readonly measured: "step" } & Step)
  /** One answer about one operation, and how long after it was due it was asked for. */
  | {
      readonly measured: "check";
      readonly kind: OperationKind;
      readonly answer: string;
      /** How the operation has ended with it, or before; `none`: it goes on. */
      readonly outcome: string;
      readonly lateMs: number;
    }
  /** Checks whose place in line was missed, or came in a pause of their tenant: they get another one. */
  | { readonly measured: "givenBack"; readonly because: "missed" | "paused"; readonly count: number }
  /** One batch of up to 20 checks, or looks at results, of one tenant: from its request until all are answered. */
  | { readonly measured: "batch"; readonly ms: number }
  /** One write to Teams. */
  | {
      readonly measured: "write";
      readonly what: "post" | "update" | "openChat";
      readonly result: string;
      readonly ms: number;
    }
  | { readonly measured: "throttled"; readonly side: "graph" | "teams" }
  | { readonly measured: "command"; readonly name: string; readonly ms: number }
  | { readonly measured: "activity"; readonly status: number; readonly ms: number }
  /** How long the database took to answer a question that costs it nothing. */
  | { readonly measured: "database"; readonly ms: number };

export type Measure = (measurement: Measurement) => void;

export type Step = {
  readonly name: "track" | "check" | "deliver";
  readonly operation: OperationId;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly attributes: Readonly<Record<string, string>>;
};
