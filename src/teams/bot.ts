import { setTimeout as sleep } from "node:timers/promises";
import { Application } from "@microsoft/teams-ai/lib/Application.js";
import { ActivityTypes, type TurnContext } from "botbuilder";
import { mayServe } from "../core/access.ts";
import type { CloudName } from "../core/clouds.ts";
import { viewOf } from "../core/card-view.ts";
import { parseCommand, type Command } from "../core/command.ts";
import { conversationId, parseWatchId, type ConversationId } from "../core/ids.ts";
import { nameConversation } from "../flows/name-conversation.ts";
import { within } from "../flows/within.ts";
import { findAddresses } from "../core/find-addresses.ts";
import { findWatch } from "../flows/find-watch.ts";
import { describeFault, type Log } from "../flows/log-event.ts";
import type { WatchRecord } from "../flows/ports.ts";
import { refreshWatch } from "../flows/refresh-watch.ts";
import { stopAllWatches, stopFound, stopWatch } from "../flows/stop-watches.ts";
import type { TeamsPauses } from "../flows/teams-pauses.ts";
import { trackOperation, type TrackDeps, type TrackSettings } from "../flows/track-operation.ts";
import type { TurnResult } from "./adapter.ts";
import type { Connector } from "./connector.ts";
import { localTime, shortened, utcTime } from "./plain-text.ts";
import { fieldsOf, readActivity, type Incoming } from "./read-activity.ts";
import { renderCard } from "./render-card.ts";
import { Replies } from "./replies.ts";
import { once } from "./once.ts";
import { createSeen } from "./seen.ts";
import { sendReply } from "./send-reply.ts";
import { wordsFor } from "./words/languages.ts";
import type { Words } from "./words/words.ts";

export type BotDeps = TrackDeps & {
  readonly connector: Connector;
  readonly cloud: CloudName;
  readonly log: Log;
  readonly pauses: TeamsPauses;
};

type Turn = { readonly incoming: Incoming; readonly replies: Replies };

/** Activities → commands → flows → replies. Cards are not written here: the deliveries do that. */
export function createBot(
  deps: BotDeps,
  settings: TrackSettings,
): (context: TurnContext) => Promise<TurnResult> {
  const app = new Application({ removeRecipientMention: false });
  // It would write each second while a command takes long, also in a pause that Teams has asked for, and no option keeps
  // it from that (teams-ai 1.7.4, Application.run).
  app.startTypingTimer = () => undefined;
  addButtons(app, deps);
  addCommands(app, deps, settings);
  addMembership(app, deps, settings);
  const seen = createSeen(deps, settings.servedTenants);
  return (context) =>
    once(deps, context, async () => {
      // A button tells nothing new, and whoever pressed it waits.
      if (context.activity.type !== "invoke") await seen(context);
      await app.run(context);
    });
}

function addCommands(app: Application, deps: BotDeps, settings: TrackSettings): void {
  const { store, now } = deps;
  const { graph } = settings;
  const on = <Name extends Command["name"]>(
    name: Name,
    answer: (turn: Turn, command: Extract<Command, { name: Name }>) => Promise<string | null> | string | null,
  ): void => {
    app.message(
      (context) => Promise.resolve(isMessage(context) && commandOf(context).name === name),
      (context) =>
        inTurn(deps, context, name, async (turn) => {
          const command = commandOf(context);
          return isNamed(command, name) ? answer(turn, command) : null;
        }),
    );
  };
  on("track", async ({ incoming, replies }, { rest }) => {
    const { conversation, threadId, from: requester, entraId, activityId: askedBy, html } = incoming;
    const notify = "auto" as const;
    const request = { conversation, threadId, requester, entraId, notify, askedBy, text: rest, html };
    return replies.track(await trackOperation(deps, settings, request));
  });
  on("list", async ({ incoming, replies }) =>
    replies.list(await store.openWatches(incoming.conversation.id)),
  );
  on("status", async ({ incoming, replies }, { rest }) =>
    replies.status(await findWatch({ store }, graph, incoming.conversation.id, rest)),
  );
  on("stop", async ({ incoming, replies }, { rest }) =>
    replies.stop(await stopWatch({ store, now }, graph, incoming.conversation.id, rest)),
  );
  on("stopAll", async ({ incoming, replies }) =>
    replies.stop(await stopAllWatches({ store, now }, incoming.conversation.id)),
  );
  on("alias", async ({ incoming, replies }, { rest }) =>
    replies.alias(
      await nameConversation(deps, settings, {
        conversation: incoming.conversation,
        requester: incoming.from,
        text: rest,
      }),
    ),
  );
  on("help", ({ replies }) => replies.help());
  on("tooLong", ({ replies }, { length }) => replies.tooLong(length));
  on("unknown", ({ incoming, replies }) =>
    replies.hint(findAddresses(incoming.text, graph).addresses.length > 0),
  );
  on("empty", ({ replies }) => replies.hint(false));
}

