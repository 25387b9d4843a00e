import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { OperationKind } from "../../src/core/address.ts";
import type { OperationError, Snapshot } from "../../src/core/snapshot.ts";
import type { Step } from "../../src/core/steps.ts";
import { decodeOperation, errorOf } from "../../src/graph/decode-operation.ts";

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
}

const TEAM = "79afc64f-c76b-4edc-87f3-a47a1264695a";
const VSTS = "com.microsoft.teamspace.tab.vsts";
const STEPS: readonly Step[] = [
  { group: "apps", name: VSTS, state: "running" },
  { group: "apps", name: "1542629c-01b3-4a6d-8f76-1938b779e48d", state: "running" },
  { group: "channels", name: "Class Announcements", state: "waiting" },
  { group: "channels", name: "Homework", state: "waiting" },
];
const APP_FAILED: readonly Step[] = [{ group: "apps", name: VSTS, state: "failed" }, ...STEPS.slice(1)];
const PLAIN: Snapshot = {
  phase: "running",
  status: "inProgress",
  operationType: "createTeam",
  attempts: 1,
  createdAt: Date.UTC(2020, 5, 15, 22, 28, 16, 300),
  targetId: TEAM,
  targetLocation: `/teams('${TEAM}')`,
  error: null,
  detail: null,
  percent: null,
  steps: STEPS,
};

// Bodies from Microsoft's documentation and from pnp/cli-microsoft365.
describe("the bodies of the documentation", () => {
  test.each<[string, OperationKind, Snapshot]>([
    ["teams-createTeam-inProgress", "team", PLAIN],
    // What happens to the apps and channels of a team is no part of the operation's own status.
    ["teams-createTeam-inProgress-appFailed", "team", { ...PLAIN, steps: APP_FAILED }],
    [
      "teams-createTeam-succeeded",
      "team",
      { ...PLAIN, phase: "succeeded", status: "succeeded", steps: APP_FAILED },
    ],
    [
      "teams-createTeam-notStarted",
      "team",
      {
        ...PLAIN,
        phase: "waiting",
        status: "notStarted",
        createdAt: Date.UTC(2022, 9, 31, 12, 50, 44, 81),
        targetId: "a40210cd-0060-4b91-aaa1-a44e0853d979",
        targetLocation: "/teams('a40210cd-0060-4b91-aaa1-a44e0853d979')",
        steps: [],
      },
    ],
    [
      "teams-archiveTeam-succeeded-2018",
      "team",
      {
        ...PLAIN,
        phase: "succeeded",
        status: "succeeded",
        operationType: "archiveTeam",
        createdAt: Date.UTC(2018, 0, 1),
        targetId: "fa4aa5a2-a75b-4769-86f4-9e2742a18fda",
        targetLocation: "/groups('fa4aa5a2-a75b-4769-86f4-9e2742a18fda')/team",
        steps: [],
      },
    ],
    [
      "teams-chat-createChat-succeeded",
      "chat",
      {
        ...PLAIN,
        phase: "succeeded",
        status: "succeeded",
        operationType: "createChat",
        createdAt: Date.UTC(2021, 4, 27, 21, 23, 41, 908),
        targetId: "19:c253a29b5f694b55a6baad8e83510af7@thread.v2",
        targetLocation: "/chats('19:c253a29b5f694b55a6baad8e83510af7@thread.v2')",
        // `values` of createChat names the apps and says nothing of them.
        steps: [{ group: "apps", name: "1542629c-01b3-4a6d-8f76-1938b779e48d", state: "unknown" }],
      },
    ],
    [
      "engagement-createCommunity-succeeded-v1",
      "engagement",
      {
        phase: "succeeded",
        status: "succeeded",
        operationType: "createCommunity",
        attempts: null,
        createdAt: Date.UTC(2023, 11, 6, 17, 42, 54, 367),
        targetId: "eyJfdHlwZSI6Ikdyb3VwIiwiaWQiOiI4MzIxMjc1In0",
        targetLocation:
          "https://graph.microsoft.com/v1.0/employeeExperience/communities('eyJfdHlwZSI6Ikdyb3VwIiwiaWQiOiI4MzIxMjc1In0')",
        error: null,
        detail: null,
        percent: null,
        steps: [],
      },
    ],
    [
      "engagement-createCommunity-succeeded-cli",
      "engagement",
      {
        phase: "succeeded",
        status: "succeeded",
        operationType: "createCommunity",
        attempts: null,
        createdAt: Date.UTC(2024, 3, 10, 12, 16, 18, 24),
        targetId: "eyJfdHlwZSI6Ikdyb3VwIiwiaWQiOiIxODQ4MTMxNTAyMDgifQ",
        targetLocation:
          "https://graph.microsoft.com/beta/employeeExperience/communities('eyJfdHlwZSI6Ikdyb3VwIiwiaWQiOiIxODQ4MTMxNTAyMDgifQ')",
        error: null,
        detail: null,
        percent: null,
        steps: [],
      },
    ],
  ])("%s", (name, kind, snapshot) => {
    expect(decodeOperation(kind, fixture(name))).toEqual(snapshot);
  });

  test("the error of a failed operation is shown as it is", () => {
    const body = { status: "failed", error: fixture("teams-operationError") };
    expect(decodeOperation("team", body)).toMatchObject({
      phase: "failed",
      error: { code: "TeamUnavailable", message: "The team was not found." },
    });
  });

  test("a long-running operation's detail is read where it belongs", () => {
    const body = fixture("lro-authentication-succeeded");
    expect(decodeOperation("engagement", body)).toMatchObject({ phase: "succeeded", detail: "ResetSuccess" });
    expect(decodeOperation("team", body)).toMatchObject({ phase: "succeeded", detail: null });
  });

  test("a copied content type is read as a site's operation", () => {
    expect(decodeOperation("site", fixture("richlro-contentTypeCopy-succeeded"))).toMatchObject({
      phase: "succeeded",
      operationType: "contentTypeCopy",
      targetId: "0x010100298A15181454D84EBB62EDD7559FCBFE",
      createdAt: Date.UTC(2022, 0, 24, 16, 28, 23),
      percent: null,
    });
  });

  test("an entity in a wrapping is read, as the first pages of Engage had it", () => {
    const value = fixture("engagement-createCommunity-succeeded-v1");
    expect(decodeOperation("engagement", { value })).toEqual(decodeOperation("engagement", value));
    expect(decodeOperation("engagement", { status: "running", value })?.status).toBe("running");
  });

  test.each(["teams-chat-operations-list", "http-429", "http-400-channel-archive-team-archived"])(
    "%s is no operation",
    (name) => {
      expect(decodeOperation("team", fixture(name))).toBeNull();
    },
  );
});

