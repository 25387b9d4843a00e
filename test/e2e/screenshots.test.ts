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
import { ask, cardsOf, type Plan, shortly, startOperation, type StartedOperation } from "./support/talk.ts";

/** How to bring a card to each standing, and what must then be read on it besides. */
type Scene = {
  readonly kind?: Plan["kind"];
  readonly life: Plan["life"];
  readonly name: string;
  readonly reads: readonly string[];
};

const FAILED = { code: "TeamUnavailable", message: "The team was not found." };
const LATER = 20_000;
const NEVER = [{ afterMs: 1e12 }] as const;

const SCENES: Readonly<Record<Standing, Scene>> = {
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
  succeeded: {
    kind: "chat",
    life: "quick",
    name: "Create chat",
    reads: ["succeeded", "…spaces"],
  },
  failed: {
    life: [{ afterMs: 0, status: "failed", error: FAILED }],
    name: "Create team",
    reads: ["failed", "TeamUnavailable — The team was not found."],
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
};

const STANDINGS = Object.keys(SCENES).filter((name) => isStanding(name));
const BUTTONS = ["Refresh", "Stop tracking", "Details"];
const LIVE: ReadonlySet<Standing> = new Set(["asking", "waiting", "running", "unrecognised", "notYetFound"]);
const UNANSWERED: ReadonlySet<Standing> = new Set(["asking", "notYetFound", "notFound", "forbidden"]);
const PICTURES = join(import.meta.dirname, "../../test-results/cards");

let bench: Bench;
const stack = new AsyncDisposableStack();
const windows = new Map<Theme, PlaygroundWindow>();
const operations = new Map<Standing, StartedOperation>();
const threads = new Map<Theme, Conversation>();
/** Every card as the bot has written it. */
const cards = new Map<Standing, readonly Attachment[]>();

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
    const { life, kind = "team" } = SCENES[standing];
    operations.set(standing, startOperation(bench.sandbox, life, kind));
  }
  await track(["expired"]);
  await cardAt("expired");
  await bench.bot.kill();
  await bench.bot.startAgain({ WATCH_LIFETIME_HOURS: "168" });
  await track(STANDINGS.filter((standing) => standing !== "expired"));
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
    threads.set(theme, threadOf(channel, await window.type("list")));
    await window.page.getByText("I'm watching nothing here.").first().waitFor();
  }
  await bench.bot.kill();
}, 120_000);

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
        for (const standing of ["running", "succeeded", "forbidden"] as const) {
          const { id, owner } = operationOf(standing);
          await window.press("Details", shortly(id));
          const text = await window.card(shortly(id)).innerText();
          for (const wanted of ["Operation id", id, "Address", `('${owner}')/operations('${id}')`]) {
            expect.soft(text).toContain(wanted);
          }
          expect.soft(text.includes("Target id")).toBe(standing !== "forbidden");
          expect.soft(text.includes("Timeline")).toBe(standing !== "forbidden");
          await window.shootCard(pictureOf(`${standing}-details`, theme, kind, size), shortly(id));
          expect.soft(await overflowing(window, shortly(id)), standing).toEqual([]);
          await window.press("Details", shortly(id));
        }
      },
    );
  });
});

async function expectReadable(window: PlaygroundWindow, standing: Standing): Promise<void> {
  const { name, reads } = SCENES[standing];
  const { id } = operationOf(standing);
  const card = window.card(shortly(id));
  const text = await card.innerText();
  for (const wanted of [`${name} — ${EN.standings[standing]}`, ...reads, "Alex Wilber", shortly(id)]) {
    expect.soft(text).toContain(wanted);
  }
  expect.soft(text).not.toMatch(/\\|\{\{|\$\{|undefined|null/);
  expect.soft(text).not.toContain("Address");
  expect.soft(text).not.toContain("Operation id");
  // What Graph never answered to has no status, and nothing stands in for it.
  expect.soft(/^Status$/mu.test(text), `Status on ${standing}`).toBe(!UNANSWERED.has(standing));
  const more = card.getByRole("button", { name: "More options", exact: true });
  for (const title of BUTTONS) {
    const button = card.getByRole("button", { name: title, exact: true });
    const isThere = (await button.isVisible()) || (title !== "Details" && (await more.isVisible()));
    expect.soft(isThere, `${title} on ${standing}`).toBe(title === "Details" || LIVE.has(standing));
  }
  expect.soft(await overflowing(window, shortly(id)), standing).toEqual([]);
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

function operationOf(standing: Standing): StartedOperation {
  const operation = operations.get(standing);
  if (operation === undefined) throw new Error(`There is no operation for ${standing}.`);
  return operation;
}

async function track(standings: readonly Standing[]): Promise<void> {
  const locations = standings.map((standing) => operationOf(standing).location);
  await bench.playground.say(bench.playground.conversations.personal, `track ${locations.join(" ")}`);
}

/** Waits until the card stands, or stood, like this, with all that must be read on it; answers how it looked then. */
async function cardAt(standing: Standing, words = EN.standings[standing]): Promise<readonly Attachment[]> {
  const { name, reads } = SCENES[standing];
  const heading = `${name} — ${words}`;
  const look = (): readonly Attachment[] | undefined =>
    cardsOf(bench.playground, bench.playground.conversations.personal, operationOf(standing))
      .flatMap(({ history }) => history)
      .map(({ attachments }) => attachments)
      .find((attachments) => {
        const text = JSON.stringify(attachments);
        return [heading, ...reads].every((each) => text.includes(JSON.stringify(each).slice(1, -1)));
      });
  await bench.playground.waitFor(bench.playground.conversations.personal, () => look() !== undefined, {
    what: `"${heading}"`,
    timeoutMs: 40_000,
  });
  return look() ?? [];
}

function isStanding(name: string): name is Standing {
  return name in SCENES;
}
