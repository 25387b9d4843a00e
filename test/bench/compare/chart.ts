import type { Measured } from "./figures.ts";
import type { Result } from "./result.ts";
import { SUBJECTS } from "./subjects.ts";
import { cpuMs } from "./tables.ts";

const SIZES = [1_000, 5_000, 20_000, 50_000] as const;
const WIDTH = 960;
const PANEL = { width: 440, height: 230, left: 56, top: 34, bottom: 30 } as const;
/** Legible on white and on black (Okabe and Ito, darkened or lightened to the middle). */
const COLORS = [
  "#8c8c8c",
  "#b07d00",
  "#7a6ff0",
  "#c0508f",
  "#1f9e89",
  "#8c6d31",
  "#5a8fd6",
  "#e4572e",
  "#d62839",
  "#f08a24",
];

type Panel = {
  readonly title: string;
  /** Of a logarithmic scale. */
  readonly low: number;
  readonly high: number;
  readonly tick: (value: number) => string;
  readonly value: (result: Result) => Measured;
};

const MS = (value: number): string => (value >= 1_000 ? `${value / 1_000} s` : `${value} ms`);

const PANELS: readonly Panel[] = [
  {
    title: "How late a check comes, p99",
    low: 1,
    high: 100_000,
    tick: MS,
    value: ({ outcome }) => outcome.lateness.p99,
  },
  {
    title: "From Graph's answer to the card, p99",
    low: 1,
    high: 100_000,
    tick: MS,
    value: ({ outcome }) => outcome.answerToCard.p99,
  },
  {
    title: "CPU for each operation and minute, servers included",
    low: 0.1,
    high: 1_000,
    tick: MS,
    value: (result) => (cpuMs(result) / result.scenario.operations / result.outcome.windowSeconds) * 60,
  },
];

/** Parts of a whole, 0 to 1. */
type Bars = {
  readonly scenario: string;
  readonly title: string;
  readonly share: (result: Result) => number;
};

const lost = ({ outcome }: Result): number => outcome.lostFinals / Math.max(outcome.finals, 1);

const BARS: readonly Bars[] = [
  { scenario: "one-chat", title: "500 operations in one chat: ends not shown in 5 min", share: lost },
  { scenario: "kill", title: "Ends lost around a kill and restart", share: lost },
  {
    scenario: "shared",
    title: "20 watchers: checks within 30 s of another",
    share: ({ outcome }) => outcome.tooSoon / Math.max(outcome.checks, 1),
  },
];

type Curve = { readonly name: string; readonly color: string; readonly results: readonly Result[] };

/** What is lost or too much as bars, the steady scenarios as lines, in one picture, of those who were measured. */
export function chartOf(results: readonly Result[]): string {
  const curves = SUBJECTS.map(({ name }, index): Curve => {
    const own = results.filter(({ subject }) => subject === name);
    return { name, color: COLORS[index] ?? "#888", results: own };
  }).filter((curve) => curve.results.length > 0);
  const panels = [
    ...BARS.map((bars) => barsOf(bars, curves)),
    ...PANELS.map((panel) => linesOf(panel, curves)),
  ].map((content, index) => at(index, content));
  const bottom = Math.ceil(panels.length / 2) * (PANEL.height + 40);
  const height = bottom + 24 * Math.ceil(curves.length / 4) + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    "<title>Opwatch beside its peers</title>",
    "<style>",
    "  text { fill: #333; } .axis { stroke: #999; } .grid { stroke: #ddd; } .title { font-weight: 600; font-size: 13px; }",
    "  @media (prefers-color-scheme: dark) { text { fill: #ddd; } .axis { stroke: #888; } .grid { stroke: #3a3a3a; } }",
    "</style>",
    ...panels,
    legend(curves, bottom),
    "</svg>",
    "",
  ].join("\n");
}

