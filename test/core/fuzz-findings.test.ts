/** What `node test/fuzz/main.ts` has found, as small as it could be made. */
import { describe, expect, test } from "vitest";

import { parseAddress, printAddress } from "../../src/core/address.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { targetOf } from "../../src/core/result.ts";
import { decodeOperation } from "../../src/graph/decode-operation.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";

const find = (pasted: string) => findAddresses(pasted, GLOBAL_GRAPH);

describe("a copy monitor's address is not repeated when it is glued to another", () => {
  const MONITOR = "https://api.onedrive.com/monitor/S3CR3T";
  test.each([
    ["seed 1, paste 17264", `/v1.0/teams/'${MONITOR}`],
    ["seed 1, paste 423", `///teams('a')/${MONITOR}%2C%20`],
    ["seed 1, paste 135903", `<id>/operations('${MONITOR}</p><p>`],
    ["seed 1, paste 1775", `/V1.0//me/joinedTeams('a')/operations('..')#x${MONITOR}`],
    ["seed 1, paste 127290", `/beta/teams/a/operations/b}]${MONITOR}`],
    ["seed 20261121, paste 394450", `/p<p>${MONITOR}`],
    ["a label in Markdown", `[/teams('a')](${MONITOR})`],
    [
      "a label in Markdown, taken for an address",
      "[/teams('a')/x](https://contoso-my.sharepoint.com/personal/a_b/_api/v2.1/drives/b!x/operations/S3CR3T)",
    ],
  ])("%s: %j", (_, pasted) => {
    expect(JSON.stringify(find(pasted))).not.toContain("S3CR3T");
  });
});

describe("what is found is read back when it is printed", () => {
  test.each([
    ["seed 1, paste 1010: half a character in a person's path", "/me/joinedTeams/a/operations/=\ud800"],
    ["half a character", "/teams/a/operations/b\ud800"],
    ["seed 1, paste 4748: an entity within an entity", "/teams/a/operations/b&amp;amp;c"],
    ["seed 1, paste 5484: another", "/teams/a/operations/thread.&amp;lt;v2"],
    ["an encoded entity in a person's path", "/me/joinedTeams/a%26lt;b/operations/c"],
    ["seed 1, paste 10052: a comma before a query", "/teams/a/operations/,?$select=status"],
    ["a full stop before a query", "/teams/a/operations/b.?$select=status"],
    ["seed 1, paste 2921: a parenthesis before a query", "/teams/a/operations/)?$select=status"],
    ["seed 1, paste 3911: a colon before a slash", "/teams/a/operations/b:/"],
    ["seed 1, paste 7790: a quote before a fragment", "/sites/a/operations/'#x"],
    ["seed 1, paste 9223: a comma in a person's path", "/users/a/joinedTeams/b/operations/,?x=1"],
    ["seed 1, paste 1584: a key within a key", "/teams/a/operations('b('c')?$select=status"],
    ["seed 1, paste 7500: an open key", "/chats('a')/operations('#'"],
    ["seed 1, paste 13987: an odd quote", "/teams/a/operations('\\u0027')"],
    ["seed 1, paste 14126: a key without its second quote", "/teams/a/operations('b)?x=1"],
    ["a comma before a quote, between quotes", "/teams('a')/operations('b%2C')"],
  ])("%s: %j", (_, pasted) => {
    const { addresses } = find(pasted);
    for (const address of addresses) expect(find(printAddress(address)).addresses).toEqual([address]);
  });
});

test("half a character is in no address: it is no UTF-8, and the database would keep another", () => {
  expect(parseAddress("/teams/a\ud800/operations/b", GLOBAL_GRAPH)).toMatchObject({
    ok: false,
    problem: "malformed",
  });
});

test("a Markdown link whose label is an address is one address (seed 1, found by hand)", () => {
  const { addresses } = find(
    "[https://graph.microsoft.com/v1.0/teams('a')/operations('b')](https://graph.microsoft.com/v1.0/teams('a')/operations('b'))",
  );
  expect(addresses.map(({ key }) => key)).toEqual(["team/a/b"]);
});

test("an address that is glued to another is not taken for a third", () => {
  const one = "https://graph.microsoft.com/v1.0/teams('a')/operations('b')";
  const other = "https://graph.microsoft.com/v1.0/teams('c')/operations('d')";
  const keys = find(one + other).addresses.map(({ key }) => key);
  expect(keys.every((key) => ["team/a/b", "team/c/d"].includes(key))).toBe(true);
});

test("-0 percent and -0 attempts are as good as none (seed 1, answers 5549)", () => {
  const body: unknown = JSON.parse('{"status":"running","percentageComplete":-0,"attemptsCount":-0}');
  const snapshot = decodeOperation("site", body);
  expect(JSON.parse(JSON.stringify(snapshot))).toMatchObject({ percent: 0, attempts: 0 });
});

describe("what an attacker found", () => {
  test.each([
    "/v1.0/directoryObjects/1/microsoft.graph.user/authentication/operations/b1",
    "/groups/x/users/a/authentication/operations/b",
    "/users/a/authentication('x')/operations/b",
    "/users/a/microsoft.graph.authentication/operations/b",
  ])("%s is of somebody's sign-in methods, by whatever path", (text) => {
    expect(findAddresses(text, GLOBAL_GRAPH)).toMatchObject({
      addresses: [],
      nearMisses: [{ problem: "authentication" }],
    });
  });

  test.each([
    "https%253A%252F%252Fc.sharepoint.com%252F_api%252Fv2.0%252Fmonitor%252FS3CR3T",
    "monitor/S3CR3T",
    "/monitor?id=S3CR3T",
  ])("%s is a copy's monitor, and not repeated", (text) => {
    expect(JSON.stringify(findAddresses(text, GLOBAL_GRAPH))).not.toContain("S3CR3T");
  });

  test.each(["/teams/a/..", "/v1.0/..", "/teams/%2e%2e/users", "/teams/..%2fusers", "/v1.0//x", "/$batch"])(
    "%s is no result to look at",
    (location) => {
      expect(targetOf(location, GLOBAL_GRAPH, "v1.0")).toBeNull();
    },
  );
});
