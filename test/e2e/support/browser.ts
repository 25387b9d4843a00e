import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { type Cast, type Conversation } from "./conversation.ts";
import { DARK_STYLE, darkened } from "./dark-theme.ts";
import { parseJson, textAt } from "./json.ts";

export type Theme = "light" | "dark";

export type WindowSize = keyof typeof SIZES;

export type WindowOptions = {
  readonly theme?: Theme;
  /**
   * The page installs the bot again in every conversation that it opens for the first time. `skip` keeps that from
   * the bot, for windows that only look on.
   */
  readonly installs?: "send" | "skip";
  /** Pixels of a screenshot for each pixel of the window. */
  readonly scale?: number;
};

export type TypeOptions = {
  /** In a group or channel the bot is mentioned unless told otherwise. */
  readonly mention?: boolean;
  /** In a channel: replies in the newest thread that has this text, in place of beginning a new one. */
  readonly inThread?: string;
};

const SIZES = {
  // High enough for an unfolded card: what reaches out of the window is not on its picture.
  desktop: { width: 1280, height: 1_600 },
  narrow: { width: 420, height: 1_600 },
} as const;

const WAIT_MS = 60_000;

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * However narrow the window is, the page keeps 600 pixels for the conversation, 450 for a card and 100 beside it. Teams
 * lets a card shrink with the window, so these are let go below the width of a tablet, but nothing inside a card. The
 * header's menus would not fit either.
 */
const NARROW_STYLE = `@media (max-width: 640px) {
  #root div:not(.ac-adaptiveCard, .ac-adaptiveCard *) { min-width: 0 !important; }
  div:has(> div > .fai-OutputCard) { margin-inline: 8px !important; align-self: stretch; }
  .fai-OutputCard { flex: 1 1 auto !important; }
  div:has(> .ac-preview-panel) { width: auto !important; max-width: 450px; }
  h1 ~ [role="toolbar"] { display: none !important; }
}`;

/** Starts Chromium from CHROMIUM_PATH, or /usr/bin/chromium. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: CHROMIUM_FLAGS,
    timeout: 60_000,
  });
}

/**
 * Opens the Playground's page. It shows only what comes while it is open, so open it before the bot speaks; of several
 * windows each shows what the bot says, but only its own typing, and no thread of a channel that a person began elsewhere.
 */
export async function openWindow(
  browser: Browser,
  playground: { readonly url: string; readonly cast: Cast },
  options: WindowOptions = {},
): Promise<PlaygroundWindow> {
  const theme = options.theme ?? "light";
  const context = await browser.newContext({
    viewport: SIZES.desktop,
    colorScheme: theme,
    deviceScaleFactor: options.scale ?? 1,
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(WAIT_MS);
  // Fonts come from Microsoft's CDN; without them a picture does not depend on the network.
  await context.route(
    (url) => url.origin !== playground.url,
    (route) => route.abort(),
  );
  if (theme === "dark") {
    await context.route(/\/static\/js\/main\.[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: darkened(await response.text()) });
    });
  }
  if (options.installs === "skip") {
    await context.route(/\/_debug\/conversation\/[^/]+\/installation$/, (route) =>
      route.fulfill({ status: 200 }),
    );
  }
  const page = await context.newPage();
  const window = new PlaygroundWindow(page, playground.cast.bot.name);
  try {
    await page.goto(playground.url);
    await page.addStyleTag({ content: theme === "dark" ? `${NARROW_STYLE}\n${DARK_STYLE}` : NARROW_STYLE });
    await page.getByRole("treeitem").first().waitFor();
    // It takes a third of the window, and all of a narrow one.
    await page.getByTitle("Hide log panel").click();
  } catch (cause) {
    await window[Symbol.asyncDispose]();
    throw new Error(`The Playground's page at ${playground.url} did not open.`, { cause });
  }
  return window;
}

/** A person at a window of the Playground. */
export class PlaygroundWindow implements AsyncDisposable {
  /** For what the methods do not cover. */
  readonly page: Page;
  readonly #botName: string;
  #size: WindowSize = "desktop";
  #conversation: Conversation | null = null;

  constructor(page: Page, botName: string) {
    this.page = page;
    this.#botName = botName;
  }

