import { kinds, operationKinds, type OperationKind } from "./kinds.ts";

export interface OperationPath {
  readonly kind: OperationKind;
  /** The same for every spelling that Graph takes for the same operation. */
  readonly key: string;
  readonly id: string;
  /** The team, chat, site, … that the path leads through; `null` where there is none. */
  readonly owner: string | null;
}

interface Pattern {
  readonly kind: OperationKind;
  /** Words in lower case, and names in braces. */
  readonly parts: readonly string[];
}

/**
 * The decoded parts of a path, both key styles alike: `/teams('x')` and `/teams/x` give `["teams", "x"]`.
 * Empty parts (doubled slashes) and the query are left out. `null`: the percent-encoding is broken.
 */
export function segmentsOf(path: string): readonly string[] | null {
  const queryAt = path.indexOf("?");
  const segments: string[] = [];
  for (const part of (queryAt === -1 ? path : path.slice(0, queryAt)).split("/")) {
    const segment = decoded(part);
    if (segment === null) return null;
    const keyAt = segment.endsWith("')") ? segment.indexOf("('") : -1;
    if (keyAt > 0) {
      segments.push(segment.slice(0, keyAt), segment.slice(keyAt + 2, -2).replaceAll("''", "'"));
    } else if (segment !== "") {
      segments.push(segment);
    }
  }
  return segments;
}

const patterns: readonly Pattern[] = operationKinds
  .filter((kind) => kind !== "other")
  .flatMap((kind) => kinds[kind].paths.map((path) => ({ kind, parts: partsOf(path) })));

/** Which operation a path (without its version) means; `null` when it is not the path of an operation. */
export function operationPathOf(segments: readonly string[]): OperationPath | null {
  const words = segments.map((segment) => segment.toLowerCase());
  const pattern = patterns.find(({ parts }) => isLike(parts, words));
  if (pattern !== undefined) return matched(pattern, segments);
  const id = segments.at(-1);
  if (id === undefined || words.at(-2) !== "operations") return null;
  return { kind: "other", key: `other/${words.join("/")}`, id, owner: segments.at(-3) ?? null };
}

/** The path under which Graph announces an operation of this kind. */
export function announcedPath(kind: OperationKind, owner: string, id: string): string {
  return kinds[kind].paths[0].replaceAll(
    /(?<quote>'?)\{(?<name>owner|id)\}'?/gu,
    (_match, quote: string, name: string) => {
      const value = name === "id" ? id : owner;
      // OData doubles a quote inside a quoted key.
      return quote === "" ? value : `'${value.replaceAll("'", "''")}'`;
    },
  );
}

function partsOf(path: string): readonly string[] {
  return (segmentsOf(path) ?? []).map((part) => (isName(part) ? part : part.toLowerCase()));
}

function isLike(parts: readonly string[], words: readonly string[]): boolean {
  return parts.length === words.length && parts.every((part, at) => isName(part) || part === words[at]);
}

function matched({ kind, parts }: Pattern, segments: readonly string[]): OperationPath {
  const valueOf = (name: string): string | null => segments[parts.indexOf(name)] ?? null;
  const telling = segments.filter((_, at) => isName(parts[at] ?? "") && parts[at] !== "{any}");
  return {
    kind,
    key: `${kind}/${telling.join("/").toLowerCase()}`,
    id: valueOf("{id}") ?? "",
    owner: valueOf("{owner}"),
  };
}

function isName(part: string): boolean {
  return part.startsWith("{");
}

function decoded(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
