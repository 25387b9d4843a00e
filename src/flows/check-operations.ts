import type { Address, ApiVersion } from "../core/address.ts";
import type { Answer } from "../core/answer.ts";
import { decide } from "../core/decide.ts";
import type { EpochMs, OperationId, TenantId } from "../core/ids.ts";
import { boundedPauseMs } from "../core/retry-after.ts";
import { isSameState } from "../core/operation.ts";
import { spreadOf } from "../core/schedule.ts";
import { gather } from "./gather.ts";
import { InFlight } from "./in-flight.ts";
import { describeFault, type Log } from "./log-event.ts";
import type { CheckedOperation, ClaimedOperation, Graph, Now, Store, TenantPause } from "./ports.ts";

export type CheckSettings = {
  readonly intervalMs: number;
  /** The longest that one request to Graph may take. */
  readonly requestTimeoutMs: number;
  readonly batchSize: number;
};

export type Checker = {
  /** Claims what is due of these and starts to ask; resolves when there is room for more. */
  run(ids: readonly OperationId[]): Promise<void>;
  drained(): Promise<void>;
};

/** As many operations at once may be without their answer; then no more are claimed. */
const MAX_IN_FLIGHT = 4_000;

type Result = { readonly checked: CheckedOperation; readonly pause: TenantPause | null };

/** Due operations → Graph's answers → what they mean → saved, with the next alarms and deliveries. */
export function createChecker(
  deps: { readonly store: Store; readonly graph: Graph; readonly now: Now; readonly log: Log },
  settings: CheckSettings,
): Checker {
  const { store, graph, now, log } = deps;
  const inFlight = new InFlight(MAX_IN_FLIGHT);
  // Should we die now, the next check comes no sooner than an interval after the last moment at
  // which a request of ours can leave: token, request and a second try share one deadline.
  const leaseMs = settings.requestTimeoutMs + settings.intervalMs;

  const save = gather<readonly Result[]>(async (groups) => {
    const results = groups.flat();
    const pauses = results.flatMap(({ pause }) => (pause === null ? [] : [pause]));
    await store.saveChecks(
      results.map(({ checked }) => checked),
      latestByTenant(pauses),
      now(),
    );
  });

  async function checkGroup(group: Group, claimedAt: EpochMs): Promise<void> {
    try {
      const addresses = group.operations.map(({ address }) => address);
      const answers = await graph.check(
        group.tenantId,
        group.version,
        addresses,
        claimedAt + settings.requestTimeoutMs,
      );
      const answeredAt = now();
      const results = group.operations.map((operation, index): Result => {
        const answer: Answer = answers[index] ?? { kind: "noAnswer", message: "No answer was given." };
        return conclude(operation, answer, answeredAt, settings.intervalMs);
      });
      await save(results);
      const ended = results.filter(({ checked }) => checked.dueAt === null).length;
      log({ event: "checks.done", asked: results.length, ended, ms: now() - claimedAt });
      for (const pause of latestByTenant(results.flatMap((result) => result.pause ?? []))) {
        log({ event: "checks.paused", tenant: pause.tenantId, untilMs: pause.until });
      }
    } catch (error) {
      // Nothing is lost: the claim runs out and the sweep sets the alarms again.
      log({ event: "checks.failed", operations: group.operations.length, error: describeFault(error) });
    }
  }

  return {
    async run(ids) {
      const claimedAt = now();
      const claimed = await store.claimChecks(ids, claimedAt, leaseMs, settings.intervalMs);
      for (const group of groupForRequests(claimed, settings.batchSize)) {
        inFlight.add(group.operations.length, checkGroup(group, claimedAt));
      }
      await inFlight.room();
    },
    drained: () => inFlight.drained(),
  };
}

function conclude(operation: ClaimedOperation, answer: Answer, now: EpochMs, intervalMs: number): Result {
  const decision = decide(operation.state, answer, now, { intervalMs, spread: spreadOf(operation.id) });
  return {
    checked: {
      id: operation.id,
      claim: operation.claim,
      state: isSameState(operation.state, decision.state) ? null : decision.state,
      answeredAt: decision.state.answeredAt,
      dueAt: decision.next.kind === "check" ? decision.next.at : null,
      freeAt: now + Math.max(intervalMs, retryAfterOf(answer)),
      visibleChange: decision.visibleChange,
    },
    pause: decision.pauseUntil === null ? null : { tenantId: operation.tenantId, until: decision.pauseUntil },
  };
}

/** Graph's word holds for everybody who asks, a Refresh included. */
function retryAfterOf(answer: Answer): number {
  return "retryAfterMs" in answer ? boundedPauseMs(answer.retryAfterMs ?? 0) : 0;
}

type Group = {
  readonly tenantId: TenantId;
  readonly version: ApiVersion;
  readonly operations: readonly ClaimedOperation[];
};

/** One request holds operations of one tenant (its token) and one version (its URL). */
export function groupForRequests<
  Operation extends { readonly tenantId: TenantId; readonly address: Address },
>(
  operations: readonly Operation[],
  size: number,
): readonly {
  readonly tenantId: TenantId;
  readonly version: ApiVersion;
  readonly operations: readonly Operation[];
}[] {
  const open = new Map<string, Operation[]>();
  const groups: { tenantId: TenantId; version: ApiVersion; operations: Operation[] }[] = [];
  for (const operation of operations) {
    const { tenantId, address } = operation;
    const key = `${address.version} ${tenantId}`;
    const group = open.get(key);
    if (group !== undefined && group.length < size) {
      group.push(operation);
    } else {
      const members = [operation];
      open.set(key, members);
      groups.push({ tenantId, version: address.version, operations: members });
    }
  }
  return groups;
}

function latestByTenant(pauses: readonly TenantPause[]): readonly TenantPause[] {
  const latest = new Map<TenantId, TenantPause>();
  for (const pause of pauses) {
    const known = latest.get(pause.tenantId);
    if (known === undefined || known.until < pause.until) latest.set(pause.tenantId, pause);
  }
  return [...latest.values()];
}
