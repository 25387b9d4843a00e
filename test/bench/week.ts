/**
 * `npm run bench -- week`: a week of 10,000 watches on the embedded database, in an hour and three quarters.
 *
 * Whatever Opwatch waits for is a multiple of the check interval, so a short interval makes a short week
 * with all of its work. An operation ends after a day on the average, and another begins in its place.
 * Housekeeping is not hastened as much: it comes after sixty times the work that it comes after in reality.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { listen } from "../support/listen.ts";
import { Random, some } from "../fuzz/random.ts";
import { aBotProcess, type BotProcess } from "../support/a-bot-process.ts";
import { aMessage, type Place } from "../support/an-activity.ts";
import { createPoster, type Answer, type Poster } from "./post.ts";
import { cpuUsOf, residentMbOf } from "./process-usage.ts";
import { heading } from "./report.ts";
import { until } from "./until.ts";

const REAL_INTERVAL_MS = 31_000;
const REAL_SWEEP_MS = 5_000;
const DAY_MS = 86_400_000;
/** Housekeeping, in reality once a minute, comes once in so many simulated minutes. */
const SELDOM = 60;
const CHATS = 1_000;
const TENANTS = 50;
const TRACKS_PER_SECOND = 50;
const READINGS_PER_DAY = 4;

type Reading = {
  /** Of `performance.now()`. */
  readonly at: number;
  readonly checks: number;
  readonly cpuUs: number;
  readonly directoryMb: number;
  readonly residentMb: number;
  /** The counts of the buckets of lateness, by their upper bounds in seconds. */
  readonly late: ReadonlyMap<number, number>;
  readonly open: number;
  readonly ended: number;
};

export async function measureWeek(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      days: { type: "string", default: "7" },
      watches: { type: "string", default: "10000" },
      /** The interval of the simulation, in milliseconds. */
      interval: { type: "string", default: "310" },
      seed: { type: "string", default: "1" },
    },
  });
  const intervalMs = Number(values.interval);
  const faster = REAL_INTERVAL_MS / intervalMs;
  const watches = Number(values.watches);

  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "opwatch-week-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const poster = stack.use(createPoster());
  const sandbox = stack.use(await startSandbox({ speed: faster, minimumIntervalMs: 0, recordChecks: false }));
  const teams = stack.use(await startSink());
  const bot = stack.use(
    await aBotProcess(
      {
        GRAPH_ENDPOINT: sandbox.url,
        DATA_DIR: directory,
        GRAPH_REQUESTS_PER_SECOND: "1000000",
        GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000",
        API_REQUESTS_PER_SECOND: "100000",
        WEEK_INTERVAL_MS: String(intervalMs),
        WEEK_SWEEP_MS: String((REAL_SWEEP_MS * SELDOM) / faster),
      },
      fileURLToPath(new URL("./week-process.ts", import.meta.url)),
    ),
  );
  const chats = Array.from({ length: CHATS }, (_, i): Place => {
    return { kind: "groupChat", id: `19:week-${i}@thread.v2`, tenant: tenantOf(i) };
  });
  for (const chat of chats) {
    await poster.post(`${bot.url}/api/messages`, aMessage(teams.serviceUrl, chat, "list"));
  }
  const people = stack.use(
    startPeople(poster, bot.url, sandbox, some(chats), { seed: Number(values.seed), faster }),
  );
  const startedAt = performance.now();
  const dayMs = DAY_MS / faster;
  const at = (day: number): Promise<void> => until(startedAt + day * dayMs);
  const full = people.begin(watches);
  heading(
    `${values.days} days of ${watches.toLocaleString("en-US")} watches, one in ${dayMs / 1_000} s (${faster} times faster), on PGlite`,
  );
  let last = await read(bot, sandbox, directory, people.ended());
  for (let i = 1; i <= Number(values.days) * READINGS_PER_DAY; i += 1) {
    await Promise.race([
      at(i / READINGS_PER_DAY),
      people.failed,
      bot.ended.then(() => Promise.reject(new Error(bot.output().slice(-2_000)))),
    ]);
    const next = await read(bot, sandbox, directory, people.ended());
    say((next.at - startedAt) / dayMs, last, next);
    last = next;
  }
  await full;
}

type People = Disposable & {
  /** Tracks the first ones; whoever sees one end tracks another. */
  begin(count: number): Promise<void>;
  ended(): number;
  /** Rejects when a watch was not taken. */
  readonly failed: Promise<never>;
};

