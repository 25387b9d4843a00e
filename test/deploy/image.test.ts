import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { START_OPTIONS } from "../support/start-options.ts";
import packageJson from "../../package.json" with { type: "json" };
import { startHttpServer, type HttpDeps } from "../../src/http/server.ts";
import { execForm, instructionsOf, reachesBuild } from "./dockerfile.ts";
import { exists, PORT, read, unknownVariables } from "./files.ts";
import { neededBy } from "./imports.ts";

const instructions = instructionsOf(read("Dockerfile"));
const LAST = Math.max(...instructions.map(({ stage }) => stage));

function only(name: string): string | undefined {
  const found = instructions.filter((one) => one.name === name && one.stage === LAST);
  return found.length === 1 ? found[0]?.rest : undefined;
}

const copied = instructions
  .filter(({ name, rest, stage }) => name === "COPY" && stage === LAST && !rest.startsWith("--from="))
  .flatMap(({ rest }) => rest.split(" ").slice(0, -1));

describe("the image", () => {
  const needed = neededBy("src/main.ts");

  test("holds everything of ours that the bot loads, and package.json, which says that it is of modules", () => {
    const tops = new Set([...needed.files, "package.json"].map((file) => file.split("/")[0] ?? ""));
    expect(needed.files).toContain("src/store/migrations");
    expect(needed.files).toContain("src/teams/cards/status-card.json");
    expect([...tops].filter((top) => !copied.includes(top))).toEqual([]);
  });

  test("needs no package that is for development only", () => {
    const installed = Object.keys(packageJson.dependencies);
    expect(needed.packages).toContain("pg-boss");
    expect([...needed.packages].filter((name) => !installed.includes(name))).toEqual([]);
    expect(neededBy("test/deploy/files.ts").packages).toContain("yaml");
    expect(installed).not.toContain("yaml");
  });

  test("copies only what exists and reaches the build", () => {
    expect(copied).toContain("src");
    expect(copied.filter((path) => !exists(path) || !reachesBuild(path))).toEqual([]);
  });

  test("can hold no secret and no database", () => {
    const kept = [".env", "deploy", "env", ".opwatch", ".localConfigs", "node_modules", ".git"];
    expect(kept.filter((name) => reachesBuild(name))).toEqual([]);
    expect(reachesBuild("env", "*\n!env")).toBe(true);
  });

  test("has the Node that everything else runs on", () => {
    expect(instructions.find(({ name }) => name === "ARG")?.rest).toBe(
      `NODE_VERSION=${packageJson.devDependencies.node}`,
    );
    const froms = instructions.filter(({ name }) => name === "FROM").map(({ rest }) => rest.split(" ")[0]);
    expect(new Set(froms)).toEqual(new Set(["node:${NODE_VERSION}-slim"]));
  });

  test("runs the bot as its first process and not as root, so that SIGTERM reaches it", () => {
    expect([...execForm(only("ENTRYPOINT")), ...execForm(only("CMD"))]).toEqual(["node", "src/main.ts"]);
    expect(() => execForm("node src/main.ts")).toThrow("exec form");
    expect(only("STOPSIGNAL")).toBe("SIGTERM");
    expect(only("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    const order = instructions.filter(({ stage }) => stage === LAST).map(({ name }) => name);
    expect(order.lastIndexOf("RUN")).toBeLessThan(order.indexOf("USER"));
  });

  test("sets variables that the bot reads, and its port", () => {
    const pairs = (only("ENV") ?? "").matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/gu);
    const variables = new Map([...pairs].map(([, name = "", quoted, plain]) => [name, quoted ?? plain]));
    const names = [...variables.keys()];
    expect(names).toContain("DATA_DIR");
    expect(variables.get("NODE_OPTIONS")).toBe(START_OPTIONS.join(" "));
    // Node's own: some packages look at it.
    expect(unknownVariables(names)).toEqual(["NODE_ENV", "NODE_OPTIONS"]);
    expect(only("EXPOSE")).toBe(String(PORT));
  });
});

describe("its health check", () => {
  const [, , script = ""] = execForm(only("HEALTHCHECK"));

  test("ends with 0 while the bot answers", async () => {
    await using server = await startHttpServer({ host: "127.0.0.1", port: 0 }, NOTHING_BEHIND);
    expect(await exitOf(script, String(server.port))).toBe(0);
  });

  test("ends with 1 when it does not", async () => {
    const server = await startHttpServer({ host: "127.0.0.1", port: 0 }, NOTHING_BEHIND);
    await server[Symbol.asyncDispose]();
    expect(await exitOf(script, String(server.port))).toBe(1);
  });
});

const NOTHING_BEHIND: HttpDeps = {
  receive: () => Promise.reject(new Error("Nobody sends here.")),
  api: () => Promise.reject(new Error("Nobody sends here.")),
  ready: () => Promise.reject(new Error("The database is away.")),
  metrics: { contentType: "text/plain", text: () => Promise.resolve("") },
  refused: () => undefined,
  isLocal: false,
};

function exitOf(script: string, port: string): Promise<number | null> {
  return new Promise((resolve) => {
    spawn(process.execPath, ["-e", script], { env: { PORT: port } }).once("exit", resolve);
  });
}
