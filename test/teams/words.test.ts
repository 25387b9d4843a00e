import { describe, expect, test } from "vitest";

import { EN } from "../../src/teams/words/en.ts";

type Word = { readonly path: string; readonly word: unknown };

function wordsIn(value: unknown, path = "EN"): readonly Word[] {
  if (typeof value !== "object" || value === null) return [{ path, word: value }];
  return Object.entries(value).flatMap(([key, inner]) => wordsIn(inner, `${path}.${key}`));
}

const words = wordsIn(EN);
const texts = words.filter(({ word }) => typeof word !== "function");
const sentences = words.filter(({ word }) => typeof word === "function");

test("there are texts and functions", () => {
  expect(texts.length).toBeGreaterThan(50);
  expect(sentences.length).toBeGreaterThan(20);
});

test.each(texts)("$path says something", ({ word }) => {
  expect(word).toEqual(expect.stringMatching(/\S/u));
});

test.each(sentences)("$path says all that it is told", ({ word }) => {
  if (typeof word !== "function") throw new Error("It is no function");
  const args = Array.from({ length: word.length }, (_, index) => `⟦${index}⟧`);
  const text: unknown = Reflect.apply(word, EN, args);
  expect(args.length).toBeGreaterThan(0);
  for (const arg of args) expect(text).toContain(arg);
  expect(text).not.toContain("undefined");
});

test.each(words)("$path is no template's placeholder", ({ word }) => {
  expect(String(word)).not.toMatch(/\{\{|TODO|FIXME/u);
});

describe("one and many", () => {
  test("are told apart", () => {
    expect(EN.listHeader(1)).toContain("one operation ");
    expect(EN.listHeader(2)).toContain("2 operations ");
    expect(EN.stopped(1)).not.toContain("operations");
    expect(EN.stopped(2)).toContain("2 operations");
  });
});

test("a card without a link is told of without one", () => {
  expect(EN.already("Create team", "in progress", null)).not.toContain("](");
  expect(EN.already("Create team", "in progress", "https://teams.microsoft.com/l/x")).toContain(
    "](https://teams.microsoft.com/l/x)",
  );
});
