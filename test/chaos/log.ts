import type { Fault } from "./faults.ts";

/** What a step of an operation's life is to a reader of its answers. */
export type End = "succeeded" | "failed" | "skipped" | "unavailable" | "forbidden";

/** What a write to Teams shows. */
export type Shown =
  | {
      readonly kind: "card";
      /** Graph's id of the operation. */
      readonly operation: string;
      /** The watch that its buttons name; null where it has none any more. */
      readonly watch: string | null;
      /** In the card's words: "in progress". */
      readonly standing: string;
      readonly status: string | null;
      readonly attempts: number | null;
      /** The same for cards that look the same. */
      readonly print: string;
    }
  | { readonly kind: "ping" | "notice"; readonly operation: string }
  | { readonly kind: "reply"; readonly text: string }
  /** No message: "typing". */
  | { readonly kind: "other"; readonly type: string };

/** What a person or a pipeline asked for. `remove`: the bot is taken out of the conversation. */
export type Deed = "track" | "stop" | "refresh" | "remove" | "hello";

/**
 * The world's log: what Graph, Teams, the people and the faults did, written down outside of Opwatch.
 * All instants are of one clock (clock.ts).
 */
export type Entry =
  | {
      readonly kind: "begin";
      readonly at: number;
      readonly seed: number;
      readonly home: Home;
      readonly intervalMs: number;
      /** Two checks of one operation must lie further apart than this. */
      readonly minimumIntervalMs: number;
    }
  | {
      readonly kind: "operation";
      readonly at: number;
      readonly id: string;
      readonly tenant: string;
      /** The chat or team that Graph counts its requests for. */
      readonly chat: string | null;
      readonly end: End | null;
      /** When Graph began to tell its end. */
      readonly endsAt: number | null;
    }
  /** A person's or pipeline's request, each time it was sent. */
  | {
      readonly kind: "asked";
      readonly at: number;
      readonly id: string;
      readonly deed: Deed;
      readonly via: "chat" | "api";
      readonly conversation: string;
      readonly operations: readonly string[];
      /** From 1: a redelivery of the same one. */
      readonly delivery: number;
    }
  /** `status` is null when no answer came. */
  | { readonly kind: "answered"; readonly at: number; readonly id: string; readonly status: number | null }
  /** Answered with 2xx, and nobody was told that something went wrong. */
  | {
      readonly kind: "acknowledged";
      readonly at: number;
      readonly deed: Deed;
      readonly conversation: string;
      readonly operations: readonly string[];
    }
  /** A process of the world stood still for so long until then: no instant is better than that. */
  | { readonly kind: "lag"; readonly at: number; readonly ms: number }
  | Check
  | Write
  /** Somebody deleted a message of the bot. */
  | {
      readonly kind: "deleted";
      readonly at: number;
      readonly conversation: string;
      readonly activity: string;
    }
  /** The conversation is no more, or the bot is no more in it, and Teams refuses writes from now on. */
  | {
      readonly kind: "gone";
      readonly at: number;
      readonly conversation: string;
      readonly status: 403 | 404;
    }
  | { readonly kind: "fault"; readonly at: number; readonly until: number; readonly fault: Fault }
  | {
      readonly kind: "replica";
      readonly at: number;
      readonly replica: number;
      readonly what: "started" | "ready" | "killed" | "ended";
      readonly detail: string;
    }
  /** No fault from here on. */
  | { readonly kind: "calm"; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

export type Home = "postgres" | "pglite";

/** One GET of one operation, alone or in a batch, and what it was answered. */
export type Check = {
  readonly kind: "check";
  /** When Graph had it. */
  readonly at: number;
  /** When it left Opwatch. */
  readonly sentAt: number;
  readonly replica: number;
  readonly tenant: string;
  readonly operation: string;
  /** The chat or team that Graph counts its requests for. */
  readonly chat: string | null;
  /** Null: it was never answered. */
  readonly status: number | null;
  readonly graphStatus: string | null;
  readonly attempts: number | null;
  readonly retryAfterMs: number | null;
  /** When the whole answer was on the line to Opwatch; null when it was cut, or never sent. */
  readonly deliveredAt: number | null;
  readonly hasToken: boolean;
};

/** One POST or PUT of an activity. */
export type Write = {
  readonly kind: "write";
  readonly at: number;
  readonly sentAt: number;
  readonly method: "POST" | "PUT";
  readonly conversation: string;
  readonly activity: string;
  readonly shown: Shown;
  /** Whether people can see it, whatever was answered. */
  readonly isTaken: boolean;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly deliveredAt: number | null;
  readonly hasToken: boolean;
};
