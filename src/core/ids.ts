/**
 * Primitives that only their own maker may produce, so that a watch's id is never passed
 * where an operation's id is meant. This is the one file of `src` that uses `as` on a value.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** As Entra writes its ids, in either case. */
export const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** An instant: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Our own UUID of an operation's row. */
export type OperationId = Brand<string, "OperationId">;
/** Our own UUID of a watch's row; also what a card's buttons carry. */
export type WatchId = Brand<string, "WatchId">;
/** A Teams conversation id without `;messageid=…`: a personal chat, a group chat or a channel. */
export type ConversationId = Brand<string, "ConversationId">;
/** The Entra tenant (directory) id, lower case. */
export type TenantId = Brand<string, "TenantId">;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function operationId(value: string): OperationId {
  return value as OperationId;
}

export function newWatchId(): WatchId {
  return crypto.randomUUID() as WatchId;
}

/**
 * The watch that is known by a hash: a UUID of version 8 (RFC 9562).
 * @param hex 32 digits or more, in lower case
 */
export function watchIdOf(hex: string): WatchId {
  const part = (from: number, to: number): string => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-a${part(17, 20)}-${part(20, 32)}` as WatchId;
}

/** A watch id from outside (a card's button): null unless it has the form of one. */
export function parseWatchId(value: unknown): WatchId | null {
  return typeof value === "string" && UUID.test(value) ? (value as WatchId) : null;
}

/**
 * The conversation a card belongs to. Teams appends `;messageid=<root>` in a channel's thread; the
 * channel is the conversation, the thread only the place where a card is posted.
 */
export function conversationId(raw: string): ConversationId {
  const cut = raw.indexOf(";messageid=");
  return (cut === -1 ? raw : raw.slice(0, cut)) as ConversationId;
}

export function tenantId(value: string): TenantId {
  return value.toLowerCase() as TenantId;
}