function at(index: number, content: string): string {
  const x = (index % 2) * (PANEL.width + 40) + 8;
  const y = Math.floor(index / 2) * (PANEL.height + 40) + 4;
  return `<g transform="translate(${x} ${y})">\n${content}\n</g>`;
}

function linesOf({ title, low, high, tick, value }: Panel, curves: readonly Curve[]): string {
  const bottom = PANEL.height - PANEL.bottom;
  const y = (amount: number): number => {
    const share = Math.log(Math.min(Math.max(amount, low), high) / low) / Math.log(high / low);
    return round(bottom - share * (bottom - PANEL.top));
  };
  const x = (index: number): number =>
    round(PANEL.left + 20 + (index * (PANEL.width - PANEL.left - 40)) / (SIZES.length - 1));
  const ticks: string[] = [];
  for (let amount = low; amount <= high * 1.001; amount *= 10) {
    ticks.push(
      `<line class="grid" x1="${PANEL.left}" x2="${PANEL.width}" y1="${y(amount)}" y2="${y(amount)}"/>`,
      `<text x="${PANEL.left - 6}" y="${y(amount) + 4}" text-anchor="end">${tick(round(amount))}</text>`,
    );
  }
  const sizes = SIZES.map(
    (size, index) =>
      `<text x="${x(index)}" y="${bottom + 18}" text-anchor="middle">${size.toLocaleString("en-US")}</text>`,
  );
  const lines = curves.map(({ name, color, results }) => {
    const points = SIZES.flatMap((size, index) => {
      const result = results.find(({ scenario }) => scenario.name === `steady-${size}`);
      const measured = result === undefined || isMostlyRefused(result) ? null : value(result);
      return measured === null ? [] : [{ x: x(index), y: y(measured === "never" ? high : measured) }];
    });
    const isOurs = name.startsWith("opwatch");
    const path = points.map((point) => `${point.x},${point.y}`).join(" ");
    const dots = points.map(
      (point) => `<circle cx="${point.x}" cy="${point.y}" r="${isOurs ? 4 : 3}" fill="${color}"/>`,
    );
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${isOurs ? 3 : 1.5}"/>${dots.join("")}`;
  });
  return [
    `<text class="title" x="${PANEL.left}" y="16">${title}</text>`,
    ...ticks,
    `<line class="axis" x1="${PANEL.left}" x2="${PANEL.width}" y1="${bottom}" y2="${bottom}"/>`,
    ...sizes,
    ...lines,
  ].join("\n");
}

/** How late the few were that got an answer says nothing of those that never did. */
function isMostlyRefused({ outcome }: Result): boolean {
  return 2 * outcome.graphRefused > outcome.graphRequests;
}

function barsOf({ scenario, title, share }: Bars, curves: readonly Curve[]): string {
  const measured = curves.flatMap(({ name, color, results }) => {
    const result = results.find((each) => each.scenario.name === scenario);
    return result === undefined ? [] : [{ name, color, part: share(result) }];
  });
  const rows = measured.map(({ name, color, part }, order) => {
    const y = PANEL.top + order * 18;
    const label = `<text x="190" y="${y + 11}" text-anchor="end">${short(name)}</text>`;
    const width = round(part * 190);
    const bar = `<rect x="198" y="${y}" width="${Math.max(width, 1)}" height="13" fill="${color}"/>`;
    return `${label}${bar}<text x="${204 + width}" y="${y + 11}">${Math.round(part * 1_000) / 10} %</text>`;
  });
  return [`<text class="title" x="${PANEL.left}" y="16">${title}</text>`, ...rows].join("\n");
}

function legend(curves: readonly Curve[], top: number): string {
  const items = curves.map(({ name, color }, order) => {
    const x = 20 + (order % 4) * 235;
    const y = top + 24 * Math.floor(order / 4) + 12;
    return `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${color}"/><text x="${x + 20}" y="${y}">${short(name)}</text>`;
  });
  return items.join("\n");
}

function short(name: string): string {
  return name.replaceAll("-", " ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
