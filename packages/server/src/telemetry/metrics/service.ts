import { readdirSync } from 'node:fs'
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import type { Figures, Read } from './figures.ts'

/** What the service knows of itself. */
export interface ServiceSource {
  readonly version: string
  readonly storeKind: 'sqlite' | 'postgres'
  /** Unix milliseconds: now, and when the service started. */
  readonly clock: () => number
  readonly started: number
  readonly isReady: () => boolean
  readonly deadThreads: () => number
  readonly connections: Read
  /** Since the start. */
  readonly systemReads: () => number
  readonly loginDenials: () => number
  /** When the certificate that is served ends, Unix milliseconds; 0 without TLS. */
  readonly certificateEnds: () => number
}

export function registerService(registry: Registry, figures: Figures, source: ServiceSource): void {
  const { gauge, counter } = figures
  const { version, storeKind, clock, started } = source
  collectDefaultMetrics({ register: registry, prefix: 'indelible_' })
  registerOpenFiles(registry)
  new Gauge({
    name: 'indelible_build_info',
    help: 'Always 1: which version runs, on which Node and store.',
    labelNames: ['version', 'node', 'store'] as const,
    registers: [registry],
  }).set({ version, node: process.version, store: storeKind }, 1)
  gauge('ready', '1 while appends and searches are answered, as /readyz says.', () =>
    Number(source.isReady()),
  )
  gauge('start_timestamp_seconds', 'When the service started.', () => started / 1_000)
  gauge('clock_timestamp_seconds', "The service's clock.", () => clock() / 1_000)
  gauge('dead_threads', 'Threads that died; restart the service.', source.deadThreads)
  gauge('http_connections', 'Connections that are open.', source.connections)
  counter('system_reads_total', 'Reads of _system, which are only counted.', source.systemReads)
  counter('login_denials_total', 'Log-ins that failed.', source.loginDenials)
  gauge(
    'tls_certificate_expiry_timestamp_seconds',
    'When the certificate that is served ends; 0 without TLS.',
    () => source.certificateEnds() / 1_000,
  )
}

/**
 * To count the open files takes another one: prom-client's own gauge stays where it was, or at 0, when
 * the limit is reached, which is when somebody wants to know.
 */
function registerOpenFiles(registry: Registry): void {
  const name = 'indelible_process_open_fds'
  // Not on Linux, there is none.
  if (registry.getSingleMetric(name) === undefined) return
  registry.removeSingleMetric(name)
  new Gauge({
    name,
    help: 'Number of open file descriptors.',
    registers: [registry],
    async collect() {
      try {
        this.set(readdirSync('/proc/self/fd').length - 1)
      } catch {
        const limit = await registry.getSingleMetric('indelible_process_max_fds')?.get()
        this.set(limit?.values[0]?.value ?? Number.NaN)
      }
    },
  })
}
