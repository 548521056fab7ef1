import { messageOf } from '../../base/message-of.ts'
import { createBackoff } from './retry.ts'
import { type RoundEnd, type RoundOptions, runRound } from './round.ts'
import { retryUntilTaken } from './settle.ts'
import { QueueMismatch } from './source.ts'
import type { QueueFigures } from './tally.ts'

/** Consumes one queue until it is stopped, over as many connections as it takes. */
export interface QueueConsumer extends AsyncDisposable {
  /**
   * Resolves when it consumes, or when the broker was out of reach once: it is then tried again
   * for ever.
   * @throws QueueMismatch where the queue is there and other than it must be
   */
  start(): Promise<void>
  figures(): QueueFigures
}

export type ConsumerOptions = Omit<RoundOptions, 'isCareful' | 'stop' | 'onOpen'> & {
  /** Records that the queue is a way in, before anything is taken from it. */
  readonly announce: () => Promise<void>
}

/** Stopping ends consuming first, then what is under way; the rest goes back to the broker. */
export function createQueueConsumer(options: ConsumerOptions): QueueConsumer {
  const { source, tally, logger, announce } = options
  const { broker, queue } = source
  const stopping = new AbortController()
  const stop = stopping.signal
  const started = Promise.withResolvers<void>()
  const backoff = createBackoff()
  let isAnnounced = false
  let isCareful = false
  let running: Promise<void> | undefined

  const onOpen = (): void => {
    tally.setConnected(true)
    started.resolve()
    logger.info({ broker, queue, isCareful }, 'consuming')
  }
  const step = async (): Promise<void> => {
    if (!isAnnounced) await announce()
    isAnnounced = true
    const { consumed } = tally.read()
    const end = await runRound({ ...options, isCareful, stop, onOpen })
    // A connection that opens and breaks before anything is done is no reason for haste.
    if (tally.read().consumed > consumed) backoff.reset()
    if (end.why === 'lost') throw end.error
    if (end.why === 'suspect' || end.why === 'calm') isCareful = end.why === 'suspect'
    if (end.why === 'stuck') await waitOutside(end)
  }
  /** Off the broker meanwhile: each return of a message counts against it. */
  const waitOutside = async ({ append }: Extract<RoundEnd, { why: 'stuck' }>): Promise<void> => {
    logger.warn({ broker, queue }, 'not consuming until the ledger takes events again')
    tally.waitFor('The ledger takes no events; the messages wait at the broker.')
    await retryUntilTaken(append, stop)
  }
  const fail = async (error: unknown): Promise<void> => {
    if (stop.aborted) return
    const reason = messageOf(error)
    tally.waitFor(reason)
    if (error instanceof QueueMismatch) started.reject(error)
    started.resolve()
    logger.warn({ broker, queue, reason }, 'not consuming; trying again')
    await backoff.wait(stop).catch(() => undefined) // stopped while it waited
  }
  const run = async (): Promise<void> => {
    while (!stop.aborted) await step().catch(fail)
    started.resolve()
  }

  return {
    start() {
      running ??= run()
      return started.promise
    },
    figures: () => tally.read(),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
