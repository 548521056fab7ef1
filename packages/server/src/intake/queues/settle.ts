import { limits, type Problem, type ProblemCode } from '@indelible/protocol'
import { type Clock, formatTime } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import { Refusal } from '../../base/refusal.ts'
import type { AppendMessage, ReadMessage } from './read-message.ts'
import { retry, unlessAborted } from './retry.ts'
import type { QueueMessage } from './source.ts'
import type { Tally } from './tally.ts'

/** What the ledger refuses for a while only. It is waited for, never dead-lettered. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'pushback',
  'store-unavailable',
  'ledger-stopped',
  'clock-behind',
  'rate-exceeded',
])

/** Anything but a refusal is a fault of the world or of ours, not of the message. */
const mayPass = (error: unknown): boolean => !(error instanceof Refusal) || passing.has(error.code)

export interface QueueLogger {
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export interface SettleOptions {
  readonly read: ReadMessage
  /** A refusal as the wire has it, with status and title. */
  readonly describe: (refusal: Refusal) => Problem
  readonly clock: Clock
  readonly logger: QueueLogger
  readonly tally: Tally
  /** Default: `limits.queueHoldMsMax`. */
  readonly holdMsMax?: number
}

/**
 * Takes one message to its end: appended, or on the dead-letter queue, and then acknowledged. A
 * crash anywhere before the acknowledgement brings the message again, and its ids make the second
 * append a repeat; a crash, or a stop, between dead letter and acknowledgement leaves two of them.
 *
 * @param round.signal gives the message back to the broker while it waits for what may pass
 * @param round.onStuck told when it was held for as long as it may be, with what to try meanwhile
 */
export async function settle(
  message: QueueMessage,
  options: SettleOptions,
  round: { readonly signal: AbortSignal; readonly onStuck: (append: AppendMessage) => void },
): Promise<void> {
  const { tally, clock } = options
  const firstSeen = formatTime(clock())
  tally.take(message)
  let end: Parameters<Tally['leave']>[1] = 'given back'
  try {
    const refusal = await findRefusal(message, options, round)
    if (refusal !== undefined) {
      const problem = options.describe(refusal)
      options.logger.warn(
        { queue: tally.read().queue, code: problem.code, messageId: message.messageId },
        'a message was refused; it goes to the dead-letter queue',
      )
      // A broker that is short of room confirms nothing until it has some.
      const send = () => unlessAborted(message.deadLetter({ problem, firstSeen }), round.signal)
      await retry(send, {
        signal: round.signal,
        mayPass: () => true,
        onWait: (error) => tally.waitFor(`dead-letter queue: ${messageOf(error)}`),
      })
    }
    message.acknowledge()
    end = refusal === undefined ? 'consumed' : 'deadLettered'
  } catch (error) {
    if (!round.signal.aborted) throw error
  } finally {
    tally.leave(message, end)
  }
}

/** @returns why the message can never be appended; undefined where it was */
async function findRefusal(
  message: QueueMessage,
  { read, tally, logger, holdMsMax = limits.queueHoldMsMax }: SettleOptions,
  { signal, onStuck }: Parameters<typeof settle>[2],
): Promise<Refusal | undefined> {
  if (message.deliveriesBefore >= limits.queueDeliveriesMax) return describePoison(message)
  let append: AppendMessage
  try {
    append = await read(message)
  } catch (error) {
    if (error instanceof Refusal) return error
    logger.error({ err: error }, 'a message could not be read, by a fault of ours')
    return new Refusal('internal', { detail: 'The message could not be read, by a fault of ours.' })
  }
  try {
    await retry(append, {
      signal,
      mayPass,
      onWait(error, waitedMs) {
        tally.waitFor(messageOf(error))
        if (waitedMs >= holdMsMax) onStuck(append)
      },
    })
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function describePoison({ deliveriesBefore }: QueueMessage): Refusal {
  return new Refusal('internal', {
    detail:
      `Handed over ${deliveriesBefore} times without an end: each time the service or its ` +
      'connection ended before. It was looked at alone at last, so it may be the cause.',
  })
}

/** Tries until the ledger takes events again. @throws AbortError */
export async function retryUntilTaken(append: AppendMessage, signal: AbortSignal): Promise<void> {
  // Refused for good is an answer too: the ledger is there again.
  await retry(append, { signal, mayPass }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
  })
}
