import { type Backlog, createMemoryBacklog } from './backlog.ts'
import { createDelivery } from './delivery.ts'
import { ClientError } from './error.ts'
import type { AuditEvent } from './event.ts'
import { createHooks } from './hooks.ts'
import type { Http } from './http.ts'
import { createIntake } from './intake.ts'
import * as limits from './limits.ts'
import type { ClientOptions, ClientStats, Closed } from './options.ts'
import { createBackoff, holdProcess, pause } from './retry.ts'
import { createRejectedFile } from './spool/rejected.ts'
import { openSpool } from './spool/spool.ts'

/** The half that works in the background: from `record` to the service. */
export interface Recorder {
  /** @param json the event, completed. @returns a promise only where it waits for room */
  record(event: AuditEvent, json: string): Promise<void> | undefined
  /** Keeps aside what can't be delivered. */
  reject(json: string, error: ClientError): void
  flush(): Promise<void>
  /** Delivers what there is without delay; nobody waits for it. */
  hurry(): void
  close(): Promise<Closed>
  stats(): Omit<ClientStats, 'appended'>
}

export interface RecorderOptions extends ClientOptions {
  readonly http: Http
  readonly clock: () => number
  readonly random: () => number
}

// Of a line that was written from an event; a damaged one is shown as it is.
function parseEvent(json: string): AuditEvent | string {
  try {
    return JSON.parse(json) as AuditEvent
  } catch {
    return json
  }
}

/** @throws ClientError `spool-in-use`, `spool-failed`, `settings-invalid` */
export function createRecorder(options: RecorderOptions): Recorder {
  const { http, random, spool, onFull = 'throw' } = options
  const hooks = createHooks(options)
  const counts = { delivered: 0, rejected: 0, refused: 0, dropped: 0, retries: 0 }
  const rejectedFile =
    spool === undefined
      ? undefined
      : createRejectedFile({
          path: `${spool}.rejected`,
          clock: options.clock,
          isSynced: options.fsync !== 'never',
        })

  const reject = (json: string, error: ClientError): void => {
    if (rejectedFile?.keep(json, error) === false) hooks.onError(rejectedFull(spool))
    counts.rejected += 1
    hooks.onRejected({ event: parseEvent(json), error })
  }
  const backlog = openBacklog(options, hooks.onError, reject)
  const delivery = createDelivery({
    backlog,
    http,
    backoff: createBackoff({ random }),
    clock: options.clock,
    random,
    // What is in a spool doesn't keep a process from ending; what is only in memory does.
    isHeld: spool === undefined,
    lingerMs: options.lingerMs ?? limits.lingerMs,
    batchEventsMax: options.batchEventsMax ?? limits.batchEventsMax,
    onDelivered: (events) => {
      counts.delivered += events
      hooks.onDelivered()
    },
    onRejected: reject,
    onRetry: (error, retryInMs) => {
      counts.retries += 1
      hooks.onRetry(error, retryInMs)
    },
    onSettled: () => intake.admitWaiting(),
  })
  const intake = createIntake({
    backlog,
    isBlocking: onFull === 'block',
    waitingMax: options.queueEventsMax ?? limits.queueEventsMax,
    onTaken: () => delivery.wake(),
  })
  if (backlog.events > 0) delivery.wake()

  const record = (event: AuditEvent, json: string): Promise<void> | undefined => {
    try {
      const waiting = intake.take(json)
      return waiting === undefined ? undefined : holdProcess(waiting)
    } catch (thrown) {
      counts.refused += 1
      const error = thrown as ClientError // an intake throws nothing else
      if (typeof onFull !== 'function') throw error
      onFull(event, error)
      return undefined
    }
  }
  const flush = (): Promise<void> => {
    delivery.hurry()
    return holdProcess(delivery.whenSettled(intake.waiting))
  }
  const close = async (): Promise<Closed> => {
    const ending = new AbortController()
    const timeoutMs = options.closeTimeoutMs ?? limits.closeTimeoutMs
    await Promise.race([flush(), pause(timeoutMs, ending.signal)])
    ending.abort()
    await delivery.stop()
    const why = `It could not be delivered within ${timeoutMs} ms of closing.`
    const error = new ClientError('client-closed', why)
    intake.refuseWaiting(error)
    const undelivered = backlog.events
    if (undelivered > 0 && spool === undefined) {
      counts.dropped += undelivered
      const left = backlog.peek(undelivered, Number.POSITIVE_INFINITY)
      hooks.onDropped({ events: left.map(({ json }) => JSON.parse(json)), error })
    }
    backlog.close()
    return undelivered > 0 && spool !== undefined ? { undelivered, spool } : { undelivered }
  }
  return {
    record,
    reject,
    flush,
    hurry: delivery.hurry,
    close,
    stats: () => ({
      ...counts,
      recorded: intake.taken,
      pending: backlog.events + intake.waiting,
      pendingBytes: backlog.bytes,
    }),
  }
}

const rejectedFull = (spool: string | undefined): ClientError =>
  new ClientError('spool-failed', `${spool}.rejected has its full size: no more is kept there.`)

function openBacklog(
  options: RecorderOptions,
  onError: (error: ClientError) => void,
  reject: (line: string, error: ClientError) => void,
): Backlog {
  const { spool } = options
  if (spool === undefined) {
    return createMemoryBacklog({
      eventsMax: options.queueEventsMax ?? limits.queueEventsMax,
      bytesMax: options.queueBytesMax ?? limits.queueBytesMax,
    })
  }
  const damaged = new ClientError('spool-damaged', `${spool} had a line that was not written so.`)
  return openSpool({
    path: spool,
    bytesMax: options.spoolBytesMax ?? limits.spoolBytesMax,
    fsync: options.fsync ?? 'second',
    clock: options.clock,
    onDamaged: (line) => reject(line, damaged),
    onError,
  })
}
