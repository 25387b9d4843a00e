/**
 * BullMQ on Redis: one job for each watch, which delays itself from check to check (the documented
 * way to move a job into the future), with retries and BullMQ's own recovery of stalled jobs.
 */
import { DelayedError, Queue, Worker, type Job } from "bullmq";
import { Redis } from "ioredis";
import { askGraph, INTERVAL_MS, isEnd } from "./ask-graph.ts";
import { startBot, type Place } from "./bot.ts";
import { posted } from "./posted.ts";

type Data = {
  readonly location: string;
  readonly place: Place;
  readonly message: string;
  readonly shown: string;
};

const prefix = process.env["REDIS_PREFIX"] ?? "opwatch-bench";
const connect = (): Redis =>
  new Redis(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379", { maxRetriesPerRequest: null });
const queue = new Queue<Data>("checks", { connection: connect(), prefix });
const options = {
  delay: Math.ceil(Math.random() * INTERVAL_MS),
  attempts: 100,
  backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
  removeOnComplete: true,
};

const bot = await startBot(async (own, place, locations) => {
  const watches = [];
  for (const location of locations) {
    const message = await posted(() => own.post(place, location, "notStarted"));
    watches.push({
      name: "check",
      data: { location, place, message, shown: "notStarted" },
      opts: { ...options, delay: Math.ceil(Math.random() * INTERVAL_MS) },
    });
  }
  await queue.addBulk(watches);
});

async function check(job: Job<Data>, token?: string): Promise<void> {
  const { location, place, message, shown } = job.data;
  const answer = await askGraph(location);
  const due = Date.now() + INTERVAL_MS;
  if (answer.kind === "refused") {
    await job.moveToDelayed(Math.max(due, Date.now() + answer.retryAfterMs), token);
    throw new DelayedError();
  }
  if (answer.status !== shown) {
    await bot.edit(place, message, location, answer.status);
    if (isEnd(answer.status)) return;
    await job.updateData({ ...job.data, shown: answer.status });
  }
  await job.moveToDelayed(due, token);
  throw new DelayedError();
}

const worker = new Worker<Data>("checks", check, { connection: connect(), prefix, concurrency: 300 });
worker.on("error", (error) => process.stderr.write(`worker: ${error.message}\n`));
worker.on("failed", (_job, error) => process.stderr.write(`failed: ${error.message}\n`));
