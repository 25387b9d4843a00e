import { sleep } from "./ask-graph.ts";

/** A card's first post, tried until Teams takes it. */
export async function posted(post: () => Promise<string>): Promise<string> {
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, 60_000)) {
    try {
      return await post();
    } catch (error) {
      process.stderr.write(`post: ${String(error)}\n`);
    }
    await sleep(waitMs);
  }
}
