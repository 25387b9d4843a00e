/**
 * What a known error code means to the person who waits. Graph documents next to none of an
 * operation's codes, so these are the general ones of its error responses
 * (https://learn.microsoft.com/graph/errors) and those seen in its samples; all others are shown as they are.
 */
export type Explanation =
  | "badRequest"
  | "conflict"
  | "denied"
  | "licence"
  | "quota"
  | "teamUnavailable"
  | "thingMissing"
  | "throttled"
  | "unavailable";

const BY_CODE: ReadonlyMap<string, Explanation> = new Map<string, Explanation>([
  ["teamunavailable", "teamUnavailable"],
  ["notfound", "thingMissing"],
  ["itemnotfound", "thingMissing"],
  ["resourcenotfound", "thingMissing"],
  ["request_resourcenotfound", "thingMissing"],
  ["forbidden", "denied"],
  ["accessdenied", "denied"],
  ["unauthorized", "denied"],
  ["unauthenticated", "denied"],
  ["authorization_requestdenied", "denied"],
  ["insufficientprivileges", "denied"],
  ["conflict", "conflict"],
  ["namealreadyexists", "conflict"],
  ["request_multipleobjectswithsamekeyvalue", "conflict"],
  ["badrequest", "badRequest"],
  ["invalidrequest", "badRequest"],
  ["request_badrequest", "badRequest"],
  ["quotalimitreached", "quota"],
  ["directory_quotaexceeded", "quota"],
  ["quotaexceeded", "quota"],
  ["toomanyrequests", "throttled"],
  ["activitylimitreached", "throttled"],
  ["licenserequired", "licence"],
  ["paymentrequired", "licence"],
  ["badgateway", "unavailable"],
  ["gatewaytimeout", "unavailable"],
  ["serviceunavailable", "unavailable"],
  ["servicenotavailable", "unavailable"],
  ["internalservererror", "unavailable"],
  ["generalexception", "unavailable"],
  ["unknownerror", "unavailable"],
  ["timeout", "unavailable"],
]);

/** Null for a code that is not known: it is shown as it is, and nothing is made up. */
export function explanationOf(code: string | null): Explanation | null {
  return code === null ? null : (BY_CODE.get(code.toLowerCase().replaceAll(/[\s-]/gu, "")) ?? null);
}
