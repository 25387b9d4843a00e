import { describe, expect, test } from "vitest";

import type { CardView } from "../../src/core/card-view.ts";
import { explanationOf, type Explanation } from "../../src/core/explain.ts";
import { kindOf, type OperationKind } from "../../src/core/kinds.ts";
import type { Trouble } from "../../src/core/operation.ts";
import type { Step } from "../../src/core/steps.ts";
import { factsOf, headlineOf, meaningOf, nameOf, stepsOf, supportOf } from "../../src/teams/card-text.ts";
import { EN } from "../../src/teams/words/en.ts";
import { ADDRESS, START } from "../core/samples.ts";
import { aView, KINDS_NAMED, STANDINGS } from "./samples.ts";

const meaning = (fields: Partial<CardView>): string => meaningOf(aView(fields), EN);
const progress = (fields: Partial<CardView>): string | undefined =>
  factsOf(aView(fields), EN).find(({ title }) => title === "Progress")?.value;
const step = (group: Step["group"], state: Step["state"], name = `${group} ${state}`): Step => ({
  group,
  name,
  state,
});

describe("a failure is explained", () => {
  test.each<[Explanation, string, RegExp]>([
    ["badRequest", "BadRequest", /Check the request/u],
    ["conflict", "NameAlreadyExists", /exists already/u],
    ["denied", "Authorization_RequestDenied", /not allowed.*Check the permissions/u],
    ["licence", "LicenseRequired", /licence is missing.*Check/u],
    ["quota", "Directory_QuotaExceeded", /limit of the organization/u],
    ["teamUnavailable", "TeamUnavailable", /deleted, is archived.*start the operation again/u],
    ["thingMissing", "NotFound", /not found.*wait a few minutes/u],
    ["throttled", "TooManyRequests", /Wait a few minutes/u],
    ["unavailable", "ServiceUnavailable", /Look whether the result is there/u],
  ])("%s, by %s", (explanation, code, told) => {
    expect(explanationOf(code)).toBe(explanation);
    const text = meaning({ standing: "failed", error: { code, message: "x" } });
    expect(text).toBe(`${EN.meanings.failed} ${EN.explanations[explanation]}`);
    expect(text).toMatch(told);
  });

  test("each explanation is here, and says something else", () => {
    expect(Object.keys(EN.explanations)).toHaveLength(9);
    expect(new Set(Object.values(EN.explanations)).size).toBe(9);
  });

  test.each(["teamunavailable", "TEAMUNAVAILABLE", "Team Unavailable", "Team-Unavailable"])(
    "however its code is written: %s",
    (code) => {
      expect(meaning({ standing: "failed", error: { code, message: null } })).toContain(
        EN.explanations.teamUnavailable,
      );
    },
  );

  test.each([
    ["an unknown code", { code: "Whatever_Happened", message: "It broke." }],
    ["a code that every object has", { code: "constructor", message: null }],
    ["no code", { code: null, message: "TeamUnavailable" }],
    ["no error", null],
  ])("nothing is made up about %s", (_, error) => {
    expect(meaning({ standing: "failed", error })).toBe(EN.meanings.failed);
  });

  test("a reason that Graph gave in its detail is not called none", () => {
    const view = aView({
      kind: "telephoneNumber",
      standing: "failed",
      error: null,
      detail: "Number is in use.",
    });
    expect(headlineOf(view, EN)).not.toContain(EN.facts.noMessage);
    expect(factsOf(view, EN)).not.toContainEqual({ title: "Error", value: EN.facts.noMessage });
  });

  test("and nothing else is: an error beside another standing says nothing of the end", () => {
    const error = { code: "TeamUnavailable", message: null };
    for (const standing of STANDINGS.filter((each) => each !== "failed")) {
      expect(meaning({ standing, error })).not.toContain(EN.explanations.teamUnavailable);
    }
  });
});

