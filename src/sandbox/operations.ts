import { randomUUID } from "node:crypto";
import { lifeOf, type Life, type LifeName } from "./life.ts";
import { operationPathOf, segmentsOf, type OperationKind } from "./operation-path.ts";
import type { OperationType } from "./operation-type.ts";

export interface OperationPlan {
  readonly kind: OperationKind;
  readonly life: LifeName | Life;
  readonly id?: string;
  /** The team or chat that the operation is found under; the community that an Engage operation makes. */
  readonly owner?: string;
  readonly operationType?: OperationType;
  /** Its life begins with its first check, so that a person has time to paste its address. */
  readonly startsAtFirstCheck?: boolean;
}

export interface SimulatedOperation {
  readonly kind: OperationKind;
  readonly id: string;
  readonly owner: string;
  readonly operationType: OperationType;
  readonly life: Life;
  createdMs: number;
  readonly startsAtFirstCheck: boolean;
  /** Without version and host. */
  readonly path: string;
  checkCount: number;
  /** The last check that was not refused for being early. */
  lastCheckMs: number | null;
  /** Every check, refused ones included; `null` when instants are not recorded. */
  readonly checkInstantsMs: number[] | null;
}

/** The simulated operations, in memory. */
export interface Operations {
  add(plan: OperationPlan): SimulatedOperation;
  find(key: string): SimulatedOperation | null;
}

export interface OperationsOptions {
  readonly recordChecks: boolean;
  readonly now: () => number;
}

interface KindTraits {
  readonly defaultType: OperationType;
  readonly pathOf: (owner: string, id: string) => string;
  readonly newOwner: () => string;
  readonly newId: () => string;
}

// Ids have the shapes of real ones: a team's is one GUID, a chat's three joined, Engage's is encoded JSON.
const traits: Readonly<Record<OperationKind, KindTraits>> = {
  team: {
    defaultType: "createTeam",
    pathOf: (owner, id) => `/teams(${quoted(owner)})/operations(${quoted(id)})`,
    newOwner: randomUUID,
    newId: randomUUID,
  },
  chat: {
    defaultType: "createChat",
    pathOf: (owner, id) => `/chats(${quoted(owner)})/operations(${quoted(id)})`,
    newOwner: () => `19:${randomUUID()}_${randomUUID()}@unq.gbl.spaces`,
    newId: () => `${randomUUID()}-${randomUUID()}-${randomUUID()}`,
  },
  engagement: {
    defaultType: "createCommunity",
    pathOf: (_owner, id) => `/employeeExperience/engagementAsyncOperations(${quoted(id)})`,
    newOwner: () => base64url({ _type: "Group", id: String(Math.floor(Math.random() * 1e12)) }),
    newId: () => base64url({ _type: "LongRunningOperation", id: randomUUID(), operation: "CreateCommunity" }),
  },
};

export function createOperations(options: OperationsOptions): Operations {
  const byKey = new Map<string, SimulatedOperation>();
  return {
    add(plan) {
      const kind = traits[plan.kind];
      const owner = plan.owner ?? kind.newOwner();
      const id = plan.id ?? kind.newId();
      const path = kind.pathOf(owner, id);
      const key = operationPathOf(segmentsOf(path) ?? [])?.key;
      if (key === undefined) {
        throw new Error(`"${path}" cannot be the path of an operation. Choose an id without "/" and "%".`);
      }
      if (byKey.has(key)) throw new Error(`The sandbox already has an operation at ${path}.`);
      const operation: SimulatedOperation = {
        kind: plan.kind,
        id,
        owner,
        operationType: plan.operationType ?? kind.defaultType,
        life: lifeOf(plan.life),
        createdMs: options.now(),
        startsAtFirstCheck: plan.startsAtFirstCheck ?? false,
        path,
        checkCount: 0,
        lastCheckMs: null,
        checkInstantsMs: options.recordChecks ? [] : null,
      };
      byKey.set(key, operation);
      return operation;
    },
    find: (key) => byKey.get(key) ?? null,
  };
}

function quoted(key: string): string {
  return `'${key.replaceAll("'", "''")}'`;
}

function base64url(value: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
