import { createHash } from "node:crypto";
import { Template } from "adaptivecards-templating";
import type { CardView, Standing } from "../core/card-view.ts";
import type { CloudName } from "../core/clouds.ts";
import type { WatchId } from "../core/ids.ts";
import type { RenderedCard } from "../flows/ports.ts";
import {
  factsOf,
  isPartial,
  headlineOf,
  meaningOf,
  stepsOf,
  summaryOf,
  supportOf,
  timelineOf,
  titleOf,
  troubleOf,
} from "./card-text.ts";
import statusCard from "./cards/status-card.json" with { type: "json" };
import type { Words } from "./words/words.ts";

/** Compiled once: expanding takes some 65 µs, compiling 27 times as long. */
const TEMPLATE = new Template(statusCard);

type Look = { readonly glyph: string; readonly style: string; readonly color: string };

const LIVE: Look = { glyph: "●", style: "emphasis", color: "Accent" };
const ODD: Look = { glyph: "!", style: "warning", color: "Default" };
const OVER: Look = { glyph: "■", style: "emphasis", color: "Default" };

/** Decoration only: what it means is in the title's words, too. */
const LOOKS: Readonly<Record<Standing, Look>> = {
  asking: { ...LIVE, glyph: "○" },
  waiting: { ...LIVE, glyph: "○" },
  running: LIVE,
  unrecognised: ODD,
  notYetFound: { ...LIVE, glyph: "○" },
  notHere: ODD,
  ready: { glyph: "✓", style: "good", color: "Default" },
  succeeded: { glyph: "✓", style: "good", color: "Default" },
  failed: { glyph: "✗", style: "attention", color: "Default" },
  skipped: { ...OVER, glyph: "»" },
  unavailable: ODD,
  notFound: ODD,
  forbidden: ODD,
  stopped: OVER,
  expired: ODD,
};

/** Whom a card is for, and where its operations are. */
export type CardSetting = { readonly words: Words; readonly cloud: CloudName };

/**
 * The card of a watch.
 * @param note an answer to the person who pressed Refresh, shown to them alone.
 */
export function renderCard(
  view: CardView,
  watch: WatchId,
  { words, cloud }: CardSetting,
  note = "",
): RenderedCard {
  const full = expand(view, watch, { words, cloud }, note);
  // Teams refuses larger ones, and then the card would never show its end.
  if (Buffer.byteLength(full.json) <= MAX_BYTES) return full;
  return expand({ ...view, timeline: view.timeline.slice(-3) }, watch, { words, cloud }, note, "short");
}

/** Teams takes 28 KB where it takes least: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format */
const MAX_BYTES = 26_000;
const SHORT_VALUE = 100;

type Expanded = RenderedCard & { readonly json: string };

function expand(
  view: CardView,
  watch: WatchId,
  { words, cloud }: CardSetting,
  note: string,
  length: "full" | "short" = "full",
): Expanded {
  const timeline = timelineOf(view, words);
  const isShort = length === "short";
  const steps = isShort ? [] : stepsOf(view, words);
  const support = supportOf(view, cloud, isShort ? SHORT_VALUE : undefined).join("\n\n");
  const summary = summaryOf(view, words);
  // Every field is there and is text: a missing one would be shown as its placeholder.
  const card: unknown = TEMPLATE.expand({
    $root: {
      ...lookOf(view),
      headline: headlineOf(view, words),
      title: titleOf(view, words),
      meaning: meaningOf(view, words),
      trouble: troubleOf(view, words),
      facts: factsOf(view, words),
      hasSteps: steps.length > 0,
      steps,
      stepsTitle: words.parts,
      supportTitle: words.support,
      support,
      hasLink: view.webUrl !== null,
      webUrl: view.webUrl ?? "",
      open: words.buttons.open,
      hasPipeline: view.link !== null,
      pipeline: view.link ?? "",
      openPipeline: words.buttons.link,
      timelineTitle: words.timeline,
      timeline,
      hasTimeline: timeline.length > 0,
      note,
      isLive: view.isLive,
      watch,
      refresh: words.buttons.refresh,
      stop: words.buttons.stop,
      showDetails: words.buttons.details,
    },
  });
  if (typeof card !== "object" || card === null) throw new Error("The card's template gave no card.");
  // Decoration: clients that do not know them leave them out.
  const spoken = { ...card, lang: words.locale, ...(words.direction === "rtl" ? { rtl: true } : {}) };
  const json = JSON.stringify(spoken);
  const fingerprint = createHash("sha256").update(json).digest("base64url");
  return { card: spoken, summary, fingerprint, json };
}

function lookOf(view: CardView): Look {
  const look = LOOKS[view.standing];
  if (isPartial(view)) return ODD;
  const isSlow = view.isSlow && (view.standing === "running" || view.standing === "waiting");
  return isSlow ? { ...look, style: "warning", color: "Default" } : look;
}
