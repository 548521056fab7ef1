import type { Channel, ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import { type AmqpAddress, closeAmqp, connectAmqp } from './amqp-connection.ts'
import { describeDeadLetter } from './dead-letter.ts'
import type { DeadLetter } from './source.ts'

/** Routed further by the broker, or checked against the sender: nothing that a copy may carry. */
const routingHeaders: ReadonlySet<string> = new Set(['CC', 'BCC'])

/**
 * The dead-letter queue, over a connection of its own, made when it is first needed: a broker that
 * is short of room stops reading from whoever publishes, and acknowledgements must not wait.
 */
export function createAmqpLetters(options: {
  readonly address: AmqpAddress
  readonly queue: string
  readonly deadQueue: string
  /** Makes the dead-letter queue where it is missing: it may have been deleted since the start. */
  readonly declare: (channel: Channel, name: string) => Promise<void>
}) {
  const { address, queue, deadQueue, declare } = options
  let opening: ReturnType<typeof open> | undefined
  /** Letters not confirmed yet: what fails for one of them fails for all. */
  const unconfirmed = new Set<(error: Error) => void>()

  const open = async () => {
    const connection = await connectAmqp(address, `dead letters of ${queue}`)
    const channel = await connection.createConfirmChannel()
    const fail = (error: Error): void => {
      opening = undefined
      for (const reject of unconfirmed) reject(error)
      unconfirmed.clear()
      void closeAmqp(connection)
    }
    channel.on('error', () => undefined) // `close` follows
    channel.on('close', () => fail(new Error('The channel to the dead-letter queue closed.')))
    connection.on('close', () => fail(new Error('The connection to the broker closed.')))
    // It comes before the confirmation, which it therefore makes void.
    channel.on('return', () => fail(new Error(`There is no queue "${deadQueue}".`)))
    await declare(channel, deadQueue)
    return { connection, channel }
  }
  const connected = () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return {
    /** Resolves when the broker has confirmed that the copy is kept. */
    async send(message: ConsumeMessage, letter: DeadLetter): Promise<void> {
      const { channel } = await connected()
      const own = describeDeadLetter(letter, queue)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      unconfirmed.add(reject)
      try {
        publish(channel, deadQueue, message, own, (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        )
        await promise
      } finally {
        unconfirmed.delete(reject)
      }
    },
    async close(): Promise<void> {
      const opened = await opening?.catch(() => undefined) // it never opened
      if (opened !== undefined) await closeAmqp(opened.connection)
    },
  }
}

/**
 * Body, type and names are the message's own. Not its expiry, which would empty the queue; not its
 * user, which the broker compares with ours; not where to reply, which would be a second answer.
 */
function publish(
  channel: ConfirmChannel,
  deadQueue: string,
  { content, properties }: ConsumeMessage,
  own: Record<string, string>,
  onConfirm: (error: Error | null | undefined) => void,
): void {
  const { contentType, contentEncoding, messageId, timestamp, type, appId, correlationId } =
    properties
  const theirs = Object.entries(properties.headers ?? {}).filter(
    ([name]) => !routingHeaders.has(name) && !name.startsWith('x-indelible-'),
  )
  const kept = { contentType, contentEncoding, messageId, timestamp, type, appId, correlationId }
  const send = (headers: Record<string, unknown>): void => {
    const how: Options.Publish = { ...kept, headers, persistent: true, mandatory: true }
    channel.publish('', deadQueue, content, how, onConfirm)
  }
  try {
    send({ ...Object.fromEntries(theirs), ...own })
  } catch {
    // Together they are more than a frame holds, or theirs can't be written again. If it is the
    // channel that closed, this throws too.
    send(own)
  }
}
