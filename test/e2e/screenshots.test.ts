import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Standing } from "../../src/core/card-view.ts";
import { EN } from "../../src/teams/words/en.ts";
import { type Bench, aBench } from "./support/bench.ts";
import {
  launchBrowser,
  openWindow,
  type PlaygroundWindow,
  type Theme,
  type WindowSize,
} from "./support/browser.ts";
import { type Conversation, threadOf } from "./support/conversation.ts";
import type { Attachment } from "./support/seen-messages.ts";
import {
  ask,
  cardsOf,
  cardTitled,
  type Plan,
  shortly,
  startOperation,
  type StartedOperation,
} from "./support/talk.ts";

/** How to bring a card there, and what must then be read on it besides. */
type Scene = {
  readonly kind?: Plan["kind"];
  readonly life: Plan["life"];
  readonly plan?: Partial<Plan>;
  /** Where it is not the scene's own name. */
  readonly standing?: Standing;
  /** Its bare id is tracked, in a chat that it does not belong to. */
  readonly isBare?: boolean;
  readonly name: string;
  readonly reads: readonly string[];
};

/** Every standing, and what a card can tell beside it. */
type SceneName = Standing | "steps" | "percentage" | "partial" | "usual" | "slow";

const FAILED = { code: "TeamUnavailable", message: "The team was not found." };
const LATER = 20_000;
const NEVER = [{ afterMs: 1e12 }] as const;

const SCENES: Readonly<Record<SceneName, Scene>> = {
  asking: {
    life: [{ afterMs: 0, httpStatus: 500 }],
    name: "Team operation",
    reads: ["Graph has been unavailable since"],
  },
  waiting: { life: [{ afterMs: 0, status: "notStarted" }], name: "Create team", reads: ["notStarted"] },
  running: {
    kind: "chat",
    life: [{ afterMs: 0, status: "inProgress", attemptsCount: 2 }],
    name: "Create chat",
    reads: ["inProgress", "2"],
  },
  unrecognised: { life: [{ afterMs: 0, status: "onHold" }], name: "Create team", reads: ["onHold"] },
  notYetFound: { life: NEVER, name: "Team operation", reads: ["common in the first minutes"] },
  notHere: {
    kind: "chat",
    life: NEVER,
    isBare: true,
    name: "Chat operation",
    reads: ["no operation with this id in this chat or team"],
  },
  ready: {
    life: "quick",
    plan: { visibleAfterMs: 0 },
    name: "Create team",
    reads: ["succeeded", "Opwatch has seen the result."],
  },
  succeeded: {
    kind: "chat",
    life: "quick",
    name: "Create chat",
    reads: ["succeeded", "…spaces"],
  },
  failed: {
    life: [{ afterMs: 0, status: "failed", error: FAILED }],
    name: "Create team",
    reads: ["failed", "TeamUnavailable — The team was not found.", "start the operation again"],
  },
  skipped: {
    kind: "engagement",
    life: [
      { afterMs: 0, status: "skipped", error: { code: null, message: "The community exists already." } },
    ],
    name: "Create community",
    reads: ["skipped", "The community exists already."],
  },
  unavailable: {
    life: [
      { afterMs: 0, status: "inProgress" },
      { afterMs: LATER, httpStatus: 404 },
    ],
    name: "Create team",
    reads: ["inProgress"],
  },
  notFound: { life: NEVER, name: "Team operation", reads: ["Compare the address with the Location header"] },
  forbidden: {
    kind: "chat",
    life: [
      { afterMs: 0, httpStatus: 500 },
      { afterMs: LATER, httpStatus: 403 },
    ],
    name: "Chat operation",
    reads: ["Chat.ReadBasic.All", "It may still succeed."],
  },
  stopped: { life: "endless", name: "Create team", reads: ["inProgress"] },
  expired: { life: "endless", name: "Create team", reads: ["inProgress"] },
  steps: {
    life: [
      {
        afterMs: 0,
        status: "inProgress",
        apps: ["Succeeded", "InProgress"],
        channels: ["Succeeded", "InProgress", "NotStarted"],
      },
    ],
    standing: "running",
    name: "Create team",
    reads: ["Apps 1 of 2, channels 1 of 3"],
  },
  percentage: {
    kind: "site",
    life: [{ afterMs: 0, status: "inProgress", percentage: 40 }],
    standing: "running",
    name: "Copy content type",
    reads: ["▰▰▰▰▱▱▱▱▱▱ 40 %"],
  },
  partial: {
    life: "partial",
    standing: "succeeded",
    name: "Create team",
    reads: ["succeeded (1 part failed)", "One part of it failed", "Apps 1 of 2, channels 3 of 3"],
  },
  usual: {
    life: "endless",
    plan: { operationType: "cloneTeam" },
    standing: "running",
    name: "Clone team",
    reads: ["Usually done in about"],
  },
  slow: {
    life: "endless",
    plan: { operationType: "cloneTeam" },
    standing: "running",
    name: "Clone team",
    reads: ["in progress (slower than usual)", "Slower than 95 of 100"],
  },
};

