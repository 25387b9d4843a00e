import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CardView } from "../../src/core/card-view.ts";
import { renderCard } from "../../src/teams/render-card.ts";
import { LANGUAGES } from "../../src/teams/words/languages.ts";
import type { Words } from "../../src/teams/words/words.ts";
import { aView, WATCH } from "../teams/samples.ts";
import { aBench, type Bench } from "./support/bench.ts";
import { launchBrowser, openWindow, type PlaygroundWindow } from "./support/browser.ts";

const PICTURES = join(import.meta.dirname, "../../test-results/languages");
const stack = new AsyncDisposableStack();
let bench: Bench;
let window: PlaygroundWindow;

beforeAll(async () => {
  await rm(PICTURES, { recursive: true, force: true });
  await mkdir(PICTURES, { recursive: true });
  bench = stack.use(await aBench());
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  window = stack.use(
    await openWindow(browser, bench.playground, { theme: "light", installs: "skip", scale: 2 }),
  );
  await window.open(bench.playground.conversations.personal);
});

afterAll(async () => {
  await stack.disposeAsync();
});

const SCENES: Readonly<Record<string, Partial<CardView>>> = {
  slow: {
    standing: "running",
    usual: { count: 40, medianMs: 40_000, p95Ms: 180_000 },
    isSlow: true,
    percent: 40,
  },
  failed: {
    standing: "failed",
    status: "failed",
    isLive: false,
    error: { code: "TeamUnavailable", message: "The team 79afc64f was not found." },
  },
};

test.each(
  LANGUAGES.flatMap((words) => Object.keys(SCENES).map((scene) => [words.locale, scene, words] as const)),
)("%s: the card %s can be read, on a wide screen and on a narrow one", async (locale, scene, words) => {
  // An operation of its own, so that its card can be told from the others.
  const operation = `${scene}-${locale}-8ad1effa`;
  const view = aView({ ...SCENES[scene], operation, title: null });
  const { card, summary } = renderCard(view, WATCH, { words, cloud: "global" });
  const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }];
  const { personal } = bench.playground.conversations;
  await window.resize("desktop");
  await window.showCard(operation, () => bench.playground.postAsBot(personal, { summary, attachments }));
  for (const size of ["desktop", "narrow"] as const) {
    await window.resize(size);
    await window.shootCard(join(PICTURES, `${locale}-${scene}-${size}.png`), operation);
    const text = await window.card(operation).innerText();
    expect(plain(text)).toContain(plain(titleOf(words, scene)));
    expect(text).toContain(words.buttons.details);
    expect(text).not.toMatch(/\{\{|\$\{|undefined|null|\\/u);
    expect({ size, outside: await outside(operation) }).toEqual({ size, outside: [] });
  }
});

function titleOf(words: Words, scene: string): string {
  const name = words.operationTypes["createTeam"] ?? "";
  if (scene === "failed") return words.joins.title(name, words.standings.failed);
  return words.joins.title(name, words.joins.qualified(words.standings.running, words.slowShort));
}

/** Without the marks that keep directions apart, and with one kind of blank. */
function plain(text: string): string {
  return text.replace(/[\u2066-\u2069]/gu, "").replace(/\s+/gu, " ");
}

/** The texts that reach out of the card, at either side. */
async function outside(text: string): Promise<unknown> {
  return await window.page.evaluate(`(() => {
    const cards = [...document.querySelectorAll(".ac-adaptiveCard")];
    const card = cards.findLast((each) => each.textContent.includes(${JSON.stringify(text)}));
    const { left, right } = card.getBoundingClientRect();
    return [...card.querySelectorAll("*")]
      .filter((each) => each.children.length === 0 && each.textContent.trim() !== "")
      .filter((each) => { const box = each.getBoundingClientRect(); return box.right > right + 1 || box.left < left - 1; })
      .map((each) => each.textContent);
  })()`);
}
