import { AppManifestUtils, type AppManifest } from "@microsoft/app-manifest";

import { field } from "./fields.ts";

/**
 * What the schema that it names says against it; Microsoft's schemas are in the package, so nothing is
 * fetched. The package's own converter is left out: it throws at the first thing that it does not know.
 */
export async function schemaProblems(value: unknown): Promise<readonly string[]> {
  if (!isObject(value)) return ["It is no object."];
  const schema = await AppManifestUtils.fetchSchema(String(field(value, "$schema")));
  dropUnreadablePatterns(field(schema, "patternProperties"));
  return await AppManifestUtils.validateAgainstSchema(value, schema);
}

/** The validator looks for itself. */
function isObject(value: unknown): value is AppManifest {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The schema for languages has patterns with a bracket too many (`…\b]\.description$`), which the
 * validator, reading them as Unicode, throws at. They are for activities, which we have none of.
 */
function dropUnreadablePatterns(patterns: unknown): void {
  if (typeof patterns !== "object" || patterns === null) return;
  for (const pattern of Object.keys(patterns)) {
    if (!isReadable(pattern)) Reflect.deleteProperty(patterns, pattern);
  }
}

function isReadable(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").source !== "";
  } catch {
    return false;
  }
}
