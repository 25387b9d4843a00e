import { globSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { exists, read } from "./files.ts";

const PAGE = read("docs/deploy.md");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Those for `sh`, without the indent of the list that they are in. */
const BLOCKS = [...PAGE.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gmu)].map(([, indent = "", block = ""]) =>
  block.replaceAll(new RegExp(`^${indent}`, "gmu"), ""),
);

/** As far as the shell is concerned: what is quoted and what is a comment is left out. */
function bare(block: string): string {
  return block.replaceAll(/'[^']*'|"(?:\\.|[^"\\])*"|(?:^|\s)#.*$/gmu, "");
}

describe("the commands of docs/deploy.md", () => {
  test("are bash", () => {
    expect(BLOCKS.length).toBeGreaterThan(10);
    const broken = BLOCKS.filter((block) => spawnSync("bash", ["-n"], { input: block }).status !== 0);
    expect(broken).toEqual([]);
  });

  test("have no placeholder that a shell would take for a redirection", () => {
    expect(bare("APP=<id>")).toContain("<id>");
    expect(bare("APP='<id>' # <id>")).not.toContain("<id>");
    expect(BLOCKS.filter((block) => /<[a-z_ ]+>/iu.test(bare(block)))).toEqual([]);
  });

  test("run scripts of ours that are there", () => {
    const paths = PAGE.match(/\b(?:bin|deploy)\/[\w./-]+\.(?:js|sh|yaml|example)\b/gu) ?? [];
    expect(paths).toContain("deploy/opwatch.sh");
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });

  test("register every provider that the template uses", () => {
    const sources = globSync("infra/**/*.bicep", { cwd: ROOT }).map(read).join("\n");
    const used = new Set([...sources.matchAll(/'Microsoft\.(\w+)\//gu)].map(([, name]) => name));
    // Every subscription has this one.
    used.delete("Authorization");
    const told = /for provider in ([\w ]+); do/u.exec(PAGE)?.[1]?.split(" ");
    expect(new Set(told)).toEqual(used);
  });
});
