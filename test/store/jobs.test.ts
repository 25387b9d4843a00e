import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { operationId } from "../../src/core/ids.ts";
import { startWorkers, stopWorkers } from "../../src/store/jobs.ts";
import { sharedDatabase } from "../support/a-database.ts";

test("what one who ends has heard and leaves is set again, fifty in an alarm, and due before all else", async () => {
  await using shared = await sharedDatabase();
  await using database = await shared.emptied();
  const { boss, db } = database;
  const ids = Array.from({ length: 120 }, () => operationId(randomUUID()));
  const heard = Promise.withResolvers<void>();
  const none = (): Promise<void> => Promise.resolve();
  // Once: what it leaves is for others, so it ends.
  const checks = (): Promise<typeof ids> => {
    heard.resolve();
    return Promise.resolve(ids);
  };
  await boss.insert("checks", [{ data: { ids: ids.slice(0, 50) }, singletonKey: "first" }]);
  await startWorkers(boss, { checks, deliveries: none, callbacks: none }, () => undefined);
  await heard.promise;
  await stopWorkers(boss);
  const { rows } = await db.execute<{ ids: string[]; priority: number }>(
    sql`select data->'ids' as ids, priority from pgboss.job where name = 'checks' and state = 'created'`,
  );
  expect(rows.map((row) => row.ids.length).toSorted((a, b) => a - b)).toEqual([20, 50, 50]);
  expect(rows.flatMap((row) => row.ids).toSorted()).toEqual(ids.toSorted());
  expect(rows.every(({ priority }) => priority === 0)).toBe(true);
});
