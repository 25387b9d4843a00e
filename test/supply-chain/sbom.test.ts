import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod/v4";
import { run } from "../cli/run-opwatch.ts";
import { isOfProduction, readLockfile, readManifest } from "./lockfile.ts";
import { sbomOf } from "./sbom.ts";

const SCRIPT = fileURLToPath(new URL("write-sbom.ts", import.meta.url));

const Sbom = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.6"),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      hashes: z.array(z.object({ alg: z.literal("SHA-512"), content: z.string().length(128) })).length(1),
      licenses: z.array(z.unknown()).length(1),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

test("`npm run sbom` writes down every package of production, and no other", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "opwatch-sbom-"));
  const file = join(directory.path, "sbom.json");
  const { code, err } = await run(process.execPath, [SCRIPT, file]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const written: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { components } = Sbom.parse(written);
  const listed = components.map(({ name, version }) => `${name}@${version}`);
  const locked = readLockfile()
    .filter(isOfProduction)
    .map(({ name, version }) => `${name}@${version}`);
  expect(new Set(listed)).toEqual(new Set(locked));
  expect(listed.length).toBe(new Set(locked).size);
  expect(written).toEqual(sbomOf(readManifest(), readLockfile()));
});

test("who needs whom leads from the application to everything, and to nothing else", () => {
  const { components, dependencies } = Sbom.parse(sbomOf(readManifest(), readLockfile()));
  const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const [root] = dependencies;
  const reached = new Set<string>();
  const next = [...(root?.dependsOn ?? [])];
  for (const ref of next) {
    if (reached.has(ref)) continue;
    reached.add(ref);
    next.push(...(needs.get(ref) ?? []));
  }
  expect(reached).toEqual(new Set(components.map(({ purl }) => purl)));
});
