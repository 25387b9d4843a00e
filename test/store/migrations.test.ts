import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { MIGRATIONS } from "../../src/store/database.ts";
import journal from "../../src/store/migrations/meta/_journal.json" with { type: "json" };
import { findServer, makeEmpty, type Place } from "../support/a-database.ts";
import { openReady } from "../support/open-ready.ts";

const AN_OPERATION = "00000000-0000-4000-8000-000000000001";
/** What the first tables could hold; a later migration is to keep all of it. */
const FIRST_ROWS = [
  `insert into opwatch.operations (id, tenant_id, key, kind, version, path, graph_id, state, live, due_at, free_at)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'tenant', 'key ' || n, 'team', 'v1.0', '/x', 'op',
      '{}', n % 2 = 0, now(), now() from generate_series(1, 500) n`,
  "insert into opwatch.durations (type, bucket, succeeded, outlived) values ('clone', 3, 4, 5)",
];

const server = await findServer();
const url = server.found ? server.url : "";

describe.skipIf(!server.found)(`migrations${server.found ? "" : ` (${server.reason})`}`, () => {
  test.for(journal.entries.slice(0, -1).map(({ tag }) => tag))(
    "after %s keep what is there, also when four replicas start at once",
    async (last) => {
      await using place = await anOldDatabase(last);
      const replicas = await Promise.all([1, 2, 3, 4].map(() => openReady(place.config)));
      const [first] = replicas;
      const kept = await first?.db.execute(
        `select (select count(*)::int from opwatch.operations) as operations,
          (select count(*)::int from opwatch.operations where rested_at = due_at and not live) as rested,
          (select entered::int from opwatch.durations) as entered`,
      );
      expect(kept?.rows).toEqual([{ operations: 500, rested: 250, entered: 9 }]);
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    },
  );

  // A backup, or `pg_dump`, holds a table for as long as it reads; who waits for it keeps all others from it.
  test("that must wait for a reader let the replicas that still run go on, and come after it", async () => {
    await using place = await anOldDatabase("0000_init");
    await using reader = await aClient(place);
    await using other = await aClient(place);
    await reader.client.query("begin");
    await reader.client.query("select 1 from opwatch.operations limit 1");
    const opened = openReady(place.config);
    await expect
      .poll(
        async () =>
          (await other.client.query("select 1 from pg_locks where not granted and locktype = 'relation'"))
            .rowCount,
        { timeout: 10_000, interval: 10 },
      )
      .toBe(1);
    await other.client.query("set statement_timeout = 4000");
    const update = `update opwatch.operations set claim = claim + 1 where id = '${AN_OPERATION}'`;
    expect((await other.client.query(update)).rowCount).toBe(1);
    await reader.client.query("commit");
    await using database = await opened;
    const { rows } = await database.db.execute("select claim from opwatch.operations where claim > 0");
    expect(rows).toEqual([{ claim: 1 }]);
  });
});

/** As a version left it whose last migration that was, with rows in it. */
async function anOldDatabase(last: string): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makeEmpty(url));
  await using connected = await aClient(place);
  const { client } = connected;
  const known = journal.entries.findIndex(({ tag }) => tag === last) + 1;
  await migrateBy(client, journal.entries.slice(0, 1));
  for (const statement of FIRST_ROWS) await client.query(statement);
  await migrateBy(client, journal.entries.slice(0, known));
  const made = stack.move();
  return { config: place.config, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

async function migrateBy(client: pg.Client, entries: typeof journal.entries): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "opwatch-migrations-"));
  await cp(MIGRATIONS, folder, { recursive: true });
  await writeFile(join(folder, "meta/_journal.json"), JSON.stringify({ ...journal, entries }));
  await migrate(drizzle({ client, casing: "snake_case" }), { migrationsFolder: folder });
  await rm(folder, { recursive: true });
}

async function aClient({ config }: Place): Promise<AsyncDisposable & { readonly client: pg.Client }> {
  if (config.home !== "server") throw new Error("Not on a server.");
  const client = new pg.Client({ connectionString: config.url });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}
