import { createHash } from "node:crypto";
import { Template } from "adaptivecards-templating";
import type { CardView, Standing } from "../core/card-view.ts";
import type { WatchId } from "../core/ids.ts";
import type { RenderedCard } from "../flows/ports.ts";
import {
  detailsOf,
  factsOf,
  headlineOf,
  meaningOf,
  summaryOf,
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
  succeeded: { glyph: "✓", style: "good", color: "Default" },
  failed: { glyph: "✗", style: "attention", color: "Default" },
  skipped: { ...OVER, glyph: "»" },
  unavailable: ODD,
  notFound: ODD,
  forbidden: ODD,
  stopped: OVER,
  expired: ODD,
};

/**
 * The card of a watch.
 * @param note an answer to the person who pressed Refresh, shown to them alone.
 */
export function renderCard(view: CardView, watch: WatchId, words: Words, note = ""): RenderedCard {
  const timeline = timelineOf(view, words);
  const summary = summaryOf(view, words);
  // Every field is there and is text: a missing one would be shown as its placeholder.
  const card: unknown = TEMPLATE.expand({
    $root: {
      ...LOOKS[view.standing],
      headline: headlineOf(view, words),
      title: titleOf(view, words),
      meaning: meaningOf(view, words),
      trouble: troubleOf(view, words),
      facts: factsOf(view, words),
      details: detailsOf(view, words),
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
  const fingerprint = createHash("sha256").update(JSON.stringify(card)).digest("base64url");
  return { card, summary, fingerprint };
}