const STANDINGS = Object.keys(SCENES).filter((name) => isScene(name));
const BUTTONS = ["Refresh", "Stop tracking", "Open", "Details"];
const LIVE: ReadonlySet<Standing> = new Set(["asking", "waiting", "running", "unrecognised", "notYetFound"]);
const UNANSWERED: ReadonlySet<Standing> = new Set([
  "asking",
  "notYetFound",
  "notHere",
  "notFound",
  "forbidden",
]);
const PICTURES = join(import.meta.dirname, "../../test-results/cards");

let bench: Bench;
const stack = new AsyncDisposableStack();
const windows = new Map<Theme, PlaygroundWindow>();
const operations = new Map<SceneName, StartedOperation>();
const threads = new Map<Theme, Conversation>();
/** Every card as the bot has written it. */
const cards = new Map<SceneName, readonly Attachment[]>();

/**
 * The bot brings a card to every standing. Then it is shut down, and the pages are opened and shown these cards one by
 * one: the Playground's page loses messages when many come at once.
 */
beforeAll(async () => {
  await rm(PICTURES, { recursive: true, force: true });
  await mkdir(PICTURES, { recursive: true });
  // So short a lifetime is for `expired` alone.
  bench = stack.use(await aBench({ env: { WATCH_LIFETIME_HOURS: "0.001" } }));
  for (const standing of STANDINGS) {
    const { life, kind = "team", plan } = SCENES[standing];
    operations.set(standing, startOperation(bench.sandbox, life, kind, plan));
  }
  await track(["expired"]);
  await cardAt("expired");
  await teachClones();
  // In order: what was learned in the last minute is saved then.
  await bench.bot.end();
  await bench.bot.startAgain({ WATCH_LIFETIME_HOURS: "168", LOOK_AT_RESULTS: "1" });
  // Soon it is slow, so it must not wait for the cards of the others.
  await track(["usual"]);
  await cardAt("usual");
  await track(STANDINGS.filter((scene) => scene !== "expired" && scene !== "usual"));
  await cardAt("stopped", EN.standings.running);
  const { personal } = bench.playground.conversations;
  await ask(bench.playground, personal, `stop ${operationOf("stopped").id}`);
  for (const standing of STANDINGS) cards.set(standing, await cardAt(standing));
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  for (const theme of ["light", "dark"] as const) {
    const window = stack.use(
      await openWindow(browser, bench.playground, { theme, installs: "skip", scale: 2 }),
    );
    windows.set(theme, window);
    // A page shows no thread that was begun elsewhere, so each has a channel, and a thread, for itself.
    const channel = channelOf(theme);
    await window.open(channel);
    threads.set(theme, await threadBegun(window, channel));
  }
  await bench.bot.kill();
});

afterAll(async () => {
  await stack.disposeAsync();
});

