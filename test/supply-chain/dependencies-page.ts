import { projectFile } from "../app-package/project-file.ts";

/** A row of a table: its cells by the head of their column. */
export type Row = Readonly<Record<string, string>>;

/** The table below a heading of docs/dependencies.md, without the backticks around names. */
export function rowsBelow(
  heading: string,
  page: string = projectFile("docs/dependencies.md"),
): readonly Row[] {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  const [head = [], , ...rows] = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map(cellsOf);
  return rows.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ""])));
}

function cellsOf(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/u, "$1"));
}
