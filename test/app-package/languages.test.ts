import { describe, expect, test } from "vitest";

import { readManifest, VARIABLES } from "./a-package.ts";
import { languageProblems, languagesOf, textsOf } from "./language-problems.ts";
import { filled } from "./placeholders.ts";
import { projectFile } from "./project-file.ts";

const manifest: unknown = JSON.parse(filled(projectFile("appPackage/manifest.json"), VARIABLES));

test("the app speaks English, and seven languages beside it", () => {
  expect(readManifest()["localizationInfo"]).toHaveProperty("defaultLanguageTag", "en");
  expect(languagesOf(manifest).map(({ tag }) => tag)).toEqual([
    "de",
    "fr",
    "es",
    "pt-br",
    "ja",
    "zh-cn",
    "ar",
  ]);
});

test.each(languagesOf(manifest))("$tag says everything that the manifest says", async ({ tag, file }) => {
  expect(file).toBe(`lang/${tag}.json`);
  const texts: unknown = JSON.parse(filled(projectFile(`appPackage/${file}`), VARIABLES));
  expect(await languageProblems(manifest, texts)).toEqual([]);
});

describe("of a language's file is told", () => {
  const whole = Object.fromEntries(
    textsOf(manifest).map(({ key, english }) => [key, key === "name.short" ? english : `«${english}»`]),
  );
  const help = "bots[0].commandLists[0].commands[6].description";

  test("nothing when it is whole", async () => {
    expect(Object.keys(whole)).toHaveLength(11);
    expect(await languageProblems(manifest, whole)).toEqual([]);
  });

  test("a text that it lacks", async () => {
    const { [help]: _, ...others } = whole;
    expect(await languageProblems(manifest, others)).toEqual([`${help} is missing.`]);
  });

  test("a name that it lacks, which the schema minds as well", async () => {
    const { ["name.short"]: _, ...others } = whole;
    const problems = await languageProblems(manifest, others);
    expect(problems[0]).toBe("name.short is missing.");
    expect(problems[1]).toContain("must have required property 'name.short'");
  });

  test("a text left in English", async () => {
    const texts = { ...whole, [help]: "Show the commands, with examples" };
    expect(await languageProblems(manifest, texts)).toEqual([`${help} is English.`]);
  });

  test("a text that is too long", async () => {
    const texts = { ...whole, "description.short": "x".repeat(81), [help]: "x".repeat(129) };
    expect(await languageProblems(manifest, texts)).toEqual([
      "description.short has 81 characters; 80 are allowed.",
      `${help} has 129 characters; 128 are allowed.`,
      expect.stringContaining("must NOT have more than 80 characters"),
    ]);
  });

  test("another name of the app", async () => {
    const texts = { ...whole, "name.short": "Opwatch" };
    expect(await languageProblems(manifest, texts)).toEqual(['name.short is "Opwatch", not "Opwatch-dev".']);
  });

  test("a key that the manifest does not have, a command's title among them", async () => {
    const title = "bots[0].commandLists[0].commands[0].title";
    const texts = { ...whole, [title]: "verfolgen", "description.sort": "x" };
    expect(await languageProblems(manifest, texts)).toEqual([
      `${title} is no text of the manifest.`,
      "description.sort is no text of the manifest.",
      expect.stringContaining("must NOT have additional properties"),
    ]);
  });

  test("the schema of another version", async () => {
    const $schema =
      "https://developer.microsoft.com/en-us/json-schemas/teams/v1.25/MicrosoftTeams.Localization.schema.json";
    expect(await languageProblems(manifest, { ...whole, $schema })).toEqual([
      expect.stringContaining("$schema is not"),
    ]);
  });
});