describe.each(["personal", "channel"] as const)("in a %s conversation", (kind) => {
  beforeAll(async () => {
    const { personal } = bench.playground.conversations;
    for (const [theme, window] of windows)
      await window.open(kind === "personal" ? personal : channelOf(theme));
    // One at a time, each seen before the next: the page loses messages that come together.
    for (const standing of STANDINGS) {
      // What is folded is not on the page.
      const id = shortly(operationOf(standing).id);
      const activity = { attachments: cards.get(standing) ?? [] };
      if (kind === "personal") {
        for (const window of windows.values()) {
          await window.showCard(id, () => bench.playground.postAsBot(personal, activity));
        }
      } else {
        for (const [theme, window] of windows) {
          const thread = threads.get(theme) ?? personal;
          await window.showCard(id, () => bench.playground.postAsBot(thread, activity));
        }
      }
    }
  });

  describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
    test.each(["desktop", "narrow"] as const)(
      "every standing of a card can be read on a %s screen",
      async (size) => {
        const window = windowOf(theme);
        await window.resize(size);
        await window.shoot(pictureOf("window", theme, kind, size));
        for (const standing of STANDINGS) {
          await window.shootCard(pictureOf(standing, theme, kind, size), shortly(operationOf(standing).id));
          await expectReadable(window, standing);
        }
      },
    );

    test.each(["desktop", "narrow"] as const)(
      "the details unfold, with the timeline, on a %s screen",
      async (size) => {
        const window = windowOf(theme);
        await window.resize(size);
        for (const standing of ["running", "succeeded", "forbidden", "steps", "partial", "failed"] as const) {
          const { id, owner } = operationOf(standing);
          await window.press("Details", shortly(id));
          const shown = await window.card(shortly(id)).innerText();
          // Long names have places to break that nobody sees.
          const text = shown.replaceAll("\u200b", "");
          const wanted = [
            "For support",
            `operation: ${id}`,
            `('${owner}')/operations('${id}')`,
            "cloud: global",
            // Who may not read it knows only since when it is tracked.
            standing === "forbidden" ? "tracked: 20" : "started: 20",
            "changed: 20",
            "client-request-id: ",
          ];
          for (const each of wanted) expect.soft(text).toContain(each);
          expect.soft(text.includes("targetResourceId: ")).toBe(standing !== "forbidden");
          expect.soft(text.includes("Timeline")).toBe(standing !== "forbidden");
          expect.soft(text.includes("answer: 403")).toBe(standing === "forbidden");
          expect.soft(text).toMatch(/^GET https:\/\/graph\.microsoft\.com\/(?:v1\.0|beta)\//mu);
          expect.soft(text.includes("answered: 20")).toBe(standing !== "forbidden");
          // A chat names its apps without a word on how they stand.
          expect.soft(/^Parts$/mu.test(text)).toBe(standing !== "failed" && standing !== "forbidden");
          expect.soft(text.includes("✓ com.microsoft.teamspace.tab.vsts")).toBe(standing === "steps");
          expect.soft(text.includes("✗ com.microsoft.teamspace.tab.vsts")).toBe(standing === "partial");
          // What keeps it from being Markdown is not to be read, or copied.
          expect.soft(text).not.toContain("\\");
          await window.shootCard(pictureOf(`${standing}-details`, theme, kind, size), shortly(id));
          expect.soft(await overflowing(window, shortly(id)), standing).toEqual([]);
          await window.press("Details", shortly(id));
        }
      },
    );
  });
});

