import { setTimeout } from 'node:timers/promises'
import type { Random } from '@indelible/testkit'
import type { Broker, PublishingClient } from './brokers.ts'

const batchEvents = 10

/** What a message is for the publisher: its events by their `data.n`, which none other has. */
interface Publication {
  readonly body: unknown
  readonly messageId: string | undefined
  readonly numbers: readonly number[]
}

/**
 * Publishes what it is allowed to, and again what was not confirmed: as one event or a batch, with an
 * id in the event, in the message, or (then not again, for it would be another message) in neither.
 */
export function createPublisher(options: {
  readonly broker: Pick<Broker, 'connect'>
  readonly random: Random
  /** Between one handful of messages and the next. */
  readonly pauseMs: number
}) {
  const { broker, random, pauseMs } = options
  const confirmed = new Set<number>()
  const unsure = new Set<number>()
  let made = 0
  let allowed = 0
  let isStopped = false
  const waiting: Publication[] = []

  const create = (): Publication => {
    const kind = random.whole(3)
    const isBatch = random() < 0.3
    const numbers = Array.from({ length: isBatch ? batchEvents : 1 }, () => made++)
    const events = numbers.map((n) => ({
      ...{ action: 'order.paid', actor: { id: `u_${n % 97}` }, data: { n } },
      ...(kind === 0 ? { id: `e${n}` } : {}),
    }))
    const body = isBatch ? events : events[0]
    return { body, numbers, messageId: kind === 1 ? `m${numbers[0]}` : undefined }
  }
  const hasIdentity = ({ body, messageId }: Publication): boolean =>
    messageId !== undefined || JSON.stringify(body).includes('"id":"e')
  const send = async (client: PublishingClient, publication: Publication): Promise<void> => {
    const { body, messageId, numbers } = publication
    try {
      await client.publish(body, messageId)
      for (const n of numbers) confirmed.add(n)
    } catch (error) {
      if (hasIdentity(publication)) waiting.push(publication)
      else for (const n of numbers) unsure.add(n)
      throw error
    }
  }
  const run = async (): Promise<void> => {
    // What was published and not confirmed is published until it is: the log may have it.
    while (!isStopped || waiting.length > 0) {
      try {
        await using client = await broker.connect()
        while (!isStopped) {
          if (made >= allowed && waiting.length === 0) {
            await setTimeout(pauseMs)
            continue
          }
          const next = Array.from({ length: 20 }, () => waiting.shift() ?? create())
          const sent = await Promise.allSettled(next.map((one) => send(client, one)))
          if (sent.some(({ status }) => status === 'rejected')) break
          await setTimeout(pauseMs)
        }
        while (waiting.length > 0) {
          const one = waiting.shift()
          if (one !== undefined) await send(client, one)
        }
      } catch {
        await setTimeout(50) // the broker is away
      }
    }
  }
  const running = run()
  return {
    confirmed,
    unsure,
    /** So many more events, about: a queue of a few thousand shows as much as one of a million. */
    allow(events: number): void {
      allowed = made + events
    },
    async stop(): Promise<void> {
      isStopped = true
      await running
    },
  }
}
