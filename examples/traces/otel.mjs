// Registers OpenTelemetry's SDK, so that Fingerpost traces each change. Spans are printed here; an exporter for OTLP
// (@opentelemetry/exporter-trace-otlp-http, with OTEL_EXPORTER_OTLP_ENDPOINT) sends them to a collector instead.
//
//   npm install @opentelemetry/api @opentelemetry/sdk-trace-node
//   NODE_OPTIONS="--import ./examples/traces/otel.mjs" npx fingerpost serve --config examples/static/fingerpost.yaml
import { BatchSpanProcessor, ConsoleSpanExporter, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const delay = { scheduledDelayMillis: 1_000 };
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new ConsoleSpanExporter(), delay)] });
provider.register();
