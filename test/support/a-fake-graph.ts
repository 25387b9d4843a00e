import type { Address, ApiVersion } from "../../src/core/address.ts";
import type { Answer } from "../../src/core/answer.ts";
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
};

/** Graph in memory: answers each operation as the test says, and keeps what it was asked. */
export function aFakeGraph(answer: FakeGraph["answer"]): FakeGraph {
  const requests: GraphRequest[] = [];
  const fake: FakeGraph = {
    requests,
    answer,
    check: async (tenant, version, addresses) => {
      requests.push({ tenant, version, operations: addresses.map(({ operation }) => operation) });
      return Promise.all(addresses.map(async (address) => fake.answer(address, tenant)));
    },
  };
  return fake;
}
