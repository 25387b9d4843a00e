import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { databaseHomes } from "../homes.ts";
import { postgresPid, REDIS, redisPid } from "./processes.ts";

type Needs = "nothing" | "directory" | "postgres" | "redis";

export type Subject = {
  readonly name: string;
  readonly title: string;
  /** From this folder. */
  readonly program: string;
  readonly needs: Needs;
  readonly replicas: number;
  /** The most cards that it is asked to keep. */
  readonly most: number;
};

const PEER = { needs: "nothing", replicas: 1, most: Infinity } as const;
const OPWATCH = { program: "../../../src/main.ts", replicas: 1, most: Infinity } as const;

export const SUBJECTS: readonly Subject[] = [
  { ...PEER, name: "naive", title: "setInterval, in memory", program: "../peers/naive.ts" },
  { ...PEER, name: "staggered", title: "the same, staggered, retries", program: "../peers/staggered.ts" },
  {
    ...PEER,
    name: "json-file",
    title: "the same on a JSON file",
    program: "../peers/json-file.ts",
    needs: "directory",
  },
  { ...PEER, name: "bullmq", title: "BullMQ on Redis", program: "../peers/bullmq.ts", needs: "redis" },
  {
    ...PEER,
    name: "graphile-worker",
    title: "graphile-worker on PostgreSQL",
    program: "../peers/graphile-worker.ts",
    needs: "postgres",
  },
  { ...PEER, name: "waiters", title: "a process per waiter", program: "../peers/waiters.ts", most: 100 },
  {
    ...PEER,
    name: "communicator-model",
    title: "model of Company Communicator's sender",
    program: "../peers/communicator-model.ts",
    needs: "directory",
  },
  { ...OPWATCH, name: "opwatch-embedded", title: "Opwatch, embedded", needs: "directory" },
  { ...OPWATCH, name: "opwatch-postgres", title: "Opwatch on PostgreSQL", needs: "postgres" },
  {
    ...OPWATCH,
    name: "opwatch-replicas",
    title: "Opwatch on PostgreSQL, two replicas",
    needs: "postgres",
    replicas: 2,
  },
];

/** Where a subject keeps what it has to: an empty place for each run. */
export type Place = AsyncDisposable & {
  readonly env: Readonly<Record<string, string>>;
  /** The server that works for it; null: none. */
  readonly serverPid: number | null;
};

export function programOf(subject: Subject): string {
  return fileURLToPath(new URL(subject.program, import.meta.url));
}

export async function makePlace({ needs }: Subject): Promise<Place> {
  switch (needs) {
    case "nothing":
      return { env: {}, serverPid: null, [Symbol.asyncDispose]: () => Promise.resolve() };
    case "directory": {
      const directory = await mkdtemp(join(tmpdir(), "opwatch-bench-"));
      return {
        env: { DATA_DIR: directory },
        serverPid: null,
        [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
      };
    }
    case "postgres": {
      const home = (await databaseHomes()).find(({ name }) => name === "PostgreSQL");
      if (home === undefined) throw new Error("There is no PostgreSQL for this subject.");
      const made = await home.make();
      if (made.config.home !== "server") throw new Error("PostgreSQL's place is none.");
      const { url } = made.config;
      return {
        env: { DATABASE_URL: url },
        serverPid: await postgresPid(url),
        [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
      };
    }
    case "redis": {
      const prefix = `opwatch-bench-${randomUUID().slice(0, 8)}`;
      return {
        env: { REDIS_URL: REDIS, REDIS_PREFIX: prefix },
        serverPid: await redisPid(REDIS),
        [Symbol.asyncDispose]: () => obliterate(prefix),
      };
    }
  }
}

async function obliterate(prefix: string): Promise<void> {
  const connection = new Redis(REDIS, { maxRetriesPerRequest: null });
  const queue = new Queue("checks", { connection, prefix });
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
}
