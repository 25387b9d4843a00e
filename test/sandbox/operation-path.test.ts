import { describe, expect, test } from "vitest";
import { operationPathOf, segmentsOf } from "../../src/sandbox/operation-path.ts";

function keyOf(path: string): string | null {
  return operationPathOf(segmentsOf(path) ?? [])?.key ?? null;
}

describe("the spellings of one operation", () => {
  test.each([
    "/teams('T-1')/operations('O-1')",
    "/teams/T-1/operations/O-1",
    "/teams('T-1')/operations/O-1",
    "//teams//T-1//operations//O-1/",
    "/TEAMS('t-1')/Operations('o-1')",
    "/teams(%27T-1%27)/operations%28'O-1'%29",
    "/teams('T-1')/operations('O-1')?$select=id,status",
    "/groups('T-1')/team/operations('O-1')",
    "/me/joinedTeams/T-1/operations/O-1",
    "/users/u-1/joinedTeams('T-1')/operations('O-1')",
  ])("%s", (path) => {
    expect(keyOf(path)).toBe("team/t-1/o-1");
  });

  test("percent-encoding and doubled quotes are undone once", () => {
    expect(keyOf("/chats('19%3Aa%40thread.v2')/operations('o')")).toBe("chat/19:a@thread.v2/o");
    expect(keyOf("/me/chats/19:a@thread.v2/operations/o")).toBe("chat/19:a@thread.v2/o");
    expect(keyOf("/chats('19%253Aa')/operations('o')")).toBe("chat/19%3aa/o");
    expect(keyOf("/teams('o''clock')/operations('o')")).toBe("team/o'clock/o");
    expect(keyOf("/employeeExperience/engagementAsyncOperations('e')")).toBe("engagement/e");
    expect(keyOf("/employeeExperience/engagementOperations/e")).toBe("engagement/e");
  });
});

describe("the kinds", () => {
  test.each([
    ["/sites/S-1/operations/contentTypeCopy,0xAB", "site/s-1/contenttypecopy,0xab"],
    ["/sites/S-1/lists/L-1/operations/O-1", "site/s-1/l-1/o-1"],
    ["/security/attackSimulation/operations('O-1')", "attackSimulation/o-1"],
    ["/admin/teams/telephoneNumberManagement/operations/O-1", "telephoneNumber/o-1"],
    ["/identityGovernance/roleManagementAlerts/operations/O-1", "roleAlert/o-1"],
    ["/external/connections('C-1')/operations/1.2", "connection/c-1/1.2"],
    ["/groups/g/sites/s/operations/O-1", "other/groups/g/sites/s/operations/o-1"],
    ["/me/teams/t/operations/o", "other/me/teams/t/operations/o"],
  ])("%s is %s", (path, key) => {
    expect(keyOf(path)).toBe(key);
  });

  test("a path tells the owner and the id as they are written", () => {
    expect(operationPathOf(segmentsOf("/users/u/joinedTeams('T')/operations('O')") ?? [])).toMatchObject({
      owner: "T",
      id: "O",
    });
    expect(operationPathOf(segmentsOf("/drives/D/operations/O") ?? [])).toMatchObject({
      owner: "D",
      id: "O",
    });
    expect(operationPathOf(segmentsOf("/security/attackSimulation/operations/O") ?? [])).toMatchObject({
      owner: null,
    });
  });
});

describe("what is no operation", () => {
  test.each([
    "",
    "/",
    "/teams/t",
    "/teams/t/operations",
    "/teams/t/operations/o/more",
    "/teams/t/channels/c",
    "/operations",
    "/external/connections/c/operations",
    "/groups/t/team/operations",
    "/groups/t/team/operations/o/more",
    "/employeeExperience/engagementAsyncOperations",
    "/employeeExperience/engagementAsyncOperations/e/more",
  ])("%s", (path) => {
    expect(keyOf(path)).toBeNull();
  });

  test("a broken percent-encoding has no segments", () => {
    expect(segmentsOf("/teams/%zz/operations/o")).toBeNull();
  });
});
