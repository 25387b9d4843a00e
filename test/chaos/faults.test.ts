import { expect, test } from "vitest";
import { planFaults, type FaultPlan } from "./faults.ts";
import { planLoad } from "./load.ts";

const PLAN: FaultPlan = { seed: 7, home: "postgres", replicas: 2, tenants: 3, forMs: 600_000, only: [] };

test("the same seed plans the same, and another one something else", () => {
  expect(planFaults(PLAN)).toEqual(planFaults(PLAN));
  expect(planFaults({ ...PLAN, seed: 8 })).not.toEqual(planFaults(PLAN));
  const load = { seed: 7, forMs: 60_000, everyMs: 500, busy: 60, intervalMs: 2_000 };
  expect(planLoad(load)).toEqual(planLoad(load));
  expect(planLoad({ ...load, seed: 8 })).not.toEqual(planLoad(load));
});

test("every kind of fault comes in a long run, and all is well when it is over", () => {
  const faults = planFaults(PLAN);
  expect(new Set(faults.map(({ fault }) => fault.kind))).toEqual(
    new Set([
      "kill",
      "vanish",
      "stop",
      "freeze",
      "wrongClock",
      "restartDatabase",
      "crashBackend",
      "terminateBackends",
      "line",
      "graphStorm",
      "graphFails",
      "teamsStorm",
      "teamsFails",
      "clockJump",
      "deleteCard",
    ]),
  );
  for (const { atMs, fault } of faults) expect(atMs + fault.forMs).toBeLessThanOrEqual(PLAN.forMs);
  const lines = faults.flatMap(({ fault }) =>
    fault.kind === "line" ? [`${fault.to} ${fault.trouble.kind}`] : [],
  );
  expect(new Set(lines).size).toBe(3 * 6);
});

test("the embedded database is not restarted", () => {
  const kinds = planFaults({ ...PLAN, home: "pglite", replicas: 1 }).map(({ fault }) => fault.kind);
  expect(kinds).toContain("kill");
  expect(kinds).not.toContain("restartDatabase");
});

test("a plan can be of some kinds alone", () => {
  const kinds = planFaults({ ...PLAN, only: ["kill", "line"] }).map(({ fault }) => fault.kind);
  expect(new Set(kinds)).toEqual(new Set(["kill", "line"]));
  expect(() => planFaults({ ...PLAN, only: ["flood"] })).toThrow("No fault is of the kind flood.");
});

test("operations have lives of every sort", () => {
  const { deeds } = planLoad({ seed: 7, forMs: 600_000, everyMs: 500, busy: 60, intervalMs: 2_000 });
  const operations = deeds.flatMap((deed) => (deed.kind === "track" ? deed.operations : []));
  expect(new Set(operations.map(({ end }) => end))).toEqual(
    new Set([null, "succeeded", "failed", "skipped", "unavailable", "forbidden"]),
  );
  const statuses = new Set(operations.flatMap(({ steps }) => steps.map(({ status }) => status)));
  expect(statuses).toContain("stalledByWizard");
  for (const { steps, endsMs } of operations) {
    const instants = steps.map(({ afterMs }) => afterMs);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(endsMs ?? instants.at(-1)).toBe(instants.at(-1));
  }
});
