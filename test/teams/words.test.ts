import { describe, expect, test } from "vitest";

import { EN } from "../../src/teams/words/en.ts";

type Word = { readonly path: string; readonly word: unknown };

function wordsIn(value: unknown, path = "EN"): readonly Word[] {
  if (typeof value !== "object" || value === null) return [{ path, word: value }];
  return Object.entries(value).flatMap(([key, inner]) => wordsIn(inner, `${path}.${key}`));
}

const words = wordsIn(EN);
const texts = words.filter(({ word }) => typeof word !== "function");
/** Those that are told other things than texts, or are not to repeat what they are told. */
const SPECIAL: ReadonlySet<string> = new Set([
  "EN.aliasList",
  "EN.duration",
  "EN.failedSteps",
  "EN.joins.list",
  "EN.joins.sentences",
  "EN.partsFailed",
  "EN.permission",
  "EN.permissionUndocumented",
  "EN.refused.authentication",
  "EN.refused.copyMonitor",
  "EN.stepCount",
]);
const sentences = words.filter(({ path, word }) => typeof word === "function" && !SPECIAL.has(path));

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
    expect(EN.partsFailed(1)).toBe("1 part failed");
    expect(EN.partsFailed(12)).toBe("12 parts failed");
    expect(EN.stopped(1)).not.toContain("operations");
    expect(EN.stopped(2)).toContain("2 operations");
  });
});

describe("durations are told as people tell them", () => {
  test.each([
    [0, "1 s"],
    [400, "1 s"],
    [1_499, "1 s"],
    [40_000, "40 s"],
    [89_999, "90 s"],
    [90_000, "2 min"],
    [5_399_999, "90 min"],
    [5_400_000, "2 h"],
    [86_400_000, "24 h"],
  ])("%i ms: %s", (ms, told) => {
    expect(EN.duration(ms)).toBe(told);
  });

  test("never shorter than a shorter one", () => {
    const secondsOf = (text: string): number => {
      const [count = "", unit = ""] = text.split(" ");
      return Number(count) * ({ s: 1, min: 60, h: 3_600 }[unit] ?? Number.NaN);
    };
    const told = Array.from({ length: 400 }, (_, index) => secondsOf(EN.duration(1_000 * 1.03 ** index)));
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
  });
});

describe("steps", () => {
  test.each([
    [{ group: "apps", done: 1, failed: 0, total: 2, isTold: true }, "apps 1 of 2"],
    [{ group: "channels", done: 0, failed: 0, total: 3, isTold: true }, "channels 0 of 3"],
    [{ group: "apps", done: 0, failed: 0, total: 1, isTold: false }, "1 app"],
    [{ group: "channels", done: 0, failed: 0, total: 1, isTold: false }, "1 channel"],
    [{ group: "apps", done: 0, failed: 0, total: 4, isTold: false }, "4 apps"],
  ] as const)("%j: %s", (count, told) => {
    expect(EN.stepCount(count)).toBe(told);
  });

  test("that failed are named, one and many", () => {
    expect(EN.failedSteps(["Homework"], 0)).toMatch(/^One part .*: Homework\.$/u);
    expect(EN.failedSteps(["Homework", "General"], 0)).toMatch(/^2 parts .*: Homework, General\.$/u);
    expect(EN.failedSteps(["Homework", "General"], 7)).toMatch(
      /^9 parts .*: Homework, General and 7 more\.$/u,
    );
  });
});

describe("permissions", () => {
  test("are named, with the consent that does as well and Microsoft's page", () => {
    const told = EN.permission(["A.Read", "B.Read"], ["C.Read.Chat", "D.Read.Chat"], "https://example.org/p");
    for (const part of ["A.Read or B.Read", "C.Read.Chat or D.Read.Chat", "](https://example.org/p)"]) {
      expect(told).toContain(part);
    }
    expect(EN.permission(["A.Read"], [], "https://example.org/p")).not.toContain("consent");
  });

  test("that nobody documents are called that", () => {
    const told = EN.permissionUndocumented(["A.Read", "B.Read"], "https://example.org/p");
    expect(told).toMatch(
      /Microsoft documents no permission.*A\.Read, B\.Read\..*\]\(https:\/\/example\.org\/p\)/u,
    );
  });
});

test("aliases are all told, with the mention for the next command", () => {
  const told = EN.aliasList(["⟦0⟧", "⟦1⟧"], "⟦2⟧");
  for (const part of ["`⟦0⟧`", "`⟦1⟧`", "**⟦2⟧alias remove**"]) expect(told).toContain(part);
  expect(EN.aliasList([], "⟦0⟧")).toContain("**⟦0⟧alias**");
});

test("a ping to nobody says the same as one to somebody", () => {
  expect(EN.ping("⟦0⟧", "⟦1⟧", "⟦2⟧")).toBe(`⟦0⟧ ${EN.pingNobody("⟦1⟧", "⟦2⟧")}`);
});

test.each(["copyMonitor", "authentication"] as const)("%s repeats nothing of what it was told", (problem) => {
  expect(EN.refused[problem]("⟦0⟧")).not.toContain("⟦0⟧");
});

test("a card without a link is told of without one", () => {
  expect(EN.already("Create team", "in progress", null)).not.toContain("](");
  expect(EN.already("Create team", "in progress", "https://teams.microsoft.com/l/x")).toContain(
    "](https://teams.microsoft.com/l/x)",
  );
});
