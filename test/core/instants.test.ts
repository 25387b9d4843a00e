import fc from "fast-check";
import { expect, test } from "vitest";

import { parseInstant, printInstant } from "../../src/core/instants.ts";

test.each([
  ["2021-05-27T21:23:41.9085453Z", Date.UTC(2021, 4, 27, 21, 23, 41, 908)],
  ["2018-01-01T00:00:00.0000000Z", Date.UTC(2018, 0, 1)],
  ["2023-12-06T09:42:54.367629-08:00", Date.UTC(2023, 11, 6, 17, 42, 54, 367)],
  ["2020-05-14T00:23:40Z", Date.UTC(2020, 4, 14, 0, 23, 40)],
  ["2023-12-11T04:26:35+00:00", Date.UTC(2023, 11, 11, 4, 26, 35)],
])("%s is an instant", (text, at) => {
  expect(parseInstant(text)).toBe(at);
});

test.each([
  "0001-01-01T00:00:00Z",
  "2015-06-19T12-01-03.45Z",
  "",
  "soon",
  "1970-01-01T00:00:00Z",
  null,
  undefined,
  0,
  17e11,
  {},
  [],
])("%j is none", (value) => {
  expect(parseInstant(value)).toBeNull();
});

test("an instant is printed in whole seconds, the form that cards can show", () => {
  expect(printInstant(Date.UTC(2026, 10, 21, 12, 0, 0, 999))).toBe("2026-11-21T12:00:00Z");
});

test("what is printed is read back, without the milliseconds", () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1990), max: Date.UTC(9999, 11, 31) }), (at) => {
      expect(printInstant(at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
      expect(parseInstant(printInstant(at))).toBe(Math.floor(at / 1_000) * 1_000);
    }),
  );
});

test("whatever is read as an instant can be printed in that form", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "9999-12-31T23:59:59Z",
      "+012345-01-01T00:00:00Z",
      "+275760-09-13T00:00:00Z",
      "99999",
      "2026",
    ),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(printInstant(parseInstant(text) ?? 0)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
    }),
  );
});
