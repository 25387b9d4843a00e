import { expect, test } from "vitest";
import { PERSONAL } from "../support/an-activity.ts";
import { anApp } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";

test("a tracked operation's card changes in place and ends with the target", async () => {
  await using bench = await anApp();
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "slow" });
  await bench.say(PERSONAL, `track ${location}`);
  const end = await bench.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
  const cards = bench.teams.writes.filter(isCard);
  expect(cards[0]?.method).toBe("POST");
  expect(new Set(cards.map((write) => write.activityId)).size).toBe(1);
  expect(cards.slice(1).every((write) => write.method === "PUT")).toBe(true);
  expect(JSON.stringify(end.activity)).toContain(/teams\('([^']+)'/u.exec(location)?.[1]);
  expect(bench.sandbox.counts().early).toBe(0);
});
