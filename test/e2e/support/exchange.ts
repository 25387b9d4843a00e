import { isRecord, numberAt, recordAt, textAt } from "./json.ts";

/** One HTTP call between the Playground and the bot, with what was answered. */
export type Exchange = {
  readonly direction: "to bot" | "from bot";
  /** The activity's type, or the name of a connector call such as `getConversationMembers`. */
  readonly activity: string;
  /** Null where the Playground does not log it: edits (PUT) and reads. */
  readonly conversationId: string | null;
  readonly status: number;
  readonly request: unknown;
  readonly response: unknown;
};

export type LogRecord =
  | { readonly kind: "exchange"; readonly exchange: Exchange; readonly messageId: string | null }
  | { readonly kind: "note"; readonly text: string };

/** Reads one frame of `/_ws/log/stream`; the Playground logs an exchange once it has been answered. */
export function readLogRecord(frame: unknown): LogRecord {
  const log = recordAt(frame, "log");
  const response = recordAt(log, "response");
  const status = numberAt(response, "statusCode");
  if (status === null) return { kind: "note", text: textAt(log, "displayText") ?? "" };
  return {
    kind: "exchange",
    messageId: textAt(log, "messageId"),
    exchange: {
      direction: textAt(log, "to") === "User Application" ? "to bot" : "from bot",
      activity: textAt(log, "activityName") ?? "",
      conversationId: textAt(log, "conversationId"),
      status,
      request: recordAt(log, "request")["body"],
      response: response["body"],
    },
  };
}

export function exchangeLine(exchange: Exchange): string {
  const name = textAt(exchange.request, "name");
  const text = textAt(exchange.request, "text");
  return [
    exchange.direction === "to bot" ? "→ bot" : "← bot",
    name === null ? exchange.activity : `${exchange.activity} ${name}`,
    String(exchange.status),
    exchange.conversationId ?? "",
    text === null ? "" : JSON.stringify(text.slice(0, 100)),
    exchange.status >= 400 && isRecord(exchange.response)
      ? JSON.stringify(exchange.response).slice(0, 300)
      : "",
  ]
    .filter((part) => part !== "")
    .join("  ");
}
