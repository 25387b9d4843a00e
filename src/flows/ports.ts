import type { Depths } from "./depths.ts";
import type { Address, ApiVersion } from "../core/address.ts";
import type { Answer, LookAnswer } from "../core/answer.ts";
import type { CardView } from "../core/card-view.ts";
import type { LifeTable, Usual } from "../core/durations.ts";
import type { ConversationId, EpochMs, OperationId, TenantId, WatchId } from "../core/ids.ts";
import type { Waiting } from "../core/line.ts";
import type { OperationState } from "../core/operation.ts";
import type { Target } from "../core/result.ts";
import type { CloseReason, Notify, Requester, Watch } from "../core/watch.ts";

/** The present, as the database tells it, so that replicas with different clocks agree. */
export type Now = () => EpochMs;

export type ConversationKind = "personal" | "groupChat" | "channel";

/** What it takes to come back to a conversation later, as its last activity had it. */
export type ConversationReference = {
  readonly serviceUrl: string;
  readonly botId: string;
  readonly botName: string;
  /** BCP 47, as Teams names the language of whoever wrote: a person's own, or the first one in a chat of many. */
  readonly locale?: string;
};

export type Conversation = {
  readonly id: ConversationId;
  readonly tenantId: TenantId;
  readonly kind: ConversationKind;
  /** Of a channel: the team it belongs to, by Teams' own id (that of its General channel). */
  readonly teamId: ConversationId | null;
  /** Of a channel: its team's id at Graph, where the activity told it. */
  readonly groupId: string | null;
  /** Of a personal chat: the person's id in Entra, where the activity told it. */
  readonly userId: string | null;
  readonly reference: ConversationReference;
};

/** Where events about a watch go: `end` tells of the end alone, `change` of every change. */
export type Callback = { readonly url: string; readonly on: "end" | "change" };

/** How far the events have come. */
export type CallbackState = {
  /** Which event was tried last, and how often in vain. */
  readonly event: number;
  readonly attempts: number;
  /** What the receiver last answered; null when it did not. */
  readonly status: number | null;
  readonly lastTriedAt: EpochMs | null;
  /** Nothing is sent any more: it has not taken it for a day. */
  readonly isGivenUp: boolean;
};

/** A watch with all that its card is made of. */
export type WatchRecord = Watch & {
  readonly id: WatchId;
  readonly operationId: OperationId;
  readonly conversationId: ConversationId;
  readonly threadId: string;
  readonly address: Address;
  readonly state: OperationState;
  readonly activityId: string | null;
};

export type TrackInput = {
  readonly conversation: Conversation;
  readonly threadId: string;
  readonly requester: Requester;
  readonly notify: Notify;
  readonly addresses: readonly Address[];
  /** The addresses were made of bare ids; see `OperationState.isGuess`. */
  readonly areGuesses: boolean;
  /** The id of the message in its thread: should it come again, whenever that is, its watches are those that it made. */
  readonly askedBy: string | null;
  readonly expiresAt: EpochMs;
  /** What a pipeline asked for beside the card. */
  readonly extras?: WatchExtras;
};

export type WatchExtras = {
  readonly title: string | null;
  readonly link: string | null;
  /** The application that asked. */
  readonly caller: string;
  readonly callback: Callback | null;
  /** The Idempotency-Key that it came with. */
  readonly request: KeyedRequest | null;
};

/** The bot was removed from where a pipeline wants to write. */
export class ConversationGoneError extends Error {
  override readonly name = "ConversationGoneError";
}

/** A watch as the API tells of it. */
export type ApiWatch = {
  readonly watch: WatchRecord;
  readonly conversationKind: ConversationKind;
  readonly isConversationGone: boolean;
  readonly isCardUpToDate: boolean;
  readonly callback: Callback | null;
  readonly callbackState: CallbackState | null;
  readonly isCallbackPending: boolean;
  /** Its place in the list. */
  readonly seq: number;
};

export type StoredConversation = Conversation & { readonly isGone: boolean };

/** A request of the API that must not be done twice. */
export type KeyedRequest = {
  readonly tenantId: TenantId;
  readonly caller: string;
  readonly key: string;
  /** A fingerprint of its body. */
  readonly body: string;
};

export type Begun =
  | { readonly kind: "new" }
  | { readonly kind: "underWay" }
  | { readonly kind: "otherBody" }
  | { readonly kind: "done"; readonly watch: WatchId };

/** An event that is due. `wanted` is what the save must name. */
export type DueCallback = ApiWatch & { readonly callback: Callback; readonly wanted: number };

