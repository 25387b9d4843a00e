import { describe, expect, test } from "vitest";
import { EN } from "../../src/teams/words/en.ts";
import { LANGUAGES, wordsFor } from "../../src/teams/words/languages.ts";

type Word = { readonly path: string; readonly word: unknown };

function wordsIn(value: unknown, path = ""): readonly Word[] {
  if (typeof value !== "object" || value === null) return [{ path, word: value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    wordsIn(inner, path === "" ? key : `${path}.${key}`),
  );
}

const LISTS: ReadonlySet<string> = new Set(["joins.sentences", "joins.list"]);

/** What a function is told, by its path; every other one is told a text for each argument. */
function argumentsFor(path: string, count: number): readonly unknown[] {
  const texts = Array.from({ length: count }, (_, index) => `⟦${index}⟧`);
  if (LISTS.has(path)) return [["⟦0⟧", "⟦1⟧"]];
  switch (path) {
    case "aliasList":
      return [["⟦0⟧", "⟦1⟧"], "⟦2⟧"];
    case "failedSteps":
      return [["⟦0⟧", "⟦1⟧"], 97];
    case "permission":
      return [["⟦0⟧"], ["⟦1⟧"], "⟦2⟧"];
    case "permissionUndocumented":
      return [["⟦0⟧", "⟦1⟧"], "⟦2⟧"];
    case "stepCount":
      return [{ group: "apps", done: 97, failed: 0, total: 98, isTold: true }];
    case "duration":
      return [40_000];
    case "refreshed":
      return [97, "⟦1⟧", 98];
    default:
      return isCounted(path) ? [97, ...texts.slice(1)] : texts;
  }
}

/** They are told a number first. */
const COUNTED: ReadonlySet<string> = new Set([
  "partsFailed",
  "attempt",
  "more",
  "refusedMore",
  "deniedMore",
  "listHeader",
  "listMore",
  "stopped",
  "joins.percent",
]);
const isCounted = (path: string): boolean => COUNTED.has(path);

const said = (path: string, word: unknown): string => {
  if (typeof word !== "function") return String(word);
  if (path === "tooLong" || path === "tooMany") return String(Reflect.apply(word, null, [97_531, 98]));
  return String(Reflect.apply(word, null, argumentsFor(path, word.length)));
};

/** The same marks and numbers in the order of the alphabet: a language may say them in another one. */
const told = (text: string): readonly string[] =>
  (text.match(/⟦\d⟧|97[ .,\u00a0\u202f]?531|9[78]/gu) ?? [])
    .map((mark) => mark.replace(/[^\d⟦⟧]/gu, ""))
    .toSorted();

const english = new Map(wordsIn(EN).map(({ path, word }) => [path, word]));
/** Names, symbols, and words that are the same in more than one language. */
const MAY_BE_THE_SAME =
  /^(?:locale|direction|joins\..*|ping|pingNobody|duration|facts\.(?:status|detail|error|kind)|buttons\.details|stepGroups\.apps)$/u;

describe.each(LANGUAGES.filter((words) => words !== EN).map((words) => [words.locale, words] as const))(
  "%s",
  (locale, words) => {
    const own = wordsIn(words);

    test("has every word that English has, and no other", () => {
      expect(own.map(({ path }) => path).toSorted()).toEqual([...english.keys()].toSorted());
    });

    test.each(own)(
      "$path is said, with all that it is told, and in the language's own words",
      ({ path, word }) => {
        const text = said(path, word);
        const inEnglish = said(path, english.get(path));
        expect(text).toMatch(/\S/u);
        expect(text).not.toMatch(/undefined|\[object|TODO|\{\{/u);
        expect(told(text)).toEqual(told(inEnglish));
        expect(text !== inEnglish || MAY_BE_THE_SAME.test(path)).toBe(true);
      },
    );

    test("keeps the commands, and what is bold, code or a link", () => {
      for (const { path, word } of own) {
        const marks = (text: string): readonly string[] =>
          (text.match(/\*\*[^*]+\*\*|\]\([^)]*\)/gu) ?? [])
            .map((mark) => mark.replace(/[\s\u2066-\u2069\u200a]/gu, ""))
            .toSorted();
        expect({ path, marks: marks(said(path, word)) }).toEqual({
          path,
          marks: marks(said(path, english.get(path))),
        });
      }
    });

    test("is known to Intl", () => {
      expect(Intl.DateTimeFormat.supportedLocalesOf([locale])).toEqual([locale]);
    });
  },
);

describe("whose language is spoken", () => {
  test.each([
    ["de-DE", "de"],
    ["de-CH", "de"],
    ["DE", "de"],
    ["fr-CA", "fr"],
    ["es-MX", "es"],
    ["pt-BR", "pt-BR"],
    ["pt-PT", "pt-BR"],
    ["ja-JP", "ja"],
    ["zh-CN", "zh-CN"],
    ["zh-Hans-SG", "zh-CN"],
    ["zh", "zh-CN"],
    ["zh-TW", "en"],
    ["zh-Hant-HK", "en"],
    ["ar-SA", "ar"],
    ["en-US", "en"],
    ["nl-NL", "en"],
    ["", "en"],
    [null, "en"],
    [undefined, "en"],
    ["__proto__", "en"],
  ])("%s: %s", (locale, spoken) => {
    expect(wordsFor(locale).locale).toBe(spoken);
  });
});
