import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { makesSomething, safeWebUrl, targetOf } from "../../src/core/result.ts";
import { GLOBAL_GRAPH, graphAt, graphOf } from "../support/graphs.ts";

describe("where the result is", () => {
  test.each<[string, "v1.0" | "beta", string]>([
    ["/teams('a')", "v1.0", "/teams('a')"],
    ["/groups('a')/team", "v1.0", "/groups('a')/team"],
    ["/v1.0/teams/a", "v1.0", "/teams/a"],
    ["/beta/chats('19:a@thread.v2')", "beta", "/chats('19:a@thread.v2')"],
    ["https://graph.microsoft.com/v1.0/teams/a", "v1.0", "/teams/a"],
    [
      "https://Graph.Microsoft.com/beta/employeeExperience/communities('x')",
      "beta",
      "/employeeExperience/communities('x')",
    ],
    ["https://graph.microsoft.com/teams/a", "v1.0", "/teams/a"],
  ])("%s", (location, version, path) => {
    expect(targetOf(location, GLOBAL_GRAPH, "v1.0")).toEqual({ version, path });
  });

  test("a location without a version is asked for in the operation's own", () => {
    expect(targetOf("/chats('19:a@thread.v2')", GLOBAL_GRAPH, "beta")).toEqual({
      version: "beta",
      path: "/chats('19:a@thread.v2')",
    });
  });

  test("local mode looks at its own Graph for the cloud's locations, too", () => {
    const graph = graphAt("http://127.0.0.1:3979");
    expect(targetOf("http://127.0.0.1:3979/v1.0/teams/a", graph, "v1.0")?.path).toBe("/teams/a");
    expect(targetOf("https://graph.microsoft.com/v1.0/teams/a", graph, "v1.0")?.path).toBe("/teams/a");
  });

  test.each([
    "",
    "teams/a",
    "/",
    "https://graph.microsoft.com",
    "https://evil.example/v1.0/teams/a",
    "https://graph.microsoft.com@evil.example/v1.0/teams/a",
    "https://graph.microsoft.com:8443/v1.0/teams/a",
    "https://graph.microsoft.us/v1.0/teams/a",
    "http://graph.microsoft.com/v1.0/teams/a",
    "//evil.example/teams/a",
    "https://graph.microsoft.com//evil.example/teams",
    "/teams/a?$expand=members",
    "/teams/a#x",
    "/teams/a b",
    "/teams/a\nb",
    "/teams\\a",
    "/teams/../users/a",
    `/${"x".repeat(2_001)}`,
    "javascript:alert(1)",
    "https://contoso.sharepoint.com/_api/v2.0/monitor/1",
  ])("%j is not looked at", (location) => {
    expect(targetOf(location, GLOBAL_GRAPH, "v1.0")).toBeNull();
  });

  test("the version is of Graph's own, or none", () => {
    expect(targetOf("/v1.0/", GLOBAL_GRAPH, "beta")).toBeNull();
    expect(targetOf("/v2.0/teams/a", GLOBAL_GRAPH, "v1.0")?.path).toBe("/v2.0/teams/a");
    expect(targetOf("https://graph.microsoft.us/beta/teams/a", graphOf("usgov"), "v1.0")?.version).toBe(
      "beta",
    );
  });

  test("whatever it is, what is asked stays on Graph", () => {
    const parts = fc.constantFrom(
      ..."/ // \\ . .. % %2e %2F ? # @ : evil.example https:// graph.microsoft.com v1.0 beta teams ( ) ' \n \u0000".split(
        " ",
      ),
    );
    const text = fc.array(parts, { maxLength: 20 }).map((all) => all.join(""));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: "binary" })), (location) => {
        const target = targetOf(location, GLOBAL_GRAPH, "v1.0");
        if (target === null) return;
        const url = new URL(`https://graph.microsoft.com/${target.version}${target.path}`);
        expect(url.origin).toBe("https://graph.microsoft.com");
        expect(url.search + url.hash).toBe("");
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("what makes something", () => {
  test.each(["createTeam", "cloneTeam", "teamifyGroup", "createChannel", "createChat", "createCommunity"])(
    "%s does",
    (type) => {
      expect(makesSomething(type)).toBe(true);
    },
  );
  test.each([null, "", "archiveTeam", "unarchiveTeam", "archiveChannel", "unknownFutureValue", "CREATETEAM"])(
    "%s does not",
    (type) => {
      expect(makesSomething(type)).toBe(false);
    },
  );
});

describe("an address that may become a button", () => {
  test.each([
    "https://teams.microsoft.com/l/team/19:abc%40thread.tacv2/conversations?groupId=1&tenantId=2",
    "https://teams.cloud.microsoft/l/chat/1",
    "https://gov.teams.microsoft.us/l/team/1",
    "https://dod.teams.microsoft.us/l/team/1",
    "https://teams.microsoftonline.cn/l/team/1",
    "https://Contoso.SharePoint.com/sites/a",
    "https://contoso.sharepoint-mil.us/sites/a",
    "https://engage.cloud.microsoft/main/groups/abc",
    "https://web.yammer.com/main/groups/abc",
    "https://teams.microsoft.com/",
  ])("%s", (url) => {
    expect(safeWebUrl(url)).toBe(url);
  });

  test.each<[unknown]>([
    [null],
    [undefined],
    [5],
    [{}],
    [["https://teams.microsoft.com/"]],
    [""],
    ["https://teams.microsoft.com"],
    ["http://teams.microsoft.com/l"],
    ["HTTPS:teams.microsoft.com/l"],
    ["javascript:alert(1)//https://teams.microsoft.com/"],
    ["data:text/html,https://teams.microsoft.com/"],
    ["//teams.microsoft.com/l"],
    [" https://teams.microsoft.com/l"],
    ["https://teams.microsoft.com/l\n"],
    ["https://teams.microsoft.com/l x"],
    ["https://teams.microsoft.com/l\u00a0x"],
    ["https://teams.microsoft.com/l\u2028x"],
    ["https://teams.microsoft.com:443/l"],
    ["https://user@teams.microsoft.com/l"],
    ["https://teams.microsoft.com@evil.example/l"],
    ["https://evil.example/https://teams.microsoft.com/"],
    ["https://evil.example#teams.microsoft.com/"],
    ["https://evil.example?teams.microsoft.com/"],
    ["https://evil.example\\teams.microsoft.com/"],
    ["https://teams.microsoft.com\\@evil.example/"],
    ["https://teams.microsoft.com.evil.example/l"],
    ["https://evilteams.microsoft.com/l"],
    ["https://a.b.sharepoint.com/l"],
    ["https://.sharepoint.com/l"],
    ["https://contoso.sharepoint.com.evil.example/l"],
    ["https://contoso.sharepoint.evil/l"],
    ["https://contosо.sharepoint.com/l"],
    ['https://teams.microsoft.com/l)[x](https://evil.example"onclick'],
    ["https://teams.microsoft.com/l'onclick=x"],
    ["https://teams.microsoft.com/`x`"],
    ["https://teams.microsoft.com/<script>"],
    ["https://teams.microsoft.com/{x}"],
    ["https://teams.microsoft.com/a|b"],
    ["https://teams.microsoft.com/a^b"],
    [`https://teams.microsoft.com/${"x".repeat(2_000)}`],
  ])("%j may not", (value) => {
    expect(safeWebUrl(value)).toBeNull();
  });

  test("whatever it is, what may leads to a host of Microsoft 365", () => {
    const part = fc.constantFrom(
      ..."https:// / // . : @ ? # \\ teams.microsoft.com contoso.sharepoint.com evil.example % \n \t é".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const url = safeWebUrl(parts.join(""));
        if (url === null) return;
        const { protocol, hostname, port, username } = new URL(url);
        expect([protocol, port, username]).toEqual(["https:", "", ""]);
        expect(hostname).toMatch(/^(?:teams\.microsoft\.com|contoso\.sharepoint\.com)$/u);
      }),
      { numRuns: 5_000 },
    );
  });
});
