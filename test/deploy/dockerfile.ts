import { read } from "./files.ts";

export type Instruction = { readonly name: string; readonly rest: string; readonly stage: number };

/** The instructions of a Dockerfile, with their lines joined; stages are counted from 1. */
export function instructionsOf(text: string): readonly Instruction[] {
  let stage = 0;
  return text
    .replaceAll(/^\s*#.*\n/gmu, "")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n")
    .flatMap((line) => {
      const [, name, rest] = /^([A-Z]+) (.*)$/u.exec(line.trim()) ?? [];
      if (name === undefined || rest === undefined) return [];
      if (name === "FROM") stage += 1;
      return [{ name, rest, stage }];
    });
}

/** The strings of an instruction in exec form; anything else would run in a shell, which passes no signal on. */
export function execForm(rest: string | undefined): readonly string[] {
  const parsed: unknown = JSON.parse(/\[.*\]$/u.exec(rest ?? "")?.[0] ?? "null");
  if (!Array.isArray(parsed)) throw new Error(`Not in exec form: ${rest}`);
  return parsed.map(String);
}

/** What of the repository's root reaches the build: the last rule that names it counts. */
export function reachesBuild(name: string, dockerignore = read(".dockerignore")): boolean {
  let isIn = true;
  for (const rule of dockerignore.split("\n")) {
    if (rule === "" || rule.startsWith("#")) continue;
    const wanted = rule.replace(/^!/u, "");
    if (wanted === "*" || wanted === name) isIn = rule.startsWith("!");
  }
  return isIn;
}
