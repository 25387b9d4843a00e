/**
 * Work that goes on after the job that started it is done. Its amount is bounded, so that a slow
 * tenant or conversation holds up nobody else and memory does not grow with what is due.
 */
export class InFlight {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #weight = 0;
  #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `work` must not reject. */
  add(weight: number, work: Promise<void>): void {
    this.#weight += weight;
    const done = work.finally(() => {
      this.#weight -= weight;
      this.#running.delete(done);
      if (this.#weight < this.#limit) {
        for (const resolve of this.#waiting.splice(0)) resolve();
      }
    });
    this.#running.add(done);
  }

  /** How much more may be added. */
  get free(): number {
    return Math.max(this.#limit - this.#weight, 0);
  }

  async room(): Promise<void> {
    while (this.#weight >= this.#limit) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Resolves when nothing runs any more. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
