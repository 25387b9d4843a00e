import { setTimeout as sleep } from "node:timers/promises";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Measure, Measurement } from "./flows/meter.ts";
import type { Depths } from "./flows/depths.ts";

export type Metrics = {
  readonly measure: Measure;
  /** In Prometheus' text format; asks the database how much is waiting. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** Prometheus waits ten seconds. */
const DEPTHS_WITHIN_MS = 2_000;

/** Seconds: a check may be late by a poll of the alarms, and should never be by an interval. */
const LATENESS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Named by Prometheus' conventions: https://prometheus.io/docs/practices/naming
 * @param depths what is waiting, for all replicas; null while the database does not answer.
 */
export function createMetrics(depths: () => Promise<Depths | null>): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[],
  ) => new Histogram({ name, help, buckets, labelNames, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers });

  const checks = counter("opwatch_checks_total", "Answers of Graph about operations.", ["kind", "answer"]);
  const lateness = histogram(
    "opwatch_check_lateness_seconds",
    "Time from when a check was due to when it was made.",
    LATENESS,
    [],
  );
  const batches = histogram(
    "opwatch_graph_request_duration_seconds",
    "Requests to Graph, with up to 20 checks each.",
    DURATIONS,
    [],
  );
  const writes = histogram("opwatch_teams_write_duration_seconds", "Writes to Teams.", DURATIONS, [
    "what",
    "result",
  ]);
  const throttled = counter("opwatch_throttled_total", "429 answers.", ["side"]);
  // Both at nought from the start: a rate needs a beginning.
  for (const side of ["graph", "teams"]) throttled.inc({ side }, 0);
  const commands = histogram(
    "opwatch_command_duration_seconds",
    "Commands of people and buttons pressed.",
    DURATIONS,
    ["name"],
  );
  const activities = histogram(
    "opwatch_activity_duration_seconds",
    "Requests of Teams, to their answer.",
    DURATIONS,
    ["status"],
  );
  const database = histogram(
    "opwatch_database_ping_duration_seconds",
    "The database's answer to a question that costs nothing.",
    DURATIONS,
    [],
  );

  const up = gauge(
    "opwatch_database_up",
    "Whether the database answers: 1, or 0, and then nothing is known of what waits.",
  );
  const open = gauge("opwatch_watches_open", "Watches that are open, of all replicas.");
  const live = gauge("opwatch_operations_live", "Operations that are asked for, of all replicas.");
  const overdue = gauge(
    "opwatch_operations_overdue",
    "Operations that are due for more than five seconds, of all replicas.",
  );
  const deliveries = gauge("opwatch_deliveries_waiting", "Cards that are to be written, of all replicas.");
  const callbacks = gauge("opwatch_callbacks_waiting", "Events that are to be sent, of all replicas.");
  const jobs = gauge("opwatch_jobs", "Alarms in the job queues, of all replicas.", ["queue"]);

  function measure(it: Measurement): void {
    switch (it.measured) {
      case "step":
        // For traces.
        break;
      case "check":
        checks.inc({ kind: it.kind, answer: it.answer });
        lateness.observe(Math.max(it.lateMs, 0) / 1000);
        break;
      case "batch":
        batches.observe(it.ms / 1000);
        break;
      case "write":
        writes.observe({ what: it.what, result: it.result }, it.ms / 1000);
        break;
      case "throttled":
        throttled.inc({ side: it.side });
        break;
      case "command":
        commands.observe({ name: it.name }, it.ms / 1000);
        break;
      case "activity":
        activities.observe({ status: String(it.status) }, it.ms / 1000);
        break;
      case "database":
        database.observe(it.ms / 1000);
        break;
    }
  }

  return {
    measure,
    contentType: register.contentType,
    async text() {
      const now = await Promise.race([depths(), sleep(DEPTHS_WITHIN_MS, null)]);
      up.set(now === null ? 0 : 1);
      for (const each of [open, live, overdue, deliveries, callbacks, jobs]) each.reset();
      if (now !== null) {
        open.set(now.openWatches);
        live.set(now.liveOperations);
        overdue.set(now.overdueOperations);
        deliveries.set(now.waitingDeliveries);
        callbacks.set(now.waitingCallbacks);
        for (const { queue, count } of now.jobs) jobs.set({ queue }, count);
      }
      return register.metrics();
    },
  };
}
