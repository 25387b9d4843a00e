import { viewOf, type CardView } from "../core/card-view.ts";
import type { EpochMs, WatchId } from "../core/ids.ts";
import { obeyedPauseMs } from "../core/retry-after.ts";
import { keepTrying } from "./keep-trying.ts";
import type { Measure } from "./meter.ts";
import type { Log } from "./log-event.ts";
import type {
  DeliveryConversation,
  Message,
  Now,
  Store,
  TakenDelivery,
  Teams,
  TeamsResult,
  Undelivered,
} from "./ports.ts";
import type { NearTurns } from "./near-turns.ts";
import { isSmoothEnd, messageDue } from "./undelivered.ts";
import type { TeamsPauses } from "./teams-pauses.ts";

/** A write to Teams takes no longer. */
export const WRITE_MS = 10_000;
/**
 * Renewed for each write. With the wait for a sweep, a conversation whose holder has died is free after 20 s; and
 * what a write waits for before it begins may take the rest.
 */
export const LEASE_MS = 15_000;
/** Where the database takes long to answer: longer than that it doesn't. */
const LONGEST_LEASE_MS = 40_000;
/** Waits between tries when Teams does not answer: 1 s, doubled up to two minutes. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 120_000;
/** 404s on one card, with waits in between, before it counts as deleted: single ones are known to be spurious. */
const CARD_GONE_AFTER = 3;
const CONVERSATION_GONE_AFTER = 3;
/** Watches that are read together; what becomes more urgent meanwhile waits for them. */
const AT_ONCE = 4;

export type DeliveryDeps = {
  readonly store: Store;
  readonly teams: Teams;
  readonly now: Now;
  readonly log: Log;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly pauses: TeamsPauses;
  readonly measure?: Measure;
};

/** How a conversation's delivery went on: `next` to the following write, or `wait` until then. */
type Step =
  | { readonly kind: "next" }
  | { readonly kind: "wait"; readonly until: EpochMs; readonly misses: number }
  /** The card's turn in its tenant's line comes then; cards that are not there yet go before it, if it is there. */
  | { readonly kind: "inLine"; readonly until: EpochMs; readonly isPost: boolean }
  | { readonly kind: "stop" };

/** When there is room again for cards that wait in line, and for those that are not there yet; null: at once. */
type Turns = { readonly placeAt: EpochMs | null; readonly postsAt: EpochMs | null };

/** A card that shows what there is, and a message that is still to come. */
type Delivered = {
  readonly kind: "shown";
  readonly watch: Undelivered;
  readonly message: Message;
  readonly view: CardView;
};

const NEXT = { kind: "next" } as const satisfies Step;
const STOP = { kind: "stop" } as const satisfies Step;

/** Brings the cards of one conversation up to date, one write after the other. */
export class ConversationDelivery {
  readonly #deps: DeliveryDeps;
  readonly #nearTurns: NearTurns;
  readonly #isStopping: () => boolean;
  #conversation: DeliveryConversation;
  #pauseKept: Promise<void> = Promise.resolve();

  /** @param isStopping then no write is begun any more: others go on */
  constructor(
    deps: DeliveryDeps,
    conversation: DeliveryConversation,
    nearTurns: NearTurns,
    isStopping: () => boolean,
  ) {
    this.#deps = deps;
    this.#conversation = conversation;
    this.#nearTurns = nearTurns;
    this.#isStopping = isStopping;
  }

  async run(): Promise<void> {
    try {
      await this.#run();
    } finally {
      await this.#pauseKept;
    }
  }

