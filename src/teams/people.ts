import type { Person } from "../core/access.ts";
import { conversationId, tenantId, type EpochMs } from "../core/ids.ts";
import { describeFault, type Log } from "../flows/log-event.ts";
import type { People } from "../flows/people.ts";
import type { Conversation, Now } from "../flows/ports.ts";
import type { Connector } from "./connector.ts";
import { fieldsOf } from "./read-activity.ts";

type Deps = {
  readonly connector: Pick<Connector, "member" | "team" | "channels" | "openChat">;
  readonly now: Now;
  readonly log: Log;
};

/** People seldom change, and each question is a request to Teams. */
const KEPT_MS = 10 * 60_000;
const MAX_KEPT = 10_000;

/** Who is in a conversation, asked of Teams and kept for some minutes. */
export function createPeople({ connector, now, log }: Deps): People {
  const persons = new Kept<Person>(now);
  const groups = new Kept<string>(now);
  const channels = new Kept<readonly string[]>(now);
  const failed = (conversation: Conversation, error: unknown): void =>
    log({ event: "roster.failed", conversation: conversation.id, error: describeFault(error) });
  return {
    async whoIs(conversation, userId) {
      const key = `${conversation.id} ${userId}`;
      const known = persons.get(key);
      if (known !== null) return known;
      try {
        const person = personOf(await connector.member(conversation, userId), conversation);
        persons.set(key, person);
        return person;
      } catch (error) {
        failed(conversation, error);
        return "unknown";
      }
    },
    async groupIdOf(conversation) {
      const { groupId, teamId } = conversation;
      if (groupId !== null || teamId === null) return groupId;
      const known = groups.get(teamId);
      if (known !== null) return known;
      try {
        const id = fieldsOf(await connector.team(conversation, teamId))["aadGroupId"];
        if (typeof id !== "string" || id === "") return null;
        groups.set(teamId, id);
        return id;
      } catch (error) {
        failed(conversation, error);
        return null;
      }
    },
    async find(conversation, user) {
      // It would lead to another address.
      if (/^\.+$/u.test(user)) return null;
      try {
        const { id, name, aadObjectId } = fieldsOf(await connector.member(conversation, user));
        if (typeof id !== "string" || id === "") return null;
        return {
          id,
          name: typeof name === "string" && name !== "" ? name : user,
          ...(typeof aadObjectId === "string" && aadObjectId !== ""
            ? { entraId: aadObjectId.toLowerCase() }
            : {}),
        };
      } catch (error) {
        const status = fieldsOf(error)["statusCode"];
        if (status === 400 || status === 403 || status === 404) return null;
        failed(conversation, error);
        return "unavailable";
      }
    },
    async hasChannel(conversation, channel) {
      const { teamId } = conversation;
      if (teamId === null) return false;
      // Asked anew when it is not among those that are kept: it may have been made a moment ago.
      if (channels.get(teamId)?.includes(channel) === true) return true;
      try {
        const list = fieldsOf(await connector.channels(conversation, teamId))["conversations"];
        if (!Array.isArray(list)) return null;
        const ids = list.map((each: unknown) => String(fieldsOf(each)["id"]));
        channels.set(teamId, ids);
        return ids.includes(channel);
      } catch (error) {
        failed(conversation, error);
        return null;
      }
    },
    async openChat(near, userId) {
      const result = await connector.openChat(near, userId);
      if (result.kind === "done" && result.conversation !== undefined && result.conversation !== "") {
        const { tenantId: tenant, reference } = near;
        const id = conversationId(result.conversation);
        const none = { teamId: null, groupId: null };
        const conversation = { id, tenantId: tenant, kind: "personal" as const, ...none, userId, reference };
        return { kind: "opened", conversation };
      }
      // Teams has no other word for a person who does not have the app.
      if (result.kind === "conversationGone" || result.kind === "rejected") return { kind: "notInstalled" };
      return { kind: "unavailable", reason: result.kind };
    },
  };
}

/** Others than these come from outside: `guest`, and people who joined a meeting without a name. */
const ORDINARY_ROLES: ReadonlySet<string> = new Set(["", "user", "owner", "member"]);

/** Guests have `#EXT#` in their names where Teams does not call them guests. */
function personOf(member: unknown, conversation: Conversation): Person {
  const { userRole, userPrincipalName, tenantId: tenant } = fieldsOf(member);
  if (typeof tenant === "string" && tenant !== "" && tenantId(tenant) !== conversation.tenantId) {
    return "foreign";
  }
  // Where Teams tells nothing of somebody, nobody can say that they belong here.
  const isTold = [userRole, userPrincipalName, tenant].some(
    (each) => typeof each === "string" && each !== "",
  );
  if (!isTold) return "unknown";
  const isExternal = typeof userPrincipalName === "string" && /#ext#/iu.test(userPrincipalName);
  const isOrdinary = typeof userRole !== "string" || ORDINARY_ROLES.has(userRole.toLowerCase());
  return isOrdinary && !isExternal ? "member" : "guest";
}

class Kept<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: EpochMs }>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  get(key: string): Value | null {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.until < this.#now() ? null : entry.value;
  }

  set(key: string, value: Value): void {
    if (this.#entries.size >= MAX_KEPT) this.#entries.clear();
    this.#entries.set(key, { value, until: this.#now() + KEPT_MS });
  }
}
