import type { GraphVersion } from "./graph-answer.ts";
import type { LifeAnswer } from "./life.ts";
import type { SimulatedOperation } from "./operations.ts";
import { shownOperationType } from "./operation-type.ts";

interface Rendering {
  /** The sandbox's root, without a slash at the end. */
  readonly url: string;
  readonly version: GraphVersion;
  readonly prefer: string | null;
  readonly speed: number;
}

type OperationAnswer = Extract<LifeAnswer, { kind: "operation" }>;

/** The body that Graph would send for an operation in this state. */
export type BodyOf = (
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
) => Readonly<Record<string, unknown>>;

/** https://learn.microsoft.com/graph/api/resources/teamsasyncoperation */
export const teamsBody: BodyOf = (operation, answer, rendering) => {
  const collection = operation.kind === "chat" ? "chats" : "teams";
  const owner = operation.owner;
  return {
    "@odata.context": `${rootOf(rendering)}/$metadata#${collection}('${encodeURIComponent(owner)}')/operations/$entity`,
    id: operation.id,
    operationType: shownOperationType(operation.operationType, rendering.prefer),
    createdDateTime: timestamp(operation.createdMs),
    status: answer.status,
    lastActionDateTime: lastActionOf(operation, answer, rendering),
    attemptsCount: answer.attemptsCount,
    targetResourceId: owner,
    targetResourceLocation: `/${collection}('${owner}')`,
    ...undeclaredProperty(operation, answer, rendering),
    error: answer.error,
  };
};

// teamsAsyncOperation is an open type: Graph adds JSON in a string under either of these names.
function undeclaredProperty(
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
): Readonly<Record<string, string>> {
  if (operation.operationType === "createTeam") return { Value: progressOf(operation, answer, rendering) };
  return operation.operationType === "createChat"
    ? { values: '{"appIds":["1542629c-01b3-4a6d-8f76-1938b779e48d"]}' }
    : {};
}

const appReferences = ["com.microsoft.teamspace.tab.vsts", "1542629c-01b3-4a6d-8f76-1938b779e48d"];
const channelReferences = ["General", "Class Announcements", "Homework"];

function progressOf(operation: SimulatedOperation, answer: OperationAnswer, rendering: Rendering): string {
  const changedAt = new Date(changedMs(operation, answer, rendering)).toISOString();
  const UpdateTimestamp = changedAt.replace("Z", "7846+00:00");
  const part = (references: readonly string[], noun: string) => (Status: string, at: number) => ({
    Index: at + 1,
    Status,
    UpdateTimestamp,
    Reference: references[at] ?? `${noun} ${at + 1}`,
  });
  return JSON.stringify({
    apps: answer.apps.map(part(appReferences, "App")),
    channels: answer.channels
      .map(part(channelReferences, "Channel"))
      .map((channel) => ({ tabs: [], ...channel })),
    WorkflowId: `westeurope.${operation.id}`,
  });
}

/** https://learn.microsoft.com/graph/api/resources/engagementasyncoperation */
export const engagementBody: BodyOf = (operation, answer, rendering) => {
  const root = rootOf(rendering);
  const isMade = answer.status === "succeeded";
  return {
    "@odata.context": `${root}/$metadata#employeeExperience/engagementAsyncOperations/$entity`,
    ...longRunningFields(operation, answer, rendering),
    resourceLocation: isMade ? `${root}/employeeExperience/communities('${operation.owner}')` : null,
    operationType: shownOperationType(operation.operationType, rendering.prefer),
    resourceId: isMade ? operation.owner : null,
  };
};

/** https://learn.microsoft.com/graph/api/resources/richlongrunningoperation */
export const siteBody: BodyOf = (operation, answer, rendering) => {
  const resourceId = operation.id.slice(operation.id.indexOf(",") + 1);
  const isMade = answer.status === "succeeded";
  return {
    "@odata.context": contextOf(operation, rendering),
    ...longRunningFields(operation, answer, rendering),
    resourceId: isMade ? resourceId : null,
    resourceLocation: isMade
      ? `${rootOf(rendering)}/sites/${operation.owner}/contentTypes/${resourceId}`
      : null,
    type: operation.operationType,
    percentageComplete: answer.percentage,
    error: answer.error,
  };
};

/** https://learn.microsoft.com/graph/api/resources/attacksimulationoperation */
export const attackSimulationBody: BodyOf = (operation, answer, rendering) => ({
  "@odata.context": contextOf(operation, rendering),
  ...longRunningFields(operation, answer, rendering),
  resourceLocation:
    answer.status === "succeeded"
      ? `${rootOf(rendering)}/security/attackSimulation/simulations/${operation.owner}`
      : null,
  type: operation.operationType,
  percentageCompleted: answer.percentage,
});

/** https://learn.microsoft.com/graph/api/resources/teamsadministration-telephonenumberlongrunningoperation */
export const telephoneNumberBody: BodyOf = (operation, answer, rendering) => ({
  "@odata.context": contextOf(operation, rendering),
  id: operation.id,
  createdDateTime: timestamp(operation.createdMs),
  status: runningWord(answer.status),
  numbers: [
    {
      resourceLocation: rootOf(rendering) + operation.path,
      status: runningWord(answer.status),
      statusDetail: answer.error?.message ?? null,
    },
  ],
});

/** https://learn.microsoft.com/graph/api/resources/externalconnectors-connectionoperation */
export const connectionBody: BodyOf = (operation, answer) => ({
  id: operation.id,
  status: connectionWords[answer.status] ?? answer.status,
  error: answer.error,
});

/** https://learn.microsoft.com/graph/api/resources/longrunningoperation */
export const longRunningBody: BodyOf = (operation, answer, rendering) => ({
  "@odata.context": contextOf(operation, rendering),
  ...longRunningFields(operation, answer, rendering),
});

function longRunningFields(
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
): Readonly<Record<string, unknown>> {
  return {
    id: operation.id,
    createdDateTime: timestamp(operation.createdMs),
    lastActionDateTime: lastActionOf(operation, answer, rendering),
    status: runningWord(answer.status),
    statusDetail: answer.error?.message ?? null,
    resourceLocation: null,
  };
}

function runningWord(status: string): string {
  return status === "inProgress" ? "running" : status;
}

const connectionWords: Readonly<Record<string, string>> = {
  notStarted: "inprogress",
  inProgress: "inprogress",
  succeeded: "completed",
};

function rootOf({ url, version }: Rendering): string {
  return `${url}/${version}`;
}

function contextOf({ path }: SimulatedOperation, rendering: Rendering): string {
  const collection = path.slice(1, path.toLowerCase().lastIndexOf("/operations"));
  return `${rootOf(rendering)}/$metadata#${collection}/operations/$entity`;
}

function lastActionOf(operation: SimulatedOperation, answer: OperationAnswer, rendering: Rendering): string {
  return timestamp(changedMs(operation, answer, rendering));
}

function changedMs(operation: SimulatedOperation, answer: OperationAnswer, { speed }: Rendering): number {
  return operation.createdMs + answer.sinceMs / speed;
}

/** Graph's seven digits of a second; the last four are invented, and not zero, so that readers meet them. */
function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}7846Z`;
}