  async #run(): Promise<void> {
    const { store, now } = this.#deps;
    for (;;) {
      const turns = await this.#writeAll();
      if (turns === null) return;
      const { placeAt, postsAt } = turns;
      const turnAt = postsAt ?? placeAt;
      if (turnAt !== null && (await this.#nearTurns.reach(turnAt))) continue;
      const misses = turnAt === null ? 0 : this.#conversation.misses;
      await store.releaseConversation(this.#conversation, { misses, retryAt: null, placeAt, postsAt }, now());
      return;
    }
  }

  /** @returns when it goes on for cards that wait in line, and for those that are not there yet; null: it is over. */
  async #writeAll(): Promise<Turns | null> {
    const { store, now } = this.#deps;
    let placeAt: EpochMs | null = null;
    let postsAt: EpochMs | null = null;
    while (postsAt === null) {
      // While one waits in line, cards that are not there yet need not.
      const step = await this.#deliverNext(placeAt === null ? "all" : "posts");
      if (step === null) break;
      if (step.kind === "stop") return null;
      if (step.kind === "wait") {
        const { misses, until } = step;
        await store.releaseConversation(this.#conversation, { misses, retryAt: until }, now());
        return null;
      }
      if (step.kind === "inLine") {
        placeAt = step.until;
        // Where there is no room for one that is new, there is none for others either.
        if (step.isPost) postsAt = step.until;
      }
    }
    return { placeAt, postsAt };
  }

  /**
   * The next few watches, ends first: their cards, and then their messages, so that of those that end together no card
   * waits for another one's message. Whoever was stopped or has moved on since they were read is read anew.
   * @returns null: there are none
   */
  async #deliverNext(which: "all" | "posts"): Promise<Step | null> {
    const watches = await this.#deps.store.undelivered(this.#conversation.id, AT_ONCE, which);
    if (watches.length === 0) return null;
    const toTell: Delivered[] = [];
    for (const watch of watches) {
      if (!isSmoothEnd(watch)) {
        const step = await this.#tellAll(toTell);
        if (step.kind !== "next") return step;
      }
      const step = await this.#showCard(watch);
      if (step.kind === "shown") toTell.push(step);
      else if (step.kind !== "next") return step;
    }
    return this.#tellAll(toTell);
  }

  /** One watch's card, where it would look different. */
  async #showCard(watch: Undelivered): Promise<Step | Delivered> {
    const { store, teams, now } = this.#deps;
    if (this.#isStopping()) return this.#leave();
    const view = viewOf(watch.address, watch.state, watch);
    const card = teams.render(view, watch.id, this.#conversation);
    let { activityId, shown } = watch;
    // Posted, but Teams gave no id to change it by: then only the end is worth another post.
    const isOutOfReach = activityId === null && shown !== null && view.isLive;
    const isUnwanted = isOutOfReach || (activityId === null && watch.closed?.reason === "stopped");
    if (shown !== card.fingerprint && !isUnwanted) {
      const to = this.#conversation;
      const startAt = now();
      const result = await this.#write({ ...watch, isPost: activityId === null }, () =>
        activityId === null
          ? teams.postCard(to, watch.threadId, card)
          : teams.updateCard(to, watch.threadId, activityId, card),
      );
      if (result.kind === "done") {
        const event = activityId === null ? "card.posted" : "card.updated";
        activityId = result.activityId ?? activityId;
        shown = card.fingerprint;
        this.#deps.log({ event, watch: watch.id, conversation: to.id });
        const attributes = { event, standing: view.standing, watch: watch.id };
        const step = {
          name: "deliver",
          operation: watch.operationId,
          startAt,
          endAt: now(),
          attributes,
        } as const;
        this.#deps.measure?.({ measured: "step", ...step });
      } else if (result.kind === "rejected") {
        // It will not be taken the next time either. What the card shows stays; a ping may still be due.
        const { status, code } = result;
        this.#deps.log({ event: "delivery.rejected", conversation: to.id, status, code });
      } else {
        return this.#onTrouble(watch, result);
      }
    }
    const message = messageDue(watch);
    const wanted = message === null ? watch.wanted : watch.wanted - 1;
    // Before its message is marked the card is saved as shown, but as still undelivered: should we
    // die in between, the message is still to come.
    await store.saveShown({ watch: watch.id, activityId, shown, wanted });
    if (message === null) return NEXT;
    return { kind: "shown", watch: { ...watch, activityId, shown }, message, view };
  }

  async #tellAll(toTell: Delivered[]): Promise<Step> {
    for (const { watch, message, view } of toTell.splice(0)) {
      if (this.#isStopping()) return this.#leave();
      const step = await this.#tell(watch, message, view);
      if (step.kind !== "next") return step;
      const { id, activityId, shown, wanted } = watch;
      await this.#deps.store.saveShown({ watch: id, activityId, shown, wanted });
    }
    return NEXT;
  }

  async #tell(watch: Undelivered, message: Message, view: CardView): Promise<Step> {
    const { store, teams, now, log } = this.#deps;
    const to = this.#conversation;
    const marked: { at: EpochMs | null } = { at: null };
    // Marked as late as can be: what is marked, and then not sent because we die, is sent by nobody.
    const mark = async (): Promise<boolean> => {
      const at = now();
      if (marked.at === null && (await store.markSent(watch.id, message, at))) marked.at = at;
      return marked.at !== null;
    };
    const result = await this.#write(
      watch,
      () => teams.postMessage(message, to, watch.threadId, watch.requester, view),
      mark,
    );
    if (result.kind === "done") {
      log({ event: "card.pinged", message, watch: watch.id, conversation: to.id });
      return NEXT;
    }
    const surelyNotSent =
      result.kind === "throttled" ||
      result.kind === "conversationGone" ||
      result.kind === "lost" ||
      result.kind === "overBudget" ||
      result.kind === "inLine" ||
      result.kind === "changed" ||
      (result.kind === "unavailable" && result.isCertain);
    // Sent or not, nobody can tell, and what was rejected would be again: it is not sent again. Nor what others have sent.
    if (!surelyNotSent) return NEXT;
    // However long the database is away: with the mark on it nobody would send it.
    const { at } = marked;
    if (at !== null) {
      await keepTrying(this.#deps, now() + LONGEST_WAIT_MS, () => store.unmarkSent(watch.id, message, at));
    }
    return this.#onTrouble(watch, result);
  }

