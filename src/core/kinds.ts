import { CLOUD_NAMES, type CloudName } from "./clouds.ts";

export type OperationKind =
  | "team"
  | "chat"
  | "engagement"
  | "site"
  | "connection"
  | "attackSimulation"
  | "telephoneNumber"
  | "roleAlert"
  | "other";

/** Where an answer's body has what a snapshot needs; the first name that is there counts. */
export type KindFields = {
  readonly type: readonly string[];
  readonly targetId: readonly string[];
  readonly targetLocation: readonly string[];
  readonly detail: readonly string[];
  readonly percent: readonly string[];
  readonly steps: readonly string[];
};

export type Kind = {
  readonly name: OperationKind;
  /** Graph's name of the resource that is read. */
  readonly resource: string;
  readonly page: string;
  /**
   * `{owner}` is the team or chat that an operation belongs to, `{operation}` its id, every other
   * name in braces an id on the way. The first is the form in which an address is written anew.
   */
  readonly paths: readonly string[];
  /** `beta`: v1.0 does not have it. */
  readonly version: "any" | "beta";
  readonly clouds: readonly CloudName[];
  /** The words for `status` that Graph documents; what they mean is in snapshot.ts. */
  readonly statuses: readonly string[];
  readonly fields: KindFields;
  readonly permissions: {
    /** Least privileged first; any one of them is enough. */
    readonly application: readonly string[];
    /** Granted by adding the app to the chat or team: resource-specific consent. */
    readonly rsc: readonly string[];
    /** Where Microsoft documents none: what is known to work. */
    readonly isDocumented: boolean;
    readonly page: string;
  };
};

const LEARN = "https://learn.microsoft.com/graph/api";
const NO_CHINA: readonly CloudName[] = ["global", "usgov", "usgov-dod"];
const GLOBAL_ONLY: readonly CloudName[] = ["global"];

const TEAMS_STATUSES = ["invalid", "notStarted", "inProgress", "succeeded", "failed", "unknownFutureValue"];
const LRO_STATUSES = ["notStarted", "running", "succeeded", "failed", "skipped", "unknownFutureValue"];

const TEAMS_FIELDS: KindFields = {
  type: ["operationType"],
  targetId: ["targetResourceId"],
  targetLocation: ["targetResourceLocation"],
  detail: [],
  percent: [],
  // Undeclared, with JSON in a string: `Value` of createTeam, `values` of createChat.
  steps: ["Value", "values"],
};

const LRO_FIELDS: KindFields = {
  type: ["operationType", "type"],
  targetId: ["resourceId"],
  targetLocation: ["resourceLocation"],
  detail: ["statusDetail"],
  percent: ["percentageComplete", "percentageCompleted"],
  steps: [],
};

