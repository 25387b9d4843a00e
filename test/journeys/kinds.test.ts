import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operationKinds } from "../../src/sandbox/kinds.ts";
import type { OperationPlan } from "../../src/sandbox/operations.ts";
import { PERSONAL, type Place } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard, textOf, type Write } from "../support/fake-teams.ts";

let bench: AppBench;
let places = 0;

beforeAll(async () => {
  // Ten sandbox seconds between two checks.
  bench = await anApp({ sandbox: { speed: 8 }, env: { LOG_LEVEL: "silent" } });
});
afterAll(() => bench[Symbol.asyncDispose]());

function aPlace(): Place {
  places += 1;
  return { ...PERSONAL, id: `a:kinds${places}` };
}

function cardsIn(place: Place): readonly Write[] {
  return bench.teams.writes.filter((write) => write.conversation === place.id && isCard(write));
}

async function tracked(plan: OperationPlan): Promise<Place> {
  const place = aPlace();
  const { location } = bench.sandbox.addOperation({ startsAtFirstCheck: true, ...plan });
  await bench.say(place, `track ${location}`);
  return place;
}

function card(place: Place, text: string): Promise<Write> {
  return bench.teams.when(
    `"${text}"`,
    (write) => write.conversation === place.id && isCard(write) && textOf(write).startsWith(text),
  );
}

const bodyOf = (write: Write): string => JSON.stringify(write.activity);

const NAMES: Readonly<Record<(typeof operationKinds)[number], string>> = {
  team: "Create team",
  chat: "Create chat",
  engagement: "Create community",
  site: "Copy content type",
  connection: "Search connection operation",
  attackSimulation: "Create attack simulation",
  telephoneNumber: "Phone number operation",
  roleAlert: "Role alert operation",
  other: "Graph operation",
};

describe("every kind is tracked to its end", () => {
  test.each(operationKinds)("%s, good", async (kind) => {
    const place = await tracked({ kind, life: "quick" });
    const end = await card(place, `${NAMES[kind]} — succeeded`);
    expect(bodyOf(end)).not.toMatch(/undefined|"null"|\[object/u);
    expect(new Set(cardsIn(place).map(({ activityId }) => activityId)).size).toBe(1);
  });

  test.each(operationKinds)("%s, bad", async (kind) => {
    const place = await tracked({ kind, life: "failing" });
    const end = await card(place, `${NAMES[kind]} — failed`);
    // Where it stands differs; that it is told does not.
    expect(bodyOf(end)).toContain("The team was not found.");
  });
});

describe("progress", () => {
  test.each(["site", "attackSimulation"] as const)("of a %s operation is a bar that grows", async (kind) => {
    const place = await tracked({ kind, life: "steps" });
    const end = await card(place, `${NAMES[kind]} — succeeded`);
    const bars = cardsIn(place).flatMap((write) => /[▰▱]{10} \d+ %/u.exec(bodyOf(write))?.[0] ?? []);
    const percents = bars.map((bar) => Number(/\d+/u.exec(bar)?.[0]));
    expect(percents.toSorted((a, b) => a - b)).toEqual(percents);
    expect(new Set(percents).size).toBeGreaterThanOrEqual(2);
    // A success has no more progress to tell of.
    expect(bodyOf(end)).not.toMatch(/[▰▱]|"Progress"/u);
  });

  test("of a new team is told by its apps and channels", async () => {
    const place = await tracked({ kind: "team", life: "steps" });
    const end = await card(place, "Create team — succeeded");
    const counts = cardsIn(place).flatMap(
      (write) => /Apps \d of 2, channels \d of 3/u.exec(bodyOf(write))?.[0] ?? [],
    );
    expect(counts[0]).toBe("Apps 0 of 2, channels 0 of 3");
    expect(new Set(counts).size).toBeGreaterThanOrEqual(2);
    expect(counts.toSorted()).toEqual(counts);
    expect(bodyOf(end)).not.toContain('"Progress"');
    expect(bodyOf(end)).toContain("✓ com.\u200bmicrosoft.\u200bteamspace.\u200btab.\u200bvsts");
    expect(bodyOf(end)).not.toContain("part of it failed");
  });

  test("an app that failed is named, although the operation succeeded", async () => {
    const place = await tracked({ kind: "team", life: "partial" });
    const end = await card(place, "Create team — succeeded");
    expect(textOf(end)).toBe("Create team — succeeded (1 part failed)");
    expect(bodyOf(end)).toContain(
      "One part of it failed, by Graph's own account: com.microsoft.teamspace.tab.vsts.",
    );
    expect(bodyOf(end)).toContain("Apps 1 of 2, channels 3 of 3");
    expect(bodyOf(end)).toContain("✗ com.\u200bmicrosoft.\u200bteamspace.\u200btab.\u200bvsts");
    for (const write of cardsIn(place).slice(0, -1)) expect(bodyOf(write)).not.toContain("part of it failed");
  });
});

describe("access denied", () => {
  const FORBIDDEN = [{ afterMs: 0, httpStatus: 403 }] as const;

  test.each<[(typeof operationKinds)[number], readonly string[]]>([
    [
      "team",
      ["Microsoft documents no permission", "TeamSettings.ReadWrite.All", "TeamSettings.ReadWrite.Group"],
    ],
    ["chat", ["Chat.ReadBasic.All", "ChatSettings.Read.Chat"]],
    ["engagement", ["Community.Read.All"]],
    ["site", ["Sites.Read.All"]],
    ["connection", ["ExternalConnection.ReadWrite.OwnedBy"]],
    ["attackSimulation", ["AttackSimulation.Read.All"]],
    ["telephoneNumber", ["TeamsTelephoneNumber.Read.All"]],
    ["roleAlert", ["RoleManagementAlert.Read.Directory"]],
    ["other", ["The permission that started it"]],
  ])("to %s ends with the permission to grant, and a link", async (kind, permissions) => {
    const place = await tracked({ kind, life: FORBIDDEN });
    const end = bodyOf(
      await bench.teams.when(
        "end",
        (write) => write.conversation === place.id && textOf(write).includes("access denied"),
      ),
    );
    for (const permission of permissions) expect(end).toContain(permission);
    expect(end).toMatch(/\[Microsoft's page\]\(https:\/\/learn\.microsoft\.com\/graph\//u);
    expect(end).toContain("answer: 403 · Forbidden");
    expect(end).toMatch(/request-id: [0-9a-f]{8}-/u);
    expect(end).toMatch(/client-request-id: [0-9a-f]{8}-/u);
  });
});

test("nothing was asked too early, with a token, or of a result", () => {
  expect(bench.sandbox.counts()).toMatchObject({ early: 0, withAuthorization: 0, targetLooks: 0 });
});
