import fc from "fast-check";
import { expect, test } from "vitest";

import { conversationId, operationId, parseWatchId, tenantId } from "../../src/core/ids.ts";

const UUID = "8ad1effa-7ed1-4d03-bd60-fe177d8d56f1";

test("an operation's id is the text it was made of", () => {
  expect(operationId(UUID)).toBe(UUID);
});

test("a card's button carries a watch's id", () => {
  expect(parseWatchId(UUID)).toBe(UUID);
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(parseWatchId(uuid)).toBe(uuid);
    }),
  );
});

test.each([
  "",
  "x",
  UUID.toUpperCase(),
  `${UUID} `,
  `${UUID}\n`,
  ` ${UUID}`,
  `{${UUID}}`,
  UUID.replaceAll("-", ""),
  `${UUID}' or 1=1`,
  null,
  undefined,
  42,
  {},
  [UUID],
  { toString: () => UUID },
])("%j is no watch's id", (value) => {
  expect(parseWatchId(value)).toBeNull();
});

test("nothing makes it throw", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(parseWatchId(value)).toBeNull();
    }),
  );
});

test.each([
  ["a:1personal", "a:1personal"],
  ["19:561f@thread.tacv2", "19:561f@thread.tacv2"],
  ["19:561f@thread.tacv2;messageid=1700000000001", "19:561f@thread.tacv2"],
  ["19:561f@thread.tacv2;messageid=1;messageid=2", "19:561f@thread.tacv2"],
])("the conversation of %s is %s", (raw, id) => {
  expect(conversationId(raw)).toBe(id);
  expect(conversationId(conversationId(raw))).toBe(id);
});

test("a tenant is the same in either case", () => {
  expect(tenantId("7F8A1C52-3B0E-4D67-9A41-5E2C6F0B9D13")).toBe(
    tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13"),
  );
});
