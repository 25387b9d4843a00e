import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { kindOf, KINDS, type KindFields } from "../src/core/kinds.ts";
import { phaseOf } from "../src/core/snapshot.ts";
import { EN } from "../src/teams/words/en.ts";

/**
 * Our names against Graph's own schema, as Microsoft publishes it for TypeScript. What fails here
 * after an update of those packages is new in Graph: take it into src/core/kinds.ts,
 * src/core/snapshot.ts or src/teams/words, or name it below as left out, and why.
 */
const require = createRequire(import.meta.url);
const SCHEMAS = {
  "v1.0": schema("@microsoft/microsoft-graph-types"),
  beta: schema("@microsoft/microsoft-graph-types-beta"),
} as const;
type Version = keyof typeof SCHEMAS;
const VERSIONS = ["v1.0", "beta"] as const;

function schema(name: string): string {
  const folder = require.resolve(`${name}/package.json`).replace(/package\.json$/u, "");
  return readFileSync(`${folder}microsoft-graph.d.ts`, "utf8");
}

/** The members of an enumeration: those of all namespaces that have one of this name. */
function membersOf(version: Version, name: string): ReadonlySet<string> {
  const found = [...SCHEMAS[version].matchAll(new RegExp(`type ${name} =([^;]+);`, "gu"))];
  if (found.length === 0) throw new Error(`Graph's ${version} schema has no enumeration ${name} any more.`);
  return new Set(
    found.flatMap(([, body = ""]) => [...body.matchAll(/"([^"]+)"/gu)].map(([, member = ""]) => member)),
  );
}

/** A resource's own properties and those of what it derives from. */
function propertiesOf(version: Version, name: string): ReadonlySet<string> {
  const found = new RegExp(`interface ${name}(?: extends ([\\w.]+))? \\{([\\s\\S]*?)\\n {0,4}\\}`, "u").exec(
    SCHEMAS[version],
  );
  if (found === null) throw new Error(`Graph's ${version} schema has no resource ${name} any more.`);
  const base = (found[1] ?? "").split(".").at(-1) ?? "";
  const own = [...(found[2] ?? "").matchAll(/^\s*(\w+)\??:/gmu)].map(([, property = ""]) => property);
  const inherited = base === "" || base === "Entity" ? ["id"] : propertiesOf(version, base);
  return new Set([...own, ...inherited]);
}

/** Kind → its resource, the enumeration of its status, and that of its type where it has one. */
const RESOURCES = [
  { kind: "team", resource: "TeamsAsyncOperation", status: "TeamsAsyncOperationStatus" },
  { kind: "chat", resource: "TeamsAsyncOperation", status: "TeamsAsyncOperationStatus" },
  { kind: "engagement", resource: "EngagementAsyncOperation", status: "LongRunningOperationStatus" },
  { kind: "site", resource: "RichLongRunningOperation", status: "LongRunningOperationStatus" },
  { kind: "attackSimulation", resource: "AttackSimulationOperation", status: "LongRunningOperationStatus" },
  { kind: "roleAlert", resource: "LongRunningOperation", status: "LongRunningOperationStatus" },
  { kind: "connection", resource: "ConnectionOperation", status: "ConnectionOperationStatus" },
] as const;

/** Of a namespace of its own, which the published types leave out. */
const NOT_PUBLISHED: ReadonlySet<string> = new Set(["telephoneNumber"]);

/** Read of every kind alike, beside what a kind's description names. */
const COMMON = ["id", "status", "createdDateTime", "attemptsCount", "error"];
/** Not read: it moves without progress, and stands still where there is some. */
const LEFT_OUT = ["lastActionDateTime", "tenantId"];

test("every known kind is held against a resource of the schema", () => {
  const held = new Set<string>(RESOURCES.map(({ kind }) => kind));
  expect(KINDS.map(({ name }) => name).filter((name) => !held.has(name) && !NOT_PUBLISHED.has(name))).toEqual(
    [],
  );
});

describe.each(RESOURCES)("$kind: $resource", ({ kind, resource, status }) => {
  const { statuses, fields } = kindOf(kind);

  test("has the statuses that we know, and no other", () => {
    const inSchema = new Set(VERSIONS.flatMap((version) => [...membersOf(version, status)]));
    const known = new Set(statuses);
    expect(known, `Graph's ${status} and the statuses of "${kind}" in src/core/kinds.ts differ`).toEqual(
      inSchema,
    );
  });

  test("a status is an end only where the schema means one", () => {
    const isOver = (word: string): boolean => ["succeeded", "failed", "skipped"].includes(phaseOf(word));
    expect(
      statuses.filter(isOver).every((word) => /^(?:succeeded|completed|failed|skipped)$/u.test(word)),
    ).toBe(true);
  });

  test.each(VERSIONS)("in %s has no property that we neither read nor leave out on purpose", (version) => {
    const read = new Set([...COMMON, ...LEFT_OUT, ...namesIn(fields)]);
    const unknown = [...propertiesOf(version, resource)].filter((property) => !read.has(property));
    expect(unknown, `new in ${resource}: read it, or name it in LEFT_OUT`).toEqual([]);
  });

  test.each(VERSIONS)("in %s has what its snapshot is made of", (version) => {
    const properties = propertiesOf(version, resource);
    const isThere = (names: readonly string[]): boolean =>
      names.length === 0 ||
      kind === "connection" ||
      names.some((name) => properties.has(name) || isUndeclared(name));
    expect(properties).toContain("status");
    for (const group of Object.values(fields)) {
      expect(
        isThere(group) || isOptionalHere(resource, group),
        `${resource} has none of ${group.join(", ")}`,
      ).toBe(true);
    }
  });
});

function namesIn(fields: KindFields): readonly string[] {
  return Object.values(fields).flat();
}

/** teamsAsyncOperation is an open type; these come without being declared. */
function isUndeclared(name: string): boolean {
  return name === "Value" || name === "values";
}

/** The family shares one description; the plainest members of it have neither type, target id nor percentage. */
function isOptionalHere(resource: string, group: readonly string[]): boolean {
  const optional: Readonly<Record<string, readonly string[]>> = {
    LongRunningOperation: ["type", "resourceId", "percentageComplete"],
    EngagementAsyncOperation: ["percentageComplete"],
    AttackSimulationOperation: ["resourceId"],
  };
  return group.some((name) => optional[resource]?.includes(name) === true);
}

test.each(VERSIONS)("operationError in %s is a code and a message", (version) => {
  expect([...propertiesOf(version, "OperationError")].filter((name) => name !== "id")).toEqual([
    "code",
    "message",
  ]);
});

describe("every type of operation has its own words", () => {
  const NO_TYPE = new Set(["invalid", "unknownFutureValue"]);
  const types = ["TeamsAsyncOperationType", "EngagementAsyncOperationType", "AttackSimulationOperationType"];

  test.each(types)("%s", (name) => {
    const members = VERSIONS.flatMap((version) => [...membersOf(version, name)]).filter(
      (type) => !NO_TYPE.has(type),
    );
    expect(members.length).toBeGreaterThan(0);
    const missing = members.filter((type) => !Object.hasOwn(EN.operationTypes, type));
    expect(missing, `name these in src/teams/words: ${missing.join(", ")}`).toEqual([]);
  });
});

test("the guard would see a new member and a new property", () => {
  const known = new Set(kindOf("team").statuses);
  const grown = new Set([...membersOf("v1.0", "TeamsAsyncOperationStatus"), "paused"]);
  expect(grown).not.toEqual(known);
  expect(propertiesOf("v1.0", "TeamsAsyncOperation").size).toBeGreaterThan(8);
  expect(() => membersOf("v1.0", "NoSuchThing")).toThrow("no enumeration NoSuchThing any more");
});