describe("access denied", () => {
  const PERMISSIONS: Readonly<Record<OperationKind, readonly string[]>> = {
    team: [
      "Microsoft documents no permission",
      "known to work: Team.Create, TeamSettings.ReadWrite.All, ChannelSettings.ReadWrite.All, TeamSettings.ReadWrite.Group, Channel.Create.Group.",
    ],
    chat: ["the application permission Chat.ReadBasic.All, or", "the consent ChatSettings.Read.Chat."],
    engagement: ["the application permission Community.Read.All."],
    site: ["the application permission Sites.Read.All."],
    connection: ["the application permission ExternalConnection.ReadWrite.OwnedBy."],
    attackSimulation: ["the application permission AttackSimulation.Read.All."],
    telephoneNumber: ["the application permission TeamsTelephoneNumber.Read.All."],
    roleAlert: ["the application permission RoleManagementAlert.Read.Directory."],
    other: ["The permission that started it usually allows reading it."],
  };

  test.each(KINDS_NAMED)("to a %s operation names the permission and Microsoft's page", (kind) => {
    const text = meaning({ standing: "forbidden", kind });
    expect(text.startsWith(EN.meanings.forbidden)).toBe(true);
    for (const part of PERMISSIONS[kind]) expect(text).toContain(part);
    expect(text).toContain(`[Microsoft's page](${kindOf(kind).permissions.page})`);
    expect(kindOf(kind).permissions.page).toMatch(/^https:\/\/learn\.microsoft\.com\/graph\/[\w/?=.-]+$/u);
    expect(text).not.toMatch(/undefined|null|\.\.| {2}/u);
  });

  test("is all that names a permission", () => {
    for (const standing of STANDINGS.filter((each) => each !== "forbidden")) {
      expect(meaning({ standing })).not.toMatch(/permission |learn\.microsoft/u);
    }
  });
});

describe("progress", () => {
  test.each([
    [0, "▱▱▱▱▱▱▱▱▱▱ 0 %"],
    [4, "▱▱▱▱▱▱▱▱▱▱ 4 %"],
    [40, "▰▰▰▰▱▱▱▱▱▱ 40 %"],
    [50, "▰▰▰▰▰▱▱▱▱▱ 50 %"],
    [90, "▰▰▰▰▰▰▰▰▰▱ 90 %"],
    [100, "▰▰▰▰▰▰▰▰▰▰ 100 %"],
  ])("of %i in 100 is a bar with its text", (percent, told) => {
    expect(progress({ percent })).toBe(told);
  });

  test("a bar is never full before the end", () => {
    for (const percent of [95, 96, 97, 98, 99]) expect(progress({ percent })).toContain("▱");
  });

  test("a bar is always of one length, and grows", () => {
    const filled = Array.from({ length: 101 }, (_, percent) => {
      const bar = progress({ percent })?.match(/[▰▱]/gu)?.join("") ?? "";
      expect(bar).toMatch(/^▰*▱*$/u);
      expect(bar).toHaveLength(10);
      return bar.indexOf("▱") === -1 ? 10 : bar.indexOf("▱");
    });
    expect(filled.toSorted((a, b) => a - b)).toEqual(filled);
  });

  test("of parts is counted by group", () => {
    const steps = [
      step("apps", "done"),
      step("apps", "running"),
      step("channels", "waiting"),
      step("channels", "waiting"),
      step("channels", "running"),
    ];
    expect(progress({ steps })).toBe("apps 1 of 2, channels 0 of 3");
    expect(progress({ steps, percent: 20 })).toBe("▰▰▱▱▱▱▱▱▱▱ 20 %, apps 1 of 2, channels 0 of 3");
  });

  test("a part that failed is not counted as done", () => {
    expect(progress({ steps: [step("apps", "failed"), step("apps", "done")] })).toBe("apps 1 of 2");
  });

  test("parts without a word on how they stand are only counted", () => {
    expect(progress({ steps: [step("apps", "unknown")] })).toBe("1 app");
    expect(progress({ steps: [step("apps", "unknown"), step("apps", "unknown")] })).toBe("2 apps");
  });

  test("none is not told", () => {
    expect(progress({})).toBeUndefined();
  });

  test("of each part is told in the details, with a sign and its name", () => {
    const states = ["waiting", "running", "done", "failed", "unknown"] as const;
    const steps = states.map((state) => step("apps", state, state));
    expect(stepsOf(aView({ steps }), EN)).toEqual(
      ["○ waiting", "● running", "✓ done", "✗ failed", "· unknown"].map((value) => ({ title: "App", value })),
    );
  });
});

