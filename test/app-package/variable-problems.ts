import { placeholdersIn, type Variables } from "./placeholders.ts";

/** The Toolkit lets only this one be empty. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(["APP_NAME_SUFFIX"]);

/** What `provision` makes or finds out, and where else it comes from: on one's own server nobody provisions. */
const PROVISIONED: ReadonlyMap<string, string> = new Map([
  [
    "TEAMS_APP_ID",
    '`provision` writes it; on your own server it is a new GUID (docs/deploy.md, "The app in Teams")',
  ],
  [
    "BOT_ID",
    '`provision` writes it; on your own server it is the registration\'s Application (client) ID (docs/deploy.md, "Register the bot")',
  ],
  [
    "GRAPH_CLIENT_ID",
    '`provision` writes it; on your own server it is BOT_ID again, unless another application asks Graph (docs/deploy.md, "The app in Teams")',
  ],
]);

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
/** `${{BOT_ID}}`, as the Toolkit fills it in; `<the id>`, as documents have it. */
const PLACEHOLDER = /\$\{\{|^<.*>$/u;
/** Of nobody, in the place of an id that is still to be had. */
const STAND_IN = "00000000-0000-4000-8000-000000000000";

/** Why a manifest's variables can't be filled in, or would fill in what is no value. */
export function variableProblems(template: string, variables: Variables, envFile: string): readonly string[] {
  return placeholdersIn(template).flatMap((name) => {
    const problem = problemWith(name, variables[name]?.trim(), envFile);
    return problem === null ? [] : [problem];
  });
}

function problemWith(name: string, value: string | undefined, envFile: string): string | null {
  if (value === undefined) {
    const remedy = MAY_BE_EMPTY.has(name) ? `write \`${name}=\` there, which may stay empty` : remedyOf(name);
    return `${name} is not in ${envFile}, and appPackage/manifest.json uses it: ${remedy}.`;
  }
  if (value === "")
    return MAY_BE_EMPTY.has(name) ? null : `${name} in ${envFile} is empty: ${remedyOf(name)}.`;
  if (PLACEHOLDER.test(value)) {
    return `${name} in ${envFile} is still a placeholder, "${value}": ${remedyOf(name)}.`;
  }
  if (PROVISIONED.has(name) && !GUID.test(value)) {
    return `${name} in ${envFile} is "${value}", which is no GUID: ${remedyOf(name)}.`;
  }
  return null;
}

function remedyOf(name: string): string {
  if (name.startsWith("PUBLISHER_")) return "say who publishes the app";
  return PROVISIONED.get(name) ?? "write its value there, or take it out of the manifest";
}

/** As if `provision` had been there, so that all the rest can be looked at before it. */
export function withStandIns(variables: Variables): Variables {
  const empty = [...PROVISIONED.keys()].filter((name) => (variables[name] ?? "").trim() === "");
  return { ...variables, ...Object.fromEntries(empty.map((name) => [name, STAND_IN])) };
}
