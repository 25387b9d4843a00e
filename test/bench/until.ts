/** Resolves at a time of `performance.now()`, or at once when it is past. */
export function until(at: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(at - performance.now(), 0));
  });
}
