import { isOfGraph, isOfSomeCloud, type GraphPlace } from "./clouds.ts";
import { GUID } from "./ids.ts";
import {
  kindOf,
  matchKind,
  ODATA_OWN,
  OTHER,
  writePath,
  type Kind,
  type KindMatch,
  type OperationKind,
  type PathPart,
} from "./kinds.ts";

/**
 * An operation's address: what `track` reads and what a check asks Graph for.
 * Forms and oddities: https://learn.microsoft.com/graph/long-running-actions-overview and the
 * samples in test/fixtures/location-headers.tsv.
 */
export type ApiVersion = "v1.0" | "beta";

export type Address = {
  readonly kind: OperationKind;
  readonly version: ApiVersion;
  /** The path after the version, kept as Graph gave it: `/teams('…')/operations('…')`. */
  readonly path: string;
  /** The team or chat that it belongs to; null where there is none. */
  readonly owner: string | null;
  /** The operation's own id at Graph. Opaque: never taken apart. */
  readonly operation: string;
  /** The same for every spelling of the same operation; checks are shared by it. */
  readonly key: string;
};

export type AddressProblem =
  /** Nothing that looks like an address on Graph. */
  | "notAnOperation"
  /** A team's, a channel's or another resource's location. */
  | "target"
  /** An `@odata.context`: it does not say which operation. */
  | "metadata"
  | "placeholder"
  | "malformed"
  | "otherCloud"
  | "unknownHost"
  /** The cloud does not have this kind of operation. */
  | "notInCloud"
  /** Progress of a copied file: whoever has its address may read it, so it is neither used nor repeated. */
  | "copyMonitor"
  /** Of sign-in methods: delegated permissions only, and its first answer can hold a password. */
  | "authentication"
  /** `/me`: an application is nobody. */
  | "signedInUser";

/** What was not taken, and why. `text` is fit to be repeated. */
export type Refused = { readonly ok: false; readonly problem: AddressProblem; readonly text: string };

export type AddressResult = { readonly ok: true; readonly address: Address } | Refused;

