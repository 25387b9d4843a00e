import type { EpochMs, TenantId } from "../core/ids.ts";
import type { Graph, Now, Store, UserLookup } from "./ports.ts";

type AboutPeople = Pick<Graph, "userId" | "isMember">;

/** Somebody waits for the answer. */
const LONGEST_WAIT_MS = 3_000;
/** Who is who, and who is a member of what, seldom changes. */
const KEPT_MS = 10 * 60_000;
const MAX_KEPT = 10_000;

/**
 * Questions to Graph about people keep to the same line and the same pauses as checks, and their
 * answers are kept for some minutes.
 */
export function createAboutPeople(deps: {
  readonly graph: AboutPeople;
  readonly store: Store;
  readonly now: Now;
  readonly sleep: (ms: number) => Promise<void>;
}): AboutPeople {
  const { graph, store, now, sleep } = deps;
  const members = new Map<string, { readonly value: boolean; readonly until: EpochMs }>();
  const users = new Map<string, { readonly value: UserLookup; readonly until: EpochMs }>();

  /** False when the place is too far away, or the tenant is paused. */
  async function reachPlace(tenant: TenantId): Promise<boolean> {
    const at = await store.takePlace(tenant, now());
    if (at === null || at - now() > LONGEST_WAIT_MS) return false;
    if (at > now()) await sleep(at - now());
    return true;
  }

  function keep<Value>(
    kept: Map<string, { readonly value: Value; readonly until: EpochMs }>,
    key: string,
    value: Value,
  ): Value {
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, { value, until: now() + KEPT_MS });
    return value;
  }

  return {
    async userId(tenant, name, deadline) {
      const key = `${tenant} ${name.toLowerCase()}`;
      const known = users.get(key);
      if (known !== undefined && known.until > now()) return known.value;
      if (!(await reachPlace(tenant))) return { kind: "unavailable" };
      const found = await graph.userId(tenant, name, deadline);
      return found.kind === "found" ? keep(users, key, found) : found;
    },
    async isMember(tenant, owner, userId, deadline) {
      const key = `${tenant} ${owner.kind} ${owner.id} ${userId}`;
      const known = members.get(key);
      if (known !== undefined && known.until > now()) return known.value;
      if (!(await reachPlace(tenant))) return null;
      const isMember = await graph.isMember(tenant, owner, userId, deadline);
      return isMember === null ? null : keep(members, key, isMember);
    },
  };
}
