import { setTimeout as sleep } from "node:timers/promises";

/** @throws {Error} when there is no answer by then: who probes does not wait for ever. */
export async function answeredWithin(ms: number, asked: Promise<void>): Promise<void> {
  const silence = new AbortController();
  const silent = sleep(ms, undefined, { signal: silence.signal }).then(() => {
    throw new Error(`The database has not answered for ${ms / 1_000} s.`);
  });
  try {
    await Promise.race([asked, silent]);
  } finally {
    silent.catch(() => undefined);
    asked.catch(() => undefined);
    silence.abort();
  }
}
