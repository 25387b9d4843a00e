const STALE_AFTER_MS = 60_000;

export type Kept<T> = {
  /** What was asked for lately, asked for once at a time and not too often; null where that failed. */
  get(): Promise<T | null>;
  /** What was found last, if that is not long ago. */
  last(): T | null;
};

export function createKept<T>(
  ask: () => Promise<T>,
  forMs: number,
  onFault: (fault: unknown) => void,
): Kept<T> {
  let kept: { readonly value: T; readonly until: number } | null = null;
  let asking: Promise<T | null> | null = null;
  const renew = async (): Promise<T | null> => {
    try {
      const value = await ask();
      kept = { value, until: performance.now() + forMs };
      return value;
    } catch (fault) {
      onFault(fault);
      return null;
    } finally {
      asking = null;
    }
  };
  return {
    async get() {
      if (kept !== null && kept.until > performance.now()) return kept.value;
      asking ??= renew();
      return asking;
    },
    last: () => (kept !== null && kept.until + STALE_AFTER_MS > performance.now() ? kept.value : null),
  };
}
