import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { QueueFigures } from '../intake/queues/tally.ts'

/** Figures of the ledger, read when somebody asks. */
export interface LedgerFigures {
  readonly queueBytes: number
  readonly indexTailEntries: number
  readonly appendedEntries: number
  readonly signingRefusals: readonly unknown[]
  readonly systemReads: number
}

/** How the service's audits of itself ended, as far as metrics tell it. */
export interface AuditFigures {
  readonly running: unknown
  readonly last: { readonly ended: number; readonly findings: number } | undefined
}

/** Every metric of the service, registered whatever the store (Prometheus text format). */
export function createMetrics(options: {
  readonly readFigures: () => LedgerFigures
  readonly readQueues: () => readonly QueueFigures[]
  readonly readAudit: () => AuditFigures
}) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registerQueueMetrics(registry, options.readQueues)
  registerAuditMetrics(registry, options.readAudit)
  const gauge = createGauges(registry, 'indelible', options.readFigures)
  gauge('append_queue_bytes', 'Bytes accepted and not yet durable.', (f) => f.queueBytes)
  gauge('index_tail_entries', 'Entries not yet indexed.', (f) => f.indexTailEntries)
  gauge(
    'signing_refused_logs',
    'Logs that get no checkpoint until a person decides.',
    (f) => f.signingRefusals.length,
  )
  gauge('appended_entries', 'Entries appended since the start.', (f) => f.appendedEntries)
  gauge('system_reads', 'Reads of _system since the start.', (f) => f.systemReads)
  const requests = new Histogram({
    name: 'indelible_http_request_seconds',
    help: 'Duration of requests by route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  })
  const problems = new Counter({
    name: 'indelible_problems_total',
    help: 'Refused or failed requests by problem status.',
    labelNames: ['status'] as const,
    registers: [registry],
  })
  /** One series for each method, route and status; looking labels up anew costs 2 µs a request. */
  const series = new Map<string, ReturnType<typeof requests.labels>>()
  return {
    registry,
    /** The route is its pattern, never its path: labels must not grow with the input. */
    observe(method: string, route: string, status: number, seconds: number): void {
      const key = `${method} ${route} ${status}`
      const known = series.get(key) ?? requests.labels(method, route, String(status))
      series.set(key, known)
      known.observe(seconds)
      if (status >= 400) problems.labels(String(status)).inc()
    },
  }
}

/** Gauges whose figures are read when somebody asks. */
const createGauges =
  <Figures>(registry: Registry, prefix: string, readFigures: () => Figures) =>
  (name: string, help: string, read: (figures: Figures) => number) =>
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read(readFigures()))
      },
    })

/** One series for each queue in the settings: none of them comes from a message. */
function registerQueueMetrics(registry: Registry, readQueues: () => readonly QueueFigures[]): void {
  const gauge = (name: string, help: string, read: (figures: QueueFigures) => number) =>
    new Gauge({
      name: `indelible_queue_${name}`,
      help,
      labelNames: ['broker', 'queue'] as const,
      registers: [registry],
      collect() {
        for (const figures of readQueues()) {
          const { broker, queue } = figures
          this.set({ broker, queue }, read(figures))
        }
      },
    })
  gauge('connected', '1 while events are taken from the queue.', (f) => Number(f.connected))
  gauge('ready_messages', 'Messages waiting at the broker.', (f) => f.ready)
  gauge('held_messages', 'Messages taken and not acknowledged yet.', (f) => f.held)
  gauge(
    'oldest_message_age_seconds',
    'Since the oldest message held was published, where it says when.',
    (f) => f.oldestAgeS,
  )
  gauge('consumed_messages', 'Messages appended since the start.', (f) => f.consumed)
  gauge('dead_lettered_messages', 'Messages refused since the start.', (f) => f.deadLettered)
  gauge('redelivered_messages', 'Messages handed over again since the start.', (f) => f.redelivered)
}

/** Registered before the first audit, too: an alert on what is not there would never come. */
function registerAuditMetrics(registry: Registry, readAudit: () => AuditFigures): void {
  const gauge = createGauges(registry, 'indelible_audit', readAudit)
  gauge('running', '1 while this process audits itself.', (f) => Number(f.running !== undefined))
  gauge(
    'last_end_timestamp_seconds',
    'When the last audit ended; 0 before the first.',
    ({ last }) => (last?.ended ?? 0) / 1_000,
  )
  gauge('findings', 'What the last audit found to be wrong.', ({ last }) => last?.findings ?? 0)
  gauge('failed', '1 when the last audit found anything to be wrong.', ({ last }) =>
    Number((last?.findings ?? 0) > 0),
  )
}

export type Metrics = ReturnType<typeof createMetrics>
