import { join } from 'node:path'
import { createTemporaryFolder, numberedEvents, spawnServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

test('a service killed with 100,000 entries starts again and has them all', {
  timeout: 120_000,
}, async () => {
  const large = join(temporary.path, 'large')
  const [batches, batchEvents] = [100, 1_000]
  const server = await spawnServer({ folder: large })
  for (let n = 0; n < batches; n++) {
    const events = numberedEvents('acme', batchEvents, n * batchEvents)
    expect((await server.post('/v1/events', events)).status).toBe(201)
  }
  await server.kill('SIGKILL')
  const began = performance.now()
  await using again = await spawnServer({ folder: large })
  const restartMs = Math.round(performance.now() - began)
  console.info(`kill.test.ts: started with ${batches * batchEvents} entries in ${restartMs} ms`)
  expect((await again.ask('/v1/logs/acme')).json.size).toBe(batches * batchEvents)
  const last = batches * batchEvents - 1
  const found = await again.ask(`/v1/events?tenant=acme&actor.id=u_${last}`)
  expect(found.json.entries).toHaveLength(1)
})
