/** `node test/e2e/make-card-stages.ts` makes docs/images/card-stages.png: real cards, photographed as they change. */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aBench } from "./support/bench.ts";
import { launchBrowser, openWindow } from "./support/browser.ts";
import { startOperation } from "./support/talk.ts";

const PICTURE = join(import.meta.dirname, "../../docs/images/card-stages.png");
const FAILURE = { code: "TeamUnavailable", message: "The team was not found." };
/** Long enough in each stage for its photograph; ten sandbox seconds are one here. */
const STAGES = [
  { afterMs: 0, status: "notStarted" },
  { afterMs: 40_000, status: "inProgress", attemptsCount: 2 },
  { afterMs: 80_000, status: "succeeded", attemptsCount: 2 },
] as const;
const FAILING = [
  { afterMs: 0, status: "inProgress" },
  { afterMs: 10_000, status: "failed", error: FAILURE },
] as const;
const CAPTIONS = [
  "It is tracked…",
  "…the same card changes in place…",
  "…and tells the end",
  "or what went wrong",
];

await using stack = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), "opwatch-stages-"));
stack.defer(() => rm(directory, { recursive: true, force: true }));
const bench = stack.use(await aBench({ dataDir: join(directory, "data") }));
const browser = await launchBrowser();
stack.defer(() => browser.close());
const window = stack.use(await openWindow(browser, bench.playground, { scale: 2 }));
await window.open(bench.playground.conversations.personal);

const photographs: string[] = [];
async function photograph(id: string, heading: string): Promise<void> {
  await window.card(id).filter({ hasText: heading }).waitFor();
  const path = join(directory, `${photographs.length}.png`);
  await window.shootCard(path, id);
  photographs.push(`data:image/png;base64,${(await readFile(path)).toString("base64")}`);
}

const succeeding = startOperation(bench.sandbox, STAGES);
await window.type(`track ${succeeding.location}`);
await photograph(succeeding.id, "waiting to start");
await photograph(succeeding.id, "in progress");
await photograph(succeeding.id, "succeeded");
const failing = startOperation(bench.sandbox, FAILING);
await window.type(`track ${failing.location}`);
await photograph(failing.id, "failed");

const figures = photographs.map(
  (source, index) =>
    `<figure><figcaption>${CAPTIONS[index] ?? ""}</figcaption><img src="${source}"></figure>`,
);
const page = await browser.newPage({ viewport: { width: 1480, height: 800 }, deviceScaleFactor: 1.5 });
await page.setContent(`<style>
  body { margin: 0; background: #f5f5f5; font: 600 17px "Segoe UI", "Liberation Sans", sans-serif; color: #242424; }
  main { display: flex; gap: 20px; align-items: flex-start; padding: 20px; width: fit-content; }
  figure { margin: 0; width: 340px; }
  figure:last-child { padding-left: 20px; border-left: 1px solid #d1d1d1; }
  figcaption { padding: 0 0 10px; }
  img { display: block; width: 100%; border-radius: 6px; box-shadow: 0 1px 5px #0003; }
</style><main>${figures.join("")}</main>`);
await mkdir(join(PICTURE, ".."), { recursive: true });
await page.locator("main").screenshot({ path: PICTURE });
process.stdout.write(`${PICTURE}\n`);