/** `isNew`: a watch was made and its card is on the way; else the conversation has one already. */
export type Tracked = { readonly watch: WatchRecord; readonly isNew: boolean };

export type ClaimedOperation = {
  readonly id: OperationId;
  readonly tenantId: TenantId;
  readonly address: Address;
  readonly state: OperationState;
  /** Proof of the claim; saving needs it. */
  readonly claim: number;
  /** Its place among the tenant's requests: it is not to be asked for before. */
  readonly sendAt: EpochMs;
  /** When it was due. */
  readonly dueAt: EpochMs;
};

export type CheckedOperation = {
  readonly id: OperationId;
  readonly claim: number;
  /** Null: nothing is new but the time of the answer. */
  readonly state: OperationState | null;
  readonly answeredAt: EpochMs | null;
  /** When to check again, or to look at the result; null: there is nothing more to ask. */
  readonly dueAt: EpochMs | null;
  /** No check before then, whoever asks. */
  readonly freeAt: EpochMs;
  /** What the watches' cards are to be told. */
  readonly news: "nothing" | "changed" | "ended" | "result";
};

export type TenantPause = { readonly tenantId: TenantId; readonly until: EpochMs };

export type DeliveryConversation = Conversation & {
  readonly misses: number;
  /** Proof of the claim, until then; renewed with each write. */
  readonly leaseUntil: EpochMs;
};

/** A watch whose card may have to change. `wanted` is what the save must name. */
export type Undelivered = WatchRecord & {
  readonly shown: string | null;
  readonly wanted: number;
  readonly isPinged: boolean;
  readonly isNoticed: boolean;
  readonly cardMisses: number;
  /** So often Teams did not take it since it was last delivered. */
  readonly failures: number;
  readonly isReplaced: boolean;
};

export type Shown = {
  readonly watch: WatchId;
  readonly wanted: number;
  readonly activityId: string | null;
  readonly shown: string | null;
};

/** What is told to the requester beside the card: how it ended, and that it takes longer than usual. */
export type Message = "ping" | "notice";

/** Whether a write to Teams may be made now. */
type Taken = { readonly kind: "taken" } | { readonly kind: "overBudget"; readonly waitMs: number };
/**
 * `inLine`: the card's turn among those of its tenant comes then; who has none yet need not wait for it. `lost`:
 * somebody else holds the conversation, or it is gone. `changed`: the watch is no longer what was read.
 */
export type TakenDelivery =
  Taken | { readonly kind: "inLine"; readonly waitMs: number } | { readonly kind: "lost" | "changed" };

type RefreshPlan = {
  readonly watch: WatchRecord;
  /** When the check that was asked for may run; in the past: at once. */
  readonly nextCheckAt: EpochMs;
};

