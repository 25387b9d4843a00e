import type { ApiVersion } from "./address.ts";
import { isOfGraph, type GraphPlace } from "./clouds.ts";

/**
 * Looking at what an operation has made. These resources may be asked for only rarely ("Polling
 * requirements", https://learn.microsoft.com/graph/api/resources/teams-api-overview), so the looks
 * are few.
 */
export type Target = { readonly version: ApiVersion; readonly path: string };

/** Waits before each look, in intervals: about half a minute, two minutes, ten minutes. */
export const LOOK_WAITS = [1, 4, 20] as const;

/** Operations that make something; of the others the result was there before. */
const MAKING: ReadonlySet<string> = new Set([
  "createTeam",
  "cloneTeam",
  "teamifyGroup",
  "createChannel",
  "createChat",
  "createCommunity",
]);

export function makesSomething(operationType: string | null): boolean {
  return operationType !== null && MAKING.has(operationType);
}

/** Where Graph says that the result is. Opaque: only host and version are split off, as sending it needs. */
export function targetOf(location: string, graph: GraphPlace, version: ApiVersion): Target | null {
  const absolute = /^([a-z]+:\/\/[^/?#]*)(\/.*)$/iu.exec(location);
  if (absolute !== null && !isOfGraph(absolute[1] ?? "", graph)) return null;
  const path = absolute?.[2] ?? location;
  if (!/^\/[^\s\\?#]{1,2000}$/u.test(path) || path.slice(1).split("/").some(leadsElsewhere)) return null;
  const versioned = /^\/(v1\.0|beta)(\/.+)$/u.exec(path);
  if (versioned === null) return { version, path };
  return { version: versioned[1] === "beta" ? "beta" : "v1.0", path: versioned[2] ?? "" };
}

/** Empty and dot segments, encoded ones too, and OData's own (`$batch`). */
function leadsElsewhere(segment: string): boolean {
  const plain = segment.replaceAll(/%2e/giu, ".");
  return plain === "" || /^\.+$/u.test(plain) || plain.startsWith("$") || /%2f|%5c/iu.test(segment);
}

const HOSTS: readonly RegExp[] = [
  /^teams\.(?:microsoft\.com|cloud\.microsoft|live\.com)$/u,
  /^(?:gov|dod)\.teams\.microsoft\.us$/u,
  /^teams\.microsoftonline\.cn$/u,
  /^[a-z0-9-]+\.sharepoint(?:-mil)?\.(?:com|us|cn)$/u,
  /^(?:engage\.cloud\.microsoft|web\.yammer\.com|www\.yammer\.com)$/u,
];

/** A `webUrl` that may become a button: https, on a host of Microsoft 365. */
export function safeWebUrl(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 2_000 || !URL_SHAPE.test(value)) return null;
  const host = URL_SHAPE.exec(value)?.[1]?.toLowerCase() ?? "";
  return HOSTS.some((pattern) => pattern.test(host)) ? value : null;
}

/** No user, no port, nothing that a reader or a renderer could take for the end of it. */
const URL_SHAPE = /^https:\/\/([a-z0-9.-]+)\/[^\s<>"'\\`{}|^]*$/iu;
