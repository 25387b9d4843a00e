import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createMetrics } from "../../src/metrics.ts";
import { parsePrometheus } from "../support/prometheus.ts";
import { codeSpansIn, tablesOf } from "./markdown.ts";

const PAGE = readFileSync(new URL("../../docs/monitoring.md", import.meta.url), "utf8");
const rows = tablesOf(PAGE).find(({ header }) => header[0] === "metric")?.rows ?? [];

describe("docs/monitoring.md", () => {
  test("names every metric of Opwatch, with its type", async () => {
    const text = await createMetrics({
      ping: () => Promise.resolve(),
      depths: () => Promise.resolve(null),
    }).text();
    const families = [...parsePrometheus(text).values()].filter(({ name }) => name.startsWith("opwatch_"));
    const told = rows.map(([name = "", type = ""]) => `${codeSpansIn(name)[0]} ${type}`);
    const own = families.map(({ name, type }) => `${name} ${type}`);
    expect(told.filter((it) => it.startsWith("opwatch_")).toSorted()).toEqual(own.toSorted());
  });
});
