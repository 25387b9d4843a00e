import { readFileSync } from "node:fs";
import { answerTable } from "./answer-table.ts";
import { cadenceTable, kindTable } from "./kind-table.ts";

export const PAGE = new URL("../../docs/operations.md", import.meta.url);

const PARTS: Readonly<Record<string, () => string>> = {
  kinds: kindTable,
  answers: answerTable,
  cadence: cadenceTable,
};

/** The page with its generated parts as the code has them now. */
export function renewed(page = readFileSync(PAGE, "utf8")): string {
  return Object.entries(PARTS).reduce((text, [name, part]) => {
    const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from === -1 || to < from)
      throw new Error(`docs/operations.md has no part between ${start} and ${end}.`);
    return `${text.slice(0, from + start.length)}\n\n${part()}\n\n${text.slice(to)}`;
  }, page);
}
