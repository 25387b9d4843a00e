import { describe, expect, test } from "vitest";
import type { StoreHome } from "./store.contract.ts";
import { HOUR, SECOND, storeBench, T0, type StoreBench } from "./store-bench.ts";

/** Teams sends some activities twice: which were worked on, for all replicas. */
export function turnsContract({ name, open }: StoreHome): void {
  const aStore = async (): Promise<StoreBench> => {
    const bench = storeBench(await open());
    await bench.run("truncate opwatch.turns");
    return bench;
  };

  describe(`activities that come twice on ${name}`, () => {
    test("one is begun once, is under way until it has ended, and is over then", async () => {
      await using bench = await aStore();
      const { store } = bench;
      expect(await store.beginTurn("a", T0)).toBe("new");
      expect(await store.beginTurn("a", T0 + SECOND)).toBe("underWay");
      await store.endTurn("a");
      expect(await store.beginTurn("a", T0 + HOUR)).toBe("ended");
      expect(await store.beginTurn("b", T0)).toBe("new");
    });

    test("one in which nothing was done may come again at once, but not when it has ended", async () => {
      await using bench = await aStore();
      const { store } = bench;
      await store.beginTurn("a", T0);
      await store.dropTurn("a");
      expect(await store.beginTurn("a", T0)).toBe("new");
      await store.endTurn("a");
      await store.dropTurn("a");
      expect(await store.beginTurn("a", T0)).toBe("ended");
    });

    test("of many at the same time one is begun", async () => {
      await using bench = await aStore();
      const all = await Promise.all(Array.from({ length: 20 }, () => bench.store.beginTurn("a", T0)));
      expect(all.filter((standing) => standing === "new")).toHaveLength(1);
      expect(all.filter((standing) => standing === "underWay")).toHaveLength(19);
    });

    test("one whose process has died is begun again after twelve seconds, by one of those who come", async () => {
      await using bench = await aStore();
      const { store } = bench;
      await store.beginTurn("a", T0);
      expect(await store.beginTurn("a", T0 + 12 * SECOND)).toBe("underWay");
      const later = T0 + 12 * SECOND + 1;
      const two = await Promise.all([store.beginTurn("a", later), store.beginTurn("a", later)]);
      expect(two.toSorted()).toEqual(["new", "underWay"]);
    });

    test("they are forgotten when Teams' tokens are too old to come again", async () => {
      await using bench = await aStore();
      const { store } = bench;
      await store.beginTurn("a", T0);
      await store.endTurn("a");
      await store.sweep(T0 + 2 * HOUR - 1);
      expect(await store.beginTurn("a", T0 + 2 * HOUR - 1)).toBe("ended");
      await store.sweep(T0 + 2 * HOUR);
      expect(await store.beginTurn("a", T0 + 2 * HOUR)).toBe("new");
    });
  });
}
