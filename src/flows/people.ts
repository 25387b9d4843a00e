import type { Person } from "../core/access.ts";
import type { ConversationId } from "../core/ids.ts";
import type { Requester } from "../core/watch.ts";
import type { Conversation } from "./ports.ts";

/** Who writes to the bot, as Teams knows it. Never rejects. */
export type People = {
  whoIs(conversation: Conversation, userId: string): Promise<Person>;
  /** The Graph id of a channel's team; null when it is no channel or Teams does not say. */
  groupIdOf(conversation: Conversation): Promise<string | null>;
  /** A person of a conversation by id in Entra or by name, as a mention needs them; null when there is none. */
  find(
    conversation: Conversation,
    user: string,
  ): Promise<(Requester & { readonly id: string }) | null | "unavailable">;
  /** Whether a channel is one of a conversation's team; null when Teams does not say. */
  hasChannel(conversation: Conversation, channel: ConversationId): Promise<boolean | null>;
  /** A chat with one person alone, made where there was none. */
  openChat(near: Conversation, userId: string): Promise<OpenedChat>;
};

type OpenedChat =
  | { readonly kind: "opened"; readonly conversation: Conversation }
  /** The app is not installed for them, and Teams allows no chat. */
  | { readonly kind: "notInstalled" }
  | { readonly kind: "unavailable"; readonly reason: string };
