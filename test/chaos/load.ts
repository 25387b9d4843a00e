import type { OperationKind } from "../../src/sandbox/kinds.ts";
import { Random } from "../fuzz/random.ts";
import type { Place } from "../support/an-activity.ts";
import { aLife, type PlannedLife } from "./lives.ts";

export type PlannedOperation = PlannedLife & {
  readonly id: string;
  readonly kind: OperationKind;
  /** The team or chat that it belongs to; null where it belongs to none. */
  readonly owner: string | null;
  readonly tenant: number;
};

export type PlannedDeed = { readonly atMs: number } & (
  | {
      readonly kind: "track";
      readonly conversation: number;
      readonly operations: readonly PlannedOperation[];
      readonly via: "chat" | "api";
    }
  /** One more conversation of the tenant follows an operation that another one follows. */
  | { readonly kind: "join"; readonly by: number }
  | { readonly kind: "stop"; readonly how: "id" | "button" | "all" | "api" }
  | { readonly kind: "refresh" }
  /** The bot is taken out of a conversation; `told`: and hears of it. */
  | { readonly kind: "remove"; readonly conversation: number; readonly told: boolean }
);

export type Load = {
  readonly tenants: readonly string[];
  readonly conversations: readonly Place[];
  readonly deeds: readonly PlannedDeed[];
};

export type LoadPlan = {
  readonly seed: number;
  readonly forMs: number;
  /** One thing is asked for so often, on the average. */
  readonly everyMs: number;
  /** So many operations of one tenant go on all the time. */
  readonly busy: number;
  /** Between two checks of an operation; lives are as long in intervals, whatever it is. */
  readonly intervalMs: number;
};

const TENANTS = 3;
const CONVERSATIONS = 18;
const AT_ONCE = 20;

/** What people and pipelines do in a run: a function of its seed alone. */
export function planLoad({ seed, forMs, everyMs, busy, intervalMs }: LoadPlan): Load {
  const random = new Random(seed, 2);
  const tenants = Array.from({ length: TENANTS }, () => guid(random));
  const conversations = Array.from({ length: CONVERSATIONS }, (_, index) =>
    aPlace(random, index, tenants[index % TENANTS] ?? ""),
  );
  const chats = Array.from({ length: 3 * TENANTS }, (_, index) => ({
    tenant: index % TENANTS,
    id: `19:${guid(random)}_${guid(random)}@unq.gbl.spaces`,
  }));
  const deeds: PlannedDeed[] = [];

  function anOperation(tenant: number): PlannedOperation {
    const kind = random.pick<OperationKind>(["team", "team", "team", "chat", "engagement", "connection"]);
    const ofTenant = chats.filter((chat) => chat.tenant === tenant);
    const chat = ofTenant[random.below(ofTenant.length)]?.id ?? null;
    const owner = kind === "chat" ? chat : kind === "team" ? guid(random) : null;
    return { ...aLife(random, kind, intervalMs), id: guid(random), kind, owner, tenant };
  }

  for (let i = 0; i < busy; i += AT_ONCE) {
    const count = Math.min(AT_ONCE, busy - i);
    const operations = Array.from({ length: count }, (): PlannedOperation => {
      const steps = [{ afterMs: 0, status: "inProgress" }];
      return {
        steps,
        end: null,
        endsMs: null,
        id: guid(random),
        kind: "team",
        owner: guid(random),
        tenant: 2,
      };
    });
    deeds.push({
      atMs: 500,
      kind: "track",
      conversation: 2 + (i / AT_ONCE) * TENANTS,
      operations,
      via: "chat",
    });
  }
  for (let atMs = 1_000; atMs < forMs; atMs += everyMs / 2 + random.below(everyMs)) {
    const conversation = random.below(CONVERSATIONS);
    const roll = random.below(100);
    if (roll < 62) {
      const count = random.isOneIn(4) ? 2 + random.below(2) : 1;
      const operations = Array.from({ length: count }, () => anOperation(conversation % TENANTS));
      const via = count === 1 && random.isOneIn(3) ? "api" : "chat";
      deeds.push({ atMs, kind: "track", conversation, operations, via });
    } else if (roll < 74) deeds.push({ atMs, kind: "join", by: random.below(1_000) });
    else if (roll < 84) {
      deeds.push({ atMs, kind: "stop", how: random.pick(["id", "id", "button", "button", "api", "all"]) });
    } else if (roll < 98) deeds.push({ atMs, kind: "refresh" });
    else if (conversation >= CONVERSATIONS / 2) {
      deeds.push({ atMs, kind: "remove", conversation, told: !random.isOneIn(3) });
    }
  }
  return { tenants, conversations, deeds };
}

function aPlace(random: Random, index: number, tenant: string): Place {
  const kind = random.pick(["personal", "groupChat", "channel"]);
  const id = guid(random).replaceAll("-", "");
  if (kind === "personal") return { kind, id: `a:1${id}`, tenant };
  if (kind === "groupChat") return { kind, id: `19:${id}@thread.v2`, tenant };
  return { kind: "channel", id: `19:${id}@thread.tacv2;messageid=17000000000${10 + index}`, tenant };
}

function guid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
