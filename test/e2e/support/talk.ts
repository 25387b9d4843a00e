import type { Sandbox } from "../../../src/sandbox/server.ts";
import { cardOf, cardTexts, headingOf } from "./card-reading.ts";
import type { Conversation } from "./conversation.ts";
import type { Playground } from "./playground.ts";
import type { SeenMessage } from "./seen-messages.ts";

export type Plan = Parameters<Sandbox["addOperation"]>[0];

export type StartedOperation = {
  /** As Graph gives it, for pasting. */
  readonly location: string;
  readonly id: string;
  /** The team or chat that it makes; empty where the location does not name it. */
  readonly owner: string;
};

/** Starts an operation whose life begins with its first check, so that the first answer is its first step. */
export function startOperation(
  sandbox: Sandbox,
  life: Plan["life"],
  kind: Plan["kind"] = "team",
  more: Partial<Plan> = {},
): StartedOperation {
  const { location } = sandbox.addOperation({ kind, life, startsAtFirstCheck: true, ...more });
  // Some kinds have their keys in parentheses, the others behind a slash.
  const [id = location.slice(location.lastIndexOf("/") + 1), owner = ""] = [
    ...location.matchAll(/\('([^']+)'\)/g),
  ]
    .map(([, key]) => key ?? "")
    .toReversed();
  return { location, id, owner };
}

/** The cards of an operation in the conversation: one, if all is well. */
export function cardsOf(
  playground: Playground,
  conversation: Conversation,
  operation: StartedOperation,
): readonly SeenMessage[] {
  return playground.messages(conversation).filter((message) => isCardOf(message, operation));
}

/** Waits until the operation's card has this heading. */
export async function cardTitled(
  playground: Playground,
  conversation: Conversation,
  operation: StartedOperation,
  heading: string,
): Promise<SeenMessage> {
  return await playground.waitForMessage(
    conversation,
    (message) => isCardOf(message, operation) && headingOf(message) === heading,
    { what: `the card "${heading}" of ${operation.id}`, timeoutMs: 60_000 },
  );
}

/** Says something and waits for what the bot answers in text; a mention is a ping and answers nobody. */
export async function ask(
  playground: Playground,
  conversation: Conversation,
  text: string,
): Promise<SeenMessage> {
  const before = new Set(playground.messages(conversation).map((message) => message.id));
  const said = await playground.say(conversation, text);
  return await playground.waitForMessage(
    said.conversation,
    (message) => !before.has(message.id) && isReply(message),
    { what: `an answer to "${text}"` },
  );
}

/** The text messages of the bot that mention somebody. */
export function pingsIn(playground: Playground, conversation: Conversation): readonly SeenMessage[] {
  return playground.messages(conversation).filter((message) => message.text?.startsWith("<at>") === true);
}

/** As a card's first facts show an id: a long one has no place to break, and stands whole in the details only. */
export function shortly(id: string): string {
  return id.length > 40 ? `${id.slice(0, 16)}…${id.slice(-6)}` : id;
}

function isReply({ text }: SeenMessage): boolean {
  return text !== null && text !== "" && !text.startsWith("<at>");
}

function isCardOf(message: SeenMessage, operation: StartedOperation): boolean {
  const card = cardOf(message);
  return card !== null && cardTexts(card).some((text) => unescaped(text).includes(operation.id));
}

/** A text as a reader sees it, without what keeps it from being Markdown. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?=[\\`*_[\]()#~|])/g, "");
}
