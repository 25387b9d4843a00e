/** One waiter: asks at once and then at the interval, like `--wait`, and ends with its operation. */
import { askGraph, INTERVAL_MS, isEnd, sleep } from "./ask-graph.ts";
import { cardOf } from "./card.ts";

const [, , location = "", serviceUrl = "", conversation = ""] = process.argv;
const activities = `${serviceUrl}/v3/conversations/${encodeURIComponent(conversation)}/activities`;

async function write(method: "POST" | "PUT", url: string, status: string): Promise<string> {
  for (;;) {
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(cardOf(location, status)),
    });
    const body: unknown = await response.json();
    if (response.ok) return typeof body === "object" && body !== null ? String(Reflect.get(body, "id")) : "";
    await sleep(1_000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

let shown = "notStarted";
let message = "";
while (!isEnd(shown)) {
  const answer = await askGraph(location);
  if (answer.kind === "status" && (message === "" || answer.status !== shown)) {
    shown = answer.status;
    if (message === "") message = await write("POST", activities, shown);
    else await write("PUT", `${activities}/${encodeURIComponent(message)}`, shown);
  }
  if (isEnd(shown)) break;
  const waitMs = answer.kind === "refused" ? Math.max(answer.retryAfterMs, INTERVAL_MS) : INTERVAL_MS;
  await sleep(waitMs);
}
process.exit(0);
