import { expect, test } from "vitest";

import { mayServe } from "../../src/core/access.ts";
import { tenantId } from "../../src/core/ids.ts";

const OURS = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
const ANOTHER = tenantId("00001111-aaaa-2222-bbbb-3333cccc4444");

test("a bot of one tenant serves that one only", () => {
  expect(mayServe(OURS, OURS)).toBe(true);
  expect(mayServe(ANOTHER, OURS)).toBe(false);
});

test("a bot of every tenant serves each", () => {
  expect(mayServe(OURS, null)).toBe(true);
  expect(mayServe(ANOTHER, null)).toBe(true);
});

test("the case of a tenant's id makes no difference", () => {
  expect(mayServe(tenantId(OURS.toUpperCase()), OURS)).toBe(true);
});
