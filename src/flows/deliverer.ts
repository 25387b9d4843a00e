import type { ConversationId } from "../core/ids.ts";
import { ConversationDelivery, LEASE_MS, type DeliveryDeps } from "./deliver-cards.ts";
import { InFlight } from "./in-flight.ts";
import { describeFault } from "./log-event.ts";
import { NearTurns } from "./near-turns.ts";
import type { DeliveryConversation } from "./ports.ts";

/** So many conversations at once are written to by a process. */
const MAX_IN_FLIGHT = 512;

export type Deliverer = {
  /** Claims these conversations and starts to write; resolves when there is room for more. */
  run(ids: readonly ConversationId[]): Promise<void>;
  /**
   * For those that have news and nobody who is woken for them: the same as far as there is room, and without a wait.
   * For the others somebody is woken.
   */
  tell(ids: readonly ConversationId[]): void;
  /** From now on `tell` writes nothing itself, nobody begins to wait for a turn, and no write is begun. */
  stop(): void;
  drained(): Promise<void>;
};

/** Brings the cards of conversations up to date, many conversations side by side. */
export function createDeliverer(deps: DeliveryDeps): Deliverer {
  const { store, now, log, pauses } = deps;
  const inFlight = new InFlight(MAX_IN_FLIGHT);
  const nearTurns = new NearTurns(now, deps.sleep, MAX_IN_FLIGHT / 2);
  let isStopping = false;

  async function deliver(claimed: DeliveryConversation): Promise<void> {
    try {
      await new ConversationDelivery(deps, claimed, nearTurns, () => isStopping).run();
    } catch (error) {
      // Nothing is lost: the lease runs out and the sweep wakes the delivery again.
      log({ event: "delivery.failed", conversation: claimed.id, error: describeFault(error) });
    }
  }

  async function begin(ids: readonly ConversationId[]): Promise<void> {
    // After their pause the others are woken by whoever heard of it, or by the sweep.
    const writable = ids.filter((id) => pauses.leftMs(id) === 0);
    if (writable.length === 0) return;
    for (const claimed of await store.claimConversations(writable, now(), LEASE_MS)) {
      inFlight.add(1, deliver(claimed));
    }
  }

  async function told(ids: readonly ConversationId[], work: Promise<void>): Promise<void> {
    try {
      await work;
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
      const room = isStopping ? 0 : inFlight.free;
      const [own, others] = [ids.slice(0, room), ids.slice(room)];
      // Their room is theirs while they are claimed, or all who are told meanwhile would find it free.
      if (own.length > 0) inFlight.add(own.length, told(own, begin(own)));
      if (others.length > 0) inFlight.add(0, told(others, store.wakeDeliveries(others, now())));
    },
    stop() {
      isStopping = true;
      nearTurns.stop();
    },
    drained: () => inFlight.drained(),
  };
}
