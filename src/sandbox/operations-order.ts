import { isJsonObject } from "./graph-answer.ts";
import { isOperationKind, operationKinds } from "./kinds.ts";
import { isLifeName, lifeNames } from "./life.ts";
import type { OperationPlan } from "./operations.ts";

const maximumCount = 1_000_000;

export interface OperationsOrder {
  readonly count: number;
  readonly plan: Pick<OperationPlan, "kind" | "life" | "path" | "members">;
}

/** Reads the body of `POST /_sandbox/operations`; a string says what is wrong with it. */
export function operationsOrderOf(body: unknown): OperationsOrder | string {
  if (!isJsonObject(body)) return 'The body must be an object such as {"kind":"team","life":"slow"}.';
  const { kind, life, count = 1, path, members } = body;
  if (!isOperationKind(kind)) return `"kind" must be one of: ${operationKinds.join(", ")}.`;
  if (!isLifeName(life)) return `"life" must be one of: ${lifeNames.join(", ")}.`;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > maximumCount) {
    return `"count" must be a whole number from 1 to ${maximumCount}.`;
  }
  if (path !== undefined && (typeof path !== "string" || count > 1)) {
    return '"path" must be a string, and of one operation.';
  }
  if (members !== undefined && !isListOfStrings(members)) return '"members" must be a list of strings.';
  return {
    count,
    plan: {
      kind,
      life,
      ...(path === undefined ? {} : { path }),
      ...(members === undefined ? {} : { members }),
    },
  };
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
