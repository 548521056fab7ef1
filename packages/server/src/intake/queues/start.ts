import type { Head, Problem } from '@indelible/protocol'
import type { Clock } from '../../base/clock.ts'
import type { Refusal } from '../../base/refusal.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import type { Admission, ResolveTenant } from '../admit.ts'
import type { AmqpOptions } from './amqp.ts'
import { createQueueConsumer, type QueueConsumer } from './consume.ts'
import { createMessageIds } from './message-ids.ts'
import type { NatsOptions } from './nats.ts'
import { createMessageReader } from './read-message.ts'
import type { QueueLogger } from './settle.ts'
import type { QueueSource } from './source.ts'
import { createTally, type QueueFigures } from './tally.ts'

/** One queue to consume, as the settings name it. */
export interface QueueSettings {
  readonly broker: { readonly amqp: AmqpOptions } | { readonly nats: NatsOptions }
  readonly prefetch: number
  /** Tenants whose logs its messages may be appended to; `*` is every one but ours. */
  readonly tenants: readonly string[]
}

export interface QueueIntakeOptions {
  readonly queues: readonly QueueSettings[]
  readonly admission: Admission
  readonly append: (events: readonly AdmittedEvent[]) => Promise<Head[]>
  /** Awaited before a message is admitted. */
  readonly beforeAdmit?: () => Promise<void>
  /** Whose log an event of a queue goes to; refuses what the queue may not write to. */
  readonly resolveTenant: (queue: QueueSettings) => ResolveTenant
  /** Records in `_system` that a queue is a way in, and to which tenants. */
  readonly announce: (figures: QueueFigures, queue: QueueSettings) => Promise<void>
  readonly describe: (refusal: Refusal) => Problem
  /** From the instance's seed: the same on every node. */
  readonly secret: Uint8Array
  readonly createId: (unixMs: number) => string
  readonly clock: Clock
  readonly logger: QueueLogger
}

export interface QueueIntake extends AsyncDisposable {
  /** @throws QueueMismatch with a sentence for the operator */
  start(): Promise<void>
  figures(): QueueFigures[]
}

/** The consumers of every queue in the settings; their client libraries are loaded only then. */
export async function createQueueIntake(options: QueueIntakeOptions): Promise<QueueIntake> {
  const consumers: QueueConsumer[] = []
  for (const queue of options.queues) {
    consumers.push(createConsumer(queue, await createSource(queue), options))
  }
  return {
    async start() {
      await Promise.all(consumers.map((consumer) => consumer.start()))
    },
    figures: () => consumers.map((consumer) => consumer.figures()),
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()))
    },
  }
}

async function createSource({ broker }: QueueSettings): Promise<QueueSource> {
  if ('amqp' in broker) return (await import('./amqp.ts')).createAmqpSource(broker.amqp)
  return (await import('./nats.ts')).createNatsSource(broker.nats)
}

function createConsumer(
  queue: QueueSettings,
  source: QueueSource,
  options: QueueIntakeOptions,
): QueueConsumer {
  const { announce, resolveTenant } = options
  const tally = createTally({ broker: source.broker, queue: source.queue, clock: options.clock })
  const read = createMessageReader({
    ...options,
    resolveTenant: resolveTenant(queue),
    messageIds: createMessageIds({ secret: options.secret, queue: source.queue }),
  })
  return createQueueConsumer({
    ...options,
    ...{ source, tally, read, prefetch: queue.prefetch },
    announce: () => announce(tally.read(), queue),
  })
}
