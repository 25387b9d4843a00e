import { readFileSync } from "node:fs";

/** A file of the project, by its path from the root. */
export function projectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}
