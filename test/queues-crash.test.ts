import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createRandom,
  createTemporaryFolder,
  hasRabbitmq,
  type Rabbitmq,
  readSeed,
  type SpawnedServer,
  spawnServer,
  startRabbitmq,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPublisher } from './queues/publisher.ts'
import { connectRabbitmq } from './queues/rabbitmq-client.ts'

const rounds = 9
/** A kill comes this long after the service is ready, at most. */
const lifeMsMax = 600
/** Every so many rounds the broker dies too; it takes seconds to come back. */
const brokerKillEvery = 3
const temporary = createTemporaryFolder()
const mountPoint = join(temporary.path, 'small')
const isMounted = mount()
afterAll(() => {
  if (isMounted) spawnSync('umount', [mountPoint])
  temporary[Symbol.dispose]()
})

/** A disk of 8 MiB, where this process may mount one. */
function mount(): boolean {
  mkdirSync(mountPoint)
  const args = ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mountPoint]
  const { error, status, stderr } = spawnSync('mount', args)
  if (error === undefined && status === 0) return true
  const why = `queues-crash.test.ts: no small disk can be mounted (${error ?? stderr}); run as root.`
  if (process.env.CI === 'true' && process.getuid?.() === 0) throw new Error(why)
  console.warn(`SKIPPED: ${why}`)
  return false
}

const serve = (rabbitmq: Rabbitmq, folder: string): Promise<SpawnedServer> =>
  spawnServer({
    folder,
    environment: { INDELIBLE_AMQP: rabbitmq.url, INDELIBLE_AMQP_PREFETCH: '100' },
  })

async function readNumbers({ ask }: SpawnedServer): Promise<number[]> {
  const { text } = await ask('/v1/export?format=ndjson&order=asc')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line).event.data.n)
}

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
    const numbers = await readNumbers(server)
    const kept = new Set(numbers)
    expect(numbers.length, 'doubled').toBe(kept.size)
    expect([...publisher.confirmed].filter((n) => !kept.has(n))).toEqual([])
    expect(numbers.filter((n) => !publisher.confirmed.has(n) && !publisher.unsure.has(n))).toEqual(
      [],
    )
    const { deadLettered } = (await server.ask('/readyz')).json.queues[0]
    expect(deadLettered).toBe(0)
    await server.stop()
    expect((await auditData({ folder })).findings).toEqual([])
    const figures = { rounds, confirmed: publisher.confirmed.size, unsure: publisher.unsure.size }
    console.info(`queues-crash.test.ts: ${JSON.stringify(figures)}`)
  })

  test.skipIf(!isMounted)(
    'waits at the broker while the disk is full, says so, and loses nothing',
    { timeout: 120_000 },
    async () => {
      const server = await serve(rabbitmq, join(mountPoint, 'data'))
      await using client = await connectRabbitmq(rabbitmq.url)
      const ballast = join(mountPoint, 'ballast')
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
