import { createReadStream, createWriteStream, existsSync, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { TextDecoder } from "node:util";
import { ConfigError, databaseOf, readConfig } from "../config.ts";
import { GUID } from "../core/ids.ts";
import { backup, restore } from "../store/backup.ts";
import { DatabaseError, type Database, type DatabaseConfig } from "../store/database.ts";
import { lookForOpwatch } from "../store/look-at-database.ts";
import { openDatabase } from "../store/open-database.ts";
import { DirectoryInUseError } from "../store/directory-in-use-error.ts";
import { exportPerson, forgetPerson } from "../store/personal-data.ts";

const USAGE = `Usage: opwatch backup <file> | restore <file> | export <user> | forget <user>

They work on the database that the environment names (DATABASE_URL, or DATA_DIR). An embedded one must
not be in use: stop Opwatch first. <user> is an object id in Entra, or Teams' own id (29:…). forget ends
what is watched in that person's own chat, and takes its alias.
`;

type Work = (database: Database, argument: string) => Promise<string>;

const WORKS: ReadonlyMap<string, Work> = new Map<string, Work>([
  [
    "backup",
    async ({ db }, file) => {
      const out = createWriteStream(file, { flags: "wx", mode: 0o600 });
      await once(out, "open");
      try {
        const rows = await writeBackup(db, out);
        return `${rows} rows are in ${file}.`;
      } catch (error) {
        // A part of one is none, and would stand in the way of the next.
        await rm(file, { force: true });
        throw error;
      }
    },
  ],
  [
    "restore",
    async (database, file) => {
      const input = createReadStream(file);
      await once(input, "open");
      const rows = await restore(database, linesOf(input));
      return `${rows} rows were restored. Start Opwatch: it goes on where the backup was taken.`;
    },
  ],
  ["export", async ({ db }, user) => JSON.stringify(await exportPerson(db, idOf(user)), null, 2)],
  [
    "forget",
    async ({ db }, user) => {
      const { deleted, unnamed } = await forgetPerson(db, idOf(user));
      if (deleted + unnamed === 0) return `Nothing is kept of ${user}.`;
      return `Deleted ${deleted} watches of their own chat; ${unnamed} in other conversations name nobody now.`;
    },
  ],
]);

async function writeBackup(db: Database["db"], out: WriteStream): Promise<number> {
  const isWritten = finished(out);
  // Told where it is waited for.
  isWritten.catch(() => undefined);
  const rows = await backup(db, async (line) => {
    if (!out.write(`${line}\n`)) await Promise.race([once(out, "drain"), isWritten]);
  });
  out.end();
  await isWritten;
  return rows;
}

/** An object id in Entra, or Teams' own. */
function idOf(user: string): string {
  if (GUID.test(user) || /^\d+:/u.test(user)) return user;
  throw new UserError(
    `"${user}" is neither an object id in Entra (take it from the person's page there) nor Teams' own id (29:…). Nothing was done.`,
  );
}

class UserError extends Error {
  override readonly name = "UserError";
}

/** Far more than any row has. */
const LONGEST_LINE = 16 * 1_024 * 1_024;

/** A file's lines, also as Windows' programs write them: with a byte order mark, and a CR at each end. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of input) {
    // Not node:readline, which ends a line at characters that JSON leaves as they are.
    const lines = `${rest}${textOf(decoder, chunk)}`.split(/\r?\n/u);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new UserError("This is no backup: a line of it has no end.");
    yield* lines;
  }
  yield rest;
}

function textOf(decoder: TextDecoder, chunk: Buffer): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new UserError(
      "The backup is damaged: it is no UTF-8. Was it copied as text, or edited? Copy it again as it is.",
      { cause },
    );
  }
}

/** For whoever runs a server: `opwatch backup`, `restore`, `export`, `forget`. Ends with 3 where it can't be done. */
async function main([name = "", argument = "", ...more]: readonly string[]): Promise<number> {
  const work = WORKS.get(name);
  if (work === undefined || argument === "" || argument.startsWith("-") || more.length > 0) {
    process.stderr.write(USAGE);
    return 3;
  }
  if (name === "backup" && existsSync(argument)) {
    throw new UserError(
      `${argument} is there already, and nothing was done. Name another file, or move that one away.`,
    );
  }
  if (name === "restore" && !existsSync(argument)) {
    throw new UserError(
      `There is no file ${argument}, and nothing was done. Name one that opwatch backup has written.`,
    );
  }
  const place = databaseOf(readConfig({ ...process.env, OPWATCH_LOCAL: "1", HOST: "" }));
  await (name === "restore" ? requireUnused(place) : requireOpwatch(place));
  await using database = await openDatabase(place);
  process.stdout.write(`${await work(database, argument)}\n`);
  return 0;
}

/** Opened, it would be made; a backup of it would be taken for the real one's. */
async function requireOpwatch(place: DatabaseConfig): Promise<void> {
  const isThere =
    place.home === "embedded"
      ? existsSync(join(place.directory, "PG_VERSION"))
      : // Who can't be asked is told of where it is opened.
        await lookForOpwatch(place.url).then(
          ({ hasTables }) => hasTables,
          () => true,
        );
  if (isThere) return;
  const where =
    place.home === "embedded"
      ? `There is no database in DATA_DIR "${place.directory}"`
      : "The database of DATABASE_URL has no tables of Opwatch";
  throw new DatabaseError(
    `${where}, and nothing was done. Set DATA_DIR (or DATABASE_URL) as Opwatch itself has it.`,
  );
}

/** What a bot writes meanwhile would be mixed with what is restored. An embedded database has one process anyway. */
async function requireUnused(place: DatabaseConfig): Promise<void> {
  if (place.home === "embedded") return;
  const isUsed = await lookForOpwatch(place.url).then(
    (found) => found.isUsed,
    () => false,
  );
  if (!isUsed) return;
  throw new DatabaseError(
    "A running Opwatch uses the database of DATABASE_URL, and nothing was done. Stop it, restore, and start it again.",
  );
}

function isForTheOperator(error: unknown): error is Error {
  const isOfFile = error instanceof Error && "code" in error && "syscall" in error;
  return (
    isOfFile ||
    error instanceof UserError ||
    error instanceof DatabaseError ||
    error instanceof DirectoryInUseError ||
    error instanceof ConfigError
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!isForTheOperator(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}