  /**
   * Every write to Teams goes through here: within the conversation's budget and its lease.
   * @param isOurs asked when there is room for the write, and before the lease is looked at for the last time
   */
  async #write(
    what: { readonly id: WatchId; readonly wanted: number; readonly isPost?: boolean },
    write: () => Promise<TeamsResult>,
    isOurs: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<Written> {
    const { store, now } = this.#deps;
    for (let leaseMs = LEASE_MS; ;) {
      const at = now();
      const leaseUntil = Math.max(at + leaseMs, this.#conversation.leaseUntil + 1);
      const taken = await store.takeDelivery(this.#conversation, what, leaseUntil, at);
      if (taken.kind === "lost") return taken;
      this.#conversation = { ...this.#conversation, leaseUntil };
      if (taken.kind !== "taken") return taken;
      if (!(await isOurs())) return { kind: "others" };
      // What an answer heard while this waited for the database.
      const waitMs = this.#deps.pauses.leftMs(this.#conversation.id);
      if (waitMs > 0) return { kind: "overBudget", waitMs };
      if (now() + WRITE_MS <= leaseUntil) return this.#heard(await write());
      // Who waited or stood still for so long may not hold the conversation to the end of the write: it is held anew.
      if (leaseMs === LONGEST_LEASE_MS) return { kind: "lost" };
      leaseMs = Math.min(WRITE_MS + 2 * (now() - at), LONGEST_LEASE_MS);
    }
  }

  /** A pause holds from the moment when it is heard, whatever becomes of the lease and of the database. */
  #heard(result: TeamsResult): TeamsResult {
    if (result.kind !== "throttled" || result.retryAfterMs === null) return result;
    const until = this.#deps.now() + obeyedPauseMs(result.retryAfterMs);
    this.#pauseKept = this.#deps.pauses.pause(this.#conversation.id, until);
    return result;
  }

  async #onTrouble(
    watch: Undelivered,
    result: Exclude<Written, { kind: "done" | "rejected" }>,
  ): Promise<Step> {
    const { store, now, log } = this.#deps;
    const conversation = this.#conversation.id;
    switch (result.kind) {
      case "lost":
        return STOP;
      case "changed":
      case "others":
        return NEXT;
      case "overBudget":
      case "inLine": {
        const until = now() + result.waitMs;
        // A line of cards is no pause: answers to people do not stand in it.
        if (result.kind === "inLine") return { kind: "inLine", until, isPost: watch.activityId === null };
        return { kind: "wait", until, misses: this.#conversation.misses };
      }
      case "throttled":
        return this.#waitLonger("throttled", result.retryAfterMs);
      case "unavailable":
        await store.saveFailure(watch.id);
        return this.#waitLonger(result.reason, null);
      case "cardGone":
        return this.#onCardGone(watch);
      case "conversationGone":
        // 404s are known to be spurious; a 403 is not.
        if (result.status === 404 && this.#conversation.misses < CONVERSATION_GONE_AFTER) {
          return this.#waitLonger(`404 ${result.code ?? ""}`, null);
        }
        await store.forgetConversation(this.#conversation, now());
        log({ event: "conversation.gone", conversation, reason: `${result.status} ${result.code ?? ""}` });
        return STOP;
    }
  }

  /** For somebody else, at once. */
  #leave(): Step {
    return { kind: "wait", until: this.#deps.now(), misses: this.#conversation.misses };
  }

  #waitLonger(reason: string, retryAfterMs: number | null): Step {
    const misses = this.#conversation.misses + 1;
    const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(misses - 1, 10), LONGEST_WAIT_MS);
    const waitMs = retryAfterMs === null ? backOffMs : obeyedPauseMs(retryAfterMs);
    this.#deps.log({ event: "delivery.delayed", conversation: this.#conversation.id, reason, waitMs });
    return { kind: "wait", until: this.#deps.now() + waitMs, misses };
  }

  async #onCardGone(watch: Undelivered): Promise<Step> {
    const { store, now, log } = this.#deps;
    const conversation = this.#conversation.id;
    const misses = watch.cardMisses + 1;
    if (misses < CARD_GONE_AFTER) {
      await store.saveCardMiss(watch.id, misses);
      return { kind: "wait", until: now() + FIRST_WAIT_MS * misses, misses: this.#conversation.misses };
    }
    if (watch.isReplaced) {
      await store.closeWatch(watch.id, "cardLost", now());
      log({ event: "card.lost", watch: watch.id, conversation });
    } else {
      await store.replaceCard(watch.id, watch.activityId);
      log({ event: "card.replaced", watch: watch.id, conversation });
    }
    return NEXT;
  }
}

type Written = TeamsResult | Exclude<TakenDelivery, { kind: "taken" }> | { readonly kind: "others" };
