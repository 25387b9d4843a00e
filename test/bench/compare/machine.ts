import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import pg from "pg";
import { SERVER } from "../homes.ts";
import { REDIS, redisInfo } from "./processes.ts";
import type { Machine } from "./result.ts";

const PACKAGES = [
  "botbuilder",
  "bullmq",
  "ioredis",
  "graphile-worker",
  "pg-boss",
  "@electric-sql/pglite",
] as const;

export async function machineOf(): Promise<Machine> {
  const [first] = cpus();
  const versions: Record<string, string> = { node: process.version.slice(1) };
  for (const name of PACKAGES) versions[name] = await versionOf(name);
  versions["PostgreSQL"] = await postgresVersion();
  versions["Redis"] = /redis_version:(\S+)/u.exec(await redisInfo(REDIS).catch(() => ""))?.[1] ?? "none";
  return {
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    versions,
  };
}

async function versionOf(name: string): Promise<string> {
  const path = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
  return typeof manifest === "object" && manifest !== null
    ? String(Reflect.get(manifest, "version"))
    : "unknown";
}

async function postgresVersion(): Promise<string> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version.split(" ")[0] ?? "unknown";
  } catch {
    return "none";
  } finally {
    await client.end();
  }
}
