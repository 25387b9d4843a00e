import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import pg from "pg";

/** Linux counts CPU in hundredths of a second. */
const TICK_MS = 10;

type Stat = {
  readonly pid: number;
  readonly parent: number;
  readonly ownMs: number;
  readonly withDeadMs: number;
};

/** Null where there is no such process, or no /proc. */
export function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
    const ownMs = (user + system) * TICK_MS;
    return { pid, parent: fields[1] ?? 0, ownMs, withDeadMs: ownMs + (childUser + childSystem) * TICK_MS };
  } catch {
    return null;
  }
}

/** A process and all that it started. */
function family(root: number): readonly Stat[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const byParent = Map.groupBy(all, ({ parent }) => parent);
  const found = all.filter(({ pid }) => pid === root);
  for (const stat of found) found.push(...(byParent.get(stat.pid) ?? []));
  return found;
}

/** CPU that these processes and their children have used, the dead ones included. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.flatMap(family).reduce((sum, { withDeadMs }) => sum + withDeadMs, 0);
}

/** How long the main threads of these processes were ready to run and had no processor: a busy machine measures itself. */
export function waitedMsOf(pids: readonly number[]): number {
  return pids.flatMap(family).reduce((sum, { pid }) => sum + waitedMs(pid), 0);
}

function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1] ?? 0) / 1e6;
  } catch {
    return 0;
  }
}

/** Memory of these processes and their children, with what they share counted once. */
export function memoryMbOf(pids: readonly number[]): number {
  let own = 0;
  let shared = 0;
  for (const { pid } of pids.flatMap(family)) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    } catch {
      continue;
    }
    const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "mu").exec(text)?.[1] ?? 0);
    own += kb("Private_Clean") + kb("Private_Dirty");
    shared = Math.max(shared, kb("Shared_Clean") + kb("Shared_Dirty"));
  }
  return Math.round((own + shared) / 1_024);
}

/** The process that all of PostgreSQL's others are children of. */
export async function postgresPid(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const parent = statOf(rows[0]?.pid ?? 0)?.parent ?? 0;
  await client.end();
  return parent;
}

export const REDIS = process.env["BENCH_REDIS_URL"] ?? "redis://127.0.0.1:6379";

export async function redisPid(url: string): Promise<number> {
  return Number(/process_id:(\d+)/u.exec(await redisInfo(url))?.[1] ?? 0);
}

export function redisInfo(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write("INFO server\r\n"));
    socket.on("error", reject);
    socket.once("data", (data: Buffer) => {
      socket.destroy();
      resolve(data.toString("utf8"));
    });
  });
}
