import type { EpochMs, WatchId } from "../core/ids.ts";
import { InFlight } from "./in-flight.ts";
import { describeFault, type Log } from "./log-event.ts";
import type { ApiWatch, CallbackState, DueCallback, Now, Store } from "./ports.ts";

/** Sends one event; never rejects. `status` null: nobody answered, or the address may not be called. */
export type SendEvent = (
  url: string,
  event: { readonly id: string; readonly at: EpochMs; readonly watch: ApiWatch },
) => Promise<{ readonly status: number | null; readonly reason: string }>;

export type CallbackSender = {
  run(ids: readonly WatchId[]): Promise<void>;
  drained(): Promise<void>;
};

/** An event takes at most 10 s to send; with the wait for a sweep, those of a dead process are sent after 20 s. */
export const EVENT_LEASE_MS = 12_000;
const MAX_IN_FLIGHT = 32;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 3_600_000;
/** With these waits about a day. */
const MAX_ATTEMPTS = 34;

/** Tells those who asked of changes and ends, at least once, from the rows. */
export function createCallbackSender(deps: {
  readonly store: Store;
  readonly send: SendEvent;
  readonly now: Now;
  readonly log: Log;
}): CallbackSender {
  const { store, send, now, log } = deps;
  const inFlight = new InFlight(MAX_IN_FLIGHT);

  async function tell(due: DueCallback): Promise<void> {
    const { id } = due.watch;
    try {
      const at = now();
      // The same id for each try, so that a receiver can tell a repetition.
      const event = { id: `${id}/${due.wanted}`, at, watch: due };
      const { status, reason } = await send(due.callback.url, event);
      const isTaken = status !== null && status >= 200 && status < 300;
      const tried = due.callbackState;
      const attempts = (tried?.event === due.wanted ? tried.attempts : 0) + 1;
      const isGivenUp = !isTaken && attempts >= MAX_ATTEMPTS;
      const state: CallbackState = {
        event: due.wanted,
        attempts,
        status,
        lastTriedAt: at,
        isGivenUp,
      };
      const waitMs = waitAfter(attempts);
      const retryAt = isTaken || isGivenUp ? null : now() + waitMs;
      await store.saveCallback(id, due.wanted, state, retryAt, now());
      if (isTaken) log({ event: "callback.sent", watch: id, status });
      else if (isGivenUp) log({ event: "callback.givenUp", watch: id, attempts });
      else log({ event: "callback.delayed", watch: id, reason, waitMs });
    } catch (error) {
      // Nothing is lost: the lease runs out and the sweep wakes it again.
      log({ event: "callback.failed", watch: id, error: describeFault(error) });
    }
  }

  return {
    async run(ids) {
      for (const due of await store.claimCallbacks(ids, now(), EVENT_LEASE_MS)) inFlight.add(1, tell(due));
      await inFlight.room();
    },
    drained: () => inFlight.drained(),
  };
}

/** One second, doubled up to an hour. */
export function waitAfter(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_WAIT_MS);
}
