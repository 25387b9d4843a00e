/** One line of Prometheus' text format. */
type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

export type Family = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
};

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const VALUE = String.raw`[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|N[Aa][Nn]`;
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{(.*)\})? (${VALUE})(?: -?\d+)?$`, "u");
const LABELS = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/uy;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Reads https://prometheus.io/docs/instrumenting/exposition_formats as strictly as it is written there,
 * and throws what is wrong with it.
 */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end.");
  const families = new Map<string, Family & { samples: Sample[] }>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current: (Family & { samples: Sample[] }) | null = null;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/u.exec(line) ?? [];
    if (keyword === "HELP") {
      if (helps.has(name)) throw new Error(`Two helps: ${line}`);
      helps.set(name, rest);
    } else if (keyword === "TYPE") {
      if (families.has(name) || SUFFIXES[rest] === undefined) throw new Error(`A wrong type: ${line}`);
      current = { name, type: rest, help: helps.get(name) ?? "", samples: [] };
      families.set(name, current);
    } else if (!line.startsWith("#")) {
      const sample = sampleOf(line);
      const suffixes = SUFFIXES[current?.type ?? ""] ?? [];
      if (current === null || !suffixes.some((suffix) => `${current?.name}${suffix}` === sample.name)) {
        throw new Error(`A sample of no family, or between those of another: ${line}`);
      }
      const series = `${sample.name} ${JSON.stringify(
        Object.keys(sample.labels)
          .toSorted()
          .map((label) => [label, sample.labels[label]]),
      )}`;
      if (seen.has(series)) throw new Error(`The same twice: ${line}`);
      seen.add(series);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) if (family.type === "histogram") requireHistogram(family);
  return families;
}

function sampleOf(line: string): Sample {
  const [, name, inBraces = "", number = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`No sample: ${line}`);
  const labels: Record<string, string> = {};
  LABELS.lastIndex = 0;
  while (LABELS.lastIndex < inBraces.length) {
    const [, label = "", value = ""] = LABELS.exec(inBraces) ?? [];
    if (label === "" || label in labels) throw new Error(`A wrong label: ${line}`);
    labels[label] = value.replaceAll(/\\(["\\n])/gu, (_, it: string) => (it === "n" ? "\n" : it));
  }
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
}

/** Its buckets grow, and the last one holds all. */
function requireHistogram({ name, samples }: Family): void {
  const of = ({ labels: { le: _le, ...labels } }: Sample): string => JSON.stringify(labels);
  for (const count of samples.filter((sample) => sample.name === `${name}_count`)) {
    const buckets = samples.filter((each) => each.name === `${name}_bucket` && of(each) === of(count));
    const values = buckets.map(({ value }) => value);
    const isGrowing = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    const last = buckets.at(-1);
    if (!isGrowing || last?.labels["le"] !== "+Inf" || last.value !== count.value) {
      throw new Error(`The buckets of ${name} ${of(count)} are wrong.`);
    }
  }
}

/** The sum of a family's samples that have these labels; nought when there is none. */
export function sumOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
