import type { Database, DatabaseConfig } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { prepareQueues } from "../../src/store/jobs.ts";

/** A database as the application root opens it, with its engine started but no workers. */
export async function openReady(config: DatabaseConfig): Promise<Database> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openDatabase(config));
  const { boss } = database;
  // Without a listener an error event would end the test run; a method that fails rejects anyway.
  boss.on("error", () => undefined);
  await boss.start();
  stack.defer(() => boss.stop({ graceful: false }));
  await prepareQueues(boss);
  const opened = stack.move();
  return { ...database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
