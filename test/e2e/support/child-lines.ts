import type { ChildProcess } from "node:child_process";

/** What a child process writes, line by line, and waiting for it. */
export class ChildLines {
  readonly #lines: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #gone: Promise<string>;
  #ended: string | null = null;

  constructor(child: ChildProcess, gone: Promise<string>) {
    this.#gone = gone;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        this.#accept(lines);
      });
      stream?.on("end", () => {
        if (rest !== "") this.#accept([rest]);
      });
    }
    void this.#noticeEnd();
  }

  get all(): readonly string[] {
    return this.#lines;
  }

  /** The first line, past or future, that `read` makes something of; throws when the child ends without it. */
  async first<T>(
    what: string,
    read: (line: string) => T | null,
    options: { readonly after?: number; readonly timeoutMs?: number } = {},
  ): Promise<T> {
    const { after = 0, timeoutMs = 60_000 } = options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let next = after;
    const fail = (why: string): void => {
      reject(new Error(`Waited in vain for ${what}: ${why}\n${this.#lines.slice(-40).join("\n")}`));
    };
    const look = (): void => {
      for (; next < this.#lines.length; next += 1) {
        const found = read(this.#lines[next] ?? "");
        if (found !== null) {
          resolve(found);
          return;
        }
      }
      if (this.#ended !== null) fail(this.#ended);
    };
    const timer = setTimeout(() => {
      fail(`nothing like it within ${timeoutMs} ms.`);
    }, timeoutMs);
    this.#watchers.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(look);
    }
  }

  async #noticeEnd(): Promise<void> {
    this.#ended = await this.#gone;
    this.#changed();
  }

  #accept(lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Settles when the child is gone and has written its last, with a sentence that says how. */
export function endOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve(`${name} ended with ${signal ?? `exit code ${code}`}.`);
    });
    child.once("error", (error) => {
      resolve(`${name} could not be started: ${error.message}`);
    });
  });
}
