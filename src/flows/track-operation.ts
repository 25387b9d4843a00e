import { belongsTo, mayServe, type Place, type TrackAccess } from "../core/access.ts";
import { addressIn, type Address, type Refused } from "../core/address.ts";
import type { Measure, Measurement } from "./meter.ts";
import type { GraphPlace } from "../core/clouds.ts";
import { findAddresses, isClearMiss } from "../core/find-addresses.ts";
import type { EpochMs, TenantId } from "../core/ids.ts";
import type { Notify, Requester } from "../core/watch.ts";
import type { People } from "./people.ts";
import type { Conversation, Graph, Now, Store, Tracked } from "./ports.ts";

export type TrackSettings = {
  readonly graph: GraphPlace;
  readonly servedTenants: ReadonlySet<TenantId> | null;
  readonly access: TrackAccess;
  /** In local mode nobody can be asked who somebody is. */
  readonly isLocal: boolean;
  readonly lifetimeMs: number;
};

export type TrackDeps = {
  readonly store: Store;
  readonly graph: Pick<Graph, "isMember">;
  readonly people: People;
  readonly now: Now;
  readonly measure?: Measure;
};

export type TrackRequest = {
  readonly conversation: Conversation;
  readonly threadId: string;
  readonly requester: Requester;
  /** The requester's id in Entra, which is Graph's for a member; null where the activity has none. */
  readonly entraId: string | null;
  readonly notify: Notify;
  /** See `TrackInput`. */
  readonly askedBy: string | null;
  /** What the person wrote or pasted. */
  readonly text: string;
  /** The same with its markup, for where its links lead; empty where there is none. */
  readonly html: string;
};

/** Why an operation that was found may not be tracked here by this person. */
type Denied = {
  readonly address: Address;
  readonly why: "notMember" | "otherConversation" | "membersUnknown" | "noMembers";
};

type Stranger = { readonly kind: "foreignTenant" | "guest" | "unknownPerson" };

export type TrackReply =
  | Stranger
  | { readonly kind: "nothing" }
  /** Bare ids, in a conversation that no operation belongs to. */
  | { readonly kind: "bareId"; readonly text: string }
  | { readonly kind: "tooMany"; readonly count: number; readonly max: number }
  | {
      readonly kind: "tracked";
      readonly tracked: readonly Tracked[];
      readonly refused: readonly Refused[];
      readonly denied: readonly Denied[];
    };

const MAX_AT_ONCE = 20;
const ASKING_MS = 5_000;

/** Reads what is to be tracked and writes it down: operation, watch, first check and first card. */
export async function trackOperation(
  deps: TrackDeps,
  settings: TrackSettings,
  request: TrackRequest,
): Promise<TrackReply> {
  const { conversation, threadId, requester, notify } = request;
  if (!mayServe(conversation.tenantId, settings.servedTenants)) return { kind: "foreignTenant" };
  const found = await find(deps, settings, request);
  if ("kind" in found) return found;
  const { addresses, refused, areGuesses } = found;
  if (addresses.length > MAX_AT_ONCE) {
    return { kind: "tooMany", count: addresses.length, max: MAX_AT_ONCE };
  }
  const stranger = addresses.length === 0 ? null : await strangerOf(deps, settings, request);
  if (stranger !== null) return stranger;
  const denied = await deniedOf(deps, settings, request, addresses);
  const allowed = addresses.filter((address) => !denied.some((each) => each.address === address));
  if (allowed.length === 0) return { kind: "tracked", tracked: [], refused, denied };
  const now = deps.now();
  const tracked = await deps.store.track(
    {
      conversation,
      threadId,
      requester: request.entraId === null ? requester : { ...requester, entraId: request.entraId },
      notify,
      addresses: allowed,
      areGuesses,
      askedBy: request.askedBy,
      expiresAt: now + settings.lifetimeMs,
    },
    now,
  );
  for (const each of tracked) deps.measure?.(trackStep(each, now, deps.now()));
  return { kind: "tracked", tracked, refused, denied };
}

/** What a trace begins with. */
export function trackStep({ watch, isNew }: Tracked, startAt: EpochMs, endAt: EpochMs): Measurement {
  const attributes = { watch: watch.id, isNew: String(isNew) };
  return { measured: "step", name: "track", operation: watch.operationId, startAt, endAt, attributes };
}