describe("parts that failed", () => {
  const steps = [step("apps", "failed", "com.microsoft.tab_x"), step("channels", "done", "General")];

  test.each(["succeeded", "ready", "skipped", "failed"] as const)("are named where it has %s", (standing) => {
    expect(meaning({ standing, steps })).toContain(EN.failedSteps(["com.microsoft.tab\\_x"], 0));
  });

  test.each(["running", "waiting", "unavailable", "forbidden", "stopped", "expired"] as const)(
    "are not called the end while it is %s",
    (standing) => {
      expect(meaning({ standing, steps })).not.toContain("part of it failed");
    },
  );

  test("come after what the failure itself means", () => {
    const error = { code: "NotFound", message: null };
    expect(meaning({ standing: "failed", error, steps })).toBe(
      [EN.meanings.failed, EN.explanations.thingMissing, EN.failedSteps(["com.microsoft.tab\\_x"], 0)].join(
        " ",
      ),
    );
  });

  test("are nowhere where none did", () => {
    expect(meaning({ standing: "succeeded", steps: [step("apps", "done")] })).toBe(EN.meanings.succeeded);
  });
});

describe("how long it usually takes", () => {
  const usual = { count: 50, medianMs: 40_000, p95Ms: 180_000 };

  test.each(["running", "waiting"] as const)("is told while it is %s", (standing) => {
    expect(meaning({ standing, usual })).toBe(`${EN.meanings[standing]} Usually done in about 40 s.`);
    expect(meaning({ standing, usual, isSlow: true })).toContain(
      "Slower than 95 of 100 such operations, which were done within 3 min.",
    );
    expect(meaning({ standing, usual, isSlow: true })).not.toContain("Usually");
  });

  test("is not told where nothing is known, and never after the end", () => {
    expect(meaning({ usual: null, isSlow: false })).toBe(EN.meanings.running);
    for (const standing of STANDINGS.filter((each) => each !== "running" && each !== "waiting")) {
      expect(meaning({ standing, usual, isSlow: true })).not.toMatch(/Usually|Slower/u);
    }
  });

  test("to be slow is not to have failed", () => {
    expect(meaning({ usual, isSlow: true })).toMatch(/may still succeed/u);
  });
});

describe("the result", () => {
  test("that was looked for and not seen is told of a success alone", () => {
    expect(meaning({ standing: "succeeded", isUnseen: true })).toBe(`${EN.meanings.succeeded} ${EN.unseen}`);
    expect(meaning({ standing: "failed", isUnseen: true })).toBe(EN.meanings.failed);
    expect(meaning({ standing: "succeeded" })).not.toContain(EN.unseen);
  });

  test("that was seen is more than Graph's word", () => {
    expect(meaning({ standing: "ready" })).toMatch(/has seen the result/u);
  });
});

test("an id that is not known here is told at once what to do", () => {
  expect(meaning({ standing: "notHere" })).toMatch(/no operation with this id in this chat or team/u);
  expect(meaning({ standing: "notHere" })).toMatch(/whole Location/u);
});

describe("a kind is named where its type is not known", () => {
  test.each(KINDS_NAMED)("%s", (kind) => {
    expect(nameOf(aView({ kind, operationType: null }), EN)).toBe(EN.kinds[kind]);
    expect(nameOf(aView({ kind, operationType: "x" }), EN)).toBe(`${EN.kinds[kind]} (x)`);
  });
});

