import { limits, type ServiceFigures } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import type { Config } from '../config/read-config.ts'
import type { QueueFigures } from '../intake/queues/tally.ts'
import type { RunningStore } from '../threads/running-store.ts'
import { version } from '../version.ts'
import { nameStore, storeAddressOf } from './store-address.ts'

/** The figures of `GET /v1/service`, from those that /metrics and /readyz have. */
export function createServiceFigures(options: {
  readonly config: Config
  readonly store: Pick<RunningStore, 'ledger' | 'readBytes' | 'reader'>
  /** When the service started, Unix milliseconds. */
  readonly started: number
  readonly readQueues: () => readonly QueueFigures[]
  /** Entries a second. */
  readonly readRate: () => number
  readonly isReady: () => boolean
}): () => Promise<ServiceFigures> {
  const { config, store, readQueues, readRate, isReady } = options
  const started = formatTime(options.started)
  const kind = config.databaseUrl === undefined ? 'sqlite' : 'postgres'
  const where = nameStore(storeAddressOf(config))
  return async () => {
    const [{ logs, entries }, bytes] = await Promise.all([
      store.reader.readLogFigures(),
      // A file or a right that is missing is no reason to show nothing.
      store.readBytes().catch(() => undefined),
    ])
    const status = store.ledger.status()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      ...{ version, node: process.version, started, ready: isReady() },
      store: { kind, where, bytes: bytes === undefined ? null : sum(Object.values(bytes)) },
      ...{ logs, entries },
      appended: status.appendedEntries,
      rate: readRate(),
      intake: {
        bytes: status.queueBytes,
        bytesMax: status.queueBytesMax,
        stopped: status.stopped ?? null,
      },
      index: {
        behind: Math.max(0, status.indexTailEntries),
        behindMax: limits.indexTailEntriesMax,
      },
      queues: [...readQueues()],
      signing: { signs: status.signs, refusals: [...status.signingRefusals] },
      memory: { rss, heap: heapUsed },
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((so, one) => so + one, 0)
