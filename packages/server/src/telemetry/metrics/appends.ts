import { Counter, Histogram, type Registry } from 'prom-client'
import type { AppendObserver } from '../../ledger/append-observer.ts'

/** Appends and commit groups, counted as they come. */
export function meterAppends(registry: Registry): AppendObserver {
  const registers = [registry]
  const batches = new Histogram({
    name: 'indelible_append_batch_events',
    help: 'Events of each request that appends.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
    registers,
  })
  const groups = new Histogram({
    name: 'indelible_commit_group_entries',
    help: 'Entries of each commit group: how many share one durable transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
    registers,
  })
  const commits = new Histogram({
    name: 'indelible_commit_duration_seconds',
    help: 'The transaction of a commit group, fsync included.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers,
  })
  const repeated = new Counter({
    name: 'indelible_duplicate_events_total',
    help: 'Events that were kept before, and answered as they were then.',
    registers,
  })
  return {
    queued(events) {
      batches.observe(events)
      return undefined
    },
    committed({ entries, repeats, durationMs }) {
      groups.observe(entries)
      commits.observe(durationMs / 1_000)
      if (repeats > 0) repeated.inc(repeats)
    },
  }
}
