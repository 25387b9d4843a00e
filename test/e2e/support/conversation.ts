import { isRecord, listAt, recordAt, textAt } from "./json.ts";

export type Account = { readonly id: string; readonly name: string; readonly aadObjectId: string | null };

export type Conversation = {
  readonly kind: "personal" | "group" | "channel" | "thread";
  readonly id: string;
  /** As the Playground lists it; for a thread the name of its channel. */
  readonly name: string;
};

export type Conversations = {
  readonly personal: Conversation;
  readonly group: Conversation;
  /** The team's General channel; its id is also the id of the team. */
  readonly general: Conversation;
  readonly channel: Conversation;
};

export type Cast = {
  readonly tenantId: string;
  readonly bot: Account;
  /** The person who types and presses, unless another is named. */
  readonly me: Account;
  readonly others: readonly Account[];
};

/** A thread of a channel is addressed as Teams does it, by the id of its first message. */
export function threadOf(channel: Conversation, rootMessageId: string): Conversation {
  return { kind: "thread", id: `${channel.id};messageid=${rootMessageId}`, name: channel.name };
}

/** True when a message posted at `address` is to be seen in `conversation`; a channel shows all its threads. */
export function shows(conversation: Conversation, address: string): boolean {
  return (
    address === conversation.id ||
    (conversation.kind === "channel" && address.startsWith(`${conversation.id};messageid=`))
  );
}

/** Reads what the Playground answers at `/_internal/v1/testConfig`. */
export function readConfig(answer: unknown): { readonly cast: Cast; readonly conversations: Conversations } {
  const config = recordAt(answer, "config");
  const team = listAt(config, "teams")[0];
  const channels = listAt(team, "channels");
  const teamName = textAt(team, "name") ?? "";
  const place = (kind: Conversation["kind"], value: unknown, prefix = ""): Conversation => ({
    kind,
    id: needed(value, "id"),
    name: `${prefix}${needed(value, "name")}`,
  });
  return {
    cast: {
      tenantId: needed(config, "tenantId"),
      bot: account(config["bot"]),
      me: account(config["currentUser"]),
      others: listAt(config, "users").map(account),
    },
    conversations: {
      personal: place("personal", config["personalChat"]),
      group: place("group", listAt(config, "groupChats")[0]),
      general: place("channel", channels[0], `${teamName} - `),
      channel: place("channel", channels[1], `${teamName} - `),
    },
  };
}

function account(value: unknown): Account {
  return { id: needed(value, "id"), name: needed(value, "name"), aadObjectId: textAt(value, "aadObjectId") };
}

function needed(value: unknown, key: string): string {
  const text = isRecord(value) ? textAt(value, key) : null;
  if (text === null) {
    throw new Error(`The Playground's configuration has no "${key}" in ${JSON.stringify(value)}.`);
  }
  return text;
}
