import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { field, list } from "./fields.ts";
import { placeholdersIn } from "./placeholders.ts";
import { projectFile } from "./project-file.ts";
import { actionProblems } from "./toolkit-actions.ts";

/** What somebody beside the project's own actions puts into an environment. */
const projects = [
  {
    file: "teamsapp.yml",
    env: "env/.env.dev",
    // The publisher's are the deployer's to fill; `provision` asks for the others.
    given: [
      "PUBLISHER_NAME",
      "PUBLISHER_WEBSITE",
      "PUBLISHER_PRIVACY_PAGE",
      "PUBLISHER_TERMS_PAGE",
      "AZURE_SUBSCRIPTION_ID",
      "AZURE_RESOURCE_GROUP_NAME",
      "RESOURCE_SUFFIX",
    ],
  },
  // The dev tunnel's: .vscode/tasks.json.
  { file: "teamsapp.local.yml", env: "env/.env.local", given: ["BOT_ENDPOINT", "BOT_DOMAIN"] },
  { file: "teamsapp.testtool.yml", env: "env/.env.testtool", given: [] },
] as const;

describe.each(projects)("$file", ({ file, env, given }) => {
  const project: unknown = parse(projectFile(file));
  const variables = parseEnv(projectFile(env));
  const actions = ["provision", "deploy", "publish"].flatMap((stage) => list(field(project, stage) ?? []));

  test("is in the format that both generations of the Toolkit read", () => {
    expect(field(project, "version")).toBe("v1.8");
    expect(field(project, "environmentFolderPath")).toBe("./env");
  });

  test("uses actions that the Toolkit has, as it wants them used", () => {
    expect(actions.length).toBeGreaterThan(2);
    expect(actions.flatMap(actionProblems)).toEqual([]);
  });

  test("uses each variable after something has set it", () => {
    expect(unset(actions, variables, given)).toEqual([]);
    const slip = { uses: "script", with: { run: "echo ${{BOT_IDD}}" } };
    expect(unset([...actions, slip], variables, given)).toEqual(["BOT_IDD"]);
  });

  test("fills what the environment leaves empty, and says there what it fills", () => {
    const written = new Set<string>([...given, ...actions.flatMap(writtenBy)]);
    const empty = Object.keys(variables).filter((name) => variables[name] === "");
    expect(empty.filter((name) => !written.has(name))).toEqual([]);
    const known = Object.keys(variables);
    const untold = [...written].filter((name) => !known.includes(name) && !name.startsWith("SECRET_"));
    expect(untold).toEqual([]);
  });

  test("leaves secrets to the file that git ignores", () => {
    expect(variables["TEAMSFX_ENV"]).toBe(env.replace("env/.env.", ""));
    expect(Object.keys(variables).filter((name) => /SECRET|PASSWORD/u.test(name))).toEqual([]);
    expect(projectFile(".gitignore")).toContain("env/.env.*.user");
  });
});

describe("a deployment to Azure", () => {
  const deploy = list(field(parse(projectFile("teamsapp.yml")), "deploy"));

  test("needs only Node and the Azure CLI, and hangs on no test", () => {
    const uses = deploy.map((action) => String(field(action, "uses")));
    expect(uses).toEqual(["script", "script", "arm/deploy"]);
    expect(JSON.stringify(deploy)).not.toMatch(/\bnp[mx]\b/u);
  });

  test("installs in the image what runs there", () => {
    expect(projectFile("Dockerfile")).toContain("npm ci --omit=dev");
  });
});

