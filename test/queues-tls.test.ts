import { readFileSync } from 'node:fs'
import {
  createTemporaryFolder,
  hasNats,
  hasRabbitmq,
  type Nats,
  type Rabbitmq,
  startNats,
  startRabbitmq,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRabbitmq } from '../prove/queues/rabbitmq-client.ts'
import { createAuthority } from './queues/certificates.ts'

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

const authority = createAuthority(temporary.path, 'ours')
const stranger = createAuthority(temporary.path, 'strangers')
const issued = authority.issue('indelible')
const own = {
  cert: readFileSync(issued.cert, 'utf8'),
  key: readFileSync(issued.key, 'utf8'),
}
const ofBroker = () => ({ ca: authority.path, ...authority.issue('broker') })

/** Texts in PEM, as the settings name their files. */
type Tls = { ca?: string; cert?: string; key?: string }
const impostors: [string, Tls][] = [
  ['a broker whose certificate another authority issued', { ca: stranger.text, ...own }],
  ['a broker whose certificate nobody we know issued', own],
  ['a broker that asks for a certificate we have not', { ca: authority.text }],
]
const event = { action: 'a.b', actor: { id: 'u_1' } }
const readSize = async ({ ask }: TestServer) => (await ask('/v1/logs/default')).json.size

async function expectNothing(server: TestServer): Promise<void> {
  const [queue] = (await server.ask('/readyz')).json.queues
  expect(queue).toMatchObject({ connected: false, consumed: 0 })
  // What is heard of a handshake that was refused.
  expect(queue.waitsFor).toMatch(/certificate|closed|reset|alert/i)
}

describe.skipIf(!hasRabbitmq())('RabbitMQ over TLS', () => {
  let rabbitmq: Rabbitmq
  beforeAll(async () => {
    rabbitmq = await startRabbitmq({ tls: ofBroker() })
  })
  afterAll(() => rabbitmq?.[Symbol.asyncDispose]())

  const serve = (tls: Tls) => {
    const amqp = { urls: [rabbitmq.tlsUrl], tls, queue: 'events' }
    return startTestServer({
      config: { queues: [{ broker: { amqp }, prefetch: 10, tenants: ['*'] }] },
    })
  }
  test('events come from a broker that is who it says, and that knows us', async () => {
    await using server = await serve({ ca: authority.text, ...own })
    await using client = await connectRabbitmq(rabbitmq.url)
    await client.publish('events', event)
    await expect.poll(() => readSize(server)).toBe(1)
  })
  test.each(impostors)('nothing is taken from %s (F-09, Q-06)', async (_, tls) => {
    await using server = await serve(tls)
    await expectNothing(server)
  })
})

describe.skipIf(!hasNats())('NATS over TLS', () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats({ tls: ofBroker() })
  })
  afterAll(() => nats?.[Symbol.asyncDispose]())
  // By name: the client of NATS checks no certificate against an address.
  const url = () => nats.url.replace('127.0.0.1', 'localhost')

  const serve = (tls: Tls) => {
    const names = { stream: 'INDELIBLE', subject: 'indelible.events' }
    return startTestServer({
      config: {
        queues: [
          { broker: { nats: { urls: [url()], tls, ...names } }, prefetch: 10, tenants: ['*'] },
        ],
      },
    })
  }
  test('events come from a server that is who it says, and that knows us', async () => {
    const tls = { ca: authority.text, ...own }
    await using server = await serve(tls)
    const connection = await connect({ servers: new URL(url()).host, tls })
    await jetstream(connection).publish('indelible.events', JSON.stringify(event))
    await connection.close()
    await expect.poll(() => readSize(server)).toBe(1)
  })
  test.each(impostors)('nothing is taken from %s (F-09, Q-06)', async (_, tls) => {
    await using server = await serve(tls)
    await expectNothing(server)
  })
})
