import { type Conversation, shows } from "./conversation.ts";
import { isRecord, listAt, numberAt, parseJson, recordAt, textAt } from "./json.ts";

export type Attachment = { readonly contentType: string; readonly content: unknown };

export type MessageVersion = {
  /** `answered`: the card in the answer to an Action.Execute took the place of the one pressed. */
  readonly cause: "created" | "updated" | "answered";
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  readonly summary: string | null;
  readonly atMs: number;
};

/** A message of the bot as a client shows it now, and how it got there. */
export type SeenMessage = {
  readonly id: string;
  /** Where to reply or to edit: the chat, or the thread for anything in a channel. */
  readonly conversationId: string;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  readonly summary: string | null;
  /** Edits by the bot (PUT); a card replaced by an answer is not counted. */
  readonly updates: number;
  /** Every version, the first as posted, the last as shown now. */
  readonly history: readonly MessageVersion[];
};

type Frame = {
  readonly cause: "created" | "updated";
  readonly address: string;
  readonly id: string;
  readonly version: Omit<MessageVersion, "summary" | "cause">;
};

type Held = { readonly frame: Frame; overdue: boolean };

/**
 * A frame does not carry the message's `summary`, but the log stream does, on another socket and a moment later.
 * A frame is held until its log record came, so that a message is seen once, complete. Messages with several
 * attachments are split by the Playground and logged without an id: those are let through after this time.
 */
const SUMMARY_GRACE_MS = 500;

/** The fold of createMessage and updateMessage frames. */
export class SeenMessages implements Disposable {
  readonly #messages = new Map<string, SeenMessage>();
  readonly #held: Held[] = [];
  readonly #summaries = new Map<string, (string | null)[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  in(conversation: Conversation): readonly SeenMessage[] {
    return [...this.#messages.values()].filter((message) => shows(conversation, message.conversationId));
  }

  find(messageId: string): SeenMessage | null {
    return this.#messages.get(messageId) ?? null;
  }

  acceptFrame(text: string): void {
    const frame = readFrame(parseJson(text));
    if (frame === null) return;
    const held = { frame, overdue: false };
    this.#held.push(held);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      held.overdue = true;
      this.#release();
    }, SUMMARY_GRACE_MS);
    this.#timers.add(timer);
    this.#release();
  }

  acceptSummary(messageId: string, summary: string | null): void {
    this.#summaries.set(messageId, [...(this.#summaries.get(messageId) ?? []), summary]);
    this.#release();
  }

  acceptAnswer(messageId: string, card: unknown): void {
    const message = this.#messages.get(messageId);
    const [first] = message?.attachments ?? [];
    if (message === undefined || first === undefined) return;
    const { text, summary } = message;
    const attachments = [{ contentType: first.contentType, content: card }];
    this.#show(messageId, message.conversationId, {
      cause: "answered",
      text,
      attachments,
      summary,
      atMs: Date.now(),
    });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #release(): void {
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      const { frame } = head;
      const summaries = this.#summaries.get(frame.id) ?? [];
      if (summaries.length === 0 && !head.overdue) return;
      this.#held.shift();
      const summary = summaries.shift() ?? null;
      this.#show(frame.id, frame.address, { ...frame.version, cause: frame.cause, summary });
    }
  }

  #show(id: string, address: string, version: MessageVersion): void {
    const before = this.#messages.get(id);
    const history = [...(before?.history ?? []), version];
    this.#messages.set(id, {
      id,
      // An edit of a thread's first message comes addressed to the channel; the message stays in its thread.
      conversationId: before?.conversationId ?? address,
      text: version.text,
      attachments: version.attachments,
      summary: version.summary,
      updates: history.filter((each) => each.cause === "updated").length,
      history,
    });
    this.#changed();
  }
}

function readFrame(frame: unknown): Frame | null {
  const action = textAt(frame, "action");
  if (action !== "createMessage" && action !== "updateMessage") return null;
  const message = recordAt(frame, "message");
  const id = textAt(message, "messageId");
  const address = textAt(message, "postConversationId") ?? textAt(frame, "actionConversationId");
  if (id === null || address === null) {
    throw new Error(`A frame of the Playground has no id or no address: ${JSON.stringify(frame)}`);
  }
  const attachments = listAt(message, "attachments")
    .filter(isRecord)
    .map((each) => ({ contentType: textAt(each, "contentType") ?? "", content: each["content"] }));
  return {
    cause: action === "createMessage" ? "created" : "updated",
    address,
    id,
    version: {
      text: textAt(message, "text"),
      attachments,
      atMs: numberAt(message, "timestamp") ?? Date.now(),
    },
  };
}
