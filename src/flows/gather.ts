/**
 * Saves what comes in within a few milliseconds, and while a save runs, in one go. A single item
 * hardly waits; under load the batches grow, because each costs about the same, however large it is.
 */
const WINDOW_MS = 4;
const BUSY_WINDOW_MS = 12;
/** So many in the last batch are load. */
const MANY = 4;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** The embedded database answers before any other timer runs: those whose time has come as well are to come along. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** @param waits false: for no longer than a turn of the event loop; what comes while it is saved is the next batch. */
export function gather<Item>(
  save: (items: readonly Item[]) => Promise<void>,
  waits = true,
): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let lastCount = 0;
  let next: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    await (waits ? sleep(lastCount < MANY ? WINDOW_MS : BUSY_WINDOW_MS) : turn());
    await running.catch(() => undefined);
    const items = waiting;
    lastCount = items.length;
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

/**
 * The same for questions: each gets its own answer, which stands where it stood.
 * @param isOfOne whether a fault may be that of one question: then each is asked by itself, so that it
 * is no other's. Of a fault that is everybody's (a database that is away) it must say no.
 * @param waits as for `gather`
 */
export function gatherAnswers<Item, Answer>(
  ask: (items: readonly Item[]) => Promise<readonly Answer[]>,
  isOfOne: (fault: unknown) => boolean = () => false,
  waits = true,
): (item: Item) => Promise<Answer> {
  type Held = { readonly item: Item; outcome?: { readonly is: Answer } | { readonly fault: unknown } };

  async function askAll(held: readonly Held[]): Promise<void> {
    try {
      const answers = await ask(held.map(({ item }) => item));
      if (answers.length !== held.length) throw new Error("Not every question has its answer.");
      for (const [index, is] of answers.entries()) Object.assign(held[index] ?? {}, { outcome: { is } });
    } catch (fault) {
      if (held.length > 1 && isOfOne(fault)) {
        for (const one of held) await askAll([one]);
      } else {
        for (const each of held) Object.assign(each, { outcome: { fault } });
      }
    }
  }

  const add = gather(askAll, waits);
  return async (item) => {
    const held: Held = { item };
    await add(held);
    if (held.outcome === undefined) throw new Error("A question was lost.");
    if ("fault" in held.outcome) throw held.outcome.fault;
    return held.outcome.is;
  };
}
