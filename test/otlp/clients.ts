import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import * as latest from '../../packages/testkit/src/opentelemetry-latest.ts'

/** What a test emits: part of what all versions of the SDK take. */
export interface Emitted {
  readonly eventName?: string
  readonly body?: string | Record<string, string | number | boolean>
  readonly severityNumber?: number
  readonly timestamp?: number
  readonly attributes?: Record<string, string | number | boolean | string[]>
}

export interface ExporterOptions {
  readonly url: string
  readonly headers: Record<string, string>
  readonly isGzipped?: boolean
  /** How long it tries. Default: 30 s, for a busy machine. */
  readonly timeoutMs?: number
  /** Default: `/v1/logs`. */
  readonly path?: string
}

/** How one export ended, as the client saw it. */
export interface Outcome {
  /** 0: sent, and taken. */
  readonly code: number
  readonly error?: Error | undefined
}

interface Client extends AsyncDisposable {
  emit(record: Emitted): void
  /** Sends what was emitted. @returns how each request ended */
  flush(): Promise<readonly Outcome[]>
}

export interface ClientKind {
  readonly name: string
  open(options: ExporterOptions): Client
}

/** The least of an exporter that all versions have. */
interface Exporter<Records> {
  export(records: Records, done: (result: Outcome) => void): void
}

function watch<Records>(exporter: Exporter<Records>): Outcome[] {
  const outcomes: Outcome[] = []
  const send = exporter.export.bind(exporter)
  exporter.export = (records, done) =>
    send(records, (result) => {
      outcomes.push(result)
      done(result)
    })
  return outcomes
}

const toConfig = ({ url, headers, isGzipped, timeoutMs, path = '/v1/logs' }: ExporterOptions) => ({
  ...{ url: `${url}${path}`, headers, timeoutMillis: timeoutMs ?? 30_000 },
  // The enumeration of its values isn't exported by the exporters.
  ...(isGzipped === true ? { compression: 'gzip' as never } : {}),
})

function createClient(
  provider: {
    getLogger(name: string, version: string): { emit(record: Emitted): void }
    forceFlush(): Promise<void>
    shutdown(): Promise<void>
  },
  outcomes: Outcome[],
): Client {
  const logger = provider.getLogger('billing', '1.2.3')
  return {
    emit: (record) => logger.emit(record),
    async flush() {
      await provider.forceFlush()
      return outcomes.splice(0)
    },
    async [Symbol.asyncDispose]() {
      await provider.shutdown()
    },
  }
}

const workspace = [
  ['exporter-logs-otlp-http 0.223.1', JsonExporter],
  ['exporter-logs-otlp-proto 0.223.1', ProtobufExporter],
] as const
const newest = [
  ['exporter-logs-otlp-http 0.301.0', latest.JsonExporter],
  ['exporter-logs-otlp-proto 0.301.0', latest.ProtobufExporter],
] as const

/** OpenTelemetry's exporters and SDK, unmodified, as they come from the registry. */
export const otlpClients: readonly ClientKind[] = [
  ...workspace.map(([name, Exporter]) => ({
    name,
    open(options: ExporterOptions) {
      const exporter = new Exporter(toConfig(options))
      const outcomes = watch(exporter)
      const processors = [new BatchLogRecordProcessor({ exporter })]
      return createClient(new LoggerProvider({ processors }), outcomes)
    },
  })),
  ...newest.map(([name, Exporter]) => ({
    name,
    open(options: ExporterOptions) {
      const exporter = new Exporter(toConfig(options))
      const outcomes = watch(exporter)
      const processors = [new latest.BatchLogRecordProcessor({ exporter })]
      return createClient(new latest.LoggerProvider({ processors }), outcomes)
    },
  })),
]
