import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import pg from "pg";
import { JOBS_NAME, type DatabaseConfig } from "./database.ts";
import { requireOwn } from "./first-start.ts";

/** Whether the database can be used, without opening it as the bot does: that would change it. */
export async function lookAtDatabase(
  config: DatabaseConfig,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  return config.home === "embedded" ? lookAtDirectory(config.directory) : lookAtServer(config.url);
}

async function lookAtDirectory(directory: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const { isDirectory } = await stat(directory).then((found) => ({ isDirectory: found.isDirectory() }));
    if (!isDirectory)
      return { ok: false, text: `DATA_DIR "${directory}" is no directory. Name another one.` };
    await access(directory, constants.R_OK | constants.W_OK);
    await requireOwn(directory);
    return { ok: true, text: `The embedded database is in "${directory}"; it was not opened.` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" && (await canBeMade(directory))) {
      return { ok: true, text: `The embedded database will be made in "${directory}".` };
    }
    if (error instanceof Error && code === "") {
      return { ok: false, text: `DATA_DIR "${directory}" can't be used. ${error.message} Name another one.` };
    }
    return {
      ok: false,
      text: `DATA_DIR "${directory}" can't be read and written (${code}). Give it to the user that runs Opwatch.`,
    };
  }
}

/** Whether the next directory above it that is there may be written. */
async function canBeMade(directory: string): Promise<boolean> {
  for (let above = dirname(resolve(directory)); ; above = dirname(above)) {
    try {
      await access(above, constants.W_OK | constants.X_OK);
      return true;
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isMissing || above === dirname(above)) return false;
    }
  }
}

/** https://www.postgresql.org/docs/current/functions-info.html */
const QUESTION = `select current_setting('server_version') as version,
  has_database_privilege(current_database(), 'CREATE') as may_create,
  to_regclass('opwatch.watches') is not null as is_there,
  exists (select 1 from pg_stat_activity
    where datname = current_database() and application_name = '${JOBS_NAME}') as is_used`;

/** Whether Opwatch's tables are there, and a bot at work on them. Rejects where the server can't be asked. */
export async function lookForOpwatch(
  url: string,
): Promise<{ readonly hasTables: boolean; readonly isUsed: boolean }> {
  const answer = await ask(url);
  return { hasTables: answer?.is_there ?? false, isUsed: answer?.is_used ?? false };
}

type Answer = {
  readonly version: string;
  readonly may_create: boolean;
  readonly is_there: boolean;
  readonly is_used: boolean;
};

async function ask(url: string): Promise<Answer | undefined> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Answer>(QUESTION)).rows[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function lookAtServer(url: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const row = await ask(url);
    if (row === undefined) return { ok: false, text: "The database of DATABASE_URL gives no answer." };
    if (!row.is_there && !row.may_create) {
      return {
        ok: false,
        text: "The user of DATABASE_URL may not make schemas: grant create on database … to …;",
      };
    }
    const tables = row.is_there
      ? "Opwatch's tables are there"
      : "Opwatch's tables will be made at the first start";
    return { ok: true, text: `PostgreSQL ${row.version} answers; ${tables}.` };
  } catch (error) {
    const why =
      error instanceof AggregateError
        ? error.errors.map(String).join(" ")
        : error instanceof Error
          ? error.message
          : String(error);
    return {
      ok: false,
      text: `The database of DATABASE_URL can't be used: check that the server runs and accepts this user. (${why})`,
    };
  }
}
