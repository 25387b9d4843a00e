import { at, field, list } from "./fields.ts";
import { languageProblems, languagesOf } from "./language-problems.ts";
import { filled, type Variables } from "./placeholders.ts";
import { misspelt } from "./rsc-permissions.ts";
import { schemaProblems } from "./schema-problems.ts";
import { variableProblems } from "./variable-problems.ts";

/** Reads a file of appPackage/. */
export type PackageFile = (path: string) => string;

/** Why Teams would refuse, or people should not see, the app package that the variables of this file make. */
export async function packageProblems(
  file: PackageFile,
  variables: Variables,
  envFile = "env/.env.dev",
): Promise<readonly string[]> {
  const template = file("manifest.json");
  // What is in the manifest's place of a variable would only be told again, in the schema's words.
  const missing = variableProblems(template, variables, envFile);
  if (missing.length > 0) return missing;
  const manifest: unknown = JSON.parse(filled(template, variables));
  const languages = languagesOf(manifest).map(async ({ file: path }) => {
    const problems = await languageFileProblems(file, variables, manifest, path);
    return problems.map((problem) => `appPackage/${path}: ${problem}`);
  });
  return [
    ...(await schemaProblems(manifest)).map((problem) => `appPackage/manifest.json: ${problem}`),
    ...(at(manifest, "bots") === undefined
      ? ["appPackage/manifest.json has no bot, and Opwatch is one."]
      : []),
    ...pageProblems(manifest),
    ...channelProblems(manifest),
    ...misspelt(permissionsOf(manifest)).map((name) => `${name} is no resource-specific permission.`),
    ...(await Promise.all(languages)).flat(),
  ];
}

/** Set apart for examples: https://www.rfc-editor.org/rfc/rfc2606 */
const RESERVED = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|invalid|localhost|test)$/u;

/** The schema takes http, and any host. */
function pageProblems(manifest: unknown): readonly string[] {
  const developer = field(manifest, "developer");
  return ["websiteUrl", "privacyUrl", "termsOfUseUrl"].flatMap((name) => {
    const value = String(field(developer, name));
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.protocol !== "https:") return `developer.${name} is "${value}", which is no https address.`;
    return RESERVED.test(url.hostname) ? `developer.${name} is "${value}", which is an example.` : [];
  });
}

/**
 * The schema lets it be left out, but Teams refuses the upload: "Applications with manifest version
 * 1.25 or higher that support the 'team' scope must include the 'supportsChannelFeatures' property".
 * The older property is refused beside it: https://github.com/MicrosoftDocs/msteams-docs/pull/14609
 */
function channelProblems(manifest: unknown): readonly string[] {
  const scopes = list(at(manifest, "bots") ?? []).flatMap((bot) => list(at(bot, "scopes") ?? []));
  const isMissing = scopes.includes("team") && field(manifest, "supportsChannelFeatures") !== "tier1";
  const isOld = field(manifest, "supportedChannelTypes") !== undefined;
  return [
    ...(isMissing ? ["An app for teams must have supportsChannelFeatures: tier1."] : []),
    ...(isOld ? ["supportedChannelTypes is refused: supportsChannelFeatures took its place."] : []),
  ];
}

/** None, where `authorization` was taken out of the manifest: docs/permissions.md tells when. */
export function permissionsOf(manifest: unknown): readonly string[] {
  const asked = list(at(manifest, "authorization", "permissions", "resourceSpecific") ?? []);
  return asked.map((item) => String(field(item, "name")));
}

async function languageFileProblems(
  file: PackageFile,
  variables: Variables,
  manifest: unknown,
  path: string,
): Promise<readonly string[]> {
  try {
    return await languageProblems(manifest, JSON.parse(filled(file(path), variables)));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
