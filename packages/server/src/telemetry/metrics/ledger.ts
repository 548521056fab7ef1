import { limits } from '@indelible/protocol'
import type { LedgerStatus } from '../../threads/threaded-ledger.ts'
import type { Figures } from './figures.ts'

/** The queue, the index and the signing, as the ledger itself tells. */
export function registerLedger({ gauge, counter }: Figures, status: () => LedgerStatus): void {
  counter(
    'appended_events_total',
    'Entries this service appended, its own records in _system among them.',
    () => status().appendedEntries,
  )
  gauge(
    'append_queue_bytes',
    'Of events that are accepted and not durable yet.',
    () => status().queueBytes,
  )
  gauge(
    'append_queue_limit_bytes',
    'What append_queue_bytes may come to; beyond it: pushback.',
    () => status().queueBytesMax,
  )
  gauge(
    'append_queue_age_seconds',
    'How long the oldest request has waited for its commit; 0 where none does.',
    () => status().queueAgeMs / 1_000,
  )
  gauge('index_tail_entries', 'Entries that are not indexed yet.', () =>
    Math.max(0, status().indexTailEntries),
  )
  gauge(
    'index_tail_limit_entries',
    'What index_tail_entries may come to; beyond it appends wait.',
    () => limits.indexTailEntriesMax,
  )
  gauge(
    'index_lag_seconds',
    'How long the oldest entry that is not indexed has waited; 0 where all are.',
    () => status().indexLagMs / 1_000,
  )
  counter(
    'checkpoints_signed_total',
    'Checkpoints this service signed and kept.',
    () => status().signedCheckpoints,
  )
  gauge(
    'signing_refused_logs',
    'Logs that get no checkpoint until a person decides.',
    () => status().signingRefusals.length,
  )
  gauge('ledger_stopped', '1 when nothing more is appended until a restart.', () =>
    Number(status().stopped !== undefined),
  )
}
