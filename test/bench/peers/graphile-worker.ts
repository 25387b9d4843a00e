/**
 * graphile-worker on PostgreSQL: one job for each watch, which adds its successor under the same key,
 * with the settings for batches that its documentation recommends. It holds the jobs of a dead
 * worker for four hours; so this one frees them when it starts, as its administration functions allow.
 */
import { makeWorkerUtils, run, type Task } from "graphile-worker";
import { Pool } from "pg";
import { randomUUID } from "node:crypto";
import { askGraph, INTERVAL_MS, isEnd } from "./ask-graph.ts";
import { startBot, type Place } from "./bot.ts";
import { posted } from "./posted.ts";

type Data = {
  readonly key: string;
  readonly location: string;
  readonly place: Place;
  readonly message: string;
  readonly shown: string;
};

const CONCURRENCY = 300;
const pool = new Pool({ connectionString: process.env["DATABASE_URL"], max: 20 });
pool.on("error", (error) => process.stderr.write(`pool: ${error.message}\n`));
const preset = {
  worker: {
    concurrentJobs: CONCURRENCY,
    pollInterval: 500,
    localQueue: { size: CONCURRENCY + 1, refetchDelay: { durationMs: 50 } },
    completeJobBatchDelay: 50,
    failJobBatchDelay: 50,
  },
};
const utils = await makeWorkerUtils({ pgPool: pool });
await utils.migrate();
const { rows } = await pool.query<{ locked_by: string }>(
  "select distinct locked_by from graphile_worker.jobs where locked_by is not null",
);
if (rows.length > 0) await utils.forceUnlockWorkers(rows.map((row) => row.locked_by));

const again = (
  data: Data,
  at: number,
): { identifier: string; payload: Data; jobKey: string; runAt: Date } => ({
  identifier: "check",
  payload: data,
  jobKey: data.key,
  runAt: new Date(at),
});

const check: Task<"check"> = async (payload, helpers) => {
  const data = payload;
  if (!isData(data)) throw new Error("The job is none of ours.");
  const { location, place, message, shown } = data;
  const answer = await askGraph(location);
  const due = Date.now() + INTERVAL_MS;
  let next = data;
  let at = due;
  if (answer.kind === "refused") {
    at = Math.max(due, Date.now() + answer.retryAfterMs);
  } else if (answer.status !== shown) {
    await bot.edit(place, message, location, answer.status);
    if (isEnd(answer.status)) return;
    next = { ...data, shown: answer.status };
  }
  const { identifier, payload: successor, ...spec } = again(next, at);
  await helpers.addJob(identifier, successor, spec);
};

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && "location" in value && "message" in value;
}

const bot = await startBot(async (own, place, locations) => {
  const jobs = [];
  for (const location of locations) {
    const message = await posted(() => own.post(place, location, "notStarted"));
    const data = { key: randomUUID(), location, place, message, shown: "notStarted" };
    jobs.push(again(data, Date.now() + Math.random() * INTERVAL_MS));
  }
  await utils.addJobs(jobs);
});
await run({ preset, pgPool: pool, taskList: { check }, noHandleSignals: true });
