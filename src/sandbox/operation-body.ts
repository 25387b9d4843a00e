import type { GraphVersion } from "./graph-answer.ts";
import type { LifeAnswer } from "./life.ts";
import type { SimulatedOperation } from "./operations.ts";
import { shownOperationType } from "./operation-type.ts";

export interface Rendering {
  /** The sandbox's root, without a slash at the end. */
  readonly url: string;
  readonly version: GraphVersion;
  readonly prefer: string | null;
  readonly speed: number;
}

type OperationAnswer = Extract<LifeAnswer, { kind: "operation" }>;

/** The body that Graph would send for an operation in this state. */
export function operationBody(
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
): Readonly<Record<string, unknown>> {
  const body =
    operation.kind === "engagement"
      ? engagementBody(operation, answer, rendering)
      : teamsBody(operation, answer, rendering);
  return answer.fields === null ? body : { ...body, ...answer.fields };
}

function teamsBody(
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
): Readonly<Record<string, unknown>> {
  const collection = operation.kind === "chat" ? "chats" : "teams";
  const owner = operation.owner;
  return {
    "@odata.context": `${rendering.url}/${rendering.version}/$metadata#${collection}('${encodeURIComponent(owner)}')/operations/$entity`,
    id: operation.id,
    operationType: shownOperationType(operation.operationType, rendering.prefer),
    createdDateTime: timestamp(operation.createdMs),
    status: answer.status,
    lastActionDateTime: lastActionOf(operation, answer, rendering.speed),
    attemptsCount: answer.attemptsCount,
    targetResourceId: owner,
    targetResourceLocation: `/${collection}('${owner}')`,
    ...undeclaredProperty(operation),
    error: answer.error,
  };
}

// teamsAsyncOperation is an open type: Graph adds JSON in a string under either of these names.
function undeclaredProperty(operation: SimulatedOperation): Readonly<Record<string, string>> {
  if (operation.operationType === "createTeam") {
    return { Value: `{"apps":[],"channels":[],"WorkflowId":"westeurope.${operation.id}"}` };
  }
  return operation.operationType === "createChat"
    ? { values: '{"appIds":["1542629c-01b3-4a6d-8f76-1938b779e48d"]}' }
    : {};
}

function engagementBody(
  operation: SimulatedOperation,
  answer: OperationAnswer,
  rendering: Rendering,
): Readonly<Record<string, unknown>> {
  const root = `${rendering.url}/${rendering.version}`;
  const isMade = answer.status === "succeeded";
  return {
    "@odata.context": `${root}/$metadata#employeeExperience/engagementAsyncOperations/$entity`,
    id: operation.id,
    createdDateTime: timestamp(operation.createdMs),
    lastActionDateTime: lastActionOf(operation, answer, rendering.speed),
    status: answer.status === "inProgress" ? "running" : answer.status,
    statusDetail: answer.error?.message ?? null,
    resourceLocation: isMade ? `${root}/employeeExperience/communities('${operation.owner}')` : null,
    operationType: shownOperationType(operation.operationType, rendering.prefer),
    resourceId: isMade ? operation.owner : null,
  };
}

function lastActionOf(operation: SimulatedOperation, answer: OperationAnswer, speed: number): string {
  return timestamp(operation.createdMs + answer.sinceMs / speed);
}

/** Graph's seven digits of a second; the last four are invented, and not zero, so that readers meet them. */
function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}7846Z`;
}
