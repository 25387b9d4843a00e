import { sql } from "drizzle-orm";
import type { Db, Tx } from "./database.ts";

/**
 * `deadlock_detected` and `serialization_failure`: the database undid the work and asks for it again.
 * The others: the connection was cut. Whether the work was done then is not known, but each piece of
 * it can be done twice: rows say what is there already.
 */
const UNDONE = new Set(["40P01", "40001"]);
const CUT = new Set(["57P01", "57P02", "57P03", "25P03", "08006", "08003", "ECONNRESET", "EPIPE"]);
/** What pg says of a connection that was closed has no code. */
const CUT_MESSAGES = new Set([
  "Connection terminated unexpectedly",
  "Connection terminated",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
]);
const NO_CONNECTION = "Connection terminated due to connection timeout";
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
      if (attempt === ATTEMPTS || !(UNDONE.has(sqlStateOf(error)) || isCut(error))) throw error;
    }
  }
}

/**
 * To select from in a statement of its own that need not be on the disk when it is answered: should the
 * server crash, the last half second of such statements may be lost, and whatever is saved after them is not
 * there without them. https://www.postgresql.org/docs/current/wal-async-commit.html
 */
export const UNSYNCED = sql`(select set_config('synchronous_commit', 'off', true)) as unsynced`;

/** The database refused what it was given (too long for an index, no text of its encoding, a broken rule), and is well. */
export function isOfData(error: unknown): boolean {
  return /^(?:2[23]|54)/u.test(sqlStateOf(error));
}

/** Nothing can be said on the connection any more: it is cut, or whoever is behind it silent. */
export function isLost(error: unknown): boolean {
  return isCut(error) || says(error, "Query read timeout");
}

function isCut(error: unknown): boolean {
  // There was none yet, and the next one would be waited for as long.
  if (!(error instanceof Error) || error.message === NO_CONNECTION) return false;
  return CUT.has(sqlStateOf(error)) || CUT_MESSAGES.has(error.message) || isCut(error.cause);
}

function says(error: unknown, message: string): boolean {
  return error instanceof Error && (error.message === message || says(error.cause, message));
}

/** Drizzle wraps what the driver threw. */
export function sqlStateOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return sqlStateOf(error.cause);
}
