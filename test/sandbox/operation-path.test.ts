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
    "/sites/t/operations/o",
    "/joinedTeams/t/operations/o",
    "/me/teams/t/operations/o",
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
