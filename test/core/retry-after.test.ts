import fc from "fast-check";
import { expect, test } from "vitest";

import { parseRetryAfter } from "../../src/core/retry-after.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

test.each([
  ["10", 10_000],
  ["0", 0],
  ["2.128", 2_128],
  ["2.1281", 2_129],
  [" 30 ", 30_000],
  ["120", 120_000],
  ["9".repeat(400), Number.POSITIVE_INFINITY],
  ["Sat, 21 Nov 2026 12:00:30 GMT", 30_000],
  ["Saturday, 21-Nov-26 12:00:30 GMT", 30_000],
  ["Sat Nov 21 12:00:30 2026 GMT", 30_000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ["2026-11-21T12:01:00Z", 60_000],
])("%j is a wait of %d ms", (value, wait) => {
  expect(parseRetryAfter(value, NOW)).toBe(wait);
});

test.each([
  null,
  undefined,
  "",
  "  ",
  "soon",
  "-5",
  "+5",
  "1,5",
  "10s",
  "1e3",
  ".5",
  "5.",
  "0x10",
  "NaN",
  "Infinity",
  "10 20",
])("%j says nothing", (value) => {
  expect(parseRetryAfter(value, NOW)).toBeNull();
});

test.each(["wait 1", "retry in 30 seconds or in 1", "x 2020"])(
  "%j is no date, so it says nothing",
  (value) => {
    expect(parseRetryAfter(value, NOW)).toBeNull();
  },
);

test("seconds are never rounded down", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
      const wait = parseRetryAfter(seconds.toFixed(4), NOW) ?? -1;
      expect(wait).toBeGreaterThanOrEqual(Number(seconds.toFixed(4)) * 1_000);
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
});

test("no text makes it throw or gives a wait below none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.date().map(String)), (text) => {
      expect(parseRetryAfter(text, NOW) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
