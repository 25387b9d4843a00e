import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { inflateSync } from "node:zlib";

import { AppManifestUtils, TeamsManifestConverter } from "@microsoft/app-manifest";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import manifest from "../appPackage/manifest.json" with { type: "json" };
import packageJson from "../package.json" with { type: "json" };

const manifestText = read("appPackage/manifest.json");
const placeholder = /\$\{\{\s*(\w+)\s*\}\}/gu;

// Each project file, with the environment that the Toolkit reads with it.
const projects = [
  { file: "teamsapp.yml", env: "env/.env.dev" },
  { file: "teamsapp.local.yml", env: "env/.env.local" },
  { file: "teamsapp.testtool.yml", env: "env/.env.testtool" },
] as const;

// The Toolkit sets these itself: https://aka.ms/teamsfx-v5.0-guide#environments
const toolkitVariables = ["TEAMSFX_ENV"];

// https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent
// The schema accepts any name, and Teams refuses the package only when it is installed.
const permissionsThatExist = new Set([
  "ChannelMessage.Read.Group",
  "ChannelSettings.Read.Group",
  "ChatMember.Read.Chat",
  "ChatMessage.Read.Chat",
  "ChatSettings.Read.Chat",
  "TeamMember.Read.Group",
  "TeamSettings.Read.Group",
  "TeamsActivity.Send.Chat",
  "TeamsActivity.Send.Group",
  "TeamsAppInstallation.Read.Chat",
]);

describe("the manifest", () => {
  test("satisfies the schema that it names, once its placeholders are filled", async () => {
    expect(manifest.$schema).toContain(`/v${manifest.manifestVersion}/`);
    expect(await schemaErrors(resolve(manifestText))).toEqual([]);
  });

  test("would not, with an id that is no GUID", async () => {
    const broken = resolve(manifestText).replaceAll(someGuid, "not-a-guid");
    expect(await schemaErrors(broken)).toContainEqual(expect.stringContaining("/id must match pattern"));
  });

  test("would not, with a scope that Teams does not have", async () => {
    const broken = resolve(manifestText).replaceAll('"groupChat"', '"groupchat"');
    await expect(schemaErrors(broken)).rejects.toThrow(/bots/u);
  });

  test("has the version of the package", () => {
    expect(manifest.version).toBe(packageJson.version);
  });

  test("offers the bot's commands wherever the bot can be", () => {
    const [bot] = manifest.bots;
    const [menu] = bot?.commandLists ?? [];
    expect(bot?.scopes).toEqual(["personal", "team", "groupChat"]);
    expect(menu?.scopes).toEqual(bot?.scopes);
    expect(menu?.commands.map(({ title }) => title)).toEqual([
      "track",
      "list",
      "status",
      "stop",
      "stop all",
      "help",
    ]);
  });

  test("asks only for permissions that exist, in the name of the bot's own application", () => {
    const asked = manifest.authorization.permissions.resourceSpecific.map(({ name }) => name);
    expect(misspelt(asked)).toEqual([]);
    expect(misspelt([...asked, "ChatSettings.Reed.Chat"])).toEqual(["ChatSettings.Reed.Chat"]);
    expect(manifest.webApplicationInfo.id).toBe(manifest.bots[0]?.botId);
  });
});

describe("the icons", () => {
  test("color is 192 by 192 and has nothing transparent", () => {
    const { width, height, pixels } = decodePng(manifest.icons.color);
    expect([width, height]).toEqual([192, 192]);
    expect(pixels.every(({ alpha }) => alpha === 255)).toBe(true);
  });

  test("outline is 32 by 32, white on transparent", () => {
    const { width, height, pixels } = decodePng(manifest.icons.outline);
    expect([width, height]).toEqual([32, 32]);
    expect(colorsOf(pixels)).toEqual(["ffffff"]);
    expect(colorsOf(decodePng(manifest.icons.color).pixels)).not.toEqual(["ffffff"]);
    expect(pixels[0]?.alpha).toBe(0);
  });
});

describe.each(projects)("$file", ({ file, env }) => {
  const project: unknown = parse(read(file));

  test("is in the format that both generations of the Toolkit read", () => {
    expect(field(project, "version")).toBe("v1.8");
    expect(field(project, "environmentFolderPath")).toBe("./env");
  });

  test("uses only variables that something sets", () => {
    const text = read(file) + (field(project, "provision") === undefined ? "" : manifestText);
    const known = new Set([
      ...toolkitVariables,
      ...Object.keys(parseEnv(read(env))),
      ...writtenVariables(project),
    ]);
    expect(usedVariables(text).filter((name) => !known.has(name))).toEqual([]);
    expect(usedVariables(`${text} \${{BOT_IDD}}`).filter((name) => !known.has(name))).toEqual(["BOT_IDD"]);
  });

  test("leaves secrets to the file that git ignores", () => {
    const names = Object.keys(parseEnv(read(env)));
    expect(names).toContain("TEAMSFX_ENV");
    expect(names.filter((name) => /SECRET|PASSWORD/u.test(name))).toEqual([]);
  });
});

