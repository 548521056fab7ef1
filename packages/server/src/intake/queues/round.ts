import { limits } from '@indelible/protocol'
import type { AppendMessage } from './read-message.ts'
import { type SettleOptions, settle } from './settle.ts'
import type { QueueMessage, QueueSession, QueueSource } from './source.ts'

/** Asking for the depth is a call to the broker; a graph needs no more. */
const depthIntervalMs = 5_000
/** Harmless messages in a row after which messages are taken together again. */
const calmMessages = 100

/** Why a round of consuming ended. */
export type RoundEnd =
  | { readonly why: 'stopped' }
  | { readonly why: 'lost'; readonly error: Error }
  /** A message was handed over so often that it is to be looked at alone. */
  | { readonly why: 'suspect' }
  | { readonly why: 'calm' }
  /** The ledger takes nothing for so long that the messages are better with the broker. */
  | { readonly why: 'stuck'; readonly append: AppendMessage }

export interface RoundOptions extends SettleOptions {
  readonly source: QueueSource
  readonly prefetch: number
  /**
   * One message at a time: whatever else is in hand when a message kills the service has one more
   * delivery counted against it, and would be taken for the culprit with it.
   */
  readonly isCareful: boolean
  readonly stop: AbortSignal
  readonly onOpen: () => void
}

/**
 * Consumes over one connection until it breaks or there is a reason to leave it. Messages are
 * settled side by side: what waits together in the ledger's queue is committed together.
 *
 * @returns after the appends under way were answered and acknowledged, as far as the broker hears
 * @throws what `source.open` throws
 */
export async function runRound(options: RoundOptions): Promise<RoundEnd> {
  const { source, isCareful, stop, tally } = options
  const { promise: over, resolve } = Promise.withResolvers<RoundEnd>()
  const leaving = new AbortController()
  const tasks = new Set<Promise<void>>()
  let isOver = false
  let harmless = 0
  const end = (reason: RoundEnd): void => {
    isOver = true
    resolve(reason)
  }
  const round = {
    signal: leaving.signal,
    onStuck: (append: AppendMessage) => end({ why: 'stuck', append }),
  }
  const onMessage = (message: QueueMessage): void => {
    // What is not taken up comes again.
    if (isOver) return
    const isSuspect = message.deliveriesBefore >= limits.queueDeliveriesSuspect
    if (isSuspect && !isCareful) end({ why: 'suspect' })
    harmless = isSuspect ? 0 : harmless + 1
    if (isCareful && harmless > calmMessages) end({ why: 'calm' })
    if (isOver) return
    const task = settle(message, options, round)
      .catch((error: Error) => end({ why: 'lost', error }))
      .finally(() => tasks.delete(task))
    tasks.add(task)
  }
  const onStop = () => end({ why: 'stopped' })
  if (stop.aborted) onStop()
  stop.addEventListener('abort', onStop, { once: true })
  let session: QueueSession | undefined
  try {
    session = await source.open({
      prefetch: isCareful ? 1 : options.prefetch,
      onMessage,
      onLost: (error) => end({ why: 'lost', error }),
    })
    options.onOpen()
    using _depth = watchDepth(session, options)
    return await over
  } finally {
    tally.setConnected(false)
    stop.removeEventListener('abort', onStop)
    isOver = true
    await session?.pause()
    leaving.abort()
    await Promise.all(tasks)
    await session?.close()
  }
}

/** Asks now and again how many messages wait; where it fails, the session ends for it. */
function watchDepth(session: QueueSession, { tally }: RoundOptions): Disposable {
  const ask = (): void => {
    session.countReady().then(
      (ready) => tally.setReady(ready),
      () => undefined,
    )
  }
  ask()
  const timer = setInterval(ask, depthIntervalMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
