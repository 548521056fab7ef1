import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

test('while the writer is held up, a scrape is answered and tells what waits', async () => {
  await using server = await startTestServer()
  const event = { action: 'a.b', actor: { id: 'u_1' } }
  await server.post('/v1/events', event)
  const read = async (name: string) => {
    const { text } = await server.ask('/metrics')
    return Number(new RegExp(`^indelible_${name} (.*)$`, 'm').exec(text)?.[1])
  }
  const other = new DatabaseSync(join(server.folder, 'log.db'), { timeout: 10_000 })
  other.exec('BEGIN IMMEDIATE')
  const waiting = server.post('/v1/events', event)
  await expect.poll(() => read('append_queue_bytes')).toBeGreaterThan(0)
  await expect.poll(() => read('append_queue_age_seconds')).toBeGreaterThan(0)
  // A scrape waits for the first look at the store a second at most.
  await expect.poll(() => read('logs')).toBe(2)
  other.exec('ROLLBACK')
  other.close()
  expect((await waiting).status).toBe(201)
  await expect.poll(() => read('append_queue_age_seconds')).toBe(0)
  expect(await read('append_queue_bytes')).toBe(0)
})
