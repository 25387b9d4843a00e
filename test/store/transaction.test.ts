import { describe, expect, test } from "vitest";
import { again, isLost } from "../../src/store/transaction.ts";

const TERMINATED = "Connection terminated unexpectedly";

/** As Drizzle wraps what pg throws. */
function failed(cause: Error): Error {
  return new Error("Failed query: select 1", { cause });
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe("work that failed", () => {
  test.for([
    ["a deadlock", coded("40P01"), 4, false],
    ["a serialization failure", coded("40001"), 4, false],
    ["an administrator's word", coded("57P01"), 4, true],
    ["a transaction that was idle for too long", coded("25P03"), 4, true],
    ["a reset", coded("ECONNRESET"), 4, true],
    ["a connection that was closed", new Error(TERMINATED), 4, true],
    ["what comes after it", new Error("Client was closed and is not queryable"), 4, true],
    ["a database that is silent", new Error("Query read timeout"), 1, true],
    [
      "a connection that could not be made, which takes ten seconds",
      new Error("Connection terminated due to connection timeout", { cause: new Error(TERMINATED) }),
      1,
      false,
    ],
    ["a refused connection", coded("ECONNREFUSED"), 1, false],
    ["a broken rule", coded("23505"), 1, false],
    ["a mistake of ours", new TypeError("x is undefined"), 1, false],
  ] as const)("by %s", async ([, error, attempts, lost]) => {
    for (const thrown of [error, failed(error)]) {
      let tried = 0;
      const work = (): Promise<never> => {
        tried += 1;
        return Promise.reject(thrown);
      };
      await expect(again(work)).rejects.toBe(thrown);
      expect(tried).toBe(attempts);
      expect(isLost(thrown)).toBe(lost);
    }
  });
});
