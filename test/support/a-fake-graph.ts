import type { Address, ApiVersion } from "../../src/core/address.ts";
import type { Answer, LookAnswer } from "../../src/core/answer.ts";
import type { TenantId } from "../../src/core/ids.ts";
import type { Graph } from "../../src/flows/ports.ts";

type GraphRequest = {
  readonly tenant: TenantId;
  readonly version: ApiVersion;
  readonly operations: readonly string[];
};

export type FakeGraph = Graph & {
  readonly requests: readonly GraphRequest[];
  answer: (address: Address, tenant: TenantId) => Answer | Promise<Answer>;
  /** The paths of results that were looked at. */
  readonly looks: readonly string[];
  seen: (path: string) => LookAnswer;
  members: (owner: string, userId: string) => boolean | null;
};

/** Graph in memory: answers each operation as the test says, and keeps what it was asked. */
export function aFakeGraph(answer: FakeGraph["answer"]): FakeGraph {
  const requests: GraphRequest[] = [];
  const looks: string[] = [];
  const fake: FakeGraph = {
    requests,
    answer,
    check: async (tenant, version, addresses) => {
      requests.push({ tenant, version, operations: addresses.map(({ operation }) => operation) });
      return Promise.all(addresses.map(async (address) => fake.answer(address, tenant)));
    },
    look: async (_tenant, target) => {
      looks.push(target.path);
      return Promise.resolve(fake.seen(target.path));
    },
    userId: async () => Promise.resolve({ kind: "unknown" }),
    isMember: async (_tenant, owner, userId) => Promise.resolve(fake.members(owner.id, userId)),
    looks,
    seen: () => ({ kind: "notThere" }),
    members: () => null,
  };
  return fake;
}
