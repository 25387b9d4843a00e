import {
  holdsSecret,
  isBareId,
  parseAddress,
  type Address,
  type AddressProblem,
  type Refused,
} from "./address.ts";
import type { GraphPlace } from "./clouds.ts";
import { plainTextOf } from "./pasted-text.ts";

export type Found = {
  /** Each operation once, in the order of the text. */
  readonly addresses: readonly Address[];
  /** What was meant as an address and is none that can be watched. Empty text: nothing to say. */
  readonly nearMisses: readonly Refused[];
  /** Words that may be operations' ids, where there was nothing better. */
  readonly bareIds: readonly string[];
};

/**
 * Every operation's address in whatever a person pastes: header lines, whole responses, JSON, the
 * output of PowerShell or a command line, Teams' HTML. Never throws; linear in the text's length.
 */
export function findAddresses(pasted: string, graph: GraphPlace): Found {
  const addresses = new Map<string, Address>();
  const clearMisses = new Map<string, Refused>();
  const vagueMisses = new Map<string, Refused>();
  const words = wordsOf(plainTextOf(pasted));
  for (const written of words) {
    // No address is without one; most words of a paste are.
    if (!written.includes("/")) continue;
    const word = withoutPrefix(written);
    const result = parseAddress(word, graph);
    if (result.ok) {
      addresses.set(result.address.key, result.address);
      continue;
    }
    const misses = isClear(result, word) ? clearMisses : vagueMisses;
    if (misses.size < MAX_REFUSED) misses.set(`${result.problem} ${result.text}`, result);
  }
  const found = [...addresses.values()];
  const clear = [...clearMisses.values()];
  if (found.length > 0) return { addresses: found, nearMisses: clear, bareIds: [] };
  const told = clear.length > 0 ? clear : vague([...vagueMisses.values()], pasted);
  const isOfIds = told.every(({ problem }) => problem === "notAnOperation") && words.every(isBareId);
  return { addresses: [], nearMisses: told, bareIds: isOfIds ? [...new Set(words)] : [] };
}

/** More than anybody reads; the rest of a log need not be kept. */
const MAX_REFUSED = 50;

/** A stranger's host with an operation's path is a mistake worth telling; any other link is a link. */
function isClear({ problem }: Refused, word: string): boolean {
  return isClearMiss(problem) || (problem === "unknownHost" && /operations[(/%]/iu.test(word));
}

/** Whether it was surely meant as an operation's address: told whatever else was found. */
export function isClearMiss(problem: AddressProblem): boolean {
  return CLEAR.has(problem);
}

const CLEAR: ReadonlySet<AddressProblem> = new Set([
  "placeholder",
  "otherCloud",
  "malformed",
  "notInCloud",
  "copyMonitor",
  "authentication",
  "signedInUser",
]);

/** The rest is in every response beside the operation, and is told only where there was none. */
const VAGUE: readonly AddressProblem[] = ["unknownHost", "target", "metadata"];

function vague(misses: readonly Refused[], pasted: string): readonly Refused[] {
  const kinds = VAGUE.map((problem) => misses.filter((miss) => miss.problem === problem));
  const told = kinds.find((group) => group.length > 0);
  if (told !== undefined) return told;
  const text = pasted.trim();
  if (text === "") return [];
  // Written so oddly that no word of it was taken for one.
  if (holdsSecret(text)) return [{ ok: false, problem: "copyMonitor", text: "" }];
  return [{ ok: false, problem: "notAnOperation", text: text.replace(TOKEN, "…") }];
}

/** A JSON web token, as in a pasted Authorization header: not to be said again. */
const TOKEN = /eyJ[\w-]{10,}(?:\.[\w-]*){0,2}/gu;

/** `<team id>` in an address stands for a value, as `{team-id}` does. */
const ANGLED = /<([a-z][a-z0-9_ .-]{0,40})>/giu;
const BRACED = /\{([a-z][a-z0-9_ .-]{0,40})\}/giu;

/**
 * Words by what cannot be within an address. A comma can (`contentTypeCopy,0x0101…`), so it parts
 * words only before a space, a quote, or the next address.
 */
function wordsOf(text: string): readonly string[] {
  return text
    .replace(ANGLED, "{$1}")
    .replace(BRACED, (placeholder) => placeholder.replaceAll(" ", "-"))
    .split(/[\s"`<>|]+|[,;](?=['"\]})/]|https?:|$|\s)|(?=https?:\/\/)/iu)
    .filter((word) => word !== "" && !/^[^a-z0-9]+$/iu.test(word));
}

/** `Location:`, `@{Location=`, `'Location':`, `[label](`: what stands before an address in one word. */
function withoutPrefix(word: string): string {
  if (/^[a-z][a-z0-9+.-]{0,20}:\/\//iu.test(word)) return word;
  return word.replace(
    /^[@{[('"]*(?:[a-z][\w.-]{0,40}['"]?\]?[:=]|\[[^[\]()]{0,80}\]\()['"{[(@]*(?=[a-z/])/iu,
    "",
  );
}
