import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { countSteps, type Step } from "../../src/core/steps.ts";
import { isBody } from "../../src/graph/decode-operation.ts";
import { decodeSteps } from "../../src/graph/decode-steps.ts";

function valueOf(name: string): unknown {
  const body: unknown = JSON.parse(
    readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"),
  );
  return isBody(body) ? (body["Value"] ?? body["values"]) : undefined;
}

const app = (name: string, state: Step["state"]): Step => ({ group: "apps", name, state });
const channel = (name: string, state: Step["state"]): Step => ({ group: "channels", name, state });
const TAB = "com.microsoft.teamspace.tab.vsts";
const APP = "1542629c-01b3-4a6d-8f76-1938b779e48d";
const CHANNELS = [channel("Class Announcements", "waiting"), channel("Homework", "waiting")];

describe("the samples", () => {
  test.each<[string, readonly Step[]]>([
    ["teams-createTeam-notStarted", []],
    ["teams-createTeam-inProgress", [app(TAB, "running"), app(APP, "running"), ...CHANNELS]],
    ["teams-createTeam-inProgress-appFailed", [app(TAB, "failed"), app(APP, "running"), ...CHANNELS]],
    ["teams-createTeam-succeeded", [app(TAB, "failed"), app(APP, "running"), ...CHANNELS]],
    ["teams-chat-createChat-succeeded", [app(APP, "unknown")]],
    ["teams-archiveTeam-succeeded-2018", []],
  ])("%s", (name, steps) => {
    expect(decodeSteps(valueOf(name))).toEqual(steps);
  });

  test("are counted by group", () => {
    expect(countSteps(decodeSteps(valueOf("teams-createTeam-inProgress-appFailed")))).toEqual([
      { group: "apps", done: 0, failed: 1, total: 2, isTold: true },
      { group: "channels", done: 0, failed: 0, total: 2, isTold: true },
    ]);
  });
});

describe("what can't be read is ignored", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["an object, not in a string", { apps: [{ Reference: "a", Status: "Failed" }] }],
    ["an empty text", ""],
    ["no JSON", "{apps:"],
    ["JSON of a text", '"apps"'],
    ["JSON of a list", '[{"Reference":"a"}]'],
    ["JSON of null", "null"],
    ["no lists", '{"apps":{"Reference":"a"},"channels":"x","appIds":5}'],
    ["items that are none", '{"apps":[null,5,[],{},{"Status":"Failed"},{"Reference":5}]}'],
    ["too long a text", JSON.stringify({ apps: [{ Reference: "x".repeat(70_000) }] })],
    ["names of another case", '{"Apps":[{"reference":"a"}]}'],
  ])("%s", (_, value) => {
    expect(decodeSteps(value)).toEqual([]);
  });

  test.each<[unknown, Step["state"]]>([
    ["NotStarted", "waiting"],
    ["inprogress", "running"],
    ["RUNNING", "running"],
    ["Succeeded", "done"],
    ["Completed", "done"],
    ["Failed", "failed"],
    ["Pondering", "unknown"],
    ["constructor", "unknown"],
    ["", "unknown"],
    [null, "unknown"],
    [3, "unknown"],
    [undefined, "unknown"],
  ])("a step that is %j is %s", (status, state) => {
    expect(decodeSteps(JSON.stringify({ apps: [{ Reference: "a", Status: status }] }))).toEqual([
      app("a", state),
    ]);
  });

  test("many steps and long names are cut, and are fit for the database", () => {
    const apps = Array.from({ length: 200 }, () => ({
      Reference: `\u0000${"x".repeat(99)}\u{1f600}`,
      Status: "Failed",
    }));
    const steps = decodeSteps(JSON.stringify({ apps }));
    expect(steps).toHaveLength(25);
    expect(steps[0]?.name).toHaveLength(100);
    expect(JSON.stringify(steps)).not.toMatch(/\\u0000|\\ud[89a-f]/iu);
  });

  test("nothing makes it throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (value) => {
        expect(Array.isArray(decodeSteps(value))).toBe(true);
      }),
    );
    expect(decodeSteps("[".repeat(60_000))).toEqual([]);
    expect(decodeSteps(`{"apps":${"[".repeat(30_000)}${"]".repeat(30_000)}}`)).toEqual([]);
  });
});
