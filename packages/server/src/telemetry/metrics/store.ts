import { Gauge, type Registry } from 'prom-client'
import type { LogFigures } from '../../store/store.ts'
import type { DiskFigures } from '../../threads/running-store.ts'
import type { Figures } from './figures.ts'

/** Each may be undefined for as long as its store has never answered. */
export interface StoreSource {
  readonly readBytes: () => Promise<Readonly<Record<string, number>> | undefined>
  readonly readDisk: () => Promise<DiskFigures | undefined>
  readonly readLogs: () => Promise<LogFigures | undefined>
  /** Unix milliseconds: now, and when the service started. */
  readonly clock: () => number
  readonly started: number
}

/** What is not known is NaN: an alert on a metric that is not there would never come. */
const unknown = Number.NaN

/** How large the store is, and how far its logs are signed, as the store tells. */
export function registerStore(registry: Registry, figures: Figures, source: StoreSource): void {
  const { gauge } = figures
  const { readBytes, readDisk, readLogs, clock, started } = source
  new Gauge({
    name: 'indelible_store_bytes',
    help: 'What the store takes on disk, by its parts; a database as a whole.',
    labelNames: ['part'] as const,
    registers: [registry],
    async collect() {
      const parts = Object.entries((await readBytes()) ?? {})
      for (const [part, bytes] of parts) this.set({ part }, bytes)
    },
  })
  gauge(
    'disk_free_bytes',
    'Left for us on the file system of the data folder; NaN with PostgreSQL.',
    async () => (await readDisk())?.freeBytes ?? unknown,
  )
  gauge(
    'disk_size_bytes',
    'Of the file system of the data folder; NaN with PostgreSQL.',
    async () => (await readDisk())?.sizeBytes ?? unknown,
  )
  gauge('logs', 'Logs of all tenants.', async () => (await readLogs())?.logs ?? unknown)
  gauge(
    'log_entries',
    'Entries of all logs: the sum of their sizes.',
    async () => (await readLogs())?.entries ?? unknown,
  )

  const since = (time: number): number => Math.max(0, clock() - time) / 1_000
  gauge(
    'checkpoint_age_seconds',
    'Since the newest checkpoint of any log was signed; 0 while there is no log.',
    async () => {
      const logs = await readLogs()
      if (logs === undefined) return unknown
      return logs.logs === 0 ? 0 : since(logs.signed === 0 ? started : logs.signed)
    },
  )
  gauge(
    'checkpoint_lag_seconds',
    'How long the oldest entry that no checkpoint covers has waited for one; 0 where all are covered.',
    async () => {
      const logs = await readLogs()
      if (logs === undefined) return unknown
      return logs.unsignedSince === 0 ? 0 : since(logs.unsignedSince)
    },
  )
  gauge(
    'clock_behind_seconds',
    'How far the clock is behind the newest entry; beyond a minute nothing is appended to its log.',
    async () => Math.max(0, ((await readLogs())?.received ?? 0) - clock()) / 1_000,
  )
}
