import { randomInt } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { NO_LINE, takeRoom, type Line } from "../core/line.ts";
import type { Store } from "../flows/ports.ts";
import type { Db } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { sharedLines } from "./schema.ts";
import { again, UNSYNCED } from "./transaction.ts";

type Known = { readonly line: Line; readonly version: number };

const NOTHING_KNOWN: Known = { line: NO_LINE, version: 0 };

/** Each try that fails is somebody else's that did not. */
const TRIES = 50;

/**
 * The line of all tenants, which all processes share. Who joins it changes the line that it knows and saves it, unless
 * somebody else was quicker: then it reads it and tries again. So nobody holds its row who stands still.
 */
export function sharedLine(db: Db): Pick<Store, "joinLine"> {
  let known = NOTHING_KNOWN;
  return {
    async joinLine(waiting, perSecond, now) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { version: seen, line: before } = known;
        const { at, line } = takeRoom(before, perSecond, waiting, now);
        const version = await again(() => save(db, line, seen));
        if (version !== null) {
          known = { line, version };
          return at;
        }
        known = await again(() => read(db));
      }
      throw new Error("The line of all tenants changes faster than it can be joined.");
    },
  };
}

async function read(db: Db): Promise<Known> {
  const { cells, version } = sharedLines;
  const [row] = await db
    .select({ line: cells, version })
    .from(sharedLines)
    .where(eq(sharedLines.name, "graph"));
  if (row === undefined) return NOTHING_KNOWN;
  return isLine(row.line) ? row : { ...row, line: NO_LINE };
}

/** Whatever somebody has written there by hand must not end all checks. */
function isLine(cells: Partial<Line> | null): boolean {
  const { from, used } = cells ?? {};
  return Number.isInteger(from) && Array.isArray(used) && used.every((count) => Number.isFinite(count));
}

/**
 * The new version, or null: it is no longer the one that was seen. It is drawn, not counted: no old one comes again when
 * the row is gone, and none is too large.
 */
async function save(db: Db, line: Line, seen: number): Promise<number | null> {
  const version = randomInt(1, 2 ** 31 - 1);
  const { rows } = await db.execute(sql`
    insert into ${sharedLines} as line (name, cells, version)
      select 'graph', ${toJsonb(line)}::jsonb, ${version}::integer from ${UNSYNCED}
    on conflict (name) do update set cells = excluded.cells, version = excluded.version where line.version = ${seen}
    returning version`);
  return rows.length === 0 ? null : version;
}
