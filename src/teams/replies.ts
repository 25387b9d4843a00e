import { MAX_COMMAND_LENGTH } from "../core/command.ts";
import type { Refused } from "../core/address.ts";
import { viewOf, type CardView } from "../core/card-view.ts";
import type { EpochMs } from "../core/ids.ts";
import type { AliasReply } from "../flows/name-conversation.ts";
import type { FindReply } from "../flows/find-watch.ts";
import type { Conversation, WatchRecord } from "../flows/ports.ts";
import type { StopReply } from "../flows/stop-watches.ts";
import type { TrackReply } from "../flows/track-operation.ts";
import { factsOf, meaningOf, headOf, standingOf, titleOf, troubleOf } from "./card-text.ts";
import { linkToCard } from "./message-link.ts";
import { code, plain, unlinked, utcTime } from "./plain-text.ts";
import type { Words } from "./words/words.ts";

/** The sample of the documentation: https://learn.microsoft.com/graph/api/team-post */
const EXAMPLE =
  "/teams('dbd8de4f-5d47-48da-87f1-594bed003375')/operations('3a6fdce1-c261-48bc-89de-1cfef658c0d5')";
const LIST_LENGTH = 25;
const REFUSED_LENGTH = 3;
const SHOWN_TEXT = 120;

/** Those whose sentence does not say yet what to paste. */
const NEEDS_EXAMPLE: ReadonlySet<string> = new Set([
  "notAnOperation",
  "target",
  "placeholder",
  "metadata",
  "unknownHost",
  "malformed",
]);

/** Turns what a flow answered into what the bot says: Markdown, or null when the card says it. */
export class Replies {
  readonly #words: Words;
  readonly #conversation: Conversation;
  /** What a person writes before a command here. */
  readonly #mention: string;

  constructor(words: Words, conversation: Conversation) {
    this.#words = words;
    this.#conversation = conversation;
    this.#mention = conversation.kind === "personal" ? "" : `@${plain(conversation.reference.botName)} `;
  }

  welcome(): string {
    return `${this.#words.welcome}\n\n${this.help()}`;
  }

  help(): string {
    return this.#words.help(this.#mention, EXAMPLE);
  }

  /** @param hasLocation what was written holds an operation's location. */
  hint(hasLocation: boolean): string {
    return hasLocation ? this.#words.hintTrack(this.#mention) : this.#words.hint(this.#mention);
  }

  tooLong(length: number): string {
    return this.#words.tooLong(length, MAX_COMMAND_LENGTH);
  }

  trouble(): string {
    return this.#words.trouble;
  }

  track(reply: TrackReply): string | null {
    const words = this.#words;
    switch (reply.kind) {
      case "foreignTenant":
        return words.foreignTenant;
      case "guest":
        return words.guest;
      case "unknownPerson":
        return words.unknownPerson;
      case "bareId":
        return words.bareId(code(reply.text, SHOWN_TEXT));
      case "nothing":
        return words.nothingToTrack(this.#mention, EXAMPLE);
      case "tooMany":
        return words.tooMany(reply.count, reply.max);
      case "tracked": {
        const known = reply.tracked.filter(({ isNew }) => !isNew).map(({ watch }) => this.#already(watch));
        const refused = reply.refused.slice(0, REFUSED_LENGTH).map((result) => this.#refused(result));
        const more = reply.refused.length - refused.length;
        if (more > 0) refused.push(words.refusedMore(more));
        const isHelped = reply.refused.some(({ problem }) => NEEDS_EXAMPLE.has(problem));
        if (isHelped) refused.push(words.expected(EXAMPLE));
        const denied = reply.denied
          .slice(0, REFUSED_LENGTH)
          .map(({ address, why }) => words.denied[why](code(address.operation, SHOWN_TEXT)));
        if (reply.denied.length > denied.length) {
          denied.push(words.deniedMore(reply.denied.length - denied.length));
        }
        const lines = [...known, ...denied, ...refused];
        return lines.length === 0 ? null : lines.join("\n\n");
      }
    }
  }

  alias(reply: AliasReply): string {
    const words = this.#words;
    switch (reply.kind) {
      case "set":
        return words.aliasSet(code(reply.name));
      case "taken":
        return words.aliasTaken(code(reply.name));
      case "foreignTenant":
        return words.foreignTenant;
      case "guest":
        return words.guest;
      case "unknownPerson":
        return words.unknownPerson;
      case "bad":
        return words.aliasBad(this.#mention);
      case "list":
        return words.aliasList(
          reply.names.map((name) => code(name)),
          this.#mention,
        );
      case "removed":
        return words.aliasRemoved(code(reply.name));
      case "unknown":
        return words.aliasUnknown(code(reply.name));
    }
  }

  list(watches: readonly WatchRecord[]): string {
    const words = this.#words;
    if (watches.length === 0) return words.emptyList(this.#mention);
    const lines = watches.slice(0, LIST_LENGTH).map((watch) => {
      const view = viewOf(watch.address, watch.state, watch);
      const standing = standingOf(view, words);
      return words.listLine(headOf(view, words), standing, plain(view.requester, 60), code(view.operation));
    });
    const more = watches.length - LIST_LENGTH;
    const text = [words.listHeader(watches.length), ...lines].join("\n");
    return more > 0 ? `${text}\n\n${words.listMore(more)}` : text;
  }

  status(reply: FindReply): string {
    if (reply.kind !== "found") return this.#notFound(reply, "status");
    const { watch } = reply;
    const view = viewOf(watch.address, watch.state, watch);
    return this.facts(view);
  }

  stop(reply: StopReply): string {
    const words = this.#words;
    switch (reply.kind) {
      case "stopped":
        return reply.watches.length === 0 ? words.nothingToStop : words.stopped(reply.watches.length);
      case "over": {
        const view = viewOf(reply.watch.address, reply.watch.state, reply.watch);
        return words.alreadyOver(headOf(view, words), standingOf(view, words));
      }
      case "nothing":
      case "unknown":
        return this.#notFound(reply, "stop");
    }
  }

  facts(view: CardView): string {
    const words = this.#words;
    const clock = (at: EpochMs): string => utcTime(at, words.locale);
    const facts = factsOf(view, words, clock).map(
      ({ title, value }) => `- ${words.joins.labelled(title, unlinked(value))}`,
    );
    const trouble = troubleOf(view, words, clock);
    const lines = [
      `**${titleOf(view, words)}**`,
      meaningOf(view, words),
      ...(trouble === "" ? [] : [trouble]),
    ];
    return `${lines.join("\n\n")}\n\n${facts.join("\n")}`;
  }

  #already(watch: WatchRecord): string {
    const view = viewOf(watch.address, watch.state, watch);
    const link = linkToCard(this.#conversation, watch);
    return this.#words.already(headOf(view, this.#words), standingOf(view, this.#words), link);
  }

  #refused(result: Refused): string {
    return this.#words.refused[result.problem](code(result.text, SHOWN_TEXT));
  }

  #notFound(reply: Exclude<FindReply, { kind: "found" }>, command: string): string {
    if (reply.kind === "nothing") return this.#words.whichOne(command, this.#mention);
    return this.#words.unknownWatch(code(reply.text, SHOWN_TEXT), this.#mention);
  }
}
