import { setTimeout as sleep } from "node:timers/promises";
import type { ApplicationInsightsClientOptionalParams } from "@azure/monitor-opentelemetry-exporter";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { ConfigError } from "./config-reader.ts";
import type { Measurement, Step } from "./flows/meter.ts";

type HttpClient = NonNullable<ApplicationInsightsClientOptionalParams["httpClient"]>;
type Environment = Readonly<Record<string, string | undefined>>;

export type Tracing = AsyncDisposable & { readonly record: (measurement: Measurement) => void };

/** Set by whoever wants traces: https://opentelemetry.io/docs/specs/otel/protocol/exporter */
const ENDPOINTS = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/** Application Insights: https://learn.microsoft.com/azure/azure-monitor/app/connection-strings */
const INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING";
/** Its exporter would tell Microsoft about itself otherwise, once in a quarter of an hour. */
const NO_STATISTICS = [
  "APPLICATION_INSIGHTS_NO_STATSBEAT",
  "APPLICATIONINSIGHTS_STATSBEAT_DISABLED",
  "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
];

const LAST_WORDS_MS = 2_000;

const OFF: Tracing = { record: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };

/**
 * One trace for each operation, whatever process and however much later a step of it is: its id is
 * the trace's. It goes to each place that is configured; without one nothing is loaded and nothing is done.
 * @param insightsClient sends what is for Application Insights
 */
export async function startTracing(env: Environment, insightsClient?: HttpClient): Promise<Tracing> {
  const isSet = (name: string): boolean => (env[name] ?? "").trim() !== "";
  const places = [
    ...(ENDPOINTS.some(isSet) ? [otlpExporter()] : []),
    ...(isSet(INSIGHTS) ? [insightsExporter(env[INSIGHTS] ?? "", insightsClient)] : []),
  ];
  if (places.length === 0) return OFF;
  const loading = Promise.all(places);
  loading.catch(() => undefined);
  const [{ ROOT_CONTEXT, SpanKind, TraceFlags, trace }, { BatchSpanProcessor, TracerProvider }, resources] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/resources"),
    ]);
  const exporters = await loading;
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({ "service.name": env["OTEL_SERVICE_NAME"] ?? "opwatch" }),
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor({ exporter })),
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

async function otlpExporter(): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  return new OTLPTraceExporter();
}

async function insightsExporter(
  connectionString: string,
  httpClient: HttpClient | undefined,
): Promise<SpanExporter> {
  for (const name of NO_STATISTICS) process.env[name] ??= "true";
  const { AzureMonitorTraceExporter } = await import("@azure/monitor-opentelemetry-exporter");
  try {
    return new AzureMonitorTraceExporter({
      connectionString,
      // Nothing that a restart would have to look after is left on the disk.
      disableOfflineStorage: true,
      ...(httpClient === undefined ? {} : { httpClient }),
    });
  } catch {
    // The value holds a key, so neither it nor what was said of it is repeated.
    throw new ConfigError([
      `${INSIGHTS} is no connection string of Application Insights. It looks like "InstrumentationKey=…;IngestionEndpoint=https://…"; without the variable no traces are sent there.`,
    ]);
  }
}
