import type { Answer, LookAnswer } from "../core/answer.ts";
import type { GraphPlace } from "../core/clouds.ts";
import { decide, decideLook, type Circumstances, type Decision } from "../core/decide.ts";
import type { Life, Usual } from "../core/durations.ts";
import type { ConversationId, EpochMs, OperationId, TenantId } from "../core/ids.ts";
import { CLOCKS_DIFFER_MS } from "../core/instants.ts";
import { boundedPauseMs } from "../core/retry-after.ts";
import { isSameState } from "../core/operation.ts";
import { targetOf } from "../core/result.ts";
import { spreadOf } from "../core/schedule.ts";
import { gather, turn } from "./gather.ts";
import { InFlight } from "./in-flight.ts";
import { keepTrying } from "./keep-trying.ts";
import { createLearner } from "./learn-durations.ts";
import { createOwnLine, type LineSettings } from "./leave-in-line.ts";
import { describeFault, type Log } from "./log-event.ts";
import type { Measure } from "./meter.ts";
import { groupForRequests, latestByTenant, type Group, type Placed } from "./request-groups.ts";
import type { CheckedOperation, ClaimedOperation, Graph, Now, Store, TenantPause } from "./ports.ts";

export type CheckSettings = LineSettings & {
  readonly intervalMs: number;
  /** The longest that one request to Graph may take. */
  readonly requestTimeoutMs: number;
  readonly batchSize: number;
  readonly graph: GraphPlace;
  /** Whether results are looked at after the end. */
  readonly looks: boolean;
};

export type Checker = {
  /**
   * Claims what is due of these and starts to ask; resolves when there is room for more.
   * @returns those that were not looked at, because the process ends: somebody is still to be woken for them.
   */
  run(ids: readonly OperationId[]): Promise<readonly OperationId[]>;
  /** Saves how long operations were seen to take, and reads anew what is usual. */
  learn(): Promise<void>;
  /** Claims no more. */
  stop(): void;
  drained(): Promise<void>;
};

/** As many operations at once may be without their answer; then no more are claimed. */
const MAX_IN_FLIGHT = 4_000;

/** What a question to the database may take without its asker missing the place: as long as the last one, within this. */
const QUESTION_MS = { least: 100, most: 500 } as const;
/**
 * In a process that has just started everything takes longer, and less each time. Places that move because a claim
 * takes long are others', too. In one that is merely busy nobody waits for that: most of what waits misses its place.
 */
const FIRST_CLAIM_MS = 300;
/**
 * Claims that take longer than places may move are made twice as far ahead, or all of their places would be missed for
 * ever. From twice that on they are, all the same.
 */
const LONGEST_CLAIM_MS = 2_000;

type Result = {
  readonly checked: CheckedOperation;
  readonly pause: TenantPause | null;
  readonly lived: Life | null;
};

