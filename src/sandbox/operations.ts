import { isGraphVersion } from "./graph-answer.ts";
import { kinds, type OperationKind } from "./kinds.ts";
import { lifeOf, type Life, type LifeName } from "./life.ts";
import { announcedPath, operationPathOf, segmentsOf, type OperationPath } from "./operation-path.ts";
import type { OperationType } from "./operation-type.ts";
import { ownerKeyOf } from "./owner-path.ts";

export interface OperationPlan {
  readonly kind: OperationKind;
  readonly life: LifeName | Life;
  readonly id?: string;
  /** What the operation is found under (a team, a chat, a site, …), or else what it makes. */
  readonly owner?: string;
  /** Where it is found, without the version, instead of where its kind's operations usually are. */
  readonly path?: string;
  readonly operationType?: OperationType;
  /** Its life begins with its first check, so that a person has time to paste its address. */
  readonly startsAtFirstCheck?: boolean;
  /** The name of its owner. */
  readonly displayName?: string;
  /** Entra object ids of the owner's members. */
  readonly members?: readonly string[];
  /** How many sandbox milliseconds after its success the owner can be looked at. */
  readonly visibleAfterMs?: number;
}

export interface SimulatedOperation {
  readonly kind: OperationKind;
  readonly id: string;
  readonly owner: string;
  readonly operationType: OperationType | null;
  readonly life: Life;
  createdMs: number;
  readonly startsAtFirstCheck: boolean;
  /** Without version and host. */
  readonly path: string;
  readonly displayName: string | null;
  readonly members: readonly string[] | null;
  /** `null`: the owner was there before the operation. */
  readonly visibleAfterMs: number | null;
  /** The last check that was not refused. */
  lastCheckMs: number | null;
  /** Every check, refused ones included; `null` when instants are not recorded. */
  readonly checkInstantsMs: number[] | null;
}

/** The simulated operations, in memory. */
export interface Operations {
  add(plan: OperationPlan): SimulatedOperation;
  find(key: string): SimulatedOperation | null;
  /** Those of one team, chat or community. */
  ownedBy(ownerKey: string): readonly SimulatedOperation[];
}

export interface OperationsOptions {
  readonly recordChecks: boolean;
  readonly visibleAfterMs: number;
  readonly now: () => number;
}

const typesThatMakeTheirOwner: ReadonlySet<OperationType | null> = new Set<OperationType | null>([
  "createTeam",
  "cloneTeam",
  "teamifyGroup",
  "createChat",
  "createCommunity",
]);

export function createOperations(options: OperationsOptions): Operations {
  const byKey = new Map<string, SimulatedOperation>();
  const byOwner = new Map<string, SimulatedOperation[]>();

  function remember(ownerKey: string, operation: SimulatedOperation): void {
    const others = byOwner.get(ownerKey);
    if (others === undefined) byOwner.set(ownerKey, [operation]);
    else others.push(operation);
  }

  return {
    add(plan) {
      const { key, path, id, owner } = placeOf(plan);
      if (byKey.has(key)) throw new Error(`The sandbox already has an operation at ${path}.`);
      const operationType = plan.operationType ?? kinds[plan.kind].operationType;
      const operation: SimulatedOperation = {
        kind: plan.kind,
        id,
        owner,
        operationType,
        life: lifeOf(plan.life),
        createdMs: options.now(),
        startsAtFirstCheck: plan.startsAtFirstCheck ?? false,
        path,
        displayName: plan.displayName ?? null,
        members: plan.members ?? null,
        visibleAfterMs:
          plan.visibleAfterMs ?? (typesThatMakeTheirOwner.has(operationType) ? options.visibleAfterMs : null),
        lastCheckMs: null,
        checkInstantsMs: options.recordChecks ? [] : null,
      };
      byKey.set(key, operation);
      const ownerKey = ownerKeyOf(plan.kind, owner);
      if (ownerKey !== null) remember(ownerKey, operation);
      return operation;
    },
    find: (key) => byKey.get(key) ?? null,
    ownedBy: (ownerKey) => byOwner.get(ownerKey) ?? [],
  };
}

type Place = Pick<SimulatedOperation, "path" | "id" | "owner"> & { readonly key: string };

function placeOf(plan: OperationPlan): Place {
  const { newOwner, newId } = kinds[plan.kind];
  const owner = plan.owner ?? newOwner();
  const path = plan.path ?? announcedPath(plan.kind, owner, plan.id ?? newId());
  const found = pathOf(plan, path);
  return {
    key: found.key,
    path,
    id: plan.id ?? found.id,
    owner: plan.owner ?? (plan.path === undefined ? owner : (found.owner ?? owner)),
  };
}

function pathOf(plan: OperationPlan, path: string): OperationPath {
  const segments = segmentsOf(path) ?? [];
  const found = operationPathOf(segments);
  const isOfNoKind = found?.kind === "other" && plan.path !== undefined;
  if (found === null || (found.kind !== plan.kind && !isOfNoKind)) {
    throw new Error(
      `"${path}" cannot be the path of an operation of the kind ${plan.kind}. Choose an id without "/" and "%".`,
    );
  }
  if (isGraphVersion(segments[0] ?? "")) throw new Error(`Give the path "${path}" without its version.`);
  return found;
}
