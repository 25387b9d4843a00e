import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { CardView, Standing } from "../../src/core/card-view.ts";
import { kindOf } from "../../src/core/kinds.ts";
import type { Trouble } from "../../src/core/operation.ts";
import { headlineOf } from "../../src/teams/card-text.ts";
import { renderCard } from "../../src/teams/render-card.ts";
import { EN } from "../../src/teams/words/en.ts";
import { ADDRESS, START } from "../core/samples.ts";
import { anyView, aView, HOSTILE, liveMarkdownIn, STANDINGS, WATCH } from "./samples.ts";

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every object within, from the outermost in. */
function objectsIn(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isJson(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

function ofType(card: object, type: string): readonly Json[] {
  return objectsIn(card).filter((element) => element["type"] === type);
}

function textsOf(card: object): readonly string[] {
  return ofType(card, "TextBlock").map(({ text }) => String(text));
}

type Facts = Readonly<Record<string, string>>;

function setsIn(element: unknown): readonly Facts[] {
  return objectsIn(element)
    .filter(({ type }) => type === "FactSet")
    .map(({ facts }) =>
      Object.fromEntries(objectsIn(facts).map(({ title, value }) => [String(title), String(value)])),
    );
}

/** What is folded away until somebody presses "Details". */
function foldedIn(card: object): Json {
  const folded = ofType(card, "Container").filter(({ id }) => id === "details");
  const [details] = folded;
  if (details === undefined || folded.length > 1) throw new Error(`There are ${folded.length} details.`);
  return details;
}

/** A card as a person reads it: the facts in sight, and folded the timeline, the steps and what is for support. */
function factsOf(card: object): {
  readonly shown: Facts;
  readonly timelines: readonly Facts[];
  readonly steps: readonly (readonly [string, string])[];
  readonly support: Facts;
} {
  const folded = foldedIn(card);
  const [shown = {}, ...others] = setsIn(card);
  // Everything but the first set is folded.
  expect(others).toEqual(setsIn(folded));
  const under = (heading: string): Json | undefined => {
    const items = itemsOf(folded);
    const at = items.findIndex(({ text }) => text === heading);
    return at === -1 ? undefined : items[at + 1];
  };
  const timelines = setsIn(under(EN.timeline));
  const parts = under(EN.parts);
  expect(others).toHaveLength(timelines.length + (parts === undefined ? 0 : 1));
  const blocks = ofType(folded, "TextBlock");
  const monospaced = blocks.filter(({ fontType }) => fontType === "Monospace");
  expect(monospaced).toMatchObject([{ wrap: true }]);
  const lines = linesOf(monospaced[0]).map(
    (line) => /^(GET|[A-Za-z-]+:) (.*)$/su.exec(line) ?? [line, line, ""],
  );
  const support = Object.fromEntries(
    lines.map(([, name = "", value = ""]) => [name.replace(":", ""), value]),
  );
  expect(Object.keys(support)).toHaveLength(lines.length);
  // Two parts may well have the same title.
  const steps = objectsIn(parts?.["facts"]).map(
    ({ title, value }) => [String(title), String(value)] as const,
  );
  return { shown, timelines, steps, support };
}

function itemsOf(container: Json): readonly Json[] {
  const { items } = container;
  return Array.isArray(items) ? items.filter(isJson) : [];
}

/** A card's Markdown knows a new line only after an empty one. */
function linesOf(block: Json | undefined): readonly string[] {
  return String(block?.["text"]).split("\n\n");
}

/** What is told of trouble, on its own ground. */
function troublesOf(card: object): readonly string[] {
  return ofType(card, "Container")
    .filter(({ style, bleed }) => style === "warning" && bleed !== true)
    .flatMap((container) => textsOf(container));
}

function escaped(id: string): string {
  return id.replaceAll("_", "\\_");
}

/** The text before it was escaped. */
function bare(text = ""): string {
  return text.replaceAll(/\\(?=[\\`*_[\]()#~|])/gu, "");
}

function buttonsOf(card: object): readonly string[] {
  return objectsIn(card)
    .filter(({ type }) => type !== "Action.Submit" && String(type).startsWith("Action."))
    .map(({ title }) => String(title));
}

const SETTING = { words: EN, cloud: "global" } as const;
const render = (fields: Partial<CardView> = {}, note = "") => renderCard(aView(fields), WATCH, SETTING, note);
const trouble: Trouble = {
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

describe("how it stands is the first line, the toast and the line in the chat list", () => {
  test.each<[Standing, string]>([
    ["asking", "Create team — asking Graph"],
    ["waiting", "Create team — waiting to start"],
    ["running", "Create team — in progress"],
    ["unrecognised", "Create team — unrecognized status"],
    ["notYetFound", "Create team — not visible yet"],
    ["notHere", "Create team — not found here"],
    ["ready", "Create team — ready"],
    ["succeeded", "Create team — succeeded"],
    ["failed", "Create team — failed"],
    ["skipped", "Create team — skipped"],
    ["unavailable", "Create team — no longer available"],
    ["notFound", "Create team — not found"],
    ["forbidden", "Create team — access denied"],
    ["stopped", "Create team — no longer watched"],
    ["expired", "Create team — not finished yet"],
  ])("%s: %s", (standing, title) => {
    const { card, summary } = render({ standing });
    expect(textsOf(card)[1]).toBe(title);
    expect(summary.startsWith(title)).toBe(true);
    expect(card).toMatchObject({ fallbackText: summary, speak: summary });
    expect(textsOf(card)[2]).toContain(EN.meanings[standing]);
  });

  test("every standing has its words, and no other standing's", () => {
    expect(new Set(STANDINGS.map((standing) => render({ standing }).summary)).size).toBe(STANDINGS.length);
  });

  test.each([
    ["a known type", "archiveChannel", "Archive channel — in progress"],
    ["an unknown type", "moveTeam", "Team operation (moveTeam) — in progress"],
    ["a hidden type", "unknownFutureValue", "Team operation — in progress"],
    ["no type", null, "Team operation — in progress"],
    ["a hostile type", "[x](y)", "Team operation (\\[x\\]\\(y\\)) — in progress"],
    ["a type that every object has", "constructor", "Team operation (constructor) — in progress"],
    ["another such", "toString", "Team operation (toString) — in progress"],
    ["the prototype", "__proto__", "Team operation (\\_\\_proto\\_\\_) — in progress"],
  ])("%s names the operation", (_, operationType, title) => {
    const { card } = render({ operationType });
    expect(ofType(card, "TextBlock").filter(({ style }) => style === "heading")).toMatchObject([
      { text: title },
    ]);
    expect(headlineOf(aView({ operationType }), EN)).toBe(title);
  });

  test.each([
    ["archiveChannel", "Archive channel — in progress"],
    ["moveTeam", "Team operation (moveTeam) — in progress"],
    [null, "Team operation — in progress"],
  ])("%s names the operation in the toast, too", (operationType, title) => {
    expect(render({ operationType }).summary).toBe(title);
  });

  test("a failure's toast says why", () => {
    const error = { code: "TeamUnavailable", message: "The team was not found." };
    expect(render({ standing: "failed", error }).summary).toBe(
      "Create team — failed: TeamUnavailable — The team was not found.",
    );
    expect(render({ standing: "failed" }).summary).toBe("Create team — failed: Graph gave no reason.");
  });

  test("a failure's toast has no escapes, the message and the card have", () => {
    const view = aView({
      standing: "failed",
      error: { code: "a_b", message: "The team (**x**)\nis [gone]." },
    });
    const withEscapes = "a\\_b — The team \\(\\*\\*x\\*\\*\\) is \\[gone\\].";
    const { card, summary } = renderCard(view, WATCH, SETTING);
    expect(summary).toBe("Create team — failed: a_b — The team (**x**) is [gone].");
    expect(factsOf(card).shown["Error"]).toBe(withEscapes);
    expect(headlineOf(view, EN)).toBe(`Create team — failed: ${withEscapes}`);
  });

  test("asking without an answer since a while is told of as trouble alone", () => {
    const { card } = render({ standing: "asking", trouble });
    expect(textsOf(card)).not.toContain(EN.meanings.asking);
    expect(textsOf(card)).not.toContain("");
    expect(troublesOf(card)).toHaveLength(1);
  });

  test("a success claims no more than Graph does", () => {
    expect(textsOf(render({ standing: "succeeded" }).card).join(" ")).toMatch(/can take a few more minutes/u);
  });

  test.each([
    ["unavailable", /It may have succeeded/u],
    ["forbidden", /It may still succeed/u],
    ["expired", /does not mean that it failed/u],
  ] as const)("%s is not called a failure", (standing, hope) => {
    const { card, summary } = render({ standing });
    expect(summary).not.toMatch(/fail/iu);
    expect(textsOf(card)[2]).toMatch(hope);
    expect(textsOf(card).join(" ").replace("does not mean that it failed", "")).not.toMatch(/fail/iu);
  });
});

describe("the facts", () => {
  test("of a running operation", () => {
    expect(Object.entries(factsOf(render().card).shown)).toEqual([
      ["Target", "79afc64f-c76b-4edc-87f3-a47a1264695a"],
      ["Status", "inProgress"],
      ["Attempts", "1"],
      ["Started", "{{DATE(2026-11-21T12:00:00Z,COMPACT)}} {{TIME(2026-11-21T12:00:00Z)}}"],
      ["Changed", "{{DATE(2026-11-21T12:01:00Z,COMPACT)}} {{TIME(2026-11-21T12:01:00Z)}}"],
      ["Asked by", "Alex Wilber"],
      ["Operation", ADDRESS.operation],
    ]);
  });

  test("of a failure begin with why", () => {
    const error = { code: "A", message: "B" };
    const { shown } = factsOf(render({ standing: "failed", error, detail: "Half of it" }).card);
    expect(Object.entries(shown).slice(0, 3)).toEqual([
      ["Error", "A — B"],
      ["Detail", "Half of it"],
      ["Target", "79afc64f-c76b-4edc-87f3-a47a1264695a"],
    ]);
  });

  test("before the first answer", () => {
    const { shown } = factsOf(
      render({
        standing: "asking",
        status: null,
        attempts: null,
        startedAt: null,
        targetId: null,
        operationType: null,
      }).card,
    );
    expect(Object.keys(shown)).toEqual(["Tracked since", "Changed", "Asked by", "Operation"]);
  });

  test.each([
    [0, false],
    [999, false],
    [1_000, true],
  ])("tell of a change %i ms after the start: %s", (ms, isTold) => {
    const { shown } = factsOf(render({ changedAt: START + ms }).card);
    expect("Changed" in shown).toBe(isTold);
    expect(shown).toHaveProperty("Started");
  });

  test.each([
    ["of 40 characters is whole", `19:${"a".repeat(37)}`, `19:${"a".repeat(37)}`],
    [
      "of 41 characters is abbreviated",
      `19:${"a".repeat(13)}${"b".repeat(19)}spaces`,
      `19:${"a".repeat(13)}…spaces`,
    ],
    [
      "of a chat is abbreviated",
      "19:b2c4d6_e8f0_3fa85f64-5717-4562-b3fc-2c963f66afa6@unq.gbl.spaces",
      "19:b2c4d6_e8f0_3…spaces",
    ],
  ])("an id %s, and always whole in the details", (_, id, short) => {
    const { shown, support } = factsOf(render({ targetId: id, operation: id }).card);
    expect(shown).toMatchObject({ Target: escaped(short), Operation: escaped(short) });
    expect(support).toMatchObject({ targetResourceId: escaped(id), operation: escaped(id) });
  });

  test.each([
    [{ code: "A", message: "B" }, "A — B"],
    [{ code: "A", message: null }, "A"],
    [{ code: null, message: "B" }, "B"],
    [{ code: null, message: null }, "Graph gave no reason."],
    [null, "Graph gave no reason."],
  ])("of a failure with %j", (error, shown) => {
    expect(factsOf(render({ standing: "failed", error }).card).shown["Error"]).toBe(shown);
  });

  test("an error is shown though the operation goes on, and none where there is none", () => {
    expect(factsOf(render({ error: { code: "A", message: null } }).card).shown["Error"]).toBe("A");
    expect(factsOf(render().card).shown).not.toHaveProperty("Error");
  });

  test("a detail is one", () => {
    expect(factsOf(render({ detail: "Half of it" }).card).shown["Detail"]).toBe("Half of it");
  });

  test("of the timeline, when there is one", () => {
    const timeline = [
      { at: START, phase: "waiting", status: "notStarted", attempts: null },
      { at: START + 60_000, phase: "running", status: "inProgress", attempts: 2 },
    ] as const;
    const { card } = render({ timeline });
    expect(textsOf(card)).toContain("Timeline");
    expect(factsOf(card).timelines).toHaveLength(1);
    expect(Object.values(factsOf(card).timelines[0] ?? {})).toEqual(["notStarted", "inProgress · attempt 2"]);
    const without = render({ timeline: [] }).card;
    expect(textsOf(without)).not.toContain("Timeline");
    expect(factsOf(without).timelines).toEqual([]);
    expect(factsOf(without).support).toEqual(factsOf(card).support);
  });
});

describe("the steps", () => {
  const steps = [
    { group: "apps", name: "com.microsoft.teamspace.tab.vsts", state: "done" },
    { group: "apps", name: "1542629c-01b3-4a6d-8f76-1938b779e48d", state: "failed" },
    { group: "channels", name: "Class Announcements", state: "waiting" },
  ] as const;

  test("are counted in sight, and told one by one in the details", () => {
    const { shown, steps: told } = factsOf(render({ steps }).card);
    expect(shown["Progress"]).toBe("Apps 1 of 2, channels 0 of 1");
    expect(told).toEqual([
      ["App", "✓ com.\u200bmicrosoft.\u200bteamspace.\u200btab.\u200bvsts"],
      ["App", "✗ 1542629c-\u200b01b3-\u200b4a6d-\u200b8f76-\u200b1938b779e48d"],
      ["Channel", "○ Class Announcements"],
    ]);
  });

  test("are nowhere where there are none", () => {
    const { card } = render();
    expect(factsOf(card).shown).not.toHaveProperty("Progress");
    expect(textsOf(card)).not.toContain(EN.parts);
    expect(textsOf(render({ steps }).card)).toContain("Parts");
  });

  test("a percentage alone has no details", () => {
    const { card } = render({ percent: 40 });
    expect(factsOf(card)).toMatchObject({ shown: { Progress: "▰▰▰▰▱▱▱▱▱▱ 40 %" }, steps: [] });
  });

  test.each(HOSTILE.map((name) => ({ start: name.slice(0, 40), name })))(
    "$start does nothing in the name of one",
    ({ name }) => {
      for (const state of ["failed", "done"] as const) {
        const step = { group: "channels" as const, name: name.slice(0, 100), state };
        const { card } = render({ standing: "succeeded", steps: [step], isLive: false });
        const told = factsOf(card).steps;
        expect(told).toHaveLength(1);
        expect(told[0]?.[0]).toBe("Channel");
        expect(liveMarkdownIn(told[0]?.[1] ?? "")).toEqual([]);
        const meaning = textsOf(card)[2] ?? "";
        expect(liveMarkdownIn(meaning)).toEqual([]);
        expect(meaning.includes("part of it failed")).toBe(state === "failed");
        expect(objectsIn(card).filter(({ type }) => type === "Action.OpenUrl")).toEqual([]);
      }
    },
  );

  test("that failed without a name are no sentence with a hole", () => {
    const nameless = [{ group: "apps", name: "", state: "failed" }] as const;
    expect(textsOf(render({ standing: "succeeded", steps: nameless }).card)[2]).not.toMatch(/: *\./u);
  });
});

describe("a success of which a part failed", () => {
  const ground = ({ card }: { readonly card: object }) => ofType(card, "Container")[0]?.["style"];
  const steps = [
    { group: "apps", name: "Wiki", state: "failed" },
    { group: "apps", name: "Planner", state: "done" },
  ] as const;

  test.each(["succeeded", "ready"] as const)("%s looks like a warning, and says so in words", (standing) => {
    const partial = render({ standing, steps });
    expect(ground(partial)).toBe("warning");
    expect(textsOf(partial.card)[0]).toBe("!");
    expect(partial.summary).toBe(`Create team — ${standing} (1 part failed)`);
    expect(partial.card).toMatchObject({ speak: partial.summary, fallbackText: partial.summary });
    const whole = render({ standing, steps: steps.slice(1) });
    expect(ground(whole)).toBe("good");
    expect(textsOf(whole.card)[0]).toBe("✓");
  });

  test("a part of a failure changes nothing in how it looks", () => {
    expect(ground(render({ standing: "failed", steps }))).toBe("attention");
    expect(ground(render({ standing: "running", steps }))).toBe(ground(render()));
  });
});

test("a slow operation's card is on a ground of its own, with words for it", () => {
  const usual = { count: 20, medianMs: 40_000, p95Ms: 60_000 };
  const ground = (fields: Partial<CardView>) => ofType(render(fields).card, "Container")[0]?.["style"];
  expect(ground({ usual, isSlow: true })).not.toBe(ground({ usual }));
  expect(textsOf(render({ usual, isSlow: true }).card)[2]).toContain("Slower than 95 of 100");
  expect(ground({ standing: "succeeded", usual, isSlow: true })).toBe(ground({ standing: "succeeded" }));
});

test("an end that is ready looks as good as a success, and in words says more", () => {
  const [ready, succeeded] = (["ready", "succeeded"] as const).map((standing) => render({ standing }).card);
  expect(ofType(ready ?? {}, "Container")[0]?.["style"]).toBe(
    ofType(succeeded ?? {}, "Container")[0]?.["style"],
  );
  expect(textsOf(ready ?? {})[2]).not.toBe(textsOf(succeeded ?? {})[2]);
});

describe("trouble", () => {
  test.each([
    ["notFound", "not found"],
    ["throttled", "wait before the next check"],
    ["unauthorized", "credential"],
    ["noToken", "access token"],
    ["refused", "refused to answer"],
    ["unavailable", "unavailable since"],
    ["noAnswer", "not answered since"],
    ["unreadable", "unreadable since"],
  ] as const)("%s is told of, since when", (kind, words) => {
    const told = troublesOf(render({ trouble: { ...trouble, kind } }).card);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(words);
    expect(told[0]).toContain("{{DATE(2026-11-21T12:00:00Z,COMPACT)}}");
  });

  test("none is not", () => {
    expect(troublesOf(render().card)).toEqual([]);
    expect(textsOf(render().card).join(" ")).not.toContain("since");
  });

  test.each(["notYetFound", "unavailable", "notFound", "notHere", "forbidden"] as const)(
    "is not told twice where %s says it already",
    (standing) => {
      const { card } = render({ standing, trouble });
      expect(troublesOf(card)).toEqual([]);
      expect(textsOf(card).join(" ")).not.toContain(" since ");
    },
  );
});

describe("buttons", () => {
  test("of a live card do something, in clients old and new", () => {
    const { card } = render();
    expect(buttonsOf(card)).toEqual(["Refresh", "Stop tracking", "Details"]);
    for (const verb of ["refresh", "stop"]) {
      expect(ofType(card, "Action.Execute").find((action) => action["verb"] === verb)).toMatchObject({
        data: { watch: WATCH },
        fallback: { type: "Action.Submit", data: { verb, watch: WATCH } },
      });
    }
  });

  test("of a result that was seen open it first", () => {
    const webUrl =
      "https://teams.microsoft.com/l/team/19%3Ax%40thread.tacv2/conversations?groupId=a&tenantId=b";
    const { card } = render({ standing: "ready", webUrl, isLive: false });
    expect(buttonsOf(card)).toEqual(["Open", "Details"]);
    expect(ofType(card, "Action.OpenUrl")).toEqual([{ type: "Action.OpenUrl", title: "Open", url: webUrl }]);
    // Nowhere else: in a text it would be a link that nobody has looked at.
    expect(JSON.stringify(card).split(webUrl)).toHaveLength(2);
  });

  test("of a result that can't be opened have none for it", () => {
    const { card } = render({ standing: "ready", webUrl: null, isLive: false });
    expect(buttonsOf(card)).toEqual(["Details"]);
    expect(ofType(card, "Action.OpenUrl")).toEqual([]);
  });

  test("lead to the pipeline behind it, after the result", () => {
    const webUrl = "https://teams.microsoft.com/l/team/x";
    const link = "https://ci.example/runs/42?a=b&c=d";
    expect(buttonsOf(render({ link }).card)).toEqual([
      "Open pipeline",
      "Refresh",
      "Stop tracking",
      "Details",
    ]);
    const { card } = render({ standing: "ready", webUrl, link, isLive: false });
    expect(buttonsOf(card)).toEqual(["Open", "Open pipeline", "Details"]);
    expect(ofType(card, "Action.OpenUrl").map(({ url }) => url)).toEqual([webUrl, link]);
  });

  test("of a card that is over only unfold it", () => {
    expect(buttonsOf(render({ isLive: false }).card)).toEqual(["Details"]);
    expect(JSON.stringify(render({ isLive: false }).card)).not.toContain(WATCH);
  });
});

test("a note is shown only where there is one", () => {
  expect(textsOf(render({}, "Asking Graph now.").card)).toContain("Asking Graph now.");
  expect(textsOf(render().card)).not.toContain("");
});

describe("the fingerprint", () => {
  test("is the same for the same view", () => {
    expect(render().fingerprint).toBe(render().fingerprint);
    expect(renderCard(structuredClone(aView()), WATCH, SETTING).fingerprint).toBe(render().fingerprint);
  });

  test.each<[string, Partial<CardView>]>([
    ...STANDINGS.filter((standing) => standing !== "running").map((standing): [string, Partial<CardView>] => [
      `standing ${standing}`,
      { standing },
    ]),
    ["kind", { kind: "chat", operationType: null }],
    ["type", { operationType: "cloneTeam" }],
    ["status", { status: "running" }],
    ["attempts", { attempts: 2 }],
    ["no attempts", { attempts: null }],
    ["start", { startedAt: START + 1_000 }],
    ["change", { changedAt: START }],
    ["requester", { requester: "Megan Bowen" }],
    ["target", { targetId: "other" }],
    ["no target", { targetId: null }],
    ["target's location", { targetLocation: "/teams('other')" }],
    ["error", { error: { code: "A", message: null } }],
    ["detail", { detail: "x" }],
    ["operation", { operation: "other" }],
    ["address", { address: "/beta/other" }],
    ["trouble", { trouble }],
    ["timeline", { timeline: [] }],
    ["percentage", { percent: 40 }],
    ["step", { steps: [{ group: "apps", name: "A", state: "running" }] }],
    ["usual duration", { usual: { count: 10, medianMs: 40_000, p95Ms: 60_000 } }],
    ["link", { webUrl: "https://teams.microsoft.com/l/team/x" }],
    ["title", { title: "Provision" }],
    ["pipeline", { link: "https://ci.example/1" }],
    ["request", { evidence: { requestId: "other", clientRequestId: null, at: START } }],
    ["buttons", { isLive: false }],
  ])("differs with another %s", (_, fields) => {
    expect(render(fields).fingerprint).not.toBe(render().fingerprint);
  });

  test("does not differ within a second that nobody sees", () => {
    expect(render({ changedAt: START + 60_999 }).fingerprint).toBe(render().fingerprint);
  });
});

/** What a client may show: nothing newer than 1.2 carries a fact. */
const KNOWN_ELEMENTS: ReadonlySet<unknown> = new Set([
  "AdaptiveCard",
  "Container",
  "ColumnSet",
  "Column",
  "TextBlock",
  "FactSet",
  "Action.Execute",
  "Action.OpenUrl",
  "Action.Submit",
  "Action.ToggleVisibility",
]);
/** What the title says in parentheses of its own. */
const OUR_OWN = / \((?:slower than usual|\d+ parts? failed)\)(?=$|: )/u;
const TIMES = /\{\{(?:DATE|TIME)\([\d:TZ-]+(?:,COMPACT)?\)\}\}/gu;

const largeTrouble: Trouble = { ...trouble, code: "漢".repeat(1_000), message: "漢".repeat(500) };

/** Everything there, and each text as long as those who read it from outside let it be. */
function theLargestView(filler: string): CardView {
  const text = (length: number): string => filler.repeat(Math.ceil(length / filler.length)).slice(0, length);
  const step = (group: "apps" | "channels"): CardView["steps"][number] => ({
    group,
    name: text(100),
    state: "failed",
  });
  return aView({
    operationType: text(1_000),
    status: text(1_000),
    requester: text(1_000),
    title: text(200),
    link: `https://ci.example/${"x".repeat(1_900)}`,
    targetId: text(1_000),
    targetLocation: text(1_000),
    error: { code: text(1_000), message: text(1_000) },
    detail: text(1_000),
    operation: text(512),
    address: `/v1.0/${text(2_048)}`,
    timeline: Array.from({ length: 12 }, () => ({
      at: START,
      phase: "running" as const,
      status: text(1_000),
      attempts: 1_000,
    })),
    percent: 50,
    // 25 of each that Graph can tell of: apps, channels, and apps by their ids.
    steps: [
      ...Array.from({ length: 50 }, () => step("apps")),
      ...Array.from({ length: 25 }, () => step("channels")),
    ],
  });
}

function holds(check: (card: object, view: CardView) => void): void {
  fc.assert(
    fc.property(anyView, fc.constantFrom("", EN.refreshedNow), (view, note) => {
      check(renderCard(view, WATCH, SETTING, note).card, view);
    }),
    { numRuns: 500 },
  );
}

describe("a card that would be too large", () => {
  const large = (fields: Partial<CardView> = {}): CardView => ({ ...theLargestView("漢"), ...fields });
  const foldedTexts = (card: object): string => textsOf(foldedIn(card)).join("\n\n");

  test("is made again without its parts, and with less for support", () => {
    const { card } = renderCard(large(), WATCH, SETTING);
    expect(factsOf(card).steps).toEqual([]);
    expect(factsOf(card).timelines).toHaveLength(1);
    expect(foldedTexts(card)).toContain("GET https://graph.microsoft.com/v1.0/");
    const monospaced = ofType(card, "TextBlock").find(({ fontType }) => fontType === "Monospace");
    expect(String(monospaced?.["text"]).length).toBeLessThanOrEqual(1_500);
  });

  test("is still the same card: title, what it means, facts and buttons", () => {
    const { card, summary } = renderCard(large(), WATCH, SETTING, "A note");
    expect(summary).toContain("— in progress");
    expect(buttonsOf(card)).toEqual(["Open pipeline", "Refresh", "Stop tracking", "Details"]);
    expect(textsOf(card)).toContain("A note");
    expect(Object.keys(factsOf(card).shown)).toEqual(
      expect.arrayContaining(["Error", "Target", "Status", "Asked by", "Operation"]),
    );
  });

  test("tells support the request all the same: without it there is nothing to look for", () => {
    const view = large({ evidence: { requestId: "8f897345-f6f3", clientRequestId: null, at: START } });
    expect(foldedTexts(renderCard(view, WATCH, SETTING).card)).toContain("request-id: 8f897345-f6f3");
  });

  test.each(["succeeded", "ready"] as const)(
    "does not turn a part that failed into a whole %s",
    (standing) => {
      const { card, summary } = renderCard(large({ standing, isLive: false }), WATCH, SETTING);
      expect(summary).toMatch(/\(75 parts failed\)$/u);
      expect(ofType(card, "Container")[0]?.["style"]).toBe("warning");
      expect(textsOf(card)[2]).toContain("75 parts of it failed");
    },
  );

  test("counts the parts as before", () => {
    expect(factsOf(renderCard(large(), WATCH, SETTING).card).shown["Progress"]).toContain("of 50");
  });

  test("is none that is smaller: there nothing is left out", () => {
    const steps = Array.from({ length: 30 }, (_, index) => ({
      group: "channels" as const,
      name: `Channel ${index}`,
      state: "done" as const,
    }));
    expect(factsOf(render({ steps }).card).steps).toHaveLength(30);
  });

  test("has another fingerprint where it shows something else", () => {
    const print = (fields: Partial<CardView>) => renderCard(large(fields), WATCH, SETTING).fingerprint;
    expect(print({})).toBe(print({}));
    expect(print({ status: "other" })).not.toBe(print({}));
  });
});

describe("whatever Graph and people say", () => {
  test("the card is valid JSON of version 1.4, smaller than Teams takes", () => {
    holds((card) => {
      const text = JSON.stringify(card);
      expect(JSON.parse(text)).toEqual(card);
      expect(card).toMatchObject({ type: "AdaptiveCard", version: "1.4" });
      expect(Buffer.byteLength(text)).toBeLessThan(28 * 1_024);
    });
  });

  describe.each<[Standing, Partial<CardView>]>([
    ["running", { trouble: largeTrouble }],
    ["failed", { isLive: false }],
    ["ready", { isLive: false, webUrl: `https://teams.microsoft.com/${"x".repeat(1_900)}` }],
    ["unavailable", { isLive: false, trouble: largeTrouble }],
  ])("nor larger with as much of everything as can come in, %s", (standing, fields) => {
    test.each(["x", "*", "漢", "\u{1f600}", '"', "{"])("all of %s", (filler) => {
      const view = { ...theLargestView(filler), standing, ...fields };
      const text = JSON.stringify(renderCard(view, WATCH, SETTING).card);
      expect(Buffer.byteLength(text)).toBeLessThan(28 * 1_024);
    });
  });

  test("no link is in it but Microsoft's own page and the buttons of the result and the pipeline", () => {
    holds((card, view) => {
      const urls = objectsIn(card).flatMap(({ type, url }) => (type === "Action.OpenUrl" ? [url] : []));
      expect(urls).toEqual([view.webUrl, view.link].filter((url) => url !== null));
      for (const text of textsOf(card)) {
        const links = [...text.matchAll(/(?<!\\)\]\(([^)]*)\)/gu)].map(([, url = ""]) => url);
        const page = kindOf(view.kind).permissions.page;
        expect(links.filter((url) => url !== page)).toEqual([]);
        expect(links.length).toBeLessThanOrEqual(view.standing === "forbidden" ? 1 : 0);
      }
    });
  });

  test("no placeholder is left in it, and none can be smuggled in", () => {
    holds((card) => {
      expect(JSON.stringify(card)).not.toContain("${");
    });
  });

  test("it is made of elements that every client has known since 1.2, and bound to the end", () => {
    holds((card) => {
      const elements = objectsIn(card);
      expect(elements.filter((element) => "$when" in element || "$data" in element)).toEqual([]);
      const types = elements.map(({ type }) => type).filter((type) => type !== undefined);
      expect(types.filter((type) => !KNOWN_ELEMENTS.has(type))).toEqual([]);
      for (const action of ofType(card, "Action.Execute")) {
        expect(action["fallback"]).toMatchObject({ type: "Action.Submit" });
      }
    });
  });

  test("its text is text", () => {
    holds((card) => {
      for (const { text } of ofType(card, "TextBlock")) expect(typeof text).toBe("string");
      for (const { title, value } of ofType(card, "FactSet").flatMap(({ facts }) => objectsIn(facts))) {
        expect([typeof title, typeof value]).toEqual(["string", "string"]);
      }
    });
  });

  test("nothing from outside is Markdown, a link, a mention or a second line", () => {
    holds((card, view) => {
      const { shown, timelines, steps, support } = factsOf(card);
      const { What: what = "", ...others } = shown;
      const values = [others, ...timelines, support].flatMap((facts) => Object.values(facts));
      values.push(what.replace(/ \((.*)\)$/su, " $1"));
      // The parentheses around an unknown type are our own, so they are left out here.
      const headline = headlineOf({ ...view, operationType: null }, EN).replace(OUR_OWN, "");
      for (const text of [...values, ...steps.flat(), headline, ...troublesOf(card)]) {
        expect(liveMarkdownIn(text.replaceAll(TIMES, ""))).toEqual([]);
      }
    });
  });

  test("the toast is one line, no longer than it may be, and no template", () => {
    holds((_, view) => {
      const { summary } = renderCard(view, WATCH, SETTING);
      expect(summary).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e]|\{\{|\$\{/u);
      expect(summary.isWellFormed()).toBe(true);
      expect(summary.length).toBeLessThan(700);
    });
  });

  test("an id is no longer in sight than fits, and whole in the details", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w:@.-]{1,512}$/u), (id) => {
        const { support } = factsOf(render({ operation: id, targetId: id }).card);
        expect([support["operation"], support["targetResourceId"]].map((text) => bare(text))).toEqual([
          id,
          id,
        ]);
      }),
    );
    holds((card) => {
      const { shown } = factsOf(card);
      for (const title of ["Target", "Operation"]) {
        expect(bare(shown[title]).replaceAll(/([{$]) (?=\{)/gu, "$1").length).toBeLessThanOrEqual(40);
      }
    });
  });
});
