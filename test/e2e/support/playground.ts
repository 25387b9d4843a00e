import { cardOf, cardTexts, type ExecuteAction, type SubmitAction } from "./card-reading.ts";
import {
  type Account,
  type Cast,
  type Conversation,
  type Conversations,
  readConfig,
  shows,
  threadOf,
} from "./conversation.ts";
import { type Exchange, exchangeLine, readLogRecord } from "./exchange.ts";
import { isRecord, type JsonRecord, parseJson, textAt } from "./json.ts";
import { type PlaygroundOptions, PlaygroundProcess } from "./playground-process.ts";
import { type SeenMessage, SeenMessages } from "./seen-messages.ts";

type RunningPlayground = AsyncDisposable & Pick<PlaygroundProcess, "port" | "gone" | "output">;

export type Said = {
  readonly messageId: string;
  /** Where answers come: the same chat, or the thread that a message to a channel has begun. */
  readonly conversation: Conversation;
};

/** What the bot answered to a pressed button; its `statusCode` is not passed on by the Playground. */
export type InvokeAnswer = { readonly type: string | null; readonly value: unknown };

export type Wait = {
  /** Ends the sentence "Waited in vain for …". */
  readonly what: string;
  readonly timeoutMs?: number;
};

/** The Playground refused a call, or the bot failed to answer it (status 502). */
class PlaygroundCallFailed extends Error {
  override readonly name = "PlaygroundCallFailed";
  readonly status: number;
  readonly answer: unknown;

  constructor(attempt: string, status: number, answer: unknown) {
    super(`${attempt} was answered ${status}: ${JSON.stringify(answer)}`);
    this.status = status;
    this.answer = answer;
  }
}

const CALL_TIMEOUT_MS = 60_000;
const WAIT_TIMEOUT_MS = 60_000;

export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const child = await PlaygroundProcess.start(options);
  try {
    return await Playground.connect(child);
  } catch (cause) {
    const output = child.output();
    await child[Symbol.asyncDispose]();
    throw new Error(`The Agents Playground started but is not usable. Its output:\n${output}`, { cause });
  }
}

