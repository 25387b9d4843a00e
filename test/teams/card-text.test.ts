import { describe, expect, test } from "vitest";

import type { CardView } from "../../src/core/card-view.ts";
import { explanationOf, type Explanation } from "../../src/core/explain.ts";
import { kindOf, type OperationKind } from "../../src/core/kinds.ts";
import type { Trouble } from "../../src/core/operation.ts";
import type { Step } from "../../src/core/steps.ts";
import {
  factsOf,
  headlineOf,
  isPartial,
  meaningOf,
  nameOf,
  stepsOf,
  summaryOf,
  supportOf,
  titleOf,
} from "../../src/teams/card-text.ts";
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
    ["teamUnavailable", "TeamUnavailable", /deleted, archived.*start the operation again/u],
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
    expect(headlineOf(view, EN)).toMatch(/ — failed: Number is in use\.$/u);
    expect(summaryOf(view, EN)).toMatch(/ — failed: Number is in use\.$/u);
    const facts = factsOf(view, EN);
    expect(facts).toContainEqual({ title: "Error", value: "Number is in use." });
    // Once is enough.
    expect(facts.map(({ title }) => title)).not.toContain("Detail");
  });

  test("a detail stays one where there is an error, or no failure", () => {
    const detail = "Number is in use.";
    const error = { code: "A", message: null };
    for (const fields of [
      { standing: "failed", error },
      { standing: "running", error },
      { standing: "running" },
      { standing: "succeeded" },
      { standing: "skipped" },
    ] as const) {
      const facts = factsOf(aView({ ...fields, detail }), EN);
      expect(facts).toContainEqual({ title: "Detail", value: detail });
      expect(facts.some(({ title, value }) => title === "Error" && value.includes(detail))).toBe(false);
    }
  });

  test("a detail that is the reason is no Markdown in a card, and as it is in a toast", () => {
    const view = aView({ standing: "failed", detail: "Not *a_b*\n[x](https://evil.example)" });
    const escaped = "Not \\*a\\_b\\* \\[x\\]\\(https://evil.example\\)";
    expect(headlineOf(view, EN)).toBe(`Create team — failed: ${escaped}`);
    expect(factsOf(view, EN)).toContainEqual({ title: "Error", value: escaped });
    expect(summaryOf(view, EN)).toBe("Create team — failed: Not *a_b* [x](https://evil.example)");
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
    expect(progress({ steps })).toBe("Apps 1 of 2, channels 0 of 3");
    // There the bar is what it begins with.
    expect(progress({ steps, percent: 20 })).toBe("▰▰▱▱▱▱▱▱▱▱ 20 %, apps 1 of 2, channels 0 of 3");
  });

  test("a part that failed is not counted as done", () => {
    expect(progress({ steps: [step("apps", "failed"), step("apps", "done")] })).toBe("Apps 1 of 2");
  });

  test("parts without a word on how they stand are no progress", () => {
    expect(progress({ steps: [step("apps", "unknown"), step("apps", "unknown")] })).toBeUndefined();
  });

  test("of channels alone begins with a capital, too", () => {
    expect(progress({ steps: [step("channels", "done"), step("channels", "running")] })).toBe(
      "Channels 1 of 2",
    );
  });

  test("none is not told", () => {
    expect(progress({})).toBeUndefined();
  });

  test.each(["succeeded", "ready"] as const)("is told no more when it has %s whole", (standing) => {
    const steps = [step("apps", "done"), step("channels", "done")];
    expect(progress({ standing, steps })).toBeUndefined();
    expect(progress({ standing, percent: 100 })).toBeUndefined();
    expect(progress({ standing, percent: 100, steps })).toBeUndefined();
    expect(progress({ standing, steps: [...steps, step("channels", "failed")] })).toBe(
      "Apps 1 of 1, channels 1 of 2",
    );
  });

  test.each(["failed", "skipped", "unavailable", "forbidden", "stopped", "expired"] as const)(
    "is told as far as it got when it is %s",
    (standing) => {
      expect(progress({ standing, steps: [step("apps", "done"), step("apps", "waiting")] })).toBe(
        "Apps 1 of 2",
      );
    },
  );

  test("of each part is told in the details, with a sign and its name", () => {
    const states = ["waiting", "running", "done", "failed", "unknown"] as const;
    const steps = states.map((state) => step("apps", state, state));
    expect(stepsOf(aView({ steps }), EN)).toEqual(
      ["○ waiting", "● running", "✓ done", "✗ failed", "· unknown"].map((value) => ({ title: "App", value })),
    );
  });
});