describe("odd bodies", () => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
    ["HTML", "<html>Bad gateway</html>"],
    ["a number", 200],
    ["a list", [{ status: "succeeded" }]],
    ["an empty object", {}],
    ["no status", { id: "x", operationType: "createTeam" }],
    ["a null status", { status: null }],
    ["an empty status", { status: "" }],
    ["a blank status", { status: "  " }],
    ["a number as status", { status: 3 }],
    ["an object as status", { status: { state: "completed" } }],
    ["the entity in two wrappings", { value: { value: { status: "succeeded" } } }],
    ["a list in a wrapping", { value: [{ status: "succeeded" }] }],
    ["a wrapping beside a blank status", { status: "", value: { status: "succeeded" } }],
  ])("%s says nothing", (_, body) => {
    for (const kind of ["team", "chat", "engagement", "site", "telephoneNumber", "other"] as const)
      expect(decodeOperation(kind, body)).toBeNull();
  });

  test("a status alone is enough", () => {
    expect(decodeOperation("team", { status: "notStarted" })).toEqual({
      phase: "waiting",
      status: "notStarted",
      operationType: null,
      attempts: null,
      createdAt: null,
      targetId: null,
      targetLocation: null,
      error: null,
      detail: null,
      percent: null,
      steps: [],
    });
  });

  test.each([
    ["null", null, null],
    ["a text", "The team was not found.", { code: null, message: "The team was not found." }],
    ["an empty text", "", null],
    ["a blank text", " ", null],
    ["an empty object", {}, null],
    ["nulls", { code: null, message: null }, null],
    ["blanks", { code: " ", message: "" }, null],
    ["a code only", { code: "TeamUnavailable" }, { code: "TeamUnavailable", message: null }],
    ["a message only", { message: "Gone." }, { code: null, message: "Gone." }],
    ["numbers", { code: 404, message: 1 }, null],
    ["a list", [{ code: "x" }], null],
  ])("an error of %s", (_, error, expected) => {
    expect(errorOf(error)).toEqual(expected);
    expect(decodeOperation("team", { status: "failed", error })?.error).toEqual(expected);
  });

  test.each([
    [0, 0],
    [7, 7],
    [-1, null],
    [1.5, null],
    ["2", null],
    [null, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])("%s attempts are %s", (attemptsCount, attempts) => {
    expect(decodeOperation("team", { status: "inProgress", attemptsCount })?.attempts).toBe(attempts);
  });

  test.each(["2015-06-19T12-01-03.45Z", "0001-01-01T00:00:00Z", "", 5, null])(
    "the date %s is none, and spoils nothing",
    (createdDateTime) => {
      expect(decodeOperation("team", { status: "inProgress", createdDateTime })).toMatchObject({
        phase: "running",
        createdAt: null,
      });
    },
  );

  test("long texts are cut", () => {
    const long = "x".repeat(30_000);
    const snapshot = decodeOperation("engagement", {
      status: long,
      operationType: long,
      resourceId: long,
      resourceLocation: long,
      statusDetail: long,
      error: { code: long, message: long },
    });
    expect(JSON.stringify(snapshot).length).toBeLessThan(7 * 1_100);
  });

  // A JSON column of PostgreSQL takes neither, so that a whole batch could not be saved.
  test.each([
    ["a NUL character", "before\u0000after"],
    ["half of an emoji", "before\ud83d after"],
    ["an emoji where the text is cut", `${"x".repeat(999)}\u{1f600}`],
    ["another emoji where the text is cut", `${"x".repeat(998)}\u{1f600}`],
  ])("%s never gets as far as the database", (_, text) => {
    const snapshot = decodeOperation("engagement", {
      status: text,
      operationType: text,
      resourceId: text,
      resourceLocation: text,
      statusDetail: text,
      error: { code: text, message: text },
    });
    const stored = JSON.stringify(snapshot);
    expect(stored).not.toContain("\\u0000");
    expect(stored).not.toMatch(/\\ud[89a-f]/iu);
  });
});

