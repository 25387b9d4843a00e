/** As much of Markdown as the tests of the pages need. */
export type Table = {
  /** The headings above it, the nearest last. */
  readonly section: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

type Line = { readonly text: string; readonly isCode: boolean };

function linesOf(page: string): readonly Line[] {
  let isCode = false;
  return page.split("\n").map((text) => {
    const isFence = /^\s*```/u.test(text);
    if (isFence) isCode = !isCode;
    return { text, isCode: isCode || isFence };
  });
}

export function tablesOf(page: string): readonly Table[] {
  const tables: Table[] = [];
  let section = "";
  let lines: string[] = [];
  const end = (): void => {
    const [header, , ...rows] = lines.map(cellsOf);
    if (header !== undefined && rows.length > 0) tables.push({ section, header, rows });
    lines = [];
  };
  for (const { text, isCode } of linesOf(page)) {
    if (!isCode && text.startsWith("|")) {
      lines.push(text);
      continue;
    }
    end();
    if (!isCode) section = headingIn(text) ?? section;
  }
  end();
  return tables;
}

/** Cells without their edges. No cell of ours holds a pipe. */
function cellsOf(row: string): readonly string[] {
  return row
    .replace(/^\||\|\s*$/gu, "")
    .split("|")
    .map((cell) => cell.trim());
}

/** The cells of a column, with the section that their table is in. */
export function columnOf(
  page: string,
  name: string,
): readonly { readonly section: string; readonly cell: string }[] {
  return tablesOf(page).flatMap(({ section, header, rows }) => {
    const index = header.indexOf(name);
    return index === -1 ? [] : rows.map((row) => ({ section, cell: row[index] ?? "" }));
  });
}

/** What stands in `code spans`, of one or more backticks. */
export function codeSpansIn(text: string): readonly string[] {
  return [...text.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/gu)].map(([, ticks = "", span = ""]) =>
    ticks.length > 1 ? span.trim() : span,
  );
}

function headingIn(line: string): string | null {
  return /^#{1,6} (.+)$/u.exec(line)?.[1] ?? null;
}

/** The anchors that a page has, as GitHub makes them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text, isCode } of linesOf(page)) {
    const heading = isCode ? null : headingIn(text);
    if (heading === null) continue;
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1").toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/gu, "-");
    let free = anchor;
    for (let count = 1; anchors.has(free); count += 1) free = `${anchor}-${count}`;
    anchors.add(free);
  }
  return anchors;
}

/** Where its links lead, without those to other hosts. */
export function linksOf(page: string): readonly string[] {
  const text = linesOf(page)
    .filter(({ isCode }) => !isCode)
    .map((line) => line.text.replace(/(`+)(?!`).+?(?<!`)\1(?!`)/gu, (span) => "x".repeat(span.length)))
    .join("\n");
  return [...text.matchAll(/\]\(([^)\s]+)\)/gu)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/iu.test(target));
}
