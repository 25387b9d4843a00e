/**
 * What people paste, made plain: Teams' own HTML, JSON's and shells' escapes, quotes that a word
 * processor has bent, characters that nobody sees. Linear in the length of the text.
 */
export function plainTextOf(pasted: string): string {
  return withoutEscapes(withoutMarkup(pasted))
    .replace(SAFE_LINK, (link, target: string) => decoded(target) ?? link)
    .replace(/[\u200b-\u200f\u2060-\u2069\ufeff\u00ad\u202a-\u202e]/gu, "")
    .replace(/[‘’‚‛′]/gu, "'")
    .replace(/[“”„‟″«»]/gu, '"')
    .replace(WRAPPED_KEY, "$1$2");
}

/** Teams' tags. Others stay: `<id>` in an address is a placeholder, and `<https://…>` an address. */
const TAG =
  /<\/?(?:a|at|attachment|b|blockquote|br|code|codeblock|div|em|emoji|font|h[1-6]|hr|i|img|li|ol|p|pre|readonly|s|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?\/?>/giu;
const TARGET_OF_LINK = /\shref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/iu;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["nbsp", " "],
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["lsquo", "'"],
  ["rsquo", "'"],
  ["ldquo", '"'],
  ["rdquo", '"'],
]);

/** A link's label may say anything: where it leads is what counts, so both are read. */
function withoutMarkup(text: string): string {
  const untagged = text.includes("<")
    ? text.replace(TAG, (tag) => {
        const target = /^<a\s/iu.test(tag) ? TARGET_OF_LINK.exec(tag) : null;
        return target === null ? " " : ` ${target[1] ?? target[2] ?? ""} `;
      })
    : text;
  if (!untagged.includes("&")) return untagged;
  return untagged.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/giu, (entity, dec, hex, name) => {
    if (typeof name === "string") return ENTITIES.get(name.toLowerCase()) ?? entity;
    return characterOf(typeof dec === "string" ? Number(dec) : Number.parseInt(String(hex), 16)) ?? entity;
  });
}

/** `\u0027` for a quote is what .NET and PowerShell write into JSON; twice escaped where JSON is in JSON. */
function withoutEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\{1,4}(?:u([0-9a-f]{4})|(["'/])|([nrt])(?![a-z0-9]))/giu,
    (escape, hex, mark, space) => {
      if (typeof hex === "string") return characterOf(Number.parseInt(hex, 16)) ?? escape;
      return typeof space === "string" ? " " : String(mark);
    },
  );
}

function characterOf(code: number): string | null {
  if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
  return code < 0x20 ? " " : String.fromCodePoint(code);
}

/** Outlook and Teams put links behind a checking address. */
const SAFE_LINK =
  /https:\/\/[a-z0-9.-]{1,60}\.safelinks\.protection\.outlook\.com\/[^\s?]{0,60}\?url=([^&\s"'<>]{1,4000})[^\s"'<>]*/giu;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A quoted key that a console has broken at its right edge. */
const WRAPPED_KEY = /(\('[^'\s()]{1,512})[ \t]*\r?\n[ \t]+([^'\s()]{1,512}'\))/gu;
