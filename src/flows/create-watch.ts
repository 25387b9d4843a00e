import { belongsTo } from "../core/access.ts";
import type { Address, Refused } from "../core/address.ts";
import { findAddresses } from "../core/find-addresses.ts";
import type { TenantId } from "../core/ids.ts";
import type { Notify, Requester } from "../core/watch.ts";
import { resolveDestination, type Destination, type Named, type NoDestination } from "./destination.ts";
import {
  ConversationGoneError,
  type ApiWatch,
  type Callback,
  type Conversation,
  type Graph,
  type KeyedRequest,
  type Now,
  type Store,
  type Tracked,
  type TrackInput,
} from "./ports.ts";
import type { People } from "./people.ts";
import type { Measure } from "./meter.ts";
import { trackStep, type TrackSettings } from "./track-operation.ts";

export type CreateRequest = {
  /** The caller's tenant; null in local mode, where the conversation says it. */
  readonly tenant: TenantId | null;
  readonly caller: string;
  readonly operation: string;
  readonly to: Destination;
  /** What `lookUp` was asked for `to`. */
  readonly named: Named;
  /** The message in a channel under which the card is posted. */
  readonly thread: string | null;
  readonly requester: string | null;
  readonly notify: Notify;
  readonly title: string | null;
  readonly link: string | null;
  readonly callback: Callback | null;
  readonly request: KeyedRequest | null;
};

export type CreateReply =
  | { readonly kind: "created"; readonly watch: ApiWatch }
  | { readonly kind: "noOperation"; readonly misses: readonly Refused[] }
  | { readonly kind: "manyOperations"; readonly count: number }
  | { readonly kind: "noDestination"; readonly why: NoDestination }
  | { readonly kind: "threadOutsideChannel" }
  | { readonly kind: "unknownRequester" }
  | { readonly kind: "denied" };

export type CreateDeps = {
  readonly store: Store;
  readonly people: People;
  readonly graph: Pick<Graph, "userId">;
  readonly now: Now;
  readonly measure?: Measure;
};

/** What `track` does, asked for by a pipeline. Durable when it resolves. */
export async function createWatch(
  deps: CreateDeps,
  settings: TrackSettings,
  request: CreateRequest,
): Promise<CreateReply> {
  const { addresses, nearMisses } = findAddresses(request.operation, settings.graph);
  const [address] = addresses;
  if (address === undefined) return { kind: "noOperation", misses: nearMisses };
  if (addresses.length > 1) return { kind: "manyOperations", count: addresses.length };
  const resolved = await resolveDestination(deps, request.tenant, request.to, request.named);
  if (resolved.kind === "none") return { kind: "noDestination", why: resolved.why };
  const { conversation } = resolved;
  if (request.thread !== null && conversation.kind !== "channel") return { kind: "threadOutsideChannel" };
  const requester = await requesterOf(deps, conversation, request);
  if (requester === null) return { kind: "unknownRequester" };
  if (requester === "unavailable") return { kind: "noDestination", why: "teamsUnavailable" };
  if (!(await mayTrackHere(deps, settings, conversation, address))) {
    return { kind: "denied" };
  }
  const now = deps.now();
  const { title, link, caller, callback, notify, thread } = request;
  const input: TrackInput = {
    conversation,
    threadId: thread === null ? conversation.id : `${conversation.id};messageid=${thread}`,
    requester,
    notify,
    addresses: [address],
    areGuesses: false,
    // The Idempotency-Key says it.
    askedBy: null,
    expiresAt: now + settings.lifetimeMs,
    extras: { title, link, caller, callback, request: request.request },
  };
  try {
    const [tracked] = await deps.store.track(input, now);
    if (tracked === undefined) throw new Error("The operation was tracked, and no watch came of it.");
    deps.measure?.(trackStep(tracked, now, deps.now()));
    return { kind: "created", watch: await resourceOf(deps, conversation, tracked, callback) };
  } catch (error) {
    // Between looking it up and writing, the bot was removed.
    if (error instanceof ConversationGoneError) return { kind: "noDestination", why: "botRemoved" };
    throw error;
  }
}

/** What is known of a new watch without asking again. */
async function resourceOf(
  { store }: CreateDeps,
  conversation: Conversation,
  { watch, isNew }: Tracked,
  callback: Callback | null,
): Promise<ApiWatch> {
  if (!isNew) return (await store.apiWatch(conversation.tenantId, watch.id)) ?? fresh();
  return fresh();

  function fresh(): ApiWatch {
    return {
      watch,
      conversationKind: conversation.kind,
      isConversationGone: false,
      isCardUpToDate: false,
      callback,
      callbackState: null,
      // It has ended already: that is the event.
      isCallbackPending: callback !== null && watch.closed !== null,
      seq: 0,
    };
  }
}

async function requesterOf(
  { people }: CreateDeps,
  conversation: Conversation,
  { requester, caller }: CreateRequest,
): Promise<Requester | null | "unavailable"> {
  if (requester === null) return { id: null, name: caller };
  return people.find(conversation, requester);
}

/** A caller that an administrator gave its role is nobody's member; only where the card goes can be held to. */
async function mayTrackHere(
  { people }: CreateDeps,
  { access }: TrackSettings,
  conversation: Conversation,
  address: Address,
): Promise<boolean> {
  if (access !== "conversation") return true;
  const groupId = await people.groupIdOf(conversation);
  return belongsTo(address, { id: conversation.id, kind: conversation.kind, groupId });
}
