import { isJsonObject } from "./graph-answer.ts";
import { isLifeName, lifeNames, type LifeName } from "./life.ts";
import { isOperationKind, operationKinds, type OperationKind } from "./operation-path.ts";

const maximumCount = 1_000_000;

export interface OperationsOrder {
  readonly kind: OperationKind;
  readonly life: LifeName;
  readonly count: number;
}

/** Reads the body of `POST /_sandbox/operations`; a string says what is wrong with it. */
export function operationsOrderOf(body: unknown): OperationsOrder | string {
  if (!isJsonObject(body)) return 'The body must be an object such as {"kind":"team","life":"slow"}.';
  const { kind, life, count = 1 } = body;
  if (!isOperationKind(kind)) return `"kind" must be one of: ${operationKinds.join(", ")}.`;
  if (!isLifeName(life)) return `"life" must be one of: ${lifeNames.join(", ")}.`;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > maximumCount) {
    return `"count" must be a whole number from 1 to ${maximumCount}.`;
  }
  return { kind, life, count };
}
