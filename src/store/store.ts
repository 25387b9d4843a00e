import type { Now, Store } from "../flows/ports.ts";
import { apiStore } from "./api-store.ts";
import { callbackStore } from "./callback-store.ts";
import { checkStore } from "./check-store.ts";
import type { Database } from "./database.ts";
import { depthsStore } from "./depths.ts";
import { deliveryStore } from "./delivery-store.ts";
import type { Timing } from "./places.ts";
import { retireStore } from "./retire.ts";
import { sweepStore } from "./sweep-store.ts";
import { turnStore } from "./turn-store.ts";
import { trackingStore } from "./tracking-store.ts";

/**
 * @param clock for what has waited for a lock; elsewhere the time comes in as an argument.
 */
export function createStore(database: Database, timing: Timing, clock: Now): Store {
  const { db, boss } = database;
  return {
    ...trackingStore(db, boss),
    ...checkStore(db, boss, timing),
    ...deliveryStore(db, boss, clock),
    ...apiStore(db),
    ...callbackStore(db, boss),
    ...sweepStore(database),
    ...turnStore(db),
    ...depthsStore(db, timing.pace),
    ...retireStore(db),
  };
}
