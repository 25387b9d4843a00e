export const operationKinds = ["team", "chat", "engagement"] as const;
export type OperationKind = (typeof operationKinds)[number];

export interface OperationPath {
  readonly kind: OperationKind;
  /** The same for every spelling that Graph takes for the same operation. */
  readonly key: string;
}

export function isOperationKind(value: unknown): value is OperationKind {
  return operationKinds.some((kind) => kind === value);
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
      // OData doubles a quote inside a quoted key.
      segments.push(segment.slice(0, keyAt), segment.slice(keyAt + 2, -2).replaceAll("''", "'"));
    } else if (segment !== "") {
      segments.push(segment);
    }
  }
  return segments;
}

/** Which operation a path (without its version) means; `null` when it is not the path of an operation. */
export function operationPathOf(segments: readonly string[]): OperationPath | null {
  const words = segments.map((segment) => segment.toLowerCase());
  const skipped = words[0] === "me" ? 1 : words[0] === "users" ? 2 : 0;
  const [collection, owner, member, id, ...rest] = skipped === 0 ? words : words.slice(skipped);
  if (collection === "employeeexperience" && owner === "engagementasyncoperations") {
    return skipped === 0 && member !== undefined && id === undefined
      ? { kind: "engagement", key: `engagement/${member}` }
      : null;
  }
  if (id === undefined || owner === undefined) return null;
  if (skipped === 0 && collection === "groups" && member === "team" && id === "operations") {
    const [groupOperation, ...more] = rest;
    return groupOperation === undefined || more.length > 0
      ? null
      : { kind: "team", key: `team/${owner}/${groupOperation}` };
  }
  if (member !== "operations" || rest.length > 0) return null;
  if (collection === (skipped === 0 ? "teams" : "joinedteams"))
    return { kind: "team", key: `team/${owner}/${id}` };
  return collection === "chats" ? { kind: "chat", key: `chat/${owner}/${id}` } : null;
}

function decoded(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
