import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import {
  at,
  exists,
  list,
  PORT,
  read,
  readEnv,
  readYaml,
  STOPS_WITHIN_SECONDS,
  texts,
  unknownVariables,
} from "./files.ts";

const compose = readYaml("compose.yaml");
const service = (name: string, ...keys: string[]): unknown => at(compose, "services", name, ...keys);

const GUID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const REGISTRATION = { BOT_ID: GUID, BOT_TENANT_ID: GUID, BOT_PASSWORD: "secret" };

describe("compose.yaml", () => {
  test("runs two replicas that start when PostgreSQL answers, and a proxy that starts when they do", () => {
    expect(service("opwatch", "deploy", "replicas")).toBe(2);
    expect(service("opwatch", "depends_on", "database", "condition")).toBe("service_healthy");
    expect(list(service("database", "healthcheck", "test")).slice(0, 2)).toEqual(["CMD", "pg_isready"]);
    expect(service("proxy", "depends_on", "opwatch", "condition")).toBe("service_healthy");
    // Two can't have one port of the machine, nor one name.
    expect(service("opwatch", "ports")).toBeUndefined();
    expect(service("opwatch", "container_name")).toBeUndefined();
  });

  test("lets the bot write nowhere, and nobody but the bot reach the database", () => {
    expect(service("opwatch", "read_only")).toBe(true);
    expect(service("opwatch", "cap_drop")).toEqual(["ALL"]);
    expect(service("database", "networks")).toEqual(["inside"]);
    expect(service("database", "ports")).toBeUndefined();
    expect(at(compose, "networks", "inside", "internal")).toBe(true);
    expect(list(service("proxy", "networks"))).not.toContain("inside");
  });

  test("waits for longer than the bot takes to end", () => {
    expect(STOPS_WITHIN_SECONDS).toBe(9);
    expect(parseInt(String(service("opwatch", "stop_grace_period")), 10)).toBeGreaterThan(
      STOPS_WITHIN_SECONDS + 5,
    );
  });

  test("needs from .env what its example has", () => {
    const used = [...read("compose.yaml").matchAll(/\$\{(\w+)/gu)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(readEnv("deploy/compose.env.example"))));
  });

  test("gives the bot a configuration that it takes, once the registration is filled in", () => {
    expect(String(service("opwatch", "env_file"))).toBe("deploy/opwatch.env");
    const own = texts(service("opwatch", "environment"));
    const example = readEnv("deploy/opwatch.env.example");
    // The doctor's alone: src/doctor/look.ts.
    expect(unknownVariables([...Object.keys(own), ...Object.keys(example)])).toEqual(["BOT_DOMAIN"]);
    const url = (own["DATABASE_URL"] ?? "").replace(/\$\{\w+:\?[^}]*\}/u, "password");
    expect(() => readConfig({ ...example, ...own, DATABASE_URL: url })).toThrow("BOT_PASSWORD");
    const config = readConfig({ ...example, ...REGISTRATION, ...own, DATABASE_URL: url });
    expect([config.port, config.database.home]).toEqual([PORT, "server"]);
    const [, user, , database] = /\/\/(\w+):(\w+)@database:5432\/(\w+)$/u.exec(url) ?? [];
    expect([user, database]).toEqual([
      service("database", "environment", "POSTGRES_USER"),
      service("database", "environment", "POSTGRES_DB"),
    ]);
  });

  test("passes the requests of Teams and of pipelines on to the replicas, and no others", () => {
    const caddyfile = read("deploy/Caddyfile");
    expect(caddyfile).toContain("handle /api/* {");
    expect(read("src/http/server.ts")).toContain('server.post("/api/messages"');
    expect(caddyfile).toMatch(new RegExp(`name opwatch\\s+port ${PORT}\\s`, "u"));
    expect(caddyfile).toContain(`request_buffers ${maxBodyKilobytes()}KiB`);
    expect(list(service("proxy", "volumes"))).toContain("./deploy/Caddyfile:/etc/caddy/Caddyfile:ro");
  });

  test("has its secrets in files that git ignores", () => {
    const ignored = read(".gitignore").split("\n");
    expect(["/.env", "/deploy/opwatch.env"].filter((file) => !ignored.includes(file))).toEqual([]);
  });
});

describe("opwatch.service", () => {
  const unit = read("deploy/opwatch.service");
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, "mu").exec(unit)?.[1];
  const environment = parseEnv((value("Environment") ?? "").replaceAll(" ", "\n"));

  test("starts the bot with variables that it reads", () => {
    const file = (value("ExecStart") ?? "").split(" ").at(-1) ?? "";
    expect(exists(file)).toBe(true);
    expect(unknownVariables(Object.keys(environment))).toEqual(["NODE_ENV"]);
    const config = readConfig({ ...environment, ...REGISTRATION });
    expect([config.host, config.port]).toEqual(["127.0.0.1", PORT]);
  });

  test("waits for longer than the bot takes to end, and starts it again whatever ended it", () => {
    expect(Number(value("TimeoutStopSec"))).toBeGreaterThan(STOPS_WITHIN_SECONDS + 5);
    expect([value("KillSignal"), value("Restart"), value("StartLimitIntervalSec")]).toEqual([
      "SIGTERM",
      "always",
      "0",
    ]);
  });

  // With DynamicUser that directory is a symbolic link, and the embedded database can't be in one.
  test("keeps the database in a directory below the one that systemd makes", () => {
    expect(value("DynamicUser")).toBe("yes");
    expect(environment["DATA_DIR"]).toMatch(new RegExp(`^/var/lib/${value("StateDirectory")}/\\w+$`, "u"));
  });

  test("lets the bot write nowhere else", () => {
    expect(value("ProtectSystem")).toBe("strict");
    expect(value("ReadWritePaths")).toBeUndefined();
    // V8 makes code while it runs.
    expect(value("MemoryDenyWriteExecute")).toBeUndefined();
  });
});

function maxBodyKilobytes(): number {
  return Number(/MAX_BODY_BYTES = (\d+) \* 1024/u.exec(read("src/http/server.ts"))?.[1]);
}
