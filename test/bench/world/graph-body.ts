import { PHASE } from "./log.ts";
import { operationId, teamId } from "./names.ts";

const STATUS = ["notStarted", "inProgress", "succeeded", "failed"] as const;
const CREATED = new Date().toISOString().replace("Z", "0000Z");
const ERROR = '{"code":"TeamUnavailable","message":"The team was not found."}';

/** https://learn.microsoft.com/graph/api/resources/teamsasyncoperation, in one piece of text: this is made for every check. */
export function bodyOf(operation: number, phase: number, changedAt: Date | null): string {
  const team = teamId(operation);
  const id = operationId(operation);
  const status = STATUS[phase] ?? "notStarted";
  const lastAction = changedAt === null ? CREATED : changedAt.toISOString().replace("Z", "0000Z");
  return (
    `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#teams('${team}')/operations/$entity",` +
    `"id":"${id}","operationType":"createTeam","createdDateTime":"${CREATED}","status":"${status}",` +
    `"lastActionDateTime":"${lastAction}","attemptsCount":1,"targetResourceId":"${team}",` +
    `"targetResourceLocation":"/teams('${team}')",` +
    `"Value":"{\\"apps\\":[],\\"channels\\":[],\\"WorkflowId\\":\\"westeurope.${id}\\"}",` +
    `"error":${phase === PHASE.failed ? ERROR : "null"}}`
  );
}
