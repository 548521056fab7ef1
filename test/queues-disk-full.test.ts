import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  createTemporaryFolder,
  hasRabbitmq,
  mountSmallDisk,
  type Rabbitmq,
  type SpawnedServer,
  spawnServer,
  startRabbitmq,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRabbitmq } from '../prove/queues/rabbitmq-client.ts'

const temporary = createTemporaryFolder()
const disk = mountSmallDisk(join(temporary.path, 'small'), 'queues-disk-full.test.ts')
afterAll(() => {
  disk?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})

const serve = (rabbitmq: Rabbitmq, folder: string): Promise<SpawnedServer> =>
  spawnServer({
    folder,
    environment: { INDELIBLE_AMQP: rabbitmq.url, INDELIBLE_AMQP_PREFETCH: '100' },
  })

describe.skipIf(!hasRabbitmq())('a service on RabbitMQ', () => {
  let rabbitmq: Rabbitmq
  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
  })
  afterAll(() => rabbitmq?.[Symbol.asyncDispose]())

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
