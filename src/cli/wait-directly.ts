import type { Address } from "../core/address.ts";
import type { Answer } from "../core/answer.ts";
import { decide } from "../core/decide.ts";
import { tenantId } from "../core/ids.ts";
import { newOperation, shownTrouble, type OperationState } from "../core/operation.ts";
import type { Progress } from "./report.ts";

type Deps = {
  readonly check: (address: Address, deadline: number) => Promise<Answer>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tell: (progress: Progress) => void;
};

const REQUEST_MS = 10_000;

/**
 * Waits on Graph by the bot's own rules (core/decide): only the body's status ends it, a failure
 * without an error is one, an unknown status is none, and what can't be read is asked again.
 */
export async function waitDirectly(
  { check, now, sleep, tell }: Deps,
  address: Address,
  { intervalMs, timeoutMs }: { readonly intervalMs: number; readonly timeoutMs: number },
): Promise<Progress> {
  const until = now() + timeoutMs;
  let state = newOperation(now());
  for (;;) {
    const answer = await check(address, now() + REQUEST_MS);
    const decision = decide(state, answer, now(), {
      intervalMs,
      spread: 0,
      kind: address.kind,
      usual: new Map(),
      looks: false,
    });
    ({ state } = decision);
    const progress = progressOf(state);
    tell(progress);
    if (decision.next.kind === "end") return progress;
    const waitMs = Math.max(decision.next.at - now(), intervalMs);
    if (now() + waitMs > until) return progress;
    await sleep(waitMs);
  }
}

export const NO_TENANT = tenantId("");

function progressOf(state: OperationState): Progress {
  const { snapshot, outcome } = state;
  const trouble = outcome === null ? shownTrouble(state) : state.trouble;
  return {
    status: outcome ?? statusOf(state),
    graphStatus: snapshot?.status ?? null,
    isFinal: outcome !== null,
    attemptsCount: snapshot?.attempts ?? null,
    percentageComplete: snapshot?.percent ?? null,
    targetResourceId: snapshot?.targetId ?? null,
    error: snapshot?.error ?? null,
    trouble: trouble === null ? null : troubleText(trouble),
  };
}

function statusOf({ snapshot }: OperationState): string {
  if (snapshot === null || snapshot.phase === "waiting") return "notStarted";
  return snapshot.phase === "unrecognised" ? "unknown" : "running";
}

function troubleText({ kind, httpStatus, code, message }: NonNullable<OperationState["trouble"]>): string {
  return [kind, httpStatus, code, message].filter((part) => part !== null).join(" ");
}
