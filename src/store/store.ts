import type { Store } from "../flows/ports.ts";
import { checkStore } from "./check-store.ts";
import type { Database } from "./database.ts";
import { deliveryStore } from "./delivery-store.ts";
import { sweepStore } from "./sweep-store.ts";
import { trackingStore } from "./tracking-store.ts";

export function createStore({ db, boss }: Database): Store {
  return {
    ...trackingStore(db, boss),
    ...checkStore(db, boss),
    ...deliveryStore(db, boss),
    ...sweepStore(db, boss),
  };
}
