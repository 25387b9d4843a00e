import type { Locked } from "./lockfile.ts";

/** Those that ask for no more than to be named, and go with ours (MIT). */
const ALLOWED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** Packages whose package.json has no `license` that npm reads; what their own files say. */
export const READ_BY_HAND: ReadonlyMap<string, string> = new Map([
  // package.json: `licenses`, as npm wanted it once; LICENSE-MIT.
  ["cldrjs@0.5.5", "MIT"],
  // Readme.md.
  ["escape-regexp-component@1.0.2", "MIT"],
  // LICENSE has the text of MIT.
  ["jspath@0.4.0", "MIT"],
]);

/** The licence as an SPDX expression, or null when nobody knows. */
export function licenceOf({
  name,
  version,
  license,
}: Pick<Locked, "name" | "version" | "license">): string | null {
  return license ?? READ_BY_HAND.get(`${name}@${version}`) ?? null;
}

/** Of `(A OR B)` one is enough. */
export function isAllowed(licence: string): boolean {
  return licence
    .replace(/^\((.*)\)$/u, "$1")
    .split(" OR ")
    .some((one) => ALLOWED.has(one));
}
