/** OpenTelemetry's clients of the latest version, beside those of the workspace: both are in use. */
export { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
export { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
export { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