/** Action.Execute answers with the card; its fallback, Action.Submit of older clients, with a message. */
function addButtons(app: Application, deps: BotDeps): void {
  const { store, now, cloud, log } = deps;

  async function press(context: TurnContext, verb: "refresh" | "stop", data: unknown): Promise<Pressed> {
    const words = wordsOf(context);
    const gone: Pressed = { text: words.gone, watch: null, note: "" };
    const incoming = readActivity(context.activity);
    const id = parseWatchId(fieldsOf(data)["watch"]);
    if (incoming === null || id === null || (await isOthers(store, incoming))) return gone;
    if (verb === "stop") {
      const watch = await store.watch(id);
      if (watch === null || watch.conversationId !== incoming.conversation.id) {
        return gone;
      }
      const reply = await stopFound({ store, now }, watch);
      const text = new Replies(words, incoming.conversation).stop(reply);
      if (reply.kind === "stopped") return { text, watch: reply.watches[0] ?? watch, note: "" };
      return { text, watch: reply.kind === "over" ? reply.watch : watch, note: "" };
    }
    const reply = await refreshWatch({ store, now }, incoming.conversation.id, id);
    if (reply.kind === "gone") return gone;
    if (reply.kind === "over") {
      const text = new Replies(words, incoming.conversation).stop(reply);
      return { text, watch: reply.watch, note: "" };
    }
    const seconds = Math.ceil(reply.waitMs / 1000);
    if (seconds === 0 || reply.answeredAt === null) {
      return { text: words.refreshedNow, watch: reply.watch, note: words.refreshedNow };
    }
    const { answeredAt } = reply;
    const age = Math.max(Math.round((now() - answeredAt) / 1000), 0);
    return {
      text: words.refreshed(age, utcTime(answeredAt, words.locale), seconds),
      watch: reply.watch,
      note: words.refreshed(age, localTime(answeredAt), seconds),
    };
  }

  for (const verb of ["refresh", "stop"] as const) {
    app.adaptiveCards.actionExecute<unknown>(verb, async (context, _state, data) => {
      const startedAt = now();
      try {
        const pressed = await within(ANSWER_WITHIN_MS, press(context, verb, data));
        if (pressed === null) return wordsOf(context).takesLong;
        const { text, watch, note } = pressed;
        if (watch === null) return text;
        log({ event: "command", name: verb, conversation: watch.conversationId, ms: now() - startedAt });
        deps.measure?.({ measured: "command", name: verb, ms: now() - startedAt });
        const setting = { words: wordsOf(context), cloud };
        const { card } = renderCard(viewOf(watch.address, watch.state, watch), watch.id, setting, note);
        return { ...card, type: "AdaptiveCard" };
      } catch (error) {
        log({ event: "command.failed", name: verb, error: describeFault(error) });
        return wordsOf(context).trouble;
      }
    });
    app.adaptiveCards.actionSubmit<unknown>(verb, (context, _state, data) =>
      inTurn(deps, context, verb, async () => (await press(context, verb, data)).text),
    );
  }
}

/** Clients say “Unable to reach app” after some 5 to 15 s: https://github.com/microsoft/AdaptiveCards/issues/3701 */
const ANSWER_WITHIN_MS = 4_000;

type Pressed = { readonly text: string; readonly watch: WatchRecord | null; readonly note: string };

/** In the language of whoever presses or writes, whatever the conversation's is. */
function wordsOf(context: TurnContext): Words {
  return wordsFor(readActivity(context.activity)?.conversation.reference.locale);
}

