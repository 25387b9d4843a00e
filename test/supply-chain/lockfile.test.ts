import { expect, test } from "vitest";
import { projectFile } from "../app-package/project-file.ts";
import { readLockfile, readManifest } from "./lockfile.ts";

const manifest = readManifest();
const lockfile = readLockfile();

test("every direct dependency is one version, and that one is locked", () => {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
  const loose = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(version));
  expect(loose).toEqual([]);
  const atTop = lockfile.filter(({ path, name }) => path === `node_modules/${name}`);
  expect(Object.fromEntries(atTop.map(({ name, version }) => [name, version]))).toMatchObject(wanted);
});

test("the lockfile says what each package's bytes are, and not where they come from", () => {
  const unsure = lockfile.filter(({ integrity }) => integrity?.startsWith("sha512-") !== true);
  expect(unsure.map(({ path }) => path)).toEqual([]);
  expect(lockfile.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  expect(projectFile(".npmrc")).not.toMatch(/registry|:\/\//u);
});

test("whether a package may run a script at the install is decided for each that has one", () => {
  const scripted = lockfile.filter(({ hasInstallScript }) => hasInstallScript);
  const undecided = scripted.filter(({ name }) => manifest.allowScripts[name] === undefined);
  expect(scripted.length).toBeGreaterThan(0);
  expect(undecided.map(({ name }) => name)).toEqual([]);
  const allowed = Object.entries(manifest.allowScripts).filter(([, may]) => may);
  expect(allowed).toEqual([["node", true]]);
});