function startPeople(
  poster: Poster,
  url: string,
  sandbox: Sandbox,
  chats: readonly [Place, ...Place[]],
  { seed, faster }: { readonly seed: number; readonly faster: number },
): People {
  const random = new Random(seed);
  const timers = new Set<NodeJS.Timeout>();
  const failed = Promise.withResolvers<never>();
  let ended = 0;

  /** As a good client does it: a connection that was closed meanwhile is no reason to give up. */
  async function post(body: unknown): Promise<Answer> {
    const send = (): Promise<Answer> => poster.post(`${url}/api/watches`, body, { "idempotency-key": key });
    const key = randomUUID();
    return send().catch(send);
  }

  async function track(): Promise<void> {
    // How long things last that end at any moment with the same chance.
    const lastsMs = -Math.log(1 - random.below(1_000_000) / 1_000_000) * DAY_MS;
    const { location } = sandbox.addOperation({
      kind: "team",
      life: [
        { afterMs: 0, status: "inProgress" },
        { afterMs: lastsMs, status: "succeeded", attemptsCount: 1 },
      ],
    });
    const to = { conversation: random.pick(chats).id };
    const { status, text } = await post({ operation: location, to });
    if (status !== 202) throw new Error(`A watch was answered with ${status}: ${text.slice(0, 300)}`);
    const timer = setTimeout(() => {
      timers.delete(timer);
      ended += 1;
      track().catch(failed.reject);
    }, lastsMs / faster);
    timers.add(timer);
  }

  return {
    async begin(count) {
      const startedAt = performance.now();
      for (let i = 0; i < count; i += 1) {
        await until(startedAt + (i * 1_000) / TRACKS_PER_SECOND);
        track().catch(failed.reject);
      }
    },
    ended: () => ended,
    failed: failed.promise,
    [Symbol.dispose]: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Teams, taking every card and keeping none. */
async function startSink(): Promise<Disposable & { readonly serviceUrl: string }> {
  let count = 0;
  const { port, [Symbol.dispose]: dispose } = await listen(async (request, response) => {
    request.resume();
    await once(request, "end");
    count += 1;
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ id: `card-${count}` }));
  });
  return { serviceUrl: `http://127.0.0.1:${port}/`, [Symbol.dispose]: dispose };
}

async function read(bot: BotProcess, sandbox: Sandbox, directory: string, ended: number): Promise<Reading> {
  const metrics = await (await fetch(`${bot.url}/metrics`)).text();
  const late = metrics.matchAll(/^opwatch_check_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)$/gmu);
  return {
    at: performance.now(),
    checks: sandbox.counts().checks,
    cpuUs: cpuUsOf(bot.pid),
    directoryMb: Math.round((await sizeOf(directory)) / 2 ** 20),
    residentMb: residentMbOf(bot.pid),
    late: new Map(
      [...late].map(([, bound, count]) => [Number(String(bound).replace("+", "")), Number(count)]),
    ),
    open: Number(/^opwatch_watches_open (\d+)$/mu.exec(metrics)?.[1]),
    ended,
  };
}

function say(day: number, last: Reading, next: Reading): void {
  const checks = next.checks - last.checks;
  const row = {
    day: Number(day.toFixed(2)),
    checks: next.checks,
    perSecond: Math.round((checks / (next.at - last.at)) * 1_000),
    cpuUsEach: Math.round((next.cpuUs - last.cpuUs) / checks),
    lateP50S: quantileOf(last.late, next.late, 0.5),
    lateP99S: quantileOf(last.late, next.late, 0.99),
    directoryMb: next.directoryMb,
    residentMb: next.residentMb,
    open: next.open,
    ended: next.ended,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

/** The upper bound of the bucket that the quantile is in. */
function quantileOf(last: Reading["late"], next: Reading["late"], q: number): number {
  const since = [...next].map(([bound, count]) => [bound, count - (last.get(bound) ?? 0)] as const);
  const all = Math.max(...since.map(([, count]) => count));
  return since.find(([, count]) => count >= q * all)?.[0] ?? Number.NaN;
}

async function sizeOf(directory: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A file of the database may go while its directory is read.
    size += await stat(join(entry.parentPath, entry.name)).then(
      (it) => it.blocks * 512,
      () => 0,
    );
  }
  return size;
}

function tenantOf(index: number): string {
  return `7f8a1c52-3b0e-4d67-9a41-${String(index % TENANTS).padStart(12, "0")}`;
}
