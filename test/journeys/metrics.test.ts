import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findServer, makeEmpty } from "../support/a-database.ts";
import { ALEX, BOT, CHANNEL, GROUP, PERSONAL, TENANT, type Place } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";
import { parsePrometheus, sumOf, type Family } from "../support/prometheus.ts";

type Metrics = ReadonlyMap<string, Family>;
type Told = Metrics & { readonly text: string };
type Labels = Readonly<Record<string, string>>;

async function metricsOf({ app }: AppBench): Promise<Told> {
  const response = await fetch(`${app.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  return Object.assign(new Map(parsePrometheus(text)), { text });
}

async function healthOf({ app }: AppBench, path: "healthz" | "readyz"): Promise<readonly [number, unknown]> {
  const response = await fetch(`${app.url}/${path}`);
  return [response.status, await response.json()];
}

/** What the database has is counted every five seconds. */
const WITHIN = { timeout: 60_000, interval: 100 };
const SECRET = "s3cret of 24 characters.";

/** What Prometheus is told, by name; the labels that each series has beside `le`. */
const DOCUMENTED: Readonly<Record<string, readonly [type: string, ...labels: string[]]>> = {
  opwatch_checks_total: ["counter", "kind", "answer", "outcome"],
  opwatch_check_lateness_seconds: ["histogram"],
  opwatch_graph_request_duration_seconds: ["histogram"],
  opwatch_teams_write_duration_seconds: ["histogram", "what", "result"],
  opwatch_checks_given_back_total: ["counter", "because"],
  opwatch_throttled_total: ["counter", "side"],
  opwatch_command_duration_seconds: ["histogram", "name"],
  opwatch_activity_duration_seconds: ["histogram", "status"],
  opwatch_database_ping_duration_seconds: ["histogram"],
  opwatch_database_up: ["gauge"],
  opwatch_watches_open: ["gauge"],
  opwatch_operations_live: ["gauge"],
  opwatch_operations_overdue: ["gauge"],
  opwatch_line_seconds: ["gauge"],
  opwatch_deliveries_waiting: ["gauge"],
  opwatch_callbacks_waiting: ["gauge"],
  opwatch_jobs: ["gauge", "queue"],
};

describe("from the start until operations were tracked to their ends", () => {
  let bench: AppBench;
  let before: Metrics;
  let during: Metrics;
  let after: Told;
  const locations: { readonly kind: "team" | "chat" | "engagement"; readonly location: string }[] = [];
  const attempts: { readonly method: string; readonly status: number }[] = [];
  let activities = 0;

  const say = async (place: Place, text: string): Promise<void> => {
    activities += 1;
    await bench.say(place, text);
  };
  const wrote = (place: Place, text: string) =>
    bench.teams.when(text, (write) => write.conversation === place.id && textOf(write).includes(text));

  beforeAll(async () => {
    bench = await anApp({ env: { CALLBACK_HOSTS: "hooks.contoso.com", CALLBACK_SECRET: SECRET } });
    before = await metricsOf(bench);
    let isThrottled = false;
    bench.teams.react = ({ method }) => {
      const isFirstEdit = !isThrottled && method === "PUT";
      isThrottled ||= isFirstEdit;
      attempts.push({ method, status: isFirstEdit ? 429 : 200 });
      return isFirstEdit ? { status: 429, headers: { "retry-after": "1" } } : null;
    };
    const add = (kind: "team" | "chat" | "engagement", life: Parameters<typeof lifeOf>[0]): string => {
      const { location } = bench.sandbox.addOperation({ kind, life: lifeOf(life), startsAtFirstCheck: true });
      locations.push({ kind, location });
      return location;
    };
    const good = add("team", "quick");
    const bad = add("team", "failing");
    const busy = add("chat", "throttled");
    const endless = add("engagement", "endless");
    await say(PERSONAL, `track ${good} ${bad}`);
    await say(GROUP, `track ${busy} ${endless}`);
    await say(CHANNEL, "help");
    await wrote(PERSONAL, "succeeded");
    await wrote(PERSONAL, "failed");
    await wrote(GROUP, "Create chat — succeeded");
    await say(PERSONAL, "list");
    await say(PERSONAL, "list");
    await say(PERSONAL, "make me a sandwich");
    during = await settled(bench, 1);
    await say(GROUP, "stop all");
    await wrote(GROUP, "no longer watched");
    await settled(bench, 0);
    after = await measured(bench, () => attempts.length);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const checksOf = (kind?: string): number =>
    locations
      .filter((each) => kind === undefined || each.kind === kind)
      .reduce((sum, { location }) => sum + bench.sandbox.checksOf(location).length, 0);

  test("at first all that is counted stands at nought, and there is what Node tells of itself", () => {
    const ours = [...before.values()].filter(({ name }) => name.startsWith("opwatch_"));
    expect(Object.fromEntries(ours.map(({ name, type }) => [name, type]))).toEqual(
      Object.fromEntries(Object.entries(DOCUMENTED).map(([name, [type]]) => [name, type])),
    );
    // The first sweep has asked the database.
    const counted = ours.filter(({ name }) => name !== "opwatch_database_ping_duration_seconds");
    expect(counted.flatMap(({ samples }) => samples).filter(({ value }) => value !== 0)).toEqual([
      { name: "opwatch_database_up", labels: {}, value: 1 },
    ]);
    expect(ours.filter(({ help }) => !/^\S.+\.$/u.test(help))).toEqual([]);
    // A rate needs a beginning.
    const sides = before.get("opwatch_throttled_total")?.samples.map(({ labels }) => labels["side"]);
    expect(sides).toEqual(["graph", "teams"]);
    expect(sumOf(before, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
  });

  test("it is alive and ready", async () => {
    expect(await healthOf(bench, "healthz")).toEqual([200, { status: "ok" }]);
    expect(await healthOf(bench, "readyz")).toEqual([200, { status: "ready" }]);
  });

  test.for(["team", "chat", "engagement"] as const)("each check of a %s is counted once", (kind) => {
    expect(checksOf(kind)).toBeGreaterThan(0);
    expect(sumOf(after, "opwatch_checks_total", { kind })).toBe(checksOf(kind));
  });

  test("by what Graph answered", () => {
    const count = (labels: Labels): number => sumOf(after, "opwatch_checks_total", labels);
    expect(count({ kind: "team", answer: "snapshot" })).toBe(checksOf("team"));
    expect(count({ kind: "chat", answer: "refused" })).toBe(1);
    expect(count({ kind: "chat", answer: "snapshot" })).toBe(checksOf("chat") - 1);
    expect(count({})).toBe(count({ answer: "refused" }) + count({ answer: "snapshot" }));
  });

  test("and by how the operation ended with it", () => {
    const count = (outcome: string): number => sumOf(after, "opwatch_checks_total", { outcome });
    expect(count("succeeded")).toBeGreaterThan(0);
    expect(count("none")).toBeGreaterThan(0);
    expect(sumOf(after, "opwatch_checks_total")).toBe(
      ["none", "succeeded", "failed", "notFound"].map(count).reduce((sum, each) => sum + each),
    );
  });

  test("each check was some time late, and none by minutes", () => {
    const lateness = "opwatch_check_lateness_seconds";
    expect(sumOf(after, `${lateness}_count`)).toBe(sumOf(after, "opwatch_checks_total"));
    expect(sumOf(after, `${lateness}_bucket`, { le: "60" })).toBe(sumOf(after, `${lateness}_count`));
    expect(sumOf(after, `${lateness}_sum`)).toBeGreaterThanOrEqual(0);
  });

  test("each request to Graph is measured", () => {
    expect(sumOf(after, "opwatch_graph_request_duration_seconds_count")).toBe(
      bench.sandbox.counts().requests,
    );
    expect(sumOf(after, "opwatch_graph_request_duration_seconds_sum")).toBeGreaterThan(0);
  });

  test.for([
    ["post", "done", "POST", 200],
    ["update", "done", "PUT", 200],
    ["update", "throttled", "PUT", 429],
  ] as const)("each write to Teams: %s, %s", ([what, result, method, status]) => {
    const made = attempts.filter((attempt) => attempt.method === method && attempt.status === status).length;
    expect(made).toBeGreaterThan(0);
    expect(sumOf(after, "opwatch_teams_write_duration_seconds_count", { what, result })).toBe(made);
  });

  test("no other write was made", () => {
    expect(sumOf(after, "opwatch_teams_write_duration_seconds_count")).toBe(attempts.length);
    expect(bench.teams.writes.filter(isCard).length).toBeGreaterThan(4);
  });

  test.for(["graph", "teams"])("the 429 of %s is counted", (side) => {
    expect(sumOf(after, "opwatch_throttled_total", { side })).toBe(1);
  });

  test("each activity of Teams is measured by its status", () => {
    const name = "opwatch_activity_duration_seconds_count";
    expect(sumOf(after, name, { status: "200" })).toBe(activities);
    expect(sumOf(after, name)).toBe(activities);
  });

  test.for([
    ["track", 2],
    ["list", 2],
    ["help", 1],
    ["unknown", 1],
    ["stopAll", 1],
  ] as const)("the command %s is measured", ([name, times]) => {
    expect(sumOf(after, "opwatch_command_duration_seconds_count", { name })).toBe(times);
  });

  test("what is open and waits is told as it is now", () => {
    for (const [metrics, open] of [
      [during, 1],
      [after, 0],
    ] as const) {
      const gauges = ["watches_open", "operations_live", "operations_overdue", "deliveries_waiting"];
      const told = [...gauges, "callbacks_waiting"].map((name) => sumOf(metrics, `opwatch_${name}`));
      expect(told).toEqual([open, open, 0, 0, 0]);
    }
    expect(during.get("opwatch_jobs")?.samples).toMatchObject([
      { labels: { queue: "checks" }, value: 1 },
      { labels: { queue: "deliveries" }, value: 0 },
      { labels: { queue: "callbacks" }, value: 0 },
    ]);
  });

  test("what the database takes is measured with every sweep", async () => {
    const pings = async (): Promise<number> =>
      sumOf(await metricsOf(bench), "opwatch_database_ping_duration_seconds_count");
    const atFirst = await pings();
    await bench.app.sweep();
    expect(await pings()).toBeGreaterThan(atFirst);
  });

  test("every series has the labels that are documented, and no others", () => {
    for (const [name, [, ...labels]] of Object.entries(DOCUMENTED)) {
      for (const { labels: own } of after.get(name)?.samples ?? []) {
        const { le: _, ...rest } = own;
        expect([name, Object.keys(rest).toSorted()]).toEqual([name, labels.toSorted()]);
      }
    }
  });

  test("no secret is told, and nobody and nothing by its id or name", () => {
    const ids = locations.flatMap(({ location }) => location.match(/'([^']+)'/gu) ?? []);
    const known = [
      ...ids.map((id) => id.replaceAll("'", "")),
      ...[PERSONAL, GROUP, CHANNEL].map(({ id }) => id.split(";")[0] ?? ""),
      ...Object.values(ALEX),
      ...Object.values(BOT).filter((text) => text !== "Opwatch"),
      TENANT,
      SECRET,
      "hooks.contoso.com",
      bench.teams.serviceUrl,
      bench.sandbox.url,
      "make me a sandwich",
    ];
    expect(known.length).toBeGreaterThan(14);
    expect(known.filter((each) => after.text.includes(each))).toEqual([]);
    expect(after.text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|19:|29:|a:1|@thread|Bearer/u);
  });

  test("a label's values are few words, so that the series do not grow with the conversations", () => {
    const ours = [...after.values()].filter(({ name }) => name.startsWith("opwatch_"));
    const values = ours.flatMap(({ samples }) => samples.flatMap(({ labels }) => Object.values(labels)));
    expect(values.filter((value) => !/^(?:[a-zA-Z_]{1,20}|\d{3}|\+Inf|\d*\.?\d+)$/u.test(value))).toEqual([]);
    expect(ours.flatMap(({ samples }) => samples).length).toBeLessThan(200);
  });
});

const server = await findServer();

describe.skipIf(!server.found)(
  `with a database that can be reached${server.found ? "" : ` (${server.reason})`}`,
  () => {
    const stack = new AsyncDisposableStack();
    let bench: AppBench;
    let client: pg.Client;
    let admin: pg.Client;
    let name: string;

    beforeAll(async () => {
      const place = stack.use(await makeEmpty(server.found ? server.url : ""));
      if (place.config.home !== "server") throw new Error("Not on a server.");
      ({ name } = place);
      bench = stack.use(await anApp({ env: { DATABASE_URL: place.config.url, RETENTION_DAYS: "7" } }));
      const connected = async (connectionString: string): Promise<pg.Client> => {
        const made = new pg.Client({ connectionString });
        made.on("error", () => undefined);
        await made.connect();
        stack.defer(() => made.end().catch(() => undefined));
        return made;
      };
      client = await connected(place.config.url);
      admin = await connected(server.found ? server.url : "");
    });
    afterAll(() => stack.disposeAsync());

    async function tracked(place: Place): Promise<void> {
      const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
      await bench.say(place, `track ${location}`);
      await bench.teams.when("card", (write) => write.conversation === place.id && isCard(write));
    }

    test.for([
      ["by less than half a minute is ready", 27, /^\{"status":"ready"\}$/u],
      [
        "by more than that is late, and says by how much",
        40,
        /^\{"status":"late","reason":"1 operations wait for their check, one for 4\d s\."\}$/u,
      ],
    ] as const)("an instance that is behind %s", async ([, seconds, health]) => {
      const place = { ...PERSONAL, id: `a:late${seconds}` };
      await tracked(place);
      await vi.waitFor(async () => {
        // Its engine catches up as soon as an alarm or a sweep tells it.
        await client.query(
          `with late as (update opwatch.operations set due_at = clock_timestamp() - $1 * interval '1 second', slot_at = null where live)
           delete from pgboss.job where name = 'checks'`,
          [seconds],
        );
        // Both are of what was counted last.
        expect(sumOf(await metricsOf(bench), "opwatch_operations_overdue")).toBe(1);
        const [status, body] = await healthOf(bench, "readyz");
        expect(status).toBe(200);
        expect(JSON.stringify(body)).toMatch(health);
      }, WITHIN);
      expect(await healthOf(bench, "healthz")).toEqual([200, { status: "ok" }]);
      await bench.say(place, "stop all");
      await vi.waitFor(
        async () => expect(await healthOf(bench, "readyz")).toEqual([200, { status: "ready" }]),
        WITHIN,
      );
    });

    test("once a minute what is over for as long as RETENTION_DAYS says is gone", async () => {
      const [old, young] = [
        { ...PERSONAL, id: "a:old" },
        { ...PERSONAL, id: "a:young" },
      ];
      for (const place of [old, young]) {
        await tracked(place);
        await bench.say(place, "stop all");
      }
      const close = (place: Place, hours: number) =>
        client.query(
          "update opwatch.watches set delivered = wanted, closed_at = clock_timestamp() - $2 * interval '1 hour' where conversation_id = $1",
          [place.id, hours],
        );
      await close(old, 7 * 24 + 0.1);
      await close(young, 7 * 24 - 0.1);
      for (let i = 0; i < 12; i += 1) await bench.app.sweep();
      const { rows } = await client.query<{ id: string }>(
        "select conversation_id as id from opwatch.watches where conversation_id in ($1, $2)",
        [old.id, young.id],
      );
      expect(rows).toEqual([{ id: young.id }]);
    });

    test("a database that is busy with counting is ready, and what was not counted is not told", async () => {
      await client.query("begin");
      await client.query("lock table opwatch.watches in access exclusive mode");
      await vi.waitFor(async () => {
        const metrics = await metricsOf(bench);
        expect(sumOf(metrics, "opwatch_database_up")).toBe(1);
        expect(metrics.get("opwatch_watches_open")?.samples).toEqual([]);
      }, WITHIN);
      expect((await healthOf(bench, "readyz"))[0]).toBe(200);
      await client.query("rollback");
      await vi.waitFor(
        async () => expect((await metricsOf(bench)).get("opwatch_watches_open")?.samples).toHaveLength(1),
        WITHIN,
      );
    });

    test("while it is away the instance is alive, not ready, and tells what it has counted", async () => {
      await admin.query(`alter database ${name} with allow_connections false`);
      const cut = () =>
        admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
      await cut();
      expect(await healthOf(bench, "readyz")).toEqual([
        503,
        { status: "not ready", reason: "The database does not answer." },
      ]);
      expect(await healthOf(bench, "healthz")).toEqual([200, { status: "ok" }]);
      expect(sumOf(await metricsOf(bench), "opwatch_checks_total")).toBeGreaterThan(0);
      await vi.waitFor(
        async () => expect(sumOf(await metricsOf(bench), "opwatch_database_up")).toBe(0),
        WITHIN,
      );
      await admin.query(`alter database ${name} with allow_connections true`);
      await expect
        .poll(() => healthOf(bench, "readyz"), { timeout: 60_000 })
        .toEqual([200, { status: "ready" }]);
    });
  },
);

function lifeOf(name: "quick" | "failing" | "endless" | "throttled") {
  if (name !== "throttled") return name;
  return [
    { afterMs: 0, httpStatus: 429, headers: { "retry-after": "1" } },
    { afterMs: 10_000, status: "succeeded" },
  ];
}

/** The metrics, once so many watches are open, each with its alarm, and nothing waits to be written. */
async function settled(bench: AppBench, open: number): Promise<Told> {
  const names = ["opwatch_watches_open", "opwatch_jobs", "opwatch_deliveries_waiting"];
  return vi.waitFor(async () => {
    const metrics = await metricsOf(bench);
    expect(names.map((name) => sumOf(metrics, name))).toEqual([open, open, 0]);
    return metrics;
  }, WITHIN);
}

/** The metrics, once every write is in them: what Teams has taken is measured when its answer is back. */
async function measured(bench: AppBench, writes: () => number): Promise<Told> {
  return vi.waitFor(async () => {
    const metrics = await metricsOf(bench);
    expect(sumOf(metrics, "opwatch_teams_write_duration_seconds_count")).toBe(writes());
    return metrics;
  }, WITHIN);
}
