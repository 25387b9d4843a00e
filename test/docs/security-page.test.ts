import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import * as schema from "../../src/store/schema.ts";
import { codeSpansIn, columnOf, tablesOf } from "./markdown.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/security.md`, "utf8");

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted();
}

describe("the data that is kept", () => {
  /** Table → its columns, as the database names them. */
  const kept = new Map(
    Object.values(schema)
      .filter((value) => is(value, PgTable))
      .map((table) => {
        const { name, columns } = getTableConfig(table);
        return [
          name,
          columns.map((column) => column.name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)),
        ];
      }),
  );
  const told = new Map<string, string[]>();
  const rows = tablesOf(PAGE).find(({ header }) => header[0] === "table")?.rows ?? [];
  for (const [table = "", columns = ""] of rows) {
    const [name = ""] = codeSpansIn(table);
    told.set(name, [...(told.get(name) ?? []), ...codeSpansIn(columns)]);
  }

  test("is told for every table of the schema, and for no other", () => {
    expect(kept.size).toBeGreaterThan(8);
    expect(sorted(told.keys())).toEqual(sorted(kept.keys()));
  });

  test.each([...kept])("is told for every column of %s, once", (table, columns) => {
    expect(sorted(told.get(table) ?? [])).toEqual(sorted(columns));
  });

  test("says of each what it is, about whom, and for how long", () => {
    for (const row of rows)
      expect([row[0], row.slice(2).every((cell) => cell !== "")]).toEqual([row[0], true]);
  });
});

describe("what stops a threat", () => {
  const threats = tablesOf(PAGE).find(({ header }) => header[0] === "threat")?.rows ?? [];

  test.each(threats.map(([threat = "", , where = "", tests = ""]) => ({ threat, where, tests })))(
    "$threat: is somewhere, and a test holds it",
    ({ where, tests }) => {
      const places = codeSpansIn(where);
      const holding = codeSpansIn(tests);
      expect(places.length).toBeGreaterThan(0);
      expect(holding.length).toBeGreaterThan(0);
      expect([...places, ...holding].filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
      expect(holding.filter((path) => !/^test\/.+\.(?:test|contract)\.ts$/u.test(path))).toEqual([]);
    },
  );

  test("the guard saw them", () => {
    expect(threats.length).toBeGreaterThan(20);
    expect(columnOf(PAGE, "tests")).toHaveLength(threats.length);
  });
});

test("every file of ours that the page names is there", () => {
  const named = codeSpansIn(PAGE).filter((span) => /^(?:src|test)\//u.test(span));
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
});

test("every secret of the settings has its line", () => {
  const secrets = [
    ...readFileSync(`${ROOT}src/config.ts`, "utf8").matchAll(
      /"([A-Z_]+_(?:PASSWORD|SECRET|CERTIFICATE_PATH))"/gu,
    ),
  ].map(([, name = ""]) => name);
  const told = columnOf(PAGE, "where it is").flatMap(({ cell }) => codeSpansIn(cell));
  expect(new Set(secrets).size).toBeGreaterThan(4);
  for (const name of [...secrets, "DATABASE_URL"]) expect(told).toContain(name);
});

test("the version that is supported is the one that there is", () => {
  const policy = readFileSync(`${ROOT}SECURITY.md`, "utf8");
  const manifest: unknown = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const version = String(
    typeof manifest === "object" && manifest !== null && Reflect.get(manifest, "version"),
  );
  const told = columnOf(policy, "version").map(({ cell }) => cell);
  expect(told).toContain(version.replace(/\.\d+$/u, ".x"));
});