describe("the list of parts", () => {
  const many = (count: number): readonly Step[] =>
    Array.from({ length: count }, (_, index) => step("channels", "done", `Channel ${index + 1}`));

  test("names each with what it is", () => {
    const steps = [step("apps", "done", "Wiki"), step("channels", "failed", "General")];
    expect(stepsOf(aView({ steps }), EN)).toEqual([
      { title: "App", value: "✓ Wiki" },
      { title: "Channel", value: "✗ General" },
    ]);
    expect(stepsOf(aView(), EN)).toEqual([]);
  });

  test("has 30, and counts the rest", () => {
    expect(stepsOf(aView({ steps: many(30) }), EN)).toHaveLength(30);
    expect(stepsOf(aView({ steps: many(30) }), EN).at(-1)).toEqual({
      title: "Channel",
      value: "✓ Channel 30",
    });
    const told = stepsOf(aView({ steps: many(75) }), EN);
    expect(told).toHaveLength(31);
    expect(told.at(-1)).toEqual({ title: "", value: "…and 45 more" });
    expect(stepsOf(aView({ steps: many(31) }), EN).at(-1)).toEqual({ title: "", value: "…and 1 more" });
  });

  test.each(["", " ", "\u200b", "\n"])("calls one without a name (%j) —", (name) => {
    expect(stepsOf(aView({ steps: [step("apps", "done", name)] }), EN)).toEqual([
      { title: "App", value: "✓ —" },
    ]);
    expect(meaning({ standing: "succeeded", steps: [step("apps", "failed", name)] })).toContain(
      EN.failedSteps(["—"], 0),
    );
  });
});

