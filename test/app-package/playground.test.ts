import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import packageJson from "../../package.json" with { type: "json" };
import { entries, field, list } from "./fields.ts";
import { projectFile } from "./project-file.ts";

const deploy = list(field(parse(projectFile("teamsapp.testtool.yml")), "deploy"));
const launch = list(field(readJsonWithComments(".vscode/launch.json"), "configurations"));
const tasks = list(field(readJsonWithComments(".vscode/tasks.json"), "tasks"));

describe("the Agents Playground", () => {
  test("is installed by the Toolkit in the version that the package pins", () => {
    expect(field(inputs("devTool/install", "testTool"), "version")).toBe(
      packageJson.devDependencies["@microsoft/m365agentsplayground"],
    );
  });

  test("gets the same bot from VS Code as from the Toolkit", () => {
    const bot = launch.find((configuration) => field(configuration, "name") === "Opwatch for the Playground");
    const asText = entries(inputs("file/createOrUpdateEnvironmentFile", "envs")).map(([name, value]) => [
      name,
      String(value),
    ]);
    expect(asText).not.toEqual([]);
    expect(field(bot, "env")).toEqual(Object.fromEntries(asText));
  });

  test("is configured with the five users that it insists on, and no id twice", () => {
    const config: unknown = parse(projectFile(".m365agentsplayground.yml"));
    const users = list(field(config, "users"));
    const team = field(config, "team");
    const chats = [
      field(config, "personalChat"),
      field(config, "groupChat"),
      team,
      ...list(field(team, "channels")),
    ];
    const ids = [field(config, "currentUser"), ...users, ...chats].map((item) => field(item, "id"));
    expect(users).toHaveLength(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(field(field(config, "bot"), "name")).toBe("Opwatch");
  });
});

describe("VS Code", () => {
  test("starts scripts that the package has", () => {
    const started = launch.flatMap((item) => list(field(item, "runtimeArgs") ?? []));
    const commands = tasks.map((task) => String(field(task, "command")));
    const run = commands.flatMap((command) => /^npm run (\S+)/u.exec(command)?.[1] ?? []);
    const scripts = [...started, ...run];
    expect(scripts).toContain("sandbox");
    expect(scripts.filter((script) => !Object.keys(packageJson.scripts).includes(String(script)))).toEqual(
      [],
    );
  });

  test("waits for what it starts, and runs tasks that there are", () => {
    const labels = new Set(tasks.map((task) => field(task, "label")));
    const compounds = list(field(readJsonWithComments(".vscode/launch.json"), "compounds"));
    const awaited = [
      ...compounds.map((compound) => field(compound, "preLaunchTask")),
      ...tasks.flatMap((task) => list(field(task, "dependsOn") ?? [])),
    ];
    expect(awaited.length).toBeGreaterThan(5);
    expect(awaited.filter((label) => !labels.has(label))).toEqual([]);
    const started = compounds.flatMap((compound) => list(field(compound, "configurations")));
    const names = new Set(launch.map((configuration) => field(configuration, "name")));
    expect(started.filter((name) => !names.has(name))).toEqual([]);
  });

  test("gives the dev tunnel the variables that the local environment has", () => {
    const tunnel = tasks.find((task) => field(task, "command") === "debug-start-local-tunnel");
    const [port] = list(field(field(tunnel, "args"), "ports"));
    expect(field(port, "writeToEnvironmentFile")).toEqual({
      endpoint: "BOT_ENDPOINT",
      domain: "BOT_DOMAIN",
    });
    expect(field(field(tunnel, "args"), "env")).toBe("local");
  });
});

function inputs(action: string, key: string): unknown {
  const found = deploy.find((item) => field(item, "uses") === action);
  return field(field(found, "with"), key);
}

function readJsonWithComments(path: string): unknown {
  return JSON.parse(projectFile(path).replaceAll(/^\s*\/\/.*$/gmu, ""));
}
