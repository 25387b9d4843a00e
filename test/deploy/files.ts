import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { readConfig, type Environment } from "../../src/config.ts";

const ROOT = new URL("../../", import.meta.url);

export function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

export function exists(path: string): boolean {
  return existsSync(new URL(path, ROOT));
}

export function readYaml(path: string): unknown {
  return parse(read(path), { merge: true });
}

export function readEnv(path: string): Environment {
  return parseEnv(read(path));
}

/** What is found by following the keys; undefined when there is no such thing. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.entries(found).find(([name]) => name === String(key))?.[1];
  }
  return found;
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`Not a list: ${JSON.stringify(value)}`);
  return value;
}

export function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) throw new Error(`Not a mapping: ${String(value)}`);
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

/** Every variable that the code asks for, told by the code itself: it is watched while it reads. */
const VARIABLES: ReadonlySet<string> = new Set(
  [
    {},
    { OPWATCH_LOCAL: "1" },
    { BOT_TYPE: "UserAssignedMSI" },
    { DATABASE_URL: "postgres://127.0.0.1/opwatch" },
  ].flatMap((env: Environment) => namesRead(env)),
);

function namesRead(env: Environment): readonly string[] {
  const names: string[] = [];
  const watched = new Proxy(env, {
    get(target, name) {
      names.push(String(name));
      return typeof name === "string" ? target[name] : undefined;
    },
  });
  try {
    readConfig(watched);
  } catch {
    // What is missing was asked for as well.
  }
  return names;
}

/** Names that the code does not know, and would not miss. */
export function unknownVariables(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => !VARIABLES.has(name));
}

/** The code's own constant: from SIGTERM to the end, at most. */
export const STOPS_WITHIN_SECONDS =
  Number(/STOP_WITHIN_MS = ([\d_]+)/u.exec(read("src/run.ts"))?.[1]?.replaceAll("_", "")) / 1000;

export const PORT = readConfig({ OPWATCH_LOCAL: "1" }).port;
export const PATHS = [...read("src/http/server.ts").matchAll(/server\.get\("(\/\w+)"/gu)].map(
  ([, path]) => path,
);
