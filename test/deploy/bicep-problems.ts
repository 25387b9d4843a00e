import { posix } from "node:path";

/**
 * What a reader without a compiler can find wrong in Bicep files: brackets, names that nobody declared, parameters
 * and variables that nobody uses, modules that are not there or want other parameters, outputs that do not exist.
 * Types of resources and their properties are not looked at.
 */
export function bicepProblems(main: string, read: (path: string) => string | null): readonly string[] {
  const problems: string[] = [];
  const files = new Map<string, BicepFile>();
  const visit = (path: string): BicepFile | null => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const text = read(path);
    if (text === null) return null;
    const file = parseBicep(text);
    files.set(path, file);
    problems.push(...problemsIn(file).map((problem) => `${path}: ${problem}`));
    for (const module of file.modules) {
      const target = visit(posix.join(posix.dirname(path), module.path));
      problems.push(...problemsOf(module, target, file.code).map((problem) => `${path}: ${problem}`));
    }
    return file;
  };
  if (visit(main) === null) problems.push(`${main}: is not there`);
  return problems;
}

export type BicepFile = {
  readonly text: string;
  /** Without comments and texts; what is interpolated into a text stays. */
  readonly code: string;
  readonly parameters: ReadonlyMap<string, { readonly hasDefault: boolean }>;
  readonly variables: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  readonly modules: readonly Module[];
};

type Module = {
  readonly name: string;
  readonly path: string;
  readonly isConditional: boolean;
  readonly given: readonly string[];
};

export function parseBicep(text: string): BicepFile {
  const code = codeOf(text);
  const names = (keyword: string): readonly string[] =>
    [...code.matchAll(new RegExp(`^\\s*${keyword} (\\w+)`, "gmu"))].map(([, name = ""]) => name);
  const parameters = [...code.matchAll(/^param (\w+) \w+( =)?/gmu)].map(
    ([, name = "", value]) => [name, { hasDefault: value !== undefined }] as const,
  );
  const modules = [...text.matchAll(/^module (\w+) '([^']+)' = (if \(.*\) )?\{\n([\s\S]*?)^\}/gmu)].map(
    ([, name = "", path = "", condition, body = ""]) => ({
      name,
      path,
      isConditional: condition !== undefined,
      given: [...body.matchAll(/^ {4}(\w+):/gmu)].map(([, given = ""]) => given),
    }),
  );
  return {
    text,
    code,
    parameters: new Map(parameters),
    variables: new Set(names("var")),
    resources: new Set(names("resource")),
    outputs: new Set(names("output")),
    modules,
  };
}

function problemsIn(file: BicepFile): readonly string[] {
  const problems = bracketProblems(file.code);
  const declared = new Set([...file.parameters.keys(), ...file.variables, ...file.resources]);
  for (const { name } of file.modules) declared.add(name);
  for (const [, name = ""] of file.code.matchAll(/\bfor (\w+) in\b/gu)) declared.add(name);
  const used = usesIn(file.code);
  for (const name of [...file.parameters.keys(), ...file.variables])
    if (!used.includes(name)) problems.push(`${name} is declared and not used`);
  for (const name of new Set(used))
    if (!declared.has(name) && !FUNCTIONS.has(name)) problems.push(`${name} is used and not declared`);
  return problems;
}

function problemsOf(module: Module, target: BicepFile | null, code: string): readonly string[] {
  if (target === null) return [`module ${module.name} is not at ${module.path}`];
  const problems: string[] = [];
  for (const name of module.given)
    if (!target.parameters.has(name)) problems.push(`module ${module.name} takes no ${name}`);
  for (const [name, { hasDefault }] of target.parameters)
    if (!hasDefault && !module.given.includes(name)) problems.push(`module ${module.name} lacks ${name}`);
  for (const [, output = ""] of code.matchAll(new RegExp(`\\b${module.name}\\.outputs\\.(\\w+)`, "gu"))) {
    if (!target.outputs.has(output)) problems.push(`module ${module.name} has no output ${output}`);
    if (module.isConditional) problems.push(`module ${module.name} may not be there for its ${output}`);
  }
  return problems;
}

/** Names in expressions: not after a dot, not before a colon (a key), and not where they are declared. */
function usesIn(code: string): readonly string[] {
  const expressions = code
    .replaceAll(/^(?:param|output) \w+ \w+/gmu, "")
    .replaceAll(/^(?:var|module) \w+/gmu, "")
    .replaceAll(/^\s*resource \w+\s*(?:existing)?/gmu, "")
    .replaceAll(/\bfor \w+ in ([^\n]*):/gu, "($1)")
    .replaceAll(/^\s*\w+:(?!:)/gmu, "")
    .replaceAll(/\{ \w+:(?!:)/gu, "{");
  return [...expressions.matchAll(/(?<![.\w]|::)[A-Za-z_]\w*/gu)].map(([name]) => name);
}

/** Bicep's own, as far as they are used here, and what else stands where a name could. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "concat empty environment guid items json resourceGroup string subscriptionResourceId tenant uriComponent " +
    "allowed description maxLength maxValue minLength minValue secure if true false"
  ).split(" "),
);

const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function bracketProblems(code: string): string[] {
  const open: string[] = [];
  for (const { 0: bracket, index } of code.matchAll(/[()[\]{}]/gu)) {
    const wanted = PAIRS[bracket];
    if (wanted === undefined) open.push(bracket);
    else if (open.pop() !== wanted) {
      return [`line ${code.slice(0, index).split("\n").length} closes what is not open`];
    }
  }
  return open.length === 0 ? [] : [`${open.length} brackets stay open`];
}

/** `'${name}-db'` becomes ` name `: only what is interpolated can be a name. */
function codeOf(text: string): string {
  const withoutComments = text
    .split("\n")
    .map((line) => (/^\s*\/\//u.test(line) ? "" : line))
    .join("\n");
  return withoutComments.replaceAll(/'(?:\\.|[^'\\])*'/gu, (literal) =>
    [...literal.matchAll(/(?<!\\)\$\{([^}]*)\}/gu)].map(([, inside]) => ` (${inside}) `).join(" "),
  );
}
