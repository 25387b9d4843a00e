import type { Db, Tx } from "./database.ts";

/**
 * `deadlock_detected` and `serialization_failure`: the database undid the work and asks for it again.
 * The others: the connection was cut. Whether the work was done then is not known, but each piece of
 * it can be done twice: rows say what is there already.
 */
const AGAIN = new Set(["40P01", "40001", "57P01", "57P02", "57P03", "08006", "08003", "ECONNRESET", "EPIPE"]);
const ATTEMPTS = 4;

/** One transaction, run again if the database had to break it up. */
export function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return again(() => db.transaction(work));
}

/**
 * Runs a statement or a transaction again if the database had to break it up. Batches lock many
 * rows, and in which order is the planner's choice, so two of them can meet head-on.
 */
export async function again<T>(work: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !AGAIN.has(sqlStateOf(error))) throw error;
    }
  }
}

/** Drizzle wraps what the driver threw. */
export function sqlStateOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return sqlStateOf(error.cause);
}
