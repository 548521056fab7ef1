import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/read-config.ts'
import type { App } from '../http/app.ts'
import type { Admission } from '../intake/admit.ts'
import type { AppendObserver } from '../ledger/append-observer.ts'
import { version } from '../version.ts'
import { type FaultReporter, noFaultReporter } from './faults/fault-reports.ts'
import { reportRequestFaults } from './faults/report-request-faults.ts'
import { createMetrics, type Metrics } from './metrics/create-metrics.ts'
import type { Otlp } from './otlp/start-otlp.ts'

/** What whoever runs the service sees of it from outside. */
export interface Telemetry extends AsyncDisposable {
  readonly metrics: Metrics
  readonly faults: Pick<FaultReporter, 'report'>
  readonly appends: AppendObserver
  /** Admission, seen in traces. */
  traceAdmission(admission: Admission): Admission
  /** Traces requests and reports their faults; to be called before there are routes. */
  watch(app: App): void
}

interface Options {
  readonly config: Pick<Config, 'telemetry'>
  readonly clock: Clock
  /** When the service started, Unix milliseconds. */
  readonly started: number
  readonly logger: FastifyBaseLogger
}

/** Metrics always; of OpenTelemetry and Sentry nothing is loaded unless the settings ask for it. */
export async function startTelemetry(options: Options): Promise<Telemetry> {
  const metrics = createMetrics()
  const otlp = await startOtlp(options, metrics)
  const faults = await startFaultReporter(options)
  const tracing = otlp?.tracing
  return {
    ...{ metrics, faults },
    appends: tracing === undefined ? metrics.appends : both(tracing.appends, metrics.appends),
    traceAdmission: (admission) => tracing?.traceAdmission(admission) ?? admission,
    watch(app) {
      tracing?.traceRequests(app)
      reportRequestFaults(app, faults)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([otlp?.[Symbol.asyncDispose](), faults[Symbol.asyncDispose]()])
    },
  }
}

async function startOtlp(
  { config: { telemetry }, clock, started, logger }: Options,
  { registry }: Metrics,
): Promise<Otlp | undefined> {
  if (!telemetry.traces && !telemetry.metrics) return undefined
  const { startOtlp: start } = await import('./otlp/start-otlp.ts')
  return start({
    ...{ settings: telemetry, registry, version, clock, started },
    reports: {
      onOutage: (error) => logger.warn({ err: error }, 'telemetry can not be sent, and is dropped'),
      onReturn: () => logger.info('telemetry is sent again'),
    },
  })
}

async function startFaultReporter({ config, logger }: Options): Promise<FaultReporter> {
  const { sentryDsn: dsn } = config.telemetry
  if (dsn === undefined) return noFaultReporter
  const { createSentryReporter } = await import('./faults/report-to-sentry.ts')
  return createSentryReporter({
    ...{ dsn, version, now: () => performance.now() },
    onFault: (error) => logger.warn({ err: error }, 'a fault can not be reported'),
  })
}

/** What the first one marks is what both are told of. */
const both = (first: AppendObserver, second: AppendObserver): AppendObserver => ({
  queued(events) {
    second.queued(events)
    return first.queued(events)
  },
  committed(group) {
    first.committed(group)
    second.committed(group)
  },
})
