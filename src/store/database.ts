import { fileURLToPath } from "node:url";
import { DrizzleQueryError, type ExtractTablesWithRelations } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import type { BackendProfile, ConstructorOptions, PgBoss } from "pg-boss";
import type { EpochMs } from "../core/ids.ts";

/** What both drivers answer a raw statement with. */
type RowsOf<Row> = { rows: Row[] };
interface Rows extends PgQueryResultHKT {
  readonly type: RowsOf<this["row"]>;
}
type NoSchema = Record<string, never>;
export type Db = PgDatabase<Rows, NoSchema>;
export type Tx = PgTransaction<Rows, NoSchema, ExtractTablesWithRelations<NoSchema>>;

export type DatabaseConfig =
  | { readonly home: "embedded"; readonly directory: string }
  | { readonly home: "server"; readonly url: string; readonly backend?: Exclude<BackendProfile, "pglite"> };

/** The database's clock, and this process's monotonic one at the same moment. */
export type Clock = { readonly now: EpochMs; readonly monotonicMs: number };

/** One schema and one set of SQL; only how it is opened differs. */
export type Database = AsyncDisposable & {
  readonly home: DatabaseConfig["home"];
  readonly db: Db;
  readonly boss: PgBoss;
  /** YugabyteDB and CockroachDB have none in most of their versions; pg-boss does without them there, too. */
  readonly hasAdvisoryLocks: boolean;
  /** Null where the database answers too slowly for its clock to be told from ours. */
  clock(): Promise<Clock | null>;
  /** Rejects while it does not answer; with a DatabaseError where it answers and is of no use. */
  ping(): Promise<void>;
  /** Resolves with the reason when only a new process can go on: a server mends itself, PGlite does not. */
  readonly broken: Promise<unknown>;
  /** What a server does by itself and PGlite does not: see ARCHITECTURE.md, "The embedded database". */
  vacuum(): Promise<void>;
  checkpoint(): Promise<void>;
};

/** The database cannot be used; the message says why and what to do. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

export const MIGRATIONS = fileURLToPath(new URL("./migrations", import.meta.url));
/** By this name a running bot's connections for jobs are seen; it always has one. */
export const JOBS_NAME = "opwatch-jobs";
export const BOSS_OPTIONS = {
  schema: "pgboss",
  useListenNotify: true,
  schedule: false,
  superviseIntervalSeconds: 30,
} satisfies ConstructorOptions;

/** pg wraps what happened on each address of a host in an AggregateError without a message. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(" ");
  // PGlite's file system throws objects that are none.
  if (!(error instanceof Error)) return `${JSON.stringify(error)}.`;
  // Its own text is the statement.
  if (error instanceof DrizzleQueryError && error.cause !== undefined) return messageOf(error.cause);
  const text = error.message === "" ? error.name : error.message;
  const cause = error.cause === undefined ? "" : ` ${messageOf(error.cause)}`;
  return text.endsWith(".") ? text + cause : `${text}.${cause}`;
}
