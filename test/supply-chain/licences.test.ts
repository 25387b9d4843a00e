import { expect, test } from "vitest";
import { isAllowed, licenceOf, READ_BY_HAND } from "./licences.ts";
import { isOfProduction, readLockfile } from "./lockfile.ts";

const production = readLockfile().filter(isOfProduction);

test("every package that is installed for production has a licence that goes with ours", () => {
  const others = production
    .map((locked) => ({ id: `${locked.name}@${locked.version}`, licence: licenceOf(locked) }))
    .filter(({ licence }) => licence === null || !isAllowed(licence));
  expect(production.length).toBeGreaterThan(100);
  expect(others).toEqual([]);
});

test("what was read by hand is still needed", () => {
  const silent = production.filter(({ license }) => license === undefined);
  expect(new Set(READ_BY_HAND.keys())).toEqual(
    new Set(silent.map(({ name, version }) => `${name}@${version}`)),
  );
});

test.each([
  ["MIT", true],
  ["(AFL-2.1 OR BSD-3-Clause)", true],
  ["(AGPL-3.0 OR SSPL-1.0)", false],
  ["MIT AND GPL-3.0", false],
  ["GPL-3.0", false],
  ["SEE LICENSE IN LICENSE", false],
  ["UNLICENSED", false],
])("%s: %s", (licence, allowed) => {
  expect(isAllowed(licence)).toBe(allowed);
});
