import { startNats, startRabbitmq } from '@indelible/testkit'
import { connectNats } from './nats-client.ts'
import { connectRabbitmq } from './rabbitmq-client.ts'

/** Whoever publishes. */
export interface PublishingClient extends AsyncDisposable {
  /** Resolves when the broker has confirmed: from then on the message may not be lost. */
  publish(body: unknown, messageId?: string): Promise<void>
}

/** A broker under test, by what both have. */
export interface Broker extends AsyncDisposable {
  readonly url: string
  /** Settings of a service that takes from it by an address. */
  environment(url: string): Readonly<Record<string, string>>
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  connect(): Promise<PublishingClient>
  /** Messages that wait for the service, as far as the broker counts them, and dead letters. */
  look(): Promise<{ readonly waiting: number; readonly dead: number }>
}

const rabbitmqQueue = 'indelible.events'

async function startRabbitmqBroker(): Promise<Broker> {
  const rabbitmq = await startRabbitmq()
  return {
    ...rabbitmq,
    environment: (url) => ({ INDELIBLE_AMQP: url, INDELIBLE_AMQP_PREFETCH: '100' }),
    async connect() {
      const client = await connectRabbitmq(rabbitmq.url)
      return {
        publish: (body, messageId) =>
          client.publish(rabbitmqQueue, body, messageId === undefined ? {} : { messageId }),
        [Symbol.asyncDispose]: client[Symbol.asyncDispose],
      }
    },
    async look() {
      await using client = await connectRabbitmq(rabbitmq.url)
      const [waiting, dead] = await Promise.all(
        [rabbitmqQueue, `${rabbitmqQueue}.dead`].map((name) => client.channel.checkQueue(name)),
      )
      return { waiting: waiting?.messageCount ?? 0, dead: dead?.messageCount ?? 0 }
    },
  }
}

async function startNatsBroker(): Promise<Broker> {
  const nats = await startNats()
  return {
    ...nats,
    environment: (url) => ({ INDELIBLE_NATS: url, INDELIBLE_NATS_PREFETCH: '100' }),
    async connect() {
      const client = await connectNats(nats)
      return {
        publish: (body, messageId) =>
          client.publish(body, messageId === undefined ? {} : { 'Nats-Msg-Id': messageId }),
        [Symbol.asyncDispose]: client[Symbol.asyncDispose],
      }
    },
    async look() {
      await using client = await connectNats(nats)
      const consumer = await client.manager.consumers.info('INDELIBLE', 'indelible')
      const dead = await client.manager.streams.info('INDELIBLE_DEAD')
      // Not the stream's own count: killed, NATS 2.9 forgets removals of what was acknowledged.
      const waiting = consumer.num_pending + consumer.num_ack_pending
      return { waiting, dead: dead.state.messages }
    },
  }
}

export const startBroker = { rabbitmq: startRabbitmqBroker, nats: startNatsBroker } as const
export type BrokerName = keyof typeof startBroker
