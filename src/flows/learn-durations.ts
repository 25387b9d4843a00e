import { countLife, type Life, type LifeTable, type Usual } from "../core/durations.ts";
import type { Store } from "./ports.ts";

/** How long operations take, as this process sees it, and what all of them have seen. */
export type Learner = {
  note(life: Life | null): void;
  /** As it was when it was learned last. */
  usual(): ReadonlyMap<string, Usual>;
  /** Saves what was noted, and reads what is usual now. What can't be saved is not noted again: it is a minute's part of a statistic. */
  learn(): Promise<void>;
};

export function createLearner(store: Pick<Store, "saveLives" | "usual">): Learner {
  let noted = new Map<string, LifeTable>();
  let usual: ReadonlyMap<string, Usual> = new Map();
  return {
    note(life) {
      if (life !== null) countLife(noted, life);
    },
    usual: () => usual,
    async learn() {
      const lives = noted;
      noted = new Map();
      if (lives.size > 0) await store.saveLives(lives);
      usual = await store.usual();
    },
  };
}
