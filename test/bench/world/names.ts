/** Operations, teams and chats are numbers; their names hold the number, so that nothing is looked up. */
const OPERATION = "0b5e0000-0000-4000-8000-";
const TEAM = "7ea00000-0000-4000-8000-";
const TENANT = "7e4a0000-0000-4000-8000-";

export function operationId(operation: number): string {
  return `${OPERATION}${hex(operation)}`;
}

export function teamId(operation: number): string {
  return `${TEAM}${hex(operation)}`;
}

/** What Graph's `Location` header says. */
export function locationOf(operation: number): string {
  return `/teams('${teamId(operation)}')/operations('${operationId(operation)}')`;
}

/** The operation that a URL or a message names; -1 for none. */
export function operationIn(text: string): number {
  const at = text.indexOf(OPERATION);
  return at === -1 ? -1 : Number.parseInt(text.slice(at + OPERATION.length, at + OPERATION.length + 12), 16);
}

export function tenantName(tenant: number): string {
  return `${TENANT}${hex(tenant)}`;
}

export function chatName(tenant: number, chat: number): string {
  return `19:bench-${tenant}-${chat}@thread.v2`;
}

/** Of a path of the connector; null where it names no chat of ours. */
export function chatIn(path: string): { readonly tenant: number; readonly chat: number } | null {
  const match = /bench-(\d+)-(\d+)/u.exec(path);
  return match === null ? null : { tenant: Number(match[1]), chat: Number(match[2]) };
}

function hex(value: number): string {
  return value.toString(16).padStart(12, "0");
}
