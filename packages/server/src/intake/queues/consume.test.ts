import { expect, test } from 'vitest'
import { Refusal } from '../../base/refusal.ts'
import { type ConsumerOptions, createQueueConsumer } from './consume.ts'
import type { AppendMessage } from './read-message.ts'
import type { QueueMessage, QueueSource } from './source.ts'
import { createTally } from './tally.ts'
import { createMessage, event, type TestMessage } from './testing/messages.ts'

/** A broker in memory: hands over what is not acknowledged, whenever it is opened. */
function createBroker(messages: readonly TestMessage[]) {
  const opened: number[] = []
  let lose: ((error: Error) => void) | undefined
  const source: QueueSource = {
    ...{ broker: 'test', queue: 'events' },
    async open({ prefetch, onMessage, onLost }) {
      opened.push(prefetch)
      lose = onLost
      const due = messages.filter(({ acknowledged }) => !acknowledged)
      for (const message of due.slice(0, prefetch)) onMessage(message)
      return { countReady: async () => due.length, pause: async () => {}, close: async () => {} }
    },
  }
  return { source, opened, lose: () => lose?.(new Error('cut')) }
}

const quiet = { info() {}, warn() {}, error() {} }
function consume(
  source: QueueSource,
  read: (message: QueueMessage) => Promise<AppendMessage>,
  options: Partial<ConsumerOptions> = {},
) {
  const clock = () => 0
  return createQueueConsumer({
    ...{ source, read, clock, prefetch: 10, logger: quiet },
    announce: async () => {},
    describe: ({ code, message }) => ({
      ...{ type: '', title: '', status: 422, detail: message, code },
    }),
    tally: createTally({ broker: 'test', queue: 'events', clock }),
    ...options,
  })
}

test('a message is acknowledged after its append, and not before', async () => {
  const message = createMessage(event)
  const { promise: committed, resolve: commit } = Promise.withResolvers<void>()
  await using consumer = consume(createBroker([message]).source, async () => () => committed)
  await consumer.start()
  expect(consumer.figures()).toMatchObject({ connected: true, held: 1, consumed: 0 })
  expect(message.acknowledged).toBe(false)
  commit()
  await expect.poll(() => message.acknowledged).toBe(true)
  expect(consumer.figures()).toMatchObject({ held: 0, consumed: 1 })
})

test('a message is acknowledged after its dead letter is kept, and not before', async () => {
  let attempts = 0
  const message = createMessage(event, {
    async deadLetter() {
      attempts += 1
      expect(message.acknowledged).toBe(false)
      if (attempts < 3) throw new Error('the broker is full')
    },
  })
  const refuse = async () => {
    throw new Refusal('event-invalid', { detail: 'no' })
  }
  await using consumer = consume(createBroker([message]).source, refuse)
  await consumer.start()
  await expect.poll(() => message.acknowledged).toBe(true)
  expect(attempts).toBe(3)
  expect(consumer.figures()).toMatchObject({ deadLettered: 1, consumed: 0 })
})

test('a dead letter that the broker never confirms does not keep the service from stopping', async () => {
  const message = createMessage(event, { deadLetter: () => new Promise(() => {}) })
  const refuse = async () => {
    throw new Refusal('event-invalid', { detail: 'no' })
  }
  const consumer = consume(createBroker([message]).source, refuse)
  await consumer.start()
  expect(consumer.figures().held).toBe(1)
  await consumer[Symbol.asyncDispose]()
  expect(consumer.figures().held).toBe(0)
  expect(message.acknowledged).toBe(false)
})

test.each(['store-unavailable', 'ledger-stopped', 'clock-behind', 'pushback'] as const)(
  'what is refused as %s waits, and is appended in the end (F-13)',
  async (code) => {
    const message = createMessage(event)
    let refusals = 2
    const append = async () => {
      if (refusals-- > 0) throw new Refusal(code, { detail: 'not now' })
    }
    await using consumer = consume(createBroker([message]).source, async () => append)
    await consumer.start()
    await expect.poll(() => message.acknowledged).toBe(true)
    expect(message.letters).toEqual([])
  },
)

test('messages held for too long go back to the broker until the ledger takes events', async () => {
  const message = createMessage(event)
  const { source, opened } = createBroker([message])
  let attempts = 0
  const append = async () => {
    attempts += 1
    if (attempts < 4) throw new Refusal('store-unavailable', { detail: 'away' })
  }
  await using consumer = consume(source, async () => append, { holdMsMax: 0 })
  await consumer.start()
  await expect.poll(() => consumer.figures().waitsFor).toMatch(/wait at the broker/)
  expect(consumer.figures().connected).toBe(false)
  expect(opened).toHaveLength(1)
  await expect.poll(() => message.acknowledged).toBe(true)
  expect(opened).toHaveLength(2)
})

test('a suspect is taken alone, and after it others together again (F-13, Q-02)', async () => {
  const suspect = createMessage(event, { deliveriesBefore: 5 })
  const { source, opened } = createBroker([suspect])
  await using consumer = consume(source, async () => async () => {})
  await consumer.start()
  await expect.poll(() => suspect.acknowledged).toBe(true)
  expect(opened).toEqual([10, 1])
})

test('after a loss the connection is made again, and what was not acknowledged comes again', async () => {
  const message = createMessage(event)
  const { source, opened, lose } = createBroker([message])
  let isAway = true
  const append = async () => {
    if (isAway) throw new Refusal('store-unavailable', { detail: 'away' })
  }
  await using consumer = consume(source, async () => append)
  await consumer.start()
  isAway = false
  lose()
  await expect.poll(() => message.acknowledged).toBe(true)
  expect(opened.length).toBeLessThanOrEqual(2)
})

test('stopping waits for the append under way and acknowledges it, and gives back what waits', async () => {
  const [first, second] = [createMessage(event), createMessage(event)]
  const { promise: committed, resolve: commit } = Promise.withResolvers<void>()
  const refuse = async () => {
    throw new Refusal('store-unavailable', { detail: 'away' })
  }
  const consumer = consume(createBroker([first, second]).source, async (message) =>
    message === first ? () => committed : refuse,
  )
  await consumer.start()
  const stopped = consumer[Symbol.asyncDispose]()
  commit()
  await stopped
  expect([first.acknowledged, second.acknowledged]).toEqual([true, false])
  expect(second.letters).toEqual([])
})

test('nothing is consumed before _system has recorded that the queue is a way in', async () => {
  const message = createMessage(event)
  let attempts = 0
  const announce = async () => {
    attempts += 1
    expect(message.acknowledged).toBe(false)
    if (attempts < 3) throw new Refusal('store-unavailable', { detail: 'away' })
  }
  const { source } = createBroker([message])
  await using consumer = consume(source, async () => async () => {}, { announce })
  await consumer.start()
  await expect.poll(() => message.acknowledged).toBe(true)
  expect(attempts).toBe(3)
})
