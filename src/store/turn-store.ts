import { and, eq, lte, not, sql } from "drizzle-orm";
import type { EpochMs } from "../core/ids.ts";
import { gather, gatherAnswers } from "../flows/gather.ts";
import type { Store, TurnStanding } from "../flows/ports.ts";
import { anyOf } from "./any-of.ts";
import type { Db, Tx } from "./database.ts";
import { toJsonb } from "./jsonb.ts";
import { turns } from "./schema.ts";
import { again, isOfData, UNSYNCED } from "./transaction.ts";

/**
 * A turn that has not ended by then has died with its process, and who wrote waits for it; if not, it is worked on
 * twice, which does no harm.
 */
const UNDER_WAY_MS = 12_000;
/** Teams' tokens are valid for an hour, so nothing older comes again. */
const KEPT_MS = 2 * 3_600_000;

type Begun = { readonly key: string; readonly now: EpochMs };

/** Which activities were worked on, for all replicas. */
export function turnStore(db: Db): Pick<Store, "beginTurn" | "endTurn" | "dropTurn"> {
  const begin = gatherAnswers<Begun, TurnStanding>(async (asked) => {
    const first = new Map<string, Begun>();
    for (const each of asked) if (!first.has(each.key)) first.set(each.key, each);
    const keys = [...first.keys()].toSorted();
    const now = Math.max(...asked.map((each) => each.now));
    const [at, dead] = [now, now - UNDER_WAY_MS].map((ms) => new Date(ms).toISOString());
    const { rows } = await again(() =>
      db.execute<{ key: string }>(sql`
        insert into ${turns} as known (key, started_at)
        select key, ${at}::timestamptz from jsonb_array_elements_text(${toJsonb(keys)}::jsonb) as k(key), ${UNSYNCED}
        on conflict (key) do update set started_at = excluded.started_at
        where not known.ended and known.started_at < ${dead}::timestamptz
        returning key`),
    );
    const isNew = new Set(rows.map(({ key }) => key));
    const left = keys.filter((key) => !isNew.has(key));
    const known = left.length === 0 ? [] : await db.select().from(turns).where(anyOf(turns.key, left));
    const hasEnded = new Set(known.filter(({ ended }) => ended).map(({ key }) => key));
    return asked.map((each): TurnStanding => {
      if (isNew.has(each.key) && first.get(each.key) === each) return "new";
      return hasEnded.has(each.key) ? "ended" : "underWay";
    });
  }, isOfData);
  const end = gather<string>(async (keys) => {
    await again(() =>
      db.execute(sql`update ${turns} set ended = true from ${UNSYNCED}
        where key in (select jsonb_array_elements_text(${toJsonb(keys)}::jsonb))`),
    );
  });
  return {
    beginTurn: (key, now) => begin({ key, now }),
    endTurn: end,
    dropTurn: async (key) => void (await db.delete(turns).where(and(eq(turns.key, key), not(turns.ended)))),
  };
}

export async function forgetOldTurns(tx: Tx, now: EpochMs): Promise<void> {
  await tx.delete(turns).where(lte(turns.startedAt, now - KEPT_MS));
}
