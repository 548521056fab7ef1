import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { createAcknowledgements } from './acknowledgements.ts'
import { type AmqpAddress, closeAmqp, connectAmqp } from './amqp-connection.ts'
import { createAmqpLetters } from './amqp-letters.ts'
import { type QueueMessage, QueueMismatch, type QueueSession, type QueueSource } from './source.ts'

export interface AmqpOptions extends AmqpAddress {
  readonly queue: string
}

/** Quorum: replicated and on disk before it is confirmed, and it counts deliveries. */
const queueArguments = { 'x-queue-type': 'quorum' }
const preconditionFailed = 406

/**
 * RabbitMQ 3.10 or later, AMQP 0-9-1. The queue and `<queue>.dead` are declared where they are
 * missing, with no more arguments than needed: a publisher may declare the same.
 */
export function createAmqpSource(options: AmqpOptions): QueueSource {
  const { queue } = options
  const deadQueue = `${queue}.dead`
  return {
    broker: 'amqp',
    queue,
    async open({ prefetch, onMessage, onLost }) {
      const connection = await connectAmqp(options, `consumer of ${queue}`)
      try {
        const channel = await connection.createChannel()
        let failure: Error | undefined
        connection.on('error', (error) => {
          failure = error
        })
        channel.on('error', (error) => {
          failure = error
        })
        for (const emitter of [connection, channel]) {
          emitter.on('close', () => onLost(failure ?? new Error('The broker closed.')))
        }
        for (const name of [queue, deadQueue]) await declare(channel, name)
        await channel.prefetch(prefetch)
        const letters = createAmqpLetters({ address: options, queue, deadQueue, declare })
        const acknowledgements = createAcknowledgements({
          acknowledge: (tag, isMultiple) => acknowledge(channel, tag, isMultiple),
        })
        const { consumerTag } = await channel.consume(queue, (delivered) => {
          if (delivered === null) return onLost(new Error(`The queue "${queue}" was deleted.`))
          acknowledgements.deliver(delivered.fields.deliveryTag)
          onMessage(createMessage(delivered, { acknowledgements, letters }))
        })
        return createSession({
          ...{ connection, channel, queue, consumerTag },
          ...{ acknowledgements, letters },
        })
      } catch (error) {
        await closeAmqp(connection)
        throw error
      }
    },
  }
}

async function declare(channel: Channel, name: string): Promise<void> {
  try {
    await channel.assertQueue(name, { durable: true, arguments: queueArguments })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error.code !== preconditionFailed) {
      throw error
    }
    throw new QueueMismatch(
      `The queue "${name}" exists and is not what it must be: durable, of type quorum, without ` +
        `further arguments (${error.message}). Delete it, declare it so, or name another with ` +
        'INDELIBLE_AMQP_QUEUE; limits belong in a policy.',
    )
  }
}

interface SessionParts {
  readonly acknowledgements: ReturnType<typeof createAcknowledgements>
  readonly letters: ReturnType<typeof createAmqpLetters>
}

function createSession(
  parts: SessionParts & {
    readonly connection: ChannelModel
    readonly channel: Channel
    readonly queue: string
    readonly consumerTag: string
  },
): QueueSession {
  const { connection, channel, queue, consumerTag, acknowledgements, letters } = parts
  return {
    countReady: async () => (await channel.checkQueue(queue)).messageCount,
    async pause() {
      try {
        // A broker that is gone is noticed by its heartbeat, which ends this wait too.
        await channel.cancel(consumerTag)
      } catch {
        // The channel closed: it sends no more.
      }
    },
    async close() {
      acknowledgements.flush()
      await letters.close()
      await closeAmqp(connection)
    },
  }
}

function acknowledge(channel: Channel, tag: number, isMultiple: boolean): void {
  try {
    // Of the message the library only reads the tag.
    channel.ack({ fields: { deliveryTag: tag } } as ConsumeMessage, isMultiple)
  } catch {
    // The channel closed meanwhile: the message comes again and is found to be a repeat.
  }
}

function createMessage(delivered: ConsumeMessage, parts: SessionParts): QueueMessage {
  const { fields, properties, content } = delivered
  const { headers = {}, timestamp } = properties
  // On a first delivery the header is what the publisher wrote there.
  const counted = fields.redelivered ? Number(headers['x-delivery-count'] ?? 1) : 0
  return {
    body: content,
    contentType: textOf(properties.contentType),
    contentEncoding: textOf(properties.contentEncoding),
    messageId: textOf(properties.messageId),
    position: undefined,
    marks: formatMarks(properties),
    publishedMs: typeof timestamp === 'number' ? timestamp * 1000 : undefined,
    deliveriesBefore: fields.redelivered ? Math.max(counted, 1) : 0,
    acknowledge: () => parts.acknowledgements.settle(fields.deliveryTag),
    deadLetter: (letter) => parts.letters.send(delivered, letter),
  }
}

const textOf = (value: unknown): string | undefined => {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What the publisher set, without what the broker adds to a redelivery. */
function formatMarks(properties: ConsumeMessage['properties']): string {
  const { headers = {}, type, appId, correlationId, timestamp } = properties
  const { 'x-delivery-count': _, ...own } = headers
  return JSON.stringify([own, type, appId, correlationId, timestamp])
}
