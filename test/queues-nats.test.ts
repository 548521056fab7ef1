import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createTemporaryFolder,
  hasNats,
  type Nats,
  type SpawnedServer,
  spawnServer,
  startNats,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectKeptOnce } from './queues/kept-once.ts'

const event = { action: 'order.paid', actor: { id: 'u_1' } }
const subject = 'indelible.events'
const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

const serve = (nats: Nats): Promise<TestServer> => {
  const broker = { nats: { urls: [nats.url], tls: {}, stream: 'INDELIBLE', subject } }
  return startTestServer({ config: { queues: [{ broker, prefetch: 50, tenants: ['default'] }] } })
}
const serveProcess = (nats: Nats, folder: string): Promise<SpawnedServer> =>
  spawnServer({ folder, environment: { INDELIBLE_NATS: nats.url } })

async function connectNats(nats: Nats) {
  const connection = await connect({ servers: nats.url, reconnect: false })
  const client = jetstream(connection)
  return {
    manager: await jetstreamManager(connection),
    /** Resolves when the server has said that it keeps the message. */
    async publish(body: unknown, named: Readonly<Record<string, string>> = {}): Promise<void> {
      const set = headers()
      for (const [name, value] of Object.entries(named)) set.set(name, value)
      await client.publish(subject, JSON.stringify(body), { headers: set })
    },
    [Symbol.asyncDispose]: () => connection.close(),
  }
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
    expect((await client.manager.streams.info('INDELIBLE')).state.messages).toBe(0)
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

  test('every message that NATS kept is in the log once, though service and server are killed', {
    timeout: 120_000,
  }, async () => {
    const folder = join(temporary.path, 'killed')
    await (await serveProcess(nats, folder)).stop()
    const confirmed = new Set<number>()
    let made = 0
    let isStopped = false
    const publish = async (): Promise<void> => {
      while (!isStopped) {
        try {
          await using client = await connectNats(nats)
          while (!isStopped) {
            const numbers = Array.from({ length: 20 }, () => made++)
            const sent = numbers.map((n) => client.publish({ ...event, data: { n } }))
            const results = await Promise.allSettled(sent)
            for (const [at, { status }] of results.entries()) {
              if (status === 'fulfilled') confirmed.add(numbers[at] ?? -1)
            }
            if (results.some(({ status }) => status === 'rejected')) break
            await setTimeout(10)
          }
        } catch {
          await setTimeout(50) // the server is away
        }
      }
    }
    const publishing = publish()
    for (let round = 1; round <= 6; round++) {
      const server = await serveProcess(nats, folder)
      await setTimeout(300)
      if (round % 2 === 0) await nats.restart('SIGKILL')
      await setTimeout(100)
      await server.kill('SIGKILL')
    }
    isStopped = true
    await publishing
    const server = await serveProcess(nats, folder)
    // Not the stream's own count: killed, NATS 2.9 forgets removals of what was acknowledged.
    const kept = await expectKeptOnce(server, confirmed)
    await server.stop()
    expect((await auditData({ folder })).findings).toEqual([])
    console.info(`queues-nats.test.ts: ${confirmed.size} confirmed, ${kept.size} kept`)
  })
})
