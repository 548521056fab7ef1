import { gzipSync } from 'node:zlib'
import {
  hasRabbitmq,
  type Rabbitmq,
  startRabbitmq,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  connectRabbitmq,
  declareQueue,
  type RabbitmqClient,
} from '../prove/queues/rabbitmq-client.ts'

const event = { action: 'order.paid', actor: { id: 'u_1' } }
let queues = 0
/** Each test has a queue of its own. */
const nameQueue = () => `events-${++queues}`

/** The service, consuming one queue. */
const serve = (
  rabbitmq: Rabbitmq,
  queue: string,
  options: { readonly tenants?: string[]; readonly folder?: string } = {},
): Promise<TestServer> => {
  const { tenants = ['*'], folder } = options
  const broker = { amqp: { urls: [rabbitmq.url], tls: {}, queue } }
  return startTestServer({
    config: { queues: [{ broker, prefetch: 50, tenants }] },
    ...(folder === undefined ? {} : { folder }),
  })
}

const readQueue = async ({ ask }: TestServer) => (await ask('/readyz')).json.queues[0]
const readSize = async ({ ask }: TestServer, tenant = 'default'): Promise<number> =>
  (await ask(`/v1/logs/${tenant}`)).json.size ?? 0
const readEntries = async ({ ask }: TestServer) =>
  (await ask('/v1/events?order=asc&limit=1000')).json.entries

/** Everything that was published is settled. */
async function drained(server: TestServer, settled: number): Promise<void> {
  await expect
    .poll(async () => {
      const { consumed, deadLettered, held } = await readQueue(server)
      return { settled: consumed + deadLettered, held }
    })
    .toEqual({ settled, held: 0 })
}

