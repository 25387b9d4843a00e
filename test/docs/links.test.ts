import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { anchorsOf, linksOf } from "./markdown.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** docs/benchmark is written by a run, with all that it links to. */
const PAGES = [...globSync("docs/*.md", { cwd: ROOT }), "SECURITY.md"];
/** What they link to is held by test/readme.test.ts, but for the places within a page. */
const ROOT_PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/** The links of a page that lead nowhere: to no file, or to no heading of it. */
function brokenLinks(page: string, source: string): readonly string[] {
  return linksOf(source).filter((link) => {
    const [path = "", anchor] = link.split("#", 2);
    if (path === "") return !anchorsOf(source).has(anchor ?? "");
    const target = join(dirname(page), decodeURIComponent(path));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && extname(target) === ".md" && !anchorsOf(read(target)).has(anchor);
  });
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

test.each(PAGES)("%s links to files and headings that are there", (page) => {
  expect(brokenLinks(page, read(page))).toEqual([]);
});

test.each(ROOT_PAGES)("%s links to headings that are there", (page) => {
  const broken = brokenLinks(page, read(page)).filter((link) => {
    const [path = ""] = link.split("#", 1);
    return link.includes("#") && (path === "" || existsSync(join(ROOT, path)));
  });
  expect(broken).toEqual([]);
});

test("the guard sees links, and would see a broken one", () => {
  expect(PAGES.length).toBeGreaterThan(5);
  expect(PAGES.flatMap((page) => linksOf(read(page))).length).toBeGreaterThan(50);
  const source =
    "# A page\n\n[a](#a-page) [b](#b) [c](security.md#data-that-is-kept) [d](nothing.md) `[e](e.md)`\n";
  expect(brokenLinks("docs/a.md", source)).toEqual(["#b", "nothing.md"]);
});
