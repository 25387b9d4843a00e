import { randomUUID } from "node:crypto";
import {
  attackSimulationBody,
  connectionBody,
  engagementBody,
  longRunningBody,
  siteBody,
  teamsBody,
  telephoneNumberBody,
  type BodyOf,
} from "./operation-body.ts";
import type { OperationType } from "./operation-type.ts";

export const operationKinds = [
  "team",
  "chat",
  "engagement",
  "site",
  "attackSimulation",
  "telephoneNumber",
  "roleAlert",
  "connection",
  "other",
] as const;
export type OperationKind = (typeof operationKinds)[number];

interface KindTraits {
  /**
   * Where its operations are found: the first is the one that Graph announces, the others are further
   * spellings. All names in braces but `{any}` tell one operation from another.
   */
  readonly paths: readonly [string, ...string[]];
  readonly isBetaOnly: boolean;
  /** Whether Graph announces it as a path alone, without version and host. */
  readonly isAnnouncedRelative: boolean;
  readonly operationType: OperationType | null;
  readonly body: BodyOf;
  readonly newOwner: () => string;
  readonly newId: () => string;
}

const usual = {
  isBetaOnly: false,
  isAnnouncedRelative: false,
  operationType: null,
  body: longRunningBody,
  newOwner: randomUUID,
  newId: randomUUID,
} as const;

// Ids have the shapes of real ones: a team's is one GUID, a chat's three joined, Engage's is encoded JSON.
export const kinds: Readonly<Record<OperationKind, KindTraits>> = {
  team: {
    ...usual,
    paths: [
      "/teams('{owner}')/operations('{id}')",
      "/groups/{owner}/team/operations/{id}",
      "/me/joinedTeams/{owner}/operations/{id}",
      "/users/{any}/joinedTeams/{owner}/operations/{id}",
    ],
    isAnnouncedRelative: true,
    operationType: "createTeam",
    body: teamsBody,
  },
  chat: {
    ...usual,
    paths: [
      "/chats('{owner}')/operations('{id}')",
      "/me/chats/{owner}/operations/{id}",
      "/users/{any}/chats/{owner}/operations/{id}",
    ],
    isBetaOnly: true,
    isAnnouncedRelative: true,
    operationType: "createChat",
    body: teamsBody,
    newOwner: () => `19:${randomUUID()}_${randomUUID()}@unq.gbl.spaces`,
    newId: () => `${randomUUID()}-${randomUUID()}-${randomUUID()}`,
  },
  engagement: {
    ...usual,
    paths: [
      "/employeeExperience/engagementAsyncOperations('{id}')",
      // In an @odata.id of the documentation.
      "/employeeExperience/engagementOperations/{id}",
    ],
    operationType: "createCommunity",
    body: engagementBody,
    newOwner: () => base64url({ _type: "Group", id: String(Math.floor(Math.random() * 1e12)) }),
    newId: () => base64url({ _type: "LongRunningOperation", id: randomUUID(), operation: "CreateCommunity" }),
  },
  site: {
    ...usual,
    paths: ["/sites/{owner}/operations/{id}", "/sites/{owner}/lists/{list}/operations/{id}"],
    operationType: "contentTypeCopy",
    body: siteBody,
    newOwner: () => `contoso.sharepoint.com,${randomUUID()},${randomUUID()}`,
    newId: () => `contentTypeCopy,0x010100${randomUUID().replaceAll("-", "").toUpperCase()}`,
  },
  attackSimulation: {
    ...usual,
    paths: ["/security/attackSimulation/operations/{id}"],
    operationType: "createSimulation",
    body: attackSimulationBody,
  },
  telephoneNumber: {
    ...usual,
    paths: ["/admin/teams/telephoneNumberManagement/operations/{id}"],
    body: telephoneNumberBody,
  },
  roleAlert: {
    ...usual,
    paths: ["/identityGovernance/roleManagementAlerts/operations/{id}"],
    isBetaOnly: true,
  },
  connection: {
    ...usual,
    paths: ["/external/connections/{owner}/operations/{id}"],
    body: connectionBody,
    newOwner: () => `connection${randomUUID().slice(0, 8)}`,
  },
  // Whatever ends in `/operations/{id}`: a plan says where. This path is for plans that do not mind.
  other: { ...usual, paths: ["/teamwork/devices/{owner}/operations/{id}"] },
};

export function isOperationKind(value: unknown): value is OperationKind {
  return operationKinds.some((kind) => kind === value);
}

function base64url(value: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
