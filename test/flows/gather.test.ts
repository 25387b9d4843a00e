import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";

import { gather } from "../../src/flows/gather.ts";

/** A save that ends when the test says so. */
function slowSave() {
  const saves: { items: readonly number[]; done: PromiseWithResolvers<void> }[] = [];
  let running = 0;
  let mostAtOnce = 0;
  const begun: (() => void)[] = [];
  const save = async (items: readonly number[]): Promise<void> => {
    const done = Promise.withResolvers<void>();
    saves.push({ items, done });
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    for (const tell of begun.splice(0)) tell();
    await done.promise.finally(() => (running -= 1));
  };
  return {
    saves,
    save,
    mostAtOnce: (): number => mostAtOnce,
    /** Resolves when the save of that number has begun. */
    begin: async (number: number) => {
      while (saves.length < number) await new Promise<void>((resolve) => begun.push(resolve));
      const begunSave = saves[number - 1];
      if (begunSave === undefined) throw new Error("It has not begun");
      return begunSave;
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("what comes in together is saved together", () => {
  test("one item is saved by itself", async () => {
    const saved: (readonly number[])[] = [];
    const add = gather<number>(async (items) => void saved.push(items));
    await add(1);
    expect(saved).toEqual([[1]]);
  });

  test("many at once are saved in one go, in order", async () => {
    const saved: (readonly number[])[] = [];
    const add = gather<number>(async (items) => void saved.push(items));
    await Promise.all([1, 2, 3, 4].map(add));
    expect(saved).toEqual([[1, 2, 3, 4]]);
  });

  test("what comes in during a save waits for the next, and there is one save at a time", async () => {
    const { saves, save, begin, mostAtOnce } = slowSave();
    const add = gather(save);
    const first = add(1);
    const one = await begin(1);
    const later = Promise.all([add(2), add(3)]);
    one.done.resolve();
    await first;
    const two = await begin(2);
    expect(saves.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    two.done.resolve();
    await later;
    expect(mostAtOnce()).toBe(1);
  });

  test("a save that takes long is never joined by a second one", async () => {
    vi.useFakeTimers();
    const { saves, save, mostAtOnce } = slowSave();
    const add = gather(save);
    const first = add(1);
    await vi.advanceTimersByTimeAsync(100);
    const second = add(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(saves.map(({ items }) => items)).toEqual([[1]]);
    saves[0]?.done.resolve();
    await first;
    await vi.advanceTimersByTimeAsync(100);
    expect(saves.map(({ items }) => items)).toEqual([[1], [2]]);
    saves[1]?.done.resolve();
    await second;
    expect(mostAtOnce()).toBe(1);
  });

  test("each waits for its own save", async () => {
    const { save, begin } = slowSave();
    const add = gather(save);
    let isSaved = false;
    const waiting = add(1).then(() => (isSaved = true));
    const one = await begin(1);
    expect(isSaved).toBe(false);
    one.done.resolve();
    await waiting;
    expect(isSaved).toBe(true);
  });
});

describe("a save that fails", () => {
  test("is told to those whose items it held, and to nobody else", async () => {
    const { save, begin } = slowSave();
    const add = gather(save);
    const failing = Promise.allSettled([add(1), add(2)]);
    const one = await begin(1);
    const next = add(3);
    one.done.reject(new Error("The database is away"));
    expect((await failing).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const two = await begin(2);
    expect(two.items).toEqual([3]);
    two.done.resolve();
    await next;
  });

  test("does not stop the ones after it", async () => {
    let saves = 0;
    const add = gather<number>(() => {
      saves += 1;
      return saves === 1 ? Promise.reject(new Error("once")) : Promise.resolve();
    });
    await expect(add(1)).rejects.toThrow("once");
    await expect(add(2)).resolves.toBeUndefined();
  });
});

test("every item is saved once, in the order it came in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 30 }), async (turns) => {
      const saved: number[] = [];
      const add = gather<number>(async (items) => {
        await Promise.resolve();
        saved.push(...items);
      });
      const all: Promise<void>[] = [];
      for (const [index, turn] of turns.entries()) {
        for (let i = 0; i < turn; i += 1) await Promise.resolve();
        all.push(add(index));
      }
      await Promise.all(all);
      expect(saved).toEqual(turns.map((_, index) => index));
    }),
    { numRuns: 20 },
  );
});
