import { expect, test } from "vitest";

import { explanationOf, type Explanation } from "../../src/core/explain.ts";

test.each<[string, Explanation]>([
  ["TeamUnavailable", "teamUnavailable"],
  ["NotFound", "thingMissing"],
  ["itemNotFound", "thingMissing"],
  ["Request_ResourceNotFound", "thingMissing"],
  ["Forbidden", "denied"],
  ["accessDenied", "denied"],
  ["Authorization_RequestDenied", "denied"],
  ["Conflict", "conflict"],
  ["nameAlreadyExists", "conflict"],
  ["BadRequest", "badRequest"],
  ["quotaLimitReached", "quota"],
  ["Directory_QuotaExceeded", "quota"],
  ["TooManyRequests", "throttled"],
  ["BadGateway", "unavailable"],
  ["generalException", "unavailable"],
  ["UnknownError", "unavailable"],
  ["TEAMUNAVAILABLE", "teamUnavailable"],
  ["Team Unavailable", "teamUnavailable"],
  ["too-many-requests", "throttled"],
])("%s means %s", (code, explanation) => {
  expect(explanationOf(code)).toBe(explanation);
});

test.each([
  null,
  "",
  "404",
  "ErrorCode",
  "constructor",
  "__proto__",
  "toString",
  "TeamUnavailable!",
  "Request_",
])("of %j nothing is made up", (code) => {
  expect(explanationOf(code)).toBeNull();
});
