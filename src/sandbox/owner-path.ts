import type { OperationKind } from "./kinds.ts";

/** A team, chat or community, as a path names it. */
export interface OwnerPath {
  readonly kind: OperationKind;
  readonly key: string;
  readonly id: string;
  /** The parts of the path behind it, in lower case. */
  readonly rest: readonly string[];
}

/** Which team, chat or community a path (without its version) leads to or through; `null`: none. */
export function ownerPathOf(segments: readonly string[]): OwnerPath | null {
  const words = segments.map((segment) => segment.toLowerCase());
  const skipped = words[0] === "me" ? 1 : words[0] === "users" ? 2 : 0;
  const [collection, second] = words.slice(skipped);
  if (collection === (skipped === 0 ? "teams" : "joinedteams")) return ownerAt("team", skipped + 1, segments);
  if (collection === "chats") return ownerAt("chat", skipped + 1, segments);
  if (skipped > 0) return null;
  if (collection === "employeeexperience" && second === "communities") {
    return ownerAt("engagement", 2, segments);
  }
  return collection === "groups" && words[2] === "team" ? ownerAt("team", 1, segments) : null;
}

/** The key of what an operation belongs to; `null` when its kind has nothing that can be looked at. */
export function ownerKeyOf(kind: OperationKind, owner: string): string | null {
  return kind === "team" || kind === "chat" || kind === "engagement" ? keyOf(kind, owner) : null;
}

function ownerAt(kind: OperationKind, at: number, segments: readonly string[]): OwnerPath | null {
  const id = segments[at];
  if (id === undefined) return null;
  const rest = segments.slice(at + 1).map((segment) => segment.toLowerCase());
  return { kind, key: keyOf(kind, id), id, rest };
}

function keyOf(kind: OperationKind, owner: string): string {
  return `${kind}/${owner.toLowerCase()}`;
}
