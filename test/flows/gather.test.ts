import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";

import { gather, gatherAnswers } from "../../src/flows/gather.ts";

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

  test("of those whose timers end together the first waits for the others, also where nothing waits for long", async () => {
    const saved: (readonly number[])[] = [];
    // As the embedded database: it answers before another timer runs.
    const add = gather<number>(async (items) => void saved.push(items), false);
    const timers = [1, 2, 3].map(async (item) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await add(item);
    });
    await Promise.all(timers);
    expect(saved).toEqual([[1, 2, 3]]);
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

  test("after a batch of many the next one waits longer for more, and one of few ends that", async () => {
    vi.useFakeTimers();
    const saved: (readonly number[])[] = [];
    const add = gather<number>(async (items) => void saved.push(items));
    for (const item of [1, 2, 3, 4]) void add(item);
    await vi.advanceTimersByTimeAsync(4);
    void add(5);
    await vi.advanceTimersByTimeAsync(8);
    void add(6);
    expect(saved).toEqual([[1, 2, 3, 4]]);
    await vi.advanceTimersByTimeAsync(4);
    expect(saved).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    void add(7);
    await vi.advanceTimersByTimeAsync(4);
    expect(saved.at(-1)).toEqual([7]);
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

describe("questions that come in together are asked together", () => {
  /** Keeps what it was asked. */
  function asking<Item, Answer>(answer: (items: readonly Item[]) => readonly Answer[]) {
    const asked: (readonly Item[])[] = [];
    const ask = gatherAnswers<Item, Answer>(async (items) => {
      asked.push(items);
      await Promise.resolve();
      return answer(items);
    });
    return { asked, ask };
  }
  const doubled = (items: readonly number[]) => items.map((item) => 2 * item);

  test("each gets its own answer, of one question for all", async () => {
    const { asked, ask } = asking(doubled);
    expect(await Promise.all([3, 1, 2].map(ask))).toEqual([6, 2, 4]);
    expect(asked).toEqual([[3, 1, 2]]);
  });

  test("the same question twice has two answers", async () => {
    const { ask } = asking((items: readonly string[]) => items.map((item, index) => `${item}${index}`));
    expect(await Promise.all(["a", "a", "b"].map(ask))).toEqual(["a0", "a1", "b2"]);
  });

  test.each([undefined, null, false, 0, ""])("%j is an answer like any other", async (answer) => {
    const { ask } = asking((items: readonly number[]) => items.map(() => answer));
    expect(await ask(1)).toBe(answer);
  });

  test("who asks while others wait for their answer is asked for next", async () => {
    const { saves, save, begin } = slowSave();
    const ask = gatherAnswers<number, number>(async (items) => {
      await save(items);
      return doubled(items);
    });
    const first = ask(1);
    const one = await begin(1);
    const second = ask(2);
    one.done.resolve();
    expect(await first).toBe(2);
    (await begin(2)).done.resolve();
    expect(await second).toBe(4);
    expect(saves.map(({ items }) => items)).toEqual([[1], [2]]);
  });

  test.each([
    ["fails", () => Promise.reject(new Error("The database is away")), "The database is away"],
    [
      "fails before it has begun",
      () => {
        throw new Error("No such table");
      },
      "No such table",
    ],
    ["has too few answers", () => Promise.resolve([1]), "Not every question has its answer."],
    ["has too many", () => Promise.resolve([1, 2, 3]), "Not every question has its answer."],
    ["has none", () => Promise.resolve([]), "Not every question has its answer."],
  ])("one that %s is told to all who asked, and to nobody after them", async (_what, fail, message) => {
    let isFirst = true;
    const ask = gatherAnswers<number, number>((items) => {
      if (!isFirst) return Promise.resolve(doubled(items));
      isFirst = false;
      return fail();
    });
    const failed = await Promise.allSettled([ask(1), ask(2)]);
    const reason: unknown = new Error(message);
    expect(failed).toEqual([1, 2].map(() => ({ status: "rejected", reason })));
    expect(await ask(3)).toBe(6);
  });

  test("whenever they come, each gets the answer to its own", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 30 }), async (turns) => {
        const { asked, ask } = asking(doubled);
        const all: Promise<number>[] = [];
        for (const [index, turn] of turns.entries()) {
          for (let i = 0; i < turn; i += 1) await Promise.resolve();
          all.push(ask(index));
        }
        expect(await Promise.all(all)).toEqual(turns.map((_, index) => 2 * index));
        expect(asked.flat()).toEqual(turns.map((_, index) => index));
      }),
      { numRuns: 20 },
    );
  });
});