describe("the title says what a word for how it stands leaves out", () => {
  const failed = (count: number): readonly Step[] =>
    Array.from({ length: count }, (_, index) => step("apps", "failed", `App ${index}`));
  const usual = { count: 50, medianMs: 40_000, p95Ms: 180_000 };

  test.each([
    ["succeeded", 1, "Create team — succeeded (1 part failed)"],
    ["succeeded", 3, "Create team — succeeded (3 parts failed)"],
    ["ready", 1, "Create team — ready (1 part failed)"],
  ] as const)("%s with %i that failed: %s", (standing, count, title) => {
    const view = aView({ standing, steps: [...failed(count), step("apps", "done")] });
    expect(titleOf(view, EN)).toBe(title);
    expect(headlineOf(view, EN)).toBe(title);
    expect(summaryOf(view, EN)).toBe(title);
    expect(isPartial(view)).toBe(true);
  });

  test("of a success alone, and only of parts that failed", () => {
    for (const standing of STANDINGS.filter((each) => each !== "succeeded" && each !== "ready")) {
      expect(isPartial(aView({ standing, steps: failed(2) }))).toBe(false);
      expect(titleOf(aView({ standing, steps: failed(2) }), EN)).not.toContain("failed)");
    }
    for (const state of ["waiting", "running", "done", "unknown"] as const) {
      const view = aView({ standing: "succeeded", steps: [step("apps", state)] });
      expect(isPartial(view)).toBe(false);
      expect(titleOf(view, EN)).toBe("Create team — succeeded");
    }
  });

  test.each([
    ["running", "Create team — in progress (slower than usual)"],
    ["waiting", "Create team — waiting to start (slower than usual)"],
  ] as const)("%s and slow: %s", (standing, title) => {
    const view = aView({ standing, usual, isSlow: true });
    expect([titleOf(view, EN), headlineOf(view, EN), summaryOf(view, EN)]).toEqual([title, title, title]);
  });

  test("slow is nothing that has ended", () => {
    for (const standing of STANDINGS.filter((each) => each !== "running" && each !== "waiting")) {
      expect(titleOf(aView({ standing, usual, isSlow: true }), EN)).not.toContain("slower");
    }
  });

  test("a pipeline's own title stands in front of it, and what it does among the facts", () => {
    const view = aView({ title: "Provision *Contoso*", isSlow: true, usual });
    expect(titleOf(view, EN)).toBe("Provision \\*Contoso\\* — in progress (slower than usual)");
    expect(summaryOf(view, EN)).toBe("Provision *Contoso* — in progress (slower than usual)");
    expect(factsOf(view, EN)).toContainEqual({ title: "What", value: "Create team" });
    expect(factsOf(aView(), EN).map(({ title }) => title)).not.toContain("What");
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

  test("are five by name, and the rest is counted", () => {
    const many = Array.from({ length: 9 }, (_, index) => step("channels", "failed", `C${index}`));
    expect(meaning({ standing: "succeeded", steps: many })).toContain(
      EN.failedSteps(["C0", "C1", "C2", "C3", "C4"], 4),
    );
    expect(meaning({ standing: "succeeded", steps: many.slice(0, 5) })).toContain("C3, C4.");
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
  const ADDRESS_LINE = `GET https://graph.microsoft.com/v1.0${ADDRESS.path}`.replaceAll(/[()]/gu, "\\$&");

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
      "answered: 2026-11-21T12:01:00Z",
    ]);
  });

  test("it says when the answer came that the request-id is of", () => {
    const evidence = { requestId: "r", clientRequestId: "c", at: START + 42_000 };
    expect(supportOf(aView({ evidence }), "global")).toContain("answered: 2026-11-21T12:00:42Z");
  });

  test.each([
    ["global", "https://graph.microsoft.com"],
    ["usgov", "https://graph.microsoft.us"],
    ["usgov-dod", "https://dod-graph.microsoft.us"],
    ["china", "https://microsoftgraph.chinacloudapi.cn"],
  ] as const)("it names the cloud %s, and begins with a request there", (cloud, root) => {
    const [first, ...lines] = supportOf(aView(), cloud);
    expect(lines).toContain(`cloud: ${cloud}`);
    expect(first?.replaceAll("\\", "")).toBe(`GET ${root}/v1.0${ADDRESS.path}`);
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
    // That would be the time of another answer than the one with this request-id.
    expect(lines.join("\n")).not.toContain("answered:");
  });

  test("without an answer the ids are those of the last one", () => {
    const silent = { ...TROUBLE, httpStatus: null, code: null, requestId: null, clientRequestId: null };
    const lines = supportOf(aView({ trouble: silent }), "global");
    expect(lines).toContain("request-id: 8f897345-f6f3-49dd-83a8-a3064eeecdf8");
    expect(lines.join("\n")).not.toContain("answer:");
    expect(lines).toContain("answered: 2026-11-21T12:01:00Z");
  });

  test("a refusal without a request-id does not hide the last good one", () => {
    const bare = { ...TROUBLE, requestId: null };
    const lines = supportOf(aView({ trouble: bare }), "global");
    expect(lines).toContain("answer: 502 · BadGateway · Failed to execute backend request.");
    expect(lines).toContain("request-id: 8f897345-f6f3-49dd-83a8-a3064eeecdf8");
    expect(lines).toContain("client-request-id: 50a0e733-4567-4f6c-81bf-04d144fc8bbe");
    expect(lines).toContain("answered: 2026-11-21T12:01:00Z");
    // Both of one answer, never one of each.
    expect(lines.join("\n")).not.toContain(TROUBLE.clientRequestId);
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
    expect(supportOf(aView({ ...nothing, startedAt: null }), "global")[3]).toBe(
      "tracked: 2026-11-21T12:00:00Z",
    );
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
