import { entries, field, keys } from "./fields.ts";

/**
 * What the actions of teamsapp*.yml take and write: the facts about them in the Toolkit's own schema,
 * resource/yaml-schema/v1.8/yaml.schema.json of @microsoft/teamsfx-core 3.1.3. The Toolkit itself has
 * 450 MB; CONTRIBUTING.md says how to ask it.
 */
type Rule = {
  readonly needs: readonly string[];
  readonly takes?: readonly string[];
  readonly mustWrite?: readonly string[];
  readonly mayWrite?: readonly string[];
};

const RULES: Readonly<Record<string, Rule>> = {
  "aadApp/create": {
    needs: ["name", "generateClientSecret", "signInAudience"],
    takes: ["serviceManagementReference", "clientSecretExpireDays", "clientSecretDescription"],
    mustWrite: ["clientId", "objectId", "clientSecret"],
    mayWrite: ["tenantId", "authority", "authorityHost"],
  },
  "arm/deploy": { needs: ["subscriptionId", "resourceGroupName", "templates"], takes: ["bicepCliVersion"] },
  "botFramework/create": {
    needs: ["botId", "name", "messagingEndpoint"],
    takes: ["description", "iconUrl", "channels"],
  },
  "cli/runNpmCommand": { needs: ["args"], takes: ["workingDirectory"] },
  "devTool/install": { needs: [], takes: ["testTool"] },
  "file/createOrUpdateEnvironmentFile": { needs: ["envs", "target"] },
  script: { needs: ["run"], takes: ["workingDirectory", "shell", "timeout", "redirectTo"] },
  "teamsApp/create": { needs: ["name"], mustWrite: ["teamsAppId"] },
  "teamsApp/publishAppPackage": { needs: ["appPackagePath"], mustWrite: ["publishedAppId"] },
  "teamsApp/update": { needs: ["appPackagePath"] },
  "teamsApp/validateAppPackage": { needs: ["appPackagePath"] },
  "teamsApp/validateManifest": { needs: ["manifestPath"] },
  "teamsApp/zipAppPackage": { needs: ["manifestPath", "outputZipPath", "outputFolder"] },
};

export function actionProblems(action: unknown): readonly string[] {
  const uses = String(field(action, "uses"));
  const rule = RULES[uses];
  if (rule === undefined) return [`${uses} is not among the actions that this table knows.`];
  const { needs, takes = [], mustWrite = [], mayWrite = [] } = rule;
  const written = field(action, "writeToEnvironmentFile");
  return [
    ...keyProblems(`${uses}:`, keys(action), ["uses", "with"], ["name", "env", "writeToEnvironmentFile"]),
    ...keyProblems(`${uses} with`, keys(field(action, "with")), needs, takes),
    ...keyProblems(`${uses} writes`, keys(written), mustWrite, mayWrite),
    ...nameProblems(uses, written ?? {}),
  ];
}

function keyProblems(
  where: string,
  found: readonly string[],
  needed: readonly string[],
  taken: readonly string[],
): readonly string[] {
  return [
    ...needed.filter((key) => !found.includes(key)).map((key) => `${where} ${key} is missing.`),
    ...found
      .filter((key) => !needed.includes(key) && !taken.includes(key))
      .map((key) => `${where} ${key} is not known.`),
  ];
}

/** A secret's name decides that the Toolkit writes it to the file that git ignores, and hides it in logs. */
function nameProblems(uses: string, written: unknown): readonly string[] {
  return entries(written).flatMap(([key, name]) => {
    const pattern = key === "clientSecret" ? /^SECRET_[A-Z0-9_]+$/u : /^(?!SECRET_)[A-Z][A-Z0-9_]*$/u;
    return pattern.test(String(name)) ? [] : [`${uses} writes ${key} to ${String(name)}.`];
  });
}