/** The rows and the jobs; every method is one transaction. */
export type Store = {
  rememberConversation(conversation: Conversation, now: EpochMs): Promise<void>;
  /** True the first time only: a conversation is greeted once. */
  greetOnce(conversation: Conversation, now: EpochMs): Promise<boolean>;
  /** Installed again: of a team, in all of its channels. */
  welcomeBack(conversation: Conversation): Promise<void>;
  /** Of the tenant whose it is; a team with all of its channels, because Teams tells of a removal there only. */
  forgetConversation(gone: Pick<Conversation, "id" | "tenantId">, now: EpochMs): Promise<void>;

  track(input: TrackInput, now: EpochMs): Promise<readonly Tracked[]>;
  openWatches(conversation: ConversationId): Promise<readonly WatchRecord[]>;
  watch(id: WatchId): Promise<WatchRecord | null>;
  /** The newest watch of an operation in a conversation, open or closed, by its key or its id at Graph. */
  latestWatch(conversation: ConversationId, keyOrGraphId: string): Promise<WatchRecord | null>;
  /** `ids` null: all of the conversation's. */
  stopWatches(
    conversation: ConversationId,
    ids: readonly WatchId[] | null,
    now: EpochMs,
  ): Promise<readonly WatchRecord[]>;
  refresh(id: WatchId, now: EpochMs): Promise<RefreshPlan | null>;

  /** @param placesFrom no request's place in line is before; by then the claim should be over. */
  claimChecks(
    ids: readonly OperationId[],
    now: EpochMs,
    leaseMs: number,
    intervalMs: number,
    placesFrom?: EpochMs,
  ): Promise<readonly ClaimedOperation[]>;
  /** Places for these in the line of all tenants, through which so many go in a second; see core/line. */
  joinLine(waiting: readonly Waiting[], perSecond: number, now: EpochMs): Promise<readonly EpochMs[]>;
  /** A place in a tenant's line for a request that is no check; null while the tenant is paused. */
  takePlace(tenant: TenantId, now: EpochMs): Promise<EpochMs | null>;
  /** Whether a pause of the tenant has begun since the claim. */
  mayAsk(tenant: TenantId, now: EpochMs): Promise<boolean>;
  /** Claimed and not asked for: they are due again at once, or when they were, without a place. */
  giveBack(
    claims: readonly Pick<ClaimedOperation, "id" | "claim" | "dueAt">[],
    now: EpochMs,
    intervalMs: number,
    /** Who missed its place has another one at once where that can be had; a pause may not be saved yet. */
    because: "missed" | "paused",
  ): Promise<void>;
  /** What operations usually take, by type. */
  usual(): Promise<ReadonlyMap<string, Usual>>;
  /** Adds to what that is made of, by type. */
  saveLives(lives: ReadonlyMap<string, LifeTable>): Promise<void>;
  /**
   * @returns the conversations that have news and may be written to now. Nobody else is woken for them, so whoever
   * saved writes to them or has somebody woken. Should it die before, or not hear that it was saved, the sweep finds them.
   */
  saveChecks(
    checked: readonly CheckedOperation[],
    pauses: readonly TenantPause[],
    now: EpochMs,
  ): Promise<readonly ConversationId[]>;

  claimConversations(
    ids: readonly ConversationId[],
    now: EpochMs,
    leaseMs: number,
  ): Promise<readonly DeliveryConversation[]>;
  /** Has somebody woken to write to them, in this process or another. */
  wakeDeliveries(ids: readonly ConversationId[], now: EpochMs): Promise<void>;
  /** The most urgent first; or only those that have no card yet. */
  undelivered(id: ConversationId, limit: number, which?: "all" | "posts"): Promise<readonly Undelivered[]>;
  /** Right before each write: within the limits of the conversation and of its tenant, or not now. The lease is renewed. */
  takeDelivery(
    conversation: DeliveryConversation,
    write: { readonly id: WatchId; readonly wanted: number; readonly isPost?: boolean },
    leaseUntil: EpochMs,
    now: EpochMs,
  ): Promise<TakenDelivery>;
  /** The same for a write that is no delivery: a reply. */
  takeWrite(id: ConversationId, now: EpochMs): Promise<Taken>;
  /** A write that is to no conversation yet: the making of one. */
  takeOfTenant(tenant: TenantId, now: EpochMs): Promise<Taken>;
  /** Where somebody else has delivered more since, nothing changes. */
  saveShown(shown: Shown): Promise<void>;
  /** False when it was marked before: each message is sent at most once. */
  markSent(id: WatchId, message: Message, now: EpochMs): Promise<boolean>;
  /** It surely was not sent, so that it is still to come. */
  unmarkSent(id: WatchId, message: Message, markedAt: EpochMs): Promise<void>;
  /** Teams did not take this watch's write: the others go first. */
  saveFailure(id: WatchId): Promise<void>;
  /** Teams asked for a pause. */
  pauseConversation(id: ConversationId, until: EpochMs): Promise<void>;
  saveCardMiss(id: WatchId, misses: number): Promise<void>;
  /** The card that had this id is gone: a new one may be posted once. */
  replaceCard(id: WatchId, activityId: string | null): Promise<void>;
  closeWatch(id: WatchId, reason: CloseReason, now: EpochMs): Promise<void>;
  /**
   * Gives the conversation back. Until `retryAt` nothing is written to it; at `placeAt` it is woken for cards that wait
   * in line, at `postsAt` for those that are not there yet (null: at once).
   */
  releaseConversation(
    conversation: DeliveryConversation,
    outcome: {
      readonly misses: number;
      readonly retryAt: EpochMs | null;
      readonly placeAt?: EpochMs | null;
      readonly postsAt?: EpochMs | null;
    },
    now: EpochMs,
  ): Promise<void>;

  /** In these a tenant of null stands for every one: local mode does not know its callers. */
  conversation(id: ConversationId): Promise<StoredConversation | null>;
  conversationByAlias(tenant: TenantId | null, name: string): Promise<StoredConversation | null>;
  /** The conversation last heard of in a team, by Teams' or Graph's id of it. */
  conversationInTeam(tenant: TenantId | null, team: string): Promise<StoredConversation | null>;
  personalConversation(tenant: TenantId | null, userId: string): Promise<StoredConversation | null>;
  /** The one last heard of: where Teams can be reached for the tenant. */
  latestConversation(tenant: TenantId | null): Promise<StoredConversation | null>;
  /** False when another conversation of the tenant has the name. */
  setAlias(conversation: Conversation, name: string, now: EpochMs): Promise<boolean>;
  removeAlias(conversation: Conversation, name: string): Promise<boolean>;
  aliasesOf(conversation: Conversation): Promise<readonly string[]>;

  beginTurn(key: string, now: EpochMs): Promise<TurnStanding>;
  endTurn(key: string): Promise<void>;
  /** Nothing was done in it, and it may come again at once. */
  dropTurn(key: string): Promise<void>;
  /** `track` with the same request ends it. */
  beginRequest(request: KeyedRequest, now: EpochMs): Promise<Begun>;
  /** Nothing was done, and it may be tried again. */
  forgetRequest(request: KeyedRequest): Promise<void>;
  apiWatch(tenant: TenantId | null, id: WatchId): Promise<ApiWatch | null>;
  /** The newest first; `before` is the `seq` of the last one of the page before. */
  apiWatches(
    tenant: TenantId | null,
    filter: { readonly conversation: ConversationId | null; readonly isOpen: boolean | null },
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly ApiWatch[]>;

  claimCallbacks(ids: readonly WatchId[], now: EpochMs, leaseMs: number): Promise<readonly DueCallback[]>;
  /** `retryAt` null: it was taken, or is given up. */
  saveCallback(
    id: WatchId,
    wanted: number,
    state: CallbackState,
    retryAt: EpochMs | null,
    now: EpochMs,
  ): Promise<void>;

  depths(now: EpochMs): Promise<Depths>;
  /** Deletes what was over before then, some thousand rows at a time; how many watches went. */
  retire(before: EpochMs): Promise<number>;
  sweep(now: EpochMs): Promise<SweepResult>;
  /** For a process that is alone on its database: nobody holds a conversation, and no turn is under way. */
  freeLeases(): Promise<void>;
};

/** Whether an activity is worked on for the first time: Teams sends some twice. */
export type TurnStanding = "new" | "underWay" | "ended";

type SweepResult = {
  readonly expired: number;
  readonly rearmedChecks: number;
  readonly rearmedDeliveries: number;
  readonly rearmedCallbacks: number;
};

/** `unknown`: there is nobody of that name, or Graph does not let us look. */
export type UserLookup =
  { readonly kind: "found"; readonly id: string } | { readonly kind: "unknown" | "unavailable" };

/** Graph, as the checks need it. Never rejects; the answers come in the order of the addresses. */
export type Graph = {
  check(
    tenant: TenantId,
    version: ApiVersion,
    addresses: readonly Address[],
    /** No request leaves, and none is waited for, after that. */
    deadline: EpochMs,
  ): Promise<readonly Answer[]>;
  look(tenant: TenantId, target: Target, deadline: EpochMs): Promise<LookAnswer>;
  /** A person's id in Entra, by their name. */
  userId(tenant: TenantId, name: string, deadline: EpochMs): Promise<UserLookup>;
  /** Whether a person is a member; null when Graph does not say. */
  isMember(
    tenant: TenantId,
    owner: { readonly kind: "team" | "chat"; readonly id: string },
    userId: string,
    deadline: EpochMs,
  ): Promise<boolean | null>;
};

/** A card ready to be sent, and its fingerprint. */
export type RenderedCard = { readonly card: object; readonly summary: string; readonly fingerprint: string };

export type TeamsResult =
  | { readonly kind: "done"; readonly activityId: string | null }
  /** 429: not before then. */
  | { readonly kind: "throttled"; readonly retryAfterMs: number | null }
  /** 412, 5xx, no answer. `isCertain`: Teams surely did not take it. */
  | {
      readonly kind: "unavailable";
      readonly status: number | null;
      readonly reason: string;
      readonly isCertain: boolean;
    }
  | { readonly kind: "cardGone" }
  | { readonly kind: "conversationGone"; readonly status: number; readonly code: string | null }
  | { readonly kind: "rejected"; readonly status: number; readonly code: string | null };

/** Teams, as the deliveries need it. */
export type Teams = {
  render(view: CardView, id: WatchId, to: Conversation): RenderedCard;
  postCard(to: Conversation, threadId: string, card: RenderedCard): Promise<TeamsResult>;
  updateCard(
    to: Conversation,
    threadId: string,
    activityId: string,
    card: RenderedCard,
  ): Promise<TeamsResult>;
  postMessage(
    message: Message,
    to: Conversation,
    threadId: string,
    requester: Requester,
    view: CardView,
  ): Promise<TeamsResult>;
};
