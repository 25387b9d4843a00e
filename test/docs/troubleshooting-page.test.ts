import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { ListenError, startHttpServer } from "../../src/http/server.ts";
import { EN } from "../../src/teams/words/en.ts";
import { codeSpansIn, columnOf, tablesOf } from "./markdown.ts";
import { isNode, nodesOf, oneLine, patternOf, sourceStrings, treeOf } from "./source-strings.ts";
import { settingsProblems } from "./wrong-settings.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/troubleshooting.md`, "utf8");

/** What the page quotes: the code spans of every column that is headed so. */
const QUOTED = columnOf(PAGE, "message").flatMap(({ cell }) => codeSpansIn(cell));

function isQuoted(message: string): boolean {
  return QUOTED.some((quoted) => patternOf(quoted).test(oneLine(message)));
}

describe("every message that is quoted", () => {
  let said: readonly string[] = [];
  beforeAll(async () => {
    const launcher = /`(opwatch needs[^`]+)`/u.exec(readFileSync(`${ROOT}bin/opwatch.js`, "utf8"))?.[1] ?? "";
    said = [
      ...sourceStrings(),
      // Those that are put together of several texts are had by making them happen.
      ...settingsProblems(),
      ...(await listenProblems()),
      launcher.replace(/\$\{[^}]*\}|\\n/gu, (part) => (part === "\\n" ? "" : "…")),
    ].map(oneLine);
  });

  test("is what the sources say", () => {
    expect(QUOTED.length).toBeGreaterThan(120);
    const strange = QUOTED.filter((quoted) => !said.some((text) => patternOf(quoted).test(text)));
    expect(strange).toEqual([]);
  });

  test("says enough to be found by", () => {
    const short = QUOTED.filter((quoted) => quoted.replace(/[^\p{L}]/gu, "").length < 8);
    expect(short).toEqual([]);
  });

  test("the guard would see another text, and one that is cut", () => {
    const sees = (quoted: string): boolean => said.some((text) => patternOf(quoted).test(text));
    expect(sees("The activity's token was refused.")).toBe(true);
    expect(sees("The activity's token was refused")).toBe(false);
    expect(sees("The activity's token has been refused.")).toBe(false);
    expect(sees("The body is larger than … KB.")).toBe(true);
  });
});

describe("what has to be explained is", () => {
  test("every way in which a setting can be wrong", () => {
    const problems = settingsProblems();
    expect(problems.filter((problem) => !isQuoted(problem))).toEqual([]);
    // The list of wrong settings is whole: there is one for each text that the configuration has for it.
    const reasons = ["src/config.ts", "src/config-database.ts", "src/config-reader.ts"]
      .flatMap((file) => callsOf("wrong", treeOf(file)))
      .map(([, reason = ""]) => reason);
    expect(reasons.length).toBeGreaterThan(20);
    const unseen = reasons.filter(
      (reason) => !problems.some((problem) => patternOf(`…${reason}…`).test(oneLine(problem))),
    );
    expect(unseen).toEqual([]);
  });

  test("every trouble that a card tells of, and every one with a credential", () => {
    const troubles = Object.values(EN.troubles).map((told) => told("noon"));
    const told = [...troubles, ...Object.values(EN.credentialProblems)];
    expect(told.length).toBeGreaterThan(15);
    expect(told.filter((text) => !isQuoted(text))).toEqual([]);
  });

  test("everything that the doctor looks at", () => {
    const source = ["src/doctor/look.ts", "src/doctor/findings.ts", "src/doctor/main.ts"]
      .map((path) => readFileSync(`${ROOT}${path}`, "utf8"))
      .join("\n");
    const looks = [
      ...source.matchAll(/(?:what(?: =|:)|(?:tokenFinding|lookedAt|endpointFinding)\()\s*"([A-Z][^"]+)"/gu),
    ];
    const known = new Set(looks.map(([, what]) => what));
    const told = new Set(columnOf(PAGE, "looked at").flatMap(({ cell }) => cell.split(", ")));
    expect(known.size).toBeGreaterThan(7);
    expect(told).toEqual(known);
  });
});

describe("the log", () => {
  type Event = { readonly name: string; readonly level: string; readonly fields: readonly string[] };
  const byName = (a: Event, b: Event): number => (a.name < b.name ? -1 : 1);

  test("has every event of the page, and the page every event of the log, with its level and fields", () => {
    const levels = new Map(
      [...readFileSync(`${ROOT}src/log.ts`, "utf8").matchAll(/"([\w.]+)": "(debug|warn|error)"/gu)].map(
        ([, name = "", level = ""]) => [name, level] as const,
      ),
    );
    const known = logEvents().map(({ name, fields }): Event => ({
      name,
      level: levels.get(name) ?? "info",
      fields,
    }));
    const table = tablesOf(PAGE).find(({ header }) => header[0] === "event");
    const told = (table?.rows ?? []).map(([name = "", level = "", fields = ""]): Event => ({
      name: codeSpansIn(name)[0] ?? "",
      level,
      fields: codeSpansIn(fields),
    }));
    expect(known.length).toBeGreaterThan(25);
    expect(told.toSorted(byName)).toEqual(known.toSorted(byName));
  });

  /** The members of the union in src/flows/log-event.ts. */
  function logEvents(): readonly { readonly name: string; readonly fields: readonly string[] }[] {
    const members = membersOf(treeOf("src/flows/log-event.ts"));
    return members.map((member) => {
      const fields = nodesOf(member["members"]).map((field) => ({
        key: textAt(field, "key", "name"),
        value: textAt(field, "typeAnnotation", "typeAnnotation", "literal", "value"),
      }));
      const name = fields.find(({ key }) => key === "event")?.value ?? "";
      return { name, fields: fields.map(({ key }) => key).filter((key) => key !== "event") };
    });
  }
});

type Tree = Readonly<Record<string, unknown>>;

function membersOf(tree: unknown): readonly Tree[] {
  const alias = findNodes(
    tree,
    (node) => node["type"] === "TSTypeAliasDeclaration" && textAt(node, "id", "name") === "LogEvent",
  )[0];
  const union = isNode(alias?.["typeAnnotation"]) ? alias["typeAnnotation"] : {};
  return nodesOf(union["types"]);
}

function findNodes(tree: unknown, matches: (node: Tree) => boolean): readonly Tree[] {
  if (Array.isArray(tree)) return tree.flatMap((each) => findNodes(each, matches));
  if (!isNode(tree)) return [];
  const below = Object.values(tree).flatMap((each) => findNodes(each, matches));
  return matches(tree) ? [tree, ...below] : below;
}

function textAt(node: unknown, ...path: readonly string[]): string {
  const value = path.reduce<unknown>((at, key) => (isNode(at) ? at[key] : null), node);
  return typeof value === "string" ? value : "";
}

/** The texts that a method is called with, `…` for what is put in; for those that are no texts nothing. */
function callsOf(method: string, tree: unknown): readonly (readonly string[])[] {
  const calls = findNodes(
    tree,
    (node) => node["type"] === "CallExpression" && textAt(node, "callee", "property", "name") === method,
  );
  return calls.map((call) =>
    nodesOf(call["arguments"]).map((argument) =>
      argument["type"] === "TemplateLiteral"
        ? nodesOf(argument["quasis"])
            .map((quasi) => textAt(quasi, "value", "cooked"))
            .join("…")
        : textAt(argument, "value"),
    ),
  );
}

/** What is said of a port that somebody has, and of an address that this machine does not have. */
async function listenProblems(): Promise<readonly string[]> {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => {
      const address = other.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  try {
    return [await listenProblem("127.0.0.1", port), await listenProblem("192.0.2.1", 0)];
  } finally {
    other.close();
  }
}

async function listenProblem(host: string, port: number): Promise<string> {
  try {
    await using _server = await startHttpServer(
      { host, port },
      {
        receive: () => Promise.resolve({ status: 200, body: null }),
        api: () => Promise.resolve({ status: 200, headers: {}, body: null }),
        ready: () => Promise.resolve(null),
        metrics: { contentType: "text/plain", text: () => Promise.resolve("") },
        refused: () => undefined,
        isLocal: true,
      },
    );
  } catch (error) {
    if (error instanceof ListenError) return error.message;
    throw error;
  }
  throw new Error(`${host} could be listened on.`);
}
