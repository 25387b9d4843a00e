import { AR } from "./ar.ts";
import { DE } from "./de.ts";
import { EN } from "./en.ts";
import { ES } from "./es.ts";
import { FR } from "./fr.ts";
import { JA } from "./ja.ts";
import { PT_BR } from "./pt-br.ts";
import type { Words } from "./words.ts";
import { ZH_CN } from "./zh-cn.ts";

/** Every language that Opwatch speaks. */
export const LANGUAGES: readonly Words[] = [EN, DE, FR, ES, PT_BR, JA, ZH_CN, AR];

/** Traditional Chinese is written with other characters: its readers get English. */
const NOT_SPOKEN = /^zh-(?:tw|hk|mo|hant)\b/u;

/**
 * The words for a reader.
 * @param locale as Teams names it, BCP 47: `de-CH`; null where nobody said.
 */
export function wordsFor(locale: string | null | undefined): Words {
  const asked = (locale ?? "").toLowerCase();
  if (NOT_SPOKEN.test(asked)) return EN;
  const [language = ""] = asked.split("-");
  const isOf = (words: Words): boolean => words.locale.toLowerCase().split("-")[0] === language;
  return LANGUAGES.find((words) => words.locale.toLowerCase() === asked) ?? LANGUAGES.find(isOf) ?? EN;
}
