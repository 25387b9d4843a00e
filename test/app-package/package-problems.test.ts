import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";

import { aPackage, VARIABLES } from "./a-package.ts";
import { packageProblems } from "./package-problems.ts";
import { projectFile } from "./project-file.ts";
import { withStandIns } from "./variable-problems.ts";

describe("a package with nothing filled in", () => {
  test("names each variable, and who fills it", async () => {
    const problems = await packageProblems(aPackage(), parseEnv(projectFile("env/.env.dev")));
    expect(problems).toContain("PUBLISHER_NAME in env/.env.dev is empty: say who publishes the app.");
    expect(problems).toContain("PUBLISHER_TERMS_PAGE in env/.env.dev is empty: say who publishes the app.");
    expect(problems).toContain(
      'BOT_ID in env/.env.dev is empty: `provision` writes it; on your own server it is the registration\'s Application (client) ID (docs/deploy.md, "Register the bot").',
    );
    expect(problems).toHaveLength(7);
  });

  test("lacks before `provision` only what is not for that to write", async () => {
    const variables = withStandIns(parseEnv(projectFile("env/.env.dev")));
    const problems = await packageProblems(aPackage(), variables);
    expect(problems).toHaveLength(4);
    expect(problems.filter((problem) => !problem.startsWith("PUBLISHER_"))).toEqual([]);
    // An id that is there is looked at as ever.
    const wrong = withStandIns({ ...VARIABLES, TEAMS_APP_ID: "", BOT_ID: "abc" });
    expect(await packageProblems(aPackage(), wrong)).toEqual([expect.stringContaining("no GUID")]);
  });

  test("may go without the suffix of its name alone", async () => {
    expect(await packageProblems(aPackage(), { ...VARIABLES, APP_NAME_SUFFIX: "" })).toEqual([]);
    const { APP_NAME_SUFFIX: _, ...others } = VARIABLES;
    expect(await packageProblems(aPackage(), others)).toEqual([
      "APP_NAME_SUFFIX is not in env/.env.dev, and appPackage/manifest.json uses it: write `APP_NAME_SUFFIX=` there, which may stay empty.",
    ]);
  });
});

describe("a variable with what is no value", () => {
  test.each([
    ["BOT_ID", "${{BOT_ID}}", 'BOT_ID in env/.env.local is still a placeholder, "${{BOT_ID}}": '],
    ["GRAPH_CLIENT_ID", "<id>", 'GRAPH_CLIENT_ID in env/.env.local is still a placeholder, "<id>": '],
    ["BOT_ID", "abc", 'BOT_ID in env/.env.local is "abc", which is no GUID: '],
    ["TEAMS_APP_ID", "abc", 'TEAMS_APP_ID in env/.env.local is "abc", which is no GUID: '],
  ])("%s=%s is told with where it comes from", async (name, value, problem) => {
    const variables = { ...VARIABLES, [name]: value };
    const problems = await packageProblems(aPackage(), variables, "env/.env.local");
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toContain("on your own server");
  });

  test("is told of a publisher as well", async () => {
    const variables = { ...VARIABLES, PUBLISHER_NAME: "${{PUBLISHER_NAME}}" };
    expect(await packageProblems(aPackage(), variables)).toEqual([
      'PUBLISHER_NAME in env/.env.dev is still a placeholder, "${{PUBLISHER_NAME}}": say who publishes the app.',
    ]);
  });

  test.each([
    [undefined, "COLOR is not in env/.env.dev, and appPackage/manifest.json uses it: "],
    ["", "COLOR in env/.env.dev is empty: "],
  ])("is not put down to `provision` where it is nobody's: COLOR=%s", async (value, problem) => {
    const file = aPackage((manifest) => (manifest["accentColor"] = "${{COLOR}}"));
    expect(await packageProblems(file, { ...VARIABLES, COLOR: value })).toEqual([
      `${problem}write its value there, or take it out of the manifest.`,
    ]);
  });
});

describe("a package that asks for less", () => {
  test.each(["authorization", "localizationInfo"])("may go without %s", async (name) => {
    const file = aPackage((manifest) => delete manifest[name]);
    expect(await packageProblems(file, VARIABLES)).toEqual([]);
  });

  test("is refused without its bot, and not by a crash", async () => {
    const file = aPackage((manifest) => delete manifest["bots"]);
    expect(await packageProblems(file, VARIABLES)).toEqual([
      "appPackage/manifest.json has no bot, and Opwatch is one.",
    ]);
  });
});

describe("a package that Teams would refuse", () => {
  const refused: readonly (readonly [string, Parameters<typeof aPackage>[0], string])[] = [
    ["an id that is no GUID", (manifest) => (manifest["id"] = "opwatch"), "/id must match pattern"],
    ["a key with a slip", (manifest) => (manifest["acentColor"] = "#0C5D74"), "additional properties"],
    ["no support for channels", (manifest) => delete manifest["supportsChannelFeatures"], "must have"],
    [
      "the older list of channels",
      (manifest) => (manifest["supportedChannelTypes"] = ["sharedChannels"]),
      "supportedChannelTypes is refused",
    ],
    [
      "a permission with a slip",
      (manifest) => (manifest["authorization"] = asking("ChatSettings.Reed.Chat")),
      "ChatSettings.Reed.Chat is no resource-specific permission.",
    ],
    ["a scope in other capitals", inScope("groupchat"), "must be equal to one of the allowed values"],
  ];

  test.each(refused)("%s", async (_, change, problem) => {
    const problems = await packageProblems(aPackage(change), VARIABLES);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ["http://www.contoso.com", "no https address"],
    ["www.contoso.com", "no https address"],
    ["https://opwatch.example/privacy", "an example"],
    ["https://www.example.com/privacy", "an example"],
  ])("a page at %s", async (page, problem) => {
    const problems = await packageProblems(aPackage(), { ...VARIABLES, PUBLISHER_PRIVACY_PAGE: page });
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });

  test("a language whose file is not there", async () => {
    const additionalLanguages = [{ languageTag: "xx", file: "lang/xx.json" }];
    const file = aPackage((manifest) => {
      manifest["localizationInfo"] = { defaultLanguageTag: "en", additionalLanguages };
    });
    expect(await packageProblems(file, VARIABLES)).toEqual([
      "appPackage/lang/xx.json: Not in this package: lang/xx.json",
    ]);
  });
});

function asking(name: string): unknown {
  return { permissions: { resourceSpecific: [{ name, type: "Application" }] } };
}

function inScope(scope: string): Parameters<typeof aPackage>[0] {
  return (manifest) => {
    manifest["bots"] = [{ botId: "${{BOT_ID}}", scopes: [scope] }];
    delete manifest["supportsChannelFeatures"];
  };
}