async function expectReadable(window: PlaygroundWindow, scene: SceneName): Promise<void> {
  const { name, reads } = SCENES[scene];
  const standing = standingOf(scene);
  const { id } = operationOf(scene);
  const card = window.card(shortly(id));
  const text = await card.innerText();
  for (const wanted of [`${name} — ${EN.standings[standing]}`, ...reads, "Alex Wilber", shortly(id)]) {
    expect.soft(text).toContain(wanted);
  }
  expect.soft(text).not.toMatch(/\\|\{\{|\$\{|undefined|null/);
  expect.soft(text).not.toContain("For support");
  // What Graph never answered to has no status, and nothing stands in for it.
  expect.soft(/^Status$/mu.test(text), `Status on ${scene}`).toBe(!UNANSWERED.has(standing));
  const more = card.getByRole("button", { name: "More options", exact: true });
  for (const title of BUTTONS) {
    // What opens a page is a link.
    const role = title === "Open" ? "link" : "button";
    const button = card.getByRole(role, { name: title, exact: true });
    const isThere = (await button.isVisible()) || (title !== "Details" && (await more.isVisible()));
    const isExpected = title === "Open" ? standing === "ready" : title === "Details" || LIVE.has(standing);
    expect.soft(isThere, `${title} on ${scene}`).toBe(isExpected);
  }
  expect.soft(await overflowing(window, shortly(id)), scene).toEqual([]);
}

/** The texts that reach out of the card at its right side, or are cut off. */
async function overflowing(window: PlaygroundWindow, text: string): Promise<unknown> {
  return await window.page.evaluate(`(() => {
    const cards = [...document.querySelectorAll(".ac-adaptiveCard")];
    const card = cards.findLast((each) => each.textContent.includes(${JSON.stringify(text)}));
    const edge = card.getBoundingClientRect().right + 1;
    const isCut = (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "hidden";
    return [...card.querySelectorAll("*")]
      .filter((each) => each.children.length === 0 && each.textContent.trim() !== "")
      .filter((each) => each.getBoundingClientRect().right > edge || isCut(each))
      .map((each) => each.textContent);
  })()`);
}

/** Begins a thread, and waits for the bot's answer where the Playground keeps it: its page may lose it. */
async function threadBegun(window: PlaygroundWindow, channel: Conversation): Promise<Conversation> {
  const thread = threadOf(channel, await window.type("list"));
  await bench.playground.waitForMessage(
    thread,
    ({ text }) => text?.includes("I'm watching nothing here.") === true,
    { what: "the answer to list" },
  );
  return thread;
}

function pictureOf(name: string, theme: Theme, kind: string, size: WindowSize): string {
  return join(PICTURES, `${name}-${theme}-${kind}-${size}.png`);
}

function channelOf(theme: Theme): Conversation {
  return bench.playground.conversations[theme === "light" ? "channel" : "general"];
}

function windowOf(theme: Theme): PlaygroundWindow {
  const window = windows.get(theme);
  if (window === undefined) throw new Error("There is no window.");
  return window;
}

function operationOf(scene: SceneName): StartedOperation {
  const operation = operations.get(scene);
  if (operation === undefined) throw new Error(`There is no operation for ${scene}.`);
  return operation;
}

function standingOf(scene: SceneName): Standing {
  const { standing } = SCENES[scene];
  return standing ?? (isStanding(scene) ? scene : "running");
}

/** Where its card is: a bare id means nothing in a chat with the bot alone. */
function homeOf(scene: SceneName): Conversation {
  const { personal, group } = bench.playground.conversations;
  return SCENES[scene].isBare === true ? group : personal;
}

async function track(scenes: readonly SceneName[]): Promise<void> {
  const { personal, group } = bench.playground.conversations;
  const bare = scenes.filter((scene) => SCENES[scene].isBare);
  const located = scenes.filter((scene) => SCENES[scene].isBare !== true);
  await bench.playground.say(
    personal,
    `track ${located.map((scene) => operationOf(scene).location).join(" ")}`,
  );
  for (const scene of bare) await bench.playground.say(group, `track ${operationOf(scene).id}`);
}

/** Enough clones come to their end that the bot knows, when it starts again, what is usual. */
async function teachClones(): Promise<void> {
  const { group } = bench.playground.conversations;
  const life = [
    { afterMs: 0, status: "inProgress" },
    { afterMs: 8_000, status: "succeeded" },
  ];
  const plan = { operationType: "cloneTeam" } as const;
  const clones = Array.from({ length: 12 }, () => startOperation(bench.sandbox, life, "team", plan));
  await bench.playground.say(group, `track ${clones.map(({ location }) => location).join(" ")}`);
  for (const clone of clones) await cardTitled(bench.playground, group, clone, "Clone team — succeeded");
}

/** Waits until the card stands, or stood, like this, with all that must be read on it; answers how it looked then. */
async function cardAt(
  scene: SceneName,
  words = EN.standings[standingOf(scene)],
): Promise<readonly Attachment[]> {
  const { name, reads } = SCENES[scene];
  const heading = `${name} — ${words}`;
  const look = (): readonly Attachment[] | undefined =>
    cardsOf(bench.playground, homeOf(scene), operationOf(scene))
      .flatMap(({ history }) => history)
      .map(({ attachments }) => attachments)
      .find((attachments) => {
        const text = JSON.stringify(attachments);
        return [heading, ...reads].every((each) => text.includes(JSON.stringify(each).slice(1, -1)));
      });
  await bench.playground.waitFor(homeOf(scene), () => look() !== undefined, {
    what: `"${heading}" (${scene})`,
    timeoutMs: 90_000,
  });
  return look() ?? [];
}

function isScene(name: string): name is SceneName {
  return name in SCENES;
}

function isStanding(name: string): name is Standing {
  return name in EN.standings;
}