describe.skipIf(!hasRabbitmq())('a RabbitMQ queue', () => {
  let rabbitmq: Rabbitmq
  let client: RabbitmqClient
  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
  })
  beforeEach(async () => {
    client = await connectRabbitmq(rabbitmq.url)
  })
  afterEach(() => client[Symbol.asyncDispose]())
  afterAll(() => rabbitmq?.[Symbol.asyncDispose]())

  test('takes an event, an array, NDJSON and gzip, and a message of no type as JSON', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    const ndjson = `${JSON.stringify({ ...event, id: 'c' })}\n${JSON.stringify({ ...event, id: 'd' })}`
    const zipped = gzipSync(JSON.stringify([{ ...event, id: 'e' }]))
    const json = { contentType: 'application/json' }
    await client.publish(queue, { ...event, id: 'a' }, json)
    await client.publish(queue, [{ ...event, id: 'b' }], json)
    await client.publish(queue, Buffer.from(ndjson), { contentType: 'application/x-ndjson' })
    await client.publish(queue, zipped, { ...json, contentEncoding: 'gzip' })
    await client.publish(queue, { ...event, id: 'f' })
    await drained(server, 5)
    const ids = (await readEntries(server)).map(
      (entry: { event: { id: string } }) => entry.event.id,
    )
    expect(ids.sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('dead-letters what is refused: its body and headers as they were, with the problem (Q-01)', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue, { tenants: ['acme'] })
    expect((await readQueue(server)).connected).toBe(true)
    const body = Buffer.from('{ "action" : 7, "actor": {"id":"é"}, "typo": 1 }')
    const headers = { mine: 'yes', CC: [queue], 'x-indelible-code': 'forged' }
    await client.publish(queue, body, {
      ...{ headers, messageId: 'm-1', appId: 'shop', userId: 'guest', expiration: 600_000 },
    })
    const { content, properties } = await client.take(`${queue}.dead`)
    expect(content).toEqual(body)
    expect(properties).toMatchObject({ messageId: 'm-1', appId: 'shop', deliveryMode: 2 })
    expect([properties.userId, properties.expiration]).toEqual([undefined, undefined])
    expect(properties.headers).toMatchObject({
      ...{ mine: 'yes', 'x-indelible-code': 'event-invalid', 'x-indelible-status': '422' },
      'x-indelible-queue': queue,
    })
    expect(properties.headers).not.toHaveProperty('CC')
    const { errors, seen } = {
      errors: JSON.parse(properties.headers?.['x-indelible-errors']),
      seen: properties.headers?.['x-indelible-first-seen'],
    }
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/action',
      '/typo',
    ])
    expect(Math.abs(Date.parse(seen) - Date.now())).toBeLessThan(60_000)
  })

  test.each([
    ['json-malformed', '{"action":', {}],
    ['media-type-unsupported', 'action=x', { contentType: 'text/plain' }],
    ['event-invalid', JSON.stringify([{ ...event, id: 'ok' }, { action: 'x' }]), {}],
    ['idempotency-conflict', JSON.stringify({ ...event, id: 'taken', data: { other: 1 } }), {}],
    ['scope-insufficient', JSON.stringify({ ...event, tenant: '_system' }), {}],
    ['scope-insufficient', JSON.stringify({ ...event, tenant: 'globex' }), {}],
    ['body-too-large', Buffer.alloc(16 * 1024 * 1024 + 1, ' '), {}],
    ['body-too-large', gzipSync(Buffer.alloc(17_000_000)), { contentEncoding: 'gzip' }],
  ])(
    'keeps nothing of a message that is refused as %s (Q-01, Q-05)',
    async (code, body, options) => {
      const queue = nameQueue()
      await using server = await serve(rabbitmq, queue, { tenants: ['default'] })
      await server.post('/v1/events', { ...event, id: 'taken' })
      await client.publish(queue, Buffer.from(body), options)
      const { properties } = await client.take(`${queue}.dead`)
      expect(properties.headers?.['x-indelible-code']).toBe(code)
      await drained(server, 1)
      expect(await readSize(server)).toBe(1)
      expect((await client.channel.checkQueue(queue)).messageCount).toBe(0)
    },
  )

  test('two messages that are alike in every byte are two entries, if they name no id', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    for (let n = 0; n < 3; n++) await client.publish(queue, event)
    await client.publish(queue, [event, event])
    await drained(server, 4)
    expect(await readSize(server)).toBe(5)
  })

  test('a message id, or an id, makes a message that was published again one entry (Q-03)', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    for (let n = 0; n < 3; n++) {
      await client.publish(queue, event, { messageId: 'order 7 paid' })
      await client.publish(queue, event, { messageId: 'order-8-paid' })
      await client.publish(queue, [event, event], { messageId: 'orders' })
      await client.publish(queue, { ...event, id: 'order-9-paid' }, { messageId: `m${n}` })
    }
    await drained(server, 12)
    const ids = (await readEntries(server)).map(
      (entry: { event: { id: string } }) => entry.event.id,
    )
    expect(ids.slice(1).sort()).toEqual(['order-8-paid', 'order-9-paid', 'orders:0', 'orders:1'])
    expect(ids).toHaveLength(5)
  })

  test('a message that was handed over ten times is dead-lettered, and none of its neighbours (Q-02)', async () => {
    const queue = nameQueue()
    await declareQueue(client, queue)
    await client.publish(queue, { ...event, id: 'poison' })
    await client.returnFirst(queue, 10)
    await client.publish(queue, { ...event, id: 'neighbour' })
    await using server = await serve(rabbitmq, queue)
    const { content, properties } = await client.take(`${queue}.dead`)
    expect(JSON.parse(content.toString())).toMatchObject({ id: 'poison' })
    expect(properties.headers?.['x-indelible-detail']).toMatch(/^Handed over 1\d times/)
    await drained(server, 2)
    expect((await readEntries(server))[0].event.id).toBe('neighbour')
  })

  test('a suspect is looked at alone, and appended if it does no harm', async () => {
    const queue = nameQueue()
    await declareQueue(client, queue)
    await client.publish(queue, { ...event, id: 'suspect' })
    await client.returnFirst(queue, 6)
    for (let n = 0; n < 150; n++) await client.publish(queue, { ...event, id: `n${n}` })
    await using server = await serve(rabbitmq, queue)
    await expect.poll(() => readSize(server)).toBe(151)
  })

  test('a delivery count that a publisher made up is not believed (Q-02)', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    await client.publish(queue, event, { headers: { 'x-delivery-count': 1_000 } })
    await drained(server, 1)
    expect(await readSize(server)).toBe(1)
  })

  test('a service does not start on a queue that would lose messages, and says why', async () => {
    const queue = nameQueue()
    await declareQueue(client, queue, { arguments: { 'x-queue-type': 'classic' } })
    await expect(serve(rabbitmq, queue)).rejects.toThrow(/exists and is not what it must be/)
    const other = nameQueue()
    await declareQueue(client, `${other}.dead`, {
      arguments: { 'x-queue-type': 'quorum', 'x-max-length': 1 },
    })
    await expect(serve(rabbitmq, other)).rejects.toThrow(`The queue "${other}.dead" exists`)
  })

  test('a service starts without its broker, and consumes when it is there', async () => {
    const queue = nameQueue()
    await using late = await startRabbitmq()
    await late.stop('SIGTERM')
    await using server = await serve(late, queue)
    const { connected, waitsFor } = await readQueue(server)
    expect(connected).toBe(false)
    expect(waitsFor).toMatch(/ECONNREFUSED/)
    expect((await server.post('/v1/events', event)).status).toBe(201)
    await late.start()
    await expect.poll(async () => (await readQueue(server)).connected).toBe(true)
    await using publisher = await connectRabbitmq(late.url)
    await publisher.publish(queue, event)
    await expect.poll(() => readSize(server)).toBe(2)
  })

  test('figures are in /metrics and /readyz, and _system records that the queue is a way in', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue, { tenants: ['default', 'acme'] })
    await client.publish(queue, event, { timestamp: Math.floor(Date.now() / 1000) - 90 })
    await client.publish(queue, { action: 7 })
    await drained(server, 2)
    const labels = `{broker="amqp",queue="${queue}"}`
    const { text } = await server.ask('/metrics')
    expect(text).toContain(`indelible_queue_connected${labels} 1`)
    expect(text).toContain(`indelible_queue_consumed_messages_total${labels} 1`)
    expect(text).toContain(`indelible_queue_dead_lettered_messages_total${labels} 1`)
    const { json } = await server.ask('/v1/events?tenant=_system&action=queue.opened')
    expect(json.entries[0].event).toMatchObject({
      targets: [{ type: 'queue', id: queue }],
      data: { broker: 'amqp', tenants: ['default', 'acme'] },
    })
  })

  test('a dead-letter queue that was deleted is made again, and nothing waits for a restart', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    await client.publish(queue, { action: 7 })
    await drained(server, 1)
    await client.channel.deleteQueue(`${queue}.dead`)
    await client.publish(queue, { action: 8 })
    await drained(server, 2)
    const letter = await client.channel.get(`${queue}.dead`, { noAck: true })
    expect(letter === false ? '' : letter.content.toString()).toBe('{"action":8}')
  })

  test('a deleted queue is made again, and consumed again', async () => {
    const queue = nameQueue()
    await using server = await serve(rabbitmq, queue)
    await client.channel.deleteQueue(queue)
    const countConsumers = async (): Promise<number> => {
      // Asking for a queue that is not there closes the channel.
      await using probe = await connectRabbitmq(rabbitmq.url)
      return (await probe.channel.checkQueue(queue)).consumerCount
    }
    await expect.poll(countConsumers).toBe(1)
    await client.publish(queue, event)
    await expect.poll(() => readSize(server)).toBe(1)
  })
})
