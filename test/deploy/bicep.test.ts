import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { bicepProblems, parseBicep } from "./bicep-problems.ts";
import {
  at,
  exists,
  list,
  PORT,
  read,
  readEnv,
  readYaml,
  STOPS_WITHIN_SECONDS,
  texts,
  unknownVariables,
} from "./files.ts";

const MAIN = "infra/azure.bicep";
const main = parseBicep(read(MAIN));
const app = read("infra/modules/app.bicep");
const parameters: unknown = JSON.parse(read("infra/azure.parameters.json"));

const readable = (path: string): string | null => (exists(path) ? read(path) : null);

/** What is found when one file reads otherwise. */
function problemsWhen(path: string, from: string, to: string): readonly string[] {
  if (!read(path).includes(from)) throw new Error(`${path} has no ${from}`);
  return bicepProblems(MAIN, (asked) =>
    asked === path ? read(asked).replaceAll(from, to) : readable(asked),
  );
}

describe("the Bicep files", () => {
  test("have no fault that can be seen without a compiler", () => {
    expect(main.modules.length).toBeGreaterThan(5);
    expect(bicepProblems(MAIN, readable)).toEqual([]);
  });

  test.each([
    [MAIN, "modules/vault.bicep", "modules/vaults.bicep", "vault is not at"],
    [MAIN, "vault.outputs.uri", "vault.outputs.url", "has no output url"],
    [MAIN, "    vaultUri: vault", "    vaultUrl: vault", "takes no vaultUrl"],
    [MAIN, "    vaultUri: vault.outputs.uri\n", "", "lacks vaultUri"],
    [MAIN, "domain: domain", "domain: domains", "domains is used and not declared"],
    [
      MAIN,
      "output BOT_DOMAIN string = domain",
      "output BOT_DOMAIN string = app.outputs.x",
      "may not be there",
    ],
    ["infra/modules/bot.bicep", "endpoint: 'https://${domain}/", "endpoint: 'https://", "domain is declared"],
    ["infra/modules/app.bicep", "${vaultUri}", "${vaultUrl}", "vaultUrl is used and not declared"],
    ["infra/modules/database.bicep", "backup: {", "backup: [", "closes what is not open"],
  ])("would have one in %s with %j as %j", (path, from, to, problem) => {
    expect(problemsWhen(path, from, to)).toContainEqual(expect.stringContaining(problem));
  });

  test("give the bot a configuration that it takes, as a managed identity", () => {
    const GUID = "00001111-aaaa-2222-bbbb-3333cccc4444";
    const fixed = [...app.matchAll(/(?:name|variable): '([A-Z][A-Z_]+)'/gu)].map(([, name = ""]) => name);
    const settings = texts(at(parameters, "parameters", "settings", "value"));
    // The doctor's alone: src/doctor/look.ts.
    expect(unknownVariables([...fixed, ...Object.keys(settings)])).toEqual(["BOT_DOMAIN"]);
    expect(app).toContain("value: 'UserAssignedMSI'");
    const values: Readonly<Record<string, string>> = {
      PORT: String(PORT),
      BOT_TYPE: "UserAssignedMSI",
      BOT_ID: GUID,
      BOT_TENANT_ID: GUID,
      API_CLIENT_ID: GUID,
      GRAPH_CLIENT_ID: GUID,
      GRAPH_CLIENT_SECRET: "secret",
      DATABASE_URL: databaseUrl(),
      CALLBACK_SECRET: "a secret that is long enough",
      BOT_DOMAIN: "opwatch.contoso.com",
    };
    expect(new Set(fixed)).toEqual(new Set(Object.keys(values)));
    const config = readConfig({ ...values, ...settings });
    expect([config.database.home, config.graph.credential?.kind]).toEqual(["server", "secret"]);
    // botbuilder would sign in with it in place of the bot's identity.
    expect(fixed.filter((name) => name.startsWith("AZURE_"))).toEqual([]);
  });

  test("let the app read every secret that it names", () => {
    const named = [...app.matchAll(/secret: '([\w-]+)'/gu)].map(([, name]) => name);
    const kept = [
      ...read("infra/modules/vault.bicep").matchAll(/name: '([\w-]+-\w+)'\n\s*properties: \{ value/gu),
    ];
    expect(named).toContain("database-url");
    expect(new Set(kept.map(([, name]) => name))).toEqual(new Set(named));
  });

  test("probe where the bot answers, and give it time to end", () => {
    const probes = [...app.matchAll(/type: '(\w+)'\s*httpGet: \{\s*path: '(\/\w+)'\s*port: (\w+)/gu)];
    expect(probes.map(([, ...probe]) => probe.join(" "))).toEqual([
      "Startup /healthz port",
      "Liveness /healthz port",
      "Readiness /readyz port",
    ]);
    expect(app).toContain(`var port = ${PORT}\n`);
    expect(Number(/terminationGracePeriodSeconds: (\d+)/u.exec(app)?.[1])).toBeGreaterThan(
      STOPS_WITHIN_SECONDS + 5,
    );
  });

  test("name no password in an output", () => {
    const outputs = main.code.split("\n").filter((line) => line.startsWith("output "));
    expect(outputs.length).toBe(main.outputs.size);
    expect(outputs.filter((line) => /password|secret/iu.test(line))).toEqual([]);
  });
});

describe("the parameters", () => {
  const given = Object.keys(texts(at(parameters, "parameters")));

  test("are the template's, and all that it can't do without", () => {
    const needed = [...main.parameters].filter(([, { hasDefault }]) => !hasDefault).map(([name]) => name);
    expect(needed).toContain("databasePassword");
    expect(given.filter((name) => !main.parameters.has(name))).toEqual([]);
    expect(needed.filter((name) => !given.includes(name))).toEqual([]);
  });

  test("come from variables that the deployment page explains", () => {
    const used = placeholdersIn(read("infra/azure.parameters.json"));
    const page = read("docs/deploy.md");
    expect(used).toContain("SECRET_DATABASE_PASSWORD");
    expect(used.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("teamsapp.yml", () => {
  const project = readYaml("teamsapp.yml");
  const actions = ["provision", "deploy", "publish"].flatMap((stage) => list(at(project, stage)));

  test("deploys only templates and parameters that exist", () => {
    const templates = actions
      .filter((action) => at(action, "uses") === "arm/deploy")
      .flatMap((action) => list(at(action, "with", "templates")));
    const files = templates.flatMap((template) => [at(template, "path"), at(template, "parameters")]);
    expect(files.filter((file) => !exists(String(file)))).toEqual([]);
  });

  // The Toolkit makes a variable of each output, under its name in capitals.
  test("and the app package get every variable that is empty at first from an action or an output", () => {
    const text = read("teamsapp.yml");
    const set = new Set([
      ...actions.flatMap((action) => Object.values(texts(at(action, "writeToEnvironmentFile") ?? {}))),
      ...[...text.matchAll(/::set-teamsfx-env (\w+)=/gu)].map(([, name = ""]) => name),
      ...Object.entries(readEnv("env/.env.dev"))
        .filter(([, value]) => value !== "")
        .map(([name]) => name),
      ...main.outputs,
    ]);
    const isForPeople = /^(?:AZURE_|RESOURCE_SUFFIX$|APP_NAME_SUFFIX$|TEAMSFX_ENV$|PUBLISHER_|SECRET_)/u;
    const missing = placeholdersIn(text + read("appPackage/manifest.json")).filter(
      (name) => !set.has(name) && !isForPeople.test(name),
    );
    expect(missing).toEqual([]);
    for (const output of ["BOT_ID", "BOT_TENANT_ID", "BOT_DOMAIN", "BOT_ENDPOINT"])
      expect(main.outputs).toContain(output);
    expect([...main.outputs].filter((name) => name !== name.toUpperCase())).toEqual([]);
  });
});

/** As azure.bicep makes it, with a password and a host. */
function databaseUrl(): string {
  const template = /databaseUrl: '([^\n]+)'/u.exec(read(MAIN))?.[1] ?? "";
  const filled = template
    .replaceAll("${databaseLogin}", "opwatch")
    .replaceAll("${databaseName}", "opwatch")
    .replace("${uriComponent(databasePassword)}", encodeURIComponent("p@ss/w:rd %"))
    .replace("${database.outputs.host}", "opwatch.postgres.database.azure.com");
  expect(filled).not.toContain("$");
  return filled;
}

function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(/\$\{\{\s*(\w+)\s*\}\}/gu)].map(([, name = ""]) => name);
}
