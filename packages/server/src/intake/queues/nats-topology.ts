import { limits } from '@indelible/protocol'
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream'
import { QueueMismatch } from './source.ts'

export interface NatsNames {
  readonly stream: string
  readonly subject: string
}

/** The durable consumer that every node of one Indelible shares. */
export const durableName = 'indelible'
/** A message that nobody says is being worked on comes again after this. */
export const ackWaitMs = 10_000

export const deadStreamOf = ({ stream, subject }: NatsNames): NatsNames => ({
  stream: `${stream}_DEAD`,
  subject: `${subject}.dead`,
})

/**
 * Makes what is missing of stream, dead-letter stream and consumer.
 * @returns the stream, whose time of creation makes its sequence numbers unique
 * @throws QueueMismatch where they are there and would lose messages, or are not ours
 */
export async function ensureTopology(
  manager: JetStreamManager,
  names: NatsNames,
): Promise<StreamInfo> {
  const stream = await ensureStream(manager, names, RetentionPolicy.Workqueue)
  await ensureStream(manager, deadStreamOf(names), RetentionPolicy.Limits)
  await ensureConsumer(manager, names)
  return stream
}

async function ensureStream(
  manager: JetStreamManager,
  { stream, subject }: NatsNames,
  retention: RetentionPolicy,
): Promise<StreamInfo> {
  const known = await manager.streams.info(stream).catch(() => undefined) // there is none
  if (known === undefined) {
    return manager.streams.add({
      ...{ name: stream, subjects: [subject], retention, storage: StorageType.File },
      // Full, it refuses the publisher, who then knows.
      discard: DiscardPolicy.New,
    })
  }
  const { config } = known
  assertSame(`stream "${stream}"`, [
    ['retention', config.retention, retention],
    ['storage', config.storage, StorageType.File],
    ['subjects', config.subjects?.join(' '), subject],
  ])
  return known
}

async function ensureConsumer(manager: JetStreamManager, { stream }: NatsNames): Promise<void> {
  const known = await manager.consumers.info(stream, durableName).catch(() => undefined) // none yet
  if (known === undefined) {
    await manager.consumers.add(stream, {
      durable_name: durableName,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ackWaitMs * 1e6,
      // When it is enough is ours to say: what the server gives up on is gone.
      max_deliver: -1,
      max_ack_pending: limits.queuePrefetchMax,
    })
    return
  }
  const { config } = known
  assertSame(`consumer "${durableName}" of the stream "${stream}"`, [
    ['ack_policy', config.ack_policy, AckPolicy.Explicit],
    ['max_deliver', config.max_deliver, -1],
    ['deliver_subject', config.deliver_subject, undefined],
    ['filter_subject', config.filter_subject, undefined],
  ])
}

function assertSame(
  what: string,
  members: readonly (readonly [name: string, is: unknown, must: unknown])[],
): void {
  const others = members.filter(([, is, must]) => is !== must)
  if (others.length === 0) return
  const list = others.map(([name, is, must]) => `${name} is ${is ?? 'not set'}, not ${must}`)
  throw new QueueMismatch(
    `The ${what} exists and is not what it must be: ${list.join('; ')}. Delete it, change it, or ` +
      'name another with INDELIBLE_NATS_STREAM and INDELIBLE_NATS_SUBJECT.',
  )
}
