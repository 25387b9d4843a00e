import { field, list } from "./fields.ts";
import type { PackageFile } from "./package-problems.ts";
import type { Variables } from "./placeholders.ts";
import { projectFile } from "./project-file.ts";

const GUID = "0c3f9a71-52de-4b86-8f10-6d7e24c1b5a9";

/** Whatever the manifest needs, filled in. */
export const VARIABLES: Variables = {
  APP_NAME_SUFFIX: "-dev",
  TEAMS_APP_ID: GUID,
  BOT_ID: GUID,
  GRAPH_CLIENT_ID: "8d1f6b42-9c07-4e5a-b3d8-2f60a7c9e114",
  PUBLISHER_NAME: "Contoso",
  PUBLISHER_WEBSITE: "https://www.contoso.com",
  PUBLISHER_PRIVACY_PAGE: "https://www.contoso.com/privacy",
  PUBLISHER_TERMS_PAGE: "https://www.contoso.com/terms",
};

type Change = (manifest: Record<string, unknown>) => unknown;

/** The package as it is in the project, but in English alone: the languages have their own tests. */
export function aPackage(change: Change = () => null): PackageFile {
  const manifest = {
    ...readManifest(),
    localizationInfo: { defaultLanguageTag: "en", additionalLanguages: [] },
  };
  change(manifest);
  return (path) => {
    if (path !== "manifest.json") throw new Error(`Not in this package: ${path}`);
    return JSON.stringify(manifest);
  };
}

export function readManifest(): Record<string, unknown> {
  const manifest: unknown = JSON.parse(projectFile("appPackage/manifest.json"));
  if (typeof manifest !== "object" || manifest === null) throw new Error("The manifest is no object.");
  return Object.fromEntries(Object.entries(manifest));
}

/** The bot's commands in the order of the menu. */
export function commandsOf(manifest: unknown): readonly string[] {
  const [menu] = list(field(list(field(manifest, "bots"))[0], "commandLists"));
  return list(field(menu, "commands")).map((command) => String(field(command, "title")));
}
