/**
 * An operation's address: what `track` reads and what a check asks Graph for.
 * Forms and oddities: https://learn.microsoft.com/graph/long-running-actions-overview and the
 * samples in test/fixtures/location-headers.tsv.
 */
export type ApiVersion = "v1.0" | "beta";
export type OperationKind = "team" | "chat" | "engagement";

export type Address = {
  readonly kind: OperationKind;
  readonly version: ApiVersion;
  /** The path after the version, kept as Graph gave it: `/teams('…')/operations('…')`. */
  readonly path: string;
  /** The operation's own id at Graph. Opaque: never taken apart. */
  readonly operation: string;
  /** The same for every spelling of the same operation; checks are shared by it. */
  readonly key: string;
};

export type AddressProblem =
  "notAnOperation" | "placeholder" | "metadata" | "otherCloud" | "unknownHost" | "malformed";

export type AddressResult =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly problem: AddressProblem; readonly text: string };

/** Graph's roots by cloud (https://learn.microsoft.com/graph/deployments). */
const GRAPH_ORIGINS: ReadonlySet<string> = new Set([
  "https://graph.microsoft.com",
  "https://graph.microsoft.us",
  "https://dod-graph.microsoft.us",
  "https://microsoftgraph.chinacloudapi.cn",
]);

/** Longer keys than any that Graph hands out (142 characters seen) are refused. */
const MAX_KEY_LENGTH = 512;
const HEADER_NAME = /^(?:operation-|content-)?location:/i;
const OPENING = /^["'`<([{“”‘’]+/u;
const CLOSING: ReadonlySet<string> = new Set("\"'`>)]}“”‘’,.;");
const KEYED_SEGMENT =
  /^(teams|chats|groups|operations|engagementAsyncOperations|engagementOperations)\((.*)\)$/i;
const PLACEHOLDER = /[{}<>]|\.\.\.|…/u;
// Anything that a URL parser could read as structure, and control characters: never part of a key.
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_KEY = /[\u0000-\u0020/\\?#"\u007f]/u;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads every word of `text` as an operation's address.
 * @param graphOrigin the configured Graph root (scheme and host); another host never gets a check.
 */
export function parseAddresses(text: string, graphOrigin: string): readonly AddressResult[] {
  return text
    .split(/\s+/u)
    .map((word) => word.replace(HEADER_NAME, ""))
    .filter((word) => word !== "")
    .map((word) => parseAddress(word, graphOrigin));
}

export function parseAddress(text: string, graphOrigin: string): AddressResult {
  const bare = unwrap(text.trim());
  const refuse = (problem: AddressProblem): AddressResult => ({ ok: false, problem, text: bare });
  if (bare.includes("$metadata#")) return refuse("metadata");

  const located = locate(bare, graphOrigin);
  if (typeof located === "string") return refuse(located);
  const keys = keysOf(located.path);
  if (keys === null) return refuse("malformed");
  const found = match(keys);
  if (found === null) return refuse("notAnOperation");
  const ids = found.owner === null ? [found.operation] : [found.owner, found.operation];
  if (ids.some((id) => PLACEHOLDER.test(id))) return refuse("placeholder");
  if (!ids.every(isSafeKey)) return refuse("malformed");

  return {
    ok: true,
    address: {
      kind: found.kind,
      // Operations of chats exist in beta only; the others are in both versions.
      version: found.kind === "chat" ? "beta" : (located.version ?? "v1.0"),
      path: located.path,
      operation: found.operation,
      key: [found.kind, ...ids.map(canonicalId)].join("/"),
    },
  };
}

/** The address as a person would paste it, and as {@link parseAddress} reads it back. */
export function printAddress(address: Address): string {
  return `/${address.version}${address.path}`;
}

/** Quotes, brackets and punctuation around a pasted value; what belongs to its last key stays. */
function unwrap(text: string): string {
  const body = text.replace(OPENING, "");
  const segment = body.slice(body.lastIndexOf("/") + 1);
  // The last key in parentheses ends where its quote or its parenthesis does.
  const keyed = /^[a-z]+\((?:'(?:[^']|'')*'|[^'()]*)\)/iu.exec(segment);
  const kept = keyed === null ? 0 : body.length - segment.length + keyed[0].length;
  let end = body.length;
  while (end > kept && CLOSING.has(body[end - 1] ?? "")) end -= 1;
  return body.slice(0, end);
}

type Located = { readonly version: ApiVersion | null; readonly path: string };

/** Splits off origin, version, query and doubled slashes; a string is the reason it was refused. */
function locate(text: string, graphOrigin: string): Located | AddressProblem {
  const absolute = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(.*)$/i.exec(text);
  let rest = text;
  if (absolute !== null) {
    const origin = (absolute[1] ?? "").toLowerCase();
    if (origin !== graphOrigin.toLowerCase()) {
      return GRAPH_ORIGINS.has(origin) ? "otherCloud" : "unknownHost";
    }
    rest = absolute[2] ?? "";
  }
  const withoutQuery = rest.split(/[?#]/u, 1)[0] ?? "";
  const path = `/${withoutQuery}`.replace(/\/{2,}/gu, "/").replace(/\/$/u, "");
  const versioned = /^\/(v1\.0|beta)(\/.*)$/i.exec(path);
  if (versioned === null) return { version: null, path };
  return { version: versioned[1]?.toLowerCase() === "beta" ? "beta" : "v1.0", path: versioned[2] ?? "" };
}

/** `/teams('a')/operations/b` → `["teams", "a", "operations", "b"]`, decoded once; null if that fails. */
function keysOf(path: string): readonly string[] | null {
  const keys: string[] = [];
  for (const segment of path.slice(1).split("/")) {
    const decoded = decode(segment);
    if (decoded === null) return null;
    const keyed = KEYED_SEGMENT.exec(decoded);
    if (keyed === null) keys.push(decoded);
    else keys.push(keyed[1] ?? "", unquote(keyed[2] ?? ""));
  }
  return keys;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** OData string keys are quoted with `'`, and `''` inside stands for one. */
function unquote(key: string): string {
  const quoted = /^'(.*)'$/u.exec(key);
  return quoted === null ? key : (quoted[1] ?? "").replaceAll("''", "'");
}

type Match = { readonly kind: OperationKind; readonly owner: string | null; readonly operation: string };

function match(keys: readonly string[]): Match | null {
  const [a, b, c, d, e] = keys;
  const names = keys.map((key) => key.toLowerCase());
  if (keys.length === 4 && names[2] === "operations" && b !== undefined && d !== undefined) {
    if (names[0] === "teams") return { kind: "team", owner: b, operation: d };
    if (names[0] === "chats") return { kind: "chat", owner: b, operation: d };
  }
  if (keys.length === 5 && names[0] === "groups" && names[2] === "team" && names[3] === "operations") {
    return b === undefined || e === undefined ? null : { kind: "team", owner: b, operation: e };
  }
  if (keys.length === 3 && a !== undefined && c !== undefined) {
    // The second name is in an @odata.id of the documentation.
    const isEngagement =
      names[0] === "employeeexperience" &&
      (names[1] === "engagementasyncoperations" || names[1] === "engagementoperations");
    if (isEngagement) return { kind: "engagement", owner: null, operation: c };
  }
  return null;
}

function isSafeKey(key: string): boolean {
  return (
    key !== "" && key !== "." && key !== ".." && key.length <= MAX_KEY_LENGTH && !UNSAFE_IN_KEY.test(key)
  );
}

/** GUIDs are the same in either case; every other id (base64, thread ids) is not. */
function canonicalId(id: string): string {
  return GUID.test(id) ? id.toLowerCase() : id;
}
