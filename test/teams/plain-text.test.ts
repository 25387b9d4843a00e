import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { code, localTime, plain, shortened, utcTime } from "../../src/teams/plain-text.ts";
import { HOSTILE, liveMarkdownIn, nastyText } from "./samples.ts";

const AT = Date.UTC(2026, 10, 21, 12, 0, 5, 900);

describe("text from outside", () => {
  test.each([
    ["Alex Wilber", "Alex Wilber"],
    ["**bold**", "\\*\\*bold\\*\\*"],
    ["_it_ ~~gone~~", "\\_it\\_ \\~\\~gone\\~\\~"],
    ["`code`", "\\`code\\`"],
    ["[click](https://evil.example)", "\\[click\\]\\(https://evil.example\\)"],
    ["<at>Everyone</at>", "‹at›Everyone‹/at›"],
    ["a\\b", "a\\\\b"],
    ["a | b", "a \\| b"],
    ["# title", "\\# title"],
    ["two\nlines\r\n\r\nand\u2028more", "two lines and more"],
    ["  blanks \t around\u00a0", "blanks around"],
    ["nul\u0000bell\u0007del\u007f", "nul bell del"],
    ["{{DATE(x)}}", "{ {DATE\\(x\\)}}"],
    ["漢字 \u{1f600}", "漢字 \u{1f600}"],
    ["", ""],
  ])("%j is shown as %j", (text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  test.each(HOSTILE.map((text) => ({ start: text.slice(0, 40), text })))(
    "$start does nothing",
    ({ text }) => {
      expect(liveMarkdownIn(plain(text))).toEqual([]);
    },
  );

  test("the check of this test finds what would do something", () => {
    expect(liveMarkdownIn("*")).toEqual(["*"]);
    expect(liveMarkdownIn("\\\\*")).toEqual(["*"]);
    expect(liveMarkdownIn("\\*")).toEqual([]);
    expect(liveMarkdownIn("{{x\n")).toEqual(["{{", "\n"]);
  });

  test("nothing gets through, whatever it is", () => {
    fc.assert(
      fc.property(nastyText, fc.integer({ min: 2, max: 500 }), (text, max) => {
        expect(liveMarkdownIn(plain(text, max))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("it is bounded: no more characters than allowed, each escaped at most", () => {
    fc.assert(
      fc.property(nastyText, fc.integer({ min: 2, max: 500 }), (text, max) => {
        const shown = plain(text, max);
        expect(shown.length).toBeLessThanOrEqual(2 * max);
        expect(
          shown.replaceAll(/\\(?=[\\`*_[\]()#~|])/gu, "").replaceAll(/([{$]) (?=\{)/gu, "$1").length,
        ).toBeLessThanOrEqual(max);
        expect(code(text, max).length).toBeLessThanOrEqual(max);
      }),
    );
  });

  test("what is too long ends in an ellipsis", () => {
    expect(plain("x".repeat(300))).toBe("x".repeat(300));
    expect(plain("x".repeat(301))).toBe(`${"x".repeat(299)}…`);
    expect(plain("one two three", 9)).toBe("one two…");
    expect(code("x".repeat(301))).toBe(`${"x".repeat(299)}…`);
  });

  test("a character is never cut in two", () => {
    expect(plain(`${"x".repeat(8)}\u{1f600}yz`, 10).isWellFormed()).toBe(true);
    expect(code(`${"x".repeat(8)}\u{1f600}yz`, 10).isWellFormed()).toBe(true);
  });
});

describe("a toast's text", () => {
  test.each([
    ["The team (a_b) **was** [not](found) `here`.", "The team (a_b) **was** [not](found) `here`."],
    ["two\nlines\r\n\r\nand\u2028more", "two lines and more"],
    ["\u202egnp.exe\u200b", "gnp.exe"],
    ["{{DATE(x)}} ${y}", "{ {DATE(x)}} $ {y}"],
  ])("%j is shown as %j", (text, shown) => {
    expect(shortened(text, 300)).toBe(shown);
  });

  test("is one line, whole characters, and no longer than allowed", () => {
    fc.assert(
      fc.property(nastyText, fc.integer({ min: 2, max: 500 }), (text, max) => {
        const shown = shortened(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e]|\{\{|\$\{/u);
      }),
    );
  });
});

describe("a code span", () => {
  test.each([
    ["19:x_y@thread.v2", "19:x_y@thread.v2"],
    ["a`b``c", "a'b''c"],
    ["a\nb", "a b"],
    ["{{DATE(x)}} ${y}", "{ {DATE(x)}} $ {y}"],
  ])("%j holds %j", (text, shown) => {
    expect(code(text)).toBe(shown);
  });

  test("is never ended by its text, nor its line", () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        expect(code(text)).not.toMatch(/[`\n\r\u2028\u2029\u0000]/u);
      }),
    );
  });
});

test("a card's time is told by each reader's client", () => {
  expect(localTime(AT)).toBe("{{DATE(2026-11-21T12:00:05Z,COMPACT)}} {{TIME(2026-11-21T12:00:05Z)}}");
});

test("a message's time is UTC, and says so", () => {
  expect(utcTime(AT, "en")).toBe("Nov 21, 2026, 12:00:05 UTC");
  expect(utcTime(AT, "de")).toBe("21. Nov. 2026, 12:00:05 UTC");
  expect(utcTime(AT, "ar")).toMatch(/2026.* 12:00:05 UTC$/u);
});