describe("the table of actions", () => {
  const validate = { uses: "teamsApp/validateManifest", with: { manifestPath: "x" } };
  const register = {
    uses: "aadApp/create",
    with: { name: "x", generateClientSecret: true, signInAudience: "AzureADMyOrg" },
    writeToEnvironmentFile: { clientId: "BOT_ID", objectId: "BOT_OBJECT_ID", clientSecret: "SECRET_X" },
  };

  test("tells an action that does not exist, and a key that is missing or misspelt", () => {
    expect([validate, register].flatMap(actionProblems)).toEqual([]);
    expect(actionProblems({ ...validate, uses: "teamsApp/validate" })).toHaveLength(1);
    expect(actionProblems({ ...validate, with: { manifest: "x" } })).toEqual([
      "teamsApp/validateManifest with manifestPath is missing.",
      "teamsApp/validateManifest with manifest is not known.",
    ]);
    expect(actionProblems({ ...validate, whit: {} })).toEqual([
      "teamsApp/validateManifest: whit is not known.",
    ]);
  });

  test("tells a secret that would be written where git sees it", () => {
    const writeToEnvironmentFile = { ...register.writeToEnvironmentFile, clientSecret: "BOT_PASSWORD" };
    expect(actionProblems({ ...register, writeToEnvironmentFile })).toEqual([
      "aadApp/create writes clientSecret to BOT_PASSWORD.",
    ]);
  });
});

describe("infra/azure.bicep", () => {
  const template = (): string => projectFile("infra/azure.bicep");
  const parameters = (): string => projectFile("infra/azure.parameters.json");

  test("gives the outputs that the environment has variables for, and no others", () => {
    const outputs = [...template().matchAll(/^output (\w+) /gmu)].map(([, name]) => name);
    expect(new Set(outputs)).toEqual(new Set(OUTPUTS));
  });

  test("has parameters from variables that are set by then, secrets among them", () => {
    const env = projectFile("env/.env.dev");
    const provision = list(field(parse(projectFile("teamsapp.yml")), "provision"));
    const at = provision.findIndex((action) => field(action, "uses") === "arm/deploy");
    // With one action more, that uses what the parameters use.
    const arm = { uses: "script", with: { run: parameters() } };
    const missing = unset([...provision.slice(0, at), arm], parseEnv(env), projects[0].given);
    // Whoever deploys puts these into env/.env.dev.user.
    expect(missing.filter((name) => !(name.startsWith("SECRET_") && env.includes(name)))).toEqual([]);
  });

  test("is told which application asks Graph", () => {
    expect(placeholdersIn(parameters())).toEqual(
      expect.arrayContaining(["GRAPH_CLIENT_ID", "SECRET_GRAPH_CLIENT_SECRET", "IMAGE_TAG"]),
    );
  });
});

/** What `arm/deploy` writes: the outputs of infra/azure.bicep, in capitals. */
const OUTPUTS = [
  "BOT_ID",
  "BOT_TENANT_ID",
  "BOT_DOMAIN",
  "BOT_ENDPOINT",
  "BOT_PRINCIPAL_ID",
  "REGISTRY_NAME",
  "CONTAINER_APP_NAME",
] as const;

function unset(
  actions: readonly unknown[],
  variables: Readonly<Record<string, string | undefined>>,
  given: readonly string[],
): readonly string[] {
  const filledIn = Object.keys(variables).filter((name) => variables[name] !== "");
  const set = new Set<string>([...filledIn, ...given]);
  return actions.flatMap((action) => {
    const missing = usedBy(action).filter((name) => !set.has(name));
    for (const name of writtenBy(action)) set.add(name);
    return missing;
  });
}

/** In the action itself, and in the file that it fills in. */
function usedBy(action: unknown): readonly string[] {
  const manifest = field(field(action, "with"), "manifestPath");
  const text = typeof manifest === "string" ? projectFile(manifest) : "";
  return placeholdersIn(JSON.stringify(action) + text);
}

function writtenBy(action: unknown): readonly string[] {
  const uses = field(action, "uses");
  const named = Object.values(field(action, "writeToEnvironmentFile") ?? {}).map(String);
  if (uses === "teamsApp/create") return [...named, "TEAMS_APP_TENANT_ID"];
  if (uses === "arm/deploy") return OUTPUTS;
  const printed = JSON.stringify(action).matchAll(/::set-teamsfx-env (\w+)=/gu);
  return [...named, ...[...printed].flatMap(([, name]) => name ?? [])];
}