type Meant = {
  readonly addresses: readonly Address[];
  readonly refused: readonly Refused[];
  readonly areGuesses: boolean;
};

async function find(
  { people }: TrackDeps,
  { graph }: TrackSettings,
  { conversation, text, html }: TrackRequest,
): Promise<Meant | TrackReply> {
  const inText = findAddresses(text, graph);
  // A link's label may say anything; where it leads stands only in the markup.
  const inHtml = inText.addresses.length > 0 || html === "" ? inText : findAddresses(html, graph);
  const isLabel = inText.nearMisses.every(({ problem }) => problem === "notAnOperation");
  // Any other link beside the text is none of ours.
  const isNamed = inHtml.nearMisses.some(({ problem }) => isClearMiss(problem));
  const isBetter = inHtml.addresses.length > 0 || (isLabel && isNamed);
  const { addresses, nearMisses } = isBetter ? inHtml : inText;
  const bareIds = isBetter ? [] : inText.bareIds;
  if (addresses.length === 0 && nearMisses.length === 0) return { kind: "nothing" };
  if (bareIds.length === 0) return { addresses, refused: nearMisses, areGuesses: false };
  const owner = await ownerHere(people, conversation);
  if (owner === null) return { kind: "bareId", text: bareIds.join(" ") };
  const guesses = bareIds.map((id) => addressIn(owner.kind, owner.id, id));
  return { addresses: guesses, refused: [], areGuesses: true };
}

/** The chat or team that a bare id would belong to. A chat with the bot alone has no operations. */
async function ownerHere(
  people: People,
  conversation: Conversation,
): Promise<{ readonly kind: "team" | "chat"; readonly id: string } | null> {
  if (conversation.kind === "groupChat") return { kind: "chat", id: conversation.id };
  const id = conversation.kind === "channel" ? await people.groupIdOf(conversation) : null;
  return id === null ? null : { kind: "team", id };
}

/** Who may not do what members of the organization may; null for one of them. */
export async function strangerOf(
  { people }: Pick<TrackDeps, "people">,
  { servedTenants, isLocal }: Pick<TrackSettings, "servedTenants" | "isLocal">,
  { conversation, requester }: Pick<TrackRequest, "conversation" | "requester">,
): Promise<Stranger | null> {
  if (!mayServe(conversation.tenantId, servedTenants)) return { kind: "foreignTenant" };
  const person = requester.id === null ? "unknown" : await people.whoIs(conversation, requester.id);
  switch (person) {
    case "member":
      return null;
    case "guest":
      return { kind: "guest" };
    case "foreign":
      return { kind: "foreignTenant" };
    case "unknown":
      return isLocal ? null : { kind: "unknownPerson" };
  }
}

async function deniedOf(
  deps: TrackDeps,
  { access }: TrackSettings,
  request: TrackRequest,
  addresses: readonly Address[],
): Promise<readonly Denied[]> {
  if (access === "tenant" || addresses.length === 0) return [];
  const { conversation } = request;
  const { id, kind } = conversation;
  const place: Place = { id, kind, groupId: await deps.people.groupIdOf(conversation) };
  if (access === "conversation") {
    const elsewhere = addresses.filter((address) => !belongsTo(address, place));
    return elsewhere.map((address) => ({ address, why: "otherConversation" }));
  }
  // Whoever writes in a chat is in it; a shared channel has people who are not in its team.
  const open = addresses.filter((address) => kind === "channel" || !belongsTo(address, place));
  const reasons = await Promise.all(open.map((address) => whyNoMember(deps, request, address)));
  return open.flatMap((address, index) => {
    const why = reasons[index] ?? null;
    return why === null ? [] : [{ address, why }];
  });
}

/** Asked of Graph: the bot need not be in the team or chat that the operation belongs to. */
async function whyNoMember(
  { graph, now }: TrackDeps,
  { conversation, entraId }: TrackRequest,
  { kind, owner }: Address,
): Promise<Denied["why"] | null> {
  if (owner === null || (kind !== "team" && kind !== "chat")) return "noMembers";
  if (entraId === null) return "membersUnknown";
  const isMember = await graph.isMember(
    conversation.tenantId,
    { kind, id: owner },
    entraId,
    now() + ASKING_MS,
  );
  if (isMember === null) return "membersUnknown";
  return isMember ? null : "notMember";
}
