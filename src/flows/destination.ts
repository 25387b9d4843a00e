import { parseChannelLink } from "../core/channel-link.ts";
import { conversationId, GUID, type TenantId } from "../core/ids.ts";
import type { People } from "./people.ts";
import type { Conversation, Graph, Now, Store, StoredConversation } from "./ports.ts";

/** Where a pipeline wants its card. */
export type Destination =
  | { readonly kind: "conversation"; readonly id: string }
  | { readonly kind: "channel"; readonly team: string; readonly channel: string }
  | { readonly kind: "link"; readonly link: string }
  | { readonly kind: "user"; readonly user: string }
  | { readonly kind: "alias"; readonly name: string };

/** Why there is no conversation to write to. */
export type NoDestination =
  | "unknownConversation"
  | "unknownTeam"
  | "unknownChannel"
  | "unknownUser"
  | "unknownAlias"
  | "notALink"
  | "notInstalled"
  | "botRemoved"
  | "teamsUnavailable"
  | "graphUnavailable";

export type Resolved =
  | { readonly kind: "found"; readonly conversation: Conversation }
  | { readonly kind: "none"; readonly why: NoDestination };

type Deps = {
  readonly store: Store;
  readonly people: People;
  readonly graph: Pick<Graph, "userId">;
  readonly now: Now;
};

const ASKING_MS = 5_000;

/** The row of a conversation that its id or alias names; null where more must be asked than our own rows. */
export type Named = Promise<StoredConversation | null> | null;

/** Asks for the row that a destination names. It changes nothing, so it may be asked before anything is decided. */
export function lookUp(store: Store, tenant: TenantId | null, to: Destination): Named {
  const named = rowOf(store, tenant, to);
  // Its fault is told where its answer is wanted, which may be never.
  named?.catch(() => undefined);
  return named;
}

function rowOf(store: Store, tenant: TenantId | null, to: Destination): Named {
  if (to.kind === "conversation") return store.conversation(conversationId(to.id));
  return to.kind === "alias" ? store.conversationByAlias(tenant, to.name) : null;
}

/**
 * The conversation of this tenant that is meant; one of another tenant is as unknown as one that is not there.
 * @param named what `lookUp` was asked for the same destination
 */
export async function resolveDestination(
  deps: Deps,
  tenant: TenantId | null,
  to: Destination,
  named: Named,
): Promise<Resolved> {
  switch (to.kind) {
    case "conversation":
      return usable(ofTenant(await named, tenant), "unknownConversation");
    case "alias":
      return usable(await named, "unknownAlias");
    case "link": {
      const link = parseChannelLink(to.link);
      if (link === null) return none("notALink");
      if (tenant !== null && link.tenant !== null && link.tenant !== tenant) return none("unknownTeam");
      return channelOf(deps, tenant, link.group, link.channel);
    }
    case "channel":
      return channelOf(deps, tenant, to.team, to.channel);
    case "user":
      return chatWith(deps, tenant, to.user);
  }
}

/**
 * A channel of a team that the bot is in. It need not have been seen before, but Teams must say that
 * it is one of that team's: the bot may be in teams of other tenants as well.
 */
async function channelOf(
  { store, people }: Deps,
  tenant: TenantId | null,
  team: string,
  channel: string,
): Promise<Resolved> {
  const near = await store.conversationInTeam(tenant, team);
  if (near === null) return none("unknownTeam");
  if (near.isGone) return none("botRemoved");
  const id = conversationId(channel);
  const known = await store.conversation(id);
  // Whatever Teams says: it is kept as another tenant's.
  if (known !== null && known.tenantId !== near.tenantId) return none("unknownChannel");
  if (known !== null && known.teamId === near.teamId) {
    return usable(known, "unknownChannel");
  }
  const isThere = await people.hasChannel(plainOf(near), id);
  if (isThere === null) return none("teamsUnavailable");
  if (!isThere) return none("unknownChannel");
  return { kind: "found", conversation: { ...plainOf(near), id, kind: "channel" } };
}

/** The chat with one person, made where Teams allows it. */
async function chatWith(deps: Deps, tenant: TenantId | null, user: string): Promise<Resolved> {
  const { store, people, graph, now } = deps;
  const near = await store.latestConversation(tenant);
  if (near === null) return none("notInstalled");
  if (/^\.+$/u.test(user)) return none("unknownUser");
  const named = GUID.test(user)
    ? ({ kind: "found", id: user.toLowerCase() } as const)
    : await graph.userId(near.tenantId, user, now() + ASKING_MS);
  if (named.kind !== "found") {
    return none(named.kind === "unknown" ? "unknownUser" : "graphUnavailable");
  }
  const userId = named.id;
  const known = await store.personalConversation(tenant, userId);
  if (known !== null && !known.isGone) return { kind: "found", conversation: plainOf(known) };
  // Teams counts new conversations as it counts messages.
  if ((await store.takeOfTenant(near.tenantId, now())).kind === "overBudget") return none("teamsUnavailable");
  const opened = await people.openChat(plainOf(near), userId);
  if (opened.kind === "opened") {
    // Teams has just let us in again.
    if (known !== null) await store.rememberConversation(opened.conversation, now());
    return { kind: "found", conversation: opened.conversation };
  }
  return none(opened.kind === "notInstalled" ? "notInstalled" : "teamsUnavailable");
}

function ofTenant(known: StoredConversation | null, tenant: TenantId | null): StoredConversation | null {
  return known !== null && (tenant === null || known.tenantId === tenant) ? known : null;
}

function usable(known: StoredConversation | null, otherwise: NoDestination): Resolved {
  if (known === null) return none(otherwise);
  return known.isGone ? none("botRemoved") : { kind: "found", conversation: plainOf(known) };
}

function none(why: NoDestination): Resolved {
  return { kind: "none", why };
}

function plainOf({ isGone: _isGone, ...conversation }: StoredConversation): Conversation {
  return conversation;
}
