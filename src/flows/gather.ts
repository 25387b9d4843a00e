/**
 * Saves what comes in while a save runs with the next one: single items without delay when there
 * is little to do, and large batches when there is much.
 */
export function gather<Item>(save: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
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
