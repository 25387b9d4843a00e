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
const ANSWER_WITHIN_MS = 2_000;

/** Seconds: a check may be late by a poll of the alarms (those are set ahead of it on a server), and should never be by an interval. */
const LATENESS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Whom the metrics ask. */
export type Asked = {
  /** Rejects while the database does not answer. */
  readonly ping: () => Promise<void>;
  /** What is waiting, for all replicas; null where that is not known. */
  readonly depths: () => Promise<Depths | null>;
};

/** Named by Prometheus' conventions: https://prometheus.io/docs/practices/naming */
export function createMetrics({ ping, depths }: Asked): Metrics {
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

  const checks = counter("opwatch_checks_total", "Answers of Graph about operations.", [
    "kind",
    "answer",
    "outcome",
  ]);
  const lateness = histogram(
    "opwatch_check_lateness_seconds",
    "Time from when a check was due to when it was made.",
    LATENESS,
    [],
  );
  const batches = histogram(
    "opwatch_graph_request_duration_seconds",
    "Batches of up to 20 checks of one tenant, from the request until all are answered.",
    DURATIONS,
    [],
  );
  const writes = histogram("opwatch_teams_write_duration_seconds", "Writes to Teams.", DURATIONS, [
    "what",
    "result",
  ]);
  const givenBack = counter(
    "opwatch_checks_given_back_total",
    "Checks whose turn was missed, or came in a pause of their tenant, and that got another one.",
    ["because"],
  );
  for (const because of ["missed", "paused"]) givenBack.inc({ because }, 0);
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
    "Whether the database answers: 1, or 0. What waits is told only where it could be counted.",
  );
  const open = gauge("opwatch_watches_open", "Watches that are open, of all replicas.");
  const live = gauge("opwatch_operations_live", "Operations that are asked for, of all replicas.");
  const overdue = gauge(
    "opwatch_operations_overdue",
    "Operations that are due for more than five seconds, of all replicas.",
  );
  const line = gauge(
    "opwatch_line_seconds",
    "How long a new check would wait for its turn in the tenant where that is longest.",
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
        checks.inc({ kind: it.kind, answer: it.answer, outcome: it.outcome });
        lateness.observe(Math.max(it.lateMs, 0) / 1000);
        break;
      case "batch":
        batches.observe(it.ms / 1000);
        break;
      case "givenBack":
        givenBack.inc({ because: it.because }, it.count);
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
      const tooLate = sleep(ANSWER_WITHIN_MS, null);
      const [isUp, now] = await Promise.all([
        Promise.race([ping().then(() => true), tooLate]).catch(() => null),
        Promise.race([depths(), tooLate]),
      ]);
      up.set(isUp === null ? 0 : 1);
      jobs.reset();
      // What is not known is missing, and not nought.
      for (const each of [open, live, overdue, line, deliveries, callbacks]) each.remove();
      if (now !== null) {
        open.set(now.openWatches);
        live.set(now.liveOperations);
        overdue.set(now.overdueOperations);
        line.set(now.lineMs / 1000);
        deliveries.set(now.waitingDeliveries);
        callbacks.set(now.waitingCallbacks);
        for (const { queue, count } of now.jobs) jobs.set({ queue }, count);
      }
      return register.metrics();
    },
  };
}
