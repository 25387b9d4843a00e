import { describe, expect, test } from "vitest";

import packageJson from "../../package.json" with { type: "json" };
import { parseCommand } from "../../src/core/command.ts";
import { KINDS } from "../../src/core/kinds.ts";
import { aPackage, commandsOf, readManifest, VARIABLES } from "./a-package.ts";
import { field, list } from "./fields.ts";
import { packageProblems, permissionsOf } from "./package-problems.ts";
import { projectFile } from "./project-file.ts";
import { misspelt } from "./rsc-permissions.ts";

const manifest = readManifest();
const [bot] = list(field(manifest, "bots"));

describe("the manifest", () => {
  test("names the newest schema that the tools have, and nothing in it is wrong", async () => {
    expect(field(manifest, "$schema")).toContain(`/v${String(field(manifest, "manifestVersion"))}/`);
    expect(await packageProblems(aPackage(), VARIABLES)).toEqual([]);
  });

  test("has the version of the project", () => {
    expect(field(manifest, "version")).toBe(packageJson.version);
  });

  test("has the bot wherever people talk, shared and private channels among them", () => {
    const [menu] = list(field(bot, "commandLists"));
    expect(field(bot, "scopes")).toEqual(["personal", "team", "groupChat"]);
    expect(field(menu, "scopes")).toEqual(field(bot, "scopes"));
    expect(field(manifest, "supportsChannelFeatures")).toBe("tier1");
  });
});

describe("the menu of commands", () => {
  const commands = commandsOf(manifest);

  test("has every command of the bot, in the order in which they are needed", () => {
    expect(commands).toEqual(["track", "list", "status", "stop", "stop all", "alias", "help"]);
  });

  test("offers what the bot answers, each by another answer", () => {
    const answers = commands.map((command) => parseCommand(command).name);
    expect(answers).not.toContain("unknown");
    expect(new Set(answers).size).toBe(commands.length);
    expect(parseCommand("stop everything").name).not.toBe("stopAll");
    expect(parseCommand("trakc").name).toBe("unknown");
  });

  test("leaves out none that the bot answers", () => {
    const names = projectFile("src/core/command.ts").matchAll(/case "(\w+)":/gu);
    const answered = [...names].map(([, name]) => name);
    expect(answered.length).toBeGreaterThan(5);
    expect(answered.filter((name) => !commands.includes(name ?? ""))).toEqual([]);
  });
});

describe("the permissions that are granted where the app is added", () => {
  const asked = permissionsOf(manifest);

  test("exist, and those that the code and the documents tell of do as well", () => {
    const inCode = KINDS.flatMap(({ permissions }) => permissions.rsc);
    const inDocuments = projectFile("docs/permissions.md").match(/[\w.]+\.(?:Group|Chat)\b/gu) ?? [];
    expect(Math.min(inCode.length, inDocuments.length)).toBeGreaterThan(3);
    expect(misspelt([...asked, ...inCode, ...inDocuments])).toEqual([]);
    expect(misspelt(["ChatSettings.Reed.Chat"])).toEqual(["ChatSettings.Reed.Chat"]);
  });

  test("let nothing be changed", () => {
    expect(asked.filter((name) => !name.includes(".Read."))).toEqual([]);
  });

  test("are each explained, and no others", () => {
    const page = projectFile("docs/permissions.md");
    const from = page.indexOf("## Where the app is added");
    const section = page.slice(from, page.indexOf("\n## ", from + 1));
    const explained = [...section.matchAll(/^\| `([\w.]+)`/gmu)].map(([, name]) => name);
    expect(explained).toEqual(asked);
  });

  test("are asked for the application that asks Graph", () => {
    expect(field(field(manifest, "webApplicationInfo"), "id")).toBe("${{GRAPH_CLIENT_ID}}");
    expect(field(field(manifest, "webApplicationInfo"), "resource")).not.toBe("");
  });
});