/** Due operations → Graph's answers → what they mean → saved, with the next alarms and deliveries. */
export function createChecker(
  deps: {
    readonly store: Pick<
      Store,
      "claimChecks" | "joinLine" | "mayAsk" | "giveBack" | "saveChecks" | "usual" | "saveLives"
    >;
    readonly graph: Pick<Graph, "check" | "look">;
    readonly now: Now;
    readonly log: Log;
    readonly measure: Measure;
    /** Waits for a place in line, which is some seconds away at most: longer waits are alarms in the database. */
    readonly sleep: (ms: number) => Promise<void>;
    /** Takes care that these are written to. */
    readonly tell: (conversations: readonly ConversationId[]) => void;
  },
  settings: CheckSettings,
): Checker {
  const { store, graph, now, log, measure, sleep, tell } = deps;
  const line = createOwnLine(deps, settings);
  let isStopping = false;
  /** How long the next claim is expected to take. */
  let claimingMs = Math.min(FIRST_CLAIM_MS, settings.earlyMs / 2);
  /** How long before its place the question is asked whether its tenant is paused. */
  let questionMs: number = QUESTION_MS.least;
  const inFlight = new InFlight(MAX_IN_FLIGHT);
  const durations = createLearner(store);
  /** What Graph has asked of us, known before it is saved: a save may wait for others' locks. */
  const heard = new Map<TenantId, EpochMs>();
  // Should we die now, the next check comes no sooner than an interval after the last moment at
  // which a request of ours can leave: waiting for its place, token, request and a second try share
  // one deadline.
  const askingMs = 2 * settings.earlyMs + settings.requestTimeoutMs;
  const leaseMs = askingMs + settings.intervalMs;

  const save = gather<readonly Result[]>(async (groups) => {
    const results = groups.flat();
    const pauses = results.flatMap(({ pause }) => (pause === null ? [] : [pause]));
    const told = await store.saveChecks(
      results.map(({ checked }) => checked),
      latestByTenant(pauses),
      now(),
    );
    if (told.length > 0) tell(told);
  });

  async function ask(group: Group, deadline: EpochMs): Promise<readonly Decided[]> {
    const { tenantId, version, operations, kind } = group;
    if (kind === "look") {
      const looks = operations.map((operation) => lookAt(operation, deadline));
      const answers = await Promise.all(looks);
      return operations.map((operation, index) => ({ operation, look: answers[index] ?? NOT_SEEN }));
    }
    const addresses = operations.map(({ address }) => address);
    const answers = await graph.check(tenantId, version, addresses, deadline);
    return operations.map((operation, index) => ({ operation, answer: answers[index] ?? NO_ANSWER }));
  }

  async function lookAt(
    { tenantId, address, state }: ClaimedOperation,
    deadline: EpochMs,
  ): Promise<LookAnswer> {
    const location = state.snapshot?.targetLocation ?? null;
    const target = location === null ? null : targetOf(location, settings.graph, address.version);
    return target === null ? { kind: "forbidden" } : graph.look(tenantId, target, deadline);
  }

  async function mayAsk(tenantId: TenantId, at: EpochMs): Promise<boolean> {
    const askedAt = now();
    const may = await store.mayAsk(tenantId, at);
    questionMs = Math.min(Math.max(now() - askedAt, QUESTION_MS.least), QUESTION_MS.most);
    return may;
  }

  /**
   * `missed`: by a process that stood still, or whose claim took seconds. Whether the tenant is paused is asked
   * shortly before its place, because the question takes time where the database is slow.
   */
  async function reachPlace(group: Placed, deadline: EpochMs): Promise<"reached" | "missed" | "paused"> {
    const { sendAt, tenantId } = group;
    // By its claim already: the line of all tenants is no excuse for that.
    if (now() - sendAt > settings.lateMs) return "missed";
    if (line.leaveAt(group) > now()) {
      await line.comeTo(group, questionMs);
      if (!(await mayAsk(tenantId, line.leaveAt(group)))) return "paused";
      await line.comeTo(group, 0);
    }
    if (line.isMissed(group)) return "missed";
    // Or Graph would count it, and its answer come too late.
    if (deadline - now() < settings.requestTimeoutMs / 2) return "missed";
    if ((heard.get(tenantId) ?? 0) > now()) return "paused";
    heard.delete(tenantId);
    line.left(group);
    return "reached";
  }

  async function checkGroup(group: Placed, claimedAt: EpochMs): Promise<void> {
    let paused: readonly TenantPause[] = [];
    try {
      const deadline = claimedAt + askingMs;
      const reached = await reachPlace(group, deadline);
      if (reached !== "reached") {
        measure({ measured: "givenBack", because: reached, count: group.operations.length });
        await store.giveBack(group.operations, now(), settings.intervalMs, reached);
        return;
      }
      const askedAt = now();
      const decided = await ask(group, deadline);
      const answeredAt = now();
      measure({ measured: "batch", ms: answeredAt - askedAt });
      const results = decided.map((each) => conclude(each, answeredAt, settings, durations.usual()));
      for (const [index, each] of decided.entries()) measureAnswer(measure, each, results[index], askedAt);
      paused = latestByTenant(results.flatMap(({ pause }) => pause ?? []));
      for (const { tenantId, until } of paused) {
        heard.set(tenantId, Math.max(until, heard.get(tenantId) ?? 0));
      }
      await save(results);
      for (const { lived } of results) durations.note(lived);
      for (const [index, { checked }] of results.entries()) {
        if (checked.news === "nothing") continue;
        const { news, state } = checked;
        const attributes = { news, status: state?.snapshot?.status ?? "", outcome: state?.outcome ?? "" };
        const { id } = group.operations[index] ?? checked;
        measure({
          measured: "step",
          name: "check",
          operation: id,
          startAt: askedAt,
          endAt: answeredAt,
          attributes,
        });
      }
      const ended = results.filter(({ checked }) => checked.news === "ended").length;
      log({ event: "checks.done", asked: results.length, ended, ms: now() - claimedAt });
      for (const { tenantId: tenant, until: untilMs } of paused) {
        log({ event: "checks.paused", tenant, untilMs });
      }
    } catch (error) {
      // Nothing is lost: the claim runs out and the sweep sets the alarms again.
      log({ event: "checks.failed", operations: group.operations.length, error: describeFault(error) });
      const lastUntil = Math.max(...paused.map(({ until }) => until));
      await keepTrying(
        { now, sleep },
        lastUntil,
        async () => void (await store.saveChecks([], paused, now())),
      );
    }
  }

  async function claim(ids: readonly OperationId[]): Promise<void> {
    const claimedAt = now();
    const claimed = await store.claimChecks(
      ids,
      claimedAt,
      leaseMs,
      settings.intervalMs,
      claimedAt + claimingMs,
    );
    try {
      const groups = groupForRequests(claimed, settings.batchSize, claimedAt);
      const placed = groups.length === 0 ? [] : await line.join(groups);
      const tookMs = now() - claimedAt;
      if (tookMs > settings.earlyMs) claimingMs = 2 * Math.min(tookMs, LONGEST_CLAIM_MS);
      else claimingMs = claimingMs < 10 ? 0 : claimingMs / 2;
      for (const group of placed) inFlight.add(group.operations.length, checkGroup(group, claimedAt));
    } catch (error) {
      measure({ measured: "givenBack", because: "missed", count: claimed.length });
      await store.giveBack(claimed, now(), settings.intervalMs, "missed");
      throw error;
    }
  }

  return {
    async run(ids) {
      for (let from = 0; from < ids.length; from += settings.claimSize) {
        await line.isShort();
        if (isStopping) return ids.slice(from);
        // Those whose place comes between two claims are not to miss it.
        if (from > 0) await turn();
        await claim(ids.slice(from, from + settings.claimSize));
        await inFlight.room();
      }
      return [];
    },
    learn: () => durations.learn(),
    stop() {
      isStopping = true;
    },
    drained: () => inFlight.drained(),
  };
}

