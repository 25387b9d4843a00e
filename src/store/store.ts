import type { Pace } from "../core/slots.ts";
import type { Store } from "../flows/ports.ts";
import { apiStore } from "./api-store.ts";
import { callbackStore } from "./callback-store.ts";
import { checkStore } from "./check-store.ts";
import type { Database } from "./database.ts";
import { deliveryStore } from "./delivery-store.ts";
import { sweepStore } from "./sweep-store.ts";
import { trackingStore } from "./tracking-store.ts";

/** @param pace how fast Graph may be asked in one tenant. */
export function createStore({ db, boss }: Database, pace: Pace): Store {
  return {
    ...trackingStore(db, boss),
    ...checkStore(db, boss, pace),
    ...deliveryStore(db, boss),
    ...apiStore(db),
    ...callbackStore(db, boss),
    ...sweepStore(db, boss),
  };
}
