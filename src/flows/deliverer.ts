import type { ConversationId } from "../core/ids.ts";
import {
  ConversationDelivery,
  LEASE_MS,
  MAX_IN_FLIGHT,
  type DeliveryDeps,
  type NearTurns,
} from "./deliver-cards.ts";
import { InFlight } from "./in-flight.ts";
import { describeFault } from "./log-event.ts";
import type { DeliveryConversation } from "./ports.ts";

export type Deliverer = {
  /** Claims these conversations and starts to write; resolves when there is room for more. */
  run(ids: readonly ConversationId[]): Promise<void>;
  /**
   * For those that have news and nobody who is woken for them: the same as far as there is room, and without a wait.
   * For the others somebody is woken.
   */
  tell(ids: readonly ConversationId[]): void;
  /** From now on `tell` writes nothing itself. */
  stop(): void;
  drained(): Promise<void>;
};

/** Brings the cards of conversations up to date, many conversations side by side. */
export function createDeliverer(deps: DeliveryDeps): Deliverer {
  const { store, now, log, pauses } = deps;
  const inFlight = new InFlight(MAX_IN_FLIGHT);
  const nearTurns: NearTurns = { waiting: 0 };
  let isStopping = false;

  async function deliver(claimed: DeliveryConversation): Promise<void> {
    try {
      await new ConversationDelivery(deps, claimed, nearTurns).run();
    } catch (error) {
      // Nothing is lost: the lease runs out and the sweep wakes the delivery again.
      log({ event: "delivery.failed", conversation: claimed.id, error: describeFault(error) });
    }
  }

  async function begin(ids: readonly ConversationId[]): Promise<void> {
    // The sweep wakes those that are left out.
    const known = ids.filter((id) => pauses.leftMs(id) === 0);
    if (known.length === 0) return;
    for (const claimed of await store.claimConversations(known, now(), LEASE_MS)) {
      inFlight.add(1, deliver(claimed));
    }
  }

  async function tell(ids: readonly ConversationId[]): Promise<void> {
    const count = isStopping ? 0 : inFlight.free;
    const others = ids.slice(count);
    try {
      await Promise.all([
        begin(ids.slice(0, count)),
        others.length > 0 ? store.wakeDeliveries(others, now()) : null,
      ]);
    } catch (error) {
      // Nothing is lost: the sweep finds them.
      log({ event: "delivery.untold", conversations: ids.length, error: describeFault(error) });
    }
  }

  return {
    async run(ids) {
      await begin(ids);
      await inFlight.room();
    },
    tell(ids) {
      inFlight.add(0, tell(ids));
    },
    stop() {
      isStopping = true;
    },
    drained: () => inFlight.drained(),
  };
}