/** Connects to a Playground that somebody else started, and leaves it running. */
export async function attachPlayground(port: number): Promise<Playground> {
  const { promise: gone } = Promise.withResolvers<string>();
  return await Playground.connect({
    port,
    gone,
    output: () => "",
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** The Agents Playground as a scriptable Teams: what people do, and what they see. */
export class Playground implements AsyncDisposable {
  readonly url: string;
  readonly cast: Cast;
  readonly conversations: Conversations;
  readonly #child: RunningPlayground;
  readonly #sockets: WebSocket[] = [];
  readonly #seen = new SeenMessages(() => this.#changed());
  readonly #exchanges: Exchange[] = [];
  readonly #notes: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #witnesses: (() => string)[] = [];
  #ended: string | null = null;

  private constructor(child: RunningPlayground, url: string, config: ReturnType<typeof readConfig>) {
    this.#child = child;
    this.url = url;
    this.cast = config.cast;
    this.conversations = config.conversations;
  }

  static async connect(child: RunningPlayground): Promise<Playground> {
    const url = `http://127.0.0.1:${child.port}`;
    const config = readConfig(await call("GET", `${url}/_internal/v1/testConfig`));
    const playground = new Playground(child, url, config);
    void playground.#noticeEnd();
    // The log first: no frame may come before the record that completes it can be heard.
    await playground.#listen("/_ws/log/stream", (text) => playground.#acceptLog(text));
    await playground.#listen("/_ws_conversation/v1/conversations/stream", (text) =>
      playground.#seen.acceptFrame(text),
    );
    return playground;
  }

  /** Every call between the Playground and the bot so far, in the order in which they were answered. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Adds the bot to the conversation and waits until the bot has answered both activities of it. */
  async install(conversation: Conversation): Promise<void> {
    const before = this.#exchanges.length;
    await this.#post(`/_debug/conversation/${encodeURIComponent(conversation.id)}/installation`, {});
    for (const activity of ["installationUpdate", "conversationUpdate"]) {
      await this.#delivered(activity, conversation.id, before);
    }
  }

  /** Removes the bot; for a channel the Playground removes it from the whole team, addressed to General. */
  async uninstall(conversation: Conversation): Promise<void> {
    const before = this.#exchanges.length;
    const query = `conversationId=${encodeURIComponent(conversation.id)}&type=uninstall`;
    const activity = await call("GET", `${this.url}/_internal/v1/customActivities/template?${query}`);
    await this.deliver(activity);
    const { general } = this.conversations;
    await this.#delivered(
      "installationUpdate",
      conversation.kind === "channel" ? general.id : conversation.id,
      before,
    );
  }

  /** Hands the bot any activity as it is, without waiting for the bot. */
  async deliver(activity: unknown): Promise<void> {
    await this.#post("/_internal/v1/customActivities", activity);
  }

  /**
   * Says something as the current user; the Playground has no other speaker. In a group or channel the bot is
   * mentioned unless told otherwise; without a mention it is not told, as in Teams. Does not wait for the bot.
   */
  async say(
    conversation: Conversation,
    text: string,
    options: { readonly mention?: boolean } = {},
  ): Promise<Said> {
    const { bot, me } = this.cast;
    const tag = `<at>${bot.name}</at>`;
    const mention = options.mention ?? conversation.kind !== "personal";
    const answer = await this.#post(
      `/_conversation/v1/conversations/${encodeURIComponent(conversation.id)}/messages`,
      {
        from: { id: me.id },
        text: mention ? `${tag} ${text}` : text,
        textFormat: "plain",
        mentions: mention ? [{ mentioned: { id: bot.id }, text: tag }] : [],
      },
    );
    const messageId = textAt(answer, "messageId") ?? "";
    return {
      messageId,
      conversation: conversation.kind === "channel" ? threadOf(conversation, messageId) : conversation,
    };
  }

  /** Presses an Action.Execute; a card in the answer takes the place of the pressed one, as in Teams. */
  async press(
    conversation: Conversation,
    messageId: string,
    action: ExecuteAction,
    by: Account = this.cast.me,
  ): Promise<InvokeAnswer> {
    const answer = await this.#post("/_conversation/v1/invoke", {
      name: "adaptiveCard/action",
      conversation: { id: this.#addressOf(conversation, messageId) },
      from: { id: by.id },
      replyToId: messageId,
      value: { action, trigger: "manual" },
    });
    const type = textAt(answer, "type");
    const value = isRecord(answer) ? answer["value"] : null;
    if (type === "application/vnd.microsoft.card.adaptive") this.#seen.acceptAnswer(messageId, value);
    return { type, value };
  }

  /** Presses an Action.Submit: the bot gets a message without text. Does not wait for the bot. */
  async submit(
    conversation: Conversation,
    messageId: string,
    action: SubmitAction,
    by: Account = this.cast.me,
  ): Promise<void> {
    await this.#post("/_conversation/v1/submit", {
      conversation: { id: this.#addressOf(conversation, messageId) },
      from: { id: by.id },
      replyToId: messageId,
      value: action.data,
    });
  }

  /** Posts in the bot's name, without the bot; in a channel this begins a thread. */
  async postAsBot(conversation: Conversation, activity: JsonRecord): Promise<void> {
    const path = `/_connector/v3/conversations/${encodeURIComponent(conversation.id)}/activities`;
    await this.#post(path, {
      type: "message",
      channelId: "msteams",
      from: { id: this.cast.bot.id, name: this.cast.bot.name },
      conversation: { id: conversation.id },
      ...activity,
    });
  }

  /** The bot's messages in the conversation as they look now; a channel has those of all its threads. */
  messages(conversation: Conversation): readonly SeenMessage[] {
    return this.#seen.in(conversation);
  }

  /** Resolves with the messages as soon as they satisfy the predicate. */
  async waitFor(
    conversation: Conversation,
    predicate: (messages: readonly SeenMessage[]) => boolean,
    wait: Wait,
  ): Promise<readonly SeenMessage[]> {
    return await this.#until(
      () => {
        const messages = this.messages(conversation);
        return predicate(messages) ? messages : null;
      },
      wait,
      conversation,
    );
  }

  /** Resolves with the first message that satisfies the predicate as soon as there is one. */
  async waitForMessage(
    conversation: Conversation,
    predicate: (message: SeenMessage) => boolean,
    wait: Wait,
  ): Promise<SeenMessage> {
    return await this.#until(() => this.messages(conversation).find(predicate) ?? null, wait, conversation);
  }

  /** Resolves with the first answered call after the `after`th that satisfies the predicate. */
  async waitForExchange(
    predicate: (exchange: Exchange) => boolean,
    wait: Wait & { readonly after?: number },
  ): Promise<Exchange> {
    return await this.#until(() => this.#exchanges.slice(wait.after ?? 0).find(predicate) ?? null, wait);
  }

  /** Everything seen so far, for the message of a failure. */
  dump(conversation?: Conversation): string {
    const all = Object.values(this.conversations).flatMap((each) => this.messages(each));
    const messages = conversation === undefined ? all : this.messages(conversation);
    return [
      `Messages of the bot ${conversation === undefined ? "anywhere" : `in ${conversation.id}`}:`,
      ...(messages.length === 0 ? ["  none"] : messages.map(describe)),
      "Calls:",
      ...(this.#exchanges.length === 0
        ? ["  none"]
        : this.#exchanges.slice(-30).map((each) => `  ${exchangeLine(each)}`)),
      "Notes of the Playground:",
      ...this.#notes.slice(-10).map((note) => `  ${note}`),
      "Last lines of its output:",
      ...this.output()
        .split("\n")
        .slice(-10)
        .map((line) => `  ${line.slice(0, 300)}`),
      ...this.#witnesses.map((witness) => witness()),
    ].join("\n");
  }

  /** Lets somebody else, such as the bot, add what it knows to the message of a failure. */
  alsoDump(witness: () => string): void {
    this.#witnesses.push(witness);
  }

  output(): string {
    return this.#child.output();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    this.#seen[Symbol.dispose]();
    await this.#child[Symbol.asyncDispose]();
  }

  #addressOf(conversation: Conversation, messageId: string): string {
    const message = this.#seen.find(messageId);
    return message !== null && shows(conversation, message.conversationId)
      ? message.conversationId
      : conversation.id;
  }

  async #delivered(activity: string, conversationId: string, after: number): Promise<void> {
    const what = `the bot's answer to ${activity} in ${conversationId}`;
    const exchange = await this.waitForExchange(
      (each) =>
        each.direction === "to bot" && each.activity === activity && each.conversationId === conversationId,
      { what, after },
    );
    if (exchange.status >= 400)
      throw new PlaygroundCallFailed(`${activity} to the bot`, exchange.status, exchange.response);
  }

  async #until<T>(look: () => T | null, wait: Wait, conversation?: Conversation): Promise<T> {
    const timeoutMs = wait.timeoutMs ?? WAIT_TIMEOUT_MS;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string): void => {
      reject(new Error(`Waited in vain for ${wait.what}: ${why}\n${this.dump(conversation)}`));
    };
    const check = (): void => {
      try {
        const found = look();
        if (found !== null) resolve(found);
        else if (this.#ended !== null) fail(this.#ended);
      } catch (error) {
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      fail(`nothing like it within ${timeoutMs} ms.`);
    }, timeoutMs);
    this.#watchers.add(check);
    check();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(check);
    }
  }

  async #noticeEnd(): Promise<void> {
    this.#ended = await this.#child.gone;
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #acceptLog(text: string): void {
    const record = readLogRecord(parseJson(text));
    if (record.kind === "note") {
      this.#notes.push(record.text);
      return;
    }
    const { exchange, messageId } = record;
    this.#exchanges.push(exchange);
    const posted = exchange.direction === "from bot" && textAt(exchange.request, "type") === "message";
    if (posted && exchange.status < 300 && messageId !== null) {
      this.#seen.acceptSummary(messageId, textAt(exchange.request, "summary"));
    }
    this.#changed();
  }

  async #listen(path: string, accept: (text: string) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}${path}`);
    this.#sockets.push(socket);
    socket.addEventListener("open", () => {
      resolve(undefined);
    });
    socket.addEventListener("error", () => {
      reject(new Error(`The Playground's socket ${path} failed.`));
    });
    socket.addEventListener("message", (event) => {
      accept(String(event.data));
    });
    await promise;
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    return await call("POST", `${this.url}${path}`, body);
  }
}

async function call(method: "GET" | "POST", url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json") && text !== "";
  const answer: unknown = isJson ? parseJson(text) : text;
  if (!response.ok) {
    throw new PlaygroundCallFailed(`${method} ${new URL(url).pathname}`, response.status, answer);
  }
  return answer;
}

function describe(message: SeenMessage): string {
  const card = cardOf(message);
  return [
    `  ${message.id} in ${message.conversationId}, ${message.updates} updates`,
    ...(message.summary === null ? [] : [`    summary: ${message.summary}`]),
    ...(message.text === null ? [] : [`    text: ${message.text}`]),
    ...(card === null ? [] : [`    card: ${cardTexts(card).join(" | ")}`]),
  ].join("\n");
}
