import { createHash } from "node:crypto";
import { Template } from "adaptivecards-templating";
import type { CardView, Standing } from "../core/card-view.ts";
import type { CloudName } from "../core/clouds.ts";
import type { WatchId } from "../core/ids.ts";
import type { RenderedCard } from "../flows/ports.ts";
import {
  factsOf,
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

/** What all cards of this Opwatch have in common. */
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
  const timeline = timelineOf(view, words);
  const steps = stepsOf(view);
  const summary = summaryOf(view, words);
  // Every field is there and is text: a missing one would be shown as its placeholder.
  const card: unknown = TEMPLATE.expand({
    $root: {
      ...LOOKS[view.standing],
      ...(view.isSlow && view.standing === "running" ? { glyph: "●", style: "warning" } : {}),
      headline: headlineOf(view, words),
      title: titleOf(view, words),
      meaning: meaningOf(view, words),
      trouble: troubleOf(view, words),
      facts: factsOf(view, words),
      hasSteps: steps.length > 0,
      steps: steps.join("\n\n"),
      stepsTitle: words.facts.progress,
      supportTitle: words.support,
      support: supportOf(view, cloud).join("\n\n"),
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
  const fingerprint = createHash("sha256").update(JSON.stringify(card)).digest("base64url");
  return { card, summary, fingerprint };
}
