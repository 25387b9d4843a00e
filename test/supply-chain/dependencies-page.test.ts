import { describe, expect, test } from "vitest";
import { rowsBelow, type Row } from "./dependencies-page.ts";
import { licenceOf } from "./licences.ts";
import { readLockfile, readManifest } from "./lockfile.ts";

const manifest = readManifest();
const lockfile = readLockfile();
const direct = { ...manifest.dependencies, ...manifest.devDependencies };

function packagesIn(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => row["package"] ?? "");
}

function isLocked(name: string | undefined, version: string | undefined): boolean {
  return lockfile.some((locked) => locked.name === name && locked.version === version);
}

describe("docs/dependencies.md", () => {
  test("has a row for every direct dependency, and none for others", () => {
    const runs = packagesIn(rowsBelow("What runs"));
    expect(runs.toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
    const development = packagesIn(rowsBelow("For development"));
    expect(development.toSorted()).toEqual(Object.keys(manifest.devDependencies).toSorted());
  });

  test("tells the licence that the package tells", () => {
    const told = rowsBelow("What runs").map((row) => [row["package"], row["licence"]]);
    const top = lockfile.filter(({ path, name }) => path === `node_modules/${name}`);
    const licences = new Map(top.map((locked) => [locked.name, licenceOf(locked)]));
    expect(told).toEqual(Object.keys(manifest.dependencies).map((name) => [name, licences.get(name)]));
  });

  test("gives for a retired one a date, a successor and a reason, and for every deprecated one", () => {
    const retired = rowsBelow("Retired");
    expect(packagesIn(retired).filter((name) => direct[name] === undefined)).toEqual([]);
    for (const row of retired) {
      expect(row["since"]).toMatch(/^\d{4}(?:-\d\d-\d\d)?$/u);
      expect(row["successor"]).not.toBe("");
      expect(row["why it is here"]).not.toBe("");
    }
    const deprecated = lockfile.filter((locked) => locked.deprecated !== undefined);
    const unexplained = deprecated.filter(
      ({ path, name }) =>
        path === `node_modules/${name}` && name in direct && !packagesIn(retired).includes(name),
    );
    expect(unexplained.map(({ name }) => name)).toEqual([]);
    // Those of which we know it, whether or not the registry says so.
    expect(packagesIn(retired)).toEqual(
      expect.arrayContaining(["botbuilder", "botframework-connector", "@microsoft/teams-ai"]),
    );
  });

  test("says why each override is there, and each of them is what is locked", () => {
    const rows = rowsBelow("Overrides");
    expect(packagesIn(rows)).toEqual(Object.keys(manifest.overrides));
    for (const row of rows) {
      const name = row["package"] ?? "";
      const version = row["is"] === "ours" ? direct[name] : row["is"];
      expect(manifest.overrides[name]).toBe(row["is"] === "ours" ? `$${name}` : version);
      const versions = lockfile.filter((locked) => locked.name === name).map((locked) => locked.version);
      expect(new Set(versions)).toEqual(new Set([version]));
    }
  });

  test("keeps no row about a version that is gone", () => {
    const known = rowsBelow("Known, and still there");
    expect(known.length).toBeGreaterThan(0);
    expect(known.filter((row) => !isLocked(row["package"], row["is"]))).toEqual([]);
  });
});
