import { describe, expect, test } from "vitest";
import type { Depths } from "../../src/flows/depths.ts";
import { createMetrics } from "../../src/metrics.ts";
import { at, list, read } from "./files.ts";

const dashboard: unknown = JSON.parse(read("deploy/grafana/opwatch.json"));
const panels = list(at(dashboard, "panels"));
const drawn = panels.filter((panel) => at(panel, "type") !== "row");
const expressions = drawn.flatMap((panel) => list(at(panel, "targets")).map((it) => String(at(it, "expr"))));

const SOMETHING: Depths = {
  openWatches: 1,
  liveOperations: 1,
  overdueOperations: 1,
  oldestDueMs: 1,
  lineMs: 1,
  waitingDeliveries: 1,
  waitingCallbacks: 1,
  jobs: [{ queue: "checks", count: 1 }],
};

/** What the process shows once each of its measures has been taken. */
async function shown(): Promise<string> {
  const metrics = createMetrics({ ping: () => Promise.resolve(), depths: () => Promise.resolve(SOMETHING) });
  metrics.measure({ measured: "check", kind: "team", answer: "snapshot", outcome: "none", lateMs: 1 });
  metrics.measure({ measured: "batch", ms: 1 });
  metrics.measure({ measured: "write", what: "post", result: "done", ms: 1 });
  metrics.measure({ measured: "command", name: "track", ms: 1 });
  metrics.measure({ measured: "activity", status: 200, ms: 1 });
  metrics.measure({ measured: "database", ms: 1 });
  return metrics.text();
}

/** Prometheus makes these itself: https://prometheus.io/docs/concepts/jobs_instances */
const PROMETHEUS = new Map([["up", new Set<string>()]]);
const OF_EACH_TARGET = ["job", "instance"];

async function labelsByName(): Promise<Map<string, Set<string>>> {
  const found = new Map(PROMETHEUS);
  for (const [, name, labels] of (await shown()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gmu)) {
    const names = [...(labels ?? "").matchAll(/(\w+)="/gu)].map(([, label]) => label ?? "");
    found.set(name ?? "", new Set([...(found.get(name ?? "") ?? []), ...names]));
  }
  return found;
}

describe("the dashboard for Grafana", () => {
  test("asks only for metrics that Opwatch has", async () => {
    const known = await labelsByName();
    const asked = expressions.flatMap((it) => [...it.matchAll(/(\w+)\{job/gu)].map(([, name]) => name ?? ""));
    expect(asked.length).toBeGreaterThanOrEqual(expressions.length);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  test("groups by labels that the metrics have, and names them in its legends", async () => {
    const known = await labelsByName();
    for (const panel of drawn)
      for (const target of list(at(panel, "targets"))) {
        const expression = String(at(target, "expr"));
        const name = /(\w+)\{job/u.exec(expression)?.[1] ?? "";
        const has = new Set([...(known.get(name) ?? []), ...OF_EACH_TARGET]);
        const by = /by \(([^)]*)\)/u.exec(expression)?.[1]?.split(", ") ?? [];
        const told = [...String(at(target, "legendFormat")).matchAll(/\{\{(\w+)\}\}/gu)].map(([, it]) => it);
        const named = by.length > 0 ? by : OF_EACH_TARGET;
        const unknown = [
          ...by.filter((it) => !has.has(it)),
          ...told.filter((it) => !named.includes(it ?? "")),
        ];
        expect({ expression, unknown }).toEqual({ expression, unknown: [] });
      }
  });

  test("shows each of Opwatch's own metrics somewhere", async () => {
    const text = await shown();
    const own = [...text.matchAll(/^# TYPE (opwatch_\w+) /gmu)].map(([, name]) => name ?? "");
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter((name) => !expressions.some((it) => it.includes(name)))).toEqual([]);
  });

  test("lays its panels side by side, none over another", () => {
    const cells = panels.flatMap((panel) => {
      const side = (key: string): number => Number(at(panel, "gridPos", key));
      expect(side("x") + side("w")).toBeLessThanOrEqual(24);
      return Array.from({ length: side("w") * side("h") }, (_, i) => {
        return `${side("x") + (i % side("w"))},${side("y") + Math.floor(i / side("w"))}`;
      });
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});