/** One description for each kind of operation. A new kind is one more of these, and its tests. */
export const KINDS: readonly Kind[] = [
  {
    name: "team",
    resource: "teamsAsyncOperation",
    page: `${LEARN}/resources/teamsasyncoperation`,
    paths: [
      "/teams/{owner}/operations/{operation}",
      "/groups/{owner}/team/operations/{operation}",
      "/me/joinedTeams/{owner}/operations/{operation}",
      "/users/{user}/joinedTeams/{owner}/operations/{operation}",
    ],
    version: "any",
    clouds: CLOUD_NAMES,
    statuses: TEAMS_STATUSES,
    fields: TEAMS_FIELDS,
    permissions: {
      application: ["Team.Create", "TeamSettings.ReadWrite.All", "ChannelSettings.ReadWrite.All"],
      rsc: ["TeamSettings.ReadWrite.Group", "Channel.Create.Group"],
      isDocumented: false,
      page: "https://learn.microsoft.com/graph/long-running-actions-overview",
    },
  },
  {
    name: "chat",
    resource: "teamsAsyncOperation",
    page: `${LEARN}/resources/teamsasyncoperation?view=graph-rest-beta`,
    paths: [
      "/chats/{owner}/operations/{operation}",
      "/me/chats/{owner}/operations/{operation}",
      "/users/{user}/chats/{owner}/operations/{operation}",
    ],
    version: "beta",
    clouds: CLOUD_NAMES,
    statuses: TEAMS_STATUSES,
    fields: TEAMS_FIELDS,
    permissions: {
      application: ["Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"],
      rsc: ["ChatSettings.Read.Chat", "Chat.Manage.Chat", "ChatSettings.ReadWrite.Chat"],
      isDocumented: true,
      page: `${LEARN}/teamsasyncoperation-get?view=graph-rest-beta`,
    },
  },
  {
    name: "engagement",
    resource: "engagementAsyncOperation",
    page: `${LEARN}/resources/engagementasyncoperation`,
    paths: [
      "/employeeExperience/engagementAsyncOperations/{operation}",
      // In an @odata.id of the documentation.
      "/employeeExperience/engagementOperations/{operation}",
    ],
    version: "any",
    clouds: GLOBAL_ONLY,
    statuses: LRO_STATUSES,
    fields: LRO_FIELDS,
    permissions: {
      application: ["Community.Read.All", "Community.ReadWrite.All"],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/engagementasyncoperation-get`,
    },
  },
  {
    name: "site",
    resource: "richLongRunningOperation",
    page: `${LEARN}/resources/richlongrunningoperation`,
    paths: ["/sites/{site}/operations/{operation}", "/sites/{site}/lists/{list}/operations/{operation}"],
    version: "any",
    clouds: CLOUD_NAMES,
    statuses: LRO_STATUSES,
    fields: LRO_FIELDS,
    permissions: {
      application: ["Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/richlongrunningoperation-get`,
    },
  },
  {
    name: "connection",
    resource: "connectionOperation",
    page: `${LEARN}/resources/externalconnectors-connectionoperation`,
    paths: ["/external/connections/{connection}/operations/{operation}"],
    version: "any",
    clouds: NO_CHINA,
    statuses: ["unspecified", "inprogress", "completed", "failed", "unknownFutureValue"],
    fields: LRO_FIELDS,
    permissions: {
      application: [
        "ExternalConnection.ReadWrite.OwnedBy",
        "ExternalConnection.Read.All",
        "ExternalConnection.ReadWrite.All",
      ],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/externalconnectors-connectionoperation-get`,
    },
  },
  {
    name: "attackSimulation",
    resource: "attackSimulationOperation",
    page: `${LEARN}/resources/attacksimulationoperation`,
    paths: ["/security/attackSimulation/operations/{operation}"],
    version: "any",
    clouds: GLOBAL_ONLY,
    statuses: LRO_STATUSES,
    fields: LRO_FIELDS,
    permissions: {
      application: ["AttackSimulation.Read.All"],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/attacksimulationoperation-get`,
    },
  },
  {
    name: "telephoneNumber",
    resource: "telephoneNumberLongRunningOperation",
    page: `${LEARN}/resources/teamsadministration-telephonenumberlongrunningoperation`,
    paths: ["/admin/teams/telephoneNumberManagement/operations/{operation}"],
    version: "any",
    clouds: GLOBAL_ONLY,
    statuses: LRO_STATUSES,
    fields: { ...LRO_FIELDS, detail: ["statusDetail", "numbers.0.statusDetail"] },
    permissions: {
      application: ["TeamsTelephoneNumber.Read.All", "TeamsTelephoneNumber.ReadWrite.All"],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/teamsadministration-telephonenumberlongrunningoperation-get`,
    },
  },
  {
    name: "roleAlert",
    resource: "longRunningOperation",
    page: `${LEARN}/resources/longrunningoperation?view=graph-rest-beta`,
    paths: ["/identityGovernance/roleManagementAlerts/operations/{operation}"],
    version: "beta",
    clouds: CLOUD_NAMES,
    statuses: LRO_STATUSES,
    fields: LRO_FIELDS,
    permissions: {
      application: ["RoleManagementAlert.Read.Directory", "RoleManagementAlert.ReadWrite.Directory"],
      rsc: [],
      isDocumented: true,
      page: `${LEARN}/longrunningoperation-get?view=graph-rest-beta`,
    },
  },
];

/** Whatever else on Graph ends in an operation: read for what it says, and told as what it is. */
export const OTHER: Kind = {
  name: "other",
  resource: "operation",
  page: "https://learn.microsoft.com/graph/long-running-actions-overview",
  paths: [],
  version: "any",
  clouds: CLOUD_NAMES,
  statuses: [],
  fields: {
    type: ["operationType", "type", "action"],
    targetId: ["targetResourceId", "resourceId"],
    targetLocation: ["targetResourceLocation", "resourceLocation"],
    detail: ["statusDetail"],
    percent: ["percentageComplete", "percentageCompleted", "percentProgress"],
    steps: [],
  },
  permissions: {
    application: [],
    rsc: [],
    isDocumented: false,
    page: "https://learn.microsoft.com/graph/long-running-actions-overview",
  },
};

const BY_NAME: ReadonlyMap<string, Kind> = new Map([...KINDS, OTHER].map((kind) => [kind.name, kind]));

export function kindOf(name: OperationKind): Kind {
  return BY_NAME.get(name) ?? OTHER;
}

export type KindMatch = {
  readonly kind: Kind;
  /** The team or chat it belongs to, where there is one. */
  readonly owner: string | null;
  /** What tells it from the other operations of its kind, in the order of the path. */
  readonly ids: readonly string[];
  /** The same for every spelling of the path. */
  readonly keyIds: readonly string[];
  readonly operation: string;
  /** The path names a person, and is written anew without: an application is nobody's `/me`. */
  readonly isPersonal: boolean;
};

type Pattern = { readonly kind: Kind; readonly parts: readonly string[] };

const PATTERNS: readonly Pattern[] = KINDS.flatMap((kind) =>
  kind.paths.map((path) => ({ kind, parts: path.slice(1).split("/") })),
);

/** A part of a path. `name('key')` is a name and its key; a plain segment can be either. */
export type PathPart = { readonly text: string; readonly role: "name" | "key" | "either" };

/** The kind that a path (`teams`, `…`, `operations`, `…`) belongs to, if it is a known one. */
export function matchKind(path: readonly PathPart[]): KindMatch | null {
  const keys = path.map(({ text }) => text);
  if (ODATA_OWN.has(keys.at(-1) ?? "")) return null;
  for (const { kind, parts } of PATTERNS) {
    if (parts.length !== path.length || !parts.every((part, index) => fits(part, path[index]))) continue;
    const named = (name: string): string | null => keys[parts.indexOf(name)] ?? null;
    const ids = keys.filter((_, index) => (parts[index] ?? "").startsWith("{") && parts[index] !== "{user}");
    return {
      kind,
      owner: named("{owner}"),
      ids,
      keyIds: ids,
      operation: named("{operation}") ?? "",
      isPersonal: parts[0] === "me" || parts[0] === "users",
    };
  }
  return null;
}

/** No id, whatever it stands behind: https://docs.oasis-open.org/odata/odata/v4.01 */
export const ODATA_OWN: ReadonlySet<string> = new Set(["$entity", "$count", "$ref", "$value", "$metadata"]);

/** `a(operations)` has a name where an id must be, and a key where a name must be. */
function fits(pattern: string, part: PathPart | undefined): boolean {
  if (part === undefined) return false;
  if (pattern.startsWith("{")) return part.role !== "name";
  return part.role !== "key" && pattern.toLowerCase() === part.text.toLowerCase();
}

/** A known kind's operation as Graph itself would write its location. */
export function writePath(kind: Kind, ids: readonly string[]): string {
  let next = 0;
  return (kind.paths[0] ?? "").replace(/\/\{\w+\}/gu, () => {
    const id = encodeURI((ids[next] ?? "").toWellFormed()).replaceAll("'", "''");
    next += 1;
    return `('${id}')`;
  });
}
