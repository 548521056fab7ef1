import { hasNats, type Nats, startNats, startTestServer, type TestServer } from '@indelible/testkit'
import { StorageType } from '@nats-io/jetstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectNats } from '../prove/queues/nats-client.ts'

const event = { action: 'order.paid', actor: { id: 'u_1' } }
const subject = 'indelible.events'

const serve = (nats: Nats): Promise<TestServer> => {
  const broker = { nats: { urls: [nats.url], tls: {}, stream: 'INDELIBLE', subject } }
  return startTestServer({ config: { queues: [{ broker, prefetch: 50, tenants: ['default'] }] } })
}

const readQueue = async ({ ask }: TestServer) => (await ask('/readyz')).json.queues[0]
const readEvents = async ({ ask }: TestServer) => {
  const { json } = await ask('/v1/events?order=asc&limit=1000')
  return json.entries.map((entry: { event: object }) => entry.event)
}
const settled = (server: TestServer, messages: number) =>
  expect
    .poll(async () => {
      const { consumed, deadLettered, held } = await readQueue(server)
      return { settled: consumed + deadLettered, held }
    })
    .toEqual({ settled: messages, held: 0 })

describe.skipIf(!hasNats())('a NATS stream', () => {
  let nats: Nats
  beforeEach(async () => {
    nats = await startNats()
  })
  afterEach(() => nats[Symbol.asyncDispose]())

  test('is taken from as a queue is: once by id, by message id, or by its place in the stream', async () => {
    await using server = await serve(nats)
    await using client = await connectNats(nats)
    for (let n = 0; n < 2; n++) {
      await client.publish({ ...event, id: 'own' })
      await client.publish([event, event], { 'Nats-Msg-Id': 'named' })
      await client.publish(event)
    }
    // The server itself drops the repeat of a message id.
    await settled(server, 5)
    const ids = (await readEvents(server)).map(({ id }: { id: string }) => id)
    expect(ids.filter((id: string) => /^(own|named:[01])$/.test(id)).sort()).toEqual([
      ...['named:0', 'named:1', 'own'],
    ])
    expect(ids).toHaveLength(5)
    // They are acknowledged on another connection.
    await expect
      .poll(async () => (await client.manager.streams.info('INDELIBLE')).state.messages)
      .toBe(0)
  })

  test('gives what is refused to its dead-letter stream, with the problem', async () => {
    await using server = await serve(nats)
    await using client = await connectNats(nats)
    await client.publish({ action: 7 })
    await client.publish(
      { ...event, tenant: '_system' },
      { mine: 'yes', 'Nats-Msg-Id': 'm-1', 'Nats-Expected-Stream': 'INDELIBLE' },
    )
    await settled(server, 2)
    const letters = await Promise.all(
      [1, 2].map((seq) => client.manager.streams.getMessage('INDELIBLE_DEAD', { seq })),
    )
    expect(letters.map((letter) => letter?.header.get('x-indelible-code'))).toEqual([
      ...['event-invalid', 'scope-insufficient'],
    ])
    expect(letters[0]?.json()).toEqual({ action: 7 })
    expect(letters[1]?.header.get('mine')).toBe('yes')
    expect(letters[1]?.header.get('x-indelible-message-id')).toBe('m-1')
  })

  test('a dead-letter stream that was deleted is made again, and nothing waits for a restart', async () => {
    await using server = await serve(nats)
    await using client = await connectNats(nats)
    await client.manager.streams.delete('INDELIBLE_DEAD')
    await client.publish({ action: 8 })
    await settled(server, 1)
    const letter = await client.manager.streams.getMessage('INDELIBLE_DEAD', { seq: 1 })
    expect(letter?.json()).toEqual({ action: 8 })
  })

  test('a service does not start on a stream that would lose messages, and says why', async () => {
    await using client = await connectNats(nats)
    await client.manager.streams.add({
      ...{ name: 'INDELIBLE', subjects: [subject], storage: StorageType.Memory },
    })
    await expect(serve(nats)).rejects.toThrow(/storage is memory, not file/)
  })
})
