import { z } from "zod/v4";
import { projectFile } from "../app-package/project-file.ts";

const Versions = z.record(z.string(), z.string()).default({});

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: Versions,
  devDependencies: Versions,
  overrides: z.record(z.string(), z.unknown()).default({}),
  allowScripts: z.record(z.string(), z.boolean()).default({}),
});

const Entry = z.object({
  name: z.string().optional(),
  version: z.string().default(""),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  license: z.string().optional(),
  deprecated: z.string().optional(),
  dev: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  optional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  dependencies: Versions,
  optionalDependencies: Versions,
  peerDependencies: Versions,
});

export type Manifest = z.infer<typeof Manifest>;
type Entry = z.infer<typeof Entry>;

/** A package where npm puts it, say `node_modules/restify/node_modules/mime`. */
export type Locked = Entry & { readonly name: string; readonly path: string };

export function readManifest(): Manifest {
  return Manifest.parse(JSON.parse(projectFile("package.json")));
}

/** Every package of package-lock.json, without the project itself. */
export function readLockfile(): readonly Locked[] {
  const { packages } = z
    .object({ packages: z.record(z.string(), Entry) })
    .parse(JSON.parse(projectFile("package-lock.json")));
  return Object.entries(packages).flatMap(([path, entry]) =>
    path === "" ? [] : [{ ...entry, path, name: entry.name ?? nameIn(path) }],
  );
}

/** What is there after `npm ci --omit=dev`. */
export function isOfProduction({ dev, devOptional }: Locked): boolean {
  return !dev && !devOptional;
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}
