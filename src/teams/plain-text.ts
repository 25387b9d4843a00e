import { printInstant } from "../core/instants.ts";
import type { EpochMs } from "../core/ids.ts";

/**
 * Text from Graph or a person, made harmless for a card or a message: one line, no Markdown, no
 * links, no mention tags, and no longer than `max`.
 */
export function plain(text: string, max = 300): string {
  return shortened(text, max)
    .replace(/[\\`*_[\]()#~|]/gu, "\\$&")
    .replaceAll("<", "‹")
    .replaceAll(">", "›");
}

/** One line, no longer than `max`: for toasts and the chat list, which show every character as it is. */
export function shortened(text: string, max: number): string {
  const line = oneLine(text);
  return line.length > max
    ? `${line
        .slice(0, max - 1)
        .toWellFormed()
        .trimEnd()}…`
    : line.toWellFormed();
}

/** For `code spans`, where a backslash would be shown: what could end the span is taken out. */
export function code(text: string, max = 300): string {
  return shortened(text, max).replaceAll("`", "'");
}

/**
 * Without what turns the direction of the text around it, is not seen at all, or begins a card's
 * date function or a template's placeholder.
 */
function oneLine(text: string): string {
  return text
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, "")
    .replace(/[\s\u0000-\u001f\u007f]+/gu, " ")
    .replace(/([{$])(?=\{)/gu, "$1 ")
    .trim();
}

/** A date and time that each reader's client shows in their own zone and language. */
export function localTime(at: EpochMs): string {
  const instant = printInstant(at);
  return `{{DATE(${instant},COMPACT)}} {{TIME(${instant})}}`;
}

/** For text messages, where cards' date functions do not work: in UTC, and with the day's 24 hours. */
export function utcTime(at: EpochMs, locale: string): string {
  return formatFor(locale).format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a hundred times as long as using it. */
function formatFor(locale: string): Intl.DateTimeFormat {
  const known = formats.get(locale);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, {
    numberingSystem: "latn",
    timeZone: "UTC",
    timeZoneName: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  formats.set(locale, made);
  return made;
}

/** Teams makes links of bare addresses in a message; what Graph said is not to become one. */
export function unlinked(text: string): string {
  return text.replaceAll("://", ":\u2060//");
}
