import type { AddressProblem } from "../core/address.ts";
import type { NoDestination } from "../flows/destination.ts";

/** An answer of the API before it is HTTP. */
export type ApiAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: object | null;
};

export type FieldError = {
  /** A JSON pointer into the body (RFC 6901), or the name of a header or query parameter. */
  readonly field: string;
  readonly detail: string;
};

/** Problem details (RFC 9457). `name` is the stable end of the type; docs/api.md lists them. */
export function problem(
  status: number,
  name: string,
  detail: string,
  more: { readonly errors?: readonly FieldError[]; readonly headers?: Readonly<Record<string, string>> } = {},
): ApiAnswer {
  return {
    status,
    headers: { "content-type": "application/problem+json", ...more.headers },
    body: {
      type: `urn:opwatch:problem:${name}`,
      title: TITLES.get(status) ?? "Error",
      status,
      detail,
      ...(more.errors === undefined ? {} : { errors: more.errors }),
    },
  };
}

/** One field is at fault. */
export function fieldProblem(status: number, name: string, field: string, detail: string): ApiAnswer {
  return problem(status, name, detail, { errors: [{ field, detail }] });
}

const TITLES: ReadonlyMap<number, string> = new Map([
  [400, "Bad request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not found"],
  [405, "Method not allowed"],
  [409, "Conflict"],
  [413, "Content too large"],
  [415, "Unsupported media type"],
  [422, "Unprocessable content"],
  [429, "Too many requests"],
  [500, "Internal error"],
  [503, "Service unavailable"],
]);

export const MISSES: Readonly<Record<AddressProblem, string>> = {
  notAnOperation:
    "It holds no operation's location. Send the Location header of the 202 answer, or the whole answer.",
  target:
    "It is the location of a resource, not of the operation that makes or changes it. Send the Location header of the 202 answer.",
  metadata: "It is an @odata.context, which does not say which operation. Send the Location header.",
  placeholder: "It holds a placeholder. Send the real value of the Location header.",
  malformed: "Its location can't be read.",
  otherCloud: "Its location is in another Microsoft cloud than the one that is watched here.",
  unknownHost: "Its location is not on Microsoft Graph.",
  notInCloud: "This Microsoft cloud does not have that kind of operation.",
  copyMonitor:
    "It is the monitor of a file copy. Whoever has its address can read it, so it was neither used nor kept.",
  authentication:
    "It is an operation on sign-in methods, which Graph shows to people only and whose answer can hold a password.",
  signedInUser: "It begins with /me, and an application is nobody. Write /users/{id} in its place.",
};

type Refusal = {
  readonly status: number;
  readonly name: string;
  readonly field: string;
  readonly detail: string;
};

export const NO_DESTINATION: Readonly<Record<NoDestination, Refusal>> = {
  unknownConversation: {
    status: 422,
    name: "unknown-conversation",
    field: "/to/conversation",
    detail: "Opwatch was not added to a conversation with this id in your tenant. Add it there first.",
  },
  unknownTeam: {
    status: 422,
    name: "unknown-team",
    field: "/to",
    detail:
      "Opwatch was not added to this team in your tenant, or has not heard from it yet. Add it, or mention it there once.",
  },
  unknownChannel: {
    status: 422,
    name: "unknown-channel",
    field: "/to",
    detail: "The team has no such channel that Opwatch can see.",
  },
  unknownUser: {
    status: 422,
    name: "unknown-user",
    field: "/to/user",
    detail:
      "Nobody was found by that name. Send the person's object id in Entra, or let Opwatch read names (User.ReadBasic.All).",
  },
  unknownAlias: {
    status: 422,
    name: "unknown-alias",
    field: "/to/alias",
    detail:
      "No conversation of your tenant has this alias. Write `@Opwatch alias <name>` where the cards are to appear.",
  },
  notALink: {
    status: 422,
    name: "not-a-channel-link",
    field: "/to/link",
    detail: "It is no link to a channel. Copy it in Teams with “Copy link to channel”.",
  },
  notInstalled: {
    status: 409,
    name: "not-installed",
    field: "/to/user",
    detail:
      "This person has no chat with Opwatch and Teams allows none to be made. Have the app installed for them: by themselves, or by an administrator's app setup policy.",
  },
  botRemoved: {
    status: 409,
    name: "bot-removed",
    field: "/to",
    detail: "Opwatch was removed from this conversation. Add it again.",
  },
  graphUnavailable: {
    status: 503,
    name: "graph-unavailable",
    field: "/to/user",
    detail: "Graph did not answer who this is. Try again in half a minute, or send the person's object id.",
  },
  teamsUnavailable: {
    status: 503,
    name: "teams-unavailable",
    field: "/to",
    detail: "Teams did not answer where this is. Try again in half a minute.",
  },
};