/** The bot comes into a conversation, or leaves it. */
function addMembership(
  app: Application,
  deps: BotDeps,
  { servedTenants }: Pick<TrackSettings, "servedTenants">,
): void {
  const { store, now, log } = deps;
  app.activity(ActivityTypes.InstallationUpdate, async (context) => {
    const action = context.activity.action ?? "";
    const incoming = readActivity(context.activity);
    if (incoming === null) return;
    if (action.startsWith("add")) {
      if (!mayServe(incoming.conversation.tenantId, servedTenants)) return;
      await store.welcomeBack(incoming.conversation);
      await inTurn(deps, context, "install", async ({ replies }) =>
        (await store.greetOnce(incoming.conversation, now())) ? replies.welcome() : null,
      );
    } else if (action === "remove") {
      await leave(incoming, incoming.conversation.id, "removed");
    }
  });
  app.conversationUpdate("membersRemoved", async (context) => {
    const incoming = readActivity(context.activity);
    const removed = context.activity.membersRemoved ?? [];
    const isBot = removed.some(({ id }) => id === incoming?.conversation.reference.botId);
    if (incoming !== null && isBot) await leave(incoming, incoming.conversation.id, "removed");
  });
  app.conversationUpdate("channelDeleted", async (context) => {
    const incoming = readActivity(context.activity);
    const channel = fieldsOf(fieldsOf(context.activity.channelData)["channel"])["id"];
    if (incoming !== null && typeof channel === "string") {
      await leave(incoming, conversationId(channel), "channel deleted");
    }
  });

  app.conversationUpdate("teamDeleted", async (context) => {
    const incoming = readActivity(context.activity);
    const team = fieldsOf(fieldsOf(context.activity.channelData)["team"])["id"];
    if (incoming !== null && typeof team === "string") {
      await leave(incoming, conversationId(team), "team deleted");
    }
  });

  async function leave({ conversation }: Incoming, id: ConversationId, reason: string): Promise<void> {
    await store.forgetConversation({ id, tenantId: conversation.tenantId }, now());
    log({ event: "conversation.gone", conversation: id, reason });
  }
}

/** A conversation is of one tenant; what comes from another with its id is nothing to it. */
async function isOthers(
  store: Pick<BotDeps["store"], "conversation">,
  { conversation: { id, tenantId } }: Incoming,
): Promise<boolean> {
  const known = await store.conversation(id);
  return known !== null && known.tenantId !== tenantId;
}

/**
 * Reads the activity, answers it in its own thread, and tells the person when something broke.
 * @throws when nothing was done and nobody could be told: then Teams is to send the activity again.
 */
async function inTurn(
  deps: BotDeps,
  context: TurnContext,
  name: string,
  answer: (turn: Turn) => Promise<string | null>,
): Promise<void> {
  const { store, now, log, measure } = deps;
  const incoming = readActivity(context.activity);
  if (incoming === null) return;
  const { conversation } = incoming;
  const words = wordsFor(conversation.reference.locale);
  const replies = new Replies(words, conversation);
  const startedAt = now();
  let text: string | null;
  let failure: unknown = null;
  try {
    text = (await isOthers(store, incoming))
      ? replies.track({ kind: "foreignTenant" })
      : await answer({ incoming, replies });
    log({ event: "command", name, conversation: conversation.id, ms: now() - startedAt });
    measure?.({ measured: "command", name, ms: now() - startedAt });
  } catch (error) {
    log({ event: "command.failed", name, error: describeFault(error) });
    failure = error;
    text = replies.trouble();
  }
  if (text === null) return;
  const reply = { text, textFormat: "markdown", summary: summaryOfReply(name, text, words) };
  const why = await sendReply({ ...deps, sleep }, incoming, reply).catch(describeFault);
  if (why === null) return;
  log({ event: "command.failed", name, error: `no reply: ${why}` });
  if (failure !== null) throw new Error("Nothing was done, and nobody could be told.", { cause: failure });
}

/** A route's selector is asked for every kind of activity, and most have no text. */
function isMessage(context: TurnContext): boolean {
  return context.activity.type === "message";
}

/** Read once for a turn, however many routes ask. */
const commands = new WeakMap<TurnContext, Command>();

function commandOf(context: TurnContext): Command {
  const known = commands.get(context);
  if (known !== undefined) return known;
  const command = parseCommand(readActivity(context.activity)?.text ?? "");
  commands.set(context, command);
  return command;
}

function isNamed<Name extends Command["name"]>(
  command: Command,
  name: Name,
): command is Extract<Command, { name: Name }> {
  return command.name === name;
}

/** For the toast and the chat list, which show Markdown as it is written. */
function summaryOfReply(name: string, text: string, words: Words): string {
  if (name === "help" || name === "install") return words.helpTitle;
  const line = text.split("\n", 1)[0] ?? "";
  return shortened(line.replace(/\*\*|`|\\(?=[^\w\s])|\]\([^)]*\)|^- |\[/gu, ""), 200);
}
