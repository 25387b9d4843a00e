/** The members of Graph's teamsAsyncOperationType, and what the other kinds that have a type say. */
export type OperationType =
  | "createTeam"
  | "cloneTeam"
  | "archiveTeam"
  | "unarchiveTeam"
  | "createCommunity"
  | "contentTypeCopy"
  | "createSimulation"
  | "createChat"
  | "teamifyGroup"
  | "createChannel"
  | "archiveChannel"
  | "unarchiveChannel";

const pastTheSentinel: ReadonlySet<OperationType> = new Set<OperationType>([
  "createChat",
  "teamifyGroup",
  "createChannel",
  "archiveChannel",
  "unarchiveChannel",
]);

/**
 * What a client is told. Members added after `unknownFutureValue` are shown only to clients that ask:
 * https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
 */
export function shownOperationType(type: OperationType | null, prefer: string | null): string | null {
  if (type === null || !pastTheSentinel.has(type)) return type;
  return prefer?.toLowerCase().includes("include-unknown-enum-members") === true
    ? type
    : "unknownFutureValue";
}
