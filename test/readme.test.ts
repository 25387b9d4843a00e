import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

const README = read("README.md");

test("the README's configuration table and the code know the same variables", () => {
  const inCode = new Set(
    ["src/config.ts", "src/config-database.ts"]
      .map(read)
      .join("\n")
      .match(/"(?:[A-Z]+_)*[A-Z]+"/gu)
      ?.map((name) => name.slice(1, -1)),
  );
  const table = README.slice(
    README.indexOf("### Configuration"),
    README.indexOf("Anything missing or wrong"),
  );
  const inTable = new Set(
    [...table.matchAll(/^\| `[^|]*/gmu)].flatMap(([cell]) => cell.match(/[A-Z]+(?:_[A-Z]+)*/gu) ?? []),
  );
  expect(inTable.size).toBeGreaterThan(15);
  expect(inTable).toEqual(inCode);
});

test("every npm script that the documents name exists, and every file that they link to", () => {
  const manifest: unknown = JSON.parse(read("package.json"));
  const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(read).join("\n");
  const named = new Set([...documents.matchAll(/npm run ([a-z0-9:]+)/gu)].map(([, name]) => name));
  expect(named.size).toBeGreaterThan(5);
  for (const name of named) expect(manifest).toHaveProperty(["scripts", name ?? ""]);
  for (const [, path] of documents.matchAll(/\]\((?!https?:)([^)#]+)\)/gu)) {
    expect(() => read(path ?? "")).not.toThrow();
  }
});
