import { at, entries, field, keys, list } from "./fields.ts";
import { schemaProblems } from "./schema-problems.ts";

type Language = { readonly tag: string; readonly file: string };

export function languagesOf(manifest: unknown): readonly Language[] {
  return list(at(manifest, "localizationInfo", "additionalLanguages") ?? []).map((item) => ({
    tag: String(field(item, "languageTag")),
    file: String(field(item, "file")),
  }));
}

/** What a language has to say: where it stands in the manifest, in English, and how long it may be. */
type Text = { readonly key: string; readonly english: string; readonly max: number };

/** Not the commands' titles: they are what people send, and the bot answers them in English. */
export function textsOf(manifest: unknown): readonly Text[] {
  const name = field(manifest, "name");
  const description = field(manifest, "description");
  const [menu] = list(field(list(field(manifest, "bots"))[0], "commandLists"));
  return [
    { key: "name.short", english: String(field(name, "short")), max: 30 },
    { key: "name.full", english: String(field(name, "full")), max: 100 },
    { key: "description.short", english: String(field(description, "short")), max: 80 },
    { key: "description.full", english: String(field(description, "full")), max: 4_000 },
    ...list(field(menu, "commands")).map((command, index) => ({
      key: `bots[0].commandLists[0].commands[${index}].description`,
      english: String(field(command, "description")),
      // The schema takes 4,000 since 1.21; a menu has room for what was allowed before.
      max: 128,
    })),
  ];
}

/** Why the file of a language does not say what the manifest says. */
export async function languageProblems(manifest: unknown, texts: unknown): Promise<readonly string[]> {
  const expected = textsOf(manifest);
  return [
    ...expected.flatMap((text) => textProblems(text, field(texts, text.key))),
    ...keyProblems(manifest, expected, texts),
    ...(await schemaProblems({ ...Object.fromEntries(entries(texts)), $schema: schemaOf(manifest) })),
  ];
}

function textProblems({ key, english, max }: Text, text: unknown): readonly string[] {
  if (typeof text !== "string" || text.trim() === "") return [`${key} is missing.`];
  // The app has one name; the schema demands that every language repeats it.
  if (key === "name.short") return text === english ? [] : [`${key} is "${text}", not "${english}".`];
  if (text === english) return [`${key} is English.`];
  return text.length > max ? [`${key} has ${text.length} characters; ${max} are allowed.`] : [];
}

function keyProblems(manifest: unknown, expected: readonly Text[], texts: unknown): readonly string[] {
  const known = new Set(["$schema", ...expected.map(({ key }) => key)]);
  const unknown = keys(texts).filter((key) => !known.has(key));
  const schema = field(texts, "$schema") ?? schemaOf(manifest);
  return [
    ...unknown.map((key) => `${key} is no text of the manifest.`),
    ...(schema === schemaOf(manifest) ? [] : [`$schema is not ${schemaOf(manifest)}.`]),
  ];
}

/** Both files must be of the same version: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-localization */
function schemaOf(manifest: unknown): string {
  return String(field(manifest, "$schema")).replace(
    "MicrosoftTeams.schema",
    "MicrosoftTeams.Localization.schema",
  );
}