describe("the Agents Playground", () => {
  const deploy = list(field(parse(read("teamsapp.testtool.yml")), "deploy"));
  const actionOf = (name: string): unknown => deploy.find((action) => field(action, "uses") === name);
  const inputs = (name: string, key: string): unknown => field(field(actionOf(name), "with"), key);

  test("is installed by the Toolkit in the version that the package pins", () => {
    expect(field(inputs("devTool/install", "testTool"), "version")).toBe(
      packageJson.devDependencies["@microsoft/m365agentsplayground"],
    );
  });

  test("gets the same bot from VS Code as from the Toolkit", () => {
    const launch = list(field(readJsonWithComments(".vscode/launch.json"), "configurations"));
    const bot = launch.find((configuration) => field(configuration, "name") === "Opwatch for the Playground");
    const asText = entries(inputs("file/createOrUpdateEnvironmentFile", "envs")).map(([name, value]) => [
      name,
      String(value),
    ]);
    expect(asText).not.toEqual([]);
    expect(field(bot, "env")).toEqual(Object.fromEntries(asText));
  });

  test("is configured with the five users that it insists on, and no id twice", () => {
    const config: unknown = parse(read(".m365agentsplayground.yml"));
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

  test("and the bot are started by scripts that the package has", () => {
    const configurations = list(field(readJsonWithComments(".vscode/launch.json"), "configurations"));
    const started = configurations.flatMap((item) => list(field(item, "runtimeArgs") ?? []));
    const tasks = read(".vscode/tasks.json").matchAll(/"npm run (\S+)"/gu);
    const scripts = [...started, ...[...tasks].map(([, script]) => script)];
    expect(scripts).toContain("sandbox");
    expect(scripts.filter((script) => !Object.keys(packageJson.scripts).includes(String(script)))).toEqual(
      [],
    );
  });
});

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

function readJsonWithComments(path: string): unknown {
  return JSON.parse(read(path).replaceAll(/^\s*\/\/.*$/gmu, ""));
}

const someGuid = "0c3f9a71-52de-4b86-8f10-6d7e24c1b5a9";

function resolve(text: string): string {
  return text.replaceAll(placeholder, (_, name: string) => (name.endsWith("_ID") ? someGuid : "-dev"));
}

async function schemaErrors(json: string): Promise<readonly string[]> {
  return await AppManifestUtils.validateAgainstSchema(TeamsManifestConverter.jsonToManifest(json));
}

function misspelt(permissions: readonly string[]): readonly string[] {
  return permissions.filter((name) => !permissionsThatExist.has(name));
}

function usedVariables(text: string): readonly string[] {
  return [...text.matchAll(placeholder)].flatMap(([, name]) => name ?? []);
}

function writtenVariables(project: unknown): readonly string[] {
  return entries(project)
    .flatMap(([, actions]) => (Array.isArray(actions) ? list(actions) : []))
    .flatMap((action) => entries(field(action, "writeToEnvironmentFile") ?? {}))
    .map(([, name]) => String(name));
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) throw new Error(`Not a mapping: ${String(value)}`);
  return Object.entries(value);
}

function field(value: unknown, name: string): unknown {
  return entries(value).find(([key]) => key === name)?.[1];
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`Not a list: ${String(value)}`);
  return value;
}

interface Pixel {
  readonly color: string;
  readonly alpha: number;
}

function colorsOf(pixels: readonly Pixel[]): readonly string[] {
  return [...new Set(pixels.filter(({ alpha }) => alpha > 0).map(({ color }) => color))];
}

/** Enough of https://www.w3.org/TR/png-3/ for our icons: 8 bits a channel, RGB or RGBA, not interlaced. */
function decodePng(name: string): {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly Pixel[];
} {
  const png = readFileSync(new URL(`../appPackage/${name}`, import.meta.url));
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png.readUInt8(25) === 6 ? 4 : 3;
  expect([png.readUInt8(24), png.readUInt8(28)]).toEqual([8, 0]);
  const chunks: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") {
      chunks.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
  }
  const bytes = unfilter(inflateSync(Buffer.concat(chunks)), width * channels, channels);
  const pixels = Array.from({ length: width * height }, (_, index) => ({
    color: bytes.toString("hex", index * channels, index * channels + 3),
    alpha: channels === 4 ? bytes.readUInt8(index * channels + 3) : 255,
  }));
  return { width, height, pixels };
}

function unfilter(filtered: Buffer, rowLength: number, channels: number): Buffer {
  const rows = filtered.length / (rowLength + 1);
  const out = Buffer.alloc(rows * rowLength);
  for (let row = 0; row < rows; row++) {
    const filter = filtered.readUInt8(row * (rowLength + 1));
    for (let x = 0; x < rowLength; x++) {
      const at = row * rowLength + x;
      const left = x < channels ? 0 : (out[at - channels] ?? 0);
      const up = row === 0 ? 0 : (out[at - rowLength] ?? 0);
      const upLeft = row === 0 || x < channels ? 0 : (out[at - rowLength - channels] ?? 0);
      const predicted = [0, left, up, Math.floor((left + up) / 2), paeth(left, up, upLeft)][filter] ?? 0;
      out[at] = ((filtered[row * (rowLength + 1) + 1 + x] ?? 0) + predicted) % 256;
    }
  }
  return out;
}

function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft;
  const nearest = Math.min(Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft));
  if (Math.abs(guess - left) === nearest) return left;
  return Math.abs(guess - up) === nearest ? up : upLeft;
}
