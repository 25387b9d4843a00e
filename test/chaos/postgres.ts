import { execFile, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { existsSync, globSync, chownSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** A PostgreSQL cluster of our own, which may be treated badly. */
export type Cluster = AsyncDisposable & {
  readonly port: number;
  /** As a crash would: nothing is written out, and it recovers at the next start. */
  stopHard(): Promise<void>;
  start(): Promise<void>;
  /** Ends the connections of all clients; how many. */
  terminateBackends(): Promise<number>;
  /** Kills one server process: PostgreSQL then throws out everybody and recovers. */
  crashBackend(): Promise<void>;
};

export const DATABASE = "opwatch";

/** Where PostgreSQL's programs are, or null. */
export function findPostgres(): string | null {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "pg_ctl"));
  const installed = globSync([
    "/usr/lib/postgresql/*/bin/pg_ctl",
    "/usr/pgsql-*/bin/pg_ctl",
    "/opt/homebrew/opt/postgresql*/bin/pg_ctl",
    "/usr/local/pgsql/bin/pg_ctl",
  ]).toSorted();
  const found = [...onPath, ...installed.toReversed()].find((path) => {
    return existsSync(path) && existsSync(join(dirname(path), "initdb"));
  });
  return found === undefined ? null : dirname(found);
}

export async function startCluster(binaries: string): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "opwatch-chaos-pg-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const user = await somebodyElse();
  if (user !== null) chownSync(directory, user.uid, user.gid);
  await chmod(directory, 0o700);
  const data = join(directory, "data");
  const port = await freePort();
  const as = user ?? {};
  await run(
    join(binaries, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
    as,
  );
  const options = [
    `-p ${port}`,
    `-k ${directory}`,
    "-c listen_addresses=127.0.0.1",
    // It dies, but the machine does not lose its power.
    "-c fsync=off",
    "-c logging_collector=off",
  ].join(" ");

  async function start(): Promise<void> {
    await pgCtl(["start", "-w", "-t", "60", "-D", data, "-l", join(directory, "log"), "-o", options]);
  }

  async function stop(mode: "immediate" | "fast"): Promise<void> {
    await pgCtl(["stop", "-w", "-m", mode, "-D", data]);
  }

  /** Its children keep what is inherited open, so there is nothing to inherit. */
  function pgCtl(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(binaries, "pg_ctl"), args, { ...as, stdio: "ignore" });
      child.once("error", reject);
      child.once("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`pg_ctl ${args[0] ?? ""} ended with ${code}.`));
      });
    });
  }

  async function ask(statement: string, database = "postgres"): Promise<readonly unknown[]> {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database });
    client.on("error", () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(statement);
      return rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  await start();
  stack.defer(() => stop("immediate").catch(() => undefined));
  await ask(`create database ${DATABASE}`);
  const OTHERS = `from pg_stat_activity where datname = '${DATABASE}' and backend_type = 'client backend'`;
  const opened = stack.move();
  return {
    port,
    stopHard: () => stop("immediate"),
    start,
    terminateBackends: async () => (await ask(`select pg_terminate_backend(pid) ${OTHERS}`)).length,
    async crashBackend() {
      const [row] = await ask(`select pid ${OTHERS} limit 1`);
      const pid: unknown = typeof row === "object" && row !== null ? Reflect.get(row, "pid") : null;
      if (typeof pid === "number") process.kill(pid, "SIGKILL");
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** PostgreSQL does not run as root. */
async function somebodyElse(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all(["-u", "-g"].map((which) => run("id", [which, name]))).catch(() => null);
    if (ids !== null) return { uid: Number(ids[0]?.stdout), gid: Number(ids[1]?.stdout) };
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
