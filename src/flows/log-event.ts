/**
 * All that Opwatch logs, and so all that it can log: no token, no message text, no address with a
 * query. Names are static, data is in fields.
 */
export type LogEvent =
  | {
      readonly event: "app.ready";
      readonly address: string;
      readonly database: string;
      readonly mode: string;
      readonly startMs: number;
    }
  /** What is configured, and nothing of it secret. */
  | { readonly event: "app.configured"; readonly settings: string }
  | { readonly event: "app.stopping"; readonly signal: string }
  | { readonly event: "app.stopped" }
  /** The embedded database is of no use to this process any more; it ends, and the next start goes on. */
  | { readonly event: "engine.broken"; readonly error: string }
  /** It could not end in order in the time there is. */
  | { readonly event: "app.cutShort" }
  | { readonly event: "http.refused"; readonly status: number; readonly reason: string }
  | { readonly event: "command"; readonly name: string; readonly conversation: string; readonly ms: number }
  | { readonly event: "command.failed"; readonly name: string; readonly error: string }
  | { readonly event: "turn.repeated"; readonly conversation: string }
  /** There is no token for one side; `todo` says what an administrator has to do. */
  | {
      readonly event: "token.failed";
      readonly side: "Graph" | "Teams";
      readonly tenant: string;
      readonly problem: string;
      readonly todo: string;
      readonly error: string;
    }
  | { readonly event: "turn.failed"; readonly error: string }
  /** Teams did not say who is in a conversation. */
  | { readonly event: "roster.failed"; readonly conversation: string; readonly error: string }
  | { readonly event: "conversation.gone"; readonly conversation: string; readonly reason: string }
  | { readonly event: "checks.done"; readonly asked: number; readonly ended: number; readonly ms: number }
  | { readonly event: "checks.paused"; readonly tenant: string; readonly untilMs: number }
  | { readonly event: "checks.failed"; readonly operations: number; readonly error: string }
  | { readonly event: "card.posted"; readonly watch: string; readonly conversation: string }
  | { readonly event: "card.updated"; readonly watch: string; readonly conversation: string }
  | { readonly event: "card.replaced"; readonly watch: string; readonly conversation: string }
  | { readonly event: "card.lost"; readonly watch: string; readonly conversation: string }
  | {
      readonly event: "card.pinged";
      readonly message: "ping" | "notice";
      readonly watch: string;
      readonly conversation: string;
    }
  | {
      readonly event: "delivery.delayed";
      readonly conversation: string;
      readonly reason: string;
      readonly waitMs: number;
    }
  | {
      readonly event: "delivery.rejected";
      readonly conversation: string;
      readonly status: number;
      readonly code: string | null;
    }
  | { readonly event: "callback.sent"; readonly watch: string; readonly status: number }
  | {
      readonly event: "callback.delayed";
      readonly watch: string;
      readonly reason: string;
      readonly waitMs: number;
    }
  | { readonly event: "callback.givenUp"; readonly watch: string; readonly attempts: number }
  | { readonly event: "callback.failed"; readonly watch: string; readonly error: string }
  | {
      readonly event: "api";
      readonly method: string;
      readonly route: string;
      readonly status: number;
      readonly caller: string;
      readonly ms: number;
    }
  | { readonly event: "api.failed"; readonly error: string }
  | { readonly event: "delivery.untold"; readonly conversations: number; readonly error: string }
  | { readonly event: "delivery.failed"; readonly conversation: string; readonly error: string }
  /** How much waits is not known; see the metrics. */
  | { readonly event: "count.failed"; readonly error: string }
  | {
      readonly event: "sweep";
      readonly expired: number;
      readonly rearmedChecks: number;
      readonly rearmedDeliveries: number;
      readonly rearmedCallbacks: number;
    }
  | { readonly event: "sweep.failed"; readonly error: string }
  | { readonly event: "engine.trouble"; readonly error: string }
  /** What the job engine finds worth a word, as that it can't be notified or that many alarms wait. */
  | { readonly event: "engine.warning"; readonly error: string };

export type Log = (event: LogEvent) => void;

/** What of a fault is fit for the log: its kind, its text, and those of its causes. pg-boss tells of copies that are no Errors. */
export function describeFault(fault: unknown): string {
  if (!isFault(fault)) return String(fault);
  const cause = fault.cause === undefined ? "" : ` <- ${describeFault(fault.cause)}`;
  // Drizzle puts the whole statement with its parameters into the message.
  const text = fault.message.startsWith("Failed query:") ? "a statement failed" : fault.message;
  return `${fault.name ?? "Error"}: ${text}${cause}`;
}

type Fault = { readonly name?: string; readonly message: string; readonly cause?: unknown };

function isFault(value: unknown): value is Fault {
  return (
    typeof value === "object" && value !== null && "message" in value && typeof value.message === "string"
  );
}
