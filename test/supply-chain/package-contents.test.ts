import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod/v4";
import { startSandbox } from "../../src/sandbox/server.ts";
import { run } from "../cli/run-opwatch.ts";
import { readManifest } from "./lockfile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What somebody needs who runs Opwatch, and does not work on it. */
const NEEDED = /^(?:(?:bin|src|appPackage|docs)\/|(?:LICENSE|README\.md|package\.json)$)/u;
/** Not even below a folder that is needed. */
const NEVER =
  /(?:^|\/)(?:test|env|node_modules|build|\.opwatch[^/]*|\.env[^/]*)(?:\/|$)|\.(?:test\.ts|log|key|pem|tgz)$/u;

type Package = { readonly files: readonly string[]; readonly tarball: string };

async function pack(into: string): Promise<Package> {
  const { code, out, err } = await run("npm", ["pack", "--json", "--pack-destination", into, ROOT], {
    env: { HOME: process.env["HOME"] ?? into },
  });
  if (code !== 0) throw new Error(err);
  const [made] = z
    .array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }))
    .length(1)
    .parse(JSON.parse(out));
  return { files: made?.files.map(({ path }) => path) ?? [], tarball: join(into, made?.filename ?? "") };
}

/** As `npm install <tarball>` leaves it: the package below node_modules, and beside it what it needs. */
async function install(tarball: string, into: string): Promise<string> {
  const modules = join(into, "node_modules");
  const home = join(modules, "opwatch");
  mkdirSync(home, { recursive: true });
  const { code, err } = await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", home]);
  if (code !== 0) throw new Error(err);
  for (const name of Object.keys(readManifest().dependencies)) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link);
  }
  return join(home, "bin/opwatch.js");
}

describe("the tarball of `npm pack`", { timeout: 120_000 }, () => {
  test("holds what runs and what explains it, and nothing else", async () => {
    using directory = mkdtempDisposableSync(join(tmpdir(), "opwatch-pack-"));
    const { files } = await pack(directory.path);
    expect(files.filter((path) => !NEEDED.test(path) || NEVER.test(path))).toEqual([]);
    for (const path of [
      "bin/opwatch.js",
      "src/main.ts",
      "appPackage/manifest.json",
      "docs/api.md",
      "LICENSE",
    ]) {
      expect(files).toContain(path);
    }
    const migrations = readdirSync(join(ROOT, "src/store/migrations"), { recursive: true, encoding: "utf8" });
    const sql = migrations.filter((path) => path.endsWith(".sql"));
    expect(sql.length).toBeGreaterThan(0);
    for (const path of sql) expect(files).toContain(`src/store/migrations/${path}`);
  });

  test("runs where it is installed: it helps, and follows an operation to its end", async () => {
    using directory = mkdtempDisposableSync(join(tmpdir(), "opwatch-pack-"));
    await using sandbox = await startSandbox({ speed: 40, minimumIntervalMs: 0 });
    const { tarball } = await pack(directory.path);
    const opwatch = await install(tarball, directory.path);
    expect(existsSync(opwatch)).toBe(true);
    const help = await run(process.execPath, [opwatch, "--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("opwatch track");
    const { location } = sandbox.addOperation({ kind: "team", life: "quick" });
    const direct = ["--direct", "--graph-endpoint", sandbox.url, "--interval-seconds", "0.1"];
    const tracked = await run(process.execPath, [opwatch, "track", location, ...direct]);
    expect(tracked).toMatchObject({ code: 0, err: "" });
    expect(tracked.out.trimEnd().split("\n").at(-1)).toContain("succeeded");
  });
});