type Decided =
  | { readonly operation: ClaimedOperation; readonly answer: Answer }
  | { readonly operation: ClaimedOperation; readonly look: LookAnswer };

function measureAnswer(
  measure: Measure,
  decided: Decided,
  result: Result | undefined,
  askedAt: EpochMs,
): void {
  const { address, dueAt, state } = decided.operation;
  const outcome = result?.checked.state?.outcome ?? state.outcome ?? "none";
  const { kind } = "look" in decided ? decided.look : decided.answer;
  const answer = "look" in decided ? `look_${kind}` : kind;
  measure({ measured: "check", kind: address.kind, answer, outcome, lateMs: askedAt - dueAt });
  const isThrottled = "look" in decided ? kind === "throttled" : isTooMany(decided.answer);
  if (isThrottled) measure({ measured: "throttled", side: "graph" });
}

function isTooMany(answer: Answer): boolean {
  return answer.kind === "refused" && answer.httpStatus === 429;
}

const NO_ANSWER: Answer = { kind: "noAnswer", message: "No answer was given." };
const NOT_SEEN: LookAnswer = { kind: "noAnswer" };

function conclude(
  decided: Decided,
  now: EpochMs,
  settings: CheckSettings,
  usual: ReadonlyMap<string, Usual>,
): Result {
  const { operation } = decided;
  const { intervalMs, looks } = settings;
  const circumstances: Circumstances = {
    intervalMs,
    spread: spreadOf(operation.id),
    kind: operation.address.kind,
    usual,
    looks,
  };
  const decision =
    "look" in decided
      ? decideLook(operation.state, decided.look, now, circumstances)
      : decide(operation.state, decided.answer, now, circumstances);
  const retryAfterMs = retryAfterOf("answer" in decided ? decided.answer : decided.look);
  return {
    checked: {
      id: operation.id,
      claim: operation.claim,
      state: isSameState(operation.state, decision.state) ? null : decision.state,
      answeredAt: decision.state.answeredAt,
      dueAt: decision.next.kind === "end" ? null : decision.next.at,
      freeAt: now + Math.max(intervalMs, retryAfterMs),
      news: newsOf(operation, decision),
    },
    lived: decision.lived,
    pause:
      decision.pauseUntil === null
        ? null
        : { tenantId: operation.tenantId, until: decision.pauseUntil + CLOCKS_DIFFER_MS },
  };
}

function newsOf({ state }: ClaimedOperation, decision: Decision): CheckedOperation["news"] {
  if (state.outcome === null && decision.state.outcome !== null) return "ended";
  if (!decision.visibleChange) return "nothing";
  return state.outcome === null ? "changed" : "result";
}

/** Graph's word holds for everybody who asks, a Refresh included. */
function retryAfterOf(answer: Answer | LookAnswer): number {
  return "retryAfterMs" in answer ? boundedPauseMs(answer.retryAfterMs ?? 0) : 0;
}
