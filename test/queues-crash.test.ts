import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createRandom,
  createTemporaryFolder,
  hasRabbitmq,
  mountSmallDisk,
  type Rabbitmq,
  readSeed,
  type SpawnedServer,
  spawnServer,
  startRabbitmq,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectKeptOnce } from './queues/kept-once.ts'
import { createPublisher } from './queues/publisher.ts'
import { connectRabbitmq } from './queues/rabbitmq-client.ts'

const rounds = 9
/** A kill comes this long after the service is ready, at most. */
const lifeMsMax = 600
/** Every so many rounds the broker dies too; it takes seconds to come back. */
const brokerKillEvery = 3
const temporary = createTemporaryFolder()
const disk = mountSmallDisk(join(temporary.path, 'small'), 'queues-crash.test.ts')
afterAll(() => {
  disk?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})

const serve = (rabbitmq: Rabbitmq, folder: string): Promise<SpawnedServer> =>
  spawnServer({
    folder,
    environment: { INDELIBLE_AMQP: rabbitmq.url, INDELIBLE_AMQP_PREFETCH: '100' },
  })

const isDrained = async ({ ask }: SpawnedServer): Promise<boolean> => {
  const { connected, ready, held, consumed } = (await ask('/readyz')).json.queues[0]
  return connected && ready === 0 && held === 0 && consumed > 0
}

describe.skipIf(!hasRabbitmq())('a service on RabbitMQ', () => {
  let rabbitmq: Rabbitmq
  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
  })
  afterAll(() => rabbitmq?.[Symbol.asyncDispose]())

  test('has every confirmed message once, though both it and the broker are killed under load', {
    timeout: 300_000,
  }, async () => {
    const seed = readSeed()
    console.info(`queues-crash.test.ts: INDELIBLE_TEST_SEED=${seed}`)
    const random = createRandom(seed)
    const folder = join(temporary.path, 'killed')
    // The first start makes the queue: what is published before that is refused as unroutable.
    await (await serve(rabbitmq, folder)).stop()
    const publisher = createPublisher(rabbitmq.url, random)
    for (let round = 1; round <= rounds; round++) {
      const server = await serve(rabbitmq, folder)
      await setTimeout(random.whole(lifeMsMax))
      const killBroker = round % brokerKillEvery === 0
      const signal = random() < 0.5 ? 'SIGKILL' : 'SIGTERM'
      const restarted = killBroker ? rabbitmq.restart(signal) : undefined
      await setTimeout(random.whole(100))
      await server.kill('SIGKILL')
      await restarted
    }
    await publisher.stop()
    const server = await serve(rabbitmq, folder)
    await expect.poll(() => isDrained(server), { timeout: 120_000, interval: 200 }).toBe(true)
    const { confirmed, unsure } = publisher
    const kept = await expectKeptOnce(server, confirmed)
    expect([...kept.difference(confirmed).difference(unsure)]).toEqual([])
    const { deadLettered } = (await server.ask('/readyz')).json.queues[0]
    expect(deadLettered).toBe(0)
    await server.stop()
    expect((await auditData({ folder })).findings).toEqual([])
    const figures = { rounds, confirmed: confirmed.size, unsure: unsure.size }
    console.info(`queues-crash.test.ts: ${JSON.stringify(figures)}`)
  })

  test.skipIf(disk === undefined)(
    'waits at the broker while the disk is full, says so, and loses nothing',
    { timeout: 120_000 },
    async () => {
      const path = disk?.path ?? ''
      const server = await serve(rabbitmq, join(path, 'data'))
      await using client = await connectRabbitmq(rabbitmq.url)
      const ballast = join(path, 'ballast')
      const fillDisk = () => spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'])
      fillDisk()
      const count = 500
      for (let n = 0; n < count; n++) {
        await client.publish('indelible.events', {
          ...{ tenant: 'full', id: `f${n}`, action: 'order.paid', actor: { id: 'u_1' } },
          data: { n, note: 'enough text to fill what is left of the disk '.repeat(40) },
        })
      }
      const readQueue = async () => (await server.ask('/readyz')).json.queues[0]
      await expect.poll(async () => (await readQueue()).waitsFor).toMatch(/disk is full/)
      rmSync(ballast)
      await expect.poll(async () => (await readQueue()).consumed, { timeout: 30_000 }).toBe(count)
      expect((await readQueue()).deadLettered).toBe(0)
      expect((await server.ask('/v1/logs/full')).json.size).toBe(count)
      await server.stop()
    },
  )
})
