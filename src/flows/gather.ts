/**
 * Saves what comes in within a few milliseconds, and while a save runs, in one go: a single item
 * hardly waits, and under load the batches grow by themselves.
 */
const WINDOW_MS = 4;

export function gather<Item>(save: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, WINDOW_MS);
    });
    await running.catch(() => undefined);
    const items = waiting;
    waiting = [];
    next = null;
    running = save(items);
    await running;
  }

  return (item) => {
    waiting.push(item);
    next ??= flush();
    return next;
  };
}
