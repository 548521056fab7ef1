import { Registry } from 'prom-client'
import type { RequestMeter } from '../../http/request-meter.ts'
import type { QueueFigures } from '../../intake/queues/tally.ts'
import type { AppendObserver } from '../../ledger/append-observer.ts'
import type { RunningStore } from '../../threads/running-store.ts'
import type { SelfAudit } from '../../verify/self-audit.ts'
import { createBounded } from '../bounded.ts'
import { meterAppends } from './appends.ts'
import { registerAudits } from './audits.ts'
import { createFigures } from './figures.ts'
import { registerLedger } from './ledger.ts'
import { registerQueues } from './queues.ts'
import { meterRequests } from './requests.ts'
import { registerService, type ServiceSource } from './service.ts'
import { registerStore } from './store.ts'

/** Where figures come from that are only read when somebody asks. */
export interface MetricSources extends ServiceSource {
  readonly store: Pick<RunningStore, 'ledger' | 'reader' | 'readBytes' | 'readDisk'>
  readonly readQueues: () => readonly QueueFigures[]
  readonly selfAudit: Pick<SelfAudit, 'state'>
}

export interface Metrics {
  readonly registry: Registry
  readonly requests: RequestMeter
  readonly appends: AppendObserver
  /** Registers what is read of the parts; to be called once all of them are there. */
  register(sources: MetricSources): void
}

/** Every metric of the service, the same whatever the store (docs/reference/metrics.md). */
export function createMetrics(): Metrics {
  const registry = new Registry()
  return {
    registry,
    requests: meterRequests(registry),
    appends: meterAppends(registry),
    register(sources) {
      const { store, readQueues, selfAudit } = sources
      const figures = createFigures(registry)
      const bound = <T>(look: () => Promise<T>) =>
        createBounded({ look, now: () => performance.now() })
      registerService(registry, figures, sources)
      registerLedger(figures, store.ledger.status)
      registerStore(registry, figures, {
        ...sources,
        readBytes: bound(store.readBytes),
        readDisk: bound(async () => store.readDisk?.()),
        readLogs: bound(() => store.reader.readLogFigures()),
      })
      registerAudits(createFigures(registry, 'indelible_audit'), selfAudit.state)
      registerQueues(registry, readQueues)
    },
  }
}