const TROUBLE: Trouble = {
  kind: "unavailable",
  httpStatus: 502,
  code: "BadGateway",
  message: "Failed to execute backend request.",
  requestId: "11111111-f6f3-49dd-83a8-a3064eeecdf8",
  clientRequestId: "22222222-4567-4f6c-81bf-04d144fc8bbe",
  since: START,
  misses: 4,
  until: null,
};

describe("for support", () => {
  const ADDRESS_LINE = `GET: /v1.0${ADDRESS.path}`.replaceAll(/[()]/gu, "\\$&");

  test("a card has all that Microsoft asks for", () => {
    expect(supportOf(aView(), "global")).toEqual([
      ADDRESS_LINE,
      "cloud: global",
      `operation: ${ADDRESS.operation}`,
      "operationType: createTeam",
      "status: inProgress",
      "attemptsCount: 1",
      "targetResourceId: 79afc64f-c76b-4edc-87f3-a47a1264695a",
      "targetResourceLocation: /teams\\('79afc64f-c76b-4edc-87f3-a47a1264695a'\\)",
      "started: 2026-11-21T12:00:00Z",
      "changed: 2026-11-21T12:01:00Z",
      "request-id: 8f897345-f6f3-49dd-83a8-a3064eeecdf8",
      "client-request-id: 50a0e733-4567-4f6c-81bf-04d144fc8bbe",
    ]);
  });

  test("it says when the answer came that the request-id is of", () => {
    const evidence = { requestId: "r", clientRequestId: "c", at: START + 42_000 };
    expect(supportOf(aView({ evidence }), "global").join("\n")).toContain("2026-11-21T12:00:42Z");
  });

  test.each(["global", "usgov", "usgov-dod", "china"] as const)("it names the cloud %s", (cloud) => {
    expect(supportOf(aView(), cloud)).toContain(`cloud: ${cloud}`);
  });

  test("a failure has its error", () => {
    const error = { code: "A", message: "B" };
    expect(supportOf(aView({ standing: "failed", error }), "global")).toContain("error: A · B");
    expect(supportOf(aView({ standing: "failed", error: { code: null, message: "B" } }), "global")).toContain(
      "error: B",
    );
  });

  test("what Graph refused has Graph's answer and the refused request's own ids", () => {
    const lines = supportOf(aView({ trouble: TROUBLE }), "global");
    expect(lines).toContain("answer: 502 · BadGateway · Failed to execute backend request.");
    expect(lines).toContain(`request-id: ${TROUBLE.requestId}`);
    expect(lines).toContain(`client-request-id: ${TROUBLE.clientRequestId}`);
    expect(lines.join("\n")).not.toContain("8f897345");
  });

  test("without an answer the ids are those of the last one", () => {
    const silent = { ...TROUBLE, httpStatus: null, code: null, requestId: null, clientRequestId: null };
    const lines = supportOf(aView({ trouble: silent }), "global");
    expect(lines).toContain("request-id: 8f897345-f6f3-49dd-83a8-a3064eeecdf8");
    expect(lines.join("\n")).not.toContain("answer:");
  });

  test("what nobody said is left out", () => {
    const nothing = {
      operationType: null,
      status: null,
      attempts: null,
      targetId: null,
      targetLocation: null,
      evidence: null,
    };
    expect(supportOf(aView(nothing), "global")).toEqual([
      ADDRESS_LINE,
      "cloud: global",
      `operation: ${ADDRESS.operation}`,
      "started: 2026-11-21T12:00:00Z",
      "changed: 2026-11-21T12:01:00Z",
    ]);
    const empty = { ...nothing, evidence: { requestId: "", clientRequestId: null, at: START } };
    expect(supportOf(aView(empty), "global").join("\n")).not.toContain("request-id");
  });

  test("a line is one line, and no Markdown", () => {
    const lines = supportOf(
      aView({ status: "a\n\n# b", error: { code: "[x](https://evil.example)", message: "*y* <at>z</at>" } }),
      "global",
    );
    expect(lines).toContain("status: a \\# b");
    expect(lines).toContain("error: \\[x\\]\\(https://evil.example\\) · \\*y\\* ‹at›z‹/at›");
  });
});
