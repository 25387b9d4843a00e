/** The members of Graph's teamsAsyncOperationType, and Engage's `createCommunity`. */
export type OperationType =
  | "createTeam"
  | "cloneTeam"
  | "archiveTeam"
  | "unarchiveTeam"
  | "createCommunity"
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
export function shownOperationType(type: OperationType, prefer: string | null): string {
  if (!pastTheSentinel.has(type)) return type;
  return prefer?.toLowerCase().includes("include-unknown-enum-members") === true
    ? type
    : "unknownFutureValue";
}
