import type { Address, ApiVersion } from "../core/address.ts";
import type { Answer } from "../core/answer.ts";
import type { WriteBudget } from "../core/budget.ts";
import type { CardView } from "../core/card-view.ts";
import type { ConversationId, EpochMs, OperationId, TenantId, WatchId } from "../core/ids.ts";
import type { OperationState } from "../core/operation.ts";
import type { CloseReason, Notify, Requester, Watch } from "../core/watch.ts";

/** The present, as the database tells it, so that replicas with different clocks agree. */
export type Now = () => EpochMs;

export type ConversationKind = "personal" | "groupChat" | "channel";

/** What it takes to come back to a conversation later, as its last activity had it. */
export type ConversationReference = {
  readonly serviceUrl: string;
  readonly botId: string;
  readonly botName: string;
};

export type Conversation = {
  readonly id: ConversationId;
  readonly tenantId: TenantId;
  readonly kind: ConversationKind;
  /** Of a channel: the team it belongs to, by Teams' own id (that of its General channel). */
  readonly teamId: ConversationId | null;
  readonly reference: ConversationReference;
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
  readonly expiresAt: EpochMs;
};

/** `isNew`: a watch was made and its card is on the way; else the conversation has one already. */
export type Tracked = { readonly watch: WatchRecord; readonly isNew: boolean };

export type ClaimedOperation = {
  readonly id: OperationId;
  readonly tenantId: TenantId;
  readonly address: Address;
  readonly state: OperationState;
  /** Proof of the claim; saving needs it. */
  readonly claim: number;
};

export type CheckedOperation = {
  readonly id: OperationId;
  readonly claim: number;
  /** Null: nothing is new but the time of the answer. */
  readonly state: OperationState | null;
  readonly answeredAt: EpochMs | null;
  /** When to check again; null: the operation has ended. */
  readonly dueAt: EpochMs | null;
  /** No check before then, whoever asks. */
  readonly freeAt: EpochMs;
  readonly visibleChange: boolean;
};

export type TenantPause = { readonly tenantId: TenantId; readonly until: EpochMs };

export type DeliveryConversation = Conversation & {
  readonly budget: WriteBudget;
  readonly misses: number;
  /** Proof of the claim, until then; renewed with each write. */
  readonly leaseUntil: EpochMs;
};

/** A watch whose card may have to change. `wanted` is what the save must name. */
export type Undelivered = WatchRecord & {
  readonly shown: string | null;
  readonly wanted: number;
  readonly isPinged: boolean;
  readonly cardMisses: number;
  readonly isReplaced: boolean;
};

type Shown = {
  readonly watch: WatchId;
  readonly wanted: number;
  readonly activityId: string | null;
  readonly shown: string | null;
};

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
  /** Of a team's id: all of its channels, too; Teams tells of a removal there only. */
  forgetConversation(id: ConversationId, now: EpochMs): Promise<void>;

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

  claimChecks(
    ids: readonly OperationId[],
    now: EpochMs,
    leaseMs: number,
    intervalMs: number,
  ): Promise<readonly ClaimedOperation[]>;
  saveChecks(
    checked: readonly CheckedOperation[],
    pauses: readonly TenantPause[],
    now: EpochMs,
  ): Promise<void>;

  claimConversations(
    ids: readonly ConversationId[],
    now: EpochMs,
    leaseMs: number,
  ): Promise<readonly DeliveryConversation[]>;
  /** The most urgent first. */
  undelivered(conversation: ConversationId, limit: number): Promise<readonly Undelivered[]>;
  /**
   * Right before each write: the budget is spent and the lease renewed. `lost`: somebody else holds
   * the conversation, or it is gone. `changed`: the watch is no longer what was read.
   */
  spendBudget(
    conversation: DeliveryConversation,
    watch: { readonly id: WatchId; readonly wanted: number },
    budget: WriteBudget,
    leaseUntil: EpochMs,
  ): Promise<"spent" | "lost" | "changed">;
  saveShown(shown: Shown): Promise<void>;
  /** False when the ping was marked before: it is sent at most once. */
  markPinged(id: WatchId, now: EpochMs): Promise<boolean>;
  unmarkPinged(id: WatchId): Promise<void>;
  /** Teams did not take this watch's write: the others go first. */
  saveFailure(id: WatchId): Promise<void>;
  /** For a write that is no delivery, a reply: within the conversation's pause and budget, or not now. */
  takeWrite(
    id: ConversationId,
    now: EpochMs,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly waitMs: number }>;
  /** Teams asked for a pause. */
  pauseConversation(id: ConversationId, until: EpochMs): Promise<void>;
  saveCardMiss(id: WatchId, misses: number): Promise<void>;
  /** The card is gone: a new one may be posted once. */
  replaceCard(id: WatchId): Promise<void>;
  closeWatch(id: WatchId, reason: CloseReason, now: EpochMs): Promise<void>;
  /** Gives the conversation back; with `retryAt` its next delivery waits until then. */
  releaseConversation(
    conversation: DeliveryConversation,
    outcome: { readonly misses: number; readonly retryAt: EpochMs | null },
    now: EpochMs,
  ): Promise<void>;

  sweep(now: EpochMs): Promise<SweepResult>;
  /** For a process that is alone on its database: no conversation is held by anybody. */
  freeLeases(): Promise<void>;
};

type SweepResult = {
  readonly expired: number;
  readonly rearmedChecks: number;
  readonly rearmedDeliveries: number;
};

/** Graph, as the checks need it. Never rejects; the answers come in the order of the addresses. */
export type Graph = {
  check(
    tenant: TenantId,
    version: ApiVersion,
    addresses: readonly Address[],
    /** No request leaves, and none is waited for, after that. */
    deadline: EpochMs,
  ): Promise<readonly Answer[]>;
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
  render(view: CardView, id: WatchId): RenderedCard;
  postCard(to: Conversation, threadId: string, card: RenderedCard): Promise<TeamsResult>;
  updateCard(
    to: Conversation,
    threadId: string,
    activityId: string,
    card: RenderedCard,
  ): Promise<TeamsResult>;
  postPing(to: Conversation, threadId: string, requester: Requester, view: CardView): Promise<TeamsResult>;
};
