import { toClientError } from '../error.ts'
import type { AuditEvent } from '../event.ts'
import { guard } from '../hooks.ts'
import * as limits from '../limits.ts'
import type { Rejected } from '../options.ts'
import { createBackoff, holdProcess, pause } from '../retry.ts'
import { deliverRows } from './deliver-rows.ts'
import type { OutboxTable, RowCounts } from './outbox-table.ts'

/** Brings committed rows of an outbox to the service, until it is closed. */
export interface Relay extends AsyncDisposable {
  /** Resolves when all that was committed before is in the log, or set aside as refused. */
  flush(): Promise<void>
  stats(): Promise<RelayStats>
  /** Stops; what is not relayed stays in its table, for the next relay. */
  close(): Promise<void>
}

export interface RelayStats extends RowCounts {
  /** Events that this relay brought to the log. */
  readonly relayed: number
}

export interface RelayOptions {
  /** Between looks at the table, at most. Default: 1 s; less soon after a `record` in this process. */
  readonly pollMs?: number
  /** Events of one request. Default: 500. */
  readonly batchEventsMax?: number
  /** Refused for good, and set aside in the table. Default: a line on stderr. */
  readonly onRejected?: (rejected: Rejected) => void
  /** The database or the service failed; there will be another try. Default: a line on stderr. */
  readonly onError?: (error: Error, facts: { readonly retryInMs: number }) => void
  /** Injected by tests. */
  readonly random?: () => number
}

/** What a relay needs of its outbox. */
export interface RelaySource {
  appendAll(events: readonly AuditEvent[], signal: AbortSignal): Promise<unknown>
  /** Calls it when something was recorded. @returns what ends that */
  onRecorded(wake: () => void): () => void
}

/** A commit follows its `record` after about so long. */
const commitMs = 50

export function createRelay(source: RelaySource, table: OutboxTable, options: RelayOptions): Relay {
  const { random = Math.random, pollMs = 1_000, batchEventsMax = limits.batchEventsMax } = options
  const onRejected = guard(options.onRejected ?? sayRejected)
  const onError = guard(options.onError ?? sayError)
  const backoff = createBackoff({ random })
  const ending = new AbortController()
  let waking = new AbortController()
  let waiters: { readonly pass: number; readonly resolve: () => void }[] = []
  let passes = 0
  let relayed = 0

  const way = {
    table,
    append: (events: readonly AuditEvent[]) => source.appendAll(events, ending.signal),
    onRelayed(count: number) {
      relayed += count
    },
    onRejected,
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      passes += 1
      const present = passes
      try {
        const { rows, isAll } = await table.read(batchEventsMax, limits.batchBytesMax)
        if (ending.signal.aborted) return
        await deliverRows(rows, way)
        backoff.reset()
        if (isAll) settle(present)
        // Nothing, though there is something: it is another's turn.
        if (isAll || rows.length === 0) await rest()
      } catch (thrown) {
        if (!ending.signal.aborted) await retryAfter(thrown)
      }
    }
  }

  /** Until the next look at the table, or until something was recorded, or somebody waits. */
  async function rest(): Promise<void> {
    await pause(pollMs * (0.5 + random() / 2), waking.signal, false)
    if (waking.signal.aborted && waiters.length === 0) await pause(commitMs, ending.signal, false)
    waking = new AbortController()
  }

  async function retryAfter(thrown: unknown): Promise<void> {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const retryInMs = backoff.after(toClientError(error))
    onError(error, { retryInMs })
    await pause(retryInMs, ending.signal, false)
  }

  /** Those who asked before this pass began know now that it found all that there was. */
  function settle(pass: number): void {
    for (const { resolve } of waiters.filter((waiter) => waiter.pass < pass)) resolve()
    waiters = waiters.filter((waiter) => waiter.pass >= pass)
  }

  const unlisten = source.onRecorded(() => waking.abort())
  const running = run()
  const close = async (): Promise<void> => {
    unlisten()
    ending.abort()
    waking.abort()
    await running
    // It would end by itself, too.
    await table.leave().catch(() => undefined)
    settle(Number.POSITIVE_INFINITY)
  }
  const flush = (): Promise<void> => {
    if (ending.signal.aborted) return Promise.resolve()
    const settled = new Promise<void>((resolve) => waiters.push({ pass: passes, resolve }))
    waking.abort()
    return holdProcess(settled)
  }
  return {
    flush,
    stats: async () => ({ ...(await table.count()), relayed }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function sayRejected({ event, error }: Rejected): void {
  const id = typeof event === 'string' ? 'that is no JSON' : event.id
  console.error(`indelible: event ${id} of the outbox was refused for good: ${error.message}`)
}

function sayError({ message }: Error, { retryInMs }: { readonly retryInMs: number }): void {
  console.error(`indelible: the outbox waits for ${Math.round(retryInMs)} ms: ${message}`)
}