test("no JSON makes it throw, and a readable status is all it takes to be read", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom("team", "chat", "engagement", "site", "telephoneNumber", "other"),
      (body, kind) => {
        expect(() => decodeOperation(kind, body)).not.toThrow();
        const fields =
          typeof body === "object" && !Array.isArray(body) ? body : { error: body, attemptsCount: body };
        expect(decodeOperation(kind, { ...fields, status: "inProgress" })?.phase).toBe("running");
      },
    ),
  );
});

describe("the fields of each kind", () => {
  test.each<[OperationKind, unknown, Partial<Snapshot>]>([
    ["connection", { id: "x", status: "inprogress", error: null }, { phase: "running", operationType: null }],
    ["connection", { status: "completed" }, { phase: "succeeded" }],
    ["connection", { status: "unspecified" }, { phase: "unrecognised" }],
    [
      "site",
      { status: "running", percentageComplete: 12.7, type: "contentTypeCopy" },
      { percent: 12, operationType: "contentTypeCopy" },
    ],
    [
      "attackSimulation",
      { status: "running", percentageCompleted: 40, type: "createSimulation" },
      { percent: 40 },
    ],
    [
      "telephoneNumber",
      { status: "failed", numbers: [{ statusDetail: "Not owned." }, { statusDetail: "x" }] },
      { phase: "failed", detail: "Not owned." },
    ],
    [
      "telephoneNumber",
      { status: "skipped", statusDetail: "none", numbers: [{ statusDetail: "x" }] },
      { phase: "skipped", detail: "none" },
    ],
    ["telephoneNumber", { status: "running", numbers: [] }, { detail: null }],
    ["telephoneNumber", { status: "running", numbers: { 0: { statusDetail: "x" } } }, { detail: "x" }],
    [
      "roleAlert",
      { status: "succeeded", resourceLocation: "/x", statusDetail: "y" },
      { targetLocation: "/x", detail: "y" },
    ],
    [
      "other",
      { status: "Completed", percentComplete: "5", resourceId: "a" },
      { phase: "succeeded", percent: null, targetId: "a" },
    ],
    [
      "other",
      { status: "running", action: "export", percentProgress: 50 },
      { operationType: "export", percent: 50 },
    ],
    ["other", { status: "submissionFailed" }, { phase: "failed" }],
    [
      "team",
      { status: "inProgress", statusDetail: "x", percentageComplete: 5 },
      { detail: null, percent: null },
    ],
  ])("%s: %j", (kind, body, expected) => {
    expect(decodeOperation(kind, body)).toMatchObject(expected);
  });

  test.each([
    [0, 0],
    [99.99, 99],
    [100, 100],
    [100.1, null],
    [-1, null],
    ["50", null],
    [null, null],
    [Number.NaN, null],
    [[50], null],
  ])("%j percent is %j", (percentageComplete, percent) => {
    expect(decodeOperation("site", { status: "running", percentageComplete })?.percent).toBe(percent);
  });

  test.each<[string, unknown, OperationError | null]>([
    [
      "an inner code",
      { innerError: { code: "TeamUnavailable", message: "m" } },
      { code: "TeamUnavailable", message: "m" },
    ],
    ["a lower-case inner error", { innererror: { code: "c" } }, { code: "c", message: null }],
    [
      "an outer code before the inner one",
      { code: "a", innerError: { code: "b", message: "m" } },
      { code: "a", message: "m" },
    ],
    [
      "a message in languages",
      { code: "-1", message: { lang: "en-US", value: "No." } },
      { code: "-1", message: "No." },
    ],
    [
      "a blank message before an inner one",
      { code: "a", message: " ", innerError: { message: "m" } },
      { code: "a", message: "m" },
    ],
    ["details only", { details: [{ code: "x" }] }, null],
    [
      "a publicError",
      { code: "c", message: "m", target: "t", details: [], innerError: null },
      { code: "c", message: "m" },
    ],
  ])("an error with %s", (_, error, expected) => {
    expect(errorOf(error)).toEqual(expected);
  });
});