  async open(conversation: Conversation): Promise<void> {
    const size = this.#size;
    // A narrow window has no list of conversations.
    await this.resize("desktop");
    const entry = this.page.getByRole("treeitem", { name: conversation.name, exact: true });
    await entry.click();
    await this.page.getByRole("textbox").first().waitFor();
    this.#conversation = conversation;
    // A narrow window keeps its list unfolded over the conversation while the pointer is on it.
    await this.page.mouse.move(SIZES.desktop.width - 1, 60);
    await this.resize(size);
  }

  /** Pastes the text as a person does, behind a mention picked from the list, and sends; answers the message's id. */
  async type(text: string, options: TypeOptions = {}): Promise<string> {
    const kind = this.#conversation?.kind ?? "personal";
    const composer = this.#composer(options.inThread);
    const box = composer.getByRole("textbox").last();
    await box.click();
    if (options.mention ?? kind !== "personal") {
      await this.page.keyboard.type("@");
      await this.page.getByRole("menuitem", { name: this.#botName }).click();
      await this.page.keyboard.type(" ");
    }
    await this.page.keyboard.insertText(text);
    const sent = this.page.waitForResponse(
      (response) =>
        response.request().method() === "POST" && new URL(response.url()).pathname.endsWith("/messages"),
    );
    const post = composer.getByRole("button", { name: "Post", exact: true });
    const send = composer.getByRole("button", { name: "Send Message" });
    const [response] = await Promise.all([sent, post.or(send).click()]);
    return textAt(parseJson(await response.text()), "messageId") ?? "";
  }

  /** The newest card in view, or the newest that has this text. */
  card(text?: string): Locator {
    const cards = this.page.locator(".ac-adaptiveCard");
    return (text === undefined ? cards : cards.filter({ hasText: text })).last();
  }

  /** Waits until a card has this text. */
  async seeCard(text: string, timeoutMs = WAIT_MS): Promise<void> {
    await this.card(text).waitFor({ timeout: timeoutMs });
  }

  /** Posts a card until it is seen, three times at most: the page now and then loses a message. */
  async showCard(text: string, post: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; attempt < 3; attempt += 1) {
      await post();
      const isSeen = await this.seeCard(text, 4_000).then(
        () => true,
        () => false,
      );
      if (isSeen) return;
    }
    await post();
    await this.seeCard(text);
  }

  /**
   * Presses the button with this title on the newest card, or on the newest that has the text; also one that the card
   * keeps under its "More options".
   */
  async press(title: string, onCard?: string): Promise<void> {
    const card = this.card(onCard);
    const button = card.getByRole("button", { name: title, exact: true });
    const more = card.getByRole("button", { name: "More options", exact: true });
    await button.or(more).first().waitFor();
    if (await button.isVisible()) {
      await button.click();
      return;
    }
    await more.click();
    await this.page.getByRole("menuitem", { name: title, exact: true }).click();
  }

  async resize(size: WindowSize): Promise<void> {
    if (size === this.#size) return;
    this.#size = size;
    await this.page.setViewportSize(SIZES[size]);
    // The page folds the log panel away when it gets narrow, and brings it back when it gets wide again.
    if (size === "desktop") await this.page.getByTitle("Hide log panel").click();
    await this.page.waitForFunction("document.documentElement.scrollWidth <= window.innerWidth");
  }

  /** A picture of the whole window. */
  async shoot(path: string): Promise<void> {
    await this.#settle();
    await this.page.screenshot({ path, animations: "disabled", caret: "hide" });
  }

  /** A picture of one card: the newest, or the newest that has the text. */
  async shootCard(path: string, text?: string): Promise<void> {
    const card = this.card(text);
    await card.scrollIntoViewIfNeeded();
    await this.#settle();
    await card.screenshot({ path, animations: "disabled", caret: "hide" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }

  #composer(inThread: string | undefined): Locator {
    if (inThread !== undefined) {
      const threads = this.page.getByRole("group").filter({ has: this.page.getByRole("textbox") });
      return threads.filter({ hasText: inThread }).first();
    }
    return this.#conversation?.kind === "channel"
      ? this.page
          .getByRole("group")
          .filter({ has: this.page.getByRole("button", { name: "Post", exact: true }) })
          .first()
      : this.page.locator("#root");
  }

  /** Two frames: the page lays a card out again after it has measured it. */
  async #settle(): Promise<void> {
    await this.page.evaluate(
      "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
    );
  }
}
