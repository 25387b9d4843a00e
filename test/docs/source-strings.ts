import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parsers } from "prettier/plugins/typescript";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** They speak of their own, and no page quotes them; of the languages English is quoted. */
const OTHERS = /^src\/(?:sandbox|demo|bench)\/|^src\/teams\/words\/(?!en\.ts)/u;

type Node = Readonly<Record<string, unknown>>;

/** The syntax tree of a source, by the parser that Prettier formats it with. */
export function treeOf(path: string): unknown {
  // Its types ask for all of Prettier's options, of which it needs none.
  const tree: unknown = Reflect.apply(parsers.typescript.parse, null, [
    readFileSync(`${ROOT}${path}`, "utf8"),
    {},
  ]);
  return tree;
}

/** Every text in the sources, with `…` for what is put in when it is said. Joined texts are one. */
export function sourceStrings(): ReadonlySet<string> {
  const paths = globSync("src/**/*.ts", { cwd: ROOT }).filter((path) => !OTHERS.test(path));
  return new Set(paths.flatMap((path) => [...stringsIn(treeOf(path))]).map(oneLine));
}

function* stringsIn(node: unknown): Generator<string> {
  if (Array.isArray(node)) {
    for (const each of node) yield* stringsIn(each);
    return;
  }
  if (!isNode(node)) return;
  const parts = partsOf(node);
  if (parts === null) {
    for (const child of Object.values(node)) yield* stringsIn(child);
    return;
  }
  yield parts.map((part) => (typeof part === "string" ? part : "…")).join("");
  for (const part of parts) if (typeof part !== "string") yield* stringsIn(part);
}

/** A text's fixed parts and the nodes of what is put between them; null where it is none. */
function partsOf(node: Node): readonly (string | Node)[] | null {
  if (node["type"] === "Literal" && typeof node["value"] === "string") return [node["value"]];
  if (node["type"] === "TemplateLiteral") {
    const between = nodesOf(node["expressions"]);
    return nodesOf(node["quasis"]).flatMap(({ value }, index) => {
      const text = isNode(value) ? String(value["cooked"]) : "";
      const next = between[index];
      return next === undefined ? [text] : [text, next];
    });
  }
  if (node["type"] !== "BinaryExpression" || node["operator"] !== "+") return null;
  const sides = [node["left"], node["right"]].filter(isNode);
  const parts = sides.map((side) => partsOf(side));
  if (parts.every((part) => part === null)) return null;
  return sides.flatMap((side, index) => parts[index] ?? [side]);
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Line breaks are as good as spaces, and several `…` in a row as good as one. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/gu, " ")
    .replace(/…(?:\s?…)+/gu, "…")
    .trim();
}

/** What a page quotes, with `…` for what varies, as a pattern of the whole text. */
export function patternOf(message: string): RegExp {
  const parts = oneLine(message).split("…");
  const escaped = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`));
  return new RegExp(`^${escaped.join(".*")}$`, "u");
}
