import { builtinModules } from "node:module";
import { posix } from "node:path";
import { read } from "./files.ts";

/** What a module and everything that it loads at run time need: files of ours, and packages. */
export function neededBy(entry: string): {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
} {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!/\.(?:ts|js)$/u.test(file)) return;
    const text = read(file);
    for (const name of importsOf(text)) {
      if (name.startsWith(".")) visit(posix.join(posix.dirname(file), name));
      else if (!name.startsWith("node:") && !builtinModules.includes(name)) packages.add(packageOf(name));
    }
    for (const [, path] of text.matchAll(/new URL\("(\.[^"]*)", import\.meta\.url\)/gu)) {
      files.add(posix.join(posix.dirname(file), path ?? ""));
    }
  };
  visit(entry);
  return { files, packages };
}

/** Types are gone by then: `import type`, and imports of which every name is one. */
function importsOf(text: string): readonly string[] {
  const isOfTypes = (names: string): boolean =>
    /^type\s/u.test(names) ||
    (/^\{[^}]*\}$/u.test(names) &&
      names
        .slice(1, -1)
        .split(",")
        .filter((name) => name.trim() !== "")
        .every((name) => name.trim().startsWith("type ")));
  const fixed = [...text.matchAll(/^(?:import|export)\s+([^;"]*?)\s*from\s+"([^"]+)"/gmu)]
    .filter(([, names = ""]) => !isOfTypes(names.trim()))
    .map(([, , name = ""]) => name);
  const late = [...text.matchAll(/\bimport\("([^"]+)"\)/gu)].map(([, name = ""]) => name);
  return [...fixed, ...late];
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}
