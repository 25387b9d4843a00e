import { within } from "./flows/within.ts";

/** @throws {Error} when there is no answer by then: who probes does not wait for ever. */
export async function answeredWithin(ms: number, asked: Promise<void>): Promise<void> {
  const answer = await within(
    ms,
    asked.then(() => true),
  );
  if (answer === null) throw new Error(`The database has not answered for ${ms / 1_000} s.`);
}
