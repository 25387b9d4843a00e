import { setTimeout as sleep } from "node:timers/promises";
import type { Measurement, Step } from "./flows/meter.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type Tracing = AsyncDisposable & { readonly record: (measurement: Measurement) => void };

/** Set by whoever wants traces: https://opentelemetry.io/docs/specs/otel/protocol/exporter */
const ENDPOINTS = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

const LAST_WORDS_MS = 2_000;

const OFF: Tracing = { record: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };

/**
 * One trace for each operation, whatever process and however much later a step of it is: its id is
 * the trace's. Without an endpoint nothing is loaded and nothing is done.
 */
export async function startTracing(env: Environment): Promise<Tracing> {
  if (ENDPOINTS.every((name) => (env[name] ?? "").trim() === "")) return OFF;
  const [
    { ROOT_CONTEXT, SpanKind, TraceFlags, trace },
    { BatchSpanProcessor, TracerProvider },
    { OTLPTraceExporter },
    resources,
  ] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({ "service.name": env["OTEL_SERVICE_NAME"] ?? "opwatch" }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer("opwatch");

  function record({ name, operation, startAt, endAt, attributes }: Step): void {
    // An operation's id is a UUID, and a trace's is as long; its steps hang below a span that nobody sends.
    const traceId = operation.replaceAll("-", "");
    const root = { traceId, spanId: traceId.slice(0, 16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const parent = trace.setSpanContext(ROOT_CONTEXT, root);
    const kind = name === "track" ? SpanKind.SERVER : SpanKind.CLIENT;
    tracer
      .startSpan(name, { kind, startTime: startAt, attributes: { operation, ...attributes } }, parent)
      .end(endAt);
  }

  return {
    record: (measurement) => {
      if (measurement.measured === "step") record(measurement);
    },
    // A collector that is away holds up nobody's end.
    [Symbol.asyncDispose]: () =>
      Promise.race([provider.shutdown().catch(() => undefined), sleep(LAST_WORDS_MS)]),
  };
}