/** Longer keys than any that Graph hands out (142 characters seen) are refused. */
const MAX_KEY_LENGTH = 512;
const MAX_PATH_LENGTH = 2_048;
/** In UTF-8: an index of the database takes 2,704 with the tenant's id. Graph's longest have some 400. */
const MAX_KEY_BYTES = 1_500;
const OPENING = /^["'`<([{]+/u;
const CLOSING: ReadonlySet<string> = new Set("\"'`>)]},.;:!?");
const KEYED_SEGMENT = /^([a-z][a-z0-9]*)\((.*)\)$/isu;
const PLACEHOLDER = /[{}<>]|\.\.\.|…/u;
// Anything that a URL parser could read as structure, and control characters: never part of a key.
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_KEY = /[\u0000-\u0020/\\?#"\u007f-\u00a0]/u;
/** `…/_api/v2.0/monitor/…`, `api.onedrive.com/monitor/…`, in whatever spelling: rather one too many. */
const COPY_MONITOR =
  /_api(?:\/|%(?:25)*2f)+v2(?:\.|%(?:25)*2e)\d|(?:^|\/|%(?:25)*2f|\s)monitor(?:\/|%(?:25)*2f|\?id=)|microsoftpersonalcontent\.com|api\.onedrive\.com/iu;

/** The collections that a relative address may begin with: `/var/log/operations/2` is not Graph's. */
const ROOTS: ReadonlySet<string> = new Set(
  (
    "admin applications appcatalogs auditlogs chats communications compliance copilot datapolicyoperations " +
    "devicemanagement directory domains drives education employeeexperience external financials groups " +
    "identity identitygovernance identityprotection informationprotection me onpremisespublishingprofiles " +
    "organization places planner policies print reports rolemanagement search security serviceprincipals " +
    "shares sites solutions storage teams teamwork tenantrelationships users"
  ).split(" "),
);

/** Reads one value as an operation's address; quotes, brackets and punctuation around it may stay. */
export function parseAddress(text: string, graph: GraphPlace): AddressResult {
  const bare = unwrap(text.trim());
  // A query can hold a secret, and says nothing about what was meant.
  const [withoutQuery = ""] = bare.split("?", 1);
  const refuse = (problem: AddressProblem, shown = withoutQuery): Refused => {
    return { ok: false, problem, text: shown };
  };
  if (holdsSecret(bare)) return refuse("copyMonitor", "");
  if (bare.includes("$metadata#")) return refuse("metadata");

  const located = locate(bare, graph);
  if (typeof located === "string") return refuse(located, originOf(bare) ?? bare);
  const parts = partsOf(located.path);
  const keys = parts?.map(({ text: key }) => key) ?? [];
  const names = keys.map((key) => key.toLowerCase());
  if (isOfAuthentication(names)) return refuse("authentication", "");
  const looksRight = /operations[(/%]/iu.test(located.path);
  if (parts === null) return refuse(looksRight ? "malformed" : "notAnOperation");
  const isOnGraph = isRoot(names[0] ?? "", located.isAbsolute);
  const found = matchKind(parts) ?? (isOnGraph && isOperation(names) ? otherOf(parts) : null);
  if (found === null && isOnGraph && PLACEHOLDER.test(located.path)) return refuse("placeholder");
  if (found === null) return refuse(isOnGraph && isTarget(names) ? "target" : "notAnOperation");
  if (keys.some((key) => PLACEHOLDER.test(key))) return refuse("placeholder");
  if (!keys.every(isSafeKey) || located.path.length > MAX_PATH_LENGTH) return refuse("malformed");
  if (found.kind === OTHER && names[0] === "me") return refuse("signedInUser");
  if (!found.kind.clouds.includes(graph.cloud)) return refuse("notInCloud");
  const named = addressOf(found.kind, found.ids, located.version, found.keyIds);
  if (new TextEncoder().encode(named.key).length > MAX_KEY_BYTES) return refuse("malformed");
  const path = printable(found.isPersonal ? writePath(found.kind, found.ids) : located.path);
  return {
    ok: true,
    address: {
      ...named,
      path: found.kind === OTHER ? path + located.query : path,
      owner: found.owner === null ? null : canonicalId(found.owner),
    },
  };
}

/** Whether a text holds the address of a file copy's monitor, which is a secret. */
export function holdsSecret(text: string): boolean {
  return COPY_MONITOR.test(text);
}

/** The address as a person would paste it, and as {@link parseAddress} reads it back. */
export function printAddress(address: Address): string {
  return `/${address.version}${address.path}`;
}

/**
 * A path that is read back wherever it is pasted: what would be taken for punctuation around it, or
 * for an HTML entity, is percent-encoded. Graph's own locations have none of that.
 */
function printable(path: string): string {
  const encoded = path.replace(/[&;]|,(?=['"\]})/]|https?:|$)/giu, encodeURIComponent);
  if (KEYED_SEGMENT.test(encoded.slice(encoded.lastIndexOf("/") + 1))) return encoded;
  return encoded.replace(/[.:!?'"`>)\]}]+$/u, (marks) =>
    marks.replace(/./gu, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
  );
}

/** The operation with this id in this team or chat. */
export function addressIn(kind: "team" | "chat", owner: string, operation: string): Address {
  const ids = [owner, operation];
  return {
    ...addressOf(kindOf(kind), ids, null),
    path: printable(writePath(kindOf(kind), ids)),
    owner: canonicalId(owner),
  };
}

function addressOf(
  kind: Kind,
  ids: readonly string[],
  version: ApiVersion | null,
  keyIds = ids,
): Omit<Address, "path" | "owner"> {
  return {
    kind: kind.name,
    version: kind.version === "beta" ? "beta" : (version ?? "v1.0"),
    operation: ids.at(-1) ?? "",
    key: [kind.name, ...keyIds.map(canonicalId)].join("/"),
  };
}

/** What a bare operation id looks like: long, one word, with a digit. Opaque beyond that. */
export function isBareId(text: string): boolean {
  return text.length >= 8 && text.length <= MAX_KEY_LENGTH && /^[\w.,=~+-]*\d[\w.,=~+-]*$/u.test(text);
}

/** Quotes, brackets and punctuation around a pasted value; what belongs to its last key stays. */
function unwrap(text: string): string {
  const body = text.replace(OPENING, "");
  const segment = body.slice(body.lastIndexOf("/") + 1);
  // The last key in parentheses ends where its quote or its parenthesis does.
  const keyed = /^[a-z]+\((?:'(?:[^']|'')*'|[^'()]*)\)/iu.exec(segment);
  // So does a placeholder in braces.
  const braced = keyed ?? /^\{[^{}]*\}/u.exec(segment);
  const kept = braced === null ? 0 : body.length - segment.length + braced[0].length;
  let end = body.length;
  while (end > kept && CLOSING.has(body[end - 1] ?? "")) end -= 1;
  return body.slice(0, end);
}

type Located = {
  readonly version: ApiVersion | null;
  readonly path: string;
  /** With its `?`, where something of it is kept. */
  readonly query: string;
  readonly isAbsolute: boolean;
};

/** Splits off origin, version, query and doubled slashes; a string is the reason it was refused. */
function locate(written: string, graph: GraphPlace): Located | "otherCloud" | "unknownHost" {
  const text = withScheme(written);
  const origin = originOf(text);
  if (origin !== null && !isOfGraph(origin, graph)) {
    return isOfSomeCloud(origin) ? "otherCloud" : "unknownHost";
  }
  const rest = text.slice(origin?.length ?? 0);
  const [withoutQuery = "", query = ""] = (rest.split("#", 1)[0] ?? "").split("?", 2);
  const path = `/${withoutQuery}`.replace(/\/{2,}/gu, "/").replace(/\/$/u, "");
  const versioned = /^\/(v1\.0|beta)(\/.*)$/isu.exec(path);
  const isAbsolute = origin !== null || versioned !== null;
  const kept = { query: keptQuery(query), isAbsolute };
  if (versioned === null) return { version: null, path, ...kept };
  const version = versioned[1]?.toLowerCase() === "beta" ? "beta" : "v1.0";
  return { version, path: versioned[2] ?? "", ...kept };
}

/** Consoles and people leave it out: `graph.microsoft.com/v1.0/…`. */
function withScheme(text: string): string {
  const [host = ""] = text.split("/", 1);
  return isOfSomeCloud(`https://${host}`) ? `https://${text}` : text;
}

function originOf(text: string): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/iu.exec(text)?.[0] ?? null;
}

/** Graph puts routing information there. OData's options would change the answer, and a secret is not to be kept. */
function keptQuery(query: string): string {
  const kept = query
    .split("&")
    .filter((pair) => /^[a-z][\w.-]{0,40}=[\w.~%-]{1,200}$/iu.test(pair))
    .filter((pair) => !/token|secret|sig|key|pass|code|auth/iu.test(pair.split("=", 1)[0] ?? ""));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

/** `/teams('a')/operations/b` → `teams`, `a`, `operations`, `b`, decoded once; null if that fails. */
function partsOf(path: string): readonly PathPart[] | null {
  const parts: PathPart[] = [];
  for (const segment of path.slice(1).split("/")) {
    const decoded = decode(segment);
    if (decoded === null) return null;
    const keyed = KEYED_SEGMENT.exec(decoded);
    if (keyed === null) {
      parts.push({ text: decoded, role: "either" });
      continue;
    }
    const key = unquote(keyed[2] ?? "");
    if (key === null) return null;
    parts.push({ text: keyed[1] ?? "", role: "name" }, { text: key, role: "key" });
  }
  return parts;
}

function decode(segment: string): string | null {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** OData string keys are quoted with `'`, and `''` inside stands for one; null for a quote that is left open. */
function unquote(key: string): string | null {
  const quoted = /^'((?:[^']|'')*)'$/su.exec(key);
  if (quoted !== null) return (quoted[1] ?? "").replaceAll("''", "'");
  return /['()]/u.test(key) ? null : key;
}

function isRoot(name: string, isAbsolute: boolean): boolean {
  return ROOTS.has(name) || (isAbsolute && /^[a-z]{3,}$/u.test(name) && name !== "beta");
}

/** Ends in `…/operations/{id}`, or in a collection whose name ends so. */
function isOperation(names: readonly string[]): boolean {
  const collection = names.at(-2) ?? "";
  const isDeepEnough = names.length >= 3 || (names.length === 2 && collection !== "operations");
  return isDeepEnough && /^[a-z]*operations$/u.test(collection) && !ODATA_OWN.has(names.at(-1) ?? "");
}

function otherOf(parts: readonly PathPart[]): KindMatch | null {
  // `a(operations)/b` is no collection of operations.
  if (parts.at(-2)?.role === "key" || parts.at(-1)?.role === "name") return null;
  const ids = parts.map(({ text }) => text);
  // Graph tells names of collections in no case apart.
  const keyIds = parts.map(({ text, role }, index) => {
    const isName = role === "name" || (role === "either" && /^[a-z]+$/iu.test(text));
    return isName && index < parts.length - 1 ? text.toLowerCase() : text;
  });
  return { kind: OTHER, owner: null, ids, keyIds, operation: ids.at(-1) ?? "", isPersonal: false };
}

/** Wherever it stands, and with its type before it: `…/microsoft.graph.user/authentication/operations/…`. */
function isOfAuthentication(names: readonly string[]): boolean {
  return isOperation(names) && names.slice(0, -1).some((name) => /(?:^|\.)authentication$/u.test(name));
}

/** A collection and an id, to any depth: the location of a thing, and not of its making. */
function isTarget(names: readonly string[]): boolean {
  return names.length >= 2 && names.every((name) => name !== "");
}

function isSafeKey(key: string): boolean {
  return (
    key !== "" &&
    key !== "." &&
    key !== ".." &&
    key.length <= MAX_KEY_LENGTH &&
    !UNSAFE_IN_KEY.test(key) &&
    key.isWellFormed()
  );
}

/** GUIDs are the same in either case; every other id (base64, thread ids) is not. */
function canonicalId(id: string): string {
  return GUID.test(id) ? id.toLowerCase() : id;
}

export type { OperationKind };
