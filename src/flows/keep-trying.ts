import type { EpochMs } from "../core/ids.ts";
import type { Now } from "./ports.ts";

const AGAIN_MS = 500;

/**
 * For what has to be written down however long the database is away, because nobody else knows it: a pause that Teams
 * or Graph asked for. Resolves when it is, or when `until` has come; never rejects.
 */
export async function keepTrying(
  { now, sleep }: { readonly now: Now; readonly sleep: (ms: number) => Promise<unknown> },
  until: EpochMs,
  write: () => Promise<void>,
): Promise<void> {
  while (now() < until) {
    try {
      return await write();
    } catch {
      await sleep(AGAIN_MS);
    }
  }
}
