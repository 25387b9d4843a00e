import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/** Folder → what it may import, beside itself. `node:` stands for all of Node's own modules. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  flows: ["core"],
  identity: ["@azure/identity", "jose"],
  graph: ["core", "identity"],
  store: ["core", "flows", "node:", "drizzle-orm", "pg", "pg-boss", "@electric-sql/pglite"],
  teams: [
    "core",
    "flows",
    "identity",
    "node:",
    "botbuilder",
    "botframework-connector",
    "@microsoft/teams-ai",
    "adaptivecards-templating",
    "jose",
  ],
  http: ["restify"],
  api: ["core", "flows", "identity", "node:", "zod", "jose"],
  callbacks: ["flows", "node:"],
  cli: ["core", "graph", "identity", "api", "doctor", "admin", "node:"],
  sandbox: ["node:"],
  demo: ["sandbox", "node:"],
  admin: [".", "core", "store", "node:"],
  doctor: [".", "core", "graph", "store", "teams"],
  // The files beside the folders: the composition root and what it is configured by.
  ".": [
    "core",
    "flows",
    "identity",
    "graph",
    "store",
    "teams",
    "http",
    "api",
    "callbacks",
    "node:",
    "pino",
    "prom-client",
    "@opentelemetry/api",
    "@azure/monitor-opentelemetry-exporter",
    "@opentelemetry/sdk-trace",
    "@opentelemetry/exporter-trace-otlp-http",
    "@opentelemetry/resources",
  ],
};

type Import = { readonly file: string; readonly from: string; readonly to: string };

function folderOf(file: string): string {
  const [first = "", second] = relative(SRC, file).split(sep);
  return second === undefined ? "." : first;
}

function importsIn(file: string, source: string): readonly Import[] {
  const statements =
    /^(?:import|export)\b[^"';=]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gmu;
  return [...source.matchAll(statements)].map(([, from, bare, dynamic]) =>
    toImport(file, from ?? bare ?? dynamic ?? ""),
  );
}

function toImport(file: string, specifier: string): Import {
  return {
    file: relative(SRC, file),
    from: folderOf(file),
    to: specifier.startsWith(".") ? folderOf(join(dirname(file), specifier)) : packageOf(specifier),
  };
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return "node:";
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function isForbidden({ from, to }: Import): boolean {
  return from !== to && !(ALLOWED[from] ?? []).includes(to);
}

const files = globSync("**/*.ts", { cwd: SRC }).map((file) => join(SRC, file));
const imports = files.flatMap((file) => importsIn(file, readFileSync(file, "utf8")));

test("every folder imports only what the table allows", () => {
  expect(imports.filter(isForbidden)).toEqual([]);
});

test("the table and the folders are the same", () => {
  expect(new Set(files.map(folderOf))).toEqual(new Set(Object.keys(ALLOWED)));
});

test("the guard sees imports, and would see a forbidden one", () => {
  expect(imports.length).toBeGreaterThan(150);
  const seen = importsIn(
    join(SRC, "core/x.ts"),
    'import fs from "node:fs";\nimport type { A } from "../store/a.ts";',
  );
  expect(seen.filter(isForbidden).map(({ to }) => to)).toEqual(["node:", "store"]);
});
